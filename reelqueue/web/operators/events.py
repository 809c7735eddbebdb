"""The stream of the operators' page: the lists that it shows, each whenever it changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from threading import BoundedSemaphore, Event

from flask import Response, json, request, stream_with_context
from pydantic import BaseModel

from reelqueue.errors import BusyError, UnavailableError
from reelqueue.jobs.model import Status
from reelqueue.services import Services
from reelqueue.web.answers import PageQuery
from reelqueue.web.context import get_services, to_json
from reelqueue.web.operators.job_list import JobsQuery, list_jobs, sort_open_runs
from reelqueue.web.operators.lists import list_audit, list_processes
from reelqueue.web.serving.exchange import ENDED

_SHORTEST_PAUSE_SECONDS = 1.0
_PAUSES = 4
"""Between two looks it rests so many times as long as a look took: storage is for renders first."""
_KEEPALIVE_SECONDS = 15
_MAX_STREAM_SECONDS = 600
_RETRY_AFTER_SECONDS = 2
_slots = BoundedSemaphore(3)  # each open stream holds a thread of the server
_STATUSES = {
    "running": Status.STARTED,
    "waiting": Status.QUEUED,
    "scheduled": Status.SCHEDULED,
    "deferred": Status.DEFERRED,
    "failed": Status.FAILED,
}
"""The events that are lists of jobs."""


def stream_events() -> Response:
    """Send each list as a server-sent event, with the data of its route, whenever it changes."""
    if not _slots.acquire(blocking=False):
        raise BusyError(
            "Too many open event streams: ask for the lists one by one.", _RETRY_AFTER_SECONDS
        )
    ended = request.environ.get(ENDED) or Event()
    response = Response(stream_with_context(_follow(ended)), mimetype="text/event-stream")
    response.call_on_close(_slots.release)
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _follow(ended: Event) -> Iterator[str]:
    """Yield an event for each list that changes, and comments that keep the connection open.

    The format is that of server-sent events (WHATWG HTML, section 9.2).
    """
    sent: dict[str, str] = {}
    started = sent_at = time.monotonic()
    while not ended.is_set() and time.monotonic() - started < _MAX_STREAM_SECONDS:
        looked_at = time.monotonic()
        for name, text in _read_lists(get_services()):
            if sent.get(name) != text:
                yield f"event: {name}\ndata: {text}\n\n"
                sent[name], sent_at = text, time.monotonic()
        if time.monotonic() - sent_at > _KEEPALIVE_SECONDS:
            yield ": still here\n\n"
            sent_at = time.monotonic()
        took = time.monotonic() - looked_at
        ended.wait(max(_SHORTEST_PAUSE_SECONDS, _PAUSES * took))


def _read_lists(services: Services) -> Iterator[tuple[str, str]]:
    """Yield the name and the JSON of each list; `trouble` says what could not be asked."""
    lists: dict[str, Callable[[], BaseModel]] = {
        "workers": partial(list_processes, services),
        "audit": partial(list_audit, services, PageQuery(page=1, per_page=20)),
    }
    trouble = ""
    try:
        runs = sort_open_runs(services)
        for name, status in _STATUSES.items():
            query = JobsQuery(status=status, kind=None, queue=None, page=1, per_page=20)
            lists[name] = partial(list_jobs, services, query, runs)
    except UnavailableError as error:
        trouble = str(error)
    for name, read in lists.items():
        try:
            yield name, json.dumps(to_json(read()))
        except UnavailableError as error:
            trouble = str(error)
    yield "trouble", json.dumps({"detail": trouble})
