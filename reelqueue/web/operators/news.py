"""The parts of the operators' page as they are now, read once for all who watch."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any

from pydantic import BaseModel

from reelqueue.errors import UnavailableError
from reelqueue.jobs.model import Status
from reelqueue.services import Services
from reelqueue.web.answers import PageQuery
from reelqueue.web.context import to_json
from reelqueue.web.health import describe_health
from reelqueue.web.operators.job_list import JobsQuery, list_jobs, sort_open_runs
from reelqueue.web.operators.lists import EndedBatches, list_audit, list_processes
from reelqueue.web.operators.webhooks import list_webhooks
from reelqueue.web.statistics.routes import describe_service, list_schedules
from reelqueue.web.statistics.sources import Source, Sources

log = logging.getLogger(__name__)

_SHORTEST_PAUSE_SECONDS = 1.0
_PAUSES = 4
"""Between two looks it rests so many times as long as a look took: storage is for renders first."""
_STATUSES = {
    "running": Status.STARTED,
    "waiting": Status.QUEUED,
    "scheduled": Status.SCHEDULED,
    "deferred": Status.DEFERRED,
    "failed": Status.FAILED,
}
"""The parts that are lists of jobs."""
_FIRST = PageQuery(page=1, per_page=20)
_Parts = Mapping[str, BaseModel | dict[str, Any]]


class News:
    """What a process of the web tells those who watch the page; it looks only for them.

    What is slow or away holds up nothing else: it stays as it was, and comes when it is there.
    """

    def __init__(self, services: Services, statistics: Sources) -> None:
        self._services = services
        self._lock = Lock()
        self._parts: dict[str, str] = {}
        self._due = float("-inf")
        self._batches = EndedBatches()
        asks: tuple[Callable[[], _Parts], ...] = (
            self._list_jobs,
            lambda: {"workers": list_processes(services)},
            lambda: {"audit": list_audit(services, _FIRST)},
            lambda: {"webhooks": list_webhooks(services, _FIRST)},
            lambda: {"schedules": list_schedules(services)},
            lambda: {"health": describe_health(services)},
            lambda: {"stats": _describe_statistics(services, statistics)},
        )
        pool = ThreadPoolExecutor(len(asks), "news")
        self._sources = [Source(partial(_write, ask), pool) for ask in asks]

    def read(self) -> tuple[Mapping[str, str], float]:
        """Return the JSON of each part by its name, and in how many seconds to ask again.

        `trouble` says what could not be read.
        """
        with self._lock:
            looked_at = time.monotonic()
            if looked_at >= self._due:
                self._look()
                now = time.monotonic()
                self._due = now + max(_SHORTEST_PAUSE_SECONDS, _PAUSES * (now - looked_at))
            return self._parts, max(0.0, self._due - time.monotonic())

    def _look(self) -> None:
        for source in self._sources:
            source.begin()
        found = [source.get() or {} for source in self._sources]
        told = dict(item for parts in found for item in parts.items())
        trouble = told.pop("trouble", json.dumps({"detail": ""}))
        self._parts = {**self._parts, **told, "trouble": trouble}

    def _list_jobs(self) -> _Parts:
        runs = sort_open_runs(self._services)
        queries = {
            name: JobsQuery(status=status, kind=None, queue=None, page=1, per_page=20)
            for name, status in _STATUSES.items()
        }
        lists = {name: list_jobs(self._services, query, runs) for name, query in queries.items()}
        unended = {run.job_id for run in runs}
        return {**lists, "batches": self._batches.list(self._services, _FIRST, unended)}


def _write(ask: Callable[[], _Parts]) -> Mapping[str, str]:
    """Return parts as JSON; only `trouble`, if they cannot be read."""
    try:
        parts = ask()
    except UnavailableError as error:
        parts = {"trouble": {"detail": str(error)}}
    except Exception:
        log.exception("a part of the operators' page cannot be read")
        parts = {"trouble": {"detail": "A part of this page cannot be read: the log says why."}}
    return {
        name: json.dumps(to_json(part) if isinstance(part, BaseModel) else part)
        for name, part in parts.items()
    }


def _describe_statistics(services: Services, sources: Sources) -> dict[str, Any]:
    """Return the statistics without what changes all the time and tells nothing new."""
    facts = to_json(describe_service(services, sources))
    del facts["counted_at"]
    if free := facts["storage"].get("free"):
        facts["storage"]["free"] = round(free, 3 - len(str(free)))
    return facts
