"""The index of jobs by owner: an owner's jobs are listed without a look at those of others.

owners/<owner>/<created>.<kind>.<id>  marks a job; `created` is in milliseconds since 1970

The mark of a job that is held first may tell why, before its id: `.at<time>`, also in milliseconds,
and `.needs`.

A mark is written right after its job, and deleted after it. Retention adds those that are missing,
such as of jobs that an earlier version stored, and deletes those that have outlived their job.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from reelqueue.jobs.model import Job
from reelqueue.storage import Entry, Store

FOLDER = "owners"


class OwnedJob(NamedTuple):
    """A job as its mark describes it.

    `run_at` and `has_needs` are those of the job, if its mark tells why it is held.
    """

    job_id: str
    kind: str
    run_at: datetime | None = None
    has_needs: bool = False

    @classmethod
    def from_key(cls, key: str) -> OwnedJob:
        """Read the key of a mark."""
        _, kind, *terms, job_id = key.split(".")
        times = [int(term[2:]) for term in terms if term.startswith("at")]
        run_at = datetime.fromtimestamp(times[0] / 1000, UTC) if times else None
        return cls(job_id, kind, run_at, "needs" in terms)


class OwnerIndex:
    """The marks of all jobs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, job: Job) -> None:
        """Mark a job."""
        self._store.write(_name_mark(job), b"")

    def remove(self, job: Job) -> None:
        """Delete the mark of a job, also as an earlier version named it."""
        names = {_name_mark(job), _name_mark(job.model_copy(update={"run_at": None, "needs": ()}))}
        self._store.delete(*names)

    def list_owned(self, owner: str) -> list[OwnedJob]:
        """Return the jobs of an owner, newest first."""
        keys = [entry.key for entry in self._store.list(f"{FOLDER}/{owner}")]
        return [OwnedJob.from_key(key) for key in reversed(keys)]

    def list_marks(self) -> list[Entry]:
        """Return the marks of all jobs."""
        return self._store.list(FOLDER)


def find_marked_job(key: str) -> str:
    """Return the id of the job that a mark is of."""
    return key.rpartition(".")[2]


def _name_mark(job: Job) -> str:
    terms = [f"{_count(job.created_at):013}", job.kind]
    if job.run_at:
        terms.append(f"at{_count(job.run_at)}")
    if job.needs:
        terms.append("needs")
    return f"{FOLDER}/{job.owner}/{'.'.join([*terms, job.id])}"


def _count(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
