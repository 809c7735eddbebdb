"""Bits, Exp-Golomb codes and NAL units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from reelqueue.h264.errors import UnexpectedStreamError

START_CODE = b"\0\0\0\1"  # B.1.1

_CODES = 1024  # that are made once: headers have the same few again and again
_MAX_PREFIX = 32  # zeros before an Exp-Golomb code of 32 bits, the longest there is
_NEEDS_ESCAPE = re.compile(rb"\x00\x00(?=[\x00-\x03])")
_ESCAPED = re.compile(rb"\x00\x00\x03")
_START = re.compile(rb"\x00\x00\x01")


@lru_cache(_CODES)
def code_unsigned(value: int) -> str:
    """Return `ue(v)` as a text of 0 and 1 (9.1)."""
    code = f"{value + 1:b}"
    return "0" * (len(code) - 1) + code


@lru_cache(_CODES)
def code_signed(value: int) -> str:
    """Return `se(v)` as a text of 0 and 1 (9.1.1)."""
    return code_unsigned(2 * value - 1 if value > 0 else -2 * value)


class BitWriter:
    """A raw byte sequence payload in the making (7.2)."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def put(self, value: int, bits: int) -> None:
        """Append `u(bits)`."""
        assert 0 <= value < 1 << bits
        self._pieces.append(f"{value:0{bits}b}")

    def put_flags(self, *flags: bool) -> None:
        """Append one bit a flag: `u(1)`."""
        self._pieces.extend("1" if flag else "0" for flag in flags)

    def put_unsigned(self, *values: int) -> None:
        """Append `ue(v)` (9.1)."""
        self._pieces.extend(map(code_unsigned, values))

    def put_signed(self, *values: int) -> None:
        """Append `se(v)` (9.1.1)."""
        self._pieces.extend(map(code_signed, values))

    def put_code(self, code: str) -> None:
        """Append a text of 0 and 1."""
        self._pieces.append(code)

    def to_bytes(self, filling: str = "0") -> bytes:
        """Return all bits, the last byte filled up."""
        code = "".join(self._pieces)
        code += filling * (-len(code) % 8)
        return int("1" + code, 2).to_bytes(len(code) // 8 + 1, "big")[1:]

    def finish(self) -> bytes:
        """Return all bits and `rbsp_trailing_bits` (7.3.2.11)."""
        self.put_flags(True)
        return self.to_bytes()


class BitReader:
    """A raw byte sequence payload, read from its start (7.2).

    Every method raises UnexpectedStreamError beyond its end.
    """

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._position = 0  # in bits
        self._length = 8 * len(payload)

    def take(self, bits: int) -> int:
        """Read `u(bits)`."""
        end = self._position + bits
        if end > self._length:
            raise UnexpectedStreamError("x264's stream ends within a header.")
        first, last = self._position // 8, (end + 7) // 8
        window = int.from_bytes(self._payload[first:last], "big") >> (8 * last - end)
        self._position = end
        return window & ((1 << bits) - 1)

    def take_flag(self) -> bool:
        """Read `u(1)`."""
        return self.take(1) == 1

    def take_unsigned(self) -> int:
        """Read `ue(v)` (9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > _MAX_PREFIX:
                raise UnexpectedStreamError("x264's stream has a number that is too long.")
        return (1 << zeros) - 1 + self.take(zeros)

    def take_signed(self) -> int:
        """Read `se(v)` (9.1.1)."""
        number = self.take_unsigned()
        return (number + 1) // 2 if number % 2 else -(number // 2)

    def has_more(self) -> bool:
        """Tell whether anything comes before the trailing bits: `more_rbsp_data` (7.2)."""
        rest = self._length - self._position
        if not rest:
            return False
        here = self._position
        left = self.take(rest)
        self._position = here
        return left not in (0, 1 << rest - 1)

    def take_aligned_rest(self) -> bytes:
        """Read `cabac_alignment_one_bit`s and return what follows them (7.3.4)."""
        padding = -self._position % 8
        if self.take(padding) != (1 << padding) - 1:
            raise UnexpectedStreamError("x264's slice data does not begin where it should.")
        return self._payload[self._position // 8 :]


def make_unit(kind: int, importance: int, payload: bytes) -> bytes:
    """Return a NAL unit, its payload escaped (7.3.1).

    Args:
        kind: `nal_unit_type` of Table 7-1.
        importance: `nal_ref_idc`, 0 for a picture that no other is made from.
    """
    return bytes((importance << 5 | kind,)) + escape(payload)


def escape(payload: bytes) -> bytes:
    """Insert `emulation_prevention_three_byte`s (7.4.1)."""
    escaped = _NEEDS_ESCAPE.sub(b"\0\0\3", payload)
    return escaped + b"\3" if escaped.endswith(b"\0") else escaped


def unescape(data: bytes) -> bytes:
    """Remove `emulation_prevention_three_byte`s (7.4.1)."""
    return _ESCAPED.sub(b"\0\0", data)


def split_units(stream: bytes) -> Iterator[bytes]:
    """Yield the NAL units of a byte stream (B.1)."""
    for unit in _START.split(stream)[1:]:
        yield unit.rstrip(b"\0")
