"""Retention: delete the files that are no longer needed.

After `RETENTION_HOURS` it deletes jobs that have ended, with their videos; sessions, counted from
their last upload; notes of results, counted from their last use; and audit records. It deletes the
files of a given-up attempt as soon as the job has ended, a segment one day after it was drawn, the
record of a batch after the last of its jobs, the reservations of uploads that were killed, and a
resumable upload two days after its last part. It keeps the uploads that a run without an outcome
reads, and the jobs that it needs, however old they are. It also completes the deletions that owners
began and that were cut off, and adds the jobs that the index by owner lacks.

Deleting a session and accepting a job with its uploads cannot both succeed. Retention first marks
the session as being deleted, and then looks for open runs that read it. A request first writes its
open run, and then looks for the mark. So at least one of the two sees the other and stops.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from reelqueue.errors import ConflictError, NotFoundError, UnreadableRecordError
from reelqueue.jobs.batches import find_batch_key
from reelqueue.jobs.model import Job, now
from reelqueue.media.resumable.expiry import choose_age, list_expired
from reelqueue.media.upload_keys import find_deletion_key
from reelqueue.services import Services
from reelqueue.storage.parallel import call_each
from reelqueue.upkeep.audit import FOLDER as AUDIT
from reelqueue.upkeep.retention.deletion import complete_deletion, find_read, find_sessions
from reelqueue.upkeep.retention.folders import (
    Folders,
    choose_jobs,
    choose_sessions,
    find_end,
    find_parent,
    find_unwanted,
    group_entries,
    has_record,
    list_outputs,
)
from reelqueue.upkeep.retention.marks import mend_marks

log = logging.getLogger(__name__)

REMAINS_AGE = timedelta(hours=1)
"""After this long, the remains of an interrupted write or deletion are deleted."""
DELETION_AGE = timedelta(days=1)
"""The id of a job that its owner deleted cannot be ordered again for this long.

A late copy of the order does not bring the job back, and no render of it is left by then.
"""
SEGMENT_AGE = timedelta(days=1)
"""A user may edit and render a slideshow again and again for this long.

