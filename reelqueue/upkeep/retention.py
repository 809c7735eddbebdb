"""Retention: delete the files that are no longer needed.

After `RETENTION_HOURS` it deletes jobs that have ended, with their videos; sessions, counted from
their last upload; and notes of results, counted from their last use. It deletes the files of a
given-up attempt as soon as the job has ended, a segment one day after it was drawn, and the
reservations of uploads that were killed. It keeps the uploads that a run without an outcome reads,
however old they are.

Deleting a session and accepting a job with its uploads cannot both succeed. Retention first marks
the session as being deleted, and then looks for open runs that read it. A request first writes its
open run, and then looks for the mark. So at least one of the two sees the other and stops.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import UTC, datetime, timedelta
from itertools import chain

from reelqueue.errors import ConflictError, NotFoundError, UnreadableRecordError
from reelqueue.jobs.model import Input, now
from reelqueue.media.uploads import find_deletion_key, find_session_folder
from reelqueue.services import Services
from reelqueue.storage import Entry

log = logging.getLogger(__name__)

SWEEP_SECONDS = 600.0
PATIENCE_SECONDS = 10.0
"""How often a process that is not the leader tries to become it."""
REMAINS_AGE = timedelta(hours=1)
"""After this long, the remains of an interrupted write or deletion are deleted."""
SEGMENT_AGE = timedelta(days=1)
"""A user may edit and render a slideshow again and again for this long.

Segments about double the storage that the slideshow takes.
"""
_RUN_KEY = re.compile(r"jobs/[^/]+/runs/(?P<run>[0-9]+)/(?P<name>.+)")
_OUTPUT_KEY = re.compile(r"jobs/[^/]+/outputs/[^/]+/[^/]+")
_NEVER = datetime.min.replace(tzinfo=UTC)

Folders = Mapping[str, Sequence[Entry]]


class Retention:
    """Looks for stored files to delete. Of all processes that try, one at a time does it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._named: set[str] = set()  # folders of outputs that outcomes are known to name

    def watch(self) -> None:
        """Sweep now and every `SWEEP_SECONDS`, until this process ends."""
        while True:
            is_leader = True
            try:
                is_leader = self.sweep()
            except Exception:  # the next sweep may succeed; no other process takes over
                log.exception("the deletion of old files failed")
            time.sleep(SWEEP_SECONDS if is_leader else PATIENCE_SECONDS)

    def sweep(self) -> bool:
        """Delete the files that are no longer needed; tell whether this process is the leader.

        The sweep stops between two files if the process is no longer the leader.
        """
        acquire_leadership = self._services.queue.acquire_leadership
        if not acquire_leadership():
            return False
        deleted = 0
        for key in self._find_unneeded(now()):
            if not acquire_leadership():
                return False
            self._services.store.delete(key)
            deleted += 1
        if deleted:
            log.info("%s old files were deleted", deleted)
        return True

    def _find_unneeded(self, moment: datetime) -> Iterator[str]:
        hours = self._services.settings.retention_hours
        before = moment - timedelta(hours=hours) if hours else _NEVER
        remains_before = moment - REMAINS_AGE
        self._services.store.delete_unfinished(remains_before)
        jobs = group_entries(self._services.store.list("jobs"), 2)
        yield from self._find_outputs(jobs)
        yield from self._find_sessions(jobs, before)
        yield from self._find_jobs(jobs, before, remains_before)
        renders, segments = map(self._services.store.list, ("renders", "parts"))
        yield from (entry.key for entry in renders if entry.modified < before)
        yield from (entry.key for entry in segments if entry.modified < moment - SEGMENT_AGE)
        yield from self._services.quota.list_stale()

    def _find_jobs(
        self, jobs: Folders, before: datetime, remains_before: datetime
    ) -> Iterator[str]:
        for folder in choose_jobs(jobs, before, remains_before):
            files = self._services.store.list(folder)  # the job may have been retried meanwhile
            if not choose_jobs({folder: files}, before, remains_before):
                continue
            if self._forget(folder) if has_record(folder, files) else self._is_left(folder):
                yield from (file.key for file in files)

    def _is_left(self, folder: str) -> bool:
        """Tell whether files without a job are remains, and not stored for one to come."""
        return not self._services.ledger.is_expected(folder.split("/")[1])

    def _forget(self, folder: str) -> bool:
        """Delete a job from the ledger; tell whether its other files may be deleted."""
        ledger = self._services.ledger
        job_id = folder.split("/")[1]
        try:
            ledger.forget(ledger.read(job_id))
        except ConflictError:
            return False
        except NotFoundError:  # an earlier sweep did this, and was interrupted
            return True
        except UnreadableRecordError as error:  # the version that wrote the job can delete it
            log.warning("job %s: cannot be deleted: %s", job_id, error)
            return False
        return True

    def _find_outputs(self, jobs: Folders) -> Iterator[str]:
        """Yield the keys of files that no outcome names, of jobs that have ended."""
        outputs = {folder: list_outputs(files) for folder, files in jobs.items()}
        self._named &= set().union(*outputs.values())
        for folder, files in jobs.items():
            unknown = outputs[folder] - self._named
            if not unknown or find_end(files) is None:
                continue
            named = self._find_named(folder)
            if named is None:
                continue
            self._named |= named
            unneeded = unknown - named
            yield from (file.key for file in files if _find_parent(file.key) in unneeded)

    def _find_named(self, folder: str) -> set[str] | None:
        """Return the folders that a job's outcome names, None if they are not known (yet)."""
        job_id = folder.split("/")[1]
        try:
            outcome = self._services.ledger.read(job_id).outcome
        except NotFoundError:
            return None
        except UnreadableRecordError as error:
            log.warning("job %s: its files are kept: %s", job_id, error)
            return None
        if outcome is None:
            return None
        files = outcome.output.files.values() if outcome.output else ()
        return {_find_parent(file.key) for file in files}

    def _find_sessions(self, jobs: Folders, before: datetime) -> Iterator[str]:
        sessions = group_entries(self._services.store.list("sessions"), 3)
        running = [folder for folder, files in jobs.items() if find_end(files) is None]
        used = self._find_used(folder.split("/")[1] for folder in running)
        leaving = set(choose_sessions(sessions, before, used))
        for folder in leaving:
            self._services.uploads.announce_deletion(folder)
        if leaving:
            used |= self._find_used(())
        for folder, files in sessions.items():
            mark = find_deletion_key(folder)
            if folder in leaving and folder not in used:
                yield from (file.key for file in files if file.key != mark)
            if folder in leaving or any(file.key == mark for file in files):
                yield mark

    def _find_used(self, job_ids: Iterable[str]) -> set[str]:
        """Return the sessions that these jobs, or the jobs with open runs, still read."""
        open_ids = (run.job_id for run in self._services.ledger.list_open())
        inputs = chain.from_iterable(map(self._list_inputs, {*job_ids, *open_ids}))
        return {find_session_folder(source.key) for source in inputs}

    def _list_inputs(self, job_id: str) -> Sequence[Input]:
        """Return the files that a job may still read; all its files if it is unreadable here."""
        ledger = self._services.ledger
        try:
            record = ledger.read(job_id)
        except NotFoundError:
            return []
        except UnreadableRecordError:
            return ledger.read_inputs(job_id)
        return [] if record.outcome else record.job.inputs


