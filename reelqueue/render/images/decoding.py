"""Bounds of what decoding a photo costs: the scans of a JPEG, and the memory of all at once.

A JPEG of half a megabyte can hold thousands of scans, each of which costs a pass over the whole
picture ("Two Issues with the JPEG Standard", LJT-01-003, libjpeg-turbo.org). A lossless WebP of 38
bytes can be a picture of 64 megapixels.
"""

from __future__ import annotations

import mmap
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from PIL import AvifImagePlugin, Image

from reelqueue.planning.framing import Size
from reelqueue.processes.cores import count_cores

MAX_SCANS = 100  # usual are 1 to 12

# In bytes. Blocks of 16 MB, as Pillow has them, hardly ever fit into memory that others have freed:
# 12 photos of 12 megapixels that move took 420 to 480 MB with them; with these, 370 to 420.
Image.core.set_block_size(1 << 20)  # type: ignore[attr-defined]  # documented, untyped

AvifImagePlugin.DEFAULT_MAX_THREADS = count_cores()  # Pillow would count the machine's processors

_BYTES_PER_PIXEL = {"JPEG": 4, "WEBP": 18}  # measured at 24 megapixels, with the picture
_OTHER_BYTES_PER_PIXEL = 11  # also of a progressive JPEG
_SHARE_OF_A_CORE = 600 << 20  # bytes: photos of 50 megapixels from a phone, one on each core
_LARGEST_SHARE = 1200 << 20  # bytes: the largest photo of the costliest format

# ITU-T T.81, B.1.1.3: not stuffing, no fill byte, and none of the markers without parameters.
_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])")
_SOS, _EOI = 0xDA, 0xD9
_NOT_FRAMES = (0xC4, 0xC8, 0xCC)  # DHT, JPG and DAC lie among the markers of frames
_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)


def count_scans(path: Path) -> int:
    """Return how many scans of a JPEG libjpeg decodes, and `MAX_SCANS + 1` if there are more."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return sum(1 for _ in islice(_list_scans(data), MAX_SCANS + 1))


def estimate_memory(photo_format: str, size: Size, scans: int) -> int:
    """Return how many bytes decoding takes, with the decoded picture.

    Args:
        photo_format: Pillow's name for it.
        size: `(width, height)` in pixels.
        scans: of a JPEG: with more than one, libjpeg keeps the coefficients of the whole picture.
    """
    per_pixel = _BYTES_PER_PIXEL.get(photo_format, _OTHER_BYTES_PER_PIXEL)
    return size[0] * size[1] * (per_pixel if scans == 1 else _OTHER_BYTES_PER_PIXEL)


def _list_scans(data: mmap.mmap) -> Iterator[int]:
    """Yield where the scans of a JPEG begin that libjpeg decodes."""
    position, components, is_progressive = 2, 0, False
    while found := _MARKER.search(data, position):
        marker, position = found[1][0], found.end()
        if marker == _EOI:
            return
        segment = data[position : position + 8]
        if 0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES and len(segment) == 8:
            components, is_progressive = segment[7], marker in _PROGRESSIVE
        if marker == _SOS and len(segment) > 2:
            yield position
            if not is_progressive and segment[2] == components:
                return  # this scan holds the whole picture
        position += int.from_bytes(segment[:2], "big")


class MemoryBudget:
    """Memory that threads share for decoding: a thread waits while the others hold too much."""

    def __init__(self, total: int) -> None:
        self._total = self._left = total
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, amount: int) -> Iterator[None]:
        """Hold a number of bytes for the block; more than all there is counts as all there is."""
        amount = min(amount, self._total)
        with self._changed:
            self._changed.wait_for(lambda: self._left >= amount)
            self._left -= amount
        try:
            yield
        finally:
            with self._changed:
                self._left += amount
                self._changed.notify_all()


BUDGET = MemoryBudget(max(count_cores() * _SHARE_OF_A_CORE, _LARGEST_SHARE))
"""Of this process."""
