"""The times of words in files of captions: WebVTT, ASS, and what speech recognition writes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.errors import InputError
from reelqueue.media.subtitles import Subtitles, dump_cues, load_cues, read_subtitles
from reelqueue.media.transcripts import Segment, Transcript
from reelqueue.specs.clips.captions import Captioning, Cue, Word
from reelqueue.specs.text import clean_text

Times = list[tuple[float, float, str]]

HEAD = "[Events]\nFormat: Layer, Start, End, Text\n"
LOST = "the times of words do not fit: the words share the time of their caption."


def read(text: str) -> Subtitles:
    return read_subtitles(text.encode())


def list_times(cue: Cue) -> Times:
    return [(word.start, word.end, word.text) for word in cue.words]


def read_vtt(written: str) -> Cue:
    (cue,) = read(f"WEBVTT\n\n00:01.000 --> 00:05.000\n{written}\n").cues
    return cue


def read_ass(written: str) -> Cue:
    (cue,) = read(f"{HEAD}Dialogue: 0,0:00:01.00,0:00:05.00,{written}\n").cues
    return cue


@pytest.mark.parametrize(
    ("written", "text", "times"),
    [
        (
            "One <00:02.000>two <00:00:03.500>three",
            "One two three",
            [(1, 2, "One"), (2, 3.5, "two"), (3.5, 5, "three")],
        ),
        (
            "hello<00:00:02.000><c> dear</c><00:00:03.000><c> friends,</c>",
            "hello dear friends,",
            [(1, 2, "hello"), (2, 3, "dear"), (3, 5, "friends,")],
        ),
        (
            "<00:01.500><c>One</c><00:02.000> <00:03.000><c.loud>two</c><00:04.000>",
            "One two",
            [(1.5, 2, "One"), (3, 4, "two")],
        ),
        (  # the words between two times share them by their length
            "a bcd <00:02.000>e\n<00:03.000>fg <00:04.000>h",
            "a bcd e\nfg h",
            [(1, 1.333, "a"), (1.333, 2, "bcd"), (2, 3, "e"), (3, 4, "fg"), (4, 5, "h")],
        ),
        ("ca<00:02.000>rou<00:03.000>sel", "carousel", []),  # one word
        (
            "世界<00:02.000>で<00:03.000>一番、<00:04.000>有名",
            "世界で一番、有名",
            [(1, 2, "世界"), (2, 3, "で"), (3, 4, "一番、"), (4, 5, "有名")],
        ),
        (
            "<v Ann>Tom &amp; <00:02.000>Jerry",
            "Tom & Jerry",
            [(1, 2, "Tom"), (2, 5, "Jerry")],
        ),
        (
            "- Hello<00:02.000> <00:03.000>♪ you",
            "- Hello ♪ you",
            [(1, 2, "Hello"), (3, 5, "you")],
        ),
    ],
)
def test_times_between_the_words_of_webvtt_are_theirs(
    written: str, text: str, times: Times
) -> None:
    cue = read_vtt(written)
    assert (cue.text, list_times(cue)) == (text, times)


def test_words_of_rolling_captions_keep_their_times() -> None:
    """As YouTube writes them: the line before is shown again, and has no times then."""
    cues = read("""WEBVTT

00:00:00.160 --> 00:00:02.310 align:start position:0%
\x20
hello<00:00:00.480><c> everyone</c><00:00:00.960><c> and</c>

00:00:02.310 --> 00:00:02.320 align:start position:0%
hello everyone and
\x20

00:00:02.320 --> 00:00:04.950 align:start position:0%
hello everyone and
welcome<00:00:02.720><c> back</c><00:00:03.040><c> to</c>