def choose_jobs(jobs: Folders, before: datetime, remains_before: datetime) -> list[str]:
    """Return the folders of jobs that may be deleted.

    Args:
        jobs: the stored files of each job, by folder.
        before: a job may be deleted if it ended earlier than this.
        remains_before: files without a job may be deleted if all are older than this.
    """

    def is_old(folder: str, files: Sequence[Entry]) -> bool:
        if not has_record(folder, files):
            return all(file.modified < remains_before for file in files)
        end = find_end(files)
        return end is not None and end < before

    return [folder for folder, files in jobs.items() if is_old(folder, files)]


def has_record(folder: str, files: Sequence[Entry]) -> bool:
    """Tell whether a job's files include the job itself."""
    return any(file.key == f"{folder}/job.json" for file in files)


def choose_sessions(sessions: Folders, before: datetime, used: Set[str]) -> list[str]:
    """Return the folders of unused sessions whose last upload is older than `before`."""
    return [
        folder
        for folder, files in sessions.items()
        if folder not in used
        and all(file.modified < before or file.key == find_deletion_key(folder) for file in files)
    ]


def find_end(files: Sequence[Entry]) -> datetime | None:
    """Return when the latest run of a job ended, None if it has not ended."""
    ends: dict[int, datetime | None] = {}
    for file in files:
        match = _RUN_KEY.fullmatch(file.key)
        if match:
            is_outcome = match["name"] == "outcome.json"
            ends[int(match["run"])] = file.modified if is_outcome else ends.get(int(match["run"]))
    return ends[max(ends)] if ends else None


def list_outputs(files: Sequence[Entry]) -> set[str]:
    """Return the output folders among a job's files, one for each attempt that stored files."""
    return {_find_parent(file.key) for file in files if _OUTPUT_KEY.fullmatch(file.key)}


def group_entries(entries: Iterable[Entry], depth: int) -> dict[str, list[Entry]]:
    """Return entries by folder: the first `depth` parts of their keys."""
    folders: dict[str, list[Entry]] = {}
    for entry in entries:
        folders.setdefault("/".join(entry.key.split("/")[:depth]), []).append(entry)
    return folders


def _find_parent(key: str) -> str:
    return key.rpartition("/")[0]
