"""The AVC decoder configuration of an MP4 (ISO/IEC 14496-15, 5.3.3.1): its parameter sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reelqueue.errors import RenderError
from reelqueue.h264.bitstream import BitReader

_HEADER = 5  # bytes before the parameter sets
_LENGTH_SIZE = 4  # bytes before each NAL unit
_SPS_HEAD, _PPS_HEAD = 4, 1  # bytes: the NAL unit's own, and of the first profile and level
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
    compatibility = 0xFF
    for each in configurations:
        compatibility &= each.compatibility
    return Configuration(
        highest.profile,
        compatibility,
        max(each.level for each in configurations),
        _join_sets(_raise_levels(configurations), _SPS_HEAD),
        _join_sets((pps for each in configurations for pps in each.pps), _PPS_HEAD),
        highest.extension,
    )


def _raise_levels(configurations: Sequence[Configuration]) -> Iterator[bytes]:
    """Yield all sequence parameter sets, with the highest level of all: x264 goes by bit rates."""
    level = max(each.level for each in configurations)
    for each in configurations:
        for sps in each.sps:
            yield sps[: _SPS_HEAD - 1] + bytes([level]) + sps[_SPS_HEAD:]


def _join_sets(sets: Iterable[bytes], head: int) -> tuple[bytes, ...]:
    """Return parameter sets without repeated ones.

    Args:
        sets: each as a NAL unit.
        head: bytes of it before its id, an Exp-Golomb code (ITU-T H.264, 7.3.2.1.1 and 7.3.2.2).
    """
    different = tuple(dict.fromkeys(sets))
    ids = {BitReader(each[head:]).read_ue() for each in different}
    if len(ids) < len(different):
        raise RenderError("Pieces of the pictures were coded differently and can't be joined.")
    return different


def _read_sets(data: bytes, position: int, mask: int) -> tuple[tuple[bytes, ...], int]:
    """Return the parameter sets at a position, and where they end."""
    count, position = data[position] & mask, position + 1
    sets = []
    for _ in range(count):
        start = position + 2
        position = start + int.from_bytes(data[position:start])
        sets.append(data[start:position])
    return tuple(sets), position
