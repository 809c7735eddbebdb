"""What a render reports while it goes on, and what ends it early."""

from __future__ import annotations

import logging
import time
from contextvars import copy_context
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

from reelqueue.errors import RenderCanceledError, RenderTimeoutError, UnavailableError
from reelqueue.jobs.model import LiveState, Record
from reelqueue.media.facts import RenderStage
from reelqueue.outages import OUTAGES
from reelqueue.services import Services

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

REPORT_SECONDS = 0.5
REPEAT_SECONDS = 1.0
QUIET_FACTOR = 5
"""A failed report, or a slow look for an outcome, delays the next by this many times its time."""
POLL_SECONDS = 2.0


class RenderMonitor:
    """Reports progress at most twice a second; ends a render that is too slow or was cancelled.

    While it is entered, it repeats the latest report in a thread of its own. A render may make no
    progress for long, and a queue that has lost its data must know the progress of its runs before
    recovery passes them on.
    """

    def __init__(self, services: Services, record: Record, live: LiveState) -> None:
        self.live = live
        self._services = services
        self._record = record
        self._limit = services.settings.job_timeout_seconds
        self._started = time.monotonic()
        self._next_poll = self._reported = self._quiet_until = float("-inf")
        self._lock = Lock()  # held for a report: an older one must not follow a newer one
        self._has_ended = Event()
        # The queue finds the job that it reports for in the context.
        self._repeater = Thread(target=copy_context().run, args=(self._repeat,), daemon=True)

    def __enter__(self) -> Self:
        self._repeater.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._has_ended.set()
        self._repeater.join()

    def __call__(self, done: int, total: int, stage: RenderStage) -> None:
        """Take the progress of the render: `done` of `total`.

        Raises:
            RenderTimeoutError: if the render takes too long.
            RenderCanceledError: if its run has an outcome, or its job was deleted.
        """
        if time.monotonic() - self._started > self._limit:
            raise RenderTimeoutError
        self._poll()
        is_new_stage = stage != self.live.stage
        # Only the outcome says 100 %: until then the video may not be stored.
        progress = max(self.live.progress, 99 * done // total if total else 0)
        self.live = self.live.model_copy(update={"progress": progress, "stage": stage})
        self._report(0 if is_new_stage else REPORT_SECONDS)

    def note_fault(self, fault: str | None) -> None:
        """Report why the attempt failed, for the status until the next attempt."""
        self.live = self.live.model_copy(update={"fault": fault})
        self._services.queue.report_progress(self._record, self.live)

    def _repeat(self) -> None:
        while not self._has_ended.wait(REPEAT_SECONDS):
            try:
                self._report(REPEAT_SECONDS)
            except Exception:  # the render itself goes on, and reports
                log.exception("job %s: its progress was not repeated", self._record.job.id)

    def _report(self, pause: float) -> None:
        """Report the progress, unless that was done within `pause` seconds or has just failed."""
        with self._lock:
            clock = time.monotonic()
            if clock - self._reported < pause or clock < self._quiet_until:
                return
            self._reported = clock
            if not self._services.queue.report_progress(self._record, self.live):
                waited = time.monotonic() - clock
                self._quiet_until = clock + waited + QUIET_FACTOR * waited

    def _poll(self) -> None:
        """Look for an outcome, unless the last look was a moment ago."""
        clock = time.monotonic()
        if clock < self._next_poll:
            return
        self._check_wanted()
        waited = time.monotonic() - clock
        self._next_poll = clock + waited + max(POLL_SECONDS, QUIET_FACTOR * waited)

    def _check_wanted(self) -> None:
        """Raise RenderCanceledError if the run has ended; go on if storage does not answer."""
        job_id = self._record.job.id
        try:
            ended = self._services.ledger.has_ended(job_id, self._record.run)
        except UnavailableError:
            log.warning("job %s: its outcome could not be looked up", job_id, exc_info=True)
            return
        if ended:
            raise RenderCanceledError("Another process has ended this run, or deleted its job.")
