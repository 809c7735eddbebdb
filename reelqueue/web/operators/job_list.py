"""The jobs of all owners, for operators: those that run, wait, or have ended."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial

from pydantic import Field

from reelqueue.errors import NotFoundError, UnavailableError, UnreadableRecordError
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.marks.runs import OpenRun
from reelqueue.jobs.model import Job, LiveState, Record, Status
from reelqueue.jobs.priorities import Priority
from reelqueue.jobs.status import describe_job
from reelqueue.masking import get_mask
from reelqueue.services import Services
from reelqueue.storage.parallel import call_each
from reelqueue.submission.holds import describe_hold
from reelqueue.submission.kinds import find_messages
from reelqueue.submission.state import refresh_record
from reelqueue.upkeep.retention.folders import find_end, group_entries
from reelqueue.web.answers import PageQuery
from reelqueue.web.operators.answers import FailedJob, FailedJobs, ListedJob, ListedJobs

MOST_ENDED = 2000
"""The jobs that ended last: to tell finished from cancelled ones, the outcome of each is read."""
_FACTS_KEPT = 20_000
_HASH_LENGTH = 8
_ENDED = (Status.FINISHED, Status.CANCELED)

OpenRuns = Mapping[OpenRun, Status]


class JobsQuery(PageQuery):
    """The query of `GET /admin/jobs`."""

    status: Status | None = Field(None, description="Only jobs of this status.")
    kind: str | None = Field(None, max_length=40, description="Only jobs of this kind.")
    queue: Priority | None = Field(None, description="Only jobs of this queue.")


def list_jobs(services: Services, query: JobsQuery, runs: OpenRuns | None = None) -> ListedJobs:
    """Return a page of jobs: by turn those that have not ended, then the newest that have.

    Args:
        services: the opened services.
        query: which jobs, and which page of them.
        runs: what `sort_open_runs` returned, if it was asked already.
    """
    job_ids = _choose(services, query, sort_open_runs(services) if runs is None else runs)
    if query.kind or query.queue:
        keep = call_each(partial(_matches, services.ledger, query), job_ids)
        job_ids = [job_id for job_id, is_kept in zip(job_ids, keep, strict=True) if is_kept]
    found = call_each(partial(_describe, services, query.status), query.cut(job_ids))
    jobs = [job for job in found if job]
    return ListedJobs(jobs=jobs, total=len(job_ids), page=query.page, per_page=query.per_page)


def sort_open_runs(services: Services) -> OpenRuns:
    """Return the status of the runs without an outcome; while the queue is away, open ones wait.

    Held runs come last, those that were ordered first before the others.
    """
    marks = services.ledger.marks
    held, runs = marks.list_held(), marks.list_open()  # in this order, no released one is missed
    try:
        found = services.queue.control.sort_runs(runs)
    except UnavailableError:
        found = dict.fromkeys(reversed(runs), Status.QUEUED)
    opened = {run[:2] for run in runs}
    waiting = [run for run in reversed(held) if run[:2] not in opened]
    return {**found, **_sort_held(services.ledger, waiting)}


def _sort_held(ledger: Ledger, runs: Sequence[OpenRun]) -> OpenRuns:
    """Return what held runs wait for; those whose jobs cannot be read are left out."""
    statuses = call_each(partial(_find_hold_status, ledger), runs)
    return {run: status for run, status in zip(runs, statuses, strict=True) if status}


def _find_hold_status(ledger: Ledger, run: OpenRun) -> Status | None:
    try:
        return describe_hold(_read_job(ledger, run.job_id)).status
    except (NotFoundError, UnreadableRecordError):
        return None


def name_owner(owner: str) -> str:
    """Return a short hash that tells owners apart; an owner's own name is as good as a token."""
    return hashlib.sha256(owner.encode()).hexdigest()[:_HASH_LENGTH]


