"""The routes of jobs: order, status, events, cancel, retry, list, delete."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from threading import BoundedSemaphore, Event
from typing import Annotated, Any

from flask import Blueprint, Flask, Response, json, jsonify, request, stream_with_context
from pydantic import AfterValidator, Field

from reelqueue.errors import BusyError, ForbiddenError, NotFoundError
from reelqueue.jobs.model import ANYONE, Record, Status
from reelqueue.jobs.status import JobStatus, describe_job
from reelqueue.specs.parsing import parse_json
from reelqueue.submission.accept import (
    accept_request,
    cancel_job,
    estimate_request,
    retry_job,
)
from reelqueue.submission.earlier_order import find_order
from reelqueue.submission.kinds import KINDS, find_messages
from reelqueue.submission.kinds.base import Kind
from reelqueue.submission.own_jobs import list_own_jobs
from reelqueue.submission.requests import JobRequest
from reelqueue.submission.state import refresh_record
from reelqueue.upkeep.retention.deletion import delete_job
from reelqueue.web.access import check_priority
from reelqueue.web.answers import Accepted, EarlierOrder, Jobs, PageQuery
from reelqueue.web.context import (
    answer_json,
    get_owner,
    get_services,
    is_id,
    read_json_body,
    read_own_record,
    read_query,
)
from reelqueue.web.language.sentences import translate_answer
from reelqueue.web.serving.exchange import BODY_BYTES, ENDED
from reelqueue.web.uploads.stored import describe_upload

blueprint = Blueprint("jobs", __name__)


def _check_kind(name: str) -> str:
    if name not in KINDS:
        raise ValueError(f"must be one of {', '.join(KINDS)}")
    return name


class JobsQuery(PageQuery):
    """The query of `GET /jobs`."""

    kind: Annotated[str, AfterValidator(_check_kind)] | None = Field(
        None, description="Only jobs of this kind."
    )
    status: Status | None = Field(None, description="Only jobs with this status.")


_POLL_SECONDS = 1
_EVENT_SECONDS = 0.5
_KEEPALIVE_SECONDS = 15
_MAX_STREAM_SECONDS = 600
_event_slots = BoundedSemaphore(8)  # each open stream holds a thread of the server


def register_orders(app: Flask) -> None:
    """Add the route of each job kind's orders."""
    for kind in KINDS.values():
        post = partial(post_order, kind)
        app.add_url_rule(kind.route, f"order.{kind.name}", post, methods=["POST"])


def post_order(kind: Kind, **address: str) -> Response:
    """Accept an order; with `dry_run`, check it and answer with the estimate.

    Args:
        kind: of the job.
        address: the ids in the route, by their names.
    """
    if not all(map(is_id, address.values())):
        raise NotFoundError("There is no such upload: use an id from the answer to an upload.")
    body = parse_json(kind.request, read_json_body(BODY_BYTES), address)
    check_priority(body, "priority")
    if body.dry_run:
        return jsonify(success=True, **estimate_request(get_services(), get_owner(), kind, body))
    return _answer_order(kind, body)


@blueprint.get("/jobs")
def show_jobs() -> Response:
    """Answer with a page of the caller's jobs, newest first."""
    owner = get_owner()
    if owner == ANYONE:
        raise ForbiddenError(
            "Jobs are listed for a token or a browser's cookie, which this request lacks: use the "
            "ids from the answers to your orders."
        )
    query = read_query(JobsQuery)
    page = list_own_jobs(get_services(), owner, **query.model_dump())
    jobs = [JobStatus(**describe_job(*job, find_messages(job.record.job))) for job in page.jobs]
    return answer_json(Jobs(jobs=jobs, total=page.total, page=query.page, per_page=query.per_page))


@blueprint.delete("/jobs/<job_id>")
def delete(job_id: str) -> tuple[str, int]:
    """Delete a job with its files; stop it if it runs."""
    delete_job(get_services(), read_own_record(job_id).job.id)
    return "", 204


