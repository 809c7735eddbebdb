"""Slice data of B pictures in which each macroblock has vectors of its own.

All macroblocks of a picture are coded at once, in arrays of shape (rows, columns). Each is one
16x16 partition, predicted from the second picture of one list or of both (`MotionPicture`); or it
is B_Skip, where that is what spatial direct prediction makes of it.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from reelqueue.h264.bitstream import Bits, append_bits
from reelqueue.h264.bitstream import code_ue as code_one_ue
from reelqueue.h264.errors import OutOfRangeError
from reelqueue.h264.macroblocks import MB_TYPES_16X16
from reelqueue.h264.motion import PredMode
from reelqueue.render.engines.moving.cavlc import (
    MAX_DIFFERENCE,
    Codes,
    Flags,
    Integers,
    code_se,
    code_ue,
    join,
    pack,
    read_table,
)
from reelqueue.render.engines.moving.residual import Residual, code_residual

Item = TypeVar("Item", bound=np.generic)
Vectors = NDArray[np.int32]

# mb_type and a refIdx of 1 for each list, which is one 0 (te(v), 9.1).
_TYPES = [
    "",
    code_one_ue(MB_TYPES_16X16[PredMode.PRED_L0]) + "0",
    code_one_ue(MB_TYPES_16X16[PredMode.PRED_L1]) + "0",
    code_one_ue(MB_TYPES_16X16[PredMode.BI_PRED]) + "00",
]
_TYPE_CODES = read_table([_TYPES], (1, len(_TYPES)))


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


def code_slice_data(l0: ListMotion, l1: ListMotion, residual: Residual | None = None) -> Bits:
    """Return the slice data of a picture (ITU-T H.264, 7.3.4).

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
    mb_skip_run = code_ue(np.diff(coded, prepend=-1) - 1)
    columns = [mb_skip_run.append(_TYPE_CODES.take(np.int64(0), kinds))]
    for each in lists:
        is_used = each.is_used.ravel()[coded]
        columns += [code_se(mvd.ravel()[coded]).choose(is_used) for mvd in (each.mvd_x, each.mvd_y)]
    patterns = Codes(*np.ones((2, len(coded)), np.int64))  # a coded_block_pattern of 0
    if residual:
        codes = _join_residual(
            columns, patterns, residual, np.flatnonzero(residual.is_coded[is_coded])
        )
    else:
        codes = join([*columns, patterns])
    last_run = is_coded.size - 1 - int(coded[-1]) if len(coded) else is_coded.size
    bits = pack(codes)
    return append_bits(bits, code_one_ue(last_run)) if last_run else bits


def _join_residual(
    columns: list[Codes], patterns: Codes, residual: Residual, places: Integers
) -> Codes:
    """Join the codes of macroblocks, of which some end with a residual."""
    heads, blocks, owners = code_residual(residual)
    patterns.values[places], patterns.lengths[places] = heads
    codes = join([*columns, patterns])
    width = codes.values.shape[1]
    return codes.insert(width * (places[owners] + 1), blocks)


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
    is_used = motion.is_used
    a, b, c = _find_neighbours(is_used)
    count = a.astype(np.int8) + b + c
    is_only = count == 1
    mvd_x, mvd_y = (
        (vectors - _predict(vectors * is_used, is_only)) * is_used
        for vectors in (motion.x, motion.y)
    )
    if max(int(np.abs(mvd).max()) for mvd in (mvd_x, mvd_y)) > MAX_DIFFERENCE:
        raise OutOfRangeError("H.264 cannot move neighbouring macroblocks so far apart.")
    is_direct = ((count > 0) == is_used) & ((mvd_x | mvd_y) == 0)
    return _Coded(mvd_x, mvd_y, is_used, is_direct)


def _predict(vectors: Vectors, is_only: Flags) -> Vectors:
    """Return one component of the predicted vectors, mvpLX (ITU-T H.264, 8.4.1.3.1).

    Args:
        vectors: that component, 0 where the list is not used.
        is_only: where one neighbour alone uses the list.
    """
    a, b, c = _find_neighbours(vectors)
    predicted = np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), c))
    np.copyto(predicted, a + b + c, where=is_only)
    return predicted


def _find_neighbours(plane: NDArray[Item]) -> tuple[NDArray[Item], NDArray[Item], NDArray[Item]]:
    """Return the neighbours A, B and C of all macroblocks (8.4.1.3.2); 0 where there is none.

    At the right side, where C is not available, it is D. In the first row B and C, which are not
    available either, would be A, which makes no difference.
    """
    rows, columns = plane.shape
    padded = np.zeros((rows + 1, columns + 2), plane.dtype)
    padded[1:, 1:-1] = plane
    c = padded[:-1, 2:].copy()
    c[:, -1] = padded[:-1, -3]
    return padded[1:, :-2], padded[:-1, 1:-1], c
