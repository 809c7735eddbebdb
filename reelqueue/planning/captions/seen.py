"""Which of the things that are seen one after the other are still seen at a frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

_Seen = TypeVar("_Seen")


def leave_seen(things: Iterable[tuple[int, _Seen]], first: int) -> Iterator[tuple[int, _Seen]]:
    """Yield those that are seen at frame `first` or after it.

    Args:
        things: each with the frame from which on it is seen, until the next one is.
        first: a frame.
    """
    last = None
    for thing in things:
        if last and thing[0] > first:
            yield last
        last = thing
    if last:
        yield last
