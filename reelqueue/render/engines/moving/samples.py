"""Samples of macroblocks: those of a picture, and those that a decoder copies from keys."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from reelqueue.h264.pictures import WEIGHT_SUM, Weights
from reelqueue.planning.transitions.base import MACROBLOCK
from reelqueue.render.engines.moving.cavlc import Flags, Integers
from reelqueue.render.engines.moving.macroblocks import ListMotion
from reelqueue.render.frames.yuv import Plane

Samples = NDArray[np.int16]

_QUARTERS = 4  # of a sample
_STEP = 2 * _QUARTERS  # to whole samples of chroma, of which there are half as many


def stay_on_samples(motion: ListMotion, places: Flags) -> ListMotion:
    """Return a motion in which some macroblocks are copied from samples, not from between them.

    Vectors reach one sample farther to the left and up than to the right and down (A.3.1).
    """
    x, y = (
        np.where(places, (vectors + _STEP // 2 - 1) // _STEP * _STEP, vectors)
        for vectors in (motion.x, motion.y)
    )
    return ListMotion(x, y, motion.is_used)


def find_errors(
    wanted: list[Plane],
    keys: tuple[list[Plane], list[Plane]],
    lists: tuple[ListMotion, ListMotion],
    weights: Weights,
    places: Flags,
) -> list[Samples]:
    """Return what copies lack of a picture: of Y, U and V `(macroblocks, side, side)`.

    Args:
        wanted: the picture, Y, U and V.
        keys: what is copied from: those of list 0 and list 1.
        lists: where from; see `stay_on_samples`.
        weights: of what is copied from both.
        places: which macroblocks.
    """
    corners = MACROBLOCK * np.argwhere(places)
    moved = [
        corners + np.stack([motion.y[places], motion.x[places]], axis=1) // _QUARTERS
        for motion in lists
    ]
    l0, l1 = (motion.is_used[places, None, None] for motion in lists)
    shares = np.where(l0, np.where(l1, weights.following, WEIGHT_SUM), 0).astype(np.int16)
    luma, *chroma = zip(wanted, *keys, strict=True)
    errors = []
    for scale, of_one_size in ((1, [luma]), (2, chroma)):
        side = MACROBLOCK // scale
        squares = [_list_squares(of_one_size[0][0], at // scale, side) for at in (corners, *moved)]
        is_within = _find_within(of_one_size[0][0], corners // scale, side)
        for planes in of_one_size:
            shown, after, before = map(_cut, planes, squares)
            mixed = after * shares + before * (WEIGHT_SUM - shares) + WEIGHT_SUM // 2
            errors.append((shown - mixed // WEIGHT_SUM) * is_within)
    return errors


def _list_squares(plane: Plane, corners: Integers, side: int) -> tuple[Integers, Integers]:
    """Return the rows and columns of squares as `_list_places` does, with the border repeated."""
    rows, columns = _list_places(corners, side)
    height, width = plane.shape
    return np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)


def _cut(plane: Plane, squares: tuple[Integers, Integers]) -> Samples:
    """Return squares of a plane: `(squares, side, side)`."""
    rows, columns = squares
    height, width = plane.shape
    stride = plane.strides[0]
    memory = as_strided(plane, (stride * (height - 1) + width,), (1,))
    return memory.take(stride * rows + columns).astype(np.int16)  # faster than by rows and columns


def _find_within(plane: Plane, corners: Integers, side: int) -> Flags:
    """Tell which samples of squares are in a plane, `(squares, side, side)`."""
    rows, columns = _list_places(corners, side)
    within: Flags = (rows < plane.shape[0]) & (columns < plane.shape[1])
    return within


def _list_places(corners: Integers, side: int) -> tuple[Integers, Integers]:
    """Return the rows and columns of squares: `(squares, side, 1)` and `(squares, 1, side)`."""
    rows, columns = (corners[:, axis, None] + np.arange(side) for axis in range(2))
    return rows[:, :, None], columns[:, None, :]
