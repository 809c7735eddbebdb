"""The ledger: what was accepted and how each run of it ended, in storage.

jobs/<id>/job.json                   what was accepted; written once, before it is queued
jobs/<id>/runs/<n>/start.json        a later run was asked for (run 1 needs none); written once
jobs/<id>/runs/<n>/takeovers/<k>     the run was lost, and given to somebody else for the k-th time
jobs/<id>/runs/<n>/begun/<k>         whoever had it after k takeovers began to render
jobs/<id>/runs/<n>/outcome.json      finished, failed or canceled; written once: the first wins
jobs/<id>/runs/<n>/log.txt           the end of what failed attempts logged
jobs/<id>/outputs/<token>/video.mp4  one attempt's work; seen only where an outcome names it

Outcomes are per run, and not per job, so that a run which was given up and still lives can never
end the run that follows it.

open/<id>/<n> stands as long as a run has no outcome: it is there before the run is, and all that a
search for forgotten jobs has to look at. It may outlive its run for a moment.

failed/<id>/<n> lists the failed likewise: it is there before the outcome is, and may stand for a
run that ended otherwise after all. What the outcome says is what counts.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from dataclasses import replace
from datetime import datetime
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
from reelqueue.jobs.model import Input, Job, Outcome, Record, Status, Stored, find_inputs
from reelqueue.storage import Store

log = logging.getLogger(__name__)

LOG_BYTES = 4096

StoredModel = TypeVar("StoredModel", bound=Stored)


class OpenRun(NamedTuple):
    """A run that may have no outcome yet, and when it was asked for."""

    job_id: str
    run: int
    since: datetime


class Ledger:
    """What was accepted and how it ended, in storage: no other copy counts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def accept(self, job: Job) -> tuple[Record, bool]:
        """Write down a new job; return its record, or its predecessor's, and whether it is new.

        Raises:
            ReusedKeyError: if that one was another request.
        """
        self._store.write(_open_key(job.id, 1), b"")
        if self._store.create(_job_key(job.id), job.to_json()):
            return Record(job, 1, None), True
        earlier = self.find_same(job)
        if earlier is None:
            raise NotFoundError(f"There is no job {job.id}.")
        return earlier, False

    def find_same(self, job: Job) -> Record | None:
        """Return the record of the same request made before, None if it is new.

        Raises:
            ReusedKeyError: if another request was made under its id.
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
        """Forget a run that no queue took, so that nothing is half accepted."""
        job_id, run = record.job.id, record.run
        earlier = self.find_outcome(job_id, run - 1)
        if earlier and earlier.status is Status.FAILED:
            self._store.write(_failed_key(job_id, run - 1), b"")
        self._store.delete(_job_key(job_id) if run == 1 else _start_key(job_id, run))
        self.close(job_id, run)

    def read(self, job_id: str) -> Record:
        """Return what is known of a job.

        Raises:
            NotFoundError: if there is no such job.
        """
        data = self._store.read(_job_key(job_id))
        if data is None:
            raise NotFoundError(f"There is no job {job_id}.")
        names = [entry.key.split("/") for entry in self._store.list(f"jobs/{job_id}/runs")]
        run = max((int(name[3]) for name in names), default=1)
        marks = Counter(name[4] for name in names if name[3] == str(run))
        outcome = self.find_outcome(job_id, run)
        job = _parse(Job, data, job_id)
        return Record(job, run, outcome, takeovers=marks["takeovers"], begun=marks["begun"])

    def read_inputs(self, job_id: str) -> list[Input]:
        """Return the files that a job names, also if this version cannot read the rest of it."""
        data = self._store.read(_job_key(job_id))
        try:
            return list(find_inputs(json.loads(data))) if data else []
        except ValueError:
            log.warning("job %s: its record is damaged", job_id, exc_info=True)
            return []

    def find_outcome(self, job_id: str, run: int) -> Outcome | None:
        """Return how a run ended, None while it has not."""
        data = self._store.read(_outcome_key(job_id, run))
        return _parse(Outcome, data, job_id) if data else None

    def end(self, job_id: str, run: int, outcome: Outcome) -> Outcome:
        """End a run, and return the outcome that counts: the first that anybody wrote."""
        if outcome.status is Status.FAILED:
            self._store.write(_failed_key(job_id, run), b"")
        if self._store.create(_outcome_key(job_id, run), outcome.to_json()):
            self.close(job_id, run)
            return outcome
        earlier = self.find_outcome(job_id, run)
        assert earlier is not None
        if earlier.status is not Status.FAILED:
            self._store.delete(_failed_key(job_id, run))
        return earlier

    def start_again(self, record: Record) -> Record:
        """Open a new run of a job that failed or was cancelled.

        Raises:
            ConflictError: if it has not ended, has finished, or is already running again.
        """
        if record.outcome is None or record.outcome.status is Status.FINISHED:
            raise ConflictError("Only a failed or cancelled job can be run again.")
        run = record.run + 1
        self._store.write(_open_key(record.job.id, run), b"")
        if not self._store.create(_start_key(record.job.id, run), b"{}"):
            raise ConflictError("This job is already running again.")
        self._store.delete(_failed_key(record.job.id, record.run))
        return Record(record.job, run, None)

    def take_over(self, record: Record) -> Record | None:
        """Give a run to somebody else; return None if another one just did."""
        number = record.takeovers + 1
        if not self._store.create(_mark_key(record, "takeovers", number), b""):
            return None
        return replace(record, takeovers=number)

    def begin(self, record: Record) -> None:
        """Note that a render begins."""
        self._store.write(_mark_key(record, "begun", record.takeovers), b"")

    def spare(self, record: Record) -> None:
        """Forget that a render began: it was stopped through no fault of the job."""
        self._store.delete(_mark_key(record, "begun", record.takeovers))

    def has_passed_on(self, record: Record) -> bool:
        """Tell whether a run was given to somebody else since `record` was read."""
        latest = self.read(record.job.id)
        return (latest.run, latest.takeovers) != (record.run, record.takeovers)

    def list_open(self) -> list[OpenRun]:
        """Return the runs that have, or had until just now, no outcome: the newest first.

        Whatever is put in front of a queue in this order ends up with the oldest in front.
        """
        found = []
        for entry in self._store.list("open"):
            _, job_id, run = entry.key.split("/")
            found.append(OpenRun(job_id, int(run), entry.modified))
        return sorted(found, key=lambda run: run.since, reverse=True)

    def close(self, job_id: str, run: int) -> None:
        """Take a run off the list of the open ones."""
        self._store.delete(_open_key(job_id, run))

    def forget(self, record: Record) -> None:
        """Forget a job that has ended; whatever else is stored of it is nobody's then.

        One that could be run again is first, so that nobody else can. If that is as far as we get,
        it really is, as its run stays on the list of the open ones.

        Raises:
            ConflictError: if it has not ended, or is running again.
        """
        job_id = record.job.id
        if record.outcome is None or record.outcome.status is not Status.FINISHED:
            record = self.start_again(record)
        marks = [mark.key for mark in self._store.list(f"failed/{job_id}")]
        self._store.delete(*marks, _job_key(job_id), _start_key(job_id, record.run))
        self.close(job_id, record.run)

    def list_failed(self) -> list[str]:
        """Return the ids of the jobs whose latest run failed, or was about to: the newest first."""
        marks = sorted(self._store.list("failed"), key=lambda mark: mark.modified, reverse=True)
        return list(dict.fromkeys(mark.key.split("/")[1] for mark in marks))

    def add_log(self, job_id: str, run: int, text: str) -> None:
        """Add to what is known of a run's failed attempts; only the end of it is kept.

        A storage that is away or full must not keep anybody from saying how the run ended.
        """
        try:
            kept = (self.read_log(job_id, run) + text.rstrip() + "\n").encode(errors="replace")
            self._store.write(_log_key(job_id, run), kept[-LOG_BYTES:])
        except UnavailableError:
            log.warning("job %s: what it logged could not be kept", job_id, exc_info=True)

    def read_log(self, job_id: str, run: int) -> str:
        """Return the end of what a run's failed attempts logged."""
        return (self._store.read(_log_key(job_id, run)) or b"").decode(errors="ignore")


