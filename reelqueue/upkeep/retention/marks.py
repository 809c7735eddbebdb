"""The marks of jobs that retention puts in order: those that are missing, and those left over."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Set
from datetime import datetime
from functools import partial

from reelqueue.errors import NotFoundError, UnreadableRecordError
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.marks.owners import find_marked_job
from reelqueue.storage.parallel import call_each

log = logging.getLogger(__name__)


def mend_marks(ledger: Ledger, jobs: Set[str], before: datetime) -> list[str]:
    """Add jobs to the index by owner that it lacks; return the keys of marks of no use.

    Args:
        ledger: has the marks.
        jobs: the ids of all jobs.
        before: a younger mark may be of a job that was just accepted.
    """
    owned, ends = ledger.index.list_marks(), ledger.marks.list_ends()
    index_jobs(ledger, jobs - {find_marked_job(mark.key) for mark in owned})
    marks = [(find_marked_job(mark.key), mark) for mark in owned]
    marks += [(mark.key.split("/")[1], mark) for mark in ends]
    useless = [mark for job_id, mark in marks if job_id not in jobs] + ledger.marks.list_notes()
    return [mark.key for mark in useless if mark.modified < before]


def index_jobs(ledger: Ledger, job_ids: Iterable[str]) -> None:
    """Mark jobs that an earlier version accepted, or one that was killed right then."""
    call_each(partial(_index_job, ledger), job_ids)


def _index_job(ledger: Ledger, job_id: str) -> None:
    try:
        record = ledger.read(job_id)
    except NotFoundError:
        return
    except UnreadableRecordError as error:  # the version that wrote it can list it
        log.warning("job %s: cannot be listed: %s", job_id, error)
        return
    if record.outcome:
        ledger.marks.add_end(job_id, record.run, record.outcome.status)
    ledger.index.add(record.job)
