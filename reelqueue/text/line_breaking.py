"""Break text into lines that fit into a box, in a smaller font size if necessary."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from reelqueue.text.graphemes import split_clusters

LINE_HEIGHT = 1.35  # as a multiple of the font size
SMALLEST_FONT_SIZE = 9  # pixels
_STEP = 0.92  # from one font size to the next smaller one
_HALVINGS = 6  # of the interval that holds the narrowest width
_ELLIPSIS = "…"
_IDEOGRAPHIC = ("CJK UNIFIED", "CJK COMPAT", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "FULLWIDTH")
# Characters that begin or end no line (JLREQ, 3.1.7 and 3.1.8).
_NOT_FIRST = "、。，．！？：；）」』】〉》〕］｝ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々・…‥％"
_NOT_LAST = "（「『【〈《〔［｛"

Measure = Callable[[str, int], float]
"""A function that takes a text and a font size and returns the text's width, all in pixels."""


class Block(NamedTuple):
    """Lines of text, and the font size in pixels at which they fit."""

    lines: tuple[str, ...]
    size: int


class _Piece(NamedTuple):
    """Text without a break opportunity, its width, and the width of the spaces after it."""

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
        lines = _break_text(text, width, size, measure, can_cut=is_last)
        if lines is not None and len(lines) <= max_lines:
            return Block(tuple(lines), size)
        if is_last:
            return Block(tuple(_shorten_lines(lines or [], max_lines, width, size, measure)), size)
        size = max(min(round(size * _STEP), size - 1), smallest)


def _break_text(
    text: str, width: float, size: int, measure: Measure, *, can_cut: bool
) -> list[str] | None:
    """Return the lines of a text, or None if a word is too wide and `can_cut` is False."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        pieces = _measure_pieces(paragraph.strip(" "), size, measure)
        if any(piece.width > width for piece in pieces):
            if not can_cut:
                return None
            pieces = [part for piece in pieces for part in _cut_piece(piece, width, size, measure)]
        lines += _balance_lines(pieces, width)
    return lines


def _measure_pieces(paragraph: str, size: int, measure: Measure) -> list[_Piece]:
    return [
        _Piece(
            piece.rstrip(" "),
            measure(piece.rstrip(" "), size),
            measure(" ", size) * (len(piece) - len(piece.rstrip(" "))),
        )
        for piece in _split_pieces(paragraph)
    ]


def _split_pieces(paragraph: str) -> list[str]:
    """Split a paragraph at its break opportunities: after words, and around ideographs."""
    pieces: list[str] = []
    for cluster in split_clusters(paragraph):
        if pieces and not _can_break(pieces[-1], cluster):
            pieces[-1] += cluster
        else:
            pieces.append(cluster)
    return pieces


def _can_break(before: str, cluster: str) -> bool:
    if cluster == " ":
        return False
    if before.endswith((" ", "-", "–", "—")):
        return not before.endswith(("-", "–", "—")) or cluster[0].isalpha()
    if cluster[0] in _NOT_FIRST or before[-1] in _NOT_LAST:
        return False
    return _is_ideographic(before[-1]) or _is_ideographic(cluster[0])


def _is_ideographic(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_IDEOGRAPHIC) or character in _NOT_FIRST[:-2]


def _cut_piece(piece: _Piece, width: float, size: int, measure: Measure) -> list[_Piece]:
    """Cut a piece into parts that fit the width; a part has at least one grapheme cluster."""
    parts: list[str] = []
    for cluster in split_clusters(piece.text):
        if parts and measure(parts[-1] + cluster, size) <= width:
            parts[-1] += cluster
        else:
            parts.append(cluster)
    measured = [_Piece(part, measure(part, size), 0) for part in parts]
    return [*measured[:-1], measured[-1]._replace(space=piece.space)]


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
    lines = [""]
    used = space = 0.0
    gap = ""
    for piece in pieces:
        if lines[-1] and used + space + piece.width > width:
            lines.append("")
            used, space, gap = 0.0, 0.0, ""
        lines[-1] += gap + piece.text
        used += space + piece.width
        space, gap = piece.space, " " if piece.space else ""
    return lines


def _shorten_lines(
    lines: Sequence[str], max_lines: int, width: float, size: int, measure: Measure
) -> list[str]:
    """Return the first lines, with an ellipsis at the end of the last."""
    kept = list(lines[:max_lines])
    clusters = split_clusters(kept[-1])
    while clusters and measure("".join(clusters).rstrip() + _ELLIPSIS, size) > width:
        clusters.pop()
    return [*kept[:-1], "".join(clusters).rstrip() + _ELLIPSIS]
