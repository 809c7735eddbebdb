"""Recovery: find runs that were lost, and have other workers take them over.

A run is lost if its worker was killed, or if Redis lost it. Recovery puts it at the front of the
queue. After `MAX_RENDERS_BEGUN` renders that all ended with their process, it fails the run
instead. The death of a render counts as an attempt; the death of the worker around it does not.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread
from typing import NamedTuple

from reelqueue.errors import (
    NotFoundError,
    ReelqueueError,
    UnavailableError,
    UnreadableRecordError,
)
from reelqueue.jobs.marks.runs import OpenRun
from reelqueue.jobs.model import (
    UNEXPLAINED_FAILURE,
    LiveState,
    Outcome,
    Record,
    RunClaim,
    Status,
)
from reelqueue.outages import OUTAGES
from reelqueue.queues.protocol import Liveness
from reelqueue.services import Services
from reelqueue.submission.kinds import read_work
from reelqueue.submission.state import refresh_record
from reelqueue.upkeep.loop import repeat

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

STEP_SECONDS = 2.0
PATIENCE_SECONDS = 4.0
"""A run may be out of sight this long, on its way from the queue to a worker."""
MAX_RENDERS_BEGUN = 4
"""The first attempt and three takeovers."""
KILLED_TOO_OFTEN = (
    "The render stopped unexpectedly several times, so we gave up: use other files or a smaller "
    "size."
)
NEVER_ACCEPTED_SECONDS = 600.0
READS_AT_ONCE = 16
_FAILURE = "the search for lost runs failed"


class LostRun(NamedTuple):
    """A run that is to be requeued, and its last known state."""

    record: Record
    live: LiveState


class Recovery:
    """Looks for lost runs. Of all processes that try, one at a time does it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._unseen: dict[tuple[str, int, int], float] = {}
        self._unseen_before = self._unseen
        self._unreadable: set[str] = set()  # ids of jobs that this version cannot recover

    def watch(self) -> None:
        """Search every `STEP_SECONDS`, until this process ends.

        The runs of dead workers are looked for in a thread of its own: that takes no longer if
        thousands of jobs wait, or if the storage needs long to list them.
        """
        arguments = (self.recover_silent, STEP_SECONDS, log, _FAILURE)
        Thread(target=repeat, args=arguments, daemon=True).start()
        repeat(self.step, STEP_SECONDS, log, _FAILURE)

    def recover_silent(self) -> None:
        """Requeue the runs whose worker died, if this process is the leader."""
        if self._services.queue.acquire_leadership():
            self._recover(self._services.queue.find_silent())

    def step(self) -> None:
        """Check all open runs once, if this process is the leader.

        The queue says which of them it has, and only the others are read.
        """
        queue, ledger = self._services.queue, self._services.ledger
        self._unseen_before, self._unseen = self._unseen, {}
        if not queue.acquire_leadership():
            return
        runs = ledger.marks.list_open()
        self._unreadable &= {run.job_id for run in runs}
        self._recover(queue.find_doubtful(runs))

    def _recover(self, runs: Sequence[OpenRun]) -> None:
        """Requeue those of the runs that are lost; read some at a time."""
        doubtful = [run for run in runs if run.job_id not in self._unreadable]
        with ThreadPoolExecutor(READS_AT_ONCE) as pool:
            for first in range(0, len(doubtful), READS_AT_ONCE):
                for lost in pool.map(self._examine, doubtful[first : first + READS_AT_ONCE]):
                    if not self._services.queue.acquire_leadership():
                        return
                    if lost:
                        self._requeue(lost)

    def _examine(self, run: OpenRun) -> LostRun | None:
        with self._caught(run.job_id):
            return self._find_lost(run)
        return None

    def _requeue(self, lost: LostRun) -> None:
        with self._caught(lost.record.job.id):
            requeue_run(self._services, lost.record, lost.live, is_attempt=False)

    @contextmanager
    def _caught(self, job_id: str) -> Iterator[None]:
        """Log what the block raises: one job must not stop the check of the others."""
        try:
            yield
        except UnreadableRecordError as error:
            log.warning("job %s: cannot be recovered here: %s", job_id, error)
            self._unreadable.add(job_id)
        except ReelqueueError as error:
            log.warning("job %s: the check for a lost run failed: %s", job_id, error)
        except Exception:
            log.exception("job %s: the check for a lost run failed", job_id)

    def _find_lost(self, run: OpenRun) -> LostRun | None:
        """Return a run if it is lost; remove it from the list of open runs if it has ended."""
        ledger = self._services.ledger
        try:
            record = ledger.read(run.job_id)
        except NotFoundError:
            record = None
        if record is None or record.run < run.run:  # being accepted now, or withdrawn
            if self._measure_unseen((run.job_id, run.run, 0)) > NEVER_ACCEPTED_SECONDS:
                ledger.marks.close(run.job_id, run.run)
            return None
        if record.run > run.run or record.outcome:
            ledger.settle(run.job_id, run.run)
            return None
        record, live = refresh_record(self._services, record)
        liveness = self._services.queue.check_liveness(record)
        if record.outcome or liveness is Liveness.ALIVE:
            return None
        unseen = self._measure_unseen((run.job_id, run.run, record.takeovers))
        if liveness is Liveness.UNSEEN and (unseen < PATIENCE_SECONDS or _is_last(record, live)):
            return None
        read_work(record.job)  # raises if only another version can render it
        return LostRun(record, live)

    def _measure_unseen(self, claim: tuple[str, int, int]) -> float:
        """Return for how many seconds each step has missed a run."""
        since = self._unseen_before.get(claim, time.monotonic())
        self._unseen[claim] = since
        return time.monotonic() - since


