"""Lines of text that are laid out without an image library are those that are drawn."""

from __future__ import annotations

import pytest

from reelqueue.render.images.text import measure_text as measure_drawn
from reelqueue.render.images.text import measure_title as measure_drawn_title
from reelqueue.specs.text import CaptionStyle, LetterSize, PlainCard, Position, clean_text
from reelqueue.text.layout import TextBox, lay_out_caption, lay_out_card
from reelqueue.text.widths import measure_text, measure_title

pytestmark = pytest.mark.render

SIZES = [(640, 360), (1920, 1080), (1080, 1920), (1080, 1080)]
TEXTS = [
    "Summer",
    "The long way down to the sea, on the last day of July",
    "Grandmother's garden, where we had breakfast every morning of that summer, and the cat slept "
    "on the wall until noon.",
    "Two lines\nof their own",
    "مرحبا بالعالم",
    "夏の写真を見ながら海まで歩いた",
    "Fun 😀 at the beach 👨\u200d👩\u200d👧",
]
STYLES = [
    CaptionStyle(),
    CaptionStyle(position=Position.TOP, size=LetterSize.LARGE),
    CaptionStyle(position=Position.MIDDLE, size=LetterSize.SMALL),
]


def assert_same(laid_out: TextBox, drawn: TextBox, size: tuple[int, int]) -> None:
    assert [line.text for line in laid_out.block.lines] == [line.text for line in drawn.block.lines]
    assert laid_out.block.size == drawn.block.size
    near = 0.01 * size[0]
    assert laid_out.left == pytest.approx(drawn.left, abs=near)
    assert laid_out.width == pytest.approx(drawn.width, abs=near)
    assert (laid_out.top, laid_out.height) == (drawn.top, drawn.height)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("text", TEXTS)
def test_captions_have_the_lines_that_are_drawn(text: str, size: tuple[int, int]) -> None:
    for style in STYLES:
        laid_out = lay_out_caption(clean_text(text), style, size, measure_text)
        assert_same(laid_out, lay_out_caption(clean_text(text), style, size, measure_drawn), size)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_titles_have_the_lines_that_are_drawn(size: tuple[int, int]) -> None:
    card = PlainCard(text="A summer by the sea", subtitle="July 2026, with all of us")
    laid_out = lay_out_card(card, size, measure_title, measure_text)
    drawn = lay_out_card(card, size, measure_drawn_title, measure_drawn)
    for mine, other in zip(laid_out, drawn, strict=True):
        assert_same(mine, other, size)
