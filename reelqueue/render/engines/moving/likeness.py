"""Whether written frames look like those that would be drawn: some are decoded and compared."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain, repeat
from math import log10
from typing import NamedTuple

import numpy as np
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from reelqueue.h264.access_unit import AccessUnit
from reelqueue.render.frames.yuv import list_planes

_TILE = 64  # samples
_ROWS = 2  # every second one is looked at
_WORST = 98  # percentile of tiles: small print on a sign fills no more
_LEAST_ERROR = 1e-6


class Errors(NamedTuple):
    """Mean square errors: of all samples, and of the tiles where the error is largest."""

    mean: float
    worst: float


class Tolerance(NamedTuple):
    """The PSNR in dB that suffices, or so much less than that of a key, for both errors."""

    mean: float
    gap: float
    worst: float
    worst_gap: float


# Photos have 0.4 to 1.2 dB less than their keys, and 45 dB in their worst tiles; noise has 2.5 dB
# less, stars of one pixel 9, small print 14. These would be seen to pulse from key to key.
PHOTO = Tolerance(99, 1.5, 40, 5)
# In a transition the error grows and falls again once, and both photos are on the move.
TRANSITION = Tolerance(43, 5, 38, 8)


def decode_frames(
    parameter_sets: bytes, coded: Sequence[AccessUnit], wanted: Collection[int]
) -> Iterator[tuple[int, VideoFrame]]:
    """Yield some frames of a GOP with their numbers, and the keys up to the last of them.

    Args:
        parameter_sets: of the stream.
        coded: the GOP.
        wanted: the numbers of frames.
    """
    needed = [unit for unit in coded if unit.is_reference or unit.frame in wanted]
    while needed and needed[-1].frame not in wanted:
        needed.pop()
    context = VideoCodecContext.create("h264", "r")
    context.thread_count = 1
    heads = chain([parameter_sets], repeat(b""))
    packets = (Packet(head + unit.data) for head, unit in zip(heads, needed, strict=False))
    decoded = chain.from_iterable(map(context.decode, chain(packets, [None])))
    yield from zip(sorted(unit.frame for unit in needed), decoded, strict=True)


def measure_errors(shown: VideoFrame, drawn: VideoFrame) -> Errors:
    """Compare the luma of a decoded frame with the frame as it is drawn.

    Args:
        shown: what was decoded.
        drawn: what is right.
    """
    planes = [list_planes(frame)[0][::_ROWS] for frame in (shown, drawn)]
    height, width = planes[0].shape
    rows, columns = (np.arange(0, side, _TILE) for side in (height, width))
    sums = []
    for top in rows:  # of tiles, one after the other: what is computed of it stays in the cache
        differences = np.subtract(*(plane[top : top + _TILE] for plane in planes), dtype=np.int16)
        squares = np.square(differences, dtype=np.float32)
        sums.append(np.add.reduceat(squares.sum(axis=0), columns))
    tiles = sums / np.outer(np.diff(rows, append=height), np.diff(columns, append=width))
    return Errors(float(np.sum(sums) / (height * width)), float(np.percentile(tiles, _WORST)))


def looks_alike(written: Errors, key: Errors, tolerance: Tolerance) -> bool:
    """Tell whether a written frame is so close to what would be drawn that it is not told apart.

    Args:
        written: the errors of the frame.
        key: those of a key near it.
        tolerance: how much larger the errors may be.
    """
    mean, worst = (to_psnr(error) for error in written)
    return mean >= min(tolerance.mean, to_psnr(key.mean) - tolerance.gap) and worst >= min(
        tolerance.worst, to_psnr(key.worst) - tolerance.worst_gap
    )


def to_psnr(error: float) -> float:
    """Convert a mean square error to dB."""
    return 10 * log10(255**2 / max(error, _LEAST_ERROR))