@blueprint.get("/jobs/<job_id>/order")
def show_order(job_id: str) -> Response:
    """Answer with the order of a job whose uploads are there, to be changed and sent again."""
    record = read_own_record(job_id)
    earlier = find_order(get_services(), record)
    uploads = [describe_upload(earlier.session_id, media) for media in earlier.uploads]
    return answer_json(
        EarlierOrder(
            kind=record.job.kind,
            session_id=earlier.session_id,
            order=earlier.order,
            uploads=uploads,
        )
    )


@blueprint.get("/job_status/<job_id>")
def show_status(job_id: str) -> Response:
    """Answer with the status of a job."""
    status = _describe(read_own_record(job_id))
    response = jsonify(status)
    if "ended_at" not in status:
        response.headers["Retry-After"] = str(_POLL_SECONDS)
    return response


@blueprint.get("/job_events/<job_id>")
def stream_events(job_id: str) -> Response:
    """Send the status as server-sent events whenever it changes, until the job has ended."""
    read_own_record(job_id)
    if not _event_slots.acquire(blocking=False):
        raise BusyError("Too many open event streams: poll /job_status instead.", _POLL_SECONDS)
    ended = request.environ.get(ENDED) or Event()
    response = Response(stream_with_context(_follow(job_id, ended)), mimetype="text/event-stream")
    response.call_on_close(_event_slots.release)
    response.headers["X-Accel-Buffering"] = "no"
    return response


@blueprint.post("/job_cancel/<job_id>")
def cancel(job_id: str) -> Response:
    """Cancel a job; answer with its status, which tells if it had ended before."""
    cancel_job(get_services(), read_own_record(job_id))
    return jsonify(_describe(read_own_record(job_id)))


@blueprint.post("/job_retry/<job_id>")
def retry(job_id: str) -> Response:
    """Run a failed or cancelled job again; answer with its status."""
    retry_job(get_services(), read_own_record(job_id))
    return jsonify(_describe(read_own_record(job_id)))


def _answer_order(kind: Kind, body: JobRequest) -> Response:
    """Accept an order; answer with the job's status: 202 unless the job has ended already."""
    key = request.headers.get("Idempotency-Key")
    record = accept_request(get_services(), get_owner(), kind, body, key)
    job = record.job
    status = _describe(record)
    accepted = Accepted(
        success=status["status"] != "failed",
        status_url=f"/job_status/{job.id}",
        estimated_time=job.estimated_seconds,
        **status,
    )
    response = answer_json(accepted)
    if "ended_at" not in status:
        response.status_code = 202
        response.headers["Location"] = f"/job_status/{job.id}"
        response.headers["Retry-After"] = str(_POLL_SECONDS)
    return response


def _describe(record: Record) -> dict[str, Any]:
    return describe_job(*refresh_record(get_services(), record), find_messages(record.job))


def _follow(job_id: str, ended: Event) -> Iterator[str]:
    """Yield an event for each change of the status, and comments that keep the connection open.

    It ends when the client has left or the server stops; browsers connect again by themselves.

    The format is that of server-sent events (WHATWG HTML, section 9.2).
    """
    sent, sent_at, started = "", time.monotonic(), time.monotonic()
    while not ended.is_set() and time.monotonic() - started < _MAX_STREAM_SECONDS:
        try:
            status = _describe(read_own_record(job_id))
        except NotFoundError:  # it was deleted; a client that connects again is told so
            return
        text = json.dumps(translate_answer(status))
        if text != sent:
            yield f"event: status\ndata: {text}\n\n"
            sent, sent_at = text, time.monotonic()
        if "ended_at" in status:
            return
        if time.monotonic() - sent_at > _KEEPALIVE_SECONDS:
            yield ": still here\n\n"
            sent_at = time.monotonic()
        ended.wait(_EVENT_SECONDS)
