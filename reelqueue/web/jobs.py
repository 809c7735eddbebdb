"""The routes of jobs: order, status, events, cancel, retry."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from threading import BoundedSemaphore, Event
from typing import Any

from flask import Blueprint, Flask, Response, json, jsonify, request, stream_with_context

from reelqueue.errors import BusyError, ForbiddenError, NotFoundError
from reelqueue.jobs.model import Record
from reelqueue.jobs.priorities import Priority
from reelqueue.jobs.status import describe_job
from reelqueue.specs.parsing import parse_json
from reelqueue.submission.accept import (
    accept_request,
    cancel_job,
    estimate_request,
    refresh_record,
    retry_job,
)
from reelqueue.submission.kinds import KINDS, find_messages
from reelqueue.submission.kinds.base import Kind
from reelqueue.submission.requests import JobRequest
from reelqueue.web.access import may_hurry
from reelqueue.web.answers import Accepted
from reelqueue.web.context import (
    get_owner,
    get_services,
    is_id,
    read_json_body,
    read_own_record,
)
from reelqueue.web.serving.exchange import BODY_BYTES, ENDED

blueprint = Blueprint("jobs", __name__)

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
    if body.priority is Priority.HIGH and not may_hurry():
        raise ForbiddenError(
            'priority: only operators and chosen tokens may ask for "high": use default or low.'
        )
    if body.dry_run:
        return jsonify(success=True, **estimate_request(get_services(), get_owner(), kind, body))
    return _answer_order(kind, body)


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
    answer = Accepted(
        success=status["status"] != "failed",
        status_url=f"/job_status/{job.id}",
        estimated_time=job.estimated_seconds,
        **status,
    )
    response = jsonify(answer.model_dump(mode="json", exclude_none=True))
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
        status = _describe(read_own_record(job_id))
        text = json.dumps(status)
        if text != sent:
            yield f"event: status\ndata: {text}\n\n"
            sent, sent_at = text, time.monotonic()
        if "ended_at" in status:
            return
        if time.monotonic() - sent_at > _KEEPALIVE_SECONDS:
            yield ": still here\n\n"
            sent_at = time.monotonic()
        ended.wait(_EVENT_SECONDS)
