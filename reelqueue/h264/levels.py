"""Levels: what a decoder must be able to do."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from reelqueue.h264.errors import OutOfRangeError


class _Limits(NamedTuple):
    """A row of Table A-1."""

    level: int  # `level_idc`, ten times the level
    rate: int  # `MaxMBPS`, macroblocks a second
    size: int  # `MaxFS`, macroblocks a picture
    buffer: int  # `MaxDpbMbs`, macroblocks of all stored pictures
    reach: int  # `MaxVmvR`, samples that a vector leads up or down


_TABLE = (
    _Limits(10, 1_485, 99, 396, 64),
    _Limits(11, 3_000, 396, 900, 128),
    _Limits(12, 6_000, 396, 2_376, 128),
    _Limits(13, 11_880, 396, 2_376, 128),
    _Limits(21, 19_800, 792, 4_752, 256),
    _Limits(22, 20_250, 1_620, 8_100, 256),
    _Limits(30, 40_500, 1_620, 8_100, 256),
    _Limits(31, 108_000, 3_600, 18_000, 512),
    _Limits(32, 216_000, 5_120, 20_480, 512),
    _Limits(40, 245_760, 8_192, 32_768, 512),
    _Limits(42, 522_240, 8_704, 34_816, 512),
    _Limits(50, 589_824, 22_080, 110_400, 512),
    _Limits(51, 983_040, 36_864, 184_320, 512),
    _Limits(52, 2_073_600, 36_864, 184_320, 512),
    _Limits(60, 4_177_920, 139_264, 696_320, 8_192),
    _Limits(61, 8_355_840, 139_264, 696_320, 8_192),
    _Limits(62, 16_711_680, 139_264, 696_320, 8_192),
)


def choose_level(width: int, height: int, frame_rate: Fraction, stored: int) -> int:
    """Return the least `level_idc` for pictures of that many macroblocks a side (A.3.1, A.3.2).

    Args:
        stored: pictures that a decoder keeps, `max_dec_frame_buffering`.

    Raises:
        OutOfRangeError: if there is none.
    """
    return _find_limits(width, height, frame_rate, stored).level


def find_reach(width: int, height: int, frame_rate: Fraction, stored: int) -> int:
    """Return how many samples up or down a vector may lead at the level of such pictures (A.3.1).

    Raises:
        OutOfRangeError: if there is no level for them.
    """
    return _find_limits(width, height, frame_rate, stored).reach - 1  # it ends at reach - 1/4


def _find_limits(width: int, height: int, frame_rate: Fraction, stored: int) -> _Limits:
    size = width * height
    for limits in _TABLE:
        if (
            size <= limits.size
            and max(width, height) ** 2 <= 8 * limits.size
            and size * frame_rate <= limits.rate
            and size * stored <= limits.buffer
        ):
            return limits
    raise OutOfRangeError("No level of H.264 allows pictures of this size at this rate.")
