"""Holding: queue runs when their time has come and the jobs that they need have finished.

Each second the notes of what was held, or is no longer, are listed: the marks of ten thousand held
runs would take too long. All are listed when this process becomes the leader, and now and again, as
earlier versions leave no notes. A job never changes, so each is read once for as long as it is
held, and what it waits for is kept: the whole of ten thousand jobs would fill the memory. Whether
the jobs that it needs have ended shows in the marks of held and open runs: while one of them is
there, nothing is read.
"""

from __future__ import annotations

import logging
import math
import time
from datetime import datetime
from threading import BoundedSemaphore, Thread
from typing import NamedTuple

from reelqueue.errors import (
    BusyError,
    NotFoundError,
    ReelqueueError,
    UnreadableRecordError,
)
from reelqueue.jobs.marks.runs import OpenRun
from reelqueue.jobs.model import Record, now
from reelqueue.outages import OUTAGES
from reelqueue.services import Services
from reelqueue.storage.parallel import call_each
from reelqueue.submission.accept import release_run
from reelqueue.submission.holds import list_unmet, make_outcome
from reelqueue.submission.kinds import read_work
from reelqueue.upkeep.loop import repeat

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

STEP_SECONDS = 1.0
LIST_SECONDS = 15.0
"""After so long all held runs are listed again."""
GAP_SECONDS = 3.0
"""After so long between two steps another process may have been the leader, and heeded notes."""
RELEASES_AT_ONCE = 16
NEVER_ACCEPTED_SECONDS = 600.0


class Wait(NamedTuple):
    """What a held run waits for: a time, and the ends of the jobs of these ids."""

    run_at: datetime | None
    job_ids: tuple[str, ...]


class Holding:
    """Looks after held runs. Of all processes that try, one at a time does it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._held: dict[tuple[str, int], OpenRun] = {}
        self._listed_at = self._stepped_at = -math.inf
        self._waits: dict[OpenRun, Wait | None] = {}  # None: this version cannot read the job
        self._missing: dict[OpenRun, float] = {}  # when we first missed the job of a mark
        self._busy: set[OpenRun] = set()
        # Without Redis a run is rendered by the thread that releases it.
        settings = services.settings
        self._threads = BoundedSemaphore(
            RELEASES_AT_ONCE if settings.redis_url else settings.inline_renders
        )

    @property
    def is_busy(self) -> bool:
        """Whether runs are being released or ended."""
        return bool(self._busy)

    def watch(self) -> None:
        """Look every `STEP_SECONDS`, until this process ends."""
        repeat(self.step, STEP_SECONDS, log, "the search for runs whose time has come failed")

    def step(self) -> None:
        """Look at all held runs once, if this process is the leader; release what is due."""
        if not self._services.queue.acquire_leadership():
            self._listed_at = -math.inf
            return
        self._update_held()
        known = set(self._held.values())
        self._waits = {run: wait for run, wait in self._waits.items() if run in known}
        self._missing = {run: since for run, since in self._missing.items() if run in known}
        timely = [run for run in known - self._busy if self._is_timely(run)]
        if not timely:
            return
        opened = {run[:2] for run in self._services.ledger.marks.list_open()}
        unended = {job_id for job_id, _ in [*self._held, *opened]}
        for run in sorted(timely, key=_find_age):  # the oldest first
            wait = self._waits.get(run)
            if wait is None or not any(job_id in unended for job_id in wait.job_ids):
                self._threads.acquire()
                self._busy.add(run)
                Thread(target=self._look_after, args=(run, run[:2] in opened), daemon=True).start()

    def _update_held(self) -> None:
        """Find out which runs are held now."""
        marks = self._services.ledger.marks
        moment, before = time.monotonic(), self._stepped_at
        self._stepped_at = moment
        changes = marks.list_held_changes()
        if moment - before > GAP_SECONDS:
            self._listed_at = -math.inf  # until they have been listed, should that fail now
        if moment - self._listed_at > LIST_SECONDS:
            # What was found by itself keeps its time, which a list may tell more exactly.
            self._held = {run[:2]: self._held.get(run[:2], run) for run in marks.list_held()}
            self._listed_at = moment
        else:
            changed = list({(change.job_id, change.run) for change in changes})
            for name, run in zip(changed, call_each(marks.find_held, changed), strict=True):
                self._held.pop(name, None)
                if run:
                    self._held[name] = run
        if changes:
            marks.forget_held_changes(changes)

    def _is_timely(self, run: OpenRun) -> bool:
        """Tell whether a run waits for no time, by what is known of its job."""
        if run not in self._waits:
            return True
        wait = self._waits[run]
        return wait is not None and not (wait.run_at and wait.run_at > now())

    def _look_after(self, run: OpenRun, is_open: bool) -> None:
        """Release, end or keep a run; log what is raised: the others go on."""
        try:
            self._decide(run, is_open)
        except UnreadableRecordError as error:
            log.warning("job %s: cannot be released here: %s", run.job_id, error)
            self._waits[run] = None
        except BusyError:
            log.debug("job %s: is due, and all renders are busy", run.job_id)
        except ReelqueueError as error:
            log.warning("job %s: could not be released: %s", run.job_id, error)
        except Exception:
            log.exception("job %s: could not be released", run.job_id)
        finally:
            self._busy.discard(run)
            self._threads.release()

    def _decide(self, run: OpenRun, is_open: bool) -> None:
        ledger = self._services.ledger
        try:
            record = ledger.read(run.job_id)
        except NotFoundError:
            record = None
        if record is None or record.run < run.run:  # being accepted now, or withdrawn
            since = self._missing.setdefault(run, time.monotonic())
            if time.monotonic() - since > NEVER_ACCEPTED_SECONDS:
                ledger.marks.unhold(*run[:2])
            return
        job = record.job
        self._waits[run] = Wait(job.run_at, tuple(need.job_id for need in job.needs))
        if is_open:
            ledger.marks.unhold(*run[:2])  # it was released
        elif record.outcome or record.run > run.run:
            ledger.settle(*run[:2])  # the process that ended it may have died before that
            ledger.marks.unhold(*run[:2])
        elif not (job.run_at and job.run_at > now()):
            self._release(record)

    def _release(self, record: Record) -> None:
        """Queue a run if all jobs that it needs have finished; end it if one never will."""
        read_work(record.job)  # raises if only another version can render it
        unmet = list_unmet(self._services.ledger, record.job)
        outcome = next(filter(None, map(make_outcome, unmet)), None)
        if outcome:
            self._services.ledger.end(record.job.id, record.run, outcome)
            self._services.ledger.marks.unhold(record.job.id, record.run)
        elif not unmet:
            release_run(self._services, record)


def _find_age(run: OpenRun) -> datetime:
    assert run.opened_at
    return run.opened_at