00:00:04.950 --> 00:00:04.960 align:start position:0%
welcome back to
\x20
""").cues
    assert [list_times(cue) for cue in cues] == [
        [(0.16, 0.48, "hello"), (0.48, 0.96, "everyone"), (0.96, 2.32, "and")],
        [(2.32, 2.72, "welcome"), (2.72, 3.04, "back"), (3.04, 4.96, "to")],
    ]


@pytest.mark.parametrize(
    ("written", "text", "times"),
    [
        (
            r"{\k50}One {\k100}two {\k250}three",
            "One two three",
            [(1, 1.5, "One"), (1.5, 2.5, "two"), (2.5, 5, "three")],
        ),
        (  # syllables of one word, and a pause between words
            r"{\k20}ka{\k20}ra{\k60} {\kf40}mi{\K10}te",
            "kara mite",
            [(1, 1.4, "kara"), (2, 2.5, "mite")],
        ),
        (
            r"{\an8\k100}{\k50\i1}One{\i0}, {\ko50}two\Nthree",
            "One, two\nthree",
            [(2, 2.5, "One,"), (2.5, 2.7, "two"), (2.7, 3, "three")],
        ),
        (r"{\k50\k50}late {\kt300\k50}later", "late later", [(1.5, 2, "late"), (4, 4.5, "later")]),
        (r"{\k50}世{\k50}界{\k50}は", "世界は", [(1, 1.5, "世"), (1.5, 2, "界"), (2, 2.5, "は")]),
        (r"Before {\k50\p1}m 0 0{\p0\k50}One", "Before One", [(1, 1.5, "Before"), (1.5, 2, "One")]),
    ],
)
def test_karaoke_of_ass_has_the_times_of_its_words(written: str, text: str, times: Times) -> None:
    cue = read_ass(written)
    assert (cue.text, list_times(cue)) == (text, times)


def test_layer_with_times_is_kept_of_two_that_say_the_same() -> None:
    lines = [rf"{{\k{count}}}One {{\k{count}}}two" if count else "One two" for count in (0, 100, 0)]
    events = "".join(f"Dialogue: 0,0:00:01.00,0:00:05.00,{line}\n" for line in lines)
    (cue,) = read(HEAD + events).cues
    assert list_times(cue) == [(1, 2, "One"), (2, 3, "two")]


@pytest.mark.parametrize("mark", ["u", 'font color="#00ff00"', "b"])
def test_cues_that_each_mark_a_word_are_one(mark: str) -> None:
    """As Whisper and the programs around it write them with `highlight_words`."""
    end = mark.split()[0]
    text = f"""1
00:00:01,000 --> 00:00:01,400
<{mark}>Thank</{end}> you all.

2
00:00:01,400 --> 00:00:01,600
Thank you all.

3
00:00:01,600 --> 00:00:02,000
Thank<{mark}> you</{end}> all.

4
00:00:02,000 --> 00:00:02,500
Thank you <{mark}>all.</{end}>

