"""Reads a job with its latest run and the outcome of that, with few questions to the storage.

A job's record never changes, and neither does an outcome. So what has been read once is kept in
memory, and each reading asks the storage whether it still holds:

- the job is the same while its file has the same entity tag. One that was deleted has no file
- a finished run is the last one. After one that failed or was cancelled, the next one has a start

One listing tells all else. Nothing here locks, as processes fork while their threads read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from reelqueue.errors import NotFoundError
from reelqueue.jobs.keys import job_key, mark_key, outcome_key, start_key
from reelqueue.jobs.model import Job, LiveState, Outcome, Record, Status
from reelqueue.jobs.records import list_numbers, parse_record
from reelqueue.storage import Store

KEPT_BYTES = 4 << 20
"""Of stored records, which take several times as much memory."""
_MOST_BYTES = KEPT_BYTES // 16  # of one of them


class _Known(NamedTuple):
    """A record as it was read last, the entity tag of its job's file, and the bytes of it."""

    record: Record
    etag: str | None
    size: int


class RecordReader:
    """Reads records, and keeps those that were read lately."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, _Known] = {}
        self._bytes = 0

    def read(self, job_id: str) -> Record:
        """Return a job with its latest run.

        Raises:
            NotFoundError: if there is no such job.
            UnreadableRecordError: if this version cannot read it.
        """
        known = self._known.get(job_id)
        if known and self._holds(known):
            return known.record
        files = {entry.key: entry for entry in self._store.list(f"jobs/{job_id}")}
        entry = files.get(job_key(job_id))
        if entry is None:
            raise NotFoundError(f"There is no job {job_id}.")
        job = known.record.job if known and known.etag == entry.etag else self._read_job(job_id)
        record = self._read_latest(job, files)
        names = {entry.key, outcome_key(job_id, record.run)} & files.keys()
        self._keep(_Known(record, entry.etag, sum(files[name].size for name in names)))
        return record

    def find_outcome(self, job_id: str, run: int) -> Outcome | None:
        """Return the outcome of a run, None while it has none."""
        data = self._store.read(outcome_key(job_id, run))
        return parse_record(Outcome, data, job_id) if data else None

    def _holds(self, known: _Known) -> bool:
        """Tell whether a record is that of a run which has ended, and the latest of its job."""
        job, run, outcome = known.record.job, known.record.run, known.record.outcome
        if outcome is None:
            return False
        entry = self._store.find(job_key(job.id))
        if entry is None or entry.etag != known.etag:
            return False
        return outcome.status is Status.FINISHED or not self._store.find(start_key(job.id, run + 1))

    def _read_job(self, job_id: str) -> Job:
        data = self._store.read(job_key(job_id))
        if data is None:
            raise NotFoundError(f"There is no job {job_id}.")
        return parse_record(Job, data, job_id)

    def _read_latest(self, job: Job, files: Iterable[str]) -> Record:
        """Return the latest run of a job that has these files."""
        names = [key.split("/") for key in files if key.startswith(f"jobs/{job.id}/runs/")]
        run = max((int(name[3]) for name in names), default=1)
        takeovers = list_numbers(names, run, "takeovers")
        record = Record(
            job,
            run,
            self.find_outcome(job.id, run) if outcome_key(job.id, run) in files else None,
            takeovers=max(takeovers, default=0),  # an earlier one may have been handed back late
            renders_begun=len(list_numbers(names, run, "begun")),
        )
        return replace(record, reached=self._read_reached(record)) if record.takeovers else record

    def _read_reached(self, record: Record) -> LiveState:
        """Return how far a run was at its latest takeover; earlier versions did not note that."""
        data = self._store.read(mark_key(record, "takeovers", record.takeovers))
        return LiveState.from_json(json.loads(data)) if data else LiveState()

    def _keep(self, known: _Known) -> None:
        """Keep a record; forget all when there are too many, as most of them are asked once."""
        if known.etag is None or known.size > _MOST_BYTES:
            return
        before = self._known.get(known.record.job.id)
        self._bytes += known.size - (before.size if before else 0)
        if self._bytes > KEPT_BYTES:
            self._known.clear()
            self._bytes = known.size
        self._known[known.record.job.id] = known
