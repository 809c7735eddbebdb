"""Captions are seen in the frames that begin within their time, and none goes missing unsaid."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.errors import InvalidSpecError
from reelqueue.planning.captions.cues import (
    Caption,
    Placed,
    count_at_once,
    merge_captions,
    plan_captions,
)
from reelqueue.planning.clips.cut import Cut
from reelqueue.planning.clips.edit import Edit
from reelqueue.specs.clips.clip import ClipSpec

TALK = [(0.2, 1.8, "Welcome to my talk"), (2.5, 3.9, "The funny part")]
NTSC = Fraction(30000, 1001)


def place(
    cues: list[tuple[float, float, str]],
    times: str = "clip",
    *,
    start: float = 0.0,
    frames: int = 50,
    fps: Fraction | int = 25,
) -> Placed:
    listed = [{"start": start, "end": end, "text": text} for start, end, text in cues]
    spec = ClipSpec.model_validate({"captions": {"cues": listed, "times": times}})
    edit = Edit((Cut(start, frames, Fraction(fps), (320, 180)),))
    return plan_captions(spec, edit, lambda: True)


def list_frames(placed: Placed) -> list[tuple[int, int, str]]:
    return [(caption.first, caption.end, caption.text) for caption in placed.captions]


def test_captions_of_the_source_are_moved_to_the_clip() -> None:
    placed = place(TALK, "source", start=2.0)
    assert list_frames(placed) == [(13, 48, "The funny part")]
    assert placed.warnings == ()


def test_captions_of_the_source_are_missed_only_if_all_lie_outside() -> None:
    (warning,) = place(TALK, "source", start=4.0).warnings
    assert warning.startswith("No caption lies within the clip")
    assert place([], "source", start=4.0).warnings == ()


def test_captions_of_the_clip_stay_and_those_after_its_end_are_counted() -> None:
    placed = place([*TALK, (5.0, 6.0, "later")], start=2.0)
    assert list_frames(placed) == [(5, 45, "Welcome to my talk")]
    assert placed.warnings == ("2 of 3 captions lie outside of the clip and will not be shown.",)
    assert place(TALK, frames=100).warnings == ()


@pytest.mark.parametrize(
    ("start", "end", "fps", "frames"),
    [
        (0.4, 1.2, 25, (10, 30)),
        (0.41, 1.19, 25, (11, 30)),
        (0.401, 0.402, 25, (11, 12)),
        (0.1, 0.3, 30, (3, 9)),
        (1.001, 1.3, NTSC, (30, 39)),
        (0.0, 99.0, 25, (0, 50)),
    ],
)
def test_frames_of_a_caption_begin_within_its_time(
    start: float, end: float, fps: Fraction | int, frames: tuple[int, int]
) -> None:
    assert list_frames(place([(start, end, "x")], fps=fps)) == [(*frames, "x")]


@pytest.mark.parametrize(
    ("cue", "frames"),
    [
        ((1.0, 2.5, "a"), [(0, 13, "a")]),
        ((3.5, 9.0, "a"), [(38, 50, "a")]),
        ((0.0, 99.0, "a"), [(0, 50, "a")]),
        ((1.0, 2.0, "a"), []),
        ((4.0, 5.0, "a"), []),
    ],
)
def test_captions_over_an_edge_are_cut(
    cue: tuple[float, float, str], frames: list[tuple[int, int, str]]
) -> None:
    assert list_frames(place([cue], "source", start=2.0)) == frames


def test_text_is_cleaned_and_captions_without_any_are_not_shown() -> None:
    cues = [(0.0, 1.0, " \u202etxt.exe\u2066 "), (0.0, 1.0, "\u200b")]
    assert list_frames(place(cues)) == [(0, 25, "txt.exe")]
    assert place(cues).warnings == ()


def test_too_many_at_the_same_moment_are_refused() -> None:
    place([(0.0, 1.0, "x")] * 8 + [(1.0, 2.0, "x")] * 8)
    with pytest.raises(InvalidSpecError, match=r"more than 8 .* 0\.52 seconds into") as caught:
        place([(0.0, 1.0, "x")] * 8 + [(0.5, 2.0, "x")] * 12_000)
    assert caught.value.field == "captions"


@pytest.mark.parametrize(
    ("captions", "field"),
    [
        ([{"start": 0, "end": 1, "text": "\U0003ffff"}], "captions.0.text"),
        ({"cues": [{"start": 0, "end": 1, "text": "\U0003ffff"}]}, "captions.cues.0.text"),
    ],
)
def test_missing_font_is_named_with_the_path_of_its_caption(captions: object, field: str) -> None:
    spec = ClipSpec.model_validate({"captions": captions})
    with pytest.raises(InvalidSpecError) as caught:
        plan_captions(spec, Edit((Cut(0.0, 50, Fraction(25), (320, 180)),)), lambda: True)
    assert caught.value.field == field


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 20)), max_size=20))
def test_captions_at_once_are_counted(spans: list[tuple[int, int]]) -> None:
    captions = [Caption(0, first, first + count, "x") for first, count in sorted(spans)]
    seen = {frame: [one for one in captions if one.first <= frame < one.end] for frame in range(60)}
    assert count_at_once(captions) == [
        max(len(seen[frame]) for frame in range(one.first, one.end)) for one in captions
    ]


def test_captions_that_are_not_drawn_need_no_font() -> None:
    captions = [{"start": 0, "end": 1, "text": "\U0003ffff"}]
    spec = ClipSpec.model_validate({"captions": captions, "soft_captions": True})
    cut = Edit((Cut(0.0, 50, Fraction(25), (320, 180)),))
    assert len(plan_captions(spec, cut, lambda: False).captions) == 1


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 20)), max_size=12))
def test_merged_captions_show_what_is_seen_in_each_frame(spans: list[tuple[int, int]]) -> None:
    captions = [
        Caption(0, first, first + count, str(number))
        for number, (first, count) in enumerate(sorted(spans))
    ]
    merged = list(merge_captions(captions))
    for frame in range(60):
        texts = [text for first, end, text in merged if first <= frame < end]
        seen = [each.text for each in captions if each.first <= frame < each.end]
        assert texts == (["\n".join(seen)] if seen else [])
