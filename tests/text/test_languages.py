"""Language tags become the codes that MP4 has."""

from __future__ import annotations

import pytest

from reelqueue.text.languages import to_three_letters


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "eng"),
        ("pt-BR", "por"),
        ("DE", "deu"),
        ("ger", "ger"),
        ("zh-Hans", "zho"),
        ("xx", "und"),
        (None, "und"),
    ],
)
def test_tag_becomes_a_code(tag: str | None, code: str) -> None:
    assert to_three_letters(tag) == code
