"""Break text into lines that fit into a box, in a smaller font size if necessary.

ICU finds the line break opportunities (UAX #14), with its dictionaries for what is written without
spaces: Thai, Lao, Khmer, Burmese, and the phrases of Japanese.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from icu4py.breakers import LineBreaker

from reelqueue.text.bidi import find_levels
from reelqueue.text.graphemes import split_clusters

LINE_HEIGHT = 1.35  # as a multiple of the font size
SMALLEST_FONT_SIZE = 9  # pixels
_STEP = 0.92  # from one font size to the next smaller one
_HALVINGS = 6  # of the interval that holds the narrowest width
_ELLIPSIS = "…"
_SPACES = " \u200b"  # an end of a line needs neither spaces nor break hints
_KANA_OR_HANGUL = re.compile("[\u3041-\u30ff\u31f0-\u31ff\uac00-\ud7a3]")
_BY_PHRASE = "ja-u-lw-phrase"  # keeps the phrases of Japanese and the words of Korean (UTS #35)
_ANYWHERE = "und"  # wherever UAX #14 has an opportunity

Measure = Callable[[str, int], float]
"""A function that takes a text and a font size and returns the text's width, all in pixels."""


class Line(NamedTuple):
    """A line of a paragraph, and the embedding level of each of its characters."""

    text: str
    levels: tuple[int, ...]


class Block(NamedTuple):
    """Lines of text, and the font size in pixels at which they fit."""

    lines: tuple[Line, ...]
    size: int


class _Piece(NamedTuple):
    """Text up to a line break opportunity, its width without its last spaces, and theirs."""

    text: str
    width: float
    space: float


def fit_text(
    text: str, width: float, height: float, sizes: tuple[int, int], measure: Measure
) -> Block:
    """Break a text into lines of similar length that fit into a box.

    Args:
        text: its own line breaks are kept.
        width: of the box in pixels.
        height: of the box in pixels.
        sizes: the wanted and the smallest font size. A text that does not fit at the smallest is
            shortened and ends with an ellipsis.
        measure: returns the width of a text at a font size.
    """
    wanted, smallest = sizes
    size = wanted
    while True:
        max_lines = max(int(height / (size * LINE_HEIGHT)), 1)
        is_last = size <= smallest
        most = None if is_last else max_lines
        paragraphs = _break_text(text, width, size, measure, most)
        if paragraphs is not None and (most or sum(map(len, paragraphs)) <= max_lines):
            return _to_block(paragraphs, size)
        if is_last:
            return _to_block(
                _shorten_lines(paragraphs or [], max_lines, width, size, measure), size
            )
        size = max(min(round(size * _STEP), size - 1), smallest)


def to_line(text: str) -> Line:
    """Return a text as a paragraph of one line."""
    return Line(text, find_levels(text))


def _to_block(paragraphs: Sequence[Sequence[str]], size: int) -> Block:
    return Block(tuple(line for lines in paragraphs for line in _resolve_lines(lines)), size)


def _resolve_lines(texts: Sequence[str]) -> Iterator[Line]:
    """Yield a paragraph's lines. Levels belong to the whole of it, not to a line (UAX #9, 3.4)."""
    levels = find_levels("".join(texts))
    start = 0
    for text in texts:
        shown = text.rstrip(_SPACES)
        yield Line(shown, levels[start : start + len(shown)])
        start += len(text)


def _break_text(
    text: str, width: float, size: int, measure: Measure, most: int | None
) -> list[list[str]] | None:
    """Return the lines of each paragraph, or None if it needs more than `most` or a cut word.

    With None for `most`, there may be any number, and words that are too wide are cut.
    """
    paragraphs: list[list[_Piece]] = []
    if most and text.count("\n") >= most:
        return None
    for paragraph in text.split("\n"):
        pieces = _list_pieces(paragraph.strip(" "), width, size, measure)
        if any(piece.width > width for piece in pieces):
            if most:
                return None
            pieces = [part for piece in pieces for part in _cut_piece(piece, width, size, measure)]
        paragraphs.append(pieces)
    if most and sum(len(_fill_lines(pieces, width)) for pieces in paragraphs) > most:
        return None
    return [_balance_lines(pieces, width) for pieces in paragraphs]


def _list_pieces(paragraph: str, width: float, size: int, measure: Measure) -> list[_Piece]:
    """Return the pieces of a paragraph; a phrase wider than a line is broken within."""
    locale = _BY_PHRASE if _KANA_OR_HANGUL.search(paragraph) else _ANYWHERE
    pieces: list[_Piece] = []
    for text in LineBreaker(paragraph, locale):
        piece = _measure_piece(text, size, measure)
        parts = LineBreaker(text, _ANYWHERE) if piece.width > width else ()
        pieces += [_measure_piece(part, size, measure) for part in parts] or [piece]
    return pieces


def _measure_piece(text: str, size: int, measure: Measure) -> _Piece:
    word = text.rstrip(_SPACES)
    spaces = text[len(word) :].count(" ")
    return _Piece(text, measure(word, size), measure(" ", size) * spaces if spaces else 0.0)


def _cut_piece(piece: _Piece, width: float, size: int, measure: Measure) -> list[_Piece]:
    """Cut a piece into parts that fit the width; a part has at least one grapheme cluster."""
    clusters = split_clusters(piece.text)
    parts: list[_Piece] = []
    while clusters:
        count = max(_count_fitting(clusters, width, size, measure), 1)
        while clusters[count : count + 1] == [" "]:
            count += 1
        parts.append(_measure_piece("".join(clusters[:count]), size, measure))
        clusters = clusters[count:]
    return parts


def _count_fitting(clusters: Sequence[str], width: float, size: int, measure: Measure) -> int:
    """Return how many of the first clusters fit the width; a few are measured, not all."""

    def measure_first(count: int) -> float:
        return measure("".join(clusters[:count]), size)

    return bisect_right(range(1, len(clusters) + 1), width, key=measure_first)


def _balance_lines(pieces: Sequence[_Piece], width: float) -> list[str]:
    """Break a paragraph into as few lines as possible, and make these as narrow as possible."""
    lines = _fill_lines(pieces, width)
    low, high = max((piece.width for piece in pieces), default=0.0), width
    for _ in range(_HALVINGS if len(lines) > 1 else 0):
        middle = (low + high) / 2
        if len(narrower := _fill_lines(pieces, middle)) == len(lines):
            lines, high = narrower, middle
        else:
            low = middle
    return lines


def _fill_lines(pieces: Sequence[_Piece], width: float) -> list[str]:
    """Return lines of whole pieces; joined, they are all of the text."""
    lines, used = [""], 0.0
    for piece in pieces:
        if lines[-1] and used + piece.width > width:
            lines.append("")
            used = 0.0
        lines[-1] += piece.text
        used += piece.width + piece.space
    return lines


def _shorten_lines(
    paragraphs: Sequence[Sequence[str]], max_lines: int, width: float, size: int, measure: Measure
) -> list[list[str]]:
    """Return the first lines of all, with an ellipsis at the end of the last."""
    kept: list[list[str]] = []
    for lines in paragraphs:
        kept.append(list(lines[: max_lines - sum(map(len, kept))]))
    kept = [lines for lines in kept if lines]
    clusters = split_clusters(kept[-1][-1].rstrip(" "))
    while clusters and measure("".join(clusters).rstrip() + _ELLIPSIS, size) > width:
        clusters.pop()
    kept[-1][-1] = "".join(clusters).rstrip() + _ELLIPSIS
    return kept
