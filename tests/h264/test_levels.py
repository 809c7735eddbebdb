from __future__ import annotations

from fractions import Fraction

import pytest

from reelqueue.h264.errors import OutOfRangeError
from reelqueue.h264.levels import choose_level


@pytest.mark.parametrize(
    ("size", "rate", "level"),
    [
        ((64, 64), 15, 10),
        ((320, 240), 25, 13),
        ((640, 480), 30, 30),
        ((1280, 720), 30, 31),
        ((1280, 720), 60, 32),
        ((1920, 1080), 30, 40),
        ((1080, 1920), 30, 40),
        ((1920, 1080), Fraction(60000, 1001), 42),
        ((3840, 2160), 30, 51),
        ((3840, 2160), 60, 52),
        ((3840, 3840), 60, 60),
        ((3840, 64), 15, 40),  # wide: a side squared is at most eight times the size allowed
    ],
)
def test_level_is_the_least_with_room(size: tuple[int, int], rate: Fraction, level: int) -> None:
    width, height = (-(-side // 16) for side in size)

    assert choose_level(width, height, Fraction(rate), stored=2) == level


def test_level_is_refused_beyond_the_largest() -> None:
    with pytest.raises(OutOfRangeError):
        choose_level(1000, 1000, Fraction(30), stored=2)
