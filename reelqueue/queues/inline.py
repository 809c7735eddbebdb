"""Rendering without Redis: in a child process, while the caller waits.

What is going on is kept in storage, so that all web processes answer polls for each other's jobs.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

from reelqueue.config import ROOT, Settings
from reelqueue.errors import BusyError, UnavailableError
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.model import (
    TOO_LATE,
    Live,
    Outcome,
    Record,
    Status,
    Whereabouts,
    begin_attempt,
    now,
)
from reelqueue.processes.children import NICENESS, ChildTimeoutError, Limits, running_child
from reelqueue.processes.workspace import open_private_folder
from reelqueue.queues.protocol import Finding
from reelqueue.storage import Store

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
PATIENCE_SECONDS = 1.0
RETRY_AFTER_SECONDS = 10
SIGN_SECONDS = 5.0
SILENCE = timedelta(seconds=15)
"""After so long without a sign of life, whoever rendered a job is gone."""


class InlineQueue:
    """Renders each job in a child process of its own, at most `INLINE_RENDERS` at once."""

    def __init__(self, settings: Settings, store: Store, ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger
        self._kill_seconds = settings.job_kill_seconds
        self._places = _Places(settings)
        self._leadership: int | None = None  # a descriptor, held for as long as the process lives

    def place(self) -> AbstractContextManager[None]:
        """Hold one of the places that renders of this machine have."""
        return self._places.take()

    def submit(self, record: Record, reached: Live) -> None:
        """Render a run and return when it has ended, however it ended."""
        self._store.write(_alive_key(record), b"")
        before = Live(progress=reached.progress, given_up=reached.attempts)
        self._note(record, begin_attempt(before, 1))
        reason = self._render(record)
        try:
            if self._ledger.find_outcome(record.job.id, record.run) is None:
                log.error("job %s: %s", record.job.id, reason)
                self._ledger.add_log(record.job.id, record.run, reason)
                self._ledger.end(record.job.id, record.run, self._failure(record, reason))
        except UnavailableError:  # what is accepted stays so: `find` will call it stopped
            log.exception("job %s: its end could not be written", record.job.id)

    def find(self, record: Record) -> Live:
        """Return the last that the render noted; it waits again if whoever rendered it is gone."""
        live = self._read(record)
        if self.locate(record) is Whereabouts.LOST:
            return live.model_copy(update={"status": Status.QUEUED, "stage": "queued"})
        return live

    def lead(self) -> bool:
        """Hold a lock file, which the kernel gives back when its holder dies."""
        if self._leadership is None:
            folder = open_private_folder() / self._places.name
            folder.mkdir(exist_ok=True)
            descriptor = os.open(folder / "recovery", os.O_CREAT | os.O_RDWR, 0o600)
            if not _lock(descriptor):
                os.close(descriptor)
                return False
            self._leadership = descriptor
        return True

    def locate(self, record: Record) -> Whereabouts:
        """Look for signs of life of whoever renders a run."""
        written = [entry.modified for entry in self._store.list(_run_folder(record))]
        is_silent = now() - max(written, default=record.job.created_at) > SILENCE
        return Whereabouts.LOST if is_silent else Whereabouts.HELD

    def stop(self, record: Record) -> None:
        """Leave it to `submit`, in whichever process it waits: it sees the outcome and ends."""

    def begin_attempt(self, record: Record) -> Live:
        """There is one attempt for each who has the run."""
        return begin_attempt(self._read(record), 1)

    def report(self, record: Record, live: Live) -> None:
        """Keep it in storage, where every web process sees it."""
        try:
            self._note(record, live)
        except UnavailableError:
            log.warning("job %s: progress could not be noted", record.job.id, exc_info=True)

    def abandon(self) -> None:
        """Nothing is kept here of a render that is not wanted."""

    def describe_load(self) -> dict[str, Any]:
        """Count the renders of this machine."""
        return {
            "mode": "inline",
            "ok": True,
            "workers": self._places.total,
            "jobs": {"started": self._places.count_taken()},
        }

    def examine(self, _storage_id: str) -> Iterator[Finding]:
        """There is nothing that could be wrong: the children see what this process sees."""
        yield Finding("ok", "queue", "REDIS_URL is unset: the web renders by itself.")

    def _read(self, record: Record) -> Live:
        data = self._store.read(_live_key(record))
        return Live.model_validate_json(data) if data else Live()

    def _note(self, record: Record, live: Live) -> None:
        self._store.write(_live_key(record), live.model_dump_json().encode())

    def _render(self, record: Record) -> str:
        """Run the child until it ends, is too late or is not wanted; say why it has no outcome."""
        deadline = time.monotonic() + self._kill_seconds
        next_sign = time.monotonic() + SIGN_SECONDS
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
                    return _explain_end(child.wait(LOOK_SECONDS))
                except ChildTimeoutError:
                    if self._has_ended(record):
                        return "it was cancelled"
                if time.monotonic() > next_sign:
                    next_sign += SIGN_SECONDS
                    self._give_sign(record)
        return TOO_LATE

    def _has_ended(self, record: Record) -> bool:
        """Tell whether somebody else ended the run; a storage that is silent does not end it."""
        try:
            return self._ledger.find_outcome(record.job.id, record.run) is not None
        except UnavailableError:
            log.warning("job %s: its outcome could not be looked up", record.job.id, exc_info=True)
            return False

    def _give_sign(self, record: Record) -> None:
        try:
            self._store.write(_alive_key(record), b"")
        except UnavailableError:
            log.warning("job %s: no sign of life could be given", record.job.id, exc_info=True)

    def _failure(self, record: Record, reason: str) -> Outcome:
        live = self._read(record)
        return Outcome.from_live(live, Status.FAILED, error=live.fault or reason)


class _Places:
    """As many lock files as renders may run at once on this machine, over all web processes.

    The kernel gives a lock back when its holder dies, so no place is ever lost.
    """

    def __init__(self, settings: Settings) -> None:
        self.total = settings.inline_renders
        self.name = f"places-{hashlib.sha256(settings.storage_url.encode()).hexdigest()[:16]}"

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold a free place for the block.

        Raises:
            BusyError: if none gets free within the moment that a cancelled render takes to end.
        """
        folder = open_private_folder() / self.name
        folder.mkdir(exist_ok=True)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            for number in range(self.total):
                with (folder / f"place-{number}").open("w") as file:
                    if _lock(file.fileno()):
                        yield
                        return
            if time.monotonic() > deadline:
                raise BusyError(
                    "All renders are busy right now: try again in a moment.", RETRY_AFTER_SECONDS
                )
            time.sleep(LOOK_SECONDS)

    def count_taken(self) -> int:
        """Return how many places are held now."""
        taken = 0
        for path in (open_private_folder() / self.name).glob("place-*"):
            with path.open("w") as file:
                taken += not _lock(file.fileno())
        return taken


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _explain_end(code: int) -> str:
    if code == -signal.SIGKILL:
        return "The system stopped the render, most likely out of memory: use a smaller size."
    return "The render stopped unexpectedly; we have noted why. Try again, or use other files."


def _live_key(record: Record) -> str:
    return f"{_run_folder(record)}/live.json"


def _alive_key(record: Record) -> str:
    return f"{_run_folder(record)}/alive"


def _run_folder(record: Record) -> str:
    return f"jobs/{record.job.id}/runs/{record.run}"
