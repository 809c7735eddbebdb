"""What is added to the prediction of some macroblocks, coded with CAVLC (ITU-T H.264, 7.3.5.3)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reelqueue.h264.coefficient_codes import MAX_NUM_COEFF
from reelqueue.h264.errors import OutOfRangeError
from reelqueue.h264.macroblocks import CODED_BLOCK_PATTERNS
from reelqueue.render.engines.moving.cavlc import Codes, Flags, Integers, code_ue
from reelqueue.render.engines.moving.coefficients import (
    CHROMA_DC,
    Levels,
    code_blocks,
    find_tables,
)

LUMA = slice(0, 16)  # the blocks of a macroblock in their order (6.4.3), 16 of luma
CHROMA_DC_BLOCKS = slice(16, 18)  # one each of Cb and Cr
CHROMA_AC_BLOCKS = slice(18, 26)  # four each
BLOCKS = 26

_MAX_BITS = 3064  # of 3200 of a macroblock (A.3.1); before them, vectors and more take 136 at most

_PATTERN_NUMBERS = np.argsort(CODED_BLOCK_PATTERNS)

# Where each block of luma is in its macroblock, across and down (6.4.3).
LUMA_PLACES = np.array([(n & 1 | n >> 1 & 2, n >> 1 & 1 | n >> 2 & 2) for n in range(16)])
_CHROMA_PLACES = LUMA_PLACES[:4]

_MAX_NUM_COEFFS = np.array([MAX_NUM_COEFF] * 16 + [4] * 2 + [MAX_NUM_COEFF - 1] * 8)


class Residual(NamedTuple):
    """The residual of the macroblocks of a picture that have one.

    Attributes:
        is_coded: which these are, `(rows, columns)`.
        levels: of transform coefficients: `(macroblocks, 26, 16)`, in the order in which blocks and
            coefficients are coded; what a block lacks is 0, and no macroblock is 0 throughout.
        has_transform_8x8: whether the pps allows 8x8 transforms, so that each says it has none.
    """

    is_coded: Flags
    levels: Levels
    has_transform_8x8: bool


class CodedResidual(NamedTuple):
    """The codes of residuals.

    Attributes:
        heads: of each macroblock: its coded_block_pattern, and what follows.
        blocks: of all blocks that are coded, one after the other.
        owners: which macroblock each of these codes belongs to, from 0.
    """

    heads: Codes
    blocks: Codes
    owners: Integers


def code_residual(residual: Residual) -> CodedResidual:
    """Return the codes of macroblocks that have a residual.

    Raises:
        OutOfRangeError: if a macroblock has more bits than the standard allows.
    """
    levels = residual.levels
    found = np.flatnonzero(levels != 0) // MAX_NUM_COEFF
    totals = np.bincount(found, minlength=BLOCKS * len(levels)).reshape(-1, BLOCKS)
    luma = totals[:, LUMA].reshape(-1, 4, 4).any(axis=2)
    has_ac, has_dc = (
        totals[:, blocks].any(axis=1) for blocks in (CHROMA_AC_BLOCKS, CHROMA_DC_BLOCKS)
    )
    chroma = np.where(has_ac, 2, has_dc)
    patterns = luma @ (1 << np.arange(4)) + 16 * chroma
    is_coded = np.hstack(
        [
            np.repeat(luma, 4, axis=1),
            np.repeat(chroma[:, None] > 0, 2, axis=1),
            np.repeat(chroma[:, None] > 1, 8, axis=1),
        ]
    )
    owners, blocks = np.nonzero(is_coded)
    tables = _choose_tables(residual.is_coded, totals)
    codes, counts = code_blocks(levels[is_coded], tables[is_coded], _MAX_NUM_COEFFS[blocks])
    heads = _code_heads(patterns, residual.has_transform_8x8)
    bits = np.add.reduceat(codes.lengths, np.cumsum(counts) - counts) if counts.size else counts
    if np.bincount(owners, bits).max(initial=0) > _MAX_BITS:
        raise OutOfRangeError("H.264 has no room for so large a residual.")
    return CodedResidual(heads, codes, np.repeat(owners, counts))


def _code_heads(patterns: Integers, has_transform_8x8: bool) -> Codes:
    """Code coded_block_pattern, transform_size_8x8_flag, and an mb_qp_delta of 0 (7.3.5)."""
    has_flag = (patterns % 16 > 0) & has_transform_8x8
    flags = Codes(np.zeros_like(patterns), has_flag.astype(np.int64))
    ones = np.ones_like(patterns)
    return code_ue(_PATTERN_NUMBERS[patterns]).append(flags).append(Codes(ones, ones))


def _choose_tables(is_coded: Flags, totals: Integers) -> Integers:
    """Return the table of codes for each block, by how many coefficients those around it have."""
    tables = np.full(totals.shape, CHROMA_DC)
    for blocks, places in (
        (LUMA, LUMA_PLACES),
        (slice(18, 22), _CHROMA_PLACES),
        (slice(22, 26), _CHROMA_PLACES),
    ):
        tables[:, blocks] = find_tables(_count_around(is_coded, totals[:, blocks], places))
    return tables


def _count_around(is_coded: Flags, totals: Integers, places: Integers) -> Integers:
    """Return nC of all blocks of one colour: the mean of those to the left and above (9.2.1).

    Args:
        is_coded: which macroblocks have these blocks.
        totals: TotalCoeff of the blocks, `(macroblocks, blocks)`.
        places: of the blocks in a macroblock.
    """
    side = int(places.max()) + 1
    mb_y, mb_x = np.nonzero(is_coded)
    x, y = (side * at[:, None] + places[:, axis] for axis, at in enumerate((mb_x, mb_y)))
    rows, columns = is_coded.shape
    counts = np.zeros((side * rows + 1, side * columns + 1), np.int64)  # with a border of zeros
    counts[y + 1, x + 1] = totals
    both = counts[y + 1, x] + counts[y, x + 1]
    mean: Integers = np.where((x > 0) & (y > 0), both + 1 >> 1, both)
    return mean
