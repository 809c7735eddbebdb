"""The text of captions and title cards: what is cleaned, what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.errors import InvalidSpecError
from reelqueue.specs.limits import LONGEST_TEXT, LONGEST_TITLE
from reelqueue.specs.parsing import parse_json
from reelqueue.specs.text import clean_text
from reelqueue.submission.kinds.slideshow import SlideshowRequest

ID = "5f0c6f6e-8d07-4c4f-9f8e-0f8f3c6f9a10"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  two words \r\n and a line ", "two words\nand a line"),
        ("bell\x07 nul\x00 escape\x1b[31m", "bell nul escape[31m"),
        ("e\u0301te\u0301", "été"),
        ("\u202etxt.exe\u2066", "txt.exe"),
        ("👨\u200d👩\u200d👧 ❤\ufe0f", "👨\u200d👩\u200d👧 ❤\ufe0f"),
        (" \t\n\u200b\ufeff", ""),
        ("\u3000\u200bone\u200b\u3000\n\n", "one"),
        ("\u200bนโยบาย\u200b\u200bสาธารณะ \u200b มี\u200b", "นโยบาย\u200bสาธารณะ มี"),
    ],
)
def test_clean_text_removes_invisible_characters(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


@given(st.text(max_size=40) | st.text(" \u200b\u3000\ta\n", max_size=12))
def test_clean_text_changes_nothing_the_second_time(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert not any(ord(character) < 32 and character != "\n" for character in cleaned)


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("photos.1.caption", {"photos": [{"id": ID}, {"id": ID, "caption": "x" * 100_000}]}),
        ("photos.0.caption", {"photos": [{"id": ID, "caption": "x" * (LONGEST_TEXT + 1)}]}),
        ("title.text", {"title": {"text": "x" * (LONGEST_TITLE + 1)}}),
        ("title.text", {"title": {"text": "\x00\u202e "}}),
        ("title.text", {"title": {}}),
        ("title.subtitle", {"title": {"text": "", "subtitle": "x"}}),
        ("title.duration", {"title": {"text": "x", "duration": 0}}),
        ("end_title.subtitle", {"end_title": {"text": "x", "subtitle": "x" * 301}}),
        ("end_title.background", {"end_title": {"text": "x", "background": "#12345g"}}),
        ("caption_style.position", {"caption_style": {"position": "left"}}),
        ("caption_style.size", {"caption_style": {"size": "huge"}}),
        ("caption_style.font", {"caption_style": {"font": "/etc/passwd"}}),
    ],
)
def test_error_in_a_text_names_its_path(field: str, body: dict[str, object]) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        parse_json(SlideshowRequest, json.dumps({"session_id": ID, **body}))
    assert caught.value.field == field