Segments about double the storage that the slideshow takes.
"""
_NEVER = datetime.min.replace(tzinfo=UTC)


class Retention:
    """Looks for stored files to delete. Of all processes that try, one at a time does it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._named: set[str] = set()  # folders of outputs that outcomes are known to name

    def sweep(self) -> bool:
        """Delete the files that are no longer needed; tell whether this process is the leader."""
        return self.count_deleted() is not None

    def count_deleted(self) -> int | None:
        """Sweep, and return how many files were deleted; None if this process is not the leader.

        The sweep stops between two files if the process is no longer the leader.
        """
        acquire_leadership = self._services.queue.acquire_leadership
        if not acquire_leadership():
            return None
        deleted = 0
        for key in self._find_unneeded(now()):
            if not acquire_leadership():
                return None
            self._services.store.delete(key)
            deleted += 1
        if deleted:
            log.info("%s old files were deleted", deleted)
        return deleted

    def _find_unneeded(self, moment: datetime) -> Iterator[str]:
        hours = self._services.settings.retention_hours
        before = moment - timedelta(hours=hours) if hours else _NEVER
        remains_before = moment - REMAINS_AGE
        self._services.store.delete_unfinished(remains_before)
        jobs = group_entries(self._services.store.list("jobs"), 2)
        yield from self._find_deletions(jobs, moment - DELETION_AGE)
        kept = {folder.split("/")[1] for folder in jobs if has_record(folder, jobs[folder])}
        yield from mend_marks(self._services.ledger, kept, remains_before)
        yield from self._find_outputs(jobs)
        yield from self._find_sessions(jobs, before)
        yield from self._find_jobs(jobs, before, remains_before)
        yield from self._find_batches(jobs, remains_before)
        renders, segments, audit = map(self._services.store.list, ("renders", "parts", AUDIT))
        yield from (entry.key for entry in [*renders, *audit] if entry.modified < before)
        yield from (entry.key for entry in segments if entry.modified < moment - SEGMENT_AGE)
        yield from self._services.quota.list_stale()
        yield from self._services.outbox.list_old(before)

    def _find_deletions(self, jobs: Folders, before: datetime) -> Iterator[str]:
        """Complete what owners deleted; yield the marks of what they deleted long ago."""
        for mark in self._services.ledger.deletions.list_marks():
            job_id = mark.key.split("/")[1]
            if f"jobs/{job_id}" in jobs:
                complete_deletion(self._services, job_id)
            elif mark.modified < before:
                yield mark.key

    def _find_jobs(
        self, jobs: Folders, before: datetime, remains_before: datetime
    ) -> Iterator[str]:
        chosen = choose_jobs(jobs, before, remains_before)
        needed = self._find_needed() if chosen else ()
        for folder in (folder for folder in chosen if folder not in needed):
            files = self._services.store.list(folder)  # the job may have been retried meanwhile
            if not choose_jobs({folder: files}, before, remains_before):
                continue
            if self._forget(folder) if has_record(folder, files) else self._is_left(folder):
                yield from (file.key for file in files)

    def _find_needed(self) -> set[str]:
        """Return the folders of the jobs that a run without an outcome needs."""
        live = self._services.ledger.marks.list_live()
        jobs = filter(None, map(self._find_unended, live))
        return {f"jobs/{need.job_id}" for job in jobs for need in job.needs}

    def _find_unended(self, job_id: str) -> Job | None:
        """Return a job that has no outcome; None if it has one, or cannot be read here."""
        try:
            record = self._services.ledger.read(job_id)
        except (NotFoundError, UnreadableRecordError):
            return None
        return None if record.outcome else record.job

    def _find_batches(self, jobs: Folders, remains_before: datetime) -> Iterator[str]:
        """Yield the keys of batches without jobs; one that is new may be about to get them."""
        batches = self._services.batches
        arriving = set(batches.list_arrivals())
        for batch_id in batches.list_old(remains_before):
            try:
                members = batches.read(batch_id).members
            except (NotFoundError, UnreadableRecordError):
                continue
            folders = [f"jobs/{member.job_id}" for member in members]
            is_gone = all(folder not in jobs and self._is_left(folder) for folder in folders)
            if is_gone and batch_id not in arriving:
                self._services.outbox.forget("batch", batch_id)
                yield find_batch_key(batch_id)

    def _is_left(self, folder: str) -> bool:
        """Tell whether files without a job are remains, and not stored for one to come."""
        return not self._services.ledger.is_expected(folder.split("/")[1])

    def _forget(self, folder: str) -> bool:
        """Delete a job from the ledger; tell whether its other files may be deleted."""
        ledger = self._services.ledger
        job_id = folder.split("/")[1]
        try:
            record = ledger.read(job_id)
            ledger.forget(record)
            if record.job.callback_url:
                self._services.outbox.forget("job", job_id)
        except ConflictError:
            return False
        except NotFoundError:  # an earlier sweep did this, and was interrupted
            self._services.outbox.forget("job", job_id)
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
            yield from (file.key for file in files if find_parent(file.key) in unneeded)

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
        return {find_parent(file.key) for file in files}

    def _find_sessions(self, jobs: Folders, before: datetime) -> Iterator[str]:
        stored = self._services.store.list("sessions")
        yield from list_expired(stored, choose_age(self._services.settings.retention_hours))
        sessions = group_entries(stored, 3)
        running = [folder for folder, files in jobs.items() if find_end(files) is None]
        used = self._find_used(folder.split("/")[1] for folder in running)
        leaving = set(choose_sessions(sessions, before, used)) | find_unwanted(sessions) - used
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
        # The batches come first: the jobs of one that is gone have been accepted.
        arriving = find_sessions(self._services.batches.list_arriving_inputs())
        live = {*job_ids, *self._services.ledger.marks.list_live()}
        return arriving.union(*call_each(partial(find_read, self._services.ledger), live))
