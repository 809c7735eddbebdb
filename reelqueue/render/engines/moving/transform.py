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
from reelqueue.render.engines.moving.cavlc import Flags
from reelqueue.render.engines.moving.coefficients import MAX_LEVEL, Levels
from reelqueue.render.engines.moving.residual import (
    BLOCKS,
    CHROMA_AC_BLOCKS,
    CHROMA_DC_BLOCKS,
    LUMA,
    Residual,
)
from reelqueue.render.frames.yuv import Plane

_ROUNDING = np.float32(1 / 6)  # below this, a level is 0: x264 and others have it for inter

_FORWARD = np.array([[1, 1, 1, 1], [2, 1, -1, -2], [1, -1, -1, 1], [1, -2, 2, -1]], np.float32)
_FORWARD_4X4 = np.kron(_FORWARD, _FORWARD).T[..., ZIGZAG]  # of coefficients in zigzag order
_NORMS = np.outer([4, 5, 4, 5], [4, 5, 4, 5])  # of that, times the inverse transform
_HADAMARD = np.array([[1, 1], [1, -1]], np.float32)
_HADAMARD_2X2 = np.kron(_HADAMARD, _HADAMARD)
_MOST_AT_ONCE = 512  # macroblocks, so that what is computed of them stays small

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
    coded_places = np.zeros_like(places)
    found = [np.zeros((0, BLOCKS, MAX_NUM_COEFF), np.int16)]
    looked_at = np.argwhere(places)
    for start in range(0, len(looked_at), _MOST_AT_ONCE):
        some = looked_at[start : start + _MOST_AT_ONCE]
        errors = [
            _subtract(picture, shown, some, side)
            for picture, shown, side in zip(wanted, predicted, (16, 8, 8), strict=True)
        ]
        levels = _find_levels(errors, pps, qp)
        is_coded = levels.any(axis=(1, 2))
        coded_places[tuple(some[is_coded].T)] = True
        found.append(levels[is_coded])
    return Residual(coded_places, np.concatenate(found), pps.transform_8x8_mode)


def _find_levels(errors: list[Samples], pps: PictureParameterSet, qp: int) -> Levels:
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


def _subtract(wanted: Plane, predicted: Plane, places: NDArray[np.int64], side: int) -> Samples:
    """Return the errors of macroblocks, `(macroblocks, side, side)`; 0 where the plane has ended.

    Args:
        wanted, predicted: Y, U or V.
        places: row and column of each macroblock.
        side: of a macroblock in the plane.
    """
    rows, columns = (
        side * places[:, axis, None] + np.arange(side) for axis in range(places.shape[1])
    )
    height, width = wanted.shape
    at = np.minimum(rows, height - 1)[:, :, None], np.minimum(columns, width - 1)[:, None]
    errors: Samples = np.subtract(wanted[at], predicted[at], dtype=np.float32)
    if height % side or width % side:
        errors *= (rows < height)[:, :, None] & (columns < width)[:, None]
    return errors


def _transform(errors: Samples) -> Samples:
    """Return the coefficients of 4x4 blocks: `(macroblocks, blocks, 16)`, both in their order."""
    count, side, _ = errors.shape
    half = side // 8  # blocks are in the order of quarters, and within each of these (6.4.3)
    quarters = errors.reshape(count, half, 2, 4, half, 2, 4).transpose(0, 1, 4, 2, 5, 3, 6)
    # One product for each macroblock: of all at once, OpenBLAS would wait for threads of its own.
    return quarters.reshape(count, -1, MAX_NUM_COEFF) @ _FORWARD_4X4


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
