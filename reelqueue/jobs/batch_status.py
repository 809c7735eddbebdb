"""The status of a batch: the one place that makes its JSON shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from reelqueue.jobs.batches import Batch
from reelqueue.jobs.model import Record, Status
from reelqueue.jobs.status import JobStatus, Moment

BatchState = Literal[Status.QUEUED, Status.STARTED, Status.FINISHED, Status.FAILED, Status.CANCELED]
_ENDS = (Status.FINISHED, Status.FAILED, Status.CANCELED)
Count = Annotated[int, Field(ge=0)]


class BatchStatus(BaseModel):
    """The status of a batch. It has ended when all its jobs have."""

    batch_id: str
    status: BatchState = Field(
        description="`failed` if it has ended and any job failed; `canceled` if none failed, and "
        "any was cancelled."
    )
    total: Count = Field(description="The number of jobs that were ordered.")
    finished: Count
    failed: Count
    canceled: Count
    progress: int | None = Field(
        None,
        ge=0,
        le=100,
        description="Percent of the work of all jobs. Left out while one of them has none.",
    )
    created_at: Moment
    ended_at: Moment | None = None
    jobs: list[JobStatus] = Field(
        description="The status of each job that is not deleted, in the order of the request."
    )


def describe_batch(
    batch: Batch, records: Sequence[Record], statuses: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Return the status of a batch as JSON.

    Args:
        batch: the batch.
        records: those of its jobs that are not deleted.
        statuses: their statuses, in the same order, as `describe_job` returns them.
    """
    jobs = [JobStatus.model_validate(status) for status in statuses]
    has_ended = all(job.ended_at for job in jobs)
    ends = [job.ended_at for job in jobs if job.ended_at]
    status = BatchStatus(
        batch_id=batch.id,
        status=_find_end(jobs) if has_ended else _find_state(jobs),
        total=len(batch.members),
        finished=_count(jobs, Status.FINISHED),
        failed=_count(jobs, Status.FAILED),
        canceled=_count(jobs, Status.CANCELED),
        progress=_measure_progress(jobs, [record.job.estimated_seconds for record in records]),
        created_at=batch.created_at,
        ended_at=max(ends) if has_ended else None,
        jobs=jobs,
    )
    return status.model_dump(mode="json", exclude_none=True)


def _count(jobs: Sequence[JobStatus], status: Status) -> int:
    return sum(job.status is status for job in jobs)


def _find_end(jobs: Sequence[JobStatus]) -> BatchState:
    if _count(jobs, Status.FAILED):
        return Status.FAILED
    return Status.CANCELED if _count(jobs, Status.CANCELED) else Status.FINISHED


def _find_state(jobs: Sequence[JobStatus]) -> BatchState:
    has_begun = any(job.status in _ENDS or job.attempts for job in jobs)
    return Status.STARTED if has_begun else Status.QUEUED


def _measure_progress(jobs: Sequence[JobStatus], seconds: Sequence[int]) -> int | None:
    """Return how much of the work is done, in percent; a job counts by its estimated seconds."""
    parts = [100 if job.ended_at else job.progress for job in jobs]
    if None in parts:
        return None
    weights = [1 + each for each in seconds]
    done = sum(part * weight for part, weight in zip(parts, weights, strict=True) if part)
    return done // sum(weights)
