"""Runs of windows that have the same value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

Run = tuple[int, int]
"""The first window, and the one after the last."""


def list_runs(flags: Iterable[int], wanted: int) -> Iterator[Run]:
    """Yield each run of a value, in their order."""
    start = 0
    for value, run in groupby(flags):
        end = start + sum(1 for _ in run)
        if value == wanted:
            yield start, end
        start = end
