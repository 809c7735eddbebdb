"""Recovery: runs that were accepted, have not ended, and that nobody is working on any more.

The process that had such a run was killed, or Redis lost it. It is given to somebody else, before
all that waits; one that brought down whoever began it again and again is ended instead. An attempt
is spent where the render itself was killed, and not by the death of a worker around it.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import NamedTuple

from reelqueue.errors import NotFoundError, UnreadableRecordError
from reelqueue.jobs.ledger import OpenRun
from reelqueue.jobs.model import GIVEN_UP, Live, Outcome, Record, Status, Whereabouts, now
from reelqueue.services import Services
from reelqueue.submission.accept import look_up
from reelqueue.submission.kinds import read_work

log = logging.getLogger(__name__)

STEP_SECONDS = 2.0
PATIENCE_SECONDS = 4.0
"""For a moment a run may be unseen: on its way from the queue into a worker's hands."""
MAX_BEGUN = 4
"""The first attempt and three recoveries."""
POISON = (
    "The render stopped unexpectedly again and again, and was given up: use other files or a "
    "smaller size."
)
_NEVER_ACCEPTED = timedelta(minutes=10)


class Holding(NamedTuple):
    """What somebody has, or had: a run after so many takeovers."""

    job_id: str
    run: int
    takeovers: int


class Recovery:
    """Looks at all open runs, a step at a time; of many processes, one at a time does."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._missed: dict[tuple[str, int, int], float] = {}
        self._unreadable: set[str] = set()  # jobs that were logged as such

    def watch(self) -> None:
        """Take a step every few seconds, for as long as this process lives."""
        while True:
            try:
                self.step()
            except Exception:  # the next step may go better, and nobody else takes it
                log.exception("looking for lost runs failed")
            time.sleep(STEP_SECONDS)

    def step(self) -> None:
        """Look at all open runs once."""
        if not self._services.queue.lead():
            self._missed.clear()
            return
        missed = self._missed
        self._missed = {}
        for run in self._services.ledger.list_open():
            if not self._services.queue.lead():
                return
            try:
                self._examine(run, missed)
            except UnreadableRecordError as error:
                if run.job_id not in self._unreadable:
                    log.warning("job %s: is left alone: %s", run.job_id, error)
                self._unreadable.add(run.job_id)
            except Exception:  # one job must not keep the others from being looked at
                log.exception("job %s: could not be looked at", run.job_id)

    def _examine(self, run: OpenRun, missed: dict[tuple[str, int, int], float]) -> None:
        ledger = self._services.ledger
        try:
            record = ledger.read(run.job_id)
        except NotFoundError:
            record = None
        if record is None or record.run < run.run:  # about to be written down, or never accepted
            if now() - run.since > _NEVER_ACCEPTED:
                ledger.close(run.job_id, run.run)
            return
        if record.run > run.run or record.outcome:
            ledger.close(run.job_id, run.run)
            return
        record, live = look_up(self._services, record)
        whereabouts = self._services.queue.locate(record)
        if record.outcome or whereabouts is Whereabouts.HELD:
            return
        place = (run.job_id, run.run, record.takeovers)
        self._missed[place] = missed.get(place, time.monotonic())
        unseen_for = time.monotonic() - self._missed[place]
        if whereabouts is Whereabouts.LOST or unseen_for >= PATIENCE_SECONDS:
            read_work(record.job)  # one that this version cannot render is left for another version
            pass_on(self._services, record, live, spent=False)


def pass_on_killed(services: Services, holding: Holding, live: Live, *, spent: bool) -> None:
    """Pass on a run whose render was killed, if it is still its holder's and has no outcome.

    Args:
        spent: False where it was stopped through no fault of its own.
    """
    record = _read_held(services, holding)
    if record is None or record.outcome:
        return
    if spent:
        services.ledger.add_log(*holding[:2], f"Attempt {live.latest_attempt} was killed.")
    else:
        services.ledger.spare(record)
        record = services.ledger.read(record.job.id)
    pass_on(services, record, live, spent=spent)


def end_failed(services: Services, holding: Holding, live: Live, error: str | None) -> None:
    """Write the outcome of a run that its queue has given up, if it is still its holder's."""
    record = _read_held(services, holding)
    if record is None:
        return
    if error:
        services.ledger.add_log(*holding[:2], error)
    reason = error or live.fault or GIVEN_UP
    outcome = Outcome.from_live(live, Status.FAILED, error=reason, attempts=live.latest_attempt)
    services.ledger.end(holding.job_id, holding.run, outcome)


def _read_held(services: Services, holding: Holding) -> Record | None:
    record = services.ledger.read(holding.job_id)
    is_held = (record.run, record.takeovers) == (holding.run, holding.takeovers)
    return record if is_held else None


def pass_on(services: Services, record: Record, live: Live, *, spent: bool) -> None:
    """Give a run to somebody else, before all that waits; end it if that went wrong too often.

    Args:
        spent: whether the attempt counts: its render was killed, and not whoever had it.
    """
    job_id, ledger = record.job.id, services.ledger
    if record.begun >= MAX_BEGUN:
        log.error("job %s: given up after %s renders", job_id, record.begun)
        attempts = max(live.attempts, record.begun)
        outcome = Outcome.from_live(live, Status.FAILED, error=POISON, attempts=attempts)
        ledger.end(job_id, record.run, outcome)
        return
    reached = live.model_copy(update={"attempts": live.latest_attempt - (not spent)})
    with services.queue.place():
        successor = ledger.take_over(record)
        if successor:
            log.warning("job %s: is given to another worker", job_id)
            services.queue.submit(successor, reached)
