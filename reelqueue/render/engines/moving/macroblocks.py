"""Slice data of B pictures in which each macroblock has vectors of its own.

All macroblocks of a picture are coded at once, in arrays of shape (rows, columns). Each is one
16x16 partition, predicted from the second picture of one list or of both (`MotionPicture`); or it
is B_Skip, where that is what spatial direct prediction makes of it.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from reelqueue.h264.bitstream import code_ue as code_one_ue
from reelqueue.h264.errors import OutOfRangeError
from reelqueue.render.engines.moving.cavlc import (
    MAX_DIFFERENCE,
    Codes,
    code_se,
    code_ue,
    join_columns,
    join_rows,
    to_text,
)
from reelqueue.render.engines.moving.residual import Residual, code_residual

Item = TypeVar("Item", bound=np.generic)
Vectors = NDArray[np.int32]
Flags = NDArray[np.bool_]

# mb_type (Table 7-14) and a refIdx of 1 for each list, which is one 0 (te(v), 9.1).
_TYPES = ["", "0100", "0110", "0010000"]  # B_L0_16x16, B_L1_16x16, B_Bi_16x16
_TYPE_VALUES = np.array([int(code or "0", 2) for code in _TYPES], np.int32)
_TYPE_LENGTHS = np.array([len(code) for code in _TYPES], np.int32)


class ListMotion(NamedTuple):
    """What the macroblocks of a picture are predicted from in one reference picture.

    Attributes:
        x: how far to the right that is, in quarter luma samples.
        y: how far down.
        is_used: whether a macroblock is predicted from it at all; each is from one list at least.
    """

    x: Vectors
    y: Vectors
    is_used: Flags


def code_slice_data(l0: ListMotion, l1: ListMotion, residual: Residual | None = None) -> str:
    """Return the slice data of a picture as a text of 0 and 1 (ITU-T H.264, 7.3.4).

    Args:
        l0: in the reference picture that is shown after (see `MotionPicture`).
        l1: in the one that is shown before.
        residual: what is added to the prediction; nothing if that is None.

    Raises:
        OutOfRangeError: if vectors differ by more than can be coded.
    """
    lists = [_code_differences(motion) for motion in (l0, l1)]
    is_coded = ~(lists[0].is_direct & lists[1].is_direct)
    if residual:
        is_coded |= residual.is_coded
    coded = np.flatnonzero(is_coded)
    kinds = (l0.is_used + 2 * l1.is_used).ravel()[coded]
    symbols = [
        code_ue(np.diff(coded, prepend=-1) - 1),  # mb_skip_run
        Codes(_TYPE_VALUES[kinds], _TYPE_LENGTHS[kinds]),
    ]
    for each in lists:
        is_used = each.is_used.ravel()[coded]
        symbols += [code_se(mvd.ravel()[coded]).choose(is_used) for mvd in (each.mvd_x, each.mvd_y)]
    codes = _end(join_columns([each.to_column() for each in symbols]), residual, is_coded)
    mb_skip_run = is_coded.size - 1 - int(coded[-1]) if len(coded) else is_coded.size
    return to_text(codes) + (code_one_ue(mb_skip_run) if mb_skip_run else "")


def _end(macroblocks: Codes, residual: Residual | None, is_coded: Flags) -> Codes:
    """End each macroblock with its coded_block_pattern, and its residual if it has one."""
    count = len(macroblocks.values)
    ends = Codes(*np.zeros((2, count, 3), np.int32))
    ends.values[:, 0] = ends.lengths[:, 0] = 1  # ue(v) of 0: a coded_block_pattern of 0 (Table 9-4)
    if residual is None:
        return join_columns([macroblocks, ends])
    heads, blocks, owners = code_residual(residual)
    places = np.flatnonzero(residual.is_coded[is_coded])
    ends.values[places], ends.lengths[places] = heads
    return join_rows(join_columns([macroblocks, ends]), blocks, places[owners])


class _Coded(NamedTuple):
    """What is coded of one list: differences of vectors (mvd), and where there is nothing to."""

    mvd_x: NDArray[np.int32]
    mvd_y: NDArray[np.int32]
    is_used: Flags
    is_direct: Flags


def _code_differences(motion: ListMotion) -> _Coded:
    """Compare vectors with those that are predicted from neighbours.

    Spatial direct prediction uses a list if a neighbour does, with the predicted vector
    (ITU-T H.264, 8.4.1.2.2). Without any neighbour, its refIdx would be 0, which is never ours.
    """
    a, b, c = _find_neighbours(motion.is_used)
    count = a.astype(np.int8) + b + c
    differences = []
    for vectors in (motion.x, motion.y):
        own = np.where(motion.is_used, vectors, 0)
        differences.append(np.where(motion.is_used, own - _predict(own, count), 0))
    mvd_x, mvd_y = differences
    if max(np.abs(mvd).max() for mvd in differences) > MAX_DIFFERENCE:
        raise OutOfRangeError("H.264 cannot move neighbouring macroblocks so far apart.")
    is_direct = ((count > 0) == motion.is_used) & (mvd_x == 0) & (mvd_y == 0)
    return _Coded(mvd_x, mvd_y, motion.is_used, is_direct)


def _predict(vectors: NDArray[np.int32], count: NDArray[np.int8]) -> NDArray[np.int32]:
    """Return one component of the predicted vectors, mvpLX (ITU-T H.264, 8.4.1.3.1).

    Args:
        vectors: that component, 0 where the list is not used.
        count: how many neighbours use the list.
    """
    a, b, c = _find_neighbours(vectors)
    median = np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), c))
    return np.where(count == 1, a + b + c, median)


def _find_neighbours(plane: NDArray[Item]) -> tuple[NDArray[Item], NDArray[Item], NDArray[Item]]:
    """Return the neighbours A, B and C of all macroblocks (8.4.1.3.2); 0 where there is none.

    At the right side, where C is not available, it is D. In the first row B and C, which are not
    available either, would be A, which makes no difference.
    """
    padded = np.pad(plane, ((1, 0), (1, 1)))
    c = padded[:-1, 2:].copy()
    c[:, -1] = padded[:-1, -3]
    return padded[1:, :-2], padded[:-1, 1:-1], c
