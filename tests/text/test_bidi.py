"""The order of both directions is FriBidi's, which Pillow asks where a text has one font."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from reelqueue.render.images.text import order_line
from reelqueue.text.bidi import find_levels, order_runs
from reelqueue.text.fonts import BUNDLED
from reelqueue.text.line_breaking import to_line

SIZE = 24
FONT = ImageFont.truetype(BUNDLED / "DejaVuSans-Bold.ttf", SIZE)
LETTERS = "abc אבג دعو 123 ١٢ !?.,:-+%/()[]"


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("abc", "000"),
        ("אב", "11"),
        ("a אב", "0011"),
        ("א 12", "1122"),
        ("a א, ב", "001111"),
        ("دع 1", "1112"),
        ("دع 24-25", "11122122"),
        ("a 1 א", "00001"),
        ("1. א", "2111"),
        ("!?", "00"),
        ("", ""),
        ("א a (b) ב", "112222211"),
        ("א (a) ב", "1112111"),
        ("a (א) b", "0001000"),
        ("a (ב c) א", "000100001"),
        ("א a[b(ג)] ד", "11212111111"),
        ("א \u2066a ב\u2069 c", "111223112"),
    ],
)
def test_levels_are_those_of_the_standard(text: str, levels: str) -> None:
    assert "".join(map(str, find_levels(text))) == levels


def test_runs_are_turned_where_they_are_read_from_the_right() -> None:
    assert order_runs([0, 1, 2, 1, 0]) == [0, 3, 2, 1, 4]
    assert order_runs([1, 2, 1]) == [2, 1, 0]
    assert order_runs([]) == []


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from(LETTERS), min_size=1, max_size=14))
@example("אב 12-13 ab, גד!")
@example("دعو 50% abc x")
@example("אב ab (ab) [גד] ab")
def test_pieces_are_drawn_where_fribidi_puts_them(text: str) -> None:
    text = text.strip()
    assume(text)
    ours = draw([(span.text, span.direction) for span in order_line(to_line(text))])
    theirs = draw([(text, None)])
    assert np.abs(ours - theirs).sum() < 0.1 * theirs.sum()


def draw(pieces: list[tuple[str, str | None]]) -> NDArray[np.float64]:
    """Draw pieces from left to right and return the ink of each column, a little blurred."""
    picture = Image.new("L", (1200, 60))
    left = 10.0
    for text, direction in pieces:
        ImageDraw.Draw(picture).text((left, 40), text, 255, FONT, "ls", direction=direction)
        left += FONT.getlength(text, direction=direction)
    return np.convolve(np.asarray(picture).sum(axis=0, dtype=float), np.ones(9) / 9)
