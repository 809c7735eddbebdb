"""/admin, for operators: list the failed jobs with their logs, and requeue them.

It asks for the dashboard's user name and password, and answers 404 if none are set. Unlike the
dashboard it needs no Redis: it reads the ledger.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Literal, Self

from flask import Blueprint, Response, abort, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from reelqueue.errors import ConflictError, NotFoundError, UnreadableRecordError
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.model import LiveState, Status
from reelqueue.jobs.status import describe_job
from reelqueue.services import Services
from reelqueue.specs.parsing import parse_json, parse_values
from reelqueue.submission.accept import retry_job
from reelqueue.submission.kinds import find_messages
from reelqueue.submission.requests import Id
from reelqueue.web.access import require_operator
from reelqueue.web.answers import FailedJob, FailedJobs, Requeued, SkippedJob
from reelqueue.web.context import get_services, read_json_body

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

_BODY_BYTES = 1000
_READS_AT_ONCE = 16


class FailedQuery(BaseModel):
    """The query of `GET /admin/failed`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    page: int = Field(1, ge=1, le=1_000_000, description="The page; 1 has the newest jobs.")
    per_page: int = Field(20, ge=1, le=100, description="The number of jobs on a page.")


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


@blueprint.before_request
def _guard() -> Response | None:
    if not get_services().settings.has_operator:
        abort(404)
    return require_operator()


@blueprint.get("/failed")
def show_failed() -> Response:
    """Answer with a page of the failed jobs and their logs, newest first."""
    query = parse_values(FailedQuery, dict(request.args.items()))
    ledger = get_services().ledger
    job_ids = ledger.list_failed()
    first = (query.page - 1) * query.per_page
    with ThreadPoolExecutor(_READS_AT_ONCE) as pool:
        found = pool.map(partial(_describe, ledger), job_ids[first : first + query.per_page])
        jobs = [job for job in found if job]
    page = FailedJobs(jobs=jobs, total=len(job_ids), **query.model_dump())
    return jsonify(page.model_dump(mode="json", exclude_none=True))


@blueprint.post("/requeue")
def requeue() -> Response:
    """Run failed jobs again, oldest first; a repeated request queues no job twice."""
    services = get_services()
    wanted = parse_json(RequeueRequest, read_json_body(_BODY_BYTES))
    if wanted.job_id:
        _requeue(services, wanted.job_id)
        return jsonify(Requeued(requeued=[wanted.job_id], skipped=[]).to_json())
    requeued, skipped = [], []
    for job_id in reversed(services.ledger.list_failed()):
        try:
            _requeue(services, job_id)
            requeued.append(job_id)
        except (ConflictError, NotFoundError, UnreadableRecordError) as error:
            skipped.append(SkippedJob(job_id=job_id, error=str(error)))
    return jsonify(Requeued(requeued=requeued, skipped=skipped).to_json())


def _requeue(services: Services, job_id: str) -> None:
    record = services.ledger.read(job_id)
    if record.outcome is None or record.outcome.status is not Status.FAILED:
        raise ConflictError("Only a failed job can be requeued.")
    retry_job(services, record)


def _describe(ledger: Ledger, job_id: str) -> FailedJob | None:
    """Return a failed job, None if it has not failed or cannot be read here."""
    try:
        record = ledger.read(job_id)
    except (NotFoundError, UnreadableRecordError):
        return None
    if record.outcome is None or record.outcome.status is not Status.FAILED:
        return None
    log_tail = ledger.read_log(job_id, record.run)
    return FailedJob(
        log_tail=log_tail, **describe_job(record, LiveState(), find_messages(record.job))
    )
