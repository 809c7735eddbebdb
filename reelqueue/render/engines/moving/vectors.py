"""Motion vectors of photos that move: where each macroblock of a frame is in the keys around it.

What a frame shows of a photo is an exact box, and so is what a key shows of it. So the vectors are
arithmetic: of each macroblock's middle, to a quarter of a sample.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reelqueue.h264.errors import OutOfRangeError
from reelqueue.h264.motion import MAX_HORIZONTAL_MV
from reelqueue.planning.camera import Box
from reelqueue.planning.framing import Size
from reelqueue.planning.transitions.base import MACROBLOCK
from reelqueue.render.engines.moving.cavlc import Flags
from reelqueue.render.engines.moving.macroblocks import ListMotion, Vectors
from reelqueue.render.frames.ken_burns import Region

TOLERANCE = 0.5  # samples that a macroblock may lie outside of a key, whose border repeats

TAPS = 3  # samples on a side that one between samples is made of (8.4.2.2.1)

Samples = NDArray[np.float64]
Ends = tuple[float, ...]


class _Line(NamedTuple):
    """The vectors along one axis, of each column or row of macroblocks.

    Attributes:
        quarters: one component of the vectors, in quarter samples.
        is_inside: whether the key shows all of it.
    """

    quarters: Vectors
    is_inside: NDArray[np.bool_]


def find_vectors(shown: Box, key: Box, size: Size, tolerance: float = TOLERANCE) -> ListMotion:
    """Return where the macroblocks of a frame are in a key; one is used if it is all in there.

    Args:
        shown: the box of a photo that the frame shows.
        key: the box that the key shows.
        size: the video's `(width, height)`.
        tolerance: how many samples a macroblock may lie outside of the key.

    Raises:
        OutOfRangeError: if a vector is too long to the side.
    """
    columns, rows = (
        _to_line(*_find_shifts(shown[axis::2], key[axis::2], length), length, tolerance)
        for axis, length in enumerate(size)
    )
    return _spread(columns, rows)


def share_steps(one: ListMotion, other: ListMotion) -> tuple[ListMotion, ListMotion]:
    """Return the motions of a frame in two keys, made cheaper to code: together and seldom.

    A row costs bits if its vectors point farther down than those above. So where the motion that
    changes less does, the other one does, too. That moves it by a quarter of a sample at most.

    Args:
        one, other: as `find_vectors` returns them: all of a row point as far down.
    """
    if _count_steps(other) > _count_steps(one):
        return share_steps(other, one)[::-1]
    starts = np.flatnonzero(np.diff(one.y[:, 0], prepend=np.nan))
    heights = np.diff(starts, append=len(one.y))
    means = np.rint(np.add.reduceat(other.y[:, 0], starts) / heights).astype(np.int32)
    rows = np.repeat(means, heights)[:, None]
    return one, other._replace(y=np.broadcast_to(rows, other.y.shape))


def _count_steps(motion: ListMotion) -> int:
    return int(np.count_nonzero(np.diff(motion.y[:, 0])))


def hold_words(
    motion: ListMotion, words: Region, shift: tuple[int, int] = (0, 0)
) -> tuple[ListMotion, Flags]:
    """Return the motion of a frame in which words stand still, and which macroblocks have words.

    All others are predicted from what has none.

    Args:
        motion: of the photo below.
        words: where they are in the key.
        shift: how many samples they have moved to the right and down, with the whole picture.
    """
    starts = [MACROBLOCK * numbers for numbers in np.indices(motion.x.shape)[::-1]]
    has_words, takes_words = (
        np.logical_and(
            *(
                (at < end + by + reach) & (at + MACROBLOCK > start + by - reach)
                for at, start, end, by in zip(places, words[:2], words[2:], moved, strict=True)
            )
        )
        for places, moved, reach in (
            (starts, shift, 0),
            ([at + mv / 4 for at, mv in zip(starts, motion[:2], strict=True)], (0, 0), TAPS),
        )
    )
    x, y = (
        np.where(has_words, np.int32(-4 * by), vectors)
        for vectors, by in zip((motion.x, motion.y), shift, strict=True)
    )
    return ListMotion(x, y, has_words | (motion.is_used & ~takes_words)), has_words


def use_both(after: ListMotion, before: ListMotion) -> tuple[ListMotion, ListMotion]:
    """Return the motion of a frame between two keys: from both where both show a macroblock.

    What no key shows is predicted from the one before, whose border is repeated.
    """
    return after, before._replace(is_used=before.is_used | ~after.is_used)


def _spread(columns: _Line, rows: _Line) -> ListMotion:
    if np.abs(columns.quarters).max() > 4 * MAX_HORIZONTAL_MV:
        raise OutOfRangeError("H.264 cannot predict from so far to the side.")
    shape = len(rows.quarters), len(columns.quarters)
    return ListMotion(
        np.broadcast_to(columns.quarters, shape),
        np.broadcast_to(rows.quarters[:, None], shape),
        columns.is_inside & rows.is_inside[:, None],
    )


def _find_shifts(shown: Ends, key: Ends, length: int) -> tuple[Samples, Samples]:
    """Return the middles of all columns or rows of macroblocks, and how far they are from there."""
    starts = np.arange(0, length, MACROBLOCK)
    middles = (starts + np.minimum(starts + MACROBLOCK, length)) / 2
    at = shown[0] + middles * (shown[1] - shown[0]) / length
    return middles, (at - key[0]) * length / (key[1] - key[0]) - middles


def _to_line(middles: Samples, shifts: Samples, length: int, tolerance: float) -> _Line:
    starts = middles // MACROBLOCK * MACROBLOCK
    ends = np.minimum(starts + MACROBLOCK, length)
    is_inside = (starts + shifts >= -tolerance) & (ends + shifts <= length + tolerance)
    return _Line(np.rint(4 * shifts).astype(np.int32), is_inside)
