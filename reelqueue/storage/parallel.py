"""Calls that wait for the storage, several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

CALLS_AT_ONCE = 16


def call_each(function: Callable[[Item], Answer], items: Iterable[Item]) -> list[Answer]:
    """Return what a function that waits for the storage returns for each item, in their order.

    The first exception of a call is raised when no call is going on any more.
    """
    with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        return list(pool.map(function, items))
