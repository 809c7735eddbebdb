"""Text broken into lines: as large as asked for, and smaller where it would not fit.

ICU finds the line break opportunities (UAX #14), with its dictionaries for what is written without
spaces: Thai, Lao, Khmer, Burmese, and the phrases of Japanese.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from icu4py.breakers import LineBreaker

from reelqueue.text.bidi import find_levels
from reelqueue.text.graphemes import split_clusters

LINE_HEIGHT = 1.35  # of the letters' size
SMALLEST = 9
_STEP = 0.92  # from one size to the next smaller one
_HALVINGS = 6
_ELLIPSIS = "…"
_KANA_OR_HANGUL = re.compile("[\u3041-\u30ff\u31f0-\u31ff\uac00-\ud7a3]")
_BY_PHRASE = "ja-u-lw-phrase"  # keeps the phrases of Japanese and the words of Korean (UTS #35)
_ANYWHERE = "und"  # wherever UAX #14 has an opportunity

Measure = Callable[[str, int], float]
"""Tells the width of a text in letters of a size."""


class Line(NamedTuple):
    """A line of a paragraph, and the embedding level of each of its characters."""

    text: str
    levels: tuple[int, ...]


class Block(NamedTuple):
    """Lines of text that fit, in letters of `size` pixels."""

    lines: tuple[Line, ...]
    size: int


class _Piece(NamedTuple):
    """Text up to a line break opportunity, and the width of it without and of its last spaces."""

    text: str
    width: float
    space: float


def fit_text(
    text: str, width: float, height: float, sizes: tuple[int, int], measure: Measure
) -> Block:
    """Return a text in lines of about one length within `width` and `height`.

    Args:
        sizes: the size that is wanted, and the smallest. What does not fit even then is cut off.
    """
    wanted, smallest = sizes
    size = wanted
    while True:
        most = max(int(height / (size * LINE_HEIGHT)), 1)
        is_last = size <= smallest
        paragraphs = _break_text(text, width, size, measure, may_cut=is_last)
        if paragraphs is not None and sum(map(len, paragraphs)) <= most:
            return _to_block(paragraphs, size)
        if is_last:
            return _to_block(_shorten(paragraphs or [], most, width, size, measure), size)
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
        shown = text.rstrip(" ")
        yield Line(shown, levels[start : start + len(shown)])
        start += len(text)


def _break_text(
    text: str, width: float, size: int, measure: Measure, *, may_cut: bool
) -> list[list[str]] | None:
    """Return the lines of each paragraph, or None if a word is too wide and may not be cut."""
    paragraphs: list[list[str]] = []
    for paragraph in text.split("\n"):
        pieces = _list_pieces(paragraph.strip(" "), width, size, measure)
        if any(piece.width > width for piece in pieces):
            if not may_cut:
                return None
            pieces = [part for piece in pieces for part in _cut(piece, width, size, measure)]
        paragraphs.append(_balance(pieces, width))
    return paragraphs


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
    word = text.rstrip(" ")
    return _Piece(text, measure(word, size), measure(" ", size) * (len(text) - len(word)))


def _cut(piece: _Piece, width: float, size: int, measure: Measure) -> list[_Piece]:
    """Return a piece that is too wide in parts that are not, if it has more than one cluster."""
    parts = [""]
    for cluster in split_clusters(piece.text):
        if parts[-1] and cluster != " " and measure(parts[-1] + cluster, size) > width:
            parts.append("")
        parts[-1] += cluster
    return [_measure_piece(part, size, measure) for part in parts]


def _balance(pieces: Sequence[_Piece], width: float) -> list[str]:
    """Fill lines, then narrow them as long as they stay as few."""
    lines = _fill(pieces, width)
    low, high = max((piece.width for piece in pieces), default=0.0), width
    for _ in range(_HALVINGS if len(lines) > 1 else 0):
        middle = (low + high) / 2
        if len(narrower := _fill(pieces, middle)) == len(lines):
            lines, high = narrower, middle
        else:
            low = middle
    return lines


def _fill(pieces: Sequence[_Piece], width: float) -> list[str]:
    """Return lines of whole pieces; joined, they are all of the text."""
    lines, used = [""], 0.0
    for piece in pieces:
        if lines[-1] and used + piece.width > width:
            lines.append("")
            used = 0.0
        lines[-1] += piece.text
        used += piece.width + piece.space
    return lines


def _shorten(
    paragraphs: Sequence[Sequence[str]], most: int, width: float, size: int, measure: Measure
) -> list[list[str]]:
    """Return the first lines; the last of them says that there was more."""
    kept: list[list[str]] = []
    for lines in paragraphs:
        kept.append(list(lines[: most - sum(map(len, kept))]))
    kept = [lines for lines in kept if lines]
    clusters = split_clusters(kept[-1][-1].rstrip(" "))
    while clusters and measure("".join(clusters).rstrip() + _ELLIPSIS, size) > width:
        clusters.pop()
    kept[-1][-1] = "".join(clusters).rstrip() + _ELLIPSIS
    return kept
