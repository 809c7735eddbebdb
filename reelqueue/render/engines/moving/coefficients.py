"""Blocks of transform coefficients, coded with CAVLC, all at once (ITU-T H.264, 7.3.5.3.2 and 9.2).

From the highest frequency down, a code each says how many coefficients there are and how many ones
end them, the signs of these, the other levels, how many zeros are among them, and where.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reelqueue.h264 import coefficient_codes
from reelqueue.h264.coefficient_codes import FIRST_N_C, MAX_NUM_COEFF
from reelqueue.render.engines.moving.cavlc import Codes, Integers, make_codes, read_table

MAX_LEVEL = 2000  # of a coefficient: what 12 bits have room for, with some to spare
CHROMA_DC = len(coefficient_codes.COEFF_TOKENS)  # the last table of `_COEFF_TOKENS`

_MAX_ONES = 3
_ESCAPE, _ESCAPE_LENGTH = 1 << 12, 28  # level_prefix 15, and a suffix of 12 bits
_MAX_SUFFIX_LENGTH = 6
_MAX_ZEROS_LEFT = 7  # from here on, the codes of run_before are the same

Levels = NDArray[np.int16]


class _Scan(NamedTuple):
    """The coefficients of blocks that are not 0, block after block, the highest frequency first.

    Attributes:
        levels: the coefficients.
        places: where each is in its block, in the order of 8.5.6.
        blocks: the block of each.
        ranks: its number in its block, from 0.
        starts: where those of each block begin.
        total_coeff: how many each block has.
        trailing_ones: how many of the first three have a magnitude of 1, up to the first other.
    """

    levels: Integers
    places: Integers
    blocks: Integers
    ranks: Integers
    starts: Integers
    total_coeff: Integers
    trailing_ones: Integers


def find_tables(n_c: Integers) -> Integers:
    """Return the table of codes for each number of coefficients around a block, nC."""
    tables: Integers = np.searchsorted(FIRST_N_C, n_c, side="right")
    return tables


def code_blocks(
    levels: Levels, tables: Integers, max_num_coeff: Integers
) -> tuple[Codes, Integers]:
    """Return the codes of blocks, one after the other, and how many each block has.

    Args:
        levels: of transform coefficients, `(blocks, 16)` in the order of 8.5.6, each at most
            `MAX_LEVEL`.
        tables: see `find_tables`; `CHROMA_DC` for blocks of chroma DC.
        max_num_coeff: how many coefficients each block can have.
    """
    scan = _scan(levels)
    total_coeff, trailing_ones = scan.total_coeff, scan.trailing_ones
    counts = 2 + 2 * total_coeff
    starts = np.cumsum(counts) - counts
    codes = make_codes(int(counts.sum()))
    at_levels = starts[scan.blocks] + 1 + scan.ranks
    at_runs = at_levels + 1 + total_coeff[scan.blocks]
    for places, coded in (
        (starts, _COEFF_TOKENS.take(tables, total_coeff, trailing_ones).append(_code_signs(scan))),
        (at_levels, _code_levels(scan)),
        (starts + 1 + total_coeff, _code_total_zeros(scan, tables, max_num_coeff)),
        (at_runs, _code_runs(scan)),
    ):
        codes.values[places], codes.lengths[places] = coded
    return codes, counts


def _scan(levels: Levels) -> _Scan:
    """Find the coefficients that are not 0."""
    backwards = levels[:, ::-1].ravel()
    found = np.flatnonzero(backwards != 0)
    blocks, places = found // MAX_NUM_COEFF, MAX_NUM_COEFF - 1 - found % MAX_NUM_COEFF
    total_coeff = np.bincount(blocks, minlength=len(levels))
    starts = np.cumsum(total_coeff) - total_coeff
    ranks = np.arange(len(found)) - starts[blocks]
    values = backwards[found].astype(np.int64)
    is_one = np.zeros((len(levels), _MAX_ONES), bool)
    first = np.flatnonzero(ranks < _MAX_ONES)
    is_one[blocks[first], ranks[first]] = np.abs(values[first]) == 1
    trailing_ones = np.logical_and.accumulate(is_one, axis=1).sum(axis=1)
    return _Scan(values, places, blocks, ranks, starts, total_coeff, trailing_ones)


def _code_signs(scan: _Scan) -> Codes:
    """Code trailing_ones_sign_flag of all trailing ones, in one code for each block."""
    ones = scan.trailing_ones[scan.blocks]
    at = np.flatnonzero((scan.ranks < ones) & (scan.levels < 0))
    bits = 1 << ones[at] - 1 - scan.ranks[at]
    signs = np.bincount(scan.blocks[at], bits, len(scan.starts)).astype(np.int64)
    return Codes(signs, scan.trailing_ones)


def _code_levels(scan: _Scan) -> Codes:
    """Code all levels but the trailing ones (9.2.2.1): the larger the last, the longer a suffix."""
    codes = make_codes(len(scan.levels))
    total_coeff, ones = scan.total_coeff, scan.trailing_ones
    suffix_lengths = ((total_coeff > 10) & (ones < _MAX_ONES)).astype(np.int64)
    blocks = np.flatnonzero(ones < total_coeff)
    ranks = ones[blocks]
    # The first level can be no 1 if there are fewer than three trailing ones.
    least: Integers | int = np.where(ranks < _MAX_ONES, 4, 2)
    while blocks.size:  # all blocks at once, one level of each
        at = scan.starts[blocks] + ranks
        level, suffix_length = scan.levels[at], suffix_lengths[blocks]
        magnitude = np.abs(level)
        level_code = 2 * magnitude - least + (level < 0)
        codes.values[at], codes.lengths[at] = _LEVELS.take(suffix_length, level_code)
        longer = np.maximum(suffix_length, 1)
        grows = (magnitude > 3 << longer - 1) & (longer < _MAX_SUFFIX_LENGTH)
        suffix_lengths[blocks] = longer + grows
        ranks, least = ranks + 1, 2
        has_more = ranks < total_coeff[blocks]
        blocks, ranks = blocks[has_more], ranks[has_more]
    return codes


def _code_level(level_code: Integers, suffix_length: Integers) -> Codes:
    """Return level_prefix and level_suffix of each levelCode."""
    prefix = level_code >> suffix_length
    suffix = level_code - (prefix << suffix_length)
    values, lengths = (1 << suffix_length) + suffix, prefix + 1 + suffix_length
    is_middle = (suffix_length == 0) & (level_code >= 14)  # level_prefix 14, and four bits
    largest = np.where(suffix_length == 0, 30, 15 << suffix_length)
    is_escaped = level_code >= largest
    cases = [is_escaped, is_middle]
    return Codes(
        np.select(cases, [_ESCAPE + level_code - largest, 2 + level_code], values),
        np.select(cases, [np.int64(_ESCAPE_LENGTH), np.int64(19)], lengths),
    )


def _code_total_zeros(scan: _Scan, tables: Integers, max_num_coeff: Integers) -> Codes:
    """Code how many zeros are below the highest coefficient of each block that has room for any."""
    total_coeff = scan.total_coeff
    coded = np.flatnonzero((total_coeff > 0) & (total_coeff < max_num_coeff))
    total_zeros = scan.places[scan.starts[coded]] + 1 - total_coeff[coded]
    is_dc = (tables[coded] == CHROMA_DC).astype(np.int64)
    codes = make_codes(len(total_coeff))
    found = _TOTAL_ZEROS.take(is_dc, total_coeff[coded], total_zeros)
    codes.values[coded], codes.lengths[coded] = found
    return codes


def _code_runs(scan: _Scan) -> Codes:
    """Code how many zeros are before each coefficient but the last, as long as there are any."""
    followers = scan.total_coeff[scan.blocks] - 1 - scan.ranks
    zeros_left = scan.places - followers
    coded = np.flatnonzero((followers > 0) & (zeros_left > 0))
    run_before = scan.places[coded] - scan.places[coded + 1] - 1
    codes = make_codes(len(scan.levels))
    found = _RUN_BEFORE.take(np.minimum(zeros_left[coded], _MAX_ZEROS_LEFT), run_before)
    codes.values[coded], codes.lengths[coded] = found
    return codes


def _join(tables: list[Codes]) -> Codes:
    return Codes(*map(np.stack, zip(*tables, strict=True)))


_COEFF_TOKENS = _join(
    [
        read_table(table, (MAX_NUM_COEFF + 1, _MAX_ONES + 1))
        for table in (
            *coefficient_codes.COEFF_TOKENS,
            coefficient_codes.COEFF_TOKENS_OF_CHROMA_DC,
        )
    ]
)
"""By table (see `find_tables`), TotalCoeff and TrailingOnes."""

_TOTAL_ZEROS = _join(
    [
        read_table(table, (MAX_NUM_COEFF + 1, MAX_NUM_COEFF), 1)
        for table in (
            coefficient_codes.TOTAL_ZEROS,
            coefficient_codes.TOTAL_ZEROS_OF_CHROMA_DC,
        )
    ]
)
"""By whether it is of chroma DC, TotalCoeff and total_zeros."""

_LEVELS = _code_level(
    *np.broadcast_arrays(np.arange(2 * MAX_LEVEL), np.arange(_MAX_SUFFIX_LENGTH + 1)[:, None])
)
"""By suffixLength and levelCode."""

_RUN_BEFORE = read_table(coefficient_codes.RUN_BEFORE, (_MAX_ZEROS_LEFT + 1, MAX_NUM_COEFF), 1)
"""By zerosLeft, 7 of which is 7 and more, and run_before."""
