"""The parts of the operators' page as they are now, read once for all who watch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from threading import Lock
from typing import Any

from flask import json
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


class News:
    """What a process of the web tells those who watch the page; it looks only for them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._parts: dict[str, str] = {}
        self._due = float("-inf")
        self._batches = EndedBatches()

    def read(self, services: Services) -> tuple[Mapping[str, str], float]:
        """Return the JSON of each part by its name, and in how many seconds to ask again.

        `trouble` says what could not be read; such a part is as it was. Needs a context of Flask.
        """
        with self._lock:
            looked_at = time.monotonic()
            if looked_at >= self._due:
                self._parts |= self._look(services)
                now = time.monotonic()
                self._due = now + max(_SHORTEST_PAUSE_SECONDS, _PAUSES * (now - looked_at))
            return dict(self._parts), max(0.0, self._due - time.monotonic())

    def _look(self, services: Services) -> Iterator[tuple[str, str]]:
        parts: dict[str, Callable[[], BaseModel | dict[str, Any]]] = {
            "workers": partial(list_processes, services),
            "audit": partial(list_audit, services, _FIRST),
            "webhooks": partial(list_webhooks, services, _FIRST),
            "schedules": partial(list_schedules, services),
            "stats": partial(_describe_statistics, services),
            "health": partial(describe_health, services),
        }
        trouble = ""
        try:
            runs = sort_open_runs(services)
            for name, status in _STATUSES.items():
                query = JobsQuery(status=status, kind=None, queue=None, page=1, per_page=20)
                parts[name] = partial(list_jobs, services, query, runs)
            unended = {run.job_id for run in runs}
            parts["batches"] = partial(self._batches.list, services, _FIRST, unended)
        except UnavailableError as error:
            trouble = str(error)
        for name, read in parts.items():
            try:
                part = read()
                yield name, json.dumps(to_json(part) if isinstance(part, BaseModel) else part)
            except UnavailableError as error:
                trouble = str(error)
        yield "trouble", json.dumps({"detail": trouble})


def _describe_statistics(services: Services) -> dict[str, Any]:
    """Return the statistics without what changes all the time and tells nothing new."""
    facts = to_json(describe_service(services))
    del facts["counted_at"]
    if free := facts["storage"].get("free"):
        facts["storage"]["free"] = round(free, 3 - len(str(free)))
    return facts
