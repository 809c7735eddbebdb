"""The ledger: the accepted jobs and the outcome of each of their runs, in storage.

Each run has its own outcome. So a render of an earlier run that is still going on cannot end the
run that followed it.

open/<id>/<n> marks a run without an outcome. It is written before the run and deleted after the
outcome, so it may outlive its run for a moment. A search for lost jobs reads this list alone.

failed/<id>/<n> marks a run that failed. It is written before the outcome, and another process may
then write a different outcome first. The outcome decides.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar
from uuid import uuid4

from pydantic import ValidationError

from reelqueue.errors import (
    ConflictError,
    NotFoundError,
    ReusedKeyError,
    UnavailableError,
    UnreadableRecordError,
)
from reelqueue.jobs.keys import (
    failed_key,
    job_key,
    log_key,
    mark_key,
    open_key,
    outcome_key,
    start_key,
)
from reelqueue.jobs.model import (
    Input,
    Job,
    LiveState,
    Outcome,
    Record,
    Status,
    Stored,
    find_inputs,
)
from reelqueue.storage import Store

log = logging.getLogger(__name__)

LOG_BYTES = 4096

StoredModel = TypeVar("StoredModel", bound=Stored)


class OpenRun(NamedTuple):
    """A run that may have no outcome yet."""

    job_id: str
    run: int


class Ledger:
    """The accepted jobs and their outcomes, in storage: the only authoritative copy."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def accept(self, job: Job) -> tuple[Record, bool]:
        """Write a new job; return its record, and whether it is new.

        If a job with this id exists, its record is returned instead.

        Raises:
            ReusedKeyError: if the existing job was made from another request.
        """
        self.announce(job.id)
        if self._store.create(job_key(job.id), job.to_json()):
            return Record(job, 1, None), True
        earlier = self.find_same(job)
        if earlier is None:
            raise NotFoundError(f"There is no job {job.id}.")
        return earlier, False

    def announce(self, job_id: str) -> None:
        """Keep retention from deleting files that are stored for a job before it is accepted."""
        self._store.write(open_key(job_id, 1), b"")

    def is_expected(self, job_id: str) -> bool:
        """Tell whether a job exists, or was announced a moment ago."""
        keys = (open_key(job_id, 1), job_key(job_id))
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
        if earlier and earlier.status is Status.FAILED:
            self._store.write(failed_key(job_id, run - 1), b"")
        self._store.delete(job_key(job_id) if run == 1 else start_key(job_id, run))
        self.close(job_id, run)

    def read(self, job_id: str) -> Record:
        """Return a job with its latest run.

        Raises:
            NotFoundError: if there is no such job.
            UnreadableRecordError: if this version cannot read it.
        """
        data = self._store.read(job_key(job_id))
        if data is None:
            raise NotFoundError(f"There is no job {job_id}.")
        names = [entry.key.split("/") for entry in self._store.list(f"jobs/{job_id}/runs")]
        run = max((int(name[3]) for name in names), default=1)
        takeovers = _list_numbers(names, run, "takeovers")
        outcome = self.find_outcome(job_id, run)
        record = Record(
            _parse(Job, data, job_id),
            run,
            outcome,
            takeovers=max(takeovers, default=0),  # an earlier one may have been handed back late
            renders_begun=len(_list_numbers(names, run, "begun")),
        )
        return replace(record, reached=self._read_reached(record)) if record.takeovers else record

    def _read_reached(self, record: Record) -> LiveState:
        """Return how far a run was at its latest takeover; earlier versions did not note that."""
        data = self._store.read(mark_key(record, "takeovers", record.takeovers))
        return LiveState.from_json(json.loads(data)) if data else LiveState()

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
        data = self._store.read(outcome_key(job_id, run))
        return _parse(Outcome, data, job_id) if data else None

    def end(self, job_id: str, run: int, outcome: Outcome) -> Outcome:
        """End a run; return the outcome that counts, which is the first one written."""
        if outcome.status is Status.FAILED:
            self._store.write(failed_key(job_id, run), b"")
        if self._store.create(outcome_key(job_id, run), outcome.to_json()):
            self.close(job_id, run)
            return outcome
        earlier = self.find_outcome(job_id, run)
        assert earlier is not None
        if earlier.status is not Status.FAILED:
            self._store.delete(failed_key(job_id, run))
        return earlier

    def start_again(self, record: Record) -> Record:
        """Open a new run of a job that failed or was cancelled.

        Raises:
            ConflictError: if the job has not ended, has finished, or is already running again.
        """
        if record.outcome is None or record.outcome.status is Status.FINISHED:
            raise ConflictError("Only a failed or cancelled job can be run again.")
        run = record.run + 1
        self._store.write(open_key(record.job.id, run), b"")
        if not self._store.create(start_key(record.job.id, run), b"{}"):
            raise ConflictError("This job is already running again.")
        self._store.delete(failed_key(record.job.id, record.run))
        return Record(record.job, run, None)

    def take_over(self, record: Record, reached: LiveState) -> Record | None:
        """Take a run from its worker; return None if another process has just done so.

        Args:
            record: the run.
            reached: how far it is, to be known even if the queue loses the run again.
        """
        number = record.takeovers + 1
        if not self._store.create(mark_key(record, "takeovers", number), reached.to_json()):
            return None
        return replace(record, takeovers=number, reached=reached)

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

    def list_open(self) -> list[OpenRun]:
        """Return the runs without an outcome, newest first; some may just have ended.

        Recovery puts lost runs at the front of the queue one by one. In this order the oldest run
        ends up in front.
        """
        marks = sorted(self._store.list("open"), key=lambda mark: mark.modified, reverse=True)
        names = [mark.key.split("/") for mark in marks]
        return [OpenRun(job_id, int(run)) for _, job_id, run in names]

    def close(self, job_id: str, run: int) -> None:
        """Remove a run from the list of open runs."""
        self._store.delete(open_key(job_id, run))

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
        marks = [mark.key for mark in self._store.list(f"failed/{job_id}")]
        self._store.delete(*marks, job_key(job_id), start_key(job_id, record.run))
        self.close(job_id, record.run)

    def list_failed(self) -> list[str]:
        """Return the ids of jobs marked as failed, newest first; their outcome decides."""
        marks = sorted(self._store.list("failed"), key=lambda mark: mark.modified, reverse=True)
        return list(dict.fromkeys(mark.key.split("/")[1] for mark in marks))

    def add_log(self, job_id: str, run: int, text: str) -> None:
        """Append to the log of a run's failed attempts; its last `LOG_BYTES` bytes are kept.

        If the storage is away or full the text is lost: the caller must still be able to write
        the run's outcome.
        """
        try:
            kept = (self.read_log(job_id, run) + text.rstrip() + "\n").encode(errors="replace")
            self._store.write(log_key(job_id, run), kept[-LOG_BYTES:])
        except UnavailableError:
            log.warning("job %s: its log could not be stored", job_id, exc_info=True)

    def read_log(self, job_id: str, run: int) -> str:
        """Return the last log lines of a run's failed attempts."""
        return (self._store.read(log_key(job_id, run)) or b"").decode(errors="ignore")


def name_outputs(job_id: str) -> str:
    """Return a new folder for one attempt's files; they are hidden until an outcome names them."""
    return f"jobs/{job_id}/outputs/{uuid4()}"


def _list_numbers(keys: Iterable[Sequence[str]], run: int, kind: str) -> list[int]:
    """Return the numbers of a run's marks of a kind, from the keys of a job's files, split."""
    return [int(key[5]) for key in keys if key[3:5] == [str(run), kind]]


def _parse(model: type[StoredModel], data: bytes, job_id: str) -> StoredModel:
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        log.debug("job %s: %s", job_id, error)
        raise UnreadableRecordError(
            f"Job {job_id} was stored by another version of this service, which this one cannot "
            "read: try again when all of it has been updated."
        ) from None
