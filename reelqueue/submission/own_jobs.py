"""The jobs of one owner, listed newest first.

The marks of the ledger say which jobs there are, of which kinds, and of many whether they have
a status: so do those of jobs that are held. So only the jobs of the page are read and, for a filter
by status, those that the marks leave in doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from reelqueue.errors import NotFoundError, UnreadableRecordError
from reelqueue.jobs.marks.owners import OwnedJob
from reelqueue.jobs.marks.runs import HELD
from reelqueue.jobs.model import LiveState, Record, Status
from reelqueue.services import Services
from reelqueue.storage.parallel import call_each
from reelqueue.submission.holds import find_hold_status
from reelqueue.submission.state import refresh_record


class FoundJob(NamedTuple):
    """A job and the state of its run, which counts while it has no outcome."""

    record: Record
    live: LiveState

    @property
    def status(self) -> Status:
        """Its status."""
        return self.record.outcome.status if self.record.outcome else self.live.status


class JobPage(NamedTuple):
    """The jobs of a page, and how many there are on all pages."""

    jobs: list[FoundJob]
    total: int


Found = dict[str, FoundJob | None]


def list_own_jobs(
    services: Services,
    owner: str,
    *,
    page: int,
    per_page: int,
    kind: str | None = None,
    status: Status | None = None,
) -> JobPage:
    """Return a page of an owner's jobs, newest first.

    Args:
        services: the opened services.
        owner: whose jobs.
        page: the number of the page, from 1.
        per_page: how many jobs a page has.
        kind: leave out the jobs of other kinds.
        status: leave out the jobs that have another status.
    """
    marked = services.ledger.index.list_owned(owner)
    chosen = [job for job in marked if kind in (None, job.kind)]
    job_ids = [job.job_id for job in chosen]
    found: Found = {}
    if status is not None:
        doubtful = services.ledger.marks.list_doubtful(status)
        sure = {job.job_id: _find_sure_status(job, doubtful) for job in chosen}
        found = _read_jobs(services, owner, [name for name in job_ids if sure[name] is None])
        job_ids = [name for name in job_ids if status in (sure[name], _find_status(name, found))]
    first = (page - 1) * per_page
    shown = job_ids[first : first + per_page]
    found |= _read_jobs(services, owner, [name for name in shown if name not in found])
    jobs = [job for name in shown if (job := found[name]) and status in (None, job.status)]
    return JobPage(jobs, len(job_ids))


def _find_sure_status(job: OwnedJob, doubtful: Mapping[str, str]) -> Status | None:
    """Return the status of a job by its marks; None if it must be read.

    Args:
        job: by its mark in the index.
        doubtful: the last mark of each job that the status may not be sure of.
    """
    mark = doubtful.get(job.job_id)
    if mark is None:
        return Status.FINISHED  # or at least none of those that leave a mark
    is_told = mark == HELD and (job.run_at or job.has_needs)
    return find_hold_status(job.run_at, has_needs=job.has_needs) if is_told else None


def _find_status(job_id: str, found: Found) -> Status | None:
    """Return the status of a job that was read, None of others."""
    job = found.get(job_id)
    return job.status if job else None


def _read_jobs(services: Services, owner: str, job_ids: Sequence[str]) -> Found:
    jobs = call_each(partial(_read_job, services, owner), job_ids)
    return dict(zip(job_ids, jobs, strict=True))


def _read_job(services: Services, owner: str, job_id: str) -> FoundJob | None:
    """Return a job, None if it is gone, not the owner's, or unreadable for this version."""
    try:
        record = services.ledger.read(job_id)
        if record.job.owner != owner:
            return None
        return FoundJob(*refresh_record(services, record))
    except (NotFoundError, UnreadableRecordError):
        return None
