"""The one JSON shape that says what is known of a job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from reelqueue.jobs.model import Live, Outcome, Output, Record, Stage, Status, now

_MESSAGES: Mapping[Stage, str] = {
    "queued": "Waiting for a worker.",
    "preparing": "Preparing the files.",
    "rendering": "Rendering the pictures.",
    "audio": "Adding the sound.",
    "saving": "Saving the video.",
    "completed": "The video is ready.",
    "failed": "The render failed.",
    "canceled": "The render was cancelled.",
}
_END_STAGES: Mapping[Status, Stage] = {
    Status.FINISHED: "completed",
    Status.FAILED: "failed",
    Status.CANCELED: "canceled",
}


def _to_text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    PlainSerializer(_to_text),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A time in UTC; in JSON as RFC 3339 has it, to the millisecond."""


class JobResult(BaseModel):
    """What a finished job has made: where its files are, and the facts that its kind tells."""

    model_config = ConfigDict(extra="allow")

    success: Literal[True] = True
    video_id: str
    download_url: str
    poster_url: str | None = None
    reused: Literal[True] | None = Field(
        None, description="An earlier job had rendered the same already: `attempts` is 0."
    )


class JobStatus(BaseModel):
    """What is known of a job."""

    job_id: str
    kind: str
    status: Status
    stage: Stage
    progress: int | None = Field(
        None, ge=0, le=100, description="Percent. Left out while `stale` if it is not known."
    )
    message: str
    stale: Literal[True] | None = Field(
        None, description="The queue does not answer: this is what is known without it."
    )
    queue_position: int | None = Field(None, ge=1)
    eta_seconds: int | None = None
    attempts: int
    created_at: Moment
    started_at: Moment | None = None
    ended_at: Moment | None = None
    result: JobResult | None = None
    error: str | None = None


def describe_job(record: Record, live: Live) -> dict[str, Any]:
    """Return the status of a job as JSON: no other place makes this shape."""
    status = _describe_ended(record, record.outcome) if record.outcome else _describe(record, live)
    return status.model_dump(mode="json", exclude_none=True)


def _describe(record: Record, live: Live) -> JobStatus:
    """Describe a job that has not ended."""
    return JobStatus(
        job_id=record.job.id,
        kind=record.job.kind,
        status=live.status,
        stage=live.stage,
        progress=_find_progress(live),
        message=_explain(live),
        stale=live.is_stale or None,
        queue_position=live.queue_position,
        eta_seconds=_estimate_rest(live),
        attempts=live.attempts,
        created_at=record.job.created_at,
        started_at=live.started_at,
    )


def _describe_ended(record: Record, outcome: Outcome) -> JobStatus:
    stage = _END_STAGES[outcome.status]
    return JobStatus(
        job_id=record.job.id,
        kind=record.job.kind,
        status=outcome.status,
        stage=stage,
        progress=outcome.progress,
        message=_MESSAGES[stage],
        attempts=outcome.attempts,
        created_at=record.job.created_at,
        started_at=outcome.started_at,
        ended_at=outcome.ended_at,
        result=_describe_output(record.job.id, outcome.output) if outcome.output else None,
        error=outcome.error,
    )


def _describe_output(job_id: str, output: Output) -> JobResult:
    others = list(output.files)[1:]
    return JobResult(
        video_id=job_id,
        download_url=f"/download/{job_id}",
        reused=output.is_reused or None,
        **{f"{name}_url": find_url(job_id, name) for name in others},
        **output.facts,
    )


def find_url(job_id: str, file: str) -> str:
    """Return the address of a file of a result other than its first."""
    return f"/poster/{job_id}" if file == "poster" else f"/download/{job_id}/{file}"


def _find_progress(live: Live) -> int | None:
    """Return the progress, None where it is not known: it must not seem to go back."""
    return None if live.is_stale and not live.progress else live.progress


def _explain(live: Live) -> str:
    if live.is_stale:
        return "The queue does not answer right now; the job is kept and goes on."
    if live.fault and live.status is Status.SCHEDULED:
        return f"{live.fault} It will be tried again."
    return _MESSAGES[live.stage]


def _estimate_rest(live: Live) -> int | None:
    """Return the seconds left at the pace so far, None while there is none to go by."""
    if live.status is not Status.STARTED or live.started_at is None:
        return None
    if live.progress < 5 or live.progress <= live.carried:
        return None
    spent = (now() - live.started_at).total_seconds()
    return round(spent * Fraction(100 - live.progress, live.progress))