def _is_last(record: Record, live: LiveState) -> bool:
    """Tell whether the last render that a run may have still reports, to a Redis that lost it."""
    return live.status is Status.STARTED and record.renders_begun >= MAX_RENDERS_BEGUN


def requeue_killed_run(
    services: Services, claim: RunClaim, live: LiveState, *, is_attempt: bool
) -> None:
    """Requeue a run whose render was killed, unless it has ended or was taken over.

    Args:
        services: the opened services.
        claim: the run, as its worker had it.
        live: the last state of the run.
        is_attempt: whether to count the killed render as an attempt; False if its worker was told
            to stop.
    """
    record = _read_claimed(services, claim)
    if record is None or record.outcome:
        return
    if is_attempt:
        services.ledger.logs.add(*claim[:2], f"Attempt {live.latest_attempt} was killed.")
    else:
        services.ledger.unmark_begun(record)
        record = services.ledger.read(record.job.id)
    requeue_run(services, record, live, is_attempt=is_attempt)


def fail_run(services: Services, claim: RunClaim, live: LiveState, error: str | None) -> None:
    """Write the outcome of a run that its queue has given up, unless it was taken over.

    A queue counts a render that was stopped as failed: it then forgets one that was cancelled, or
    whose job is in a later run.
    """
    record = _read_claimed(services, claim)
    if record is None:
        services.queue.forget(claim)
        return
    if error:
        services.ledger.logs.add(*claim[:2], error)
    reason = error or live.fault or UNEXPLAINED_FAILURE
    outcome = Outcome.from_live(live, Status.FAILED, error=reason, attempts=live.latest_attempt)
    if services.ledger.end(claim.job_id, claim.run, outcome).status is Status.CANCELED:
        services.queue.stop(record)


def _read_claimed(services: Services, claim: RunClaim) -> Record | None:
    """Return the record of a run, None if its worker has lost it; forget one that was deleted."""
    try:
        record = services.ledger.read(claim.job_id)
    except NotFoundError:
        services.queue.forget(claim)
        services.ledger.deletions.clear(claim.job_id)
        return None
    is_held = (record.run, record.takeovers) == (claim.run, claim.takeovers)
    return record if is_held else None


def requeue_run(services: Services, record: Record, live: LiveState, *, is_attempt: bool) -> None:
    """Put a run at the front of the queue, for another worker; fail it after too many renders.

    Args:
        services: the opened services.
        record: the run.
        live: the last state of the run.
        is_attempt: whether the render that ended counts as an attempt.
    """
    job_id, ledger = record.job.id, services.ledger
    if record.renders_begun >= MAX_RENDERS_BEGUN:
        log.error("job %s: failed after %s renders were killed", job_id, record.renders_begun)
        attempts = max(live.attempts, record.renders_begun)
        outcome = Outcome.from_live(live, Status.FAILED, error=KILLED_TOO_OFTEN, attempts=attempts)
        ledger.end(job_id, record.run, outcome)
        return
    given_up = live.latest_attempt - (not is_attempt)
    reached = LiveState(progress=live.progress, given_up=given_up, started_at=live.started_at)
    with services.queue.reserve_slot():
        successor = ledger.take_over(record, reached)
        if successor is None:
            return
        log.warning("job %s: requeued for another worker", job_id)
        try:
            services.queue.submit(successor)
        except UnavailableError:
            ledger.hand_back(successor)
            raise
