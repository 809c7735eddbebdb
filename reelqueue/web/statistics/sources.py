"""The sources of statistics: each is asked on its own, and the last answer stays if it is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from threading import RLock
from typing import Any, Generic, TypeVar

from reelqueue.jobs.model import now
from reelqueue.processes.room import measure_disk
from reelqueue.services import Services
from reelqueue.storage.checkup import find_storage_fault
from reelqueue.upkeep.statistics.overview import Overview, read_overview
from reelqueue.upkeep.statistics.tallies import Totals
from reelqueue.upkeep.statistics.usage import Usage, read_usage

WAIT_SECONDS = 1.0
"""How long an answer waits for a source that is slow, from when it was asked: all wait at once."""
_WENT_BACK = timedelta(minutes=1)

Answer = TypeVar("Answer")


class Source(Generic[Answer]):
    """Something that may be slow or away. It is asked by one thread at a time."""

    def __init__(self, ask: Callable[[], Answer], pool: ThreadPoolExecutor) -> None:
        self._ask, self._pool = ask, pool
        self._lock = RLock()  # a callback may come at once
        self._latest: Answer | None = None
        self._future: Future[Answer] | None = None
        self._asked = 0.0

    def begin(self) -> None:
        """Ask, unless the question is under way."""
        with self._lock:
            if self._future is None:
                self._asked = time.monotonic()
                self._future = self._pool.submit(self._ask)
                self._future.add_done_callback(self._keep)

    def get(self) -> Answer | None:
        """Return the answer or, if there is none in time, an earlier one; None if there is none."""
        with self._lock:
            future = self._future
            left = self._asked + WAIT_SECONDS - time.monotonic()
        if future:
            try:
                return future.result(max(0.0, left))
            except Exception:  # what is away is told by other sources
                return self._latest
        return self._latest

    def _keep(self, future: Future[Answer]) -> None:
        with self._lock:
            self._future = None
            if not future.cancelled() and future.exception() is None:
                self._latest = future.result()


class Sources:
    """All sources; each process of the web has its own."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._overview: Overview | None = None
        pool = ThreadPoolExecutor(4, "statistics")
        self.load: Source[dict[str, Any]] = Source(services.queue.describe_load, pool)
        self.overview = Source(self._read_overview, pool)
        self.storage = Source(self._find_storage, pool)
        self.usage: Source[Usage | None] = Source(self._read_usage, pool)

    def begin(self) -> None:
        """Ask all sources at once."""
        for source in (self.load, self.overview, self.storage, self.usage):
            source.begin()

    def measure_disk(self) -> tuple[int, int] | None:
        """Return the free and all bytes of the disk of the storage, None of a bucket."""
        folder = self._services.store.folder
        try:
            return measure_disk(folder) if folder else None
        except OSError:
            return None

    def _find_storage(self) -> bool:
        settings = self._services.settings
        return find_storage_fault(settings.storage_url, settings.min_free_bytes) is None

    def _read_usage(self) -> Usage | None:
        return read_usage(self._services.store)

    def _read_overview(self) -> Overview:
        """Return the latest overview; an older one is what a process wrote that was held up."""
        found = read_overview(self._services.store) or Overview(made_at=now(), totals=Totals())
        known = self._overview
        is_older = known is not None and found.totals.step < known.totals.step
        if known is None or not is_older or found.made_at - known.made_at > _WENT_BACK:
            self._overview = found
        return self._overview or found
