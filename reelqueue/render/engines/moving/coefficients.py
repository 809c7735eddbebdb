"""Blocks of transform coefficients, coded with CAVLC, all at once (ITU-T H.264, 7.3.5.3.2 and 9.2).

From the highest frequency down, a code each says how many coefficients there are and how many ones
end them, the signs of these, the other levels, how many zeros are among them, and where.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reelqueue.render.engines.moving.cavlc import Codes, Integers, join_columns
from reelqueue.render.engines.moving.coefficient_codes import (
    CHROMA_DC,
    COEFF_TOKENS,
    RUN_BEFORE,
    TOTAL_ZEROS,
)

COUNT = 16  # coefficients of a block, and places for those that it lacks
MAX_LEVEL = 2000  # of a coefficient: what 12 bits have room for, with some to spare
_MAX_ONES = 3
_ESCAPE, _ESCAPE_LENGTH = 1 << 12, 28  # level_prefix 15, and a suffix of 12 bits
_MAX_SUFFIX_LENGTH = 6


class _Scan(NamedTuple):
    """The coefficients of blocks that are not 0, the highest frequency of each block first.

    Attributes:
        levels: `(blocks, 16)`; 0 behind the last one.
        places: where each is in its block; 0 behind the last one.
        total_coeff: how many there are.
        trailing_ones: how many of the first three have a magnitude of 1, up to the first other.
    """

    levels: Integers
    places: Integers
    total_coeff: Integers
    trailing_ones: Integers


def code_blocks(levels: Integers, tables: Integers, max_num_coeff: Integers) -> Codes:
    """Return the codes of blocks, a row of 34 each, of which most have no length.

    Args:
        levels: of transform coefficients, `(blocks, 16)` in the order of 8.5.6, each at most
            `MAX_LEVEL`.
        tables: of `coefficient_codes.COEFF_TOKENS`.
        max_num_coeff: how many coefficients each block can have.
    """
    scan = _scan(levels)
    _, _, total_coeff, trailing_ones = scan
    tokens = COEFF_TOKENS.take((tables, total_coeff, trailing_ones))
    ones = scan.levels[:, :_MAX_ONES] < 0
    signs = ones @ np.array([4, 2, 1]) >> _MAX_ONES - trailing_ones
    total_zeros = np.where(total_coeff, scan.places[:, 0] + 1 - total_coeff, 0)
    zeros = TOTAL_ZEROS.take(((tables == CHROMA_DC).astype(int), total_coeff, total_zeros))
    zeros = zeros.choose((total_coeff > 0) & (total_coeff < max_num_coeff))
    return join_columns(
        [
            tokens.to_column(),
            Codes(signs, trailing_ones).to_column(),
            _code_levels(scan),
            zeros.to_column(),
            _code_runs(scan),
        ]
    )


def _scan(levels: Integers) -> _Scan:
    """Find the coefficients that are not 0."""
    block, place = np.nonzero(levels[:, ::-1])
    place = COUNT - 1 - place
    total_coeff = np.bincount(block, minlength=len(levels)).astype(np.int32)
    rank = np.arange(len(block)) - np.repeat(np.cumsum(total_coeff) - total_coeff, total_coeff)
    ranked, places = np.zeros((2, len(levels), COUNT), np.int32)
    ranked[block, rank] = levels[block, place]
    places[block, rank] = place
    is_one = np.abs(ranked[:, :_MAX_ONES]) == 1
    trailing_ones = np.logical_and.accumulate(is_one, axis=1).sum(axis=1, dtype=np.int32)
    return _Scan(ranked, places, total_coeff, trailing_ones)


def _code_levels(scan: _Scan) -> Codes:
    """Code all levels but the trailing ones (9.2.2.1): the larger the last, the longer a suffix."""
    values, lengths = np.zeros((2, *scan.levels.shape), np.int32)
    is_long = (scan.total_coeff > 10) & (scan.trailing_ones < _MAX_ONES)
    suffix_lengths = is_long.astype(np.int32)
    for rank in range(scan.total_coeff.max(initial=0)):
        at = np.flatnonzero((scan.trailing_ones <= rank) & (rank < scan.total_coeff))
        level, suffix_length, ones = (
            scan.levels[at, rank],
            suffix_lengths[at],
            scan.trailing_ones[at],
        )
        # The first level can be no 1 if there are fewer than three trailing ones.
        least = 2 + 2 * ((rank == ones) & (ones < _MAX_ONES))
        level_code = 2 * np.abs(level) - least + (level < 0)
        values[at, rank], lengths[at, rank] = _code_level(level_code, suffix_length)
        longer = np.maximum(suffix_length, 1)
        grows = (np.abs(level) > 3 << longer - 1) & (longer < _MAX_SUFFIX_LENGTH)
        suffix_lengths[at] = longer + grows
    return Codes(values, lengths)


def _code_level(level_code: Integers, suffix_length: Integers) -> Codes:
    """Return level_prefix and level_suffix of each levelCode."""
    prefix = level_code >> suffix_length
    suffix = level_code - (prefix << suffix_length)
    codes = Codes((1 << suffix_length) + suffix, prefix + 1 + suffix_length)
    is_middle = (suffix_length == 0) & (level_code >= 14)  # level_prefix 14, and four bits
    codes = codes.replace(is_middle, 2 + level_code, 19)
    largest = np.where(suffix_length == 0, 30, 15 << suffix_length)
    return codes.replace(level_code >= largest, _ESCAPE + level_code - largest, _ESCAPE_LENGTH)


def _code_runs(scan: _Scan) -> Codes:
    """Code how many zeros are before each coefficient but the last, as long as there are any."""
    ranks = np.arange(COUNT - 1)
    followers = scan.total_coeff[:, None] - 1 - ranks
    is_coded = followers > 0
    run_before = np.where(is_coded, scan.places[:, :-1] - scan.places[:, 1:] - 1, 0)
    zeros_left = np.where(is_coded, scan.places[:, :-1] - followers, 0)
    return RUN_BEFORE.take((np.minimum(zeros_left, 7), run_before)).choose(zeros_left > 0)
