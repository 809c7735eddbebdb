"""The AVC decoder configuration of an MP4 (ISO/IEC 14496-15, 5.3.3.1): its parameter sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reelqueue.errors import RenderError
from reelqueue.h264.bitstream import BitReader
from reelqueue.h264.errors import H264Error

_HEADER = 5  # bytes before the parameter sets
_LENGTH_SIZE = 4  # bytes before each NAL unit
_SPS_HEAD, _PPS_HEAD = 4, 1  # bytes: the NAL unit's own, and of the first profile and level
_LEVEL = _SPS_HEAD - 1  # the byte of it that is level_idc
_EXTENDED_PROFILES = (100, 110, 122, 144)  # profile_idc with which chroma and depth follow


@dataclass(frozen=True)
class Configuration:
    """A decoder configuration.

    Attributes:
        profile: AVCProfileIndication.
        compatibility: profile_compatibility.
        level: AVCLevelIndication.
        sps: the sequence parameter sets.
        pps: the picture parameter sets.
        extension: what follows with High profile and above.
    """

    profile: int
    compatibility: int
    level: int
    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]
    extension: bytes

    @classmethod
    def from_bytes(cls, data: bytes) -> Configuration:
        """Parse a configuration.

        Raises:
            RenderError: if it is none, or NAL units have no lengths of four bytes.
        """
        if len(data) <= _HEADER or data[0] != 1 or (data[4] & 3) + 1 != _LENGTH_SIZE:
            raise RenderError("The pictures have no decoder configuration that can be joined.")
        sps, position = _read_sets(data, _HEADER, 0x1F)
        pps, position = _read_sets(data, position, 0xFF)
        return cls(data[1], data[2], data[3], sps, pps, data[position:])

    def to_bytes(self) -> bytes:
        """Return the configuration as it is stored."""
        head = bytes([1, self.profile, self.compatibility, self.level, 0xFC | _LENGTH_SIZE - 1])
        sps = b"".join(len(each).to_bytes(2) + each for each in self.sps)
        pps = b"".join(len(each).to_bytes(2) + each for each in self.pps)
        return (
            head
            + bytes([0xE0 | len(self.sps)])
            + sps
            + bytes([len(self.pps)])
            + pps
            + (self.extension if self.profile in _EXTENDED_PROFILES else b"")
        )


def join_configurations(configurations: Sequence[Configuration]) -> Configuration:
    """Return the configuration of a stream that consists of others.

    Raises:
        RenderError: if sets of two streams differ but have the same id. Only one would be used.
    """
    highest = max(configurations, key=lambda each: each.profile)
    level = max(map(_find_level, configurations))
    compatibility = 0xFF
    for each in configurations:
        compatibility &= each.compatibility
    return Configuration(
        highest.profile,
        compatibility,
        level,
        _join_sets([_raise_levels(each, level) for each in configurations], _SPS_HEAD),
        _join_sets([each.pps for each in configurations], _PPS_HEAD),
        highest.extension,
    )


def _find_level(configuration: Configuration) -> int:
    """Return the highest level of a stream, of which its header may tell less than its sets do."""
    own = b"".join(sps[_LEVEL:_SPS_HEAD] for sps in configuration.sps)
    return max(configuration.level, max(own, default=0))


def _raise_levels(configuration: Configuration, level: int) -> tuple[bytes, ...]:
    """Return sequence parameter sets with a level that is at least their own.

    x264 chooses the level by the bit rate, so pieces of one video can differ in it.
    """
    return tuple(sps[:_LEVEL] + bytes([level]) + sps[_SPS_HEAD:] for sps in configuration.sps)


def _join_sets(streams: Sequence[Sequence[bytes]], head: int) -> tuple[bytes, ...]:
    """Return the parameter sets of all streams without repeated ones.

    What one stream has may be odd: a copied one is a stranger's, and decoders take it as it is.

    Args:
        streams: of each its sets, as NAL units.
        head: bytes of it before its id, an Exp-Golomb code (ITU-T H.264, 7.3.2.1.1 and 7.3.2.2).
    """
    known: dict[int | None, list[bytes]] = {}
    for sets in streams:
        by_id: dict[int | None, list[bytes]] = {}
        for each in sets:
            by_id.setdefault(_read_id(each[head:]), []).append(each)
        by_id.pop(None, None)
        if any(known.setdefault(number, own) != own for number, own in by_id.items()):
            raise RenderError("Pieces of the pictures were coded differently and can't be joined.")
    return tuple(dict.fromkeys(each for sets in streams for each in sets))


def _read_id(data: bytes) -> int | None:
    """Return the id that data begins with; None if it has none."""
    try:
        return BitReader(data).read_ue()
    except H264Error:
        return None


def _read_sets(data: bytes, position: int, mask: int) -> tuple[tuple[bytes, ...], int]:
    """Return the parameter sets at a position, and where they end."""
    count, position = data[position] & mask, position + 1
    sets = []
    for _ in range(count):
        start = position + 2
        position = start + int.from_bytes(data[position:start])
        sets.append(data[start:position])
    return tuple(sets), position
