"""The one JSON shape that says what is known of a job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from reelqueue.jobs.model import Live, Output, Record, Stage, Status, now

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


def describe_job(record: Record, live: Live) -> dict[str, Any]:
    """Return the status of a job: the only place that makes this shape."""
    job, outcome = record.job, record.outcome
    status = outcome.status if outcome else live.status
    stage = _END_STAGES[outcome.status] if outcome else live.stage
    shape: dict[str, Any] = {
        "job_id": job.id,
        "kind": job.kind,
        "status": str(status),
        "stage": stage,
        "progress": outcome.progress if outcome else _find_progress(live),
        "message": _MESSAGES[stage] if outcome else _explain(live),
        "stale": None if outcome else live.is_stale or None,
        "queue_position": None if outcome else live.queue_position,
        "eta_seconds": None if outcome else _estimate_rest(live),
        "attempts": outcome.attempts if outcome else live.attempts,
        "created_at": _to_text(job.created_at),
        "started_at": _to_text(outcome.started_at if outcome else live.started_at),
        "ended_at": _to_text(outcome.ended_at) if outcome else None,
        "result": _describe_output(job.id, outcome.output) if outcome and outcome.output else None,
        "error": outcome.error if outcome else None,
    }
    return {name: value for name, value in shape.items() if value is not None}


def _describe_output(job_id: str, output: Output) -> dict[str, Any]:
    return {
        "success": True,
        "video_id": job_id,
        "download_url": f"/download/{job_id}",
        **{f"{name}_url": find_url(job_id, name) for name in list(output.files)[1:]},
        **output.facts,
        **({"reused": True} if output.is_reused else {}),
    }


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


def _to_text(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None
