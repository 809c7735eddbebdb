"""The frame rate of videos by the times of their pictures."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import pytest

from reelqueue.planning.clips.cut import Cut, align_cut
from reelqueue.planning.clips.frame_rate import FrameRate, PictureTimes, choose_rate

NTSC_30 = Fraction(30000, 1001)
MILLISECOND = Fraction(1, 1000)


def make_times(
    fps: Fraction | int,
    tick: Fraction = Fraction(1, 90_000),
    *,
    count: int = 600,
    keeps: Callable[[int], bool] = lambda _: True,
    jitter: float = 0,
) -> PictureTimes:
    """Return the times of pictures, without those that are not kept; `jitter` is in seconds."""
    chance = random.Random(1)
    shifts = [chance.uniform(-jitter, jitter) if number else 0 for number in range(count)]
    numbers = [number for number in range(count) if keeps(number)]
    return PictureTimes(
        [round((float(number / Fraction(fps)) + shifts[number]) / tick) for number in numbers], tick
    )


@pytest.mark.parametrize("fps", [12, 15, Fraction(24000, 1001), 25, NTSC_30, 50, 60, 90, 120])
@pytest.mark.parametrize("tick", [Fraction(1, 90_000), MILLISECOND])
def test_steady_rate_is_what_the_header_says(fps: Fraction | int, tick: Fraction) -> None:
    assert choose_rate(make_times(fps, tick), Fraction(fps)) == FrameRate(Fraction(fps), True)


@pytest.mark.parametrize("fps", [25, NTSC_30, 60])
def test_rate_of_a_video_with_missing_pictures_is_that_of_the_others(fps: Fraction | int) -> None:
    times = make_times(fps, MILLISECOND, keeps=lambda number: number % 7 not in (2, 3))
    average = Fraction(fps) * 5 / 7
    assert choose_rate(times, average) == FrameRate(Fraction(fps), True)


@pytest.mark.parametrize(
    ("times", "fps"),
    [
        (make_times(30, jitter=0.009), 30),
        (make_times(Fraction(299, 10), jitter=0.001, count=3000), 30),  # a slow clock
        (make_times(60, jitter=0.006), 60),
        (make_times(100, jitter=0.003), 60),
        (make_times(30, jitter=0.03), 60),  # nearer to their times than with 30
        (make_times(50, jitter=0.007), 50),
        (make_times(7, jitter=0.05), 25),
        # a screen recording: bursts of 60, and pictures that stay for seconds
        (make_times(60, jitter=0.006, keeps=lambda number: number % 120 < 10), 60),
    ],
)
def test_variable_rate_becomes_the_lowest_usual_one_that_is_enough(
    times: PictureTimes, fps: int
) -> None:
    seconds = (times.ticks[-1] - times.ticks[0]) * times.tick
    average = Fraction(len(times.ticks)) / seconds
    assert choose_rate(times, average) == FrameRate(Fraction(fps), False)


@pytest.mark.parametrize(
    ("start", "fps", "begin"),
    [
        # of pictures at 0, 0.1, 0.2 and so on: where the first frame is, from `start` on
        (0.0, 10, 0.0),
        (0.54, 10, -0.04),
        (0.56, 10, 0.04),
        (0.5625, 20, -0.0125),
        (0.51, 60, -0.01 + 1 / 60),
    ],
)
def test_frames_begin_with_the_pictures_of_the_video(start: float, fps: int, begin: float) -> None:
    cut = Cut(start, 10, Fraction(fps), (64, 64))
    alignment = align_cut(cut, PictureTimes(range(100), Fraction(1, 10)))
    assert alignment.seek == start
    assert alignment.begin == pytest.approx(begin)
    assert alignment.held == 0


def test_clip_of_what_is_heard_after_the_last_picture_begins_with_it() -> None:
    cut = Cut(12.0, 10, Fraction(10), (64, 64))
    alignment = align_cut(cut, PictureTimes(range(100), Fraction(1, 10)))
    assert (alignment.seek, alignment.held) == (9.9, 21)
    assert alignment.seek + alignment.begin == pytest.approx(12.0)
