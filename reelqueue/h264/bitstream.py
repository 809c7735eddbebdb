"""Bits, Exp-Golomb codes, NAL units and byte streams (ITU-T H.264, 7.2, 7.3.1, 9.1, Annex B).

An RBSP (raw byte sequence payload) is what a NAL unit carries: the bits of a parameter set or of a
slice, filled up to whole bytes. In the NAL unit, emulation prevention bytes keep it from looking
like a start code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from reelqueue.h264.errors import UnexpectedStreamError

START_CODE = b"\0\0\0\1"  # zero_byte and start_code_prefix_one_3bytes, B.1.1

_CACHED_CODES = 1024  # headers have the same few again and again
_MAX_LEADING_ZERO_BITS = 32  # of the longest Exp-Golomb code, 9.1
_NEEDS_PREVENTION = re.compile(rb"\x00\x00(?=[\x00-\x03])")
_PREVENTED = re.compile(rb"\x00\x00\x03")
_START_CODE_PREFIX = re.compile(rb"\x00\x00\x01")


class NalUnitType(IntEnum):
    """What a NAL unit carries: `nal_unit_type` (ITU-T H.264, Table 7-1)."""

    NON_IDR_SLICE = 1
    IDR_SLICE = 5
    SEI = 6
    SPS = 7
    PPS = 8
    ACCESS_UNIT_DELIMITER = 9


@lru_cache(_CACHED_CODES)
def code_ue(value: int) -> str:
    """Return `ue(v)`, the Exp-Golomb code of 0 or more, as a text of 0 and 1 (ITU-T H.264, 9.1)."""
    code = f"{value + 1:b}"
    return "0" * (len(code) - 1) + code


@lru_cache(_CACHED_CODES)
def code_se(value: int) -> str:
    """Return `se(v)`, the signed Exp-Golomb code, as a text of 0 and 1 (ITU-T H.264, 9.1.1)."""
    return code_ue(2 * value - 1 if value > 0 else -2 * value)


class Bits(NamedTuple):
    """Bits that were coded together.

    Attributes:
        value: the bits as one number, which may be long: Python shifts those fast.
        length: how many they are.
    """

    value: int
    length: int


def pack_bits(code: str) -> Bits:
    """Return the bits of a text of 0 and 1."""
    return Bits(int(code or "0", 2), len(code))


def append_bits(bits: Bits, code: str) -> Bits:
    """Return bits with a text of 0 and 1 behind them."""
    return Bits(bits.value << len(code) | int(code or "0", 2), bits.length + len(code))


class BitWriter:
    """Collects the bits of an RBSP (ITU-T H.264, 7.2)."""

    def __init__(self) -> None:
        self._codes: list[str] = []

    def write_bits(self, value: int, length: int) -> None:
        """Append `u(n)`: a number of `length` bits."""
        assert 0 <= value < 1 << length
        self._codes.append(f"{value:0{length}b}")

    def write_flags(self, *flags: bool) -> None:
        """Append `u(1)` for each flag."""
        self._codes.extend("1" if flag else "0" for flag in flags)

    def write_ue(self, *values: int) -> None:
        """Append `ue(v)` for each value."""
        self._codes.extend(map(code_ue, values))

    def write_se(self, *values: int) -> None:
        """Append `se(v)` for each value."""
        self._codes.extend(map(code_se, values))

    def write_code(self, code: str) -> None:
        """Append a text of 0 and 1."""
        self._codes.append(code)

    def to_rbsp(self) -> bytes:
        """Return all bits with `rbsp_trailing_bits` behind them (ITU-T H.264, 7.3.2.11)."""
        return self.to_rbsp_with(Bits(0, 0))

    def to_rbsp_with(self, bits: Bits) -> bytes:
        """Return the same with further bits before the trailing ones."""
        code = "".join(self._codes)
        padding = -(len(code) + bits.length + 1) % 8
        rest = bits.length + 1 + padding
        rbsp = int(code or "0", 2) << rest | (bits.value << 1 | 1) << padding
        return rbsp.to_bytes((len(code) + rest) // 8, "big")


class BitReader:
    """Reads an RBSP from its start (ITU-T H.264, 7.2).

    Raises:
        UnexpectedStreamError: by every method, if the RBSP ends too early.
    """

    def __init__(self, rbsp: bytes) -> None:
        self._rbsp = rbsp
        self._position = 0  # in bits
        self._length = 8 * len(rbsp)

    def read_bits(self, length: int) -> int:
        """Read `u(n)`: a number of `length` bits."""
        end = self._position + length
        if end > self._length:
            raise UnexpectedStreamError("The stream ends within a header.")
        first, last = self._position // 8, (end + 7) // 8
        window = int.from_bytes(self._rbsp[first:last], "big") >> (8 * last - end)
        self._position = end
        return window & ((1 << length) - 1)

    def read_flag(self) -> bool:
        """Read `u(1)`."""
        return self.read_bits(1) == 1

    def read_ue(self) -> int:
        """Read `ue(v)` (ITU-T H.264, 9.1).

        Raises:
            UnexpectedStreamError: if the code is longer than any that the standard has.
        """
        leading_zero_bits = 0
        while not self.read_bits(1):
            leading_zero_bits += 1
            if leading_zero_bits > _MAX_LEADING_ZERO_BITS:
                raise UnexpectedStreamError("The stream has an Exp-Golomb code that is too long.")
        return (1 << leading_zero_bits) - 1 + self.read_bits(leading_zero_bits)

    def read_se(self) -> int:
        """Read `se(v)` (ITU-T H.264, 9.1.1)."""
        code_num = self.read_ue()
        return (code_num + 1) // 2 if code_num % 2 else -(code_num // 2)

    def has_more_rbsp_data(self) -> bool:
        """Tell whether anything precedes the trailing bits: `more_rbsp_data` (ITU-T H.264, 7.2)."""
        rest = self._length - self._position
        if not rest:
            return False
        position = self._position
        left = self.read_bits(rest)
        self._position = position
        return left not in (0, 1 << rest - 1)

    def read_to_trailing_bits(self) -> Bits:
        """Read all that precedes the trailing bits (ITU-T H.264, 7.3.2.11)."""
        rbsp = self._rbsp.rstrip(b"\0")
        trailing = (rbsp[-1] & -rbsp[-1]).bit_length() if rbsp else 1  # from the last 1 on
        length = 8 * len(rbsp) - trailing - self._position
        if length < 0:
            raise UnexpectedStreamError("The stream ends without trailing bits.")
        value = int.from_bytes(rbsp[self._position // 8 :], "big") >> trailing
        self._position += length
        return Bits(value & (1 << length) - 1, length)


def write_nal_unit(nal_unit_type: NalUnitType, nal_ref_idc: int, rbsp: bytes) -> bytes:
    """Return a NAL unit without its start code (ITU-T H.264, 7.3.1).

    Args:
        nal_unit_type: what the RBSP is.
        nal_ref_idc: 0 for a picture that no other picture is predicted from, else 1 to 3.
        rbsp: what the NAL unit carries.
    """
    return bytes((nal_ref_idc << 5 | nal_unit_type,)) + insert_emulation_prevention(rbsp)


def find_nal_unit_type(nal_unit: bytes) -> int:
    """Return the `nal_unit_type` of a NAL unit; 0, which is unspecified, if it is empty."""
    return nal_unit[0] & 31 if nal_unit else 0


def extract_rbsp(nal_unit: bytes) -> bytes:
    """Return the RBSP that a NAL unit carries (ITU-T H.264, 7.3.1)."""
    return remove_emulation_prevention(nal_unit[1:])


def insert_emulation_prevention(rbsp: bytes) -> bytes:
    """Insert `emulation_prevention_three_byte`s (ITU-T H.264, 7.4.1)."""
    payload = _NEEDS_PREVENTION.sub(b"\0\0\3", rbsp)
    return payload + b"\3" if payload.endswith(b"\0") else payload


def remove_emulation_prevention(payload: bytes) -> bytes:
    """Remove `emulation_prevention_three_byte`s (ITU-T H.264, 7.4.1)."""
    return _PREVENTED.sub(b"\0\0", payload)


def to_byte_stream(*nal_units: bytes) -> bytes:
    """Return NAL units with a start code before each (ITU-T H.264, B.1)."""
    return START_CODE.join((b"", *nal_units))


def split_byte_stream(stream: bytes) -> Iterator[bytes]:
    """Yield the NAL units of a byte stream, without their start codes (ITU-T H.264, B.1)."""
    for nal_unit in _START_CODE_PREFIX.split(stream)[1:]:
        yield nal_unit.rstrip(b"\0")
