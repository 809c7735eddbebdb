"""Photos that move: larger than the frame, and sampled between their pixels for each view."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from av.video.frame import VideoFrame
from PIL import Image

from reelqueue.planning.camera import Box, Move, find_box
from reelqueue.planning.framing import Size
from reelqueue.render.frames.overlays import Layer, lay_layer, to_layer
from reelqueue.render.frames.yuv import list_planes, to_picture
from reelqueue.render.images.captions import Overlay
from reelqueue.render.images.saliency import find_focus
from reelqueue.specs.slideshow import Point

_BICUBIC, _BILINEAR = Image.Resampling.BICUBIC, Image.Resampling.BILINEAR
_KERNELS = (_BICUBIC, _BILINEAR, _BILINEAR)
"""Of Y, U and V: nobody sees how sharp colours are, and that saves 3 ms of a 1080p frame."""


class Subject(NamedTuple):
    """A photo that moves, as its planes Y, U and V, and what is needed to show it."""

    planes: tuple[Image.Image, ...]
    busiest: Point
    words: Layer | None = None  # that stand still over it


def to_subject(image: Image.Image, words: Overlay | None = None) -> Subject:
    """Convert an RGB photo, and the words that stand still over it."""
    planes = [Image.fromarray(plane) for plane in list_planes(to_picture(image))]
    return Subject(tuple(planes), find_focus(image), to_layer(words) if words else None)


def draw_view(subject: Subject, move: Move, number: int, size: Size) -> VideoFrame:
    """Return what frame `number` of a move's span shows."""
    luma = subject.planes[0]
    box = find_box(move, number, luma.size, subject.busiest, size)
    view = VideoFrame(*size, "yuv420p")
    for drawn, plane, kernel in zip(list_planes(view), subject.planes, _KERNELS, strict=True):
        scale = plane.width / luma.width
        left, top, right, bottom = (edge * scale for edge in box)
        shape = drawn.shape[1], drawn.shape[0]
        drawn[:] = np.asarray(plane.resize(shape, kernel, box=(left, top, right, bottom)))
    if subject.words:
        lay_layer(view, subject.words)
    return view


def sample(image: Image.Image, box: Box, size: Size) -> Image.Image:
    """Return a part of a picture, its edges wherever they fall between pixels.

    Pillow computes positions in double precision and averages where pixels are left out. It
    releases the interpreter's lock.
    """
    return image.resize(size, _BICUBIC, box=box)
