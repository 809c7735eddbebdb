"""Levels: what a decoder must be able to do (ITU-T H.264, A.3)."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from reelqueue.h264.errors import OutOfRangeError


class Level(NamedTuple):
    """A level and its limits: a row of Table A-1.

    Attributes:
        level_idc: ten times the level's number.
        max_mbps: macroblocks a second.
        max_fs: macroblocks in a frame.
        max_dpb_mbs: macroblocks in all frames that a decoder stores.
        max_vmv_r: luma samples; a motion vector points up by as many at most, and down by less.
        min_cr: how many times smaller a coded frame is than its samples.
    """

    level_idc: int
    max_mbps: int
    max_fs: int
    max_dpb_mbs: int
    max_vmv_r: int
    min_cr: int = 2

    def find_largest_picture(self, frame_size: int, frame_rate: Fraction) -> int:
        """Return how many bytes the NAL units of one picture may have (ITU-T H.264, A.3.1).

        Args:
            frame_size: macroblocks in a frame.
            frame_rate: frames a second.
        """
        first = max(Fraction(frame_size), Fraction(self.max_mbps, 172))
        return int(_MACROBLOCK_BYTES * min(first, self.max_mbps / frame_rate) / self.min_cr)

    @property
    def max_vertical_mv(self) -> int:
        """How many whole luma samples a motion vector may point up or down (ITU-T H.264, A.3.1)."""
        return self.max_vmv_r - 1  # its range ends at max_vmv_r - 1/4


_MACROBLOCK_BYTES = 384  # of samples, in 4:2:0

# Without the levels that differ from the one before only in bit rate.
_LEVELS = (
    Level(10, 1_485, 99, 396, 64),
    Level(11, 3_000, 396, 900, 128),
    Level(12, 6_000, 396, 2_376, 128),
    Level(13, 11_880, 396, 2_376, 128),
    Level(21, 19_800, 792, 4_752, 256),
    Level(22, 20_250, 1_620, 8_100, 256),
    Level(30, 40_500, 1_620, 8_100, 256),
    Level(31, 108_000, 3_600, 18_000, 512, 4),
    Level(32, 216_000, 5_120, 20_480, 512, 4),
    Level(40, 245_760, 8_192, 32_768, 512, 4),
    Level(42, 522_240, 8_704, 34_816, 512),
    Level(50, 589_824, 22_080, 110_400, 512),
    Level(51, 983_040, 36_864, 184_320, 512),
    Level(52, 2_073_600, 36_864, 184_320, 512),
    Level(60, 4_177_920, 139_264, 696_320, 8_192),
    Level(61, 8_355_840, 139_264, 696_320, 8_192),
    Level(62, 16_711_680, 139_264, 696_320, 8_192),
)


def choose_level(
    width_in_mbs: int, height_in_mbs: int, frame_rate: Fraction, max_dec_frame_buffering: int
) -> Level:
    """Return the lowest level that has room for such frames (ITU-T H.264, A.3.1 and A.3.2).

    The bit rate is not looked at: it depends on the I slices, which another encoder makes.

    Args:
        width_in_mbs: of a frame, in macroblocks.
        height_in_mbs: of a frame, in macroblocks.
        frame_rate: frames a second.
        max_dec_frame_buffering: how many frames a decoder stores.

    Raises:
        OutOfRangeError: if no level has room for them.
    """
    frame_size = width_in_mbs * height_in_mbs
    for level in _LEVELS:
        if (
            frame_size <= level.max_fs
            and max(width_in_mbs, height_in_mbs) ** 2 <= 8 * level.max_fs
            and frame_size * frame_rate <= level.max_mbps
            and frame_size * max_dec_frame_buffering <= level.max_dpb_mbs
        ):
            return level
    raise OutOfRangeError("No level of H.264 allows frames of this size at this rate.")
