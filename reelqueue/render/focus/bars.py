"""Find the black bars around a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reelqueue.planning.focus.area import WHOLE_PICTURE, Area
from reelqueue.render.focus.motion import Blocks, Plane

_DARK, _BLACK = 24, 8  # of 255, at most, of what may be bars, and of what certainly is
_BAR = 0.98  # of a row or a column
_BRIGHT = 40  # of 255, at least, beside a bar: what fades into the dark has no such edge
_EDGE = 0.5  # of a row or a column


def find_area(blocks: Blocks) -> Area:
    """Return the part of a picture that lies between black bars with sharp, straight edges."""
    rows, columns = blocks.shape[0] * blocks.shape[1], blocks.shape[2] * blocks.shape[3]
    luma = blocks.reshape(rows, columns)
    down, across = _find_inner(luma, _BLACK)
    is_bright = luma[down, across] >= _BRIGHT
    if not is_bright.size:
        return WHOLE_PICTURE
    top, bottom = _find_edges(is_bright.mean(axis=1), down, rows)
    left, right = _find_edges(is_bright.mean(axis=0), across, columns)
    return Area(left, top, right, bottom)


def leave_bars(plane: Plane) -> tuple[slice, slice]:
    """Return the rows and columns of a picture within all that is dark around it."""
    return _find_inner(plane, _DARK)


def _find_inner(plane: Plane, black: float) -> tuple[slice, slice]:
    is_black = plane <= black
    seen = (np.flatnonzero(is_black.mean(axis=axis) <= _BAR) for axis in (1, 0))
    rows, columns = (slice(at[0], at[-1] + 1) if at.size else slice(0) for at in seen)
    return rows, columns


def _find_edges(bright: NDArray[np.floating], inner: slice, length: int) -> tuple[float, float]:
    """Return where an area begins and ends, from 0 to 1; an edge may be a mixture, and is left out.

    Args:
        bright: how much of each row or column of it is bright.
        inner: those within bars.
        length: how many there are in all.
    """
    first, last = 0, length
    if len(bright) > 2:
        if inner.start and bright[1] >= _EDGE:
            first = inner.start + 1
        if inner.stop < length and bright[-2] >= _EDGE:
            last = inner.stop - 1
    return first / length, last / length
