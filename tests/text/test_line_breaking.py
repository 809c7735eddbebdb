"""Text is broken where a reader expects it, and every line fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.text.line_breaking import LINE_HEIGHT, Block, fit_text

LETTERS = st.text(st.sampled_from("abc de-f 世界。「」ー\nx"), min_size=1, max_size=120)


def measure(text: str, size: int) -> float:
    """Count every character as wide as half the font size."""
    return len(text) * size / 2


def fit(text: str, letters: float, lines: int, sizes: tuple[int, int] = (20, 10)) -> list[str]:
    """Break a text for a box of that many letters and lines at the wanted size."""
    return [line.text for line in fit_block(text, letters, lines, sizes).lines]


def fit_block(text: str, letters: float, lines: int, sizes: tuple[int, int] = (20, 10)) -> Block:
    box = letters * sizes[0] / 2, lines * sizes[0] * LINE_HEIGHT
    return fit_text(text, *box, sizes, measure)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two", ["one two"]),
        ("one two three", ["one two", "three"]),
        ("aaaa bb cc dd", ["aaaa bb", "cc dd"]),
        ("first\nsecond", ["first", "second"]),
        ("well-known fact", ["well-", "known", "fact"]),
        ("3-4 eggs and", ["3-4 eggs", "and"]),
        ("世界世界世界世界世界", ["世界世界世", "界世界世界"]),
        ("世界世界世界世界世。", ["世界世界世", "界世界世。"]),
    ],
)
def test_lines_are_broken_between_words_and_ideographs(text: str, lines: list[str]) -> None:
    assert fit(text, 8, 9) == lines


@pytest.mark.parametrize(
    ("text", "letters", "lines"),
    [
        ("Bonjour ! « Oui » ?", 10, ["Bonjour !", "« Oui » ?"]),
        ("see example.com/photos/2024", 16, ["see example.com/", "photos/2024"]),
        ("sold at 3,5\u00a0€ each", 12, ["sold at", "3,5\u00a0€ each"]),
        ("wait… what? (no)", 11, ["wait…", "what? (no)"]),
        ("fun 👨\u200d👩\u200d👧 🇫🇷🇩🇪", 9, ["fun 👨\u200d👩\u200d👧", "🇫🇷🇩🇪"]),
        ("ทะเลไทยสวยงามมาก", 9, ["ทะเลไทย", "สวยงามมาก"]),
        ("นโยบาย\u200bสาธารณะ", 9, ["นโยบาย", "สาธารณะ"]),
        ("abc\u200bdef\u200bghi", 8, ["abc\u200bdef", "ghi"]),
        ("ភាសាខ្មែរជាភាសា", 11, ["ភាសាខ្មែរ", "ជាភាសា"]),
        ("안녕하세요 세계입니다", 8, ["안녕하세요", "세계입니다"]),
        ("今日は天気がとても良いですね", 8, ["今日は天気が", "とても良いですね"]),
        ("コミュニケーション", 6, ["コミュニ", "ケーション"]),
    ],
)
def test_lines_are_broken_as_each_script_has_it(text: str, letters: int, lines: list[str]) -> None:
    assert fit(text, letters, 9) == lines


def test_direction_of_a_line_is_that_of_its_paragraph() -> None:
    block = fit_block("אנחנו עם Google Maps (beta) באילת", 12, 9)
    levels = {line.text: "".join(map(str, line.levels)) for line in block.lines}
    assert levels == {
        "אנחנו עם": "11111111",
        "Google Maps": "22222222222",
        "(beta) באילת": "222222" + "111111",
    }


def test_each_paragraph_has_its_own_direction() -> None:
    assert [line.levels[-1] for line in fit_block("one!\nאחת!\ntwo!", 9, 9).lines] == [0, 1, 0]


def test_ellipsis_has_the_direction_of_its_paragraph() -> None:
    (line,) = fit_block("אחת two three four", 8, 1, (20, 20)).lines
    assert (line.text, line.levels) == ("אחת two…", (1, 1, 1, 1, 2, 2, 2, 1))


def test_closing_marks_begin_no_line_and_opening_marks_end_none() -> None:
    assert fit("世界世界世。世界", 5, 2) == ["世界世界", "世。世界"]
    assert fit("世界世「世界」", 4, 2) == ["世界世", "「世界」"]


def test_lines_have_similar_lengths() -> None:
    assert fit("aaa bbb ccc ddd eee", 15, 2) == ["aaa bbb ccc", "ddd eee"]


def test_letters_become_smaller_before_words_are_cut() -> None:
    block = fit_text("incomprehensible", 100, 100, (20, 10), measure)
    assert [line.text for line in block.lines] == ["incomprehensible"]
    assert block.size == 12


def test_word_that_fits_at_no_size_is_cut() -> None:
    assert fit("x" * 30, 10, 3, (20, 20)) == ["x" * 10] * 3


def test_text_that_fits_at_no_size_ends_with_an_ellipsis() -> None:
    assert fit("aaa bbb ccc ddd", 4, 2, (20, 20)) == ["aaa", "bbb…"]


@given(LETTERS, st.integers(4, 30), st.integers(1, 6))
def test_lines_fit_and_lose_nothing_that_fits(text: str, letters: int, most: int) -> None:
    width, height = letters * 10.0, most * 20 * LINE_HEIGHT
    block = fit_text(text, width, height, (20, 10), measure)
    assert len(block.lines) * block.size * LINE_HEIGHT <= height
    assert all(measure(line.text, block.size) <= width for line in block.lines)
    assert all(len(line.levels) == len(line.text) for line in block.lines)
    shown = "".join(line.text for line in block.lines)
    if not shown.endswith("…"):
        assert shown.replace(" ", "") == "".join(text.split())


@pytest.mark.parametrize(("text", "most"), [("x" * 300, 100), ("x\n" * 150, 400)])
def test_few_parts_of_a_text_that_does_not_fit_are_measured(text: str, most: int) -> None:
    """A dry run lays out a thousand such captions."""
    asked: list[str] = []

    def count(part: str, size: int) -> float:
        asked.append(part)
        return measure(part, size)

    block = fit_text(text, 400.0, 5 * 10 * LINE_HEIGHT, (20, 10), count)
    assert len(block.lines) <= 5
    assert len(asked) <= most
