"""The routes of batches: order, status, cancel, retry."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from reelqueue.errors import NotFoundError
from reelqueue.jobs.batches import Batch
from reelqueue.specs.parsing import parse_json
from reelqueue.submission.batches.accept import (
    CheckedBatch,
    accept_batch,
    cancel_batch,
    check_batch,
    estimate_batch,
    find_batch,
    retry_batch,
)
from reelqueue.submission.batches.requests import BatchRequest
from reelqueue.submission.batches.state import find_status
from reelqueue.web.access import check_priority
from reelqueue.web.answers import AcceptedBatch, AcceptedMember, BatchEstimate, MemberEstimate
from reelqueue.web.context import answer_json, get_owner, get_services, is_id, read_json_body
from reelqueue.web.rate_limits import count_orders
from reelqueue.web.serving.exchange import BODY_BYTES

blueprint = Blueprint("batches", __name__)

_POLL_SECONDS = 1


@blueprint.post("/generate_batch")
def post_batch() -> Response:
    """Accept a batch of orders, or none of them; its jobs run in the background.

    With `dry_run`, check it and answer with the estimates.
    """
    body = parse_json(BatchRequest, read_json_body(BODY_BYTES))
    checked = check_batch(get_owner(), body, request.headers.get("Idempotency-Key"))
    for step, order in checked.steps:
        check_priority(order, f"{step.path}.priority")
    if body.dry_run:
        return _answer_estimates(checked)
    batch = accept_batch(get_services(), get_owner(), checked)
    count_orders(len(batch.members))
    answer = AcceptedBatch(
        batch_id=batch.id,
        jobs=[
            AcceptedMember(**member.model_dump(), status_url=f"/job_status/{member.job_id}")
            for member in batch.members
        ],
        status_url=f"/batch_status/{batch.id}",
    )
    response = answer_json(answer)
    response.status_code = 202
    response.headers["Location"] = answer.status_url
    response.headers["Retry-After"] = str(_POLL_SECONDS)
    return response


@blueprint.get("/batch_status/<batch_id>")
def show_status(batch_id: str) -> Response:
    """Answer with the status of a batch and of its jobs."""
    status = find_status(get_services(), _read_own_batch(batch_id))
    response = jsonify(status)
    if "ended_at" not in status:
        response.headers["Retry-After"] = str(_POLL_SECONDS)
    return response


@blueprint.post("/batch_cancel/<batch_id>")
def cancel(batch_id: str) -> Response:
    """Cancel all jobs of a batch that have not ended; answer with its status."""
    batch = _read_own_batch(batch_id)
    cancel_batch(get_services(), batch)
    return jsonify(find_status(get_services(), batch))


@blueprint.post("/batch_retry/<batch_id>")
def retry(batch_id: str) -> Response:
    """Run all jobs of a batch again that failed or were cancelled; answer with its status."""
    batch = _read_own_batch(batch_id)
    retry_batch(get_services(), batch)
    return jsonify(find_status(get_services(), batch))


def _answer_estimates(checked: CheckedBatch) -> Response:
    """Answer with what the jobs of a batch would make, as far as that is known before they run."""
    jobs = [
        MemberEstimate(name=step.name, kind=step.kind.name, **estimate)
        for step, estimate in estimate_batch(get_services(), get_owner(), checked)
    ]
    answer = BatchEstimate(
        jobs=jobs,
        estimated_time=sum(job.estimated_time for job in jobs),
        estimated_file_size=sum(job.estimated_file_size for job in jobs),
        estimated_file_size_range=(
            sum(job.estimated_file_size_range[0] for job in jobs),
            sum(job.estimated_file_size_range[1] for job in jobs),
        ),
    )
    return answer_json(answer)


def _read_own_batch(batch_id: str) -> Batch:
    """Return a batch that the caller owns.

    Raises:
        NotFoundError: if there is no such batch, or another owner's; the sentence is the same.
    """
    if not is_id(batch_id):
        raise NotFoundError("There is no such batch.")
    batch = find_batch(get_services(), batch_id)
    if batch.owner != get_owner():
        raise NotFoundError(f"There is no batch {batch_id}.")
    return batch