5
00:00:03,000 --> 00:00:04,000
<{mark}>Well?</{end}>
"""
    first, second = read(text).cues
    assert (first.start, first.end, first.text) == (1.0, 2.5, "Thank you all.")
    assert list_times(first) == [(1, 1.4, "Thank"), (1.6, 2, "you"), (2, 2.5, "all.")]
    assert (second.start, second.text, second.words) == (3.0, "Well?", ())


def test_marks_that_go_back_are_no_words() -> None:
    text = "\n\n".join(
        f"00:0{start},000 --> 00:0{start + 1},000\n{said}"
        for start, said in ((1, "No <b>way</b>"), (2, "<b>No</b> way"), (4, "x"), (6, "y"))
    )
    assert [cue.words for cue in read(text).cues] == [()] * 4


@pytest.mark.parametrize(
    "written",
    [
        "One <00:03.000>two <00:02.000>three",  # back
        "One <00:03.000>two <00:09.000>three",  # after the caption
        "One <00:00.000>two",  # before it
        "One <99:99:99.999>two",
    ],
)
def test_wrong_times_are_left_out_with_a_warning(written: str) -> None:
    subtitles = read(f"WEBVTT\n\n00:01.000 --> 00:05.000\n{written}\n")
    assert [cue.words for cue in subtitles.cues] == [()]
    assert subtitles.cues[0].text.startswith("One two")
    assert subtitles.warnings == (f"Line 3: {LOST}",)


def test_karaoke_that_is_longer_than_its_line_ends_with_it() -> None:
    assert list_times(read_ass(r"{\k300}One {\k200}two")) == [(1, 4, "One"), (4, 5, "two")]
    subtitles = read(f"{HEAD}Dialogue: 0,0:00:01.00,0:00:02.00," + r"{\k300}One {\k200}two")
    assert (subtitles.cues[0].words, subtitles.warnings) == ((), (f"Line 3: {LOST}",))


SAID = [{"start": 1.0, "end": 1.4, "text": "Hello,"}, {"start": 1.6, "end": 2.0, "text": "you."}]


def write_words(key: str, *, spaced: bool = False, **more: Any) -> list[dict[str, Any]]:
    return [
        {"start": word["start"], "end": word["end"], key: f"{' ' * spaced}{word['text']}", **more}
        for word in SAID
    ]


@pytest.mark.parametrize(
    "document",
    [
        {
            "text": " Hello, you.",
            "language": "en",
            "segments": [
                {
                    "id": 0,
                    "seek": 0,
                    "start": 1.0,
                    "end": 2.0,
                    "text": " Hello, you.",
                    "tokens": [50364, 2425],
                    "temperature": 0.0,
                    "words": write_words("word", spaced=True, probability=0.9),
                }
            ],
        },
        {  # whisperX
            "segments": [
                {"start": 1.0, "end": 2.0, "text": "Hello, you.", "words": write_words("word")}
            ],
            "word_segments": write_words("word"),
            "language": "en",
        },
        {  # OpenAI's service
            "task": "transcribe",
            "language": "en",
            "segments": [{"start": 1.0, "end": 2.0, "text": " Hello, you."}],
            "words": [
                {"word": word, "start": said["start"], "end": said["end"]}
                for word, said in zip(("Hello", "you"), SAID, strict=True)
            ],
        },
        {  # whisper.cpp
            "result": {"language": "en"},
            "transcription": [
                {
                    "timestamps": {"from": "00:00:01,000", "to": "00:00:02,000"},
                    "offsets": {"from": 1000, "to": 2000},
                    "text": " Hello, you.",
                    "tokens": [
                        {"text": text, "offsets": {"from": start, "to": end}}
                        for text, start, end in (
                            ("[_BEG_]", 1000, 1000),
                            (" Hel", 1000, 1200),
                            ("lo", 1200, 1300),
                            (",", 1300, 1400),
                            (" you", 1600, 1900),
                            (".", 1900, 2000),
                            ("[_TT_50]", 2000, 2000),
                        )
                    ],
                }
            ],
        },
    ],
    ids=["whisper", "whisperx", "openai", "whisper.cpp"],
)
def test_transcripts_of_others_are_captions_with_the_times_of_words(document: Any) -> None:
    subtitles = read(json.dumps(document))
    (cue,) = subtitles.cues
    assert (cue.start, cue.text) == (1.0, "Hello, you.")
    assert list_times(cue) == [(1.0, 1.4, "Hello,"), (1.6, 2.0, "you.")]
    assert (subtitles.language, subtitles.warnings, subtitles.format) == ("en", (), "json")


def test_transcript_of_ours_gives_the_captions_that_it_gives_in_an_order() -> None:
    text = "So this is what we said, and some more of it. Then there was a pause."
    words = tuple(
        Word(start=number * 0.5, end=number * 0.5 + 0.4, text=word)
        for number, word in enumerate(text.split())
    )
    transcript = Transcript(
        language="en",
        segments=(
            Segment(start=0, end=8, text=text, words=words),
            Segment(start=9, end=12, text="And this has no times of words at all, you see."),
        ),
    )
    assert read(transcript.to_json().decode()).cues == transcript.to_sheet(Captioning()).cues


def test_transcript_is_kept_unless_captions_had_to_be_repaired() -> None:
    words = tuple(Word(start=at, end=at + 0.4, text="no.") for at in (0.0, 0.5))
    part = Segment(start=0, end=0.9, text="no. no.", words=words)
    kept = Transcript(segments=(part,))
    subtitles = read(kept.to_json().decode())
    assert (subtitles.transcript, subtitles.warnings) == (kept, ())
    # The same part twice has no fault of its own that a sentence could name.
    subtitles = read(Transcript(segments=(part, part)).to_json().decode())
    assert subtitles.transcript is None
    assert subtitles.warnings == (
        "The captions had to be repaired, so they are the same in every style.",
    )


def test_transcript_with_a_dash_has_no_warning() -> None:
    dash = {"start": 0.0, "end": 1.0, "text": "-"}
    subtitles = read(json.dumps({"segments": [dash | {"words": [dash]}]}))
    assert (subtitles.warnings, [cue.text for cue in subtitles.cues]) == ((), ["-"])


@pytest.mark.parametrize("has_words", [True, False])
@pytest.mark.parametrize(
    "text", ["Cafe\u0301 de\u0301ja\u0300 vu.", "Donau\u00addampf fa\u0308hrt."]
)
def test_transcript_of_ours_is_read_as_it_is_drawn(text: str, *, has_words: bool) -> None:
    """Editors on a Mac can write letters and their accents apart (Unicode NFD)."""
    words = tuple(
        Word(start=number * 0.5, end=number * 0.5 + 0.4, text=word)
        for number, word in enumerate(text.split())
    )
    said = Segment(start=0, end=2, text=text, words=words if has_words else ())
    subtitles = read(Transcript(segments=(said,)).to_json().decode())
    assert subtitles.warnings == ()
    (cue,) = subtitles.cues
    assert cue.text == clean_text(text)
    assert [word.text for word in cue.words] == clean_text(text).split()
    if has_words:
        assert [word.start for word in cue.words] == [word.start for word in words]


@pytest.mark.parametrize(
    "words",
    [
        "none",
        [1, None, {"word": 5}],
        [{"word": "Hello,"}, {"word": "you."}],
        [{"word": "Hello,", "start": "1", "end": True}, {"word": "you.", "start": 1e400}],
        [{"word": "Hello,", "start": 1.9}, {"word": "you.", "start": 1.2}],
        [{"word": "Good", "start": 1.1}, {"word": "bye.", "start": 1.2}],
        [{"word": "Hello,", "start": -5, "end": 10**400}],
    ],
)
def test_transcript_with_wrong_times_of_words_is_read_without_them(words: Any) -> None:
    good = {"start": 3, "end": 4, "text": "Bye!"}
    bad: list[Any] = [{"start": 6, "end": 5, "text": "x"}, {"start": 6, "end": 7, "text": 5}, {}]
    segments = [{"start": 1, "end": 2, "text": "Hello, you.", "words": words}, *bad, good, "x"]
    subtitles = read(json.dumps({"segments": segments}))
    assert [cue.text for cue in subtitles.cues] == ["Hello, you.", "Bye!"]
    assert subtitles.warnings[0] == "3 of 5 parts have no text or no times: left out."


def test_transcript_with_too_many_words_in_a_part_is_read_without_their_times() -> None:
    words = [{"word": f" {at} b", "start": at / 10, "end": (at + 1) / 10} for at in range(1100)]
    text = "".join(str(word["word"]) for word in words).strip()
    part = {"start": 0, "end": 110, "text": text, "words": words}
    subtitles = read(json.dumps({"segments": [part]}))
    assert " ".join(cue.text for cue in subtitles.cues).split() == text.split()
    assert "1 of 1 parts" in subtitles.warnings[0]


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"segments": 5}', "[" * 100_000, '"x"', "[1]"])
def test_other_json_has_no_captions(text: str) -> None:
    with pytest.raises(InputError, match="No captions were found"):
        read(text)


PARTS = (
    *("a", "b ", " ", "\n", "世", ".", "<00:01.500>", "<00:02.000>", "<0:00:09.5>", "<1:1.1>"),
    *("<c>", "</c>", "<u>", "</u>", "&amp;", "\u0301", "\u200b", r"{\k50}", r"{\kt20}", r"{\K9}"),
    *(r"{\p1}", r"{\p0}", r"\N", "\n\n00:02.000 --> 00:03.000\n", "\nDialogue: 0,0:1:1,0:1:2,"),
)


@given(st.lists(st.sampled_from(PARTS)).map("".join))
def test_any_times_of_words_are_read_or_left_out(written: str) -> None:
    heads = ("WEBVTT\n\n00:01.000 --> 00:03.000\nx", f"{HEAD}Dialogue: 0,0:00:01.00,0:00:03.00,x")
    for head in heads:
        cues = read(head + written).cues
        assert load_cues(dump_cues(cues)) == cues
        for cue in cues:
            if cue.words:
                said = [letter for word in cue.words for letter in word.text]
                assert list(filter(str.isalnum, said)) == list(filter(str.isalnum, cue.text))


@pytest.mark.timeout(60)
def test_no_transcript_takes_long() -> None:
    segment = {"start": 1, "end": 2, "text": "a"}
    word = {"word": "a", "start": 1, "end": 2}
    documents: tuple[Any, ...] = (
        {"segments": [segment] * 10_000, "words": [word] * 30_000},
        {"segments": [segment | {"words": [word] * 60_000}]},
        {"segments": [segment | {"text": "a " * 1_000_000}]},
        [{}] * 1_000_000,
    )
    for document in documents:
        text = json.dumps(document, separators=(",", ":"))
        try:
            read(text)
        except InputError:
            continue
