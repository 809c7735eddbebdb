"""Parts of planes, scaled by swscale, which takes a quarter of the time that Pillow takes.

swscale makes a whole plane of a whole plane, and the edges of a part lie anywhere between samples.
But among all whole lengths, a few pairs have nearly the wanted ratio. With one of these, somewhere
in a scaled plane that is a little larger the samples lie as they should: all but a few hundredths
of a sample, where the eye sees nothing below a tenth.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation

from reelqueue.planning.camera import Box
from reelqueue.planning.framing import Size
from reelqueue.render.frames.yuv import Plane, list_planes

_TOLERANCE = 1 / 32  # samples of the plane
_BORDER = 4  # samples that are not as they should be, as what they are made of was cut off
_STARTS = np.arange(_BORDER, 64)
_LONGER = np.arange(64 + _BORDER, 128)  # than the part: scaled lengths
_MARGIN = 100  # about how much longer
_KEPT_LINES = 64  # those of U and V are alike
_SPEED = 4  # times as fast as Pillow, for each sample


class _Line(NamedTuple):
    """One side of what is scaled.

    Attributes:
        first: the first sample; it may lie before the plane, whose border is repeated.
        length: samples.
        scaled: how many become of them.
        start: the first one that is needed.
    """

    first: int
    length: int
    scaled: int
    start: int


def scale_part(
    plane: Plane, part: Box, size: Size, kernel: Interpolation = Interpolation.BICUBIC
) -> Plane | None:
    """Return a part of a plane, whose edges may lie between samples, with `size` samples.

    None if Pillow is faster, as with narrow strips, or there are no lengths that fit, as where it
    is neither enlarged nor made smaller.

    Args:
        plane: Y, U or V.
        part: left, top, right and bottom edge in samples.
        size: `(width, height)` in samples.
        kernel: of the interpolation.
    """
    width, height = size
    if (width + _MARGIN) * (height + _MARGIN) > _SPEED * width * height:
        return None
    left, top, right, bottom = part
    across, down = _fit(left, right, width), _fit(top, bottom, height)
    if across is None or down is None:
        return None
    scaled = VideoFrame.from_numpy_buffer(_cut(plane, across, down), "gray").reformat(
        *(across.scaled, down.scaled, "gray"),
        interpolation=kernel | Interpolation.ACCURATE_RND,
        threads=1,
    )
    (samples,) = list_planes(scaled)
    return samples[down.start : down.start + height, across.start : across.start + width]


@lru_cache(_KEPT_LINES)
def _fit(first: float, end: float, length: int) -> _Line | None:
    """Return the whole lengths with which a side comes closest to where it should be, if it does.

    Args:
        first, end: of the part, in samples.
        length: how many samples become of it.
    """
    step = (end - first) / length
    scaled = length + _LONGER
    lengths = np.rint(scaled * step)
    steps, starts = lengths / scaled, _STARTS[:, None]
    middles = first + step / 2 - (starts + 0.5) * steps  # of the first samples, in both
    firsts = np.rint(middles)
    errors = firsts - middles
    worst = np.maximum(np.abs(errors), np.abs(errors + (length - 1) * (steps - step)))
    start, longer = np.unravel_index(np.argmin(worst), worst.shape)
    if worst[start, longer] > _TOLERANCE:
        return None
    return _Line(
        int(firsts[start, longer]),
        int(lengths[longer]),
        int(scaled[longer]),
        int(_STARTS[start]),
    )


def _cut(plane: Plane, across: _Line, down: _Line) -> Plane:
    sides = [
        (line.first, line.first + line.length, length)
        for line, length in zip((down, across), plane.shape, strict=True)
    ]
    rows, columns = (slice(max(first, 0), min(end, length)) for first, end, length in sides)
    missing = [(max(-first, 0), max(end - length, 0)) for first, end, length in sides]
    cut = plane[rows, columns]
    return np.pad(cut, missing, "edge") if np.any(missing) else cut
