"""Open JPEG files that lack their end, and refuse the kinds that Pillow does not decode.

Names of markers are those of ITU-T T.81, table B.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from PIL import Image, ImageChops
from PIL.JpegImagePlugin import JpegImageFile

from reelqueue.errors import UnsupportedMediaError

_SOF0, _SOF2, _SOF3, _SOF10 = 0xC0, 0xC2, 0xC3, 0xCA
_DECODED = (_SOF0, 0xC1, _SOF2, _SOF3, 0xC9, _SOF10)
_NO_FRAMES = (0xC4, 0xC8, 0xCC)  # DHT, JPG and DAC lie among the numbers of frames
_EOI, _SOS = 0xD9, 0xDA
_END = bytes([0xFF, _EOI])
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")  # not a stuffed byte, and not RST
_PATTERN = bytes.fromhex("5aa5c3693c96e178" * 8)
_RST0 = 0xD0
# With all restart markers, as a decoder that waits for one skips what lies before it.
_FILLER = _PATTERN + b"".join(bytes([0xFF, _RST0 + number]) + _PATTERN for number in range(8))
_COEFFICIENTS = 64


class Segment(NamedTuple):
    """A marker and the parameters that follow it."""

    marker: int
    content: bytes


class EndedFile(BytesIO):
    """A JPEG with an end that we wrote."""


def open_jpeg(file: BinaryIO, name: str) -> Image.Image:
    """Open a JPEG, also one without its EOI marker, as some phones write panoramas.

    Raises:
        UnsupportedMediaError: if it is of a kind that is not decoded.
    """
    frame = _read_frame(file)
    if frame and (frame.marker not in _DECODED or frame.content[0] != 8):
        raise UnsupportedMediaError(
            f"{name} is a JPEG of a rare kind (with {frame.content[0]} bits per channel, "
            f"SOF{frame.marker - _SOF0}): export it as an ordinary JPEG."
        )
    content = file if _has_end(file) else _end(file)
    content.seek(0)
    return Image.open(content, formats=("JPEG",))


def check_end(image: Image.Image) -> None:
    """Raise OSError if an opened JPEG lacks more than its EOI marker.

    If it does, libjpeg takes for picture what lies before the marker, whatever it is.
    """
    if isinstance(image, JpegImageFile) and isinstance(image.fp, EndedFile):
        ended = image.fp.getvalue()
        if not _has_all_scans(ended):
            raise OSError("scans are missing")
        filled = ended[: -len(_END)] + _FILLER + _END
        one, other = (Image.open(BytesIO(data), formats=("JPEG",)) for data in (ended, filled))
        if ImageChops.difference(one, other).getbbox():
            raise OSError("the last scan is cut off")


def _read_frame(file: BinaryIO) -> Segment | None:
    """Return the frame header; None if there is none before the first scan."""
    file.seek(2)
    while (head := file.read(4))[:1] == b"\xff" and len(head) == 4:
        marker, size = head[1], int.from_bytes(head[2:], "big")
        if marker == _SOS:
            return None
        content = file.read(size - 2) if size >= 2 else b""
        if _SOF0 <= marker <= 0xCF and marker not in _NO_FRAMES and content:
            return Segment(marker, content)
    return None


def is_lossless(path: Path) -> bool:
    """Return whether a JPEG is lossless; libjpeg cannot decode these smaller than they are."""
    with path.open("rb") as file:
        frame = _read_frame(file)
    return frame is not None and frame.marker == _SOF3


def _has_end(file: BinaryIO) -> bool:
    """Return whether the pixels are followed by EOI, at once or in front of other data."""
    size = file.seek(0, 2)
    file.seek(max(0, size - len(_END)))
    if file.read() == _END:
        return True
    file.seek(0)
    return any(segment.marker == _EOI for segment in _split_segments(file.read()))


def _end(file: BinaryIO) -> EndedFile:
    file.seek(0)
    return EndedFile(file.read().rstrip(b"\xff") + _END)


def _split_segments(data: bytes) -> Iterator[Segment]:
    """Yield the segments up to the end of the picture."""
    place = 2
    while found := _MARKER.search(data, place):
        marker, place = found[1][0], found.end()
        size = 0 if marker == _EOI else int.from_bytes(data[place : place + 2], "big")
        yield Segment(marker, data[place + 2 : place + size])
        if marker == _EOI:
            return
        place += size


def _has_all_scans(data: bytes) -> bool:
    """Return whether the scans of a progressive JPEG give all coefficients all their bits (G.1)."""
    segments = list(_split_segments(data))
    frame = next((part for part in segments if part.marker in (_SOF2, _SOF10)), None)
    if frame is None:
        return True
    exact: set[tuple[int, int]] = set()
    for scan in (part.content for part in segments if part.marker == _SOS):
        first, last, bits = scan[-3:]
        if bits & 15 == 0:
            components = scan[1 : 1 + 2 * scan[0] : 2]
            exact |= {(name, place) for name in components for place in range(first, last + 1)}
    return len(exact) == frame.content[5] * _COEFFICIENTS
