"""The residual of macroblocks: what their prediction lacks, transformed and quantised.

The transform is that of 4x4 blocks (ITU-T H.264, 8.5.12); chroma DC is transformed once more
(8.5.11.1). Levels are such that a decoder comes closest, but rather to 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reelqueue.h264.coefficient_codes import MAX_NUM_COEFF
from reelqueue.h264.parameter_sets import PictureParameterSet
from reelqueue.h264.quantisation import ZIGZAG, find_chroma_qp, list_norm_adjust
from reelqueue.render.engines.moving.cavlc import Flags
from reelqueue.render.engines.moving.coefficients import MAX_LEVEL, Levels
from reelqueue.render.engines.moving.residual import (
    BLOCKS,
    CHROMA_AC_BLOCKS,
    CHROMA_DC_BLOCKS,
    LUMA,
    Residual,
)

_ROUNDING = np.float32(1 / 6)  # below this, a level is 0: x264 and others have it for inter

_FORWARD = np.array([[1, 1, 1, 1], [2, 1, -1, -2], [1, -1, -1, 1], [1, -2, 2, -1]], np.float32)
_FORWARD_4X4 = np.kron(_FORWARD, _FORWARD).T[..., ZIGZAG]  # of coefficients in zigzag order
_NORMS = np.outer([4, 5, 4, 5], [4, 5, 4, 5])  # of that, times the inverse transform
_HADAMARD = np.array([[1, 1], [1, -1]], np.float32)
_HADAMARD_2X2 = np.kron(_HADAMARD, _HADAMARD)
_MOST_AT_ONCE = 512  # macroblocks, so that what is computed of them stays small

Samples = NDArray[np.float32]
Errors = NDArray[np.int16]


def find_residual(
    errors: Sequence[Errors], places: Flags, pps: PictureParameterSet, qp: int
) -> Residual:
    """Return what must be added to a prediction to get a picture.

    Args:
        errors: what macroblocks lack of Y, U and V: `(macroblocks, side, side)`.
        places: which macroblocks these are, `(rows, columns)`.
        pps: that of the picture.
        qp: the quantisation parameter of luma.
    """
    count = len(errors[0])
    found = [np.zeros((0, BLOCKS, MAX_NUM_COEFF), np.int16)]
    found += (
        _find_levels([plane[start : start + _MOST_AT_ONCE] for plane in errors], pps, qp)
        for start in range(0, count, _MOST_AT_ONCE)
    )
    levels = np.concatenate(found)
    is_coded = levels.any(axis=(1, 2))
    coded_places = np.zeros_like(places)
    coded_places[places] = is_coded
    return Residual(coded_places, levels[is_coded], pps.transform_8x8_mode)


def _find_levels(errors: Sequence[Errors], pps: PictureParameterSet, qp: int) -> Levels:
    """Return the levels of macroblocks, `(macroblocks, 26, 16)`, given the errors of Y, U and V."""
    luma, *chroma = map(_transform, errors)
    levels = np.zeros((len(luma), BLOCKS, MAX_NUM_COEFF), np.int16)
    levels[:, LUMA] = _quantise(luma, qp)
    for number, coefficients in enumerate(chroma):
        chroma_qp = find_chroma_qp(qp, pps.chroma_qp_index_offsets[number])
        levels[:, CHROMA_DC_BLOCKS][:, number, :4] = _quantise_dc(coefficients, chroma_qp)
        ac_blocks = CHROMA_AC_BLOCKS.start + 4 * number
        levels[:, ac_blocks : ac_blocks + 4, :-1] = _quantise(coefficients, chroma_qp)[..., 1:]
    return levels


def _transform(errors: Errors) -> Samples:
    """Return the coefficients of 4x4 blocks: `(macroblocks, blocks, 16)`, both in their order."""
    count, side, _ = errors.shape
    half = side // 8  # blocks are in the order of quarters, and within each of these (6.4.3)
    quarters = errors.reshape(count, half, 2, 4, half, 2, 4).transpose(0, 1, 4, 2, 5, 3, 6)
    # One product for each macroblock: of all at once, OpenBLAS would wait for threads of its own.
    return quarters.reshape(count, -1, MAX_NUM_COEFF).astype(np.float32) @ _FORWARD_4X4


def _quantise(coefficients: Samples, qp: int) -> Levels:
    return _round(coefficients / _find_steps(qp))


def _quantise_dc(coefficients: Samples, qp: int) -> Levels:
    """Return the levels of DC of chroma."""
    step = 2 * _find_steps(qp)[0]  # both transforms together make it twice as large
    return _round(coefficients[..., 0] @ _HADAMARD_2X2 / step)


def _find_steps(qp: int) -> Samples:
    """Return by what coefficients are divided, in zigzag order (8.5.12.1)."""
    adjust = np.reshape(list_norm_adjust(qp), (4, 4))
    steps: Samples = (_NORMS * adjust * 2 ** (qp // 6) / 64).astype(np.float32).ravel()[..., ZIGZAG]
    return steps


def _round(levels: Samples) -> Levels:
    rounded = levels + np.copysign(_ROUNDING, levels)
    return np.clip(rounded, -MAX_LEVEL, MAX_LEVEL, out=rounded).astype(np.int16)  # towards 0
