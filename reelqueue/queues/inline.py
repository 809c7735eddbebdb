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
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from reelqueue.config import ROOT, Settings
from reelqueue.errors import TOOK_TOO_LONG, BusyError, NotFoundError, UnavailableError
from reelqueue.findings import Cause, Finding
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.marks.runs import OpenRun
from reelqueue.jobs.model import (
    LiveState,
    Outcome,
    Record,
    RunClaim,
    Status,
    begin_attempt,
)
from reelqueue.outages import OUTAGES
from reelqueue.processes.children import NICENESS, ChildTimeoutError, Limits, running_child
from reelqueue.processes.slots import Slots, hold_for_good
from reelqueue.queues.inline_control import InlineControl
from reelqueue.queues.protocol import INLINE, Liveness
from reelqueue.storage import Store

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

POLL_SECONDS = 0.25
PATIENCE_SECONDS = 1.0
RETRY_AFTER_SECONDS = 10
HEARTBEAT_SECONDS = 5.0
MAX_WATCHED = 1000
HEARTBEAT_TIMEOUT_SECONDS = 15.0
"""After this long without a heartbeat, the process that rendered a job is gone."""


class InlineQueue:
    """Renders each job in a child process of its own, at most `INLINE_RENDERS` at once."""

    def __init__(self, settings: Settings, store: Store, ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger
        self._kill_seconds = settings.job_kill_seconds
        places = hashlib.sha256(settings.storage_url.encode()).hexdigest()[:16]
        self._slots = Slots(f"places-{places}", settings.inline_renders)
        self.control = InlineControl(self._slots)
        self._heartbeats: dict[str, tuple[float, datetime]] = {}
        """For each run: when we first saw its latest heartbeat, by our clock; and the heartbeat."""
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

    def submit(self, record: Record) -> None:
        """Render a run, and return when it has ended."""
        self._store.write(_alive_key(record), b"")
        self._note(record, begin_attempt(record.reached, 1))
        reason = self._render(record)
        try:
            if not self._ledger.has_ended(record.job.id, record.run):
                log.error("job %s: %s", record.job.id, reason)
                self._ledger.logs.add(record.job.id, record.run, reason)
                self._ledger.end(record.job.id, record.run, self._failure(record, reason))
            self._ledger.deletions.clear(record.job.id)  # what was written since it was deleted
        except NotFoundError:
            log.info("job %s: was deleted", record.job.id)
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
            lock = hold_for_good(self._slots.open_folder() / "recovery")
            if lock is None:  # another thread of this process may have it, and set it meanwhile
                return False
            self._leader_lock = lock
        return True

    def find_silent(self) -> list[OpenRun]:
        """Return none: heartbeats are in the storage here."""
        return []

    def find_doubtful(self, runs: Sequence[OpenRun]) -> list[OpenRun]:
        """Leave out none: no run waits here."""
        return list(runs)

    def find_waiting(self, runs: Sequence[OpenRun]) -> dict[str, list[OpenRun]]:  # noqa: ARG002
        """Return none: no run waits here."""
        return {}

    def check_liveness(self, record: Record) -> Liveness:
        """Look whether there was a heartbeat since an earlier look.

        The storage says when that was by its own clock, which is not compared with ours.
        """
        written = [entry.modified for entry in self._store.list(_run_folder(record))]
        latest = max(written, default=record.job.created_at)
        since, before = self._heartbeats.get(_run_folder(record), (0.0, None))
        if latest != before:
            if len(self._heartbeats) >= MAX_WATCHED:
                self._heartbeats.clear()  # of runs that ended long ago, nearly all
            self._heartbeats[_run_folder(record)] = (time.monotonic(), latest)
            return Liveness.ALIVE
        is_silent = time.monotonic() - since > HEARTBEAT_TIMEOUT_SECONDS
        return Liveness.LOST if is_silent else Liveness.ALIVE

    def stop(self, record: Record) -> None:
        """Do nothing: `submit`, in the process that renders, polls for the outcome and stops."""

    def forget(self, claim: RunClaim) -> None:
        """Do nothing, as above."""

    def begin_attempt(self, record: Record) -> LiveState:
        """Begin the one attempt: nothing is retried here, only taken over."""
        return begin_attempt(self._read(record), 1)

    def report_progress(self, record: Record, live: LiveState) -> bool:
        """Write the progress to storage, where every web process sees it."""
        try:
            self._note(record, live)
        except UnavailableError:
            log.warning("job %s: progress could not be noted", record.job.id, exc_info=True)
            return False
        return True

    def drop_result(self) -> None:
        """Do nothing: this queue keeps no results."""

    def describe_load(self) -> dict[str, Any]:
        """Count the renders of this machine."""
        jobs = {"started": self._slots.count_taken()}
        return {
            "mode": "inline",
            "ok": True,
            "suspended": False,
            "workers": self._slots.total,
            "jobs": jobs,
            "queues": {INLINE: {**jobs, "workers": self._slots.total}},
            "unserved": [],
        }

    def find_fault(self) -> Cause | None:
        """Return None: child processes can always be started."""

    def examine(self) -> Iterator[Finding]:
        """Yield one good finding."""
        text = "REDIS_URL is unset or empty: the web service renders the jobs itself."
        yield Finding("ok", "queue", text)

    def identify(self) -> str:
        """Return the id that all queues of this kind have."""
        return INLINE

    def measure_clock(self) -> float:
        """Return 0: there is no other clock."""
        return 0.0

    def announce(self, name: str, facts: dict[str, Any]) -> None:
        """Do nothing: no other service can use this queue."""

    def retract(self, name: str) -> None:
        """Do nothing, as above."""

    def list_services(self) -> dict[str, dict[str, Any]]:
        """Return none, as above."""
        return {}

    def list_workers(self) -> list[str]:
        """Return none: the web renders."""
        return []

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
        """Tell whether the run has ended; False while the storage does not answer."""
        try:
            return self._ledger.has_ended(record.job.id, record.run)
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
