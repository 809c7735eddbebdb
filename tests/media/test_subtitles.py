"""Captions are read from the files that people have: SRT, WebVTT and ASS, by any program."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.errors import InputError
from reelqueue.media.subtitles import read_subtitles
from reelqueue.specs.limits import MAX_CUES, MAX_CUES_AT_ONCE

Read = list[tuple[float, float, str]]

SRT = """1
00:00:01,000 --> 00:00:02,500
Hello, <i>world</i>

2
00:01:00,5 --> 01:00:00,000
two
lines & <3
"""
VTT = """WEBVTT - a title
Kind: captions
Language: en-GB
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0

NOTE this is
no caption

STYLE
::cue { color: red }

first
00:01.000 --> 00:02.500 align:start position:10%
<v Ann>Tom &amp; Jerry &lt;3</v>

NOTE
nor is this

the second cue
01:00:00.000 --> 01:00:01.000 line:0
<00:01.500>{\\an8}up
"""
ASS = """[Script Info]
Title: a talk
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,not a number

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,not shown
Dialogue: 0,0:00:03.00,0:00:04.50,Default,Ann,0,0,0,,{\\an8\\i1}Yes, {\\i0}well\\Nsecond\\hline
Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}
Dialogue: 0,0:00:01.25,0:00:02.00,Sign,,0,0,0,,{\\pos(9,9)\\blur2}EXIT
Dialogue: 1,0:00:01.25,0:00:02.00,Sign,,0,0,0,,{\\pos(9,9)}EXIT
"""
HELLO = "00:01.000 --> 00:02.000"
CUE = "00:00:01,000 --> 00:00:02,000"


def read(text: str | bytes) -> Read:
    data = text if isinstance(text, bytes) else text.encode()
    return [(cue.start, cue.end, cue.text) for cue in read_subtitles(data).cues]


def warn(text: str | bytes) -> tuple[str, ...]:
    return read_subtitles(text if isinstance(text, bytes) else text.encode()).warnings


def test_srt_is_read_with_its_lines_and_without_its_tags() -> None:
    assert read(SRT) == [(1.0, 2.5, "Hello, world"), (60.5, 3600.0, "two\nlines & <3")]
    assert warn(SRT) == ()


def test_vtt_is_read_without_its_names_notes_and_settings() -> None:
    assert read(VTT) == [(1.0, 2.5, "Tom & Jerry <3"), (3600.0, 3601.0, "up")]
    assert read_subtitles(VTT.encode()).language == "en-GB"


def test_ass_is_read_without_its_comments_drawings_and_layers() -> None:
    assert read(ASS) == [(1.25, 2.0, "EXIT"), (3.0, 4.5, "Yes, well\nsecond\u00a0line")]


@pytest.mark.parametrize(
    ("fields", "event"),
    [
        ("Start, End, Text", "0:00:01.00,0:00:02.00,Hi, you"),
        ("Marked, Start, End, Style, Text", "Marked=0,0:00:01.00,0:00:02.00,x,Hi, you"),
        ("Style, Text, End, Start", "x,Hi,0:00:02.00,0:00:01.00"),
    ],
)
def test_fields_of_ass_are_those_of_its_format_line(fields: str, event: str) -> None:
    ((start, end, text),) = read(f"[Events]\nFormat: {fields}\nDialogue: {event}\n")
    assert (start, end, text[:2]) == (1.0, 2.0, "Hi")


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize("text", [SRT, VTT, ASS])
def test_line_ends_do_not_matter(text: str, end: str) -> None:
    assert read(text.replace("\n", end)) == read(text)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_encodings_are_recognised(encoding: str) -> None:
    text = f"{CUE}\ndéjà vu\n"
    assert read(text.encode(encoding)) == [(1.0, 2.0, "déjà vu")]
    guessed = ("The file was read as Windows-1252. If letters are wrong, save it as UTF-8.",)
    assert warn(text.encode(encoding)) == (guessed if encoding == "cp1252" else ())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("cut_off", [0, 1])
def test_utf_16_without_a_mark_is_read_whatever_its_letters(encoding: str, cut_off: int) -> None:
    note = "注" * 200  # no byte of the first letters is zero
    text = f"{note}\n\n1\n{CUE}\n{note}\n\n"
    assert read(text.encode(encoding)[: -cut_off or None]) == [(1.0, 2.0, note)]


@pytest.mark.parametrize(
    "text", [f"1\n{CUE}\nHel\0lo\n", f"1\n{CUE}\nHello\n" + 4000 * "\0", ASS + "\0"]
)
def test_text_with_nul_bytes_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(InputError, match="This file has NUL bytes, which no text has"):
        read(text)


@pytest.mark.parametrize(
    ("timing", "start", "end"),
    [
        ("00:00:01,500 --> 00:00:02,000", 1.5, 2),
        ("00:01.5 --> 00:02.25", 1.5, 2.25),
        ("0:01,5-->0:02,0", 1.5, 2),
        ("0:0:4,8 --> 0:0:7,4", 4.8, 7.4),
        ("  00:00:01 -->  00:00:02", 1, 2),
        ("00:00:01.123456 --> 00:00:02,5 X1:40 X2:600", 1.123, 2.5),
        ("00:00:01, 500 --> 00:00:02, 000", 1.5, 2),
    ],
)
def test_times_are_read_as_programs_write_them(timing: str, start: float, end: float) -> None:
    assert read(f"1\n{timing}\nHello") == [(start, end, "Hello")]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("<i>slanted</i> and <b>bold</b>", "slanted and bold"),
        ('<font color="red">red</font><br/>next', "red\nnext"),
        ("<v Roger Bingham>We are in New York", "We are in New York"),
        ("<c.loud>Loud <00:01.500>words</c>", "Loud words"),
        ("<ruby>漢<rt>かん</rt></ruby>字", "漢字"),
        ("{\\an8}at the top", "at the top"),
        ("I <3 you > me", "I <3 you > me"),
        ("a < b and c > d", "a < b and c > d"),
        ("{not a tag} <nor this>", "{not a tag} <nor this>"),
        ("Tom &amp; Jerry &lt;3&nbsp;&quot;it&#39;s&quot;", 'Tom & Jerry <3\u00a0"it\'s"'),
        ("&amp;lt; stays, &unknown; too", "&lt; stays, &unknown; too"),
        ("a.com/?a=1&copy=2", "a.com/?a=1&copy=2"),
        ("  indented  \n\t second ", "indented\nsecond"),
        ("So good 🔥😂", "So good 🔥😂"),
        ("A --> B", "A --> B"),
        ("\u202ereversed\u202c \u2066by marks\u2069", "reversed by marks"),
    ],
)  # fmt: skip
def test_text_is_what_a_viewer_would_read(written: str, text: str) -> None:
    assert read(f"{HELLO}\n{written}") == [(1.0, 2.0, text)]


def test_caption_with_an_empty_line_stays_one() -> None:
    text = f"1\n{CUE}\nFirst part\n\nsecond part\n\n2\n00:00:02,000 --> 00:00:03,500\nNext\n"
    assert read(text) == [(1.0, 2.0, "First part\nsecond part"), (2.0, 3.5, "Next")]


@pytest.mark.parametrize("text", [SRT, SRT.replace("1\n00", "00").replace("2\n00", "00")])
def test_captions_need_no_empty_lines_between_them(text: str) -> None:
    assert read(text.replace("\n\n", "\n")) == read(SRT)


def test_numbers_that_are_said_are_text() -> None:
    later = "00:03.000 --> 00:04.000"
    assert [text for *_, text in read(f"{HELLO}\n3\n\n{later}\n1984")] == ["3", "1984"]
    numbered = f"1\n{CUE}\nI was born in\n1984\n\n2\n00:00:03,000 --> 00:00:04,000\n2\n"
    assert [text for *_, text in read(numbered)] == ["I was born in\n1984", "2"]


def test_captions_without_text_are_left_out() -> None:
    assert read(f"1\n{CUE}\n<b></b>\n\n2\n{CUE}\n\n3\n{CUE}\nx") == [(1.0, 2.0, "x")]


def test_rolling_captions_show_each_line_once() -> None:
    """As YouTube writes them: padded by lines of a space, with times between words."""
    text = """WEBVTT
