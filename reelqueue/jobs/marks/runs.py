"""The marks by which runs are found without a look at all jobs: open, held, failed, canceled.

A mark may outlive what it says for a moment. The outcome of the run decides.

held-changes/<id>/<n>/<random>  is written after held/<id>/<n> was written or deleted

The leader reads these notes each second instead of all held runs, and deletes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from reelqueue.jobs.keys import ended_key, held_change_key, held_key, open_key
from reelqueue.jobs.model import Record, Status
from reelqueue.storage import Entry, Store
from reelqueue.storage.parallel import call_each

HELD = "held"
LIVE = (HELD, "open")
"""The folders of runs without an outcome: those that a queue has, and those that wait."""
ENDS = (Status.FAILED, Status.CANCELED)
"""The ends that are marked, each in a folder of its name."""


class OpenRun(NamedTuple):
    """A run that may have no outcome yet."""

    job_id: str
    run: int
    opened_at: datetime | None = None


class HeldChange(NamedTuple):
    """The note that a run is held, or no longer; the mark of the run tells which."""

    key: str
    job_id: str
    run: int


class RunMarks:
    """The marks of all runs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, job_id: str, run: int) -> None:
        """Add a run to the list of open runs: it counts as lost unless a queue has it."""
        self._store.write(open_key(job_id, run), b"")

    def close(self, job_id: str, run: int) -> None:
        """Remove a run from the list of open runs."""
        self._store.delete(open_key(job_id, run))

    def hold(self, job_id: str, run: int) -> None:
        """Add a run to the list of held runs, which may not be queued yet."""
        self._store.write(held_key(job_id, run), b"")
        self._store.write(held_change_key(job_id, run), b"")

    def unhold(self, job_id: str, run: int) -> None:
        """Remove a run from the list of held runs."""
        self._store.delete(held_key(job_id, run))
        self._store.write(held_change_key(job_id, run), b"")

    def release(self, job_id: str, run: int) -> None:
        """Move a run from the list of held runs to that of open runs."""
        self.open(job_id, run)
        self.unhold(job_id, run)

    def is_held(self, record: Record) -> bool:
        """Tell whether a run may not be queued yet."""
        job = record.job
        return job.is_held_first and self._store.find(held_key(job.id, record.run)) is not None

    def list_open(self) -> list[OpenRun]:
        """Return the runs without an outcome that are not held, newest first.

        Some may just have ended. Recovery puts lost runs at the front of the queue one by one: in
        this order the oldest run ends up in front.
        """
        return self._list_runs("open")

    def list_held(self) -> list[OpenRun]:
        """Return the held runs, newest first; some may just have ended."""
        return self._list_runs(HELD)

    def find_held(self, name: tuple[str, int]) -> OpenRun | None:
        """Return the run of this number of the job of this id, if it is held."""
        mark = self._store.find(held_key(*name))
        return OpenRun(*name, mark.modified) if mark else None

    def list_held_changes(self) -> list[HeldChange]:
        """Return the notes of what was held, or is no longer held, since they were forgotten."""
        names = [(note.key, *note.key.split("/")) for note in self.list_notes()]
        return [HeldChange(key, job_id, int(run)) for key, _, job_id, run, _ in names]

    def list_notes(self) -> list[Entry]:
        """Return the entries of these notes."""
        return self._store.list("held-changes")

    def forget_held_changes(self, changes: Iterable[HeldChange]) -> None:
        """Delete notes that have been heeded."""
        call_each(self._store.delete, [change.key for change in changes])

    def _list_runs(self, folder: str) -> list[OpenRun]:
        marks = sorted(self._store.list(folder), key=lambda mark: mark.modified, reverse=True)
        names = [mark.key.split("/") for mark in marks]
        return [
            OpenRun(job_id, int(run), mark.modified)
            for (_, job_id, run), mark in zip(names, marks, strict=True)
        ]

    def add_end(self, job_id: str, run: int, status: Status) -> None:
        """Mark a run that ends, unless it finishes."""
        if status in ENDS:
            self._store.write(ended_key(status, job_id, run), b"")

    def remove_end(self, job_id: str, run: int, status: Status) -> None:
        """Delete the mark of a run that does not count as ended so any more."""
        if status in ENDS:
            self._store.delete(ended_key(status, job_id, run))

    def forget_ends(self, job_id: str) -> None:
        """Delete the marks of all runs of a job that ended."""
        for status in ENDS:
            self._store.delete(*(mark.key for mark in self._store.list(f"{status}/{job_id}")))

    def list_ends(self) -> list[Entry]:
        """Return the marks of all runs that ended without a result."""
        return self._list(*ENDS)

    def list_failed(self, since: datetime | None = None) -> list[str]:
        """Return the ids of jobs marked as failed, newest first; their outcome decides.

        Args:
            since: leave out those marked before; unset: none.
        """
        marks = [mark for mark in self._store.list("failed") if not since or mark.modified >= since]
        marks.sort(key=lambda mark: mark.modified, reverse=True)
        return list(dict.fromkeys(mark.key.split("/")[1] for mark in marks))

    def list_live(self) -> set[str]:
        """Return the ids of the jobs that may not have ended."""
        return {job_id for job_id, _ in self.list_live_runs()}

    def list_live_runs(self) -> set[tuple[str, int]]:
        """Return the runs that may not have ended."""
        names = (mark.key.split("/") for mark in self._list(*LIVE))
        return {(job_id, int(run)) for _, job_id, run in names}

    def list_doubtful(self, status: Status) -> dict[str, str]:
        """Return the jobs that may have this status, or may not: the last mark of each, by its id.

        All others have finished, or have certainly another status.
        """
        folders = {Status.FINISHED: (*LIVE, *ENDS), **{end: (end,) for end in ENDS}}
        names = (mark.key.split("/") for mark in self._list(*folders.get(status, LIVE)))
        return {job_id: folder for folder, job_id, _ in names}

    def _list(self, *folders: str) -> list[Entry]:
        """Return the marks in folders, which are listed in the order of a run's life.

        A run gets its next mark before it loses the last one. In this order one of them is seen.
        """
        return [mark for folder in folders for mark in self._store.list(folder)]
