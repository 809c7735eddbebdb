"""The ledger: what was accepted and how each run of it ended, in storage.

jobs/<id>/job.json                   what was accepted; written once, before it is queued
jobs/<id>/runs/<n>/start.json        a later run was asked for (run 1 needs none); written once
jobs/<id>/runs/<n>/outcome.json      finished, failed or canceled; written once: the first wins
jobs/<id>/outputs/<token>/video.mp4  one attempt's work; seen only where an outcome names it

Outcomes are per run, and not per job, so that a run which was given up and still lives can never
end the run that follows it.
"""

from __future__ import annotations

from reelqueue.errors import ConflictError, NotFoundError, ReusedKeyError
from reelqueue.jobs import Job, Outcome, Record, Status
from reelqueue.storage import Store


class Ledger:
    """What was accepted and how it ended, in storage: no other copy counts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def accept(self, job: Job) -> tuple[Record, bool]:
        """Write down a new job; return its record, or its predecessor's, and whether it is new.

        Raises:
            ReusedKeyError: if that one was another request.
        """
        if self._store.create(_job_key(job.id), job.model_dump_json().encode()):
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
        self._store.delete(_job_key(job_id) if run == 1 else _start_key(job_id, run))

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
        return Record(Job.model_validate_json(data), run, self.find_outcome(job_id, run))

    def find_outcome(self, job_id: str, run: int) -> Outcome | None:
        """Return how a run ended, None while it has not."""
        data = self._store.read(_outcome_key(job_id, run))
        return Outcome.model_validate_json(data) if data else None

    def end(self, job_id: str, run: int, outcome: Outcome) -> Outcome:
        """End a run, and return the outcome that counts: the first that anybody wrote."""
        if self._store.create(_outcome_key(job_id, run), outcome.model_dump_json().encode()):
            return outcome
        earlier = self.find_outcome(job_id, run)
        assert earlier is not None
        return earlier

    def start_again(self, record: Record) -> Record:
        """Open a new run of a job that failed or was cancelled.

        Raises:
            ConflictError: if it has not ended, has finished, or is already running again.
        """
        if record.outcome is None or record.outcome.status is Status.FINISHED:
            raise ConflictError("Only a failed or cancelled job can be run again.")
        run = record.run + 1
        if not self._store.create(_start_key(record.job.id, run), b"{}"):
            raise ConflictError("This job is already running again.")
        return Record(record.job, run, None)


def _job_key(job_id: str) -> str:
    return f"jobs/{job_id}/job.json"


def _start_key(job_id: str, run: int) -> str:
    return f"jobs/{job_id}/runs/{run}/start.json"


def _outcome_key(job_id: str, run: int) -> str:
    return f"jobs/{job_id}/runs/{run}/outcome.json"
