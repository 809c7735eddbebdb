"""Read the boxes of an MP4 (ISO/IEC 14496-12), without any library that the product uses."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts"}
_SOUND_ENTRY = 8 + 28  # the same of an `mp4a` (12.2.3)
_DECODER_CONFIG, _SPECIFIC_INFO = b"\x04", b"\x05"  # tags of descriptors (ISO/IEC 14496-1, 7.2.6)
_AAC_LC = 2
_VIDEO_ENTRY = 8 + 78  # bytes of an `avc1` before its boxes: its own header, then 12.1.3


@dataclass(frozen=True)
class Track:
    """A track: its `vide`, `soun` or `sbtl`, and what its boxes say, times in seconds.

    `shown` is when each sample is shown, in the order of the file, and before any edit list.
    """

    handler: str
    edit_lists: int
    sizes: list[int]
    shown: list[float]
    duration: float
    has_offsets: bool
    profile: int | None  # AVCProfileIndication
    compatibility: int | None  # profile_compatibility
    level: int | None
    size: tuple[int, int] | None = None  # of the pictures
    sound_rate: int | None = None  # samples a second
    is_aac_lc: bool = False

    @property
    def bit_rate(self) -> float:
        """Bits a second of the samples."""
        return 8 * sum(self.sizes) / self.duration


def read_top(path: Path) -> list[bytes]:
    """Return the names of the outermost boxes."""
    return [name for name, _ in _split(path.read_bytes())]


def read_tracks(path: Path) -> list[Track]:
    """Return the tracks of a file."""
    (moov,) = (content for name, content in _split(path.read_bytes()) if name == b"moov")
    return [_read_track(content) for name, content in _split(moov) if name == b"trak"]


def _split(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 0
    while position < len(data):
        size, name = struct.unpack_from(">I4s", data, position)
        start = position + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, start)
            start += 8
        yield name, data[start : position + size]
        position += size


def _flatten(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    for name, content in _split(data):
        yield name, content
        if name in _FOLDERS:
            yield from _flatten(content)


def _read_track(data: bytes) -> Track:
    boxes = dict(_flatten(data))
    version = boxes[b"mdhd"][0]
    scale, units = struct.unpack_from(
        ">IQ" if version else ">II", boxes[b"mdhd"], 20 - 8 * (not version)
    )
    offsets = _read_offsets(boxes[b"ctts"]) if b"ctts" in boxes else []
    decoded = list(_read_times(boxes[b"stts"]))
    shown = [
        (time + offset) / scale
        for time, offset in zip(decoded, offsets or [0] * len(decoded), strict=True)
    ]
    config = _find_config(boxes[b"stsd"])
    entry = boxes[b"stsd"][8:]
    return Track(
        handler=boxes[b"hdlr"][8:12].decode(),
        edit_lists=sum(name == b"elst" for name, _ in _flatten(data)),
        sizes=_read_sizes(boxes[b"stsz"]),
        shown=shown,
        duration=units / scale,
        has_offsets=bool(offsets),
        profile=config[1] if config else None,
        compatibility=config[2] if config else None,
        level=config[3] if config else None,
        size=struct.unpack_from(">HH", entry, 32) if config else None,
        sound_rate=_read_sound_rate(entry),
        is_aac_lc=_find_audio_type(entry) == _AAC_LC,
    )


def _read_times(stts: bytes) -> Iterator[int]:
    time = 0
    for count, delta in struct.iter_unpack(">II", stts[8:]):
        for _ in range(count):
            yield time
            time += delta


def _read_offsets(ctts: bytes) -> list[int]:
    pairs = struct.iter_unpack(">Ii" if ctts[0] else ">II", ctts[8:])
    return [offset for count, offset in pairs for _ in range(count)]


def _read_sizes(stsz: bytes) -> list[int]:
    size, count = struct.unpack_from(">II", stsz, 4)
    return [size] * count if size else list(struct.unpack_from(f">{count}I", stsz, 12))


def _read_sound_rate(entry: bytes) -> int | None:
    """Return the rate of an AudioSampleEntry (12.2.3), which has 16 bits behind the point."""
    return struct.unpack_from(">I", entry, 32)[0] >> 16 if entry[4:8] == b"mp4a" else None


def _find_audio_type(entry: bytes) -> int | None:
    """Return the audioObjectType of AAC (ISO/IEC 14496-3, 1.6.2.1)."""
    if entry[4:8] != b"mp4a":
        return None
    esds = dict(_split(entry[_SOUND_ENTRY:]))[b"esds"]
    tag, position = esds.index(_DECODER_CONFIG), 0
    position = esds.index(_SPECIFIC_INFO, tag + 15)  # behind DecoderConfigDescriptor's own fields
    while esds[position + 1] & 0x80:  # the bytes of the size
        position += 1
    return esds[position + 2] >> 3


def _find_config(stsd: bytes) -> bytes | None:
    entry = stsd[8:]
    if entry[4:8] != b"avc1":
        return None
    return dict(_split(entry[_VIDEO_ENTRY:]))[b"avcC"]
