"""The residual of macroblocks: what their prediction lacks, transformed and quantised.

The transform is that of 4x4 blocks (ITU-T H.264, 8.5.12); chroma DC is transformed once more
(8.5.11.1). Levels are such that a decoder comes closest, but rather to 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reelqueue.h264.coefficient_codes import MAX_NUM_COEFF
from reelqueue.h264.parameter_sets import PictureParameterSet
from reelqueue.h264.quantisation import ZIGZAG, find_chroma_qp, list_norm_adjust
from reelqueue.render.engines.moving.cavlc import Flags, Integers
from reelqueue.render.engines.moving.coefficients import MAX_LEVEL, Levels
from reelqueue.render.engines.moving.residual import (
    BLOCKS,
    CHROMA_AC_BLOCKS,
    CHROMA_DC_BLOCKS,
    LUMA,
    LUMA_PLACES,
    Residual,
)
from reelqueue.render.frames.yuv import Plane

_ROUNDING = np.float32(1 / 6)  # below this, a level is 0: x264 and others have it for inter

_FORWARD = np.array([[1, 1, 1, 1], [2, 1, -1, -2], [1, -1, -1, 1], [1, -2, 2, -1]], np.float32)
_FORWARD_4X4 = np.kron(_FORWARD, _FORWARD).T
_NORMS = np.outer([4, 5, 4, 5], [4, 5, 4, 5])  # of that, times the inverse transform
_HADAMARD = np.array([[1, 1], [1, -1]], np.float32)
_HADAMARD_2X2 = np.kron(_HADAMARD, _HADAMARD)

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
    at = np.nonzero(places)
    luma, cb, cr = (
        _transform(_cut(plane, at, side).astype(np.float32) - _cut(shown, at, side))
        for shown, plane, side in zip(predicted, wanted, (16, 8, 8), strict=True)
    )
    levels = np.zeros((len(luma), BLOCKS, MAX_NUM_COEFF), np.int32)
    levels[:, LUMA] = _quantise(luma[:, _find_order()], qp)
    for number, coefficients in enumerate((cb, cr)):
        chroma_qp = find_chroma_qp(qp, pps.chroma_qp_index_offsets[number])
        levels[:, CHROMA_DC_BLOCKS][:, number, :4] = _quantise_dc(coefficients, chroma_qp)
        ac_blocks = CHROMA_AC_BLOCKS.start + 4 * number
        levels[:, ac_blocks : ac_blocks + 4, :-1] = _quantise(coefficients, chroma_qp)[..., 1:]
    is_coded = levels.any(axis=(1, 2))
    coded_places = np.zeros_like(places)
    coded_places[at[0][is_coded], at[1][is_coded]] = True
    return Residual(coded_places, levels[is_coded], pps.transform_8x8_mode)


def _cut(plane: Plane, at: tuple[Integers, ...], side: int) -> Plane:
    """Return some macroblocks of a plane, `(macroblocks, side, side)`; 0 where it has ended.

    Args:
        plane: Y, U or V.
        at: the rows and columns of the macroblocks.
        side: of a macroblock in the plane.
    """
    rows, columns = (side * starts[:, None] + np.arange(side) for starts in at)
    height, width = plane.shape
    ends = (rows < height)[:, :, None] & (columns < width)[:, None]
    inside = np.minimum(rows, height - 1)[:, :, None], np.minimum(columns, width - 1)[:, None]
    cut: Plane = plane[inside] * ends
    return cut


def _transform(errors: Samples) -> Samples:
    """Return the coefficients of 4x4 blocks, row after row: `(macroblocks, blocks, 16)`."""
    count, side, _ = errors.shape
    blocks = errors.reshape(count, side // 4, 4, side // 4, 4).swapaxes(2, 3)
    return blocks.reshape(count, (side // 4) ** 2, 16) @ _FORWARD_4X4


def _find_order() -> Integers:
    """Return where the blocks of luma are, in their order, among those row after row."""
    order: Integers = LUMA_PLACES @ np.array([1, 4])
    return order


def _quantise(coefficients: Samples, qp: int) -> Levels:
    """Return the levels of 4x4 blocks in zigzag order."""
    return _round((coefficients / _find_steps(qp))[..., ZIGZAG])


def _quantise_dc(coefficients: Samples, qp: int) -> Levels:
    """Return the levels of DC of chroma."""
    step = 2 * _find_steps(qp)[0]  # both transforms together make it twice as large
    return _round(coefficients[..., 0] @ _HADAMARD_2X2 / step)


def _find_steps(qp: int) -> Samples:
    """Return by what a coefficient is divided at each place of a 4x4 block (8.5.12.1)."""
    adjust = np.reshape(list_norm_adjust(qp), (4, 4))
    steps: Samples = (_NORMS * adjust * 2 ** (qp // 6) / 64).astype(np.float32).ravel()
    return steps


def _round(levels: Samples) -> Levels:
    magnitudes = np.floor(np.abs(levels) + _ROUNDING)
    return np.copysign(np.minimum(magnitudes, MAX_LEVEL), levels).astype(np.int32)
