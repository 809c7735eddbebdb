"""Accept, cancel and retry jobs.

Each of these writes to the ledger first, and tells the queue afterwards.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    Job,
    LiveState,
    Outcome,
    Record,
    Status,
    now,
)
from reelqueue.jobs.outbox import EventKey
from reelqueue.jobs.output import Output
from reelqueue.outages import OUTAGES
from reelqueue.services import Services
from reelqueue.submission.batches.ends import expect_end_with
from reelqueue.submission.holds import list_unmet
from reelqueue.submission.kinds import read_work
from reelqueue.submission.kinds.base import Kind
from reelqueue.submission.plans import make_plan
from reelqueue.submission.requests import JobRequest
from reelqueue.submission.result_cache import copy_rendered, find_rendered, note_rendered
from reelqueue.submission.state import find_live

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

_KEY_NAMESPACE = UUID("a3a0a8f5-4ed0-4f5a-9a3b-6b1d6b0d3c52")
_MAX_KEY_LENGTH = 200
_LATER_FIELDS = ("callback_url", "run_at", "quality", "target", "max_bytes")


def estimate_request(
    services: Services, owner: str, kind: Kind, request: JobRequest
) -> Mapping[str, Any]:
    """Check a request without accepting it; return the answer to it as a dry run.

    Raises:
        InputError: if it cannot be rendered as requested.
    """
    plan = make_plan(services, owner, kind, request)
    answer = {**plan.estimate, **plan.details()}
    return {name: value for name, value in answer.items() if value is not None}


def accept_request(
    services: Services, owner: str, kind: Kind, request: JobRequest, key: str | None
) -> Record:
    """Accept a request and have it rendered; return the ledger's record of the job.

    The same request with the same idempotency `key` (or the same `job_id`) gives the same job.

    Raises:
        InputError: if it cannot be rendered as requested.
        ReusedKeyError: if the key or the id was used for another request.
        BusyError: if no render slot is free; nothing of the request is kept then.
        NoRoomError: if the disk has no room for the order.
        UnavailableError: if storage or queue do not answer; nothing of the request is kept then.
    """
    job_id = _choose_id(owner, request, key)
    plan = make_plan(services, owner, kind, request)
    # Earlier versions hashed the request without these fields.
    fields = type(request).model_fields
    later = [name for name in _LATER_FIELDS if name in fields]
    unset = {name for name in later if getattr(request, name) == fields[name].default}
    ordered = request.model_dump_json(exclude={"dry_run", *unset})
    job = Job(
        id=job_id,
        owner=owner,
        created_at=now(),
        request_hash=hashlib.sha256(ordered.encode()).hexdigest(),
        estimated_seconds=plan.estimate["estimated_time"],
        work=plan.work.to_record(kind.name),
        **request.list_terms(),
    )
    if earlier := services.ledger.find_same(job):
        services.ledger.index.add(earlier.job)  # a process that was killed may not have come so far
        return earlier
    return _accept_new(services, job)


def _accept_new(services: Services, job: Job) -> Record:
    """Accept a job that is new, or that another call is accepting at this moment.

    Orders of megabytes could fill the disk, which renders need, where uploads no longer may.
    """
    services.quota.check_room(len(job.to_json()))
    expect_end(services, job, 1)
    if job.is_held_first:
        return _accept_held(services, job)
    try:
        rendered = find_rendered(services, job)
        if rendered and _accept_rendered(services, job, rendered):
            return services.ledger.read(job.id)
        with services.queue.reserve_slot():
            record, is_new = services.ledger.accept(job)
            if is_new:
                _submit(services, record)
        return services.ledger.read(job.id)
    except BusyError:
        earlier = services.ledger.find_same(job)
        if earlier is None:
            raise
        return earlier
    except NotFoundError:
        if services.ledger.deletions.is_announced(job.id):
            raise ConflictError("This job was deleted while it was being made.") from None
        # The other call withdrew the job.
        raise BusyError("This request could not be accepted: try again in a moment.") from None


def _accept_held(services: Services, job: Job) -> Record:
    """Accept a job that `reelqueue.upkeep.holding` hands to the queue later."""
    record, is_new = services.ledger.accept(job)
    if is_new:
        with _withdrawn_on_error(services, record):
            _check_inputs(services, record)
    return record


def _accept_rendered(services: Services, job: Job, rendered: Output) -> bool:
    """Accept a job and end it with a copy of an earlier result, without the queue.

    The copy comes first: a job that waited for it would look lost.

    Returns:
        False if the earlier result could not be copied; the job is then not accepted.
    """
    services.ledger.announce(job.id)
    output = _copy_rendered(services, job, rendered)
    if output is None:
        return False
    record, is_new = services.ledger.accept(job)
    if is_new:
        _finish(services, record, output)
    return True


def _copy_rendered(services: Services, job: Job, rendered: Output) -> Output | None:
    """Return a copy of an earlier result, None if it cannot be copied: then it is rendered."""
    try:
        return copy_rendered(services, job, rendered)
    except (NotFoundError, UnavailableError) as error:
        log.warning("job %s: the earlier result cannot be used: %s", job.id, error)
        return None


def _finish(services: Services, record: Record, output: Output) -> None:
    """End a run with the copy of an earlier result."""
    job = record.job
    finished = Outcome.from_live(LiveState(), Status.FINISHED, output=output)
    if services.ledger.end(job.id, record.run, finished).output == output:
        note_rendered(services, job, output)  # this copy will be kept longer than the earlier one


def release_run(services: Services, record: Record) -> None:
    """Hand a held run to the queue, or end it with a copy of an earlier result.

    If this process dies on the way, or the queue fails, recovery goes on from the open mark.

    Raises:
        BusyError: if no render slot is free.
        UnavailableError: if storage or queue do not answer.
    """
    rendered = find_rendered(services, record.job)
    output = _copy_rendered(services, record.job, rendered) if rendered else None
    if output:
        _finish(services, record, output)
        services.ledger.marks.unhold(record.job.id, record.run)
        return
    with services.queue.reserve_slot():
        services.ledger.marks.release(record.job.id, record.run)
        _queue(services, record)


def cancel_job(services: Services, record: Record) -> None:
    """Cancel a job that has not ended: write the outcome, then stop the render."""
    live = find_live(services, record)
    outcome = services.ledger.end(
        record.job.id,
        record.run,
        Outcome.from_live(live, Status.CANCELED),
    )
    if record.job.is_held_first:
        services.ledger.marks.unhold(record.job.id, record.run)
    if outcome.status is Status.CANCELED:
        try:
            services.queue.stop(record)
        except UnavailableError:  # the render polls for the outcome, and then stops
            log.warning("job %s: the queue could not be told to stop it", record.job.id)


def retry_job(services: Services, record: Record) -> None:
    """Run a failed or cancelled job again with the same inputs.

    Raises:
        ConflictError: if it has not ended, has finished, needs a job that has not finished, or its
            inputs have been deleted.
        BusyError: if no render slot is free.
        UnavailableError: if storage or queue do not answer, or only another version can render it.
    """
    read_work(record.job)
    for need in list_unmet(services.ledger, record.job):
        raise ConflictError(
            f'This job needs "{need.name}", which has not finished: retry that first.'
        )
    if record.outcome:
        expect_end(services, record.job, record.run + 1)
    with services.queue.reserve_slot():
        started = services.ledger.start_again(record)
        with _withdrawn_on_error(services, started):
            expect_end_with(services, started)
        _submit(services, started)


def expect_end(services: Services, job: Job, run: int) -> None:
    """Have the end of a run announced; before the run is accepted, so that no end is missed.

    If the run is not accepted then, the mark is deleted some minutes later.
    """
    if job.callback_url:
        services.outbox.expect(EventKey("job", job.id, run))


def _submit(services: Services, record: Record) -> None:
    with _withdrawn_on_error(services, record):
        _check_inputs(services, record)
        _queue(services, record)


def _queue(services: Services, record: Record) -> None:
    services.queue.submit(record)
    outcome = services.ledger.find_outcome(record.job.id, record.run)
    if outcome and outcome.status is Status.CANCELED:  # before the queue had it
        services.queue.stop(record)


@contextmanager
def _withdrawn_on_error(services: Services, record: Record) -> Iterator[None]:
    """Withdraw a run if the block raises: one that waits nowhere must not stay accepted."""
    try:
        yield
    except Exception:
        services.ledger.withdraw(record)
        raise


def _check_inputs(services: Services, record: Record) -> None:
    services.uploads.check_available([source.key for source in record.job.inputs])


def _choose_id(owner: str, request: JobRequest, key: str | None) -> str:
    """Return the job's id: the caller's `job_id`, else one derived from the idempotency key."""
    if key is None:
        return request.job_id or str(uuid4())
    check_key(key)
    if request.job_id not in (None, key):
        raise InvalidSpecError(
            "job_id: must equal the Idempotency-Key if both are given.", "job_id"
        )
    return request.job_id or str(uuid5(_KEY_NAMESPACE, f"{owner}\n{request.session_id}\n{key}"))


def check_key(key: str) -> None:
    """Check an idempotency key.

    Raises:
        MalformedRequestError: if it is too long, or cannot be printed.
    """
    if not (0 < len(key) <= _MAX_KEY_LENGTH and key.isascii() and key.isprintable()):
        raise MalformedRequestError(
            f"Idempotency-Key must be 1 to {_MAX_KEY_LENGTH} printable ASCII characters."
        )
