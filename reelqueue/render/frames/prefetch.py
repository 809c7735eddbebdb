"""Work done ahead of its use, by threads."""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Executor, Future
from typing import TypeVar

Result = TypeVar("Result")

MAX_THREADS = 8  # more take memory, and with 12 of x264's a pan is more than 0.1 pixels off its way

_LAST = 19  # the highest niceness (setpriority(2))


def count_threads() -> int:
    """Return how many threads draw or encode at once: as many as there are cores, at most 8."""
    return min(len(os.sched_getaffinity(0)), MAX_THREADS)


def stand_back() -> None:
    """Let all other threads go first: what this one makes is not needed yet.

    Only Linux gives each thread a niceness of its own.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LAST)


def call_ahead(
    calls: Iterable[Callable[[], Result]], pool: Executor, ahead: int
) -> Generator[Result, None, None]:
    """Yield what each call returns, in order, `ahead` of them begun before they are needed."""
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
