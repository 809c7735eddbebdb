"""From a checked request to an accepted job: its files are found, its limits hold, its id is set.

The same goes for a job that is cancelled or run again: what the ledger says comes first, and the
queue is told afterwards.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4, uuid5

from reelqueue.errors import (
    BusyError,
    ConflictError,
    InvalidSpecError,
    MalformedRequestError,
    NotFoundError,
    UnavailableError,
)
from reelqueue.jobs.model import (
    GIVEN_UP,
    Job,
    Live,
    Outcome,
    Output,
    Record,
    Status,
    now,
)
from reelqueue.services import Services
from reelqueue.submission.kinds.base import Kind
from reelqueue.submission.requests import JobRequest
from reelqueue.submission.result_cache import copy_rendered, find_rendered, note_rendered

log = logging.getLogger(__name__)

_KEY_SPACE = UUID("a3a0a8f5-4ed0-4f5a-9a3b-6b1d6b0d3c52")
_LONGEST_KEY = 200


def estimate_request(
    services: Services, owner: str, kind: Kind, request: JobRequest
) -> Mapping[str, Any]:
    """Check a request as if it were accepted; return what it would come to.

    Raises:
        InputError: if it cannot be rendered as asked.
    """
    return kind.plan(services.uploads, services.settings, owner, request).estimate


def accept_request(
    services: Services, owner: str, kind: Kind, request: JobRequest, key: str | None
) -> Record:
    """Accept a request and have it rendered; return what the ledger then knows of the job.

    The same request under the same idempotency `key` (or the same `job_id`) gives the same job.

    Raises:
        InputError: if it cannot be rendered as asked.
        UnavailableError: if nobody can take it now; then nothing of it is kept.
    """
    job_id = _choose_id(owner, request, key)
    plan = kind.plan(services.uploads, services.settings, owner, request)
    ordered = request.model_dump_json(exclude={"dry_run"})
    job = Job(
        id=job_id,
        owner=owner,
        created_at=now(),
        priority=request.priority,
        request_hash=hashlib.sha256(ordered.encode()).hexdigest(),
        estimated_seconds=plan.estimate["estimated_time"],
        work=plan.work.to_record(kind.name),
    )
    earlier = services.ledger.find_same(job)
    return earlier or _accept_new(services, job)


def _accept_new(services: Services, job: Job) -> Record:
    """Accept a job that nobody has accepted so far, or that another call accepts just now."""
    try:
        rendered = find_rendered(services, job)
        if rendered and _accept_rendered(services, job, rendered):
            return services.ledger.read(job.id)
        with services.queue.place():
            record, is_new = services.ledger.accept(job)
            if is_new:
                _submit(services, record)
        return services.ledger.read(job.id)
    except BusyError:
        earlier = services.ledger.find_same(job)
        if earlier is None:
            raise
        return earlier
    except NotFoundError:  # the other call could not be taken
        raise BusyError("This request could not be taken: try again in a moment.") from None


def _accept_rendered(services: Services, job: Job, rendered: Output) -> bool:
    """Accept a job and end it with a copy of an earlier result, without the queue.

    Returns:
        False if that cannot be had after all: then the job is not accepted.
    """
    record, is_new = services.ledger.accept(job)
    if not is_new:
        return True
    try:
        services.uploads.check_available([source.key for source in job.inputs])
        output = copy_rendered(services, job, rendered)
    except (ConflictError, NotFoundError, UnavailableError) as error:
        log.warning("job %s: has to be rendered again: %s", job.id, error)
        services.ledger.withdraw(record)
        return False
    outcome = services.ledger.end(
        job.id,
        record.run,
        Outcome.from_live(Live(), Status.FINISHED, output=output),
    )
    if outcome.output == output:
        note_rendered(services, job, output)  # the earlier one may be deleted sooner
    return True


def cancel_job(services: Services, record: Record) -> None:
    """End a job as cancelled unless it has ended, and stop its render."""
    live = find_live(services, record)
    outcome = services.ledger.end(
        record.job.id,
        record.run,
        Outcome.from_live(live, Status.CANCELED),
    )
    if outcome.status is Status.CANCELED:
        try:
            services.queue.stop(record)
        except UnavailableError:  # a render sees by itself that its run has ended
            log.warning("job %s: the queue could not be told that it ended", record.job.id)


def retry_job(services: Services, record: Record) -> None:
    """Run a failed or cancelled job again with the same inputs.

    Raises:
        ConflictError: if it has not ended, has finished, or its inputs have been deleted.
        UnavailableError: if nobody can take it now.
    """
    with services.queue.place():
        _submit(services, services.ledger.start_again(record))


def look_up(services: Services, record: Record) -> tuple[Record, Live]:
    """Return a job with what is going on with it; the queue is not asked about an ended one.

    A job that the queue has given up, and that nobody could write an outcome for, gets it here.
    """
    if record.outcome:
        return record, Live()
    live = find_live(services, record)
    if live.status not in (Status.FAILED, Status.STOPPED, Status.CANCELED):
        return record, live
    outcome = Outcome.from_live(live, Status.FAILED, error=GIVEN_UP)
    outcome = services.ledger.end(record.job.id, record.run, outcome)
    return replace(record, outcome=outcome), live


def find_live(services: Services, record: Record) -> Live:
    """Return what is going on with a run, from the ledger alone while the queue is silent."""
    try:
        return services.queue.find(record)
    except UnavailableError:
        log.warning("job %s: the queue does not answer", record.job.id, exc_info=True)
    if record.begun:
        return Live(status=Status.STARTED, stage="rendering", is_stale=True)
    return Live(is_stale=True)


def _submit(services: Services, record: Record) -> None:
    try:
        services.uploads.check_available([source.key for source in record.job.inputs])
        services.queue.submit(record, Live())
    except Exception:  # whatever went wrong: a run that no queue has must not stay accepted
        services.ledger.withdraw(record)
        raise
    outcome = services.ledger.find_outcome(record.job.id, record.run)
    if outcome and outcome.status is Status.CANCELED:  # before the queue had it
        services.queue.stop(record)


def _choose_id(owner: str, request: JobRequest, key: str | None) -> str:
    """Return the id of the job: the caller's, or one that its idempotency key always gives."""
    if key is None:
        return request.job_id or str(uuid4())
    if not (0 < len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable()):
        raise MalformedRequestError(
            f"Idempotency-Key must be 1 to {_LONGEST_KEY} printable ASCII characters."
        )
    if request.job_id not in (None, key):
        raise InvalidSpecError(
            "job_id: must equal the Idempotency-Key where both are given.", "job_id"
        )
    return request.job_id or str(uuid5(_KEY_SPACE, f"{owner}\n{request.session_id}\n{key}"))
