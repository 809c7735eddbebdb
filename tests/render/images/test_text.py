"""Letters are joined, ordered and coloured as their scripts require."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from reelqueue.render.images.text import TextRun, draw_block, measure_text, order_line
from reelqueue.text.line_breaking import Block, to_line

SIZE = 48


def draw(text: str) -> NDArray[np.uint8]:
    return np.asarray(draw_block(Block((to_line(text),), SIZE), (900, 80)))


def order(text: str) -> list[TextRun]:
    return order_line(to_line(text))


def test_arabic_letters_are_joined() -> None:
    """The same letters drawn one by one are wider and have gaps between them."""
    joined = measure_text("محبت", SIZE)
    isolated = sum(measure_text(letter, SIZE) for letter in "محبت")
    assert joined < 0.85 * isolated
    inked = draw("محبت")[..., 3].any(axis=0)
    assert np.count_nonzero(np.diff(inked.astype(int)) == 1) == 1


@pytest.mark.parametrize(("word", "first", "last"), [("אל", "א", "ל"), ("דו", "ד", "ו")])
def test_hebrew_runs_from_right_to_left(word: str, first: str, last: str) -> None:
    pixels = draw(word)[..., 3]
    columns = np.flatnonzero(pixels.any(axis=0))
    left, right = columns[0], columns[-1] + 1

    def ink(letter: str) -> NDArray[np.uint8]:
        alone = draw(letter)[..., 3]
        inked = np.flatnonzero(alone.any(axis=0))
        return alone[:, inked[0] : inked[-1] + 1]

    begin, end = ink(first), ink(last)
    assert np.abs(pixels[:, right - begin.shape[1] : right].astype(int) - begin).mean() < 12
    assert np.abs(pixels[:, left : left + end.shape[1]].astype(int) - end).mean() < 12


def test_runs_of_both_directions_are_in_visual_order() -> None:
    assert [run.text for run in order("one שתיים three")] == ["one ", "שתיים", " ", "three"]
    assert [run.text for run in order("אחת two שלוש")] == ["שלוש", " ", "two", "אחת "]
    assert [run.direction for run in order("אחת two")] == ["ltr", "rtl"]


def test_brackets_are_mirrored_with_their_text() -> None:
    (run,) = order("(שלום)")
    assert (run.text, run.direction) == ("(שלום)", "rtl")
    mixed = [run.text for run in order("עם Maps (beta) כאן")]
    assert mixed == ["כאן", " ", "Maps (beta)", "עם "]


@pytest.mark.parametrize(
    "sequence", ["👨\u200d👩\u200d👧", "👍🏽", "🇫🇷", "❤\ufe0f", "1\ufe0f\u20e3"]
)
def test_emoji_sequence_is_one_picture_in_colour(sequence: str) -> None:
    assert measure_text(sequence, SIZE) == pytest.approx(measure_text("😀", SIZE), rel=0.05)
    pixels = draw(sequence)
    inked = pixels[pixels[..., 3] > 200][:, :3].astype(int)
    assert len(np.unique(inked, axis=0)) > 4


def test_flags_differ() -> None:
    assert not np.array_equal(draw("🇫🇷"), draw("🇮🇹"))


def test_text_outside_the_image_is_cut_off() -> None:
    lines = to_line("wide " * 20 + "😀"), to_line("Z\u0351\u0352\u0357")
    picture = draw_block(Block(lines, SIZE), (64, 40))
    assert picture.size == (64, 40)
