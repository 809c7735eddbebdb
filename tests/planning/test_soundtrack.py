from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.planning.soundtrack import (
    CROSSFADE,
    FADE_OUT,
    RATE,
    Placement,
    Track,
    join_cuts,
    measure_music,
    plan_soundtrack,
)

EDGE = RATE // 200

lengths = st.lists(st.integers(RATE // 20, 200 * RATE), min_size=1, max_size=5)
totals = st.integers(RATE // 10, 300 * RATE)


@given(lengths, totals)
def test_there_is_sound_from_the_first_sample_to_the_last(lengths: list[int], samples: int) -> None:
    soundtrack = plan_soundtrack(lengths, samples, is_cut=False)

    placements = soundtrack.placements
    assert soundtrack.samples == samples
    assert placements[0].position == 0
    for before, after in pairwise(placements):
        assert before.position < after.position < before.end
    assert placements[-1].end >= samples - RATE // 2
    assert all(placement.end < samples for placement in placements[:-1])


@given(lengths, totals)
def test_tracks_follow_in_order_and_whole_and_meet_in_equal_fades(
    lengths: list[int], samples: int
) -> None:
    placements = plan_soundtrack(lengths, samples, is_cut=False).placements

    for number, placement in enumerate(placements):
        assert placement.track == number % len(lengths)
        assert placement.samples == lengths[placement.track]
        assert placement.fade_in + placement.fade_out <= placement.samples
    for before, after in pairwise(placements):
        overlap = min(CROSSFADE, before.samples // 2, after.samples // 2)
        assert before.end - after.position == before.fade_out == after.fade_in == overlap


@given(lengths)
def test_music_played_once_lasts_to_the_end_of_its_last_track(lengths: list[int]) -> None:
    seconds = measure_music(lengths)

    placements = plan_soundtrack(lengths, round(seconds * RATE), is_cut=False).placements
    assert Fraction(placements[-1].end, RATE) == seconds
    assert len(placements) == len(lengths)


def test_no_music_lasts_no_time() -> None:
    assert measure_music([]) == 0


@pytest.mark.parametrize(
    ("seconds", "video", "is_cut", "fade_out"),
    [
        (60, 30, False, FADE_OUT),  # it goes on
        (60, 30, True, FADE_OUT),
        (30, 30, False, EDGE),  # it ends with the pictures
        (30, 30.4, False, EDGE),  # or a moment before
        (30, 30, True, FADE_OUT),  # its own end was cut off
        (30, 31, False, FADE_OUT),  # it starts again
        (3, 2, False, RATE // 2),  # at most a quarter of it all
    ],
)
def test_sound_fades_out_where_it_is_cut_off(
    seconds: float, video: float, fade_out: int, *, is_cut: bool
) -> None:
    soundtrack = plan_soundtrack([round(seconds * RATE)], round(video * RATE), is_cut=is_cut)
    assert soundtrack.fade_out == fade_out


def test_short_track_starts_again_in_time() -> None:
    soundtrack = plan_soundtrack([5 * RATE], 9 * RATE, is_cut=False)
    assert soundtrack.placements == (
        Placement(0, 0, 5 * RATE, EDGE, CROSSFADE),
        Placement(0, 3 * RATE, 5 * RATE, CROSSFADE, CROSSFADE),
        Placement(0, 6 * RATE, 5 * RATE, CROSSFADE, EDGE),
    )


@pytest.mark.parametrize(
    ("start", "end", "samples", "is_cut"),
    [
        (0.0, None, 480_000, False),
        (2.5, None, 360_000, False),
        (2.5, 4.5, 96_000, True),
        (0.0, 9.99, 479_520, False),
    ],
)
def test_track_knows_what_is_heard_of_it(
    start: float, end: float | None, samples: int, *, is_cut: bool
) -> None:
    track = Track(Path("song.mp3"), 10, start, end)
    assert (track.samples, track.is_cut) == (samples, is_cut)


@given(
    st.lists(st.floats(0.1, 1000, allow_subnormal=False), min_size=1, max_size=20),
    st.floats(0, 0.05),
)
def test_cuts_follow_each_other_without_drift_and_each_fades_into_the_next(
    durations: list[float], overlap: float
) -> None:
    soundtrack = join_cuts(durations, overlap)

    placements = soundtrack.placements
    assert [placement.track for placement in placements] == list(range(len(durations)))
    for number, placement in enumerate(placements):
        start = sum(durations[:number]) - number * overlap
        assert placement.position == pytest.approx(start * RATE, abs=0.51)
    for before, after in pairwise(placements):
        shared = before.end - after.position
        assert abs(shared - before.fade_out) <= 1
        assert before.fade_out == after.fade_in == (round(overlap * RATE) or EDGE)
    assert placements[0].fade_in == placements[-1].fade_out == EDGE
    assert soundtrack.fade_out == 0
    total = sum(durations) - (len(durations) - 1) * overlap
    assert placements[-1].end == soundtrack.samples == pytest.approx(total * RATE, abs=0.51)
