"""Retention: what is deleted when nobody needs it any more.

An ended job goes with its video `RETENTION_HOURS` after its end, a session's uploads as long after
the last of them, the note of a result as long after its last use, and what a given-up attempt
stored as soon as its job has ended. A part of a video goes a day after it was drawn. Whatever a run
without an outcome reads stays, however old it is.

A session is marked before it is deleted, and only then looked for in the open runs; whoever orders
writes the run down first and then looks for the mark. So one of both always gives way.
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
"""Until whoever does not lead asks again: the leader may be gone."""
REST_AGE = timedelta(hours=1)
"""What is left of a deletion or of a write that was cut off is nobody's after so long."""
PART_AGE = timedelta(days=1)
"""As long as somebody may be at work on a slideshow: parts double what it takes."""
_RUN_KEY = re.compile(r"jobs/[^/]+/runs/(?P<run>[0-9]+)/(?P<name>.+)")
_OUTPUT_KEY = re.compile(r"jobs/[^/]+/outputs/[^/]+/[^/]+")
_NEVER = datetime.min.replace(tzinfo=UTC)

Folders = Mapping[str, Sequence[Entry]]


class Retention:
    """Looks at all that is stored, now and then; of many processes, one at a time does."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._named: set[str] = set()  # folders of outputs that are known to be wanted

    def watch(self) -> None:
        """Sweep now and every ten minutes, for as long as this process lives."""
        while True:
            is_leader = True
            try:
                is_leader = self.sweep()
            except Exception:  # the next sweep may go better, and nobody else does it
                log.exception("deleting what nobody needs failed")
            time.sleep(SWEEP_SECONDS if is_leader else PATIENCE_SECONDS)

    def sweep(self) -> bool:
        """Delete what nobody needs any more, and tell whether that is for us to do.

        It stops between two files if somebody else leads.
        """
        lead, store = self._services.queue.lead, self._services.store
        if not lead():
            return False
        deleted = 0
        for key in self._find_unneeded(now()):
            if not lead():
                return False
            store.delete(key)
            deleted += 1
        if deleted:
            log.info("%s stored files that nobody needs were deleted", deleted)
        return True

    def _find_unneeded(self, moment: datetime) -> Iterator[str]:
        hours = self._services.settings.retention_hours
        before = moment - timedelta(hours=hours) if hours else _NEVER
        rest_before = moment - REST_AGE
        self._services.store.delete_unfinished(rest_before)
        jobs = group_entries(self._services.store.list("jobs"), 2)
        yield from self._find_outputs(jobs)
        yield from self._find_sessions(jobs, before)
        yield from self._find_jobs(jobs, before, rest_before)
        renders, parts = map(self._services.store.list, ("renders", "parts"))
        yield from (entry.key for entry in renders if entry.modified < before)
        yield from (entry.key for entry in parts if entry.modified < moment - PART_AGE)

    def _find_jobs(self, jobs: Folders, before: datetime, rest_before: datetime) -> Iterator[str]:
        for folder in choose_jobs(jobs, before, rest_before):
            files = self._services.store.list(folder)  # it may have been run again since
            if choose_jobs({folder: files}, before, rest_before) and self._forget(folder):
                yield from (file.key for file in files)

    def _forget(self, folder: str) -> bool:
        """Forget a job; tell whether what is left of it may be deleted."""
        ledger = self._services.ledger
        job_id = folder.split("/")[1]
        try:
            ledger.forget(ledger.read(job_id))
        except ConflictError:
            return False
        except NotFoundError:  # an earlier sweep did that, and did not come to its end
            return True
        except UnreadableRecordError as error:  # the version that wrote it deletes it
            log.warning("job %s: cannot be deleted: %s", job_id, error)
            return False
        return True

    def _find_outputs(self, jobs: Folders) -> Iterator[str]:
        """Find what attempts stored that no outcome names, of jobs that have ended."""
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
        """Return the folder of the output that a job's outcome names, None if it has not ended."""
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
        """Return the sessions that these jobs, or those on the list of open runs, still read."""
        open_ids = (run.job_id for run in self._services.ledger.list_open())
        inputs = chain.from_iterable(map(self._list_inputs, {*job_ids, *open_ids}))
        return {find_session_folder(source.key) for source in inputs}

    def _list_inputs(self, job_id: str) -> Sequence[Input]:
        """Return what a job may still read: all of it if this version cannot tell."""
        ledger = self._services.ledger
        try:
            record = ledger.read(job_id)
        except NotFoundError:
            return []
        except UnreadableRecordError:
            return ledger.read_inputs(job_id)
        return [] if record.outcome else record.job.inputs


def choose_jobs(jobs: Folders, before: datetime, rest_before: datetime) -> list[str]:
    """Return the folders of jobs that ended before a moment, and rests of what was a job."""

    def is_old(folder: str, files: Sequence[Entry]) -> bool:
        if all(file.key != f"{folder}/job.json" for file in files):
            return all(file.modified < rest_before for file in files)
        end = find_end(files)
        return end is not None and end < before

    return [folder for folder, files in jobs.items() if is_old(folder, files)]


def choose_sessions(sessions: Folders, before: datetime, used: Set[str]) -> list[str]:
    """Return the folders of sessions that are not used and got their last upload before then."""
    return [
        folder
        for folder, files in sessions.items()
        if folder not in used
        and all(file.modified < before or file.key == find_deletion_key(folder) for file in files)
    ]


def find_end(files: Sequence[Entry]) -> datetime | None:
    """Return when the latest run of a job ended, None if it has not."""
    ends: dict[int, datetime | None] = {}
    for file in files:
        match = _RUN_KEY.fullmatch(file.key)
        if match:
            is_outcome = match["name"] == "outcome.json"
            ends[int(match["run"])] = file.modified if is_outcome else ends.get(int(match["run"]))
    return ends[max(ends)] if ends else None


def list_outputs(files: Sequence[Entry]) -> set[str]:
    """Return the folders of the outputs that the attempts of a job have stored."""
    return {_find_parent(file.key) for file in files if _OUTPUT_KEY.fullmatch(file.key)}


def group_entries(entries: Iterable[Entry], depth: int) -> dict[str, list[Entry]]:
    """Return entries by the folder that the first parts of their keys name."""
    folders: dict[str, list[Entry]] = {}
    for entry in entries:
        folders.setdefault("/".join(entry.key.split("/")[:depth]), []).append(entry)
    return folders


def _find_parent(key: str) -> str:
    return key.rpartition("/")[0]