Kind: captions
Language: en

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

00:00:07.000 --> 00:00:08.000 align:start position:0%
welcome back to
the<00:00:07.500><c> channel</c>
"""
    assert read(text) == [
        (0.16, 2.32, "hello everyone and"),
        (2.32, 4.96, "welcome back to"),
        (7.0, 8.0, "welcome back to\nthe channel"),
    ]


def test_line_that_is_said_twice_stays() -> None:
    text = """1
00:00:01,000 --> 00:00:02,000
- Who is it?
- Me.

2
00:00:02,000 --> 00:00:03,000
- Me.
- Come in!

3
00:00:03,000 --> 00:00:04,000
Thanks.

4
00:00:04,000 --> 00:00:05,000
Well?
"""
    assert [said for *_, said in read(text)][:2] == ["- Who is it?\n- Me.", "- Me.\n- Come in!"]


def test_captions_that_all_overlap_the_next_end_where_it_starts() -> None:
    text = "".join(
        f"{number}\n00:00:0{number},000 --> 00:00:0{number + 2},500\nline {number}\n\n"
        for number in range(1, 6)
    )
    assert [(start, end) for start, end, _ in read(text)] == [
        (1, 2), (2, 3), (3, 4), (4, 5), (5, 7.5),
    ]  # fmt: skip
    assert warn(text) == ("Captions that overlap the next one end where it starts.",)


def test_two_who_speak_at_once_stay_together() -> None:
    text = f"1\n{CUE}\nHe\n\n2\n{CUE}\nShe\n\n3\n00:00:01,500 --> 00:00:03,000\nAll"
    assert read(text) == [(1, 2, "He"), (1, 2, "She"), (1.5, 3, "All")]


def test_caption_without_length_is_shown_until_the_next_one() -> None:
    text = """1
