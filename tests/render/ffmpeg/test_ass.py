"""Captions in an ASS script: the text of a user never becomes a tag."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.render.ffmpeg.ass import escape_text, format_ass
from reelqueue.specs.clip import Cue
from reelqueue.text.fonts import BUNDLED


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
def test_text_never_becomes_an_ass_tag(text: str, escaped: str) -> None:
    assert escape_text(text) == escaped


@given(st.text(max_size=100))
def test_any_text_stays_on_its_line_and_makes_no_tag(text: str) -> None:
    escaped = escape_text(text)
    assert len(f"{escaped}.".splitlines()) == 1
    bare = escaped.replace(r"\{", "").replace(r"\}", "").replace(r"\N", "")
    assert "{" not in bare
    assert "}" not in bare
    assert all(piece.startswith("\u2060") for piece in bare.split("\\")[1:])


def test_script_has_a_line_for_each_cue_and_names_the_bundled_font() -> None:
    cues = (Cue(start=0.0, end=1.239, text="one"), Cue(start=59.996, end=3661.5, text="two"))
    lines = format_ass(cues, (1080, 1920)).splitlines()
    assert lines[-2] == "Dialogue: 0,0:00:00.00,0:00:01.24,Default,0,0,0,one"
    assert lines[-1] == "Dialogue: 0,0:01:00.00,1:01:01.50,Default,0,0,0,two"
    assert "PlayResY: 1920" in lines
    assert any(line.startswith("Style: Default,DejaVu Sans,") for line in lines)
    assert (BUNDLED / "DejaVuSans-Bold.ttf").is_file()
