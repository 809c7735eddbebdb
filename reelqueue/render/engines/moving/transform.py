"""The residual of macroblocks: what their prediction lacks, transformed and quantised.

The transform is that of 4x4 blocks (ITU-T H.264, 8.5.12); chroma DC is transformed once more
(8.5.11.1). Levels are such that a decoder comes closest, but rather to 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reelqueue.h264.parameter_sets import PictureParameterSet
from reelqueue.render.engines.moving.cavlc import Integers
from reelqueue.render.engines.moving.coefficients import MAX_LEVEL
from reelqueue.render.engines.moving.residual import LUMA_PLACES, Flags, Residual
from reelqueue.render.frames.yuv import Plane

_ROUNDING = np.float32(1 / 6)  # below this, a level is 0: x264 and others have it for inter

_FORWARD = np.array([[1, 1, 1, 1], [2, 1, -1, -2], [1, -1, -1, 1], [1, -2, 2, -1]], np.float32)
_FORWARD_4X4 = np.kron(_FORWARD, _FORWARD).T
_NORMS = np.outer([4, 5, 4, 5], [4, 5, 4, 5])  # of that, times the inverse transform
_HADAMARD = np.array([[1, 1], [1, -1]], np.float32)
_HADAMARD_2X2 = np.kron(_HADAMARD, _HADAMARD)

# normAdjust4x4 (8.5.9): for each QP % 6, where both places are even, both are odd, and elsewhere.
_NORM_ADJUST = ((10, 16, 13), (11, 18, 14), (13, 20, 16), (14, 23, 18), (16, 25, 20), (18, 29, 23))
_ZIGZAG = (0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15)  # Table 8-12

_CHROMA_QPS = (29, 30, 31, 32, 32, 33, 34, 34, 35, 35, 36, 36, 37, 37, 37, 38, 38, 38, *(39,) * 4)
_FIRST_CHROMA_QP = 30  # of Table 8-15: below, it is that of luma

Samples = NDArray[np.float32]


def find_residual(
    predicted: list[Plane], wanted: list[Plane], places: Flags, pps: PictureParameterSet, qp: int
) -> Residual:
    """Return what must be added to a prediction to get a picture.

    Args:
        predicted, wanted: Y, U and V.
        places: the macroblocks that are looked at, `(rows, columns)`.
        pps: that of the picture.
        qp: the quantisation parameter of luma.
    """
    errors = [
        _cut(plane, places, side).astype(np.float32) - _cut(shown, places, side)
        for shown, plane, side in zip(predicted, wanted, (16, 8, 8), strict=True)
    ]
    luma = _quantise(_transform(errors[0])[:, _find_order()], qp)
    chroma = [
        _quantise_chroma(_transform(error), _find_chroma_qp(qp + offset))
        for error, offset in zip(errors[1:], pps.chroma_qp_index_offsets, strict=True)
    ]
    (cb_dc, cb_ac), (cr_dc, cr_ac) = chroma
    levels = np.concatenate([luma, cb_dc, cr_dc, cb_ac, cr_ac], axis=1)
    is_coded = levels.any(axis=(1, 2))
    coded_places = places.copy()
    coded_places[places] = is_coded
    return Residual(coded_places, levels[is_coded], pps.transform_8x8_mode)


def _cut(plane: Plane, places: Flags, side: int) -> Plane:
    """Return some macroblocks of a plane, `(macroblocks, side, side)`."""
    rows, columns = places.shape
    height, width = plane.shape
    whole = np.pad(plane, ((0, side * rows - height), (0, side * columns - width)))
    return whole.reshape(rows, side, columns, side).swapaxes(1, 2)[places]


def _transform(errors: Samples) -> Samples:
    """Return the coefficients of 4x4 blocks, row after row: `(macroblocks, blocks, 16)`."""
    count, side, _ = errors.shape
    blocks = errors.reshape(count, side // 4, 4, side // 4, 4).swapaxes(2, 3)
    return blocks.reshape(count, (side // 4) ** 2, 16) @ _FORWARD_4X4


def _find_order() -> Integers:
    """Return where the blocks of luma are, in their order, among those row after row."""
    order: Integers = LUMA_PLACES @ np.array([1, 4])
    return order


def _quantise(coefficients: Samples, qp: int) -> Integers:
    """Return the levels of 4x4 blocks in zigzag order."""
    return _round((coefficients / _find_steps(qp))[..., _ZIGZAG])


def _quantise_chroma(coefficients: Samples, qp: int) -> tuple[Integers, Integers]:
    """Return the levels of DC and of AC; `(macroblocks, blocks, 16)`."""
    dc_step = 2 * _find_steps(qp)[0]  # both transforms together make it twice as large
    dc = _round(coefficients[..., 0] @ _HADAMARD_2X2 / dc_step)
    ac = _quantise(coefficients, qp)[..., 1:]
    return (
        np.pad(dc[:, None], ((0, 0), (0, 0), (0, 12))),
        np.pad(ac, ((0, 0), (0, 0), (0, 1))),
    )


def _find_steps(qp: int) -> Samples:
    """Return by what a coefficient is divided at each place of a 4x4 block (8.5.12.1)."""
    even, odd, other = _NORM_ADJUST[qp % 6]
    adjust = np.array([[even, other] * 2, [other, odd] * 2] * 2)
    steps: Samples = (_NORMS * adjust * 2 ** (qp // 6) / 64).astype(np.float32).ravel()
    return steps


def _find_chroma_qp(index: int) -> int:
    if index < _FIRST_CHROMA_QP:
        return max(index, 0)
    return _CHROMA_QPS[min(index, 51) - _FIRST_CHROMA_QP]


def _round(levels: Samples) -> Integers:
    magnitudes = np.floor(np.abs(levels) + _ROUNDING)
    return np.copysign(np.minimum(magnitudes, MAX_LEVEL), levels).astype(np.int32)
