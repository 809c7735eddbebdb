"""Words become phrases of a few, which follow each other without gaps, jumps or losses."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.media.transcripts import HeardWord, Transcript, to_segment
from reelqueue.planning.captions.cues import plan_captions
from reelqueue.planning.captions.phrases import (
    Phrase,
    Room,
    SpokenWord,
    group_words,
    list_states,
    plan_phrases,
    time_captions,
)
from reelqueue.planning.clips.cut import Cut
from reelqueue.planning.clips.edit import Edit
from reelqueue.specs.clips.captions import Captioning, Preset
from reelqueue.specs.clips.clip import ClipSpec

ROOM = Room(20, 2, len)
ENDLESS = Room(1000, 2, len)


def speak(text: str, room: Room = ENDLESS, *, gaps: tuple[int, ...] = ()) -> list[str]:
    """Return the phrases of a text whose words last 5 frames; before some, there is a pause."""
    words, frame = [], 0
    for number, word in enumerate(text.split()):
        frame += 30 if number in gaps else 0
        words.append(SpokenWord(f"{word} ", frame, frame + 5))
        frame += 5
    return [
        "".join(word.text for word in group).strip() for group in group_words(words, 6, 20, room)
    ]


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("a b c d e f", ["a b c d e f"]),
        ("a b c d e f g h", ["a b c d", "e f g h"]),
        ("a b c. d e f g. h i j k", ["a b c.", "d e f g.", "h i j k"]),
        ("one two, three four five six seven", ["one two, three", "four five six seven"]),
        ("So it goes, and so it went on", ["So it goes, and", "so it went on"]),
        ("Yes.", ["Yes."]),
    ],
)
def test_phrases_have_four_to_six_words_and_end_with_sentences(
    text: str, phrases: list[str]
) -> None:
    assert speak(text) == phrases


def test_pause_ends_a_phrase() -> None:
    assert speak("a b c d e", gaps=(2,)) == ["a b", "c d e"]


def test_phrase_has_no_more_than_two_lines_hold() -> None:
    assert speak("internationally unbelievably remarkable", ROOM) == [
        "internationally",
        "unbelievably remarkable",
    ]


def test_word_wider_than_a_line_is_cut() -> None:
    phrases = speak("a " + "x" * 70 + " b", ROOM)
    assert "".join(phrases).replace(" ", "") == "a" + "x" * 70 + "b"
    assert all(len(phrase) <= 2 * 20 for phrase in phrases)


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(1, 40)), min_size=1, max_size=30),
    st.sampled_from([1, 6]),
)
def test_groups_have_all_words_in_order(sizes: list[tuple[int, int]], most: int) -> None:
    words, frame = [], 0
    for length, frames in sizes:
        words.append(SpokenWord("x" * length + " ", frame, frame + frames))
        frame += frames
    groups = group_words(words, most, 20, ROOM)
    parts = [word for group in groups for word in group]
    assert "".join(word.text for word in parts) == "".join(word.text for word in words)
    assert all(1 <= len(group) <= most for group in groups)
    firsts = [word.first for word in parts]
    assert firsts == sorted(set(firsts))


def plan(
    *cues: tuple[float, float, str], preset: str = "phrase", frames: int = 250
) -> tuple[list[Phrase], Edit]:
    listed = [{"start": start, "end": end, "text": text} for start, end, text in cues]
    spec = ClipSpec.model_validate({"captions": listed, "caption_style": {"preset": preset}})
    cut = Edit((Cut(0.0, frames, Fraction(25), (1080, 1920)),))
    placed = plan_captions(spec, cut, lambda: True)
    return plan_phrases(time_captions(spec, cut, placed), Preset(preset), cut, ENDLESS), cut


def test_no_word_of_a_transcript_is_alone_without_a_pause() -> None:
    spoken = "So this may be familiar to many / of you. Right. So let / us start with numbers."
    segments, now = [], 0.0
    for text in spoken.split(" / "):
        words = [
            HeardWord(now + n / 4, now + n / 4 + 0.25, f" {w}") for n, w in enumerate(text.split())
        ]
        now += len(words) / 4
        segments.append(to_segment(words))
    style = {"caption_style": {"preset": "phrase"}}
    sheet = Transcript(segments=segments).to_sheet(Captioning.model_validate(style))
    spec = ClipSpec.model_validate({"captions": sheet, **style})
    cut = Edit((Cut(0.0, 250, Fraction(25), (1080, 1920)),))
    placed = plan_captions(spec, cut, lambda: True)
    phrases = plan_phrases(time_captions(spec, cut, placed), Preset.PHRASE, cut, ENDLESS)
    assert [len(phrase.words) for phrase in phrases] == [4, 6, 6]


def spell(phrase: Phrase) -> str:
    return "".join(word.text for word in phrase.words).strip()


def test_phrase_stays_for_a_moment_and_gives_way_at_once() -> None:
    phrases, _ = plan((0, 1, "one"), (1.2, 2, "two"), (4, 5, "three"))
    assert [(spell(each), each.first, each.end) for each in phrases] == [
        ("one", 0, 30),
        ("two", 30, 58),
        ("three", 100, 133),
    ]


def test_captions_at_the_same_time_have_a_lane_each() -> None:
    phrases, _ = plan((0, 2, "one two"), (0.5, 2, "other"), (1.96, 3, "three"))
    assert [(spell(each), each.lane) for each in phrases] == [
        ("one two", 0),
        ("three", 0),
        ("other", 1),
    ]


def test_phrase_of_a_right_to_left_paragraph_says_so() -> None:
    phrases, _ = plan((0, 4, "مرحبا بكم في عرض، iPhone 15 Pro Max.\nAnd now in English"))
    assert [each.is_rtl for each in phrases] == [True, True, False]
    assert spell(phrases[1]).startswith("iPhone")


def test_words_are_marked_while_they_are_spoken() -> None:
    cue = {
        "start": 0.0,
        "end": 4.0,
        "text": "one two three",
        "words": [
            {"start": 0.4, "end": 0.8, "text": "one"},
            {"start": 0.8, "end": 1.2, "text": "two"},
            {"start": 1.8, "end": 2.2, "text": "three"},
        ],
    }
    spec = ClipSpec.model_validate({"captions": [cue], "caption_style": {"preset": "karaoke"}})
    cut = Edit((Cut(0.0, 250, Fraction(25), (1080, 1920)),))
    placed = plan_captions(spec, cut, lambda: True)
    phrases = plan_phrases(time_captions(spec, cut, placed), Preset.KARAOKE, cut, ENDLESS)
    states = [
        (frame, [(state.begun, state.active) for state in shown])
        for frame, shown in list_states(phrases, cut)
    ]
    assert states == [
        (0, [(0, None)]),
        (10, [(1, 0)]),
        (20, [(2, 1)]),
        (38, [(2, None)]),
        (45, [(3, 2)]),
        (63, []),
    ]


@given(
    st.lists(
        st.tuples(st.integers(0, 80), st.integers(1, 40), st.integers(1, 12)),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["phrase", "karaoke", "pop"]),
)
def test_every_word_is_seen_and_marked_in_its_turn(
    cues: list[tuple[int, int, int]], preset: str
) -> None:
    listed = [
        (start / 10, (start + length) / 10, " ".join(f"w{number}x{word}" for word in range(words)))
        for number, (start, length, words) in enumerate(cues)
    ]
    phrases, cut = plan(*listed, preset=preset, frames=400)
    frames = list(list_states(phrases, cut))
    assert [frame for frame, _ in frames] == sorted({frame for frame, _ in frames})
    assert frames[0][0] == 0
    seen = {word.text for _, states in frames for state in states for word in state.phrase.words}
    assert {word.strip() for word in seen} == {
        word for _, _, text in listed for word in text.split()
    }
    for _, states in frames:
        lanes = [state.phrase.lane for state in states]
        assert lanes == sorted(set(lanes))