00:00:00,500 --> 00:00:00,500
Zero

2
00:00:01,250 --> 00:00:02,000
Two

3
00:00:09,000 --> 00:00:08,000
Reversed
"""
    assert read(text) == [(0.5, 1.25, "Zero"), (1.25, 2.0, "Two"), (9.0, 10.0, "Reversed")]
    (warning,) = warn(text)
    assert warning.startswith("Lines 2, 10: the end is not after the start")


def test_captions_without_length_are_shown_with_the_next_one_of_their_time() -> None:
    text = "".join(
        f"00:0{start}.000 --> 00:0{end}.000\n{said}\n\n"
        for start, end, said in ((0, 3, "so"), (3, 3, "and"), (3, 3, "then"), (3, 5, "we went"))
    )
    assert read(text) == [(0.0, 3.0, "so"), (3.0, 5.0, "and\nthen\nwe went")]


@pytest.mark.parametrize("timing", ["00:01 --> soon", "-00:00:03,000 --> 00:00:04,000"])
def test_times_that_cannot_be_read_are_left_out_with_a_warning(timing: str) -> None:
    text = f"1\n{CUE}\nfine\n\n2\n{timing}\nlost\n\n3\n00:00:03,000 --> 00:00:04,000\nfine too\n"
    assert [said for *_, said in read(text)] == ["fine", "fine too"]
    assert warn(text) == ("Line 6: the times cannot be read: left out.",)


def test_long_text_is_cut_off_with_a_warning() -> None:
    text = f"1\n{CUE}\n{'x' * 501}"
    assert read(text) == [(1.0, 2.0, "x" * 500)]
    assert warn(text) == ("Line 2: cut off after 500 characters.",)


def test_captions_after_the_longest_video_are_left_out_with_a_warning() -> None:
    text = f"{SRT}\n3\n03:59:59,000 --> 04:00:01,000\nlast\n\n4\n100:00:00,000 --> 100:00:01,000\nx"
    assert read(text)[2:] == [(14399.0, 14400.0, "last")]
    assert warn(text) == ("1 caption left out: they start after 4 hours.",)


def test_more_captions_than_fit_at_once_are_left_out_with_a_warning() -> None:
    text = "".join(f"{CUE}\nvoice {number}\n\n" for number in range(1000))
    kept = [f"voice {number}" for number in range(MAX_CUES_AT_ONCE)]
    assert [said for *_, said in read(text)] == kept
    assert warn(text) == ("992 captions left out: at most 8 are shown at the same moment.",)


def test_talk_of_hours_is_read() -> None:
    assert len(read("".join(time_cue(number) for number in range(5000)))) == 5000


def time_cue(number: int) -> str:
    minutes, seconds = divmod(number * 2, 60)
    minute = f"{minutes // 60}:{minutes % 60:02}"
    return f"{number}\n{minute}:{seconds:02},000 --> {minute}:{seconds:02},900\nx{number}\n\n"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "No captions were found in this file: send an SRT, WebVTT or ASS file"),
        (b"WEBVTT\n\n", "No captions were found"),
        (b"once upon a time", "No captions were found"),
        (b"00:01 -> 00:02\nno arrow", "No captions were found"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0", "No captions were found"),
        (f"{CUE}\nこんにちは、世界".encode("shift-jis"), "The encoding of this file is not known"),
        (f"{CUE}\nДядя".encode("cp1251"), "The encoding of this file is not known"),
        (f"{CUE}\n你好世界,这是字幕".encode("gbk"), "The encoding of this file is not known"),
        ("".join(f"{CUE}\n{number}\n" for number in range(MAX_CUES + 1)).encode(), "20000"),
        (b"[Events]\n" + b"dialogue: 0,0:01,0:02,,,0,0,0,,x\n" * (MAX_CUES + 1), "20000"),
        (b"x" * 4_000_001, "more than 4 MB"),
    ],
    ids=[
        "empty",
        "head",
        "prose",
        "no-arrow",
        "png",
        "shift-jis",
        "cp1251",
        "gbk",
        "many",
        "many-ass",
        "large",
    ],
)
def test_what_holds_no_captions_is_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read_subtitles(data)


@given(st.binary(max_size=200) | st.text().map(str.encode))
def test_any_file_is_captions_or_refused(data: bytes) -> None:
    try:
        subtitles = read_subtitles(data)
    except InputError:
        return
    assert subtitles.cues


@given(st.lists(st.sampled_from(["1", "", " ", HELLO, CUE, "x", "NOTE", "a\tb", "00:01 --> x"])))
def test_any_order_of_lines_is_captions_or_refused(lines: list[str]) -> None:
    for head in ([], ["WEBVTT", ""]):
        test_any_file_is_captions_or_refused.hypothesis.inner_test("\n".join(head + lines).encode())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "line",
    [
        *("<", "{\\", "&", "<rt>", "<a ", "[a", "1:", "\u200b", "x\n", "-->"),
        *("<0:01.5>", "a<00:01.1> ", "{\\k1}", "{\\i1}x", "<u>x</u>", "世<00:01.1>"),
        *(" " * 999 + "-->", "1" * 999 + "-->"),
    ],
    ids=repr,
)
@pytest.mark.timeout(60)
def test_no_file_takes_long(line: str) -> None:
    """What took time by the square of its length would take minutes."""
    text = line * (1_000_000 // len(line.encode()))
    for head in (f"{CUE}\n", "WEBVTT\n\n", "[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,,,,,,,"):
        try:
            read_subtitles((head + text).encode())
        except InputError:
            continue
