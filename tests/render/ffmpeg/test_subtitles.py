"""Captions read from SRT and WebVTT, and text that never becomes a tag."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.errors import InvalidSpecError
from reelqueue.media.subtitles import parse_srt
from reelqueue.render.ffmpeg.ass import escape_text, format_ass
from reelqueue.specs.clip import MAX_CUES, Cue
from reelqueue.text.fonts import BUNDLED

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

NOTE this is
no caption

STYLE
::cue { color: red }

first
00:01.000 --> 00:02.500 align:start position:10%
<v Ann>Tom &amp; Jerry &lt;3</v>

01:00:00.000 --> 01:00:01.000
<00:01.500>{\\an8}up
"""


def test_srt_is_read_with_its_lines_and_without_its_tags() -> None:
    assert parse_srt(SRT) == (
        Cue(start=1.0, end=2.5, text="Hello, world"),
        Cue(start=60.5, end=3600.0, text="two\nlines & <3"),
    )


def test_vtt_is_read_without_its_notes_and_settings() -> None:
    assert parse_srt(VTT) == (
        Cue(start=1.0, end=2.5, text="Tom & Jerry <3"),
        Cue(start=3600.0, end=3601.0, text="up"),
    )


@pytest.mark.parametrize("change", [("\n", "\r\n"), ("\n", "\r"), ("1\n00", "\ufeff1\n00")])
def test_line_ends_and_byte_order_marks_do_not_matter(change: tuple[str, str]) -> None:
    assert parse_srt(SRT.replace(*change)) == parse_srt(SRT)


def test_caption_without_text_is_left_out() -> None:
    assert len(parse_srt("1\n00:00:01,000 --> 00:00:02,000\n<b></b>\n\n" + SRT)) == 2


CUE = "00:00:01,000 --> 00:00:02,000"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: no captions found"),
        ("WEBVTT\n\n", "line 1: no captions found"),
        ("once upon a time", "line 1: a time such as"),
        (f"1\n{CUE}\nfine\n\n2\nno time\nhere", "line 5: a time such as"),
        (f"1\n{CUE}\nfine\n\n2\n00:01 --> soon\nhere", "line 6: the time is not like"),
        ("1\n00:00:02,000 --> 00:00:02,000\nnow", "line 2: the end must be after"),
        (f"{CUE}\n{'x' * 501}", "line 1: a caption has at most 500"),
        (f"{CUE}\nhello\n\n" * (MAX_CUES + 1), f"line {3 * MAX_CUES + 1}: there are more than"),
        ("x" * 2_000_001, "more than 2000000 characters"),
    ],
)
def test_captions_that_cannot_be_read_name_their_line(text: str, sentence: str) -> None:
    with pytest.raises(InvalidSpecError, match=sentence) as caught:
        parse_srt(text)
    assert caught.value.field == "captions"


@given(st.text())
def test_any_text_is_captions_or_refused(text: str) -> None:
    try:
        cues = parse_srt(text)
    except InvalidSpecError:
        return
    assert cues


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain, with commas: and 'quotes' 100%", "plain, with commas: and 'quotes' 100%"),
        (r"{\an8\pos(0,0)}", "\\{\\\u2060an8\\\u2060pos(0,0)\\}"),
        (r"a\Nb", "a\\\u2060Nb"),
        ("one\ntwo\r\nthree\rfour", r"one\Ntwo\Nthree\Nfour"),
        ("bell\x07 tab\t nul\x00", "bell  tab  nul "),
    ],
)
def test_text_never_becomes_a_tag(text: str, escaped: str) -> None:
    assert escape_text(text) == escaped


@given(st.text(max_size=100))
def test_any_text_stays_in_its_line_and_out_of_tags(text: str) -> None:
    escaped = escape_text(text)
    assert len(f"{escaped}.".splitlines()) == 1
    bare = escaped.replace(r"\{", "").replace(r"\}", "").replace(r"\N", "")
    assert "{" not in bare
    assert "}" not in bare
    assert all(piece.startswith("\u2060") for piece in bare.split("\\")[1:])


def test_script_has_a_line_for_each_cue_and_names_the_font_that_is_there() -> None:
    cues = (Cue(start=0.0, end=1.239, text="one"), Cue(start=59.996, end=3661.5, text="two"))
    lines = format_ass(cues, (1080, 1920)).splitlines()
    assert lines[-2] == "Dialogue: 0,0:00:00.00,0:00:01.24,Default,0,0,0,one"
    assert lines[-1] == "Dialogue: 0,0:01:00.00,1:01:01.50,Default,0,0,0,two"
    assert "PlayResY: 1920" in lines
    assert any(line.startswith("Style: Default,DejaVu Sans,") for line in lines)
    assert (BUNDLED / "DejaVuSans-Bold.ttf").is_file()
