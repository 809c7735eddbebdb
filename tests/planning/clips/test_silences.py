"""Pauses are cut out of segments, and nothing that is heard is."""

from __future__ import annotations

from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.media.facts import Span
from reelqueue.planning.clips.silences import (
    SHORTEST_PAUSE,
    cut_silences,
    list_heard,
    list_pauses,
    spare_words,
)
from reelqueue.specs.clips.captions import Word
from reelqueue.specs.clips.segments import Segment

Range = tuple[float, float]


def cut(segments: list[Range], silences: list[Range]) -> list[Range]:
    whole = [Segment(start=start, end=end) for start, end in segments]
    spans = [Span(start=start, end=end) for start, end in silences]
    return [(each.start, each.end or 0) for each in cut_silences(whole, spans)]


@pytest.mark.parametrize(
    ("segments", "silences", "left"),
    [
        ([(0, 10)], [], [(0, 10)]),
        ([(0, 10)], [(4, 6)], [(0, 4.1), (5.9, 10)]),
        ([(0, 10)], [(4, 4.4)], [(0, 10)]),  # too short for a pause
        ([(0, 10)], [(0, 3)], [(2.9, 10)]),
        ([(0, 10)], [(8, 12)], [(0, 8.1)]),
        ([(0, 4), (5, 9)], [(3, 6)], [(0, 3.1), (5.9, 9)]),
        ([(0, 10)], [(2, 3), (5, 7)], [(0, 2.1), (2.9, 5.1), (6.9, 10)]),
        ([(2, 4)], [(0, 9)], [(2, 4)]),  # nothing would be left
    ],
)
def test_pauses_are_cut(segments: list[Range], silences: list[Range], left: list[Range]) -> None:
    found = cut(segments, silences)
    assert [*chain(*found)] == pytest.approx([*chain(*left)])


@pytest.mark.parametrize(
    ("segments", "silences", "pauses"),
    [
        ([(0, 10)], [], []),
        ([(0, 10)], [(4, 6)], [(4.1, 5.9)]),
        ([(0, 10)], [(0, 3), (8, 12)], [(0, 2.9), (8.1, 10)]),
        ([(0, 4), (5, 9), (10, 11)], [(3, 6), (9, 12)], [(3.1, 4), (5, 5.9), (10, 11)]),
        ([(2, 4)], [(0, 9)], []),  # nothing would be left
        ([(0, 4), (4, 9)], [(3, 5)], [(3.1, 4.9)]),  # one pause
    ],
)
def test_pauses_are_what_is_not_left(
    segments: list[Range], silences: list[Range], pauses: list[Range]
) -> None:
    whole = [Segment(start=start, end=end) for start, end in segments]
    spans = [Span(start=start, end=end) for start, end in silences]
    assert [(pause.start, pause.end) for pause in list_pauses(whole, spans)] == pauses


@given(st.lists(st.floats(0, 60), unique=True, max_size=20).map(sorted))
def test_all_that_is_heard_is_left_in_its_order(times: list[float]) -> None:
    silences = list(zip(times[::2], times[1::2], strict=False))
    left = cut([(0, 60)], silences)
    assert all(before[1] <= after[0] for before, after in pairwise(left))
    gone = [(before[1], after[0]) for before, after in pairwise([(0, 0), *left, (60, 60)])]
    for start, end in gone:
        assert end - start < 0.11 or any(
            silence[0] <= start and end <= silence[1] for silence in silences
        )
    for start, end in silences:
        if end - start >= SHORTEST_PAUSE and len(left) > 1:
            assert not any(begin < (start + end) / 2 < stop for begin, stop in left)


def test_parts_of_a_segment_keep_its_focus() -> None:
    segments = [Segment(start=0, end=6, focus="auto"), Segment(start=7, end=9)]
    left = cut_silences(segments, [Span(start=2, end=4)])
    assert [each.focus for each in left] == ["auto", "auto", None]


@pytest.mark.parametrize(
    ("segments", "heard"),
    [
        ([(0, 600)], [(0, 600)]),
        ([(100, 400)], [(90, 410)]),
        ([(200, 210)], [(115, 295)]),  # three minutes in all
        ([(0, 10)], [(0, 180)]),
        ([(593, 600)], [(420, 600)]),
        ([(5, 8), (596, 600)], [(0, 92), (512, 600)]),
        ([(200, 230), (250, 260)], [(140, 320)]),
        ([(110, 190), (210, 270), (310, 311)], [(100, 321)]),  # soon enough to hear on
        ([(110, 190), (240.1, 330)], [(100, 200), (230.1, 340)]),
    ],
)
def test_three_minutes_are_heard_or_segments_and_some_time_around_them(
    segments: list[Range], heard: list[Range]
) -> None:
    whole = [Segment(start=start, end=end) for start, end in segments]
    assert [(part.start, part.end) for part in list_heard(whole, 600.0)] == heard


def test_as_much_is_heard_of_a_part_however_long_the_video_is() -> None:
    part = [Segment(start=40, end=50)]
    assert [(each.start, each.end) for each in list_heard(part, 70.5)] == [(0, 70.5)]
    assert list_heard(part, 600.0) == list_heard(part, 7200.0)


def test_words_that_a_transcript_has_within_a_silence_are_spared() -> None:
    silences = [Span(start=1, end=3), Span(start=5, end=6)]
    times = [(0.5, 1.2), (1.5, 1.6), (2.9, 3.4), (3.5, 4.0), (5.0, 5.2), (5.1, 5.3), (7.0, 7.5)]
    words = [Word(start=start, end=end, text="a") for start, end in times]
    spared = [(span.start, span.end) for span in spare_words(silences, words)]
    assert spared == [(1, 1.5), (1.6, 3), (5.3, 6)]
    assert spare_words(silences, []) == tuple(silences)
