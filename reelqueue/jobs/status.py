"""The status of a job: the one place that makes its JSON shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from reelqueue.jobs.model import LiveState, Outcome, Record, Stage, Status, now
from reelqueue.jobs.output import Output

_MESSAGES: Mapping[Stage, str] = {
    "queued": "Waiting for a worker.",
    "preparing": "Preparing the files.",
    "transcribing": "Writing down what is said.",
    "narrating": "Speaking the narration.",
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


def to_text(moment: datetime) -> str:
    """Return a time in UTC as an RFC 3339 `date-time` with milliseconds."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    PlainSerializer(to_text),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A time in UTC; in JSON an RFC 3339 `date-time` with milliseconds."""


class JobResult(BaseModel):
    """The result of a finished job: the addresses of its files, and facts about them."""

    model_config = ConfigDict(extra="allow")

    success: Literal[True] = True
    video_id: str
    download_url: str
    poster_url: str | None = None
    transcript_url: str | None = Field(
        None, description="What was recognised for captions, as JSON. Correct it, and send it back."
    )
    reused: Literal[True] | None = Field(
        None, description="Copied from an earlier job that rendered the same; `attempts` is 0."
    )


class JobStatus(BaseModel):
    """The status of a job."""

    job_id: str
    kind: str
    batch_id: str | None = None
    name: str | None = Field(None, description="What the job is called in its batch.")
    status: Status
    stage: Stage
    progress: int | None = Field(
        None, ge=0, le=100, description="Percent. May be left out while `stale` is true."
    )
    message: str
    stale: Literal[True] | None = Field(
        None, description="The queue does not answer, so this status may be out of date."
    )
    queue_position: int | None = Field(None, ge=1)
    eta_seconds: int | None = None
    attempts: int
    created_at: Moment
    run_at: Moment | None = Field(None, description="When it begins, if it was ordered for later.")
    started_at: Moment | None = None
    ended_at: Moment | None = None
    result: JobResult | None = None
    error: str | None = None


def describe_job(
    record: Record, live: LiveState, messages: Mapping[Stage, str] | None = None
) -> dict[str, Any]:
    """Return the status of a job as JSON.

    Args:
        record: the job; if it has an outcome, that decides.
        live: the state of its run otherwise.
        messages: what the job's kind says at some stages, instead of what videos say.
    """
    told = {**_MESSAGES, **(messages or {})}
    outcome = record.outcome
    status = _describe_ended(record, outcome, told) if outcome else _describe(record, live, told)
    return status.model_dump(mode="json", exclude_none=True)


def _describe(record: Record, live: LiveState, messages: Mapping[Stage, str]) -> JobStatus:
    """Describe a job that has not ended."""
    return JobStatus(
        job_id=record.job.id,
        kind=record.job.kind,
        batch_id=record.job.batch_id or None,
        name=record.job.name or None,
        status=live.status,
        stage=live.stage,
        progress=_find_progress(live),
        message=_explain(live, messages),
        stale=live.is_stale or None,
        queue_position=live.queue_position,
        eta_seconds=_estimate_rest(live),
        attempts=live.attempts,
        created_at=record.job.created_at,
        run_at=record.job.run_at,
        started_at=live.started_at,
    )


def _describe_ended(record: Record, outcome: Outcome, messages: Mapping[Stage, str]) -> JobStatus:
    stage = _END_STAGES[outcome.status]
    return JobStatus(
        job_id=record.job.id,
        kind=record.job.kind,
        batch_id=record.job.batch_id or None,
        name=record.job.name or None,
        status=outcome.status,
        stage=stage,
        progress=outcome.progress,
        message=messages[stage],
        attempts=outcome.attempts,
        created_at=record.job.created_at,
        run_at=record.job.run_at,
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
    """Return the address of a result's file; the first file has `/download/<id>` instead."""
    return f"/poster/{job_id}" if file == "poster" else f"/download/{job_id}/{file}"


def _find_progress(live: LiveState) -> int | None:
    """Return the progress in percent, None if unknown: less would look like going back."""
    return None if live.is_stale else live.progress


def _explain(live: LiveState, messages: Mapping[Stage, str]) -> str:
    if live.is_stale:
        return "The queue does not answer right now. The job is safe and will go on."
    if live.fault and live.status is Status.SCHEDULED:
        return f"{live.fault} It will be tried again."
    if live.status is Status.SCHEDULED and not live.attempts:
        return "Waiting for its time."
    if live.status is Status.DEFERRED:
        return "Waiting for the jobs that it needs."
    return messages[live.stage]


def _estimate_rest(live: LiveState) -> int | None:
    """Return the seconds left at the pace so far, None while there is no pace to measure."""
    if live.status is not Status.STARTED or live.started_at is None:
        return None
    if live.progress < 5 or live.progress <= live.carried:
        return None
    elapsed = (now() - live.started_at).total_seconds()
    return round(elapsed * Fraction(100 - live.progress, live.progress))
