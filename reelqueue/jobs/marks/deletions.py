"""Jobs that their owners delete.

deleted/<id>  is written before anything of the job is deleted, and kept for a day

While a job is being deleted, other processes may still render it, retry it or order it again. Each
of them writes first, and then looks for the job or for this mark. The deletion writes the mark
first, then deletes the job, and then what it finds of it. So at least one of the two sees the
other, and nothing is left. If the process that deletes is killed, retention completes what it
began.
"""

from __future__ import annotations

from reelqueue.jobs.keys import deleted_key, job_key
from reelqueue.jobs.marks.owners import OwnerIndex
from reelqueue.jobs.marks.runs import ENDS, LIVE
from reelqueue.jobs.model import Job, RunClaim
from reelqueue.jobs.records import list_numbers
from reelqueue.storage import Entry, Store


class Deletions:
    """The marks of deleted jobs, and the deletion of what is stored of them."""

    def __init__(self, store: Store, index: OwnerIndex) -> None:
        self._store = store
        self._index = index

    def announce(self, job_id: str) -> None:
        """Note that a job is to be deleted."""
        self._store.write(deleted_key(job_id), b"")

    def is_announced(self, job_id: str) -> bool:
        """Tell whether a job was deleted in the last day, or is being deleted."""
        return self._store.find(deleted_key(job_id)) is not None

    def list_marks(self) -> list[Entry]:
        """Return the marks."""
        return self._store.list("deleted")

    def list_claims(self, job_id: str) -> list[RunClaim]:
        """Return the claims that workers may have had on the runs of a job."""
        names = [entry.key.split("/") for entry in self._store.list(f"jobs/{job_id}/runs")]
        return [
            RunClaim(job_id, run, number)
            for run in sorted({1, *(int(name[3]) for name in names)})
            for number in range(max(list_numbers(names, run, "takeovers"), default=0) + 1)
        ]

    def delete(self, job: Job) -> None:
        """Delete a job whose deletion was announced: first the job itself, then all its files."""
        self._store.delete(job_key(job.id))
        self._index.remove(job)
        self.clear(job.id)

    def clear(self, job_id: str) -> None:
        """Delete all that is left of a job whose owner deleted it; do nothing for other jobs."""
        if not self.is_announced(job_id) or self._store.find(job_key(job_id)):
            return
        for folder in (*LIVE, *ENDS, "jobs"):
            self._store.delete(*(entry.key for entry in self._store.list(f"{folder}/{job_id}")))
