"""The order in which characters of both directions are read (Unicode Bidirectional Algorithm).

UAX #9, without its explicit marks (X1 to X8), which are removed from all text
before, and without bracket pairs (N0).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import groupby

_NEUTRAL = ("B", "S", "WS", "ON", "BN")


def find_levels(paragraph: str) -> list[int]:
    """Return each character's level: even is read from the left, odd from the right."""
    classes = [unicodedata.bidirectional(character) or "L" for character in paragraph]
    base = next((int(kind != "L") for kind in classes if kind in ("L", "R", "AL")), 0)
    around = "R" if base else "L"
    resolved = _resolve_neutrals(_resolve_weak(classes, around), around)
    return [base + _raise(kind, base) for kind in resolved]


def order_runs(levels: Sequence[int]) -> list[int]:
    """Return the numbers of runs, each of one level, from left to right (L2)."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        order = [
            number
            for is_high, group in groupby(order, key=lambda run: levels[run] >= level)
            for number in (reversed(list(group)) if is_high else group)
        ]
    return order


def _resolve_weak(classes: Sequence[str], around: str) -> list[str]:
    """Resolve marks, numbers, and the signs in and around numbers (W1 to W7)."""
    kinds = list(classes)
    strong = before = around
    for number, kind in enumerate(kinds):
        if kind in ("NSM", "BN"):
            kinds[number] = before  # W1
        elif kind == "EN" and strong == "AL":
            kinds[number] = "AN"  # W2
        if kind in ("L", "R", "AL"):
            strong = kind
        before = kinds[number]
    kinds = ["R" if kind == "AL" else kind for kind in kinds]  # W3
    _join_numbers(kinds)
    kinds = ["ON" if kind in ("ES", "ET", "CS") else kind for kind in kinds]  # W6
    strong = around
    for number, kind in enumerate(kinds):
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[number] = "L"  # W7
    return kinds


def _join_numbers(kinds: list[str]) -> None:
    """Let a single separator join two numbers (W4), and signs belong to the number beside (W5)."""
    for number in range(1, len(kinds) - 1):
        before, kind, after = kinds[number - 1 : number + 2]
        if before == after and ((kind, before) in (("ES", "EN"), ("CS", "EN"), ("CS", "AN"))):
            kinds[number] = before
    position = 0
    for kind, group in groupby(list(kinds)):
        end = position + len(list(group))
        if kind == "ET" and "EN" in (kinds[position - 1 : position] + kinds[end : end + 1]):
            kinds[position:end] = ["EN"] * (end - position)
        position = end


def _resolve_neutrals(kinds: Sequence[str], around: str) -> list[str]:
    """Give neutrals the direction on both sides of them, else the paragraph's (N1, N2)."""
    resolved: list[str] = []
    groups = [
        (is_neutral, list(group))
        for is_neutral, group in groupby(kinds, key=lambda kind: kind in _NEUTRAL)
    ]
    for number, (is_neutral, group) in enumerate(groups):
        if not is_neutral:
            resolved += group
            continue
        before = _find_side(groups[number - 1][1][-1]) if number else around
        after = _find_side(groups[number + 1][1][0]) if number + 1 < len(groups) else around
        resolved += [before if before == after else around] * len(group)
    return resolved


def _find_side(kind: str) -> str:
    return "L" if kind == "L" else "R"


def _raise(kind: str, base: int) -> int:
    """Return how far a kind is above the paragraph's level (I1, I2)."""
    if base:
        return int(kind != "R")
    return {"L": 0, "R": 1}.get(kind, 2)
