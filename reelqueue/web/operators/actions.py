"""What operators do: pause, resume, clean up, requeue, cancel. Each is in the audit list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, Self

from flask import Response, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from reelqueue.errors import (
    ConflictError,
    InvalidSpecError,
    NotFoundError,
    UnreadableRecordError,
)
from reelqueue.jobs.batches import Batch
from reelqueue.jobs.model import Record, Status, now
from reelqueue.jobs.status import describe_job
from reelqueue.services import Services
from reelqueue.specs.parsing import parse_json
from reelqueue.submission.accept import cancel_job, retry_job
from reelqueue.submission.batches.accept import cancel_batch, find_batch, retry_batch
from reelqueue.submission.batches.state import find_status
from reelqueue.submission.kinds import find_messages
from reelqueue.submission.requests import Id
from reelqueue.submission.state import refresh_record
from reelqueue.upkeep.retention.cleanup import ask_for_cleanup
from reelqueue.web.context import answer_json, get_services, read_json_body, read_query
from reelqueue.web.operators.answers import CleanupRequested, Paused, Requeued, SkippedJob
from reelqueue.web.operators.audited import audited

_BODY_BYTES = 1000


class RequeueQuery(BaseModel):
    """The query of `POST /admin/requeue`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_age_hours: float | None = Field(
        None,
        gt=0,
        le=1_000_000,
        description="Run the jobs again that failed in the last so many hours; needs no body.",
    )


class RequeueRequest(BaseModel):
    """The body of `POST /admin/requeue`: one failed job, or all of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    job_id: Id | None = Field(None, description="The failed job to run again.")
    all: Literal[True] | None = Field(None, description="Run all failed jobs again.")

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.job_id is None) == (self.all is None):
            raise ValueError('must have either a "job_id" or "all": true')
        return self


class CancelRequest(BaseModel):
    """The body of `POST /admin/cancel`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    job_id: Id = Field(description="The job to cancel, of any owner.")


class BatchActionRequest(BaseModel):
    """The body of `POST /admin/batches/cancel` and `POST /admin/batches/retry`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    batch_id: Id = Field(description="The batch, of any owner.")


def pause() -> Response:
    """Have the workers take no more jobs."""
    with audited("pause"):
        get_services().queue.control.pause()
    return answer_json(Paused(suspended=True))


def resume() -> Response:
    """Have the workers take jobs again."""
    with audited("resume"):
        get_services().queue.control.resume()
    return answer_json(Paused(suspended=False))


def clean_up() -> tuple[Response, int]:
    """Have the leader delete now what is no longer needed."""
    with audited("cleanup") as action:
        ask_for_cleanup(get_services())
        action.result = "asked for"
    message = "The cleanup begins within seconds; the audit list will say what it deleted."
    return answer_json(CleanupRequested(message=message)), 202


def cancel() -> Response:
    """Cancel a job of any owner; answer with its status, which tells if it had ended before."""
    services = get_services()
    wanted = parse_json(CancelRequest, read_json_body(_BODY_BYTES))
    with audited("cancel", wanted.job_id) as action:
        cancel_job(services, services.ledger.read(wanted.job_id))
        record, live = refresh_record(services, services.ledger.read(wanted.job_id))
        status = describe_job(record, live, find_messages(record.job))
        if status["status"] != Status.CANCELED:
            action.result = f"it had ended before: {status['status']}"
    return jsonify(status)


def cancel_whole_batch() -> Response:
    """Cancel all jobs of a batch of any owner that have not ended; answer with its status."""
    return _act_on_batch("cancel batch", cancel_batch)


def retry_whole_batch() -> Response:
    """Run all jobs of a batch of any owner again that failed or were cancelled."""
    return _act_on_batch("retry batch", retry_batch)


def _act_on_batch(name: str, act: Callable[[Services, Batch], None]) -> Response:
    services = get_services()
    wanted = parse_json(BatchActionRequest, read_json_body(_BODY_BYTES))
    with audited(name, wanted.batch_id) as action:
        batch = find_batch(services, wanted.batch_id)
        act(services, batch)
        status = find_status(services, batch)
        action.result = f"{status['status']}: {status['finished']} of {status['total']} finished"
    return jsonify(status)


def requeue() -> Response:
    """Run failed jobs again, oldest first; a repeated request queues no job twice."""
    services = get_services()
    job_id, since = _read_wanted()
    if job_id:
        with audited("requeue", job_id):
            retry_job(services, _read_failed(services, job_id))
        return answer_json(Requeued(requeued=[job_id], skipped=[]))
    with audited("requeue", f"since {since:%Y-%m-%d %H:%M} UTC" if since else "all") as action:
        answer = _requeue_all(services, since)
        action.result = f"{len(answer.requeued)} run again, {len(answer.skipped)} skipped"
    return answer_json(answer)


def _read_wanted() -> tuple[str | None, datetime | None]:
    """Return the id of the job to run again, or from when on jobs that failed are; both unset: all.

    Raises:
        InvalidSpecError: if the request asks for both.
    """
    query = read_query(RequeueQuery)
    hours = query.max_age_hours
    if hours and not request.content_length:
        return None, now() - timedelta(hours=hours)
    wanted = parse_json(RequeueRequest, read_json_body(_BODY_BYTES))
    if hours and wanted.job_id:
        raise InvalidSpecError(
            'max_age_hours: goes with "all", not with a job_id.', "max_age_hours"
        )
    return wanted.job_id, now() - timedelta(hours=hours) if hours else None


def _requeue_all(services: Services, since: datetime | None) -> Requeued:
    answer = Requeued(requeued=[], skipped=[])
    for job_id in reversed(services.ledger.marks.list_failed()):
        try:
            record = _read_failed(services, job_id)
            if since is None or (record.outcome and record.outcome.ended_at >= since):
                retry_job(services, record)
                answer.requeued.append(job_id)
        except (ConflictError, NotFoundError, UnreadableRecordError) as error:
            answer.skipped.append(SkippedJob(job_id=job_id, error=str(error)))
    return answer


def _read_failed(services: Services, job_id: str) -> Record:
    """Return the record of a failed job.

    Raises:
        ConflictError: if it has not failed.
        NotFoundError: if there is no such job.
        UnreadableRecordError: if only another version of the service can read it.
    """
    record = services.ledger.read(job_id)
    if record.outcome is None or record.outcome.status is not Status.FAILED:
        raise ConflictError("Only a failed job can be requeued.")
    return record
