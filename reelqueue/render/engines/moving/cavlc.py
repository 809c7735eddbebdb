"""Codes of whole arrays of numbers, and their bits (ITU-T H.264, 9.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reelqueue.h264.bitstream import Bits

MAX_DIFFERENCE = (1 << 14) - 1  # of two motion vectors, in quarter samples

_WORD = 32  # bits

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Codes(NamedTuple):
    """Codes of at most 32 bits each, in any shape: values, and lengths in bits.

    Where there is no code, both are 0.
    """

    values: Integers
    lengths: Integers

    def take(self, *places: NDArray[np.integer[Any]] | np.int64) -> Codes:
        """Return the codes at some places of a table."""
        return Codes(self.values[places], self.lengths[places])

    def choose(self, is_coded: Flags) -> Codes:
        """Return the codes, of which some are left out."""
        return Codes(self.values * is_coded, self.lengths * is_coded)

    def append(self, codes: Codes) -> Codes:
        """Return each code with another one behind it, as one."""
        return Codes(
            self.values << codes.lengths | codes.values,
            self.lengths + codes.lengths,
        )

    def insert(self, places: Integers, codes: Codes) -> Codes:
        """Return a series of codes, with others before some of its places, which are in order."""
        inserted = make_codes(self.values.size + codes.values.size)
        at = places + np.arange(len(places))
        is_own = np.ones(inserted.values.shape, bool)
        is_own[at] = False
        for whole, own, other in zip(inserted, self, codes, strict=True):
            whole[is_own], whole[at] = own.ravel(), other
        return inserted


def code_ue(numbers: Integers) -> Codes:
    """Return `ue(v)` of each number: as many zeros as there are bits behind the first 1 (9.1)."""
    values = numbers.astype(np.int64) + 1
    _, bits = np.frexp(values)
    return Codes(values, 2 * bits.astype(np.int64) - 1)


def code_se(numbers: NDArray[np.int32]) -> Codes:
    """Return `se(v)` of each number up to `MAX_DIFFERENCE` (9.1.1)."""
    return _SE_CODES.take(numbers + MAX_DIFFERENCE)


def read_table(texts: Iterable[Iterable[str]], shape: tuple[int, int], start: int = 0) -> Codes:
    """Return a table of codes from texts of 0 and 1.

    Args:
        texts: of each line.
        shape: how many lines and columns the table gets; where there is no text, there is no code.
        start: its line that is the first of the texts.
    """
    table = make_codes(shape)
    for line, codes in enumerate(texts, start):
        for column, code in enumerate(codes):
            table.values[line, column], table.lengths[line, column] = int(code or "0", 2), len(code)
    return table


def make_codes(shape: tuple[int, ...] | int) -> Codes:
    """Return an array without codes, to be filled."""
    return Codes(np.zeros(shape, np.int64), np.zeros(shape, np.int64))


def join(columns: Iterable[Codes]) -> Codes:
    """Return columns of codes as rows of them; codes side by side become one where all have room.

    Args:
        columns: at least one, all of one length.
    """
    joined: list[Codes] = []
    room = 0
    for column in columns:
        longest = int(column.lengths.max(initial=0))
        if joined and longest <= room:
            joined[-1] = joined[-1].append(column)
        else:
            joined.append(column)
            room = _WORD
        room -= longest
    return Codes(*(np.stack(parts, axis=1) for parts in zip(*joined, strict=True)))


def pack(codes: Codes) -> Bits:
    """Return the bits of codes, one after the other, row after row."""
    values, lengths = codes.values.ravel(), codes.lengths.ravel()
    ends = np.cumsum(lengths)
    length = int(ends[-1]) if ends.size else 0
    if not length:
        return Bits(0, 0)
    # Each code ends in a word of 32 bits, and may begin in the one before. In each a code ends.
    numbers = np.maximum(ends - 1, 0) >> 5
    firsts = np.flatnonzero(np.diff(numbers, prepend=-1) > 0)
    words = np.bitwise_or.reduceat(values << (-ends & 31), firsts)
    words[:-1] |= words[1:] >> _WORD
    data = (words & (1 << _WORD) - 1).astype(">u4").tobytes()
    return Bits(int.from_bytes(data, "big") >> -length % _WORD, length)


def _list_se_codes() -> Codes:
    numbers = np.arange(-MAX_DIFFERENCE, MAX_DIFFERENCE + 1)
    return code_ue(np.where(numbers > 0, 2 * numbers - 1, -2 * numbers))


_SE_CODES = _list_se_codes()
