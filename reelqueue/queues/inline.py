"""Rendering without Redis: in a child process, while the caller waits.

The progress is kept in storage, so that each web process can answer polls for any job.
"""

from __future__ import annotations

import hashlib
import json
import logging
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from reelqueue.config import ROOT, Settings
from reelqueue.errors import BusyError, UnavailableError
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.model import (
    TOOK_TOO_LONG,
    Liveness,
    LiveState,
    Outcome,
    Record,
    Status,
    begin_attempt,
    now,
)
from reelqueue.processes.children import NICENESS, ChildTimeoutError, Limits, running_child
from reelqueue.processes.slots import Slots, hold_for_good
from reelqueue.queues.protocol import Finding
from reelqueue.storage import Store

log = logging.getLogger(__name__)

POLL_SECONDS = 0.25
PATIENCE_SECONDS = 1.0
RETRY_AFTER_SECONDS = 10
HEARTBEAT_SECONDS = 5.0
HEARTBEAT_TIMEOUT = timedelta(seconds=15)
"""After this long without a heartbeat, the process that rendered a job is gone."""


class InlineQueue:
    """Renders each job in a child process of its own, at most `INLINE_RENDERS` at once."""

    def __init__(self, settings: Settings, store: Store, ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger
        self._kill_seconds = settings.job_kill_seconds
        places = hashlib.sha256(settings.storage_url.encode()).hexdigest()[:16]
        self._slots = Slots(f"places-{places}", settings.inline_renders)
        self._leader_lock: int | None = None  # a descriptor, held for as long as the process lives

    def reserve_slot(self) -> AbstractContextManager[None]:
        """Hold one of this machine's render slots; wait as long as a cancelled render may run on.

        Raises:
            BusyError: if no slot is free.
        """
        busy = BusyError(
            "All renders are busy right now: try again in a moment.", RETRY_AFTER_SECONDS
        )
        return self._slots.reserve(PATIENCE_SECONDS, busy)

    def submit(self, record: Record, reached: LiveState) -> None:
        """Render a run, and return when it has ended."""
        self._store.write(_alive_key(record), b"")
        before = LiveState(progress=reached.progress, given_up=reached.attempts)
        self._note(record, begin_attempt(before, 1))
        reason = self._render(record)
        try:
            if self._ledger.find_outcome(record.job.id, record.run) is None:
                log.error("job %s: %s", record.job.id, reason)
                self._ledger.add_log(record.job.id, record.run, reason)
                self._ledger.end(record.job.id, record.run, self._failure(record, reason))
        except UnavailableError:  # the run stays open, and recovery takes it over
            log.exception("job %s: its outcome could not be written", record.job.id)

    def find_live(self, record: Record) -> LiveState:
        """Return the last state noted; a run whose process is gone counts as queued again."""
        live = self._read(record)
        if self.check_liveness(record) is Liveness.LOST:
            return live.model_copy(update={"status": Status.QUEUED, "stage": "queued"})
        return live

    def acquire_leadership(self) -> bool:
        """Lock a file with flock(2): the kernel releases it when the process dies."""
        if self._leader_lock is None:
            self._leader_lock = hold_for_good(self._slots.open_folder() / "recovery")
        return self._leader_lock is not None

    def check_liveness(self, record: Record) -> Liveness:
        """Look at the last heartbeat of the run."""
        written = [entry.modified for entry in self._store.list(_run_folder(record))]
        is_silent = now() - max(written, default=record.job.created_at) > HEARTBEAT_TIMEOUT
        return Liveness.LOST if is_silent else Liveness.ALIVE

    def stop(self, record: Record) -> None:
        """Do nothing: `submit`, in the process that renders, polls for the outcome and stops."""

    def begin_attempt(self, record: Record) -> LiveState:
        """Begin the one attempt: nothing is retried here, only taken over."""
        return begin_attempt(self._read(record), 1)

    def report_progress(self, record: Record, live: LiveState) -> None:
        """Write the progress to storage, where every web process sees it."""
        try:
            self._note(record, live)
        except UnavailableError:
            log.warning("job %s: progress could not be noted", record.job.id, exc_info=True)

    def drop_result(self) -> None:
        """Do nothing: this queue keeps no results."""

    def describe_load(self) -> dict[str, Any]:
        """Count the renders of this machine."""
        return {
            "mode": "inline",
            "ok": True,
            "workers": self._slots.total,
            "jobs": {"started": self._slots.count_taken()},
        }

    def examine(self, _storage_id: str) -> Iterator[Finding]:
        """Yield one good finding: child processes use the same storage as this one."""
        yield Finding("ok", "queue", "REDIS_URL is unset: the web service renders the jobs itself.")

    def _read(self, record: Record) -> LiveState:
        data = self._store.read(_live_key(record))
        return LiveState.from_json(json.loads(data)) if data else LiveState()

    def _note(self, record: Record, live: LiveState) -> None:
        self._store.write(_live_key(record), live.to_json())

    def _render(self, record: Record) -> str:
        """Run the child until it ends, takes too long or is cancelled.

        Returns:
            The error for the user, in case the child wrote no outcome.
        """
        deadline = time.monotonic() + self._kill_seconds
        next_heartbeat = time.monotonic() + HEARTBEAT_SECONDS
        numbers = (str(record.run), str(record.takeovers))
        command = [sys.executable, "-m", "reelqueue.workers", record.job.id, *numbers]
        with running_child(
            command,
            limits=Limits(niceness=NICENESS),
            cwd=ROOT,
            own_group=True,
            stderr=sys.stderr.fileno(),
        ) as child:
            while time.monotonic() < deadline:
                try:
                    return _explain_end(child.wait(POLL_SECONDS))
                except ChildTimeoutError:
                    if self._has_ended(record):
                        return "it was cancelled"
                if time.monotonic() > next_heartbeat:
                    next_heartbeat += HEARTBEAT_SECONDS
                    self._send_heartbeat(record)
        return TOOK_TOO_LONG

    def _has_ended(self, record: Record) -> bool:
        """Tell whether the run has an outcome; False while the storage does not answer."""
        try:
            return self._ledger.find_outcome(record.job.id, record.run) is not None
        except UnavailableError:
            log.warning("job %s: its outcome could not be looked up", record.job.id, exc_info=True)
            return False

    def _send_heartbeat(self, record: Record) -> None:
        try:
            self._store.write(_alive_key(record), b"")
        except UnavailableError:
            log.warning("job %s: the heartbeat could not be written", record.job.id, exc_info=True)

    def _failure(self, record: Record, reason: str) -> Outcome:
        live = self._read(record)
        return Outcome.from_live(live, Status.FAILED, error=live.fault or reason)


def _explain_end(code: int) -> str:
    if code == -signal.SIGKILL:
        return "The system stopped the render, most likely out of memory: use a smaller size."
    return "The render stopped unexpectedly, and we have logged why. Try again, or use other files."


def _live_key(record: Record) -> str:
    return f"{_run_folder(record)}/live.json"


def _alive_key(record: Record) -> str:
    return f"{_run_folder(record)}/alive"


def _run_folder(record: Record) -> str:
    return f"jobs/{record.job.id}/runs/{record.run}"
