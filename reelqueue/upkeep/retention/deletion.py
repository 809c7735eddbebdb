"""What owners delete: their jobs with all files, and their sessions.

A job is first announced as deleted, then ended as if it was cancelled, then forgotten by the queue,
and then deleted from the ledger with its files. A killed deletion is completed by retention; so the
job either stays, or all of it goes.

A session is first announced as deleted, then looked for in the jobs that have not ended; see
`reelqueue.upkeep.retention.sweep`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from reelqueue.errors import (
    ConflictError,
    NotFoundError,
    ReelqueueError,
    UnavailableError,
    UnreadableRecordError,
)
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.marks.owners import find_marked_job
from reelqueue.jobs.model import Input, Record
from reelqueue.media.upload_keys import find_deletion_key, find_session_folder, name_session
from reelqueue.services import Services
from reelqueue.storage.parallel import call_each
from reelqueue.submission.accept import cancel_job
from reelqueue.submission.batches.drafts import find_planned
from reelqueue.submission.result_cache import forget_rendered

log = logging.getLogger(__name__)

_PASSES = 3
"""How often a session is looked through for uploads that have just come."""


def delete_job(services: Services, job_id: str) -> None:
    """Delete a job with all that is stored of it; stop it if it runs.

    Raises:
        UnavailableError: if the storage does not answer; retention then deletes what is left.
        UnreadableRecordError: if only another version can read the job; it is kept then.
    """
    services.ledger.read(job_id)
    services.ledger.deletions.announce(job_id)
    finish_deletion(services, job_id)


def finish_deletion(services: Services, job_id: str) -> None:
    """Delete a job that was announced as deleted, or what is left of it."""
    deletions = services.ledger.deletions
    try:
        record = services.ledger.read(job_id)
        if record.outcome is None:
            cancel_job(services, record)
    except NotFoundError:  # another process has just deleted it, or an earlier one was killed
        services.outbox.forget("job", job_id)
        deletions.clear(job_id)
        return
    forget_rendered(services, find_planned(services, record).job)
    _forget_claims(services, record)
    if record.job.callback_url:
        services.outbox.forget("job", job_id)
    deletions.delete(record.job)


def complete_deletion(services: Services, job_id: str) -> None:
    """Do the same later, for a process that was killed; one job must not stop the others."""
    try:
        finish_deletion(services, job_id)
    except ReelqueueError as error:
        log.warning("job %s: its deletion could not be completed: %s", job_id, error)


def _forget_claims(services: Services, record: Record) -> None:
    """Have the queue forget the job; a render that it does not stop looks for the job itself."""
    try:
        for claim in services.ledger.deletions.list_claims(record.job.id):
            services.queue.forget(claim)
    except UnavailableError:
        log.warning("job %s: the queue could not be told to forget it", record.job.id)


def delete_session(services: Services, owner: str, session_id: str) -> None:
    """Delete the uploads of a session.

    Raises:
        NotFoundError: if the owner has no such session.
        ConflictError: if a job that has not ended reads them.
    """
    store, session = services.store, name_session(owner, session_id)
    if not store.list(session):
        raise NotFoundError(f"There is no session {session_id}.")
    is_new = services.uploads.announce_deletion(session, by_owner=True)
    reader = _find_reader(services, owner, session)
    if reader:
        if is_new:
            store.delete(find_deletion_key(session))
        raise ConflictError(
            f"{reader} still reads these files: cancel or delete it first, or wait for its end."
        )
    mark = find_deletion_key(session)
    for _ in range(_PASSES):
        uploads = [entry.key for entry in store.list(session) if entry.key != mark]
        store.delete(*uploads)
        if not uploads:
            break
    store.delete(mark)


def _find_reader(services: Services, owner: str, session: str) -> str | None:
    """Return what still reads a session, such as "Job 7", None if nothing does.

    Only jobs of its owner can read it. A job that is not in the index yet may be one of these. The
    batches come first: the jobs of one that is gone have been accepted.
    """
    if session in find_sessions(services.batches.list_arriving_inputs()):
        return "A batch that was just ordered"
    ledger = services.ledger
    live = ledger.marks.list_live()
    own = {job.job_id for job in ledger.index.list_owned(owner)}
    marked = {find_marked_job(mark.key) for mark in ledger.index.list_marks()}
    candidates = sorted(live & own | live - marked)
    found = zip(candidates, call_each(partial(find_read, ledger), candidates), strict=True)
    return next((f"Job {job_id}" for job_id, sessions in found if session in sessions), None)


def find_read(ledger: Ledger, job_id: str) -> set[str]:
    """Return the folders of the sessions that a job may still read."""
    return find_sessions(_list_needed(ledger, job_id))


def _list_needed(ledger: Ledger, job_id: str) -> Sequence[Input]:
    """Return the files that a job may still read; all its files if it is unreadable here."""
    try:
        record = ledger.read(job_id)
    except NotFoundError:
        return []
    except UnreadableRecordError:
        return ledger.read_inputs(job_id)
    return [] if record.outcome else record.job.inputs


def find_sessions(inputs: Sequence[Input]) -> set[str]:
    """Return the folders of the sessions that files belong to."""
    return {find_session_folder(source.key) for source in inputs}
