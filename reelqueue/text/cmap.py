"""Which characters a font has: its `cmap` table, read without the rest (OpenType 1.9, cmap).

Some fonts have 60,000 characters; their table says so in a few hundred ranges, which are read in a
tenth of the time that a list of all glyphs takes. Only fonts of ours or the system's are read.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from pathlib import Path
from typing import BinaryIO

_COLLECTION = b"ttcf"
_FULL, _BASIC = (3, 10), (3, 1)  # platform and encoding: all of Unicode, its first plane
_TABLES = {_FULL: 12, _BASIC: 4}  # and the format that such a table has


class Charmap:
    """The characters of one font, as ranges of code points."""

    def __init__(self, ranges: list[tuple[int, int]]) -> None:
        self._starts = [start for start, _ in ranges]
        self._ends = [end for _, end in ranges]

    def __contains__(self, character: str) -> bool:
        place = bisect_right(self._starts, ord(character)) - 1
        return place >= 0 and ord(character) <= self._ends[place]


def read_charmap(path: Path, face: int = 0) -> Charmap:
    """Return the characters of a font; `face` is its number within a collection."""
    with path.open("rb") as file:
        data = _read_table(file, face, b"cmap")
    (count,) = struct.unpack_from(">H", data, 2)
    places = {
        (platform, encoding): offset
        for platform, encoding, offset in struct.iter_unpack(">HHI", data[4 : 4 + 8 * count])
    }
    for kind, expected in _TABLES.items():
        if kind in places:
            table = data[places[kind] :]
            assert struct.unpack_from(">H", table)[0] == expected
            return Charmap(_read_groups(table) if kind == _FULL else _read_segments(table))
    return Charmap([])  # a font of symbols


def _read_table(file: BinaryIO, face: int, tag: bytes) -> bytes:
    start = 0
    if file.read(4) == _COLLECTION:
        file.seek(12 + 4 * face)
        (start,) = struct.unpack(">I", file.read(4))
    file.seek(start + 4)
    (count,) = struct.unpack(">H6x", file.read(8))
    for name, _, offset, length in struct.iter_unpack(">4sIII", file.read(16 * count)):
        if name == tag:
            file.seek(offset)
            return file.read(length)
    raise ValueError(f"a font has no table {tag!r}")


def _read_groups(table: bytes) -> list[tuple[int, int]]:
    """Return the ranges of a table of format 12."""
    (count,) = struct.unpack_from(">I", table, 12)
    groups = struct.iter_unpack(">III", table[16 : 16 + 12 * count])
    return [(first, last) for first, last, _ in groups]


def _read_segments(table: bytes) -> list[tuple[int, int]]:
    """Return the ranges of a table of format 4, without what leads to no glyph."""
    count = struct.unpack_from(">H", table, 6)[0] // 2
    words = struct.unpack(f">{len(table) // 2}H", table[: len(table) // 2 * 2])
    ends, starts = words[7 : 7 + count], words[8 + count : 8 + 2 * count]
    deltas = words[8 + 2 * count : 8 + 3 * count]
    at = 8 + 3 * count
    ranges: list[tuple[int, int]] = []
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        offset = words[at + number]
        if offset == 0:
            lost = -deltas[number] % 0x10000
            parts = [(start, lost - 1), (lost + 1, end)] if start <= lost <= end else [(start, end)]
            ranges += [part for part in parts if part[0] <= part[1]]
            continue
        glyphs = words[at + number + offset // 2 :]
        ranges += [(code, code) for code in range(start, end + 1) if glyphs[code - start]]
    return ranges
