"""Frames of transitions, drawn in YUV planes: BT.709, limited range, 4:2:0.

Mixing in YUV is mixing in RGB, as the conversion is linear, and handles half the bytes.
"""

from __future__ import annotations

from typing import assert_never

import numpy as np
from av.video.frame import VideoFrame

from reelqueue.planning.framing import Size
from reelqueue.planning.transitions.base import (
    STRIP,
    Blur,
    Crossfade,
    Edge,
    LumaWipe,
    TransitionFrame,
    Zoom,
)
from reelqueue.render.frames.filters import blur, enlarge
from reelqueue.render.frames.masks import draw_luma_wipe
from reelqueue.render.frames.yuv import Plane, list_planes, to_yuv

_FULL = 256  # a weight of 1 in 8.8 fixed point
_ROWS = 64  # rows mixed at a time, so that the 16-bit values between stay in the cache


def draw_transition(frame: TransitionFrame, old: VideoFrame, new: VideoFrame) -> VideoFrame:
    """Draw one frame of a transition.

    Args:
        old, new: the photos as they are at this moment, YUV 4:2:0 of the same size.
    """
    canvas = VideoFrame(old.width, old.height, "yuv420p")
    planes = zip(*map(list_planes, (canvas, old, new)), strict=True)
    for number, (out, old_plane, new_plane) in enumerate(planes):
        _draw_plane(out, old_plane, new_plane, frame, number, (old.width, old.height))
    return canvas


def _draw_plane(
    out: Plane, old: Plane, new: Plane, frame: TransitionFrame, number: int, size: Size
) -> None:
    """Draw plane number 0 (Y), 1 (U) or 2 (V) of a video of `size=(width, height)`."""
    scale = size[0] // out.shape[1]
    match frame:
        case Crossfade():
            _mix(out, old, new, frame, number)
        case Edge():
            planes = (out, old, new) if frame.is_level else (out.T, old.T, new.T)
            _draw_edge(*planes, frame, scale)
        case LumaWipe():
            draw_luma_wipe(out, old, new, frame, size)
        case Zoom():
            _mix(out, enlarge(old, frame.scale), new, frame.fade, number)
        case Blur():
            sigma = float(frame.sigma * min(size)) / scale
            if frame.fade.old:
                old = blur(old, sigma)
            if frame.fade.new:
                new = blur(new, sigma)
            _mix(out, old, new, frame.fade, number)
        case _:
            assert_never(frame)


def _mix(out: Plane, old: Plane, new: Plane, fade: Crossfade, number: int = 0) -> None:
    """Mix two planes in 8.8 fixed point, rounded."""
    old_weight, new_weight = round(_FULL * fade.old), round(_FULL * fade.new)
    grey = to_yuv(fade.grey)[number]
    constant = (_FULL - old_weight - new_weight) * grey + _FULL // 2
    for top in range(0, out.shape[0], _ROWS):
        rows = slice(top, top + _ROWS)
        mixed = np.multiply(old[rows], np.uint16(old_weight), dtype=np.uint16)
        mixed += np.multiply(new[rows], np.uint16(new_weight), dtype=np.uint16)
        mixed += np.uint16(constant)
        mixed >>= np.uint16(8)
        out[rows] = mixed


def _draw_edge(out: Plane, old: Plane, new: Plane, edge: Edge, scale: int) -> None:
    """Draw what is before and behind an edge that lies along the rows.

    Args:
        scale: samples of luma for each one of the plane: 1 for luma, 2 for chroma.
    """
    length = out.shape[0]
    start = edge.strip // scale
    end = min(start + STRIP // scale, length) if edge.first_share else start
    sides = [(old, edge.old_shift // scale), (new, edge.new_shift // scale)]
    (first, first_shift), (second, second_shift) = reversed(sides) if edge.is_new_first else sides
    out[:start] = first[-first_shift : start - first_shift]
    out[end:] = second[end - second_shift : length - second_shift]
    if start < end:
        rows = np.arange(start, end)
        first_rows = first[np.clip(rows - first_shift, 0, length - 1)]
        second_rows = second[np.clip(rows - second_shift, 0, length - 1)]
        fade = Crossfade(edge.first_share, 1 - edge.first_share)
        _mix(out[start:end], first_rows, second_rows, fade)
