"""The ledger: the accepted jobs and the outcome of each of their runs, in storage.

Each run has its own outcome. So a render of an earlier run that is still going on cannot end the
run that followed it.

open/<id>/<n> marks a run without an outcome. It is written before the run and deleted after the
outcome, so it may outlive its run for a moment. A search for lost jobs reads this list alone.

held/<id>/<n> marks a run that may not be queued yet: it waits for its time, or for other jobs. It
takes the place of the open mark until the run is released.

failed/<id>/<n> marks a run that failed, canceled/<id>/<n> one that was canceled. It is written
before the outcome, and another process may then write a different outcome first. The outcome
decides.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from dataclasses import replace

from reelqueue.errors import (
    ConflictError,
    NotFoundError,
    ReelqueueError,
    ReusedKeyError,
    UnavailableError,
    UnreadableRecordError,
)
from reelqueue.jobs.keys import (
    held_key,
    job_key,
    mark_key,
    open_key,
    outcome_key,
    start_key,
)
from reelqueue.jobs.marks.deletions import Deletions
from reelqueue.jobs.marks.owners import OwnerIndex
from reelqueue.jobs.marks.runs import RunMarks
from reelqueue.jobs.marks.statistics import accepted_key, mark_accepted, mark_ended
from reelqueue.jobs.model import (
    Input,
    Job,
    LiveState,
    Outcome,
    Record,
    Status,
    find_inputs,
)
from reelqueue.jobs.reader import RecordReader
from reelqueue.jobs.run_logs import RunLogs
from reelqueue.storage import Store

log = logging.getLogger(__name__)


class Ledger:
    """The accepted jobs and their outcomes, in storage: the only authoritative copy."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reader = RecordReader(store)
        self.logs = RunLogs(store)
        self.marks = RunMarks(store)
        self.index = OwnerIndex(store)
        self.deletions = Deletions(store, self.index)

    def accept(self, job: Job) -> tuple[Record, bool]:
        """Write a new job; return its record, and whether it is new.

        If a job with this id exists, its record is returned instead.

        Raises:
            ReusedKeyError: if the existing job was made from another request, or was deleted.
        """
        if job.is_held_first:
            self.marks.hold(job.id, 1)
        else:
            self.announce(job.id)
        mark_accepted(self._store, job)
        if self._store.create(job_key(job.id), job.to_json()):
            return self._enter(Record(job, 1, None)), True
        earlier = self.find_same(job)
        if earlier is None:
            raise NotFoundError(f"There is no job {job.id}.")
        return earlier, False

    def _enter(self, record: Record) -> Record:
        """Add a new job to the index, unless a job of this id was deleted in the last day.

        Raises:
            ReusedKeyError: if it was: the renders of that job may still go on.
        """
        try:
            self.index.add(record.job)
            if self.deletions.is_announced(record.job.id):
                raise ReusedKeyError("This job was deleted: choose a new idempotency key or id.")
        except ReelqueueError:
            self.withdraw(record)
            raise
        return record

    def announce(self, job_id: str) -> None:
        """Keep retention from deleting files that are stored for a job before it is accepted."""
        self.marks.open(job_id, 1)

    def is_expected(self, job_id: str) -> bool:
        """Tell whether a job exists, or was announced a moment ago."""
        keys = (open_key(job_id, 1), held_key(job_id, 1), job_key(job_id))
        return any(self._store.find(key) for key in keys)

    def find_same(self, job: Job) -> Record | None:
        """Return the record that the same request got earlier, None if there is none.

        Raises:
            ReusedKeyError: if the job of this id was made from another request.
        """
        try:
            earlier = self.read(job.id)
        except NotFoundError:
            return None
        if (earlier.job.owner, earlier.job.request_hash) != (job.owner, job.request_hash):
            raise ReusedKeyError(
                "This idempotency key or job id was used for another request: choose a new one."
            )
        return earlier

    def withdraw(self, record: Record) -> None:
        """Delete a run that no queue took, as if it had never been accepted."""
        job_id, run = record.job.id, record.run
        earlier = self.find_outcome(job_id, run - 1)
        if earlier:
            self.marks.add_end(job_id, run - 1, earlier.status)
        if run == 1:
            self._store.delete(job_key(job_id), accepted_key(record.job))
            self.index.remove(record.job)
        else:
            self._store.delete(start_key(job_id, run))
        self.marks.close(job_id, run)
        if record.job.is_held_first:
            self.marks.unhold(job_id, run)

    def read(self, job_id: str) -> Record:
        """Return a job with its latest run.

        Raises:
            NotFoundError: if there is no such job.
            UnreadableRecordError: if this version cannot read it.
        """
        return self._reader.read(job_id)

    def read_owner(self, job_id: str) -> str | None:
        """Return the owner of a job, even if this version cannot read the rest of its record."""
        data = self._store.read(job_key(job_id))
        try:
            return str(json.loads(data)["owner"]) if data else None
        except (ValueError, KeyError, TypeError):
            return None

    def read_inputs(self, job_id: str) -> list[Input]:
        """Return the files that a job names, even if this version cannot read the whole job."""
        data = self._store.read(job_key(job_id))
        try:
            return list(find_inputs(json.loads(data))) if data else []
        except ValueError:
            log.warning("job %s: its record is damaged", job_id, exc_info=True)
            return []

    def find_outcome(self, job_id: str, run: int) -> Outcome | None:
        """Return the outcome of a run, None while it has none."""
        return self._reader.find_outcome(job_id, run)

    def has_ended(self, job_id: str, run: int) -> bool:
        """Tell whether a run has an outcome, or its job was deleted."""
        is_open = self._store.find(outcome_key(job_id, run)) is None
        return not (is_open and self._store.find(job_key(job_id)))

    def end(self, job_id: str, run: int, outcome: Outcome) -> Outcome:
        """End a run; return the outcome that counts, which is the first one written.

        Raises:
            NotFoundError: if the job was deleted; then nothing of it is left.
        """
        self.marks.add_end(job_id, run, outcome.status)
        is_first = self._store.create(outcome_key(job_id, run), outcome.to_json())
        counts = outcome if is_first else self.find_outcome(job_id, run)
        if counts is None or self._store.find(job_key(job_id)) is None:
            self.marks.remove_end(job_id, run, outcome.status)
            self._store.delete(outcome_key(job_id, run))
            self.deletions.clear(job_id)
            raise NotFoundError(f"There is no job {job_id}.")
        if is_first:
            try:
                self.settle(job_id, run, outcome)
            except UnavailableError:  # the outcome counts; recovery settles the run
                log.warning("job %s: its run could not be settled", job_id, exc_info=True)
        elif counts.status is not outcome.status:
            self.marks.remove_end(job_id, run, outcome.status)
        return counts

    def settle(self, job_id: str, run: int, outcome: Outcome | None = None) -> None:
        """Mark a run that has ended for the statistics, and remove it from the open runs."""
        with suppress(UnreadableRecordError):  # of another version: such a run is not counted
            outcome = outcome or self.find_outcome(job_id, run)
            if outcome:
                mark_ended(self._store, job_id, run, outcome)
        self.marks.close(job_id, run)

    def start_again(self, record: Record, *, is_held: bool = False) -> Record:
        """Open, or hold, a new run of a job that failed or was cancelled.

        Raises:
            ConflictError: if the job has not ended, has finished, or is already running again.
            NotFoundError: if it is being deleted.
        """
        if record.outcome is None or record.outcome.status is Status.FINISHED:
            raise ConflictError("Only a failed or cancelled job can be run again.")
        run = record.run + 1
        (self.marks.hold if is_held else self.marks.open)(record.job.id, run)
        if not self._store.create(start_key(record.job.id, run), b"{}"):
            raise ConflictError("This job is already running again.")
        started = Record(record.job, run, None)
        if self.deletions.is_announced(record.job.id):
            self.withdraw(started)
            raise NotFoundError(f"There is no job {record.job.id}.")
        self.marks.remove_end(record.job.id, record.run, record.outcome.status)
        return started

    def take_over(self, record: Record, reached: LiveState) -> Record | None:
        """Take a run from its worker; None if another process has just done so, or deleted the job.

        Args:
            record: the run.
            reached: how far it is, to be known even if the queue loses the run again.
        """
        number = record.takeovers + 1
        if not self._store.create(mark_key(record, "takeovers", number), reached.to_json()):
            return None
        successor = replace(record, takeovers=number, reached=reached)
        if self._store.find(job_key(record.job.id)) is None:
            self.hand_back(successor)
            return None
        return successor

    def hand_back(self, record: Record) -> None:
        """Undo the latest takeover of a run: no queue took it."""
        self._store.delete(mark_key(record, "takeovers", record.takeovers))

    def mark_begun(self, record: Record) -> None:
        """Note that a render of this run begins."""
        self._store.write(mark_key(record, "begun", record.takeovers), b"")

    def unmark_begun(self, record: Record) -> None:
        """Delete the note that a render began: its end was not the job's fault."""
        self._store.delete(mark_key(record, "begun", record.takeovers))

    def was_taken_over(self, record: Record) -> bool:
        """Tell whether the run was taken over, or a new one opened, since `record` was read."""
        latest = self.read(record.job.id)
        return (latest.run, latest.takeovers) != (record.run, record.takeovers)

    def forget(self, record: Record) -> None:
        """Delete the records of a job that has ended; its other files may then be deleted too.

        A failed or cancelled job could be retried meanwhile. So a new run is opened first, which
        makes any other retry fail. If this process dies right then, recovery renders that run.

        Raises:
            ConflictError: if the job has not ended, or is running again.
        """
        job_id = record.job.id
        if record.outcome is None or record.outcome.status is not Status.FINISHED:
            record = self.start_again(record)
        self.marks.forget_ends(job_id)
        self._store.delete(job_key(job_id), start_key(job_id, record.run))
        self.marks.close(job_id, record.run)
        self.index.remove(record.job)
