"""Threads for the work of requests, in lanes: what is quick never waits for what takes long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Lane:
    """A few threads, and a bounded queue in front of them."""

    def __init__(self, name: str, threads: int, queue: int, *, is_urgent: bool = False) -> None:
        self.is_urgent = is_urgent
        self._pool = ThreadPoolExecutor(threads, name)
        self._places, self._taken = threads + queue, 0

    @property
    def is_full(self) -> bool:
        """Whether new requests have to be refused."""
        return self._taken >= self._places

    async def run(self, work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
        """Run a function in one of the threads."""
        self._taken += 1
        try:
            call = partial(work, *arguments, **options)
            return await asyncio.get_running_loop().run_in_executor(self._pool, call)
        finally:
            self._taken -= 1

    def close(self) -> None:
        """Start no more work."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Lanes:
    """The lanes of a process.

    Python runs one thread at a time, so a lane has no more threads than it needs to wait for disks
    and buckets.

    Args:
        threads: requests that change something and may run at once, such as inline renders.
    """

    def __init__(self, threads: int) -> None:
        self.disk = Lane("disk", 4, 1000)  # for what is received
        self.asks = Lane("asks", 4, 1000)  # whether the app takes a form
        self._polls = Lane("polls", 4, 500, is_urgent=True)
        self._reads = Lane("reads", 3, 1000)
        self._streams = Lane("streams", 12, 100)  # more than there may be open event streams
        self._works = Lane("works", threads, 200)

    def choose(self, method: str, path: str) -> Lane:
        """Return the lane for a request."""
        if method not in ("GET", "HEAD", "OPTIONS"):
            return self._works
        if path in ("/health", "/metrics") or path.startswith("/job_status/"):
            return self._polls
        is_stream = path.startswith("/job_events/") or path == "/admin/events"
        return self._streams if is_stream else self._reads

    def close(self) -> None:
        """Start no more work."""
        for lane in (self.disk, self.asks, self._polls, self._reads, self._streams, self._works):
            lane.close()
