"""Results that threads prepare before they are needed."""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Executor, Future, wait
from typing import Any, Protocol, TypeVar

Result = TypeVar("Result")

_LAST = 19  # the highest niceness (setpriority(2))


def lower_priority() -> None:
    """Let all other threads go before this one, whose results are not needed yet.

    Only Linux has a niceness for each thread.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LAST)


class Pool(Protocol):
    """What calls are given to, such as an executor."""

    def submit(self, call: Callable[[], Result], /) -> Future[Result]:
        """Start a call, now or later."""


class WatchedPool:
    """A pool that one can wait for.

    Args:
        pool: what makes the calls.
    """

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._started: set[Future[Any]] = set()

    def submit(self, call: Callable[[], Result], /) -> Future[Result]:
        """Start a call, now or later."""
        future = self._pool.submit(call)
        self._started.add(future)
        future.add_done_callback(self._started.discard)
        return future

    def wait(self) -> None:
        """Wait until all calls that were given have ended."""
        wait(self._started.copy())


def call_ahead(
    calls: Iterable[Callable[[], Result]], pool: Pool, ahead: int
) -> Generator[Result, None, None]:
    """Yield what each call returns, in order; `ahead` calls are started before they are needed."""
    waiting: deque[Future[Result]] = deque()
    try:
        for call in calls:
            waiting.append(pool.submit(call))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
