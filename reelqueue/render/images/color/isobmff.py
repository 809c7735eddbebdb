"""Read the colours that an AVIF file names; Pillow does not tell them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_LARGEST_META = 1 << 20  # bytes


def read_nclx(path: Path) -> tuple[int, int] | None:
    """Return ColourPrimaries and TransferCharacteristics of the primary image; None if not there.

    The boxes are those of ISO/IEC 23008-12, 6.5.5 and 9.3.
    """
    with path.open("rb") as file:
        meta = _read_meta(file)
    try:
        return _find_nclx(meta) if meta else None
    except (struct.error, LookupError):
        return None


def _read_meta(file: BinaryIO) -> bytes | None:
    """Return the content of the first `meta` box on the top level."""
    while len(header := file.read(8)) == 8:
        size, kind = struct.unpack(">I4s", header)
        if size == 1:
            size = int.from_bytes(file.read(8), "big") - 8
        if kind == b"meta":
            return file.read(min(size - 8, _LARGEST_META))
        if size < 8:
            return None
        file.seek(size - 8, 1)
    return None


def _find_nclx(meta: bytes) -> tuple[int, int] | None:
    boxes = dict(_split_boxes(meta[4:]))
    pitm, properties = boxes[b"pitm"], dict(_split_boxes(boxes[b"iprp"]))
    (primary,) = struct.unpack_from(">H" if pitm[0] == 0 else ">I", pitm, 4)
    known = list(_split_boxes(properties[b"ipco"]))
    for index in _find_properties(properties[b"ipma"], primary):
        kind, content = known[index - 1]
        if kind == b"colr" and content[:4] == b"nclx":
            colours, transfer = struct.unpack_from(">HH", content, 4)
            return colours, transfer
    return None


def _split_boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and content of each box; of two with one name, callers see the last."""
    start = 0
    while start + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, start)
        if size < 8:
            return
        yield kind, data[start + 8 : start + size]
        start += size


def _find_properties(ipma: bytes, item: int) -> list[int]:
    """Return the numbers of an item's properties, counted from 1."""
    version, flags = ipma[0], ipma[3]
    (count,) = struct.unpack_from(">I", ipma, 4)
    start = 8
    for _ in range(count):
        head = ">HB" if version == 0 else ">IB"
        found, amount = struct.unpack_from(head, ipma, start)
        start += struct.calcsize(head)
        wide = flags & 1
        numbers = struct.unpack_from(f">{amount}{'H' if wide else 'B'}", ipma, start)
        if found == item:
            return [number & (0x7FFF if wide else 0x7F) for number in numbers if number]
        start += amount << wide
    return []
