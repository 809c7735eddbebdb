"""Text broken into lines: as large as asked for, and smaller where it would not fit."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from reelqueue.text.graphemes import split_clusters

LINE_HEIGHT = 1.35  # of the letters' size
SMALLEST = 9
_STEP = 0.92  # from one size to the next smaller one
_HALVINGS = 6
_ELLIPSIS = "…"
_IDEOGRAPHIC = ("CJK UNIFIED", "CJK COMPAT", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "FULLWIDTH")
_NOT_FIRST = "、。，．！？：；）」』】〉》〕］｝ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々・…‥％"
_NOT_LAST = "（「『【〈《〔［｛"

Measure = Callable[[str, int], float]
"""Tells the width of a text in letters of a size."""


class Block(NamedTuple):
    """Lines of text that fit, in letters of `size` pixels."""

    lines: tuple[str, ...]
    size: int


class _Piece(NamedTuple):
    """What is not broken, and the spaces behind it."""

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
        lines = _break_text(text, width, size, measure, may_cut=is_last)
        if lines is not None and len(lines) <= most:
            return Block(tuple(lines), size)
        if is_last:
            return Block(tuple(_shorten(lines or [], most, width, size, measure)), size)
        size = max(min(round(size * _STEP), size - 1), smallest)


def _break_text(
    text: str, width: float, size: int, measure: Measure, *, may_cut: bool
) -> list[str] | None:
    """Return the lines, or None if a word is too wide and may not be cut."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        pieces = _measure_pieces(paragraph.strip(" "), size, measure)
        if any(piece.width > width for piece in pieces):
            if not may_cut:
                return None
            pieces = [part for piece in pieces for part in _cut(piece, width, size, measure)]
        lines += _balance(pieces, width)
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
    """Return the pieces between which a line may end: words, and single ideographs."""
    pieces: list[str] = []
    for cluster in split_clusters(paragraph):
        if pieces and not _may_break(pieces[-1], cluster):
            pieces[-1] += cluster
        else:
            pieces.append(cluster)
    return pieces


def _may_break(before: str, cluster: str) -> bool:
    if cluster == " ":
        return False
    if before.endswith((" ", "-", "–", "—")):
        return not before.endswith(("-", "–", "—")) or cluster[0].isalpha()
    if cluster[0] in _NOT_FIRST or before[-1] in _NOT_LAST:
        return False
    return _is_ideographic(before[-1]) or _is_ideographic(cluster[0])


def _is_ideographic(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_IDEOGRAPHIC) or character in _NOT_FIRST[:-2]


def _cut(piece: _Piece, width: float, size: int, measure: Measure) -> list[_Piece]:
    """Return a piece that is too wide in parts that are not, if it has more than one cluster."""
    parts: list[str] = []
    for cluster in split_clusters(piece.text):
        if parts and measure(parts[-1] + cluster, size) <= width:
            parts[-1] += cluster
        else:
            parts.append(cluster)
    measured = [_Piece(part, measure(part, size), 0) for part in parts]
    return [*measured[:-1], measured[-1]._replace(space=piece.space)]


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


def _shorten(
    lines: Sequence[str], most: int, width: float, size: int, measure: Measure
) -> list[str]:
    """Return the first lines; the last of them says that there was more."""
    kept = list(lines[:most])
    clusters = split_clusters(kept[-1])
    while clusters and measure("".join(clusters).rstrip() + _ELLIPSIS, size) > width:
        clusters.pop()
    return [*kept[:-1], "".join(clusters).rstrip() + _ELLIPSIS]
