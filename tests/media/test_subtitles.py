"""Captions are read from SRT and WebVTT files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.errors import InvalidSpecError
from reelqueue.media.subtitles import parse_subtitles
from reelqueue.specs.clip import Cue
from reelqueue.specs.limits import MAX_CUES

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
    assert parse_subtitles(SRT) == (
        Cue(start=1.0, end=2.5, text="Hello, world"),
        Cue(start=60.5, end=3600.0, text="two\nlines & <3"),
    )


def test_vtt_is_read_without_its_notes_and_settings() -> None:
    assert parse_subtitles(VTT) == (
        Cue(start=1.0, end=2.5, text="Tom & Jerry <3"),
        Cue(start=3600.0, end=3601.0, text="up"),
    )


@pytest.mark.parametrize("change", [("\n", "\r\n"), ("\n", "\r"), ("1\n00", "\ufeff1\n00")])
def test_line_ends_and_byte_order_marks_do_not_matter(change: tuple[str, str]) -> None:
    assert parse_subtitles(SRT.replace(*change)) == parse_subtitles(SRT)


def test_caption_without_text_is_left_out() -> None:
    assert len(parse_subtitles("1\n00:00:01,000 --> 00:00:02,000\n<b></b>\n\n" + SRT)) == 2


CUE = "00:00:01,000 --> 00:00:02,000"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: no captions found"),
        ("WEBVTT\n\n", "line 1: no captions found"),
        ("once upon a time", "line 1: a time such as"),
        (f"1\n{CUE}\nfine\n\n2\nno time\nhere", "line 5: a time such as"),
        (f"1\n{CUE}\nfine\n\n2\n00:01 --> soon\nhere", "line 6: write the time like"),
        ("1\n00:00:02,000 --> 00:00:02,000\nnow", "line 2: the end must be after"),
        (f"{CUE}\n{'x' * 501}", "line 1: a caption has at most 500"),
        (f"{CUE}\nhello\n\n" * (MAX_CUES + 1), f"line {3 * MAX_CUES + 1}: there are more than"),
        ("x" * 2_000_001, "more than 2000000 characters"),
    ],
)
def test_captions_that_cannot_be_read_name_their_line(text: str, sentence: str) -> None:
    with pytest.raises(InvalidSpecError, match=sentence) as caught:
        parse_subtitles(text)
    assert caught.value.field == "captions"


@given(st.text())
def test_any_text_is_captions_or_refused(text: str) -> None:
    try:
        cues = parse_subtitles(text)
    except InvalidSpecError:
        return
    assert cues
