"""Transcripts become captions, and what is corrected in them is what is shown."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.errors import InvalidSpecError
from reelqueue.media.transcripts import HeardWord, Segment, Transcript, to_cues, to_segment
from reelqueue.specs.clips.captions import Captioning, CueSheet, Times
from reelqueue.specs.clips.segments import Trim
from reelqueue.specs.limits import LONGEST_MEDIA
from reelqueue.specs.parsing import parse_json, parse_values


def hear(text: str, start: float = 0.0, step: float = 0.4) -> Segment:
    """Return a segment whose words are spoken one after the other."""
    words = [
        HeardWord(start + number * step, start + (number + 1) * step, f" {word}")
        for number, word in enumerate(text.split())
    ]
    segment = to_segment(words)
    assert segment
    return segment


def list_texts(*segments: Segment) -> list[str]:
    return [cue.text for cue in to_cues(segments)]


def test_captions_end_with_sentences() -> None:
    segment = hear("It rained. Did we go out? No!")
    assert list_texts(segment) == ["It rained.", "Did we go out?", "No!"]


def test_long_sentence_becomes_captions_of_about_the_same_length() -> None:
    texts = list_texts(hear("the quick brown fox jumps over the lazy dog and then it runs away"))
    assert texts == ["the quick brown fox jumps over the", "lazy dog and then it runs away"]


@pytest.mark.parametrize(("preset", "count"), [("plain", 2), ("phrase", 1), ("karaoke", 1)])
def test_sentence_stays_whole_where_phrases_are_made_of_it(preset: str, count: int) -> None:
    said = hear("the quick brown fox jumps over the lazy dog and then it runs away")
    look = Captioning.model_validate({"caption_style": {"preset": preset}})
    soft = look.model_copy(update={"soft_captions": True})
    transcript = Transcript(segments=(said,))
    assert len(transcript.to_sheet(look).cues) == count
    assert len(transcript.to_sheet(soft).cues) == 2


def test_sentence_goes_on_over_the_end_of_a_segment() -> None:
    first, second = hear("This may be familiar to many"), hear("of you. We start.", 2.4)
    assert list_texts(first, second) == ["This may be familiar to many of you.", "We start."]
    (cue, _) = to_cues([first, second])
    assert cue.words == (*first.words, *second.words[:2])


@pytest.mark.parametrize("start", [2.3, 3.2])
def test_sentence_ends_at_a_pause_and_with_another_speaker(start: float) -> None:
    first, second = hear("This may be familiar to many"), hear("of you.", start)
    assert list_texts(first, second) == ["This may be familiar to many", "of you."]


def test_segments_without_words_are_captions_of_their_own() -> None:
    lines = [Segment(start=0.0, end=1.0, text="Soup"), Segment(start=1.0, end=2.0, text="Salad")]
    assert list_texts(*lines) == ["Soup", "Salad"]


@pytest.mark.parametrize("preset", ["plain", "phrase"])
def test_segment_without_letters_is_no_caption(preset: str) -> None:
    look = Captioning.model_validate({"caption_style": {"preset": preset}})
    blank = Segment(start=1.0, end=2.0, text=" ")
    sheet = Transcript(segments=(hear("Soup."), blank)).to_sheet(look)
    assert [cue.text for cue in sheet.cues] == ["Soup."]


@pytest.mark.parametrize(
    ("texts", "joined"),
    [
        (["今日は", "良い天気です"], "今日は良い天気です"),
        (["오늘은 날씨가", "좋습니다"], "오늘은 날씨가 좋습니다"),
    ],
)
def test_joined_segments_are_spaced_as_their_script_is(texts: list[str], joined: str) -> None:
    assert list_texts(hear(texts[0], step=0.5), hear(texts[1], len(texts[0].split()) / 2)) == [
        joined
    ]


@pytest.mark.parametrize("segments", [["Oh yes, right. So that", "is it. Okay."], ["Well. Now."]])
def test_short_sentence_shares_a_phrase_with_what_follows_at_once(segments: list[str]) -> None:
    heard, start = [], 0.0
    for text in segments:
        heard.append(hear(text, start))
        start = heard[-1].end
    look = Captioning.model_validate({"caption_style": {"preset": "phrase"}})
    (cue,) = Transcript(segments=tuple(heard)).to_sheet(look).cues
    assert cue.text == " ".join(segments)
    assert len(cue.words) == len(cue.text.split())


@pytest.mark.parametrize("preset", ["plain", "phrase"])
def test_part_of_a_transcript_shows_no_word_that_is_not_heard(preset: str) -> None:
    said = [hear("That is it. So let us", step=0.25), hear("begin here. Then", 1.5, 0.25)]
    look = Captioning.model_validate({"caption_style": {"preset": preset}})
    sheet = Transcript(segments=tuple(said)).cut([Trim(start=0.75, end=2.0)]).to_sheet(look)
    assert [cue.text for cue in sheet.cues] == ["So let us begin here."]


def test_part_of_a_transcript_is_written_as_the_transcript_is() -> None:
    words = [HeardWord(0, 1, "今日"), HeardWord(1, 2, "は"), HeardWord(2, 3, "良い")]
    segment = to_segment(words)
    assert segment
    (part,) = Transcript(segments=(segment,)).cut([Trim(start=1.0, end=3.0)]).segments
    assert (part.start, part.end, part.text) == (1, 3, "は良い")


def test_parts_of_a_transcript_show_what_is_heard_in_each() -> None:
    lines = [Segment(start=6.0, end=8.0, text="Soup"), Segment(start=9.0, end=10.0, text="Salad")]
    said = Transcript(segments=(hear("one two three four five six", step=0.5), *lines))
    parts = [Trim(start=0.5, end=1.2), Trim(start=1.4, end=2.1), Trim(start=7.0, end=7.5)]
    heard = said.list_heard([*parts, Trim(start=7.5, end=8.5)])
    assert [(number, part.text) for number, part in heard] == [
        (0, "two"),
        (0, "four"),
        (1, "Soup"),
    ]
    assert said.cut([Trim(start=2.6)]).segments[0].text == "six"


def test_captions_end_at_pauses() -> None:
    words = [HeardWord(0, 0.5, " one"), HeardWord(0.5, 1, " two"), HeardWord(2, 2.5, " three")]
    segment = to_segment(words)
    assert segment
    first, second = to_cues([segment])
    assert (first.start, first.end, first.text) == (0, 1.3, "one two")
    assert (second.start, second.end, second.text) == (2, 2.8, "three")


def test_caption_gives_way_to_the_next_one() -> None:
    first, second = to_cues([hear("It rained. We stayed.")])
    assert first.end == second.start == 0.8


def test_captions_are_in_the_language_of_the_transcript() -> None:
    transcript = Transcript(language="de", segments=(hear("Guten Tag"),))
    assert transcript.to_sheet(Captioning()).language == "de"


def test_captions_have_their_words() -> None:
    (cue,) = to_cues([hear("Hello there", start=3)])
    assert [(word.start, word.text) for word in cue.words] == [(3, "Hello"), (3.4, "there")]


def test_parts_of_a_word_are_joined() -> None:
    segment = to_segment([HeardWord(0, 1, " 25"), HeardWord(1, 2, "%"), HeardWord(2, 3, " off")])
    assert segment
    assert segment.text == "25% off"
    assert [(word.start, word.end, word.text) for word in segment.words] == [
        (0, 2, "25%"),
        (2, 3, "off"),
    ]


@pytest.mark.parametrize("text", ["今日は良い天気です", "สวัสดีครับ"])
def test_scripts_without_spaces_keep_their_words_apart(text: str) -> None:
    segment = to_segment([HeardWord(n, n + 1, letter) for n, letter in enumerate(text)])
    assert segment
    assert segment.text == text
    assert len(segment.words) == len(text)
    (cue,) = to_cues([segment])
    assert cue.text == text


def test_wide_letters_count_twice() -> None:
    segment = to_segment([HeardWord(n / 4, n / 4 + 0.25, "漢") for n in range(40)])
    assert segment
    assert [len(text) for text in list_texts(segment)] == [20, 20]


def test_nothing_said_is_no_caption() -> None:
    assert Transcript(segments=()).to_sheet(Captioning()).cues == ()


def test_nothing_but_punctuation_is_no_segment() -> None:
    assert to_segment([HeardWord(0, 1, " ..."), HeardWord(1, 2, " -")]) is None


def test_corrected_text_without_words_shares_the_time() -> None:
    segment: dict[str, object] = {"start": 1.0, "end": 3.0, "text": "Reelqueue is"}
    values: dict[str, object] = {"segments": [segment]}
    (cue,) = parse_values(Transcript, values).to_sheet(Captioning()).cues
    assert [(word.start, word.end, word.text) for word in cue.words] == [
        (1, 2.636, "Reelqueue"),
        (2.636, 3, "is"),
    ]


def test_transcript_is_read_back_as_it_was_written() -> None:
    transcript = Transcript(language="en", segments=(hear("Hello there."), hear("Bye.", 2)))
    assert parse_json(Transcript, transcript.to_json()) == transcript
    assert transcript.to_sheet(Captioning()).times is Times.SOURCE


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": "Hello Clare"}, "segments.0: its words are not those of its text: correct both"),
        ({"end": 0.0}, "segments.0: end must be greater than start"),
        ({"words": [{"start": 1, "end": 0.5, "text": "Helloyou"}]}, "a word ends before"),
        ({"words": [{"start": -1, "end": 0.5, "text": "x"}]}, "segments.0.words.0.start: must be"),
        ({"text": "  ", "words": [{"start": 0, "end": 1, "text": " "}]}, "a word is empty"),
        ({"text": ""}, "segments.0.text: must have at least 1"),
        ({"speaker": "A"}, "segments.0.speaker: is not supported here: remove it"),
    ],
)
def test_wrong_transcript_is_refused_with_a_path(changes: dict[str, Any], sentence: str) -> None:
    words = [
        {"start": 0.0, "end": 0.5, "text": "Hello"},
        {"start": 0.5, "end": 1.0, "text": "you"},
    ]
    segment = {"start": 0.0, "end": 1.0, "text": "Hello you", "words": words} | changes
    with pytest.raises(InvalidSpecError) as refusal:
        parse_values(Transcript, {"segments": (segment,)})
    assert sentence in str(refusal.value)


def test_words_must_be_in_their_order() -> None:
    words = [{"start": 1.0, "end": 1.5, "text": "a"}, {"start": 0.5, "end": 1.0, "text": "b"}]
    segment: dict[str, object] = {"start": 0.0, "end": 2.0, "text": "a b", "words": words}
    with pytest.raises(InvalidSpecError, match="not in the order"):
        parse_values(Transcript, {"segments": (segment,)})


WORDS = st.lists(st.text("abc漢字.?!ไทย", min_size=1, max_size=30), min_size=1, max_size=60)


@given(texts=WORDS, steps=st.lists(st.floats(0, 3), min_size=60, max_size=60))
def test_no_letter_is_lost_and_no_caption_overlaps(texts: list[str], steps: list[float]) -> None:
    words, now = [], 0.0
    for text, step in zip(texts, steps, strict=False):
        words.append(HeardWord(now, now + step, f" {text}"))
        now += step
    segment = to_segment(words)
    if segment is None:
        return
    cues = to_cues([segment])
    assert "".join("".join(cue.text for cue in cues).split()) == "".join(segment.text.split())
    assert [word for cue in cues for word in cue.words] == list(segment.words)
    assert all(cue.start < cue.end for cue in cues)
    assert all(before.start <= after.start for before, after in pairwise(cues))


SECONDS = st.floats(0, LONGEST_MEDIA)


@st.composite
def segments(draw: st.DrawFn) -> Segment:
    """Return a segment as a user may send it, with words or without."""
    start, end = sorted(draw(st.lists(SECONDS, min_size=2, max_size=2, unique=True)))
    texts = draw(st.lists(st.text("ab. 漢", min_size=1, max_size=60), min_size=1, max_size=8))
    spoken = [text for text in texts if text.strip()] if draw(st.booleans()) else []
    starts = sorted(draw(st.lists(SECONDS, min_size=len(spoken), max_size=len(spoken))))
    ends = [max(begin, draw(SECONDS)) for begin in starts]
    words = [
        {"start": begin, "end": last, "text": text}
        for begin, last, text in zip(starts, ends, spoken, strict=True)
    ]
    text = " ".join(spoken or texts)
    return Segment.model_validate({"start": start, "end": end, "text": text, "words": words})


@given(st.lists(segments(), max_size=4), st.sampled_from(["plain", "phrase"]))
def test_any_transcript_gives_captions_that_can_be_stored(sent: list[Segment], preset: str) -> None:
    look = Captioning.model_validate({"caption_style": {"preset": preset}})
    sheet = Transcript(segments=tuple(sent)).to_sheet(look)
    assert CueSheet.model_validate_json(sheet.model_dump_json()) == sheet
    for cue in sheet.cues:
        assert all(cue.start <= word.start <= word.end <= cue.end + 0.001 for word in cue.words)


def test_transcript_of_too_many_captions_is_refused() -> None:
    segment = Segment(start=0.0, end=1.0, text="a. b. c.")
    with pytest.raises(InvalidSpecError, match="more than 20000 captions"):
        Transcript(segments=(segment,) * 7000).to_sheet(Captioning())