def name_outputs(job_id: str) -> str:
    """Return the folder that one attempt stores its files in: only an outcome makes them seen."""
    return f"jobs/{job_id}/outputs/{uuid4()}"


def _parse(model: type[StoredModel], data: bytes, job_id: str) -> StoredModel:
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        log.debug("job %s: %s", job_id, error)
        raise UnreadableRecordError(
            f"Job {job_id} was stored by another version of this service, which this one cannot "
            "read: try again when all of it has been updated."
        ) from None


def _job_key(job_id: str) -> str:
    return f"jobs/{job_id}/job.json"


def _start_key(job_id: str, run: int) -> str:
    return f"jobs/{job_id}/runs/{run}/start.json"


def _mark_key(record: Record, kind: str, number: int) -> str:
    return f"jobs/{record.job.id}/runs/{record.run}/{kind}/{number}"


def _open_key(job_id: str, run: int) -> str:
    return f"open/{job_id}/{run}"


def _failed_key(job_id: str, run: int) -> str:
    return f"failed/{job_id}/{run}"


def _log_key(job_id: str, run: int) -> str:
    return f"jobs/{job_id}/runs/{run}/log.txt"


def _outcome_key(job_id: str, run: int) -> str:
    return f"jobs/{job_id}/runs/{run}/outcome.json"
