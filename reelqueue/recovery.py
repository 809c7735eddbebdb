"""Recovery: runs that were accepted, have not ended, and that nobody is working on any more.

The process that had such a run was killed, or Redis lost it. It is given to somebody else, before
all that waits; one that brought down whoever began it again and again is ended instead.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from reelqueue.errors import NotFoundError, ReelqueueError
from reelqueue.intake import look_up
from reelqueue.jobs import Live, Outcome, Record, Status, now
from reelqueue.ledger import OpenRun
from reelqueue.services import Services

log = logging.getLogger(__name__)

STEP_SECONDS = 2.0
PATIENCE_SECONDS = 4.0
"""For a moment a run may be nowhere: on its way from the queue into a worker's hands."""
MAX_BEGUN = 4
"""The first attempt and three recoveries."""
POISON = (
    "The render stopped unexpectedly again and again, and was given up: use other files or a "
    "smaller size."
)
_NEVER_ACCEPTED = timedelta(minutes=10)


class Recovery:
    """Looks at all open runs, a step at a time; of many processes, one at a time does."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._missed: dict[tuple[str, int, int], float] = {}

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
            except ReelqueueError as error:
                log.warning("job %s: could not be looked at: %s", run.job_id, error)

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
        if record.outcome or not self._services.queue.is_lost(record):
            return
        place = (run.job_id, run.run, record.takeovers)
        self._missed[place] = missed.get(place, time.monotonic())
        if time.monotonic() - self._missed[place] >= PATIENCE_SECONDS:
            self._recover(record, live)

    def _recover(self, record: Record, live: Live) -> None:
        job_id, ledger = record.job.id, self._services.ledger
        if record.begun >= MAX_BEGUN:
            log.error("job %s: given up after %s attempts", job_id, record.begun)
            outcome = Outcome(
                status=Status.FAILED,
                ended_at=now(),
                started_at=live.started_at,
                attempts=max(live.attempts, record.begun),
                progress=live.progress,
                error=POISON,
            )
            ledger.end(job_id, record.run, outcome)
            return
        with self._services.queue.place():
            successor = ledger.take_over(record)
            if successor:
                log.warning("job %s: was lost, and is queued again", job_id)
                self._services.queue.submit(successor, live)
