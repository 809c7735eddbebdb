"""Frames of transitions in RGB, apart from those that the other engines draw: for the reference."""

from __future__ import annotations

from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from reelqueue.planning.transitions.base import (
    STRIP,
    Blur,
    Crossfade,
    Edge,
    LumaWipe,
    TransitionFrame,
    Zoom,
)
from reelqueue.render.frames.masks import draw_luma_map

Pixels = NDArray[np.uint8]


def mix(old: Pixels, new: Pixels, share: float) -> Pixels:
    """Return two pictures mixed, with a share from 0 to 1 of the new one."""
    mixed = old.astype(np.float32) * (1 - share) + new.astype(np.float32) * share
    return np.rint(mixed).astype(np.uint8)


def show_old(pixels: Pixels, frame: TransitionFrame) -> Pixels:
    """Return the old photo as it is beneath the new one."""
    match frame:
        case Edge():
            return _move(pixels, frame.old_shift, frame.is_level)
        case Zoom():
            return _enlarge(pixels, float(frame.scale))
        case Blur():
            return _blur(pixels, frame)
        case Crossfade() | LumaWipe():
            return pixels
        case _:
            assert_never(frame)


def show_new(pixels: Pixels, frame: TransitionFrame) -> Pixels:
    """Return the new photo as it is above the old one."""
    match frame:
        case Edge():
            return _move(pixels, frame.new_shift, frame.is_level)
        case Blur():
            return _blur(pixels, frame)
        case Crossfade() | LumaWipe() | Zoom():
            return pixels
        case _:
            assert_never(frame)


def cover(frame: TransitionFrame, size: tuple[int, int]) -> NDArray[np.float64]:
    """Return how much of the new photo is seen in each sample, shape (height, width)."""
    width, height = size
    match frame:
        case Edge():
            return _cover_beside(frame, size)
        case LumaWipe():
            levels = draw_luma_map(frame.pattern, size).astype(np.float64)
            late = 1 - levels if frame.is_inverted else levels
            return np.clip((float(frame.threshold) - late) / float(frame.softness), 0, 1)
        case Crossfade():
            return np.full((height, width), float(frame.new))
        case Zoom() | Blur():
            return np.full((height, width), float(frame.fade.new))
        case _:
            assert_never(frame)


def _cover_beside(edge: Edge, size: tuple[int, int]) -> NDArray[np.float64]:
    width, height = size
    line = np.zeros(height if edge.is_level else width)
    line[: edge.strip] = 1
    line[edge.strip : edge.strip + STRIP] = edge.first_share
    seen = line if edge.is_new_first else 1 - line
    lines = seen[:, None] if edge.is_level else seen[None, :]
    return np.broadcast_to(lines, (height, width)).copy()


def _move(pixels: Pixels, shift: int, is_level: bool) -> Pixels:
    """Return a picture moved to the right or down; its border repeats in the space it leaves."""
    axis = 0 if is_level else 1
    lines = np.clip(np.arange(pixels.shape[axis]) - shift, 0, pixels.shape[axis] - 1)
    return pixels.take(lines, axis)


def _enlarge(pixels: Pixels, scale: float) -> Pixels:
    """Return the middle of a picture, `scale` times as large, in the picture's own size."""
    image = Image.fromarray(pixels)
    left, top = (side * (1 - 1 / scale) / 2 for side in image.size)
    part = (1 / scale, 0, left, 0, 1 / scale, top)
    return np.asarray(
        image.transform(image.size, Image.Transform.AFFINE, part, Image.Resampling.BILINEAR)
    )


def _blur(pixels: Pixels, frame: Blur) -> Pixels:
    image = Image.fromarray(pixels)
    sigma = float(frame.sigma) * min(image.size)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(sigma)))
