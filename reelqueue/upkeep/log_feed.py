"""The log feed: the last log lines of a service, published for the operators' page.

A process and all that it forks write their lines into one pipe. One of them reads it, keeps the
last lines and publishes them; if it dies, the next one goes on with what is in the pipe. Nothing
waits for the feed: lines that the pipe has no room for are dropped. Secrets are masked at once.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from contextlib import suppress
from functools import cache
from threading import Thread

from reelqueue.config import Settings
from reelqueue.errors import UnavailableError
from reelqueue.masking import Mask, get_mask
from reelqueue.queues.protocol import QueueControl

log = logging.getLogger(__name__)

LINES_KEPT = 500
PUBLISH_SECONDS = 2.0
_REFRESH_SECONDS = 20.0
"""What is published expires after a minute, so it is published again even if nothing is new."""
_WRITE_BYTES = 4096  # PIPE_BUF of Linux: what is no longer stays in one piece (pipe(7))
_READ_BYTES = 1 << 16
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_APART = ("gunicorn.error",)
"""Loggers that do not pass their messages to the root logger."""


class _PipeHandler(logging.Handler):
    """Writes log lines into a pipe, and never waits."""

    def __init__(self, descriptor: int, mask: Mask) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter(_FORMAT))
        self._descriptor, self._mask = descriptor, mask

    def emit(self, record: logging.LogRecord) -> None:
        """Write a message; each of its lines is cut off where it would be torn."""
        text = self._mask.apply(self.format(record))
        for line in text.splitlines():
            data = line.encode(errors="replace")[: _WRITE_BYTES - 1] + b"\n"
            try:
                os.write(self._descriptor, data)
            except BlockingIOError:
                return


class LogFeed:
    """The pipe, and the last lines that came through it."""

    def __init__(self, settings: Settings) -> None:
        self._source, sink = os.pipe()
        os.set_blocking(sink, False)
        self._lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._count = 0
        handler = _PipeHandler(sink, get_mask(settings))
        for name in (None, *_APART):
            logging.getLogger(name).addHandler(handler)

    def watch(self, control: QueueControl, name: str) -> None:
        """Keep and publish the lines under a name, until this process ends."""
        Thread(target=self._receive, daemon=True).start()
        published, published_at = -1, time.monotonic()
        while True:
            is_new = self._count != published
            if is_new or time.monotonic() - published_at > _REFRESH_SECONDS:
                published, published_at = self._count, time.monotonic()
                self._publish(control, name)
            time.sleep(PUBLISH_SECONDS)

    def _publish(self, control: QueueControl, name: str) -> None:
        with suppress(UnavailableError):  # others say that the queue is away
            control.publish_log(name, list(self._lines))

    def _receive(self) -> None:
        rest = b""
        while True:
            *lines, rest = (rest + os.read(self._source, _READ_BYTES)).split(b"\n")
            self._lines.extend(line.decode(errors="replace") for line in lines)
            self._count += len(lines)


@cache
def open_feed(settings: Settings) -> LogFeed:
    """Return the feed of this process and of those that it forks from now on."""
    return LogFeed(settings)
