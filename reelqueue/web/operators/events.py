"""The stream of the operators' page: its parts, each whenever it changes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import BoundedSemaphore, Event

from flask import Response, current_app, request, stream_with_context

from reelqueue.errors import BusyError
from reelqueue.web.context import get_services
from reelqueue.web.operators.news import News
from reelqueue.web.serving.exchange import ENDED
from reelqueue.web.statistics.metrics import get_sources

_KEEPALIVE_SECONDS = 15
_MAX_STREAM_SECONDS = 600
_RETRY_AFTER_SECONDS = 2
_slots = BoundedSemaphore(3)  # each open stream holds a thread of the server
_NEWS = "reelqueue-news"


def stream_events() -> Response:
    """Send each part as a server-sent event, with the data of its route, whenever it changes."""
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
    """Yield an event for each part that changes, and comments that keep the connection open.

    The format is that of server-sent events (WHATWG HTML, section 9.2).
    """
    # One for all of a process.
    news: News = current_app.extensions.setdefault(_NEWS, News(get_services(), get_sources()))
    sent: dict[str, str] = {}
    started = sent_at = time.monotonic()
    while not ended.is_set() and time.monotonic() - started < _MAX_STREAM_SECONDS:
        parts, pause = news.read()
        for name, text in parts.items():
            if sent.get(name) != text:
                yield f"event: {name}\ndata: {text}\n\n"
                sent[name], sent_at = text, time.monotonic()
        if time.monotonic() - sent_at > _KEEPALIVE_SECONDS:
            yield ": still here\n\n"
            sent_at = time.monotonic()
        ended.wait(pause)
