from __future__ import annotations

from fractions import Fraction

import pytest

from reelqueue.h264.errors import OutOfRangeError
from reelqueue.h264.levels import choose_level


@pytest.mark.parametrize(
    ("size", "rate", "level_idc", "max_vertical_mv"),
    [
        ((64, 64), 15, 10, 63),
        ((176, 144), 30, 11, 127),
        ((352, 288), 15, 12, 127),
        ((320, 240), 25, 13, 127),
        ((352, 576), 25, 21, 255),
        ((720, 480), 15, 22, 255),
        ((640, 480), 30, 30, 255),
        ((1280, 720), 30, 31, 511),
        ((1280, 720), 60, 32, 511),
        ((1920, 1080), 30, 40, 511),
        ((1080, 1920), 30, 40, 511),
        ((1920, 1080), Fraction(60000, 1001), 42, 511),
        ((2560, 1920), 30, 50, 511),
        ((3840, 2160), 30, 51, 511),
        ((3840, 2160), 60, 52, 511),
        ((3840, 3840), 60, 60, 8191),
        ((7680, 4320), 60, 61, 8191),
        ((7680, 4320), 120, 62, 8191),
        ((3840, 64), 15, 40, 511),  # wide: a side squared is at most eight times the size allowed
    ],
)
def test_level_is_the_lowest_with_room(
    size: tuple[int, int], rate: Fraction, level_idc: int, max_vertical_mv: int
) -> None:
    """Table A-1."""
    width, height = (-(-side // 16) for side in size)

    level = choose_level(width, height, Fraction(rate), max_dec_frame_buffering=2)

    assert (level.level_idc, level.max_vertical_mv) == (level_idc, max_vertical_mv)


def test_stored_frames_raise_the_level() -> None:
    """1920x1088 at level 4: four frames (Table A-1, MaxDpbMbs)."""
    levels = [choose_level(120, 68, Fraction(30), frames).level_idc for frames in (4, 5)]

    assert levels == [40, 50]


def test_level_is_refused_beyond_the_highest() -> None:
    with pytest.raises(OutOfRangeError):
        choose_level(1000, 1000, Fraction(30), max_dec_frame_buffering=2)


@pytest.mark.parametrize(
    ("size", "fps", "largest"),
    [
        ((120, 68), 30, 783_360),  # level 4: a quarter of the samples
        ((120, 68), 60, 8_160 * 384 // 2),  # level 4.2: half of them
        ((80, 45), 30, 345_600),  # level 3.1
        ((80, 45), 60, 345_600),  # level 3.2
    ],
)
def test_picture_has_at_most_the_bytes_that_a_level_allows(
    size: tuple[int, int], fps: int, largest: int
) -> None:
    level = choose_level(*size, Fraction(fps), 2)
    assert level.find_largest_picture(size[0] * size[1], Fraction(fps)) == largest