def _choose(services: Services, query: JobsQuery, runs: OpenRuns) -> list[str]:
    """Return the ids of the jobs of the status that is asked for."""
    wanted = query.status
    if wanted is Status.FAILED:
        return services.ledger.marks.list_failed()
    if wanted in _ENDED:
        ended = _list_ended(services)
        statuses = call_each(partial(_find_end_status, services.ledger), ended.items())
        return [job_id for job_id, status in zip(ended, statuses, strict=True) if status is wanted]
    job_ids = [run.job_id for run, status in runs.items() if wanted in (None, status)]
    return job_ids if wanted else list(dict.fromkeys([*job_ids, *_list_ended(services)]))


def _list_ended(services: Services) -> dict[str, datetime]:
    """Return when the jobs ended that ended last, the newest first."""
    jobs = group_entries(services.store.list("jobs"), 2)
    ends = {folder.split("/")[1]: find_end(files) for folder, files in jobs.items()}
    ended = [(end, job_id) for job_id, end in ends.items() if end]
    return {job_id: end for end, job_id in sorted(ended, reverse=True)[:MOST_ENDED]}


def _find_end_status(ledger: Ledger, ended: tuple[str, datetime]) -> Status | None:
    """Return how a job ended, None if that cannot be read."""
    try:
        return _read_end_status(ledger, *ended)
    except (NotFoundError, UnreadableRecordError):
        return None


@lru_cache(_FACTS_KEPT)
def _read_end_status(ledger: Ledger, job_id: str, _ended_at: datetime) -> Status | None:
    outcome = ledger.read(job_id).outcome
    return outcome.status if outcome else None


def _matches(ledger: Ledger, query: JobsQuery, job_id: str) -> bool:
    """Tell whether a job is of the kind and the queue that are asked for."""
    try:
        job = _read_job(ledger, job_id)
    except (NotFoundError, UnreadableRecordError):
        return False
    return query.kind in (None, job.kind) and query.queue in (None, job.priority)


@lru_cache(_FACTS_KEPT)
def _read_job(ledger: Ledger, job_id: str) -> Job:
    """Return a job, which never changes, without the details of its work: many are kept."""
    job = ledger.read(job_id).job
    return job.model_copy(update={"work": {"kind": job.kind}})


def _describe(services: Services, wanted: Status | None, job_id: str) -> ListedJob | None:
    """Return a job; None if it has just ended, or run again, and so is no longer asked for."""
    try:
        record, live = refresh_record(services, services.ledger.read(job_id))
    except (NotFoundError, UnreadableRecordError):
        return None
    status = record.outcome.status if record.outcome else None
    if wanted and status is not (wanted if wanted in (*_ENDED, Status.FAILED) else None):
        return None
    return ListedJob(
        queue=str(record.job.priority),
        priority=record.job.priority_number,
        owner=name_owner(record.job.owner),
        run=record.run,
        log_tail=_read_log(services, record) if status is Status.FAILED else None,
        **describe_job(record, live, find_messages(record.job)),
    )


def list_failed(services: Services, query: PageQuery) -> FailedJobs:
    """Return a page of the failed jobs with their logs, newest first, without asking the queue."""
    job_ids = services.ledger.marks.list_failed()
    found = call_each(partial(_describe_failed, services), query.cut(job_ids))
    jobs = [job for job in found if job]
    return FailedJobs(jobs=jobs, total=len(job_ids), **query.model_dump())


def _describe_failed(services: Services, job_id: str) -> FailedJob | None:
    """Return a failed job, None if it has not failed or cannot be read here."""
    try:
        record = services.ledger.read(job_id)
    except (NotFoundError, UnreadableRecordError):
        return None
    if record.outcome is None or record.outcome.status is not Status.FAILED:
        return None
    status = describe_job(record, LiveState(), find_messages(record.job))
    return FailedJob(log_tail=_read_log(services, record), **status)


def _read_log(services: Services, record: Record) -> str:
    log_tail = services.ledger.logs.read(record.job.id, record.run)
    return get_mask(services.settings).apply(log_tail)
