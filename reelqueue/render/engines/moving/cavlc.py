"""Exp-Golomb codes of whole arrays of numbers (ITU-T H.264, 9.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_DIFFERENCE = (1 << 14) - 1  # of two motion vectors, in quarter samples

Integers = NDArray[np.int32]


class Codes(NamedTuple):
    """Codes of at most 31 bits each, in any shape: values, and lengths in bits; 0 is no code."""

    values: Integers
    lengths: Integers

    def take(self, places: tuple[Integers, ...]) -> Codes:
        """Return the codes at some places of a table."""
        return Codes(self.values[places], self.lengths[places])

    def choose(self, is_coded: NDArray[np.bool_]) -> Codes:
        """Return the codes, of which some are left out."""
        return self._replace(lengths=np.where(is_coded, self.lengths, 0))

    def replace(self, is_other: NDArray[np.bool_], values: Integers, length: int) -> Codes:
        """Return the codes, some of which have other values and this length."""
        return Codes(
            np.where(is_other, values, self.values), np.where(is_other, length, self.lengths)
        )

    def to_column(self) -> Codes:
        """Return a row of codes as a column."""
        return Codes(self.values[:, None], self.lengths[:, None])


def code_ue(numbers: Integers) -> Codes:
    """Return `ue(v)` of each number: as many zeros as there are bits behind the first 1 (9.1)."""
    values = numbers.astype(np.int32) + 1
    _, bits = np.frexp(values)
    return Codes(values, 2 * bits.astype(np.int32) - 1)


def code_se(numbers: Integers) -> Codes:
    """Return `se(v)` of each number up to `MAX_DIFFERENCE` (9.1.1)."""
    places = numbers + MAX_DIFFERENCE
    return Codes(_SE_CODES.values[places], _SE_CODES.lengths[places])


def join_columns(parts: Sequence[Codes]) -> Codes:
    """Return the columns of several tables of codes beside each other."""
    return Codes(*(np.concatenate(columns, axis=1) for columns in zip(*parts, strict=True)))


def join_rows(heads: Codes, tails: Codes, owners: NDArray[np.intp]) -> Codes:
    """Return rows of codes one after the other, each followed by its tails.

    Args:
        heads: rows of codes.
        tails: further rows, of which each belongs to one of `heads`.
        owners: the number of that one, in their order.
    """
    (count, width), (tail_count, tail_width) = heads.values.shape, tails.values.shape
    counts = np.bincount(owners, minlength=count)
    starts = np.cumsum(width + tail_width * counts) - tail_width * counts - width
    within = np.arange(tail_count) - (np.cumsum(counts) - counts)[owners]
    tail_starts = starts[owners] + width + tail_width * within
    places = np.concatenate(
        [
            (starts[:, None] + np.arange(width)).ravel(),
            (tail_starts[:, None] + np.arange(tail_width)).ravel(),
        ]
    )
    joined = np.empty((2, len(places)), np.int32)
    for row, (head, tail) in zip(joined, zip(heads, tails, strict=True), strict=True):
        row[places] = np.concatenate([head.ravel(), tail.ravel()])
    return Codes(*joined)


def to_text(codes: Codes) -> str:
    """Return codes one after the other, row after row, as a text of 0 and 1."""
    values, lengths = codes.values.ravel(), codes.lengths.ravel()
    ends = np.cumsum(lengths, dtype=np.int32)
    count = int(ends[-1]) if ends.size else 0
    bits_left = np.repeat(ends, lengths)
    bits_left -= np.arange(1, count + 1, dtype=np.int32)
    digits = (np.repeat(values, lengths) >> bits_left).astype(np.uint8)
    digits &= 1
    digits += ord("0")
    return digits.tobytes().decode()


def _list_se_codes() -> Codes:
    numbers = np.arange(-MAX_DIFFERENCE, MAX_DIFFERENCE + 1)
    return code_ue(np.where(numbers > 0, 2 * numbers - 1, -2 * numbers))


_SE_CODES = _list_se_codes()
