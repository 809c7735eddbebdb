"""Accept, cancel and retry jobs.

Each of these writes to the ledger first, and tells the queue afterwards.
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
    InvalidSpecError,
    MalformedRequestError,
    NotFoundError,
    UnavailableError,
)
from reelqueue.jobs.model import (
    UNEXPLAINED_FAILURE,
    Job,
    LiveState,
    Outcome,
    Output,
    Record,
    Status,
    now,
)
from reelqueue.outages import OUTAGES
from reelqueue.services import Services
from reelqueue.submission.kinds import read_work
from reelqueue.submission.kinds.base import Kind, Plan
from reelqueue.submission.requests import JobRequest
from reelqueue.submission.result_cache import copy_rendered, find_rendered, note_rendered
from reelqueue.submission.speech import check_speech

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

_KEY_NAMESPACE = UUID("a3a0a8f5-4ed0-4f5a-9a3b-6b1d6b0d3c52")
_MAX_KEY_LENGTH = 200
_FACTOR_OF_DOUBT, _SECONDS_OF_DOUBT = 2, 30
"""An estimate may be so much more than what a fast worker takes."""


def estimate_request(
    services: Services, owner: str, kind: Kind, request: JobRequest
) -> Mapping[str, Any]:
    """Check a request without accepting it; return the estimate of its result.

    Raises:
        InputError: if it cannot be rendered as requested.
    """
    return _make_plan(services, owner, kind, request).estimate


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
    plan = _make_plan(services, owner, kind, request)
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


def _make_plan(services: Services, owner: str, kind: Kind, request: JobRequest) -> Plan:
    """Return the plan of a request.

    Raises:
        InputError: if it cannot be rendered as requested, or not by far within the time limit.
        UnavailableError: if no worker tells whether it can do that.
    """
    plan = kind.plan(services.uploads, services.settings, owner, request)
    if plan.speech:
        plan = _add_time(plan, check_speech(services, plan.speech))
    seconds, limit = plan.estimate["estimated_time"], services.settings.job_timeout_seconds
    if seconds > _FACTOR_OF_DOUBT * limit + _SECONDS_OF_DOUBT:
        raise InvalidSpecError(
            f"The render would take about {seconds} seconds, and may take {limit}: use fewer "
            "photos, a shorter video, a smaller size or fewer frames per second."
        )
    return plan


def _add_time(plan: Plan, seconds: float) -> Plan:
    """Return a plan that takes so many seconds more."""
    time = plan.estimate["estimated_time"] + round(seconds)
    return replace(plan, estimate={**plan.estimate, "estimated_time": time})


def _accept_new(services: Services, job: Job) -> Record:
    """Accept a job that is new, or that another call is accepting at this moment.

    Orders of megabytes could fill the disk, which renders need, where uploads no longer may.
    """
    services.quota.check_room(len(job.to_json()))
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
    except NotFoundError:  # the other call withdrew the job
        raise BusyError("This request could not be accepted: try again in a moment.") from None


def _accept_rendered(services: Services, job: Job, rendered: Output) -> bool:
    """Accept a job and end it with a copy of an earlier result, without the queue.

    The copy comes first: a job that waited for it would look lost.

    Returns:
        False if the earlier result could not be copied; the job is then not accepted.
    """
    services.ledger.announce(job.id)
    try:
        output = copy_rendered(services, job, rendered)
    except (NotFoundError, UnavailableError) as error:
        log.warning("job %s: the earlier result cannot be used: %s", job.id, error)
        return False
    record, is_new = services.ledger.accept(job)
    if not is_new:
        return True
    outcome = services.ledger.end(
        job.id,
        record.run,
        Outcome.from_live(LiveState(), Status.FINISHED, output=output),
    )
    if outcome.output == output:
        note_rendered(services, job, output)  # this copy will be kept longer than the earlier one
    return True


def cancel_job(services: Services, record: Record) -> None:
    """Cancel a job that has not ended: write the outcome, then stop the render."""
    live = find_live(services, record)
    outcome = services.ledger.end(
        record.job.id,
        record.run,
        Outcome.from_live(live, Status.CANCELED),
    )
    if outcome.status is Status.CANCELED:
        try:
            services.queue.stop(record)
        except UnavailableError:  # the render polls for the outcome, and then stops
            log.warning("job %s: the queue could not be told to stop it", record.job.id)


def retry_job(services: Services, record: Record) -> None:
    """Run a failed or cancelled job again with the same inputs.

    Raises:
        ConflictError: if it has not ended, has finished, or its inputs have been deleted.
        BusyError: if no render slot is free.
        UnavailableError: if storage or queue do not answer, or only another version can render it.
    """
    read_work(record.job)
    with services.queue.reserve_slot():
        _submit(services, services.ledger.start_again(record))


def refresh_record(services: Services, record: Record) -> tuple[Record, LiveState]:
    """Return the record with the state of its run; an ended run is not looked up in the queue.

    If the queue has given up the run but no outcome could be written then, it is written now.
    """
    if record.outcome:
        return record, LiveState()
    live = find_live(services, record)
    if live.status not in (Status.FAILED, Status.STOPPED, Status.CANCELED):
        return record, live
    outcome = Outcome.from_live(live, Status.FAILED, error=UNEXPLAINED_FAILURE)
    outcome = services.ledger.end(record.job.id, record.run, outcome)
    return replace(record, outcome=outcome), live


def find_live(services: Services, record: Record) -> LiveState:
    """Return the state of a run; from the ledger alone while the queue does not answer."""
    try:
        return services.queue.find_live(record)
    except UnavailableError:
        log.warning("job %s: the queue does not answer", record.job.id, exc_info=True)
    if record.renders_begun:
        return LiveState(status=Status.STARTED, stage="rendering", is_stale=True)
    return LiveState(is_stale=True)


def _submit(services: Services, record: Record) -> None:
    try:
        services.uploads.check_available([source.key for source in record.job.inputs])
        services.queue.submit(record)
    except Exception:  # a run that no queue holds must not stay accepted
        services.ledger.withdraw(record)
        raise
    outcome = services.ledger.find_outcome(record.job.id, record.run)
    if outcome and outcome.status is Status.CANCELED:  # before the queue had it
        services.queue.stop(record)


def _choose_id(owner: str, request: JobRequest, key: str | None) -> str:
    """Return the job's id: the caller's `job_id`, else one derived from the idempotency key."""
    if key is None:
        return request.job_id or str(uuid4())
    if not (0 < len(key) <= _MAX_KEY_LENGTH and key.isascii() and key.isprintable()):
        raise MalformedRequestError(
            f"Idempotency-Key must be 1 to {_MAX_KEY_LENGTH} printable ASCII characters."
        )
    if request.job_id not in (None, key):
        raise InvalidSpecError(
            "job_id: must equal the Idempotency-Key if both are given.", "job_id"
        )
    return request.job_id or str(uuid5(_KEY_NAMESPACE, f"{owner}\n{request.session_id}\n{key}"))
