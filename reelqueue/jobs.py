"""The ledger: what was accepted, how each run of it ended, and the one shape that says so.

jobs/<id>/job.json                   what was accepted; written once, before it is queued
jobs/<id>/runs/<n>/start.json        a later run was asked for (run 1 needs none); written once
jobs/<id>/runs/<n>/outcome.json      finished, failed or canceled; written once: the first wins
jobs/<id>/outputs/<token>/video.mp4  one attempt's work; seen only where an outcome names it

Outcomes are per run, and not per job, so that a run which was given up and still lives can never
end the run that follows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from reelqueue.errors import ConflictError, NotFoundError, ReusedKeyError
from reelqueue.facts import RenderFacts
from reelqueue.specs import ClipSpec, Priority, SlideshowSpec
from reelqueue.storage import Store

Kind = Literal["slideshow", "clip"]


class Status(StrEnum):
    """RQ's words for the state of a job."""

    QUEUED = "queued"
    STARTED = "started"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELED = "canceled"
    SCHEDULED = "scheduled"
    DEFERRED = "deferred"
    STOPPED = "stopped"


EndStatus = Literal[Status.FINISHED, Status.FAILED, Status.CANCELED]

Stage = Literal[
    "queued", "preparing", "rendering", "audio", "saving", "completed", "failed", "canceled"
]

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


TOO_LATE = (
    "The render took too long and was stopped: use fewer photos, a shorter clip or a smaller size."
)
GIVEN_UP = "The render failed on our side, and we have noted why. Please try again."


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class Input(_Record):
    """A stored file that a job reads, and what its owner called it."""

    key: str
    name: str


class SlideshowWork(_Record):
    """What to render for a slideshow."""

    kind: Literal["slideshow"] = "slideshow"
    spec: SlideshowSpec
    photos: tuple[Input, ...]
    audio: Input | None = None


class ClipWork(_Record):
    """What to render for a clip."""

    kind: Literal["clip"] = "clip"
    spec: ClipSpec
    source: Input


class Job(_Record):
    """What was accepted. `request_hash` tells the same request again from another one."""

    version: Literal[1] = 1
    id: str
    owner: str
    created_at: datetime
    priority: Priority
    request_hash: str
    estimated_seconds: int
    work: Annotated[SlideshowWork | ClipWork, Field(discriminator="kind")]


class Output(_Record):
    """A finished video: its keys in the storage and what it is."""

    video_key: str
    poster_key: str
    facts: RenderFacts


class Outcome(_Record):
    """How a run ended: an output if it finished, a sentence for the user if it failed."""

    status: EndStatus
    ended_at: datetime
    started_at: datetime | None = None
    attempts: int = 0
    progress: int = 0
    output: Output | None = None
    error: str | None = None


class Live(_Record):
    """What a queue knows of a run that has not ended. `progress` is percent of exact work.

    `carried` is the part of it that an earlier attempt had reached: progress never goes back.
    """

    status: Status = Status.QUEUED
    stage: Stage = "queued"
    progress: int = 0
    carried: int = 0
    attempts: int = 0
    started_at: datetime | None = None
    queue_position: int | None = None


@dataclass(frozen=True)
class Record:
    """A job, the number of its latest run, and that run's outcome once there is one."""

    job: Job
    run: int
    outcome: Outcome | None


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Ledger:
    """What was accepted and how it ended, in storage: no other copy counts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def accept(self, job: Job) -> tuple[Record, bool]:
        """Write down a new job; return its record, or its predecessor's, and whether it is new.

        Raises:
            ReusedKeyError: if that one was another request.
        """
        if self._store.create(_job_key(job.id), job.model_dump_json().encode()):
            return Record(job, 1, None), True
        earlier = self.find_same(job)
        if earlier is None:
            raise NotFoundError(f"There is no job {job.id}.")
        return earlier, False

    def find_same(self, job: Job) -> Record | None:
        """Return the record of the same request made before, None if it is new.

        Raises:
            ReusedKeyError: if another request was made under its id.
        """
        try:
            earlier = self.read(job.id)
        except NotFoundError:
            return None
        if (earlier.job.owner, earlier.job.request_hash) != (job.owner, job.request_hash):
            raise ReusedKeyError(
                "This idempotency key or job id was used for another request: choose a new one."
            )
        return earlier

    def withdraw(self, record: Record) -> None:
        """Forget a run that no queue took, so that nothing is half accepted."""
        job_id, run = record.job.id, record.run
        self._store.delete(_job_key(job_id) if run == 1 else _start_key(job_id, run))

    def read(self, job_id: str) -> Record:
        """Return what is known of a job.

        Raises:
            NotFoundError: if there is no such job.
        """
        data = self._store.read(_job_key(job_id))
        if data is None:
            raise NotFoundError(f"There is no job {job_id}.")
        names = [entry.key.split("/") for entry in self._store.list(f"jobs/{job_id}/runs")]
        run = max((int(name[3]) for name in names), default=1)
        return Record(Job.model_validate_json(data), run, self.find_outcome(job_id, run))

    def find_outcome(self, job_id: str, run: int) -> Outcome | None:
        """Return how a run ended, None while it has not."""
        data = self._store.read(_outcome_key(job_id, run))
        return Outcome.model_validate_json(data) if data else None

    def end(self, job_id: str, run: int, outcome: Outcome) -> Outcome:
        """End a run, and return the outcome that counts: the first that anybody wrote."""
        if self._store.create(_outcome_key(job_id, run), outcome.model_dump_json().encode()):
            return outcome
        earlier = self.find_outcome(job_id, run)
        assert earlier is not None
        return earlier

    def start_again(self, record: Record) -> Record:
        """Open a new run of a job that failed or was cancelled.

        Raises:
            ConflictError: if it has not ended, has finished, or is already running again.
        """
        if record.outcome is None or record.outcome.status is Status.FINISHED:
            raise ConflictError("Only a failed or cancelled job can be run again.")
        run = record.run + 1
        if not self._store.create(_start_key(record.job.id, run), b"{}"):
            raise ConflictError("This job is already running again.")
        return Record(record.job, run, None)


def describe_job(record: Record, live: Live) -> dict[str, Any]:
    """Return the status of a job: the only place that makes this shape."""
    job, outcome = record.job, record.outcome
    status = outcome.status if outcome else live.status
    stage = _END_STAGES[outcome.status] if outcome else live.stage
    shape: dict[str, Any] = {
        "job_id": job.id,
        "kind": job.work.kind,
        "status": str(status),
        "stage": stage,
        "progress": outcome.progress if outcome else live.progress,
        "message": _MESSAGES[stage],
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
        "poster_url": f"/poster/{job_id}",
        **output.facts.model_dump(exclude_none=True),
    }


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


def _job_key(job_id: str) -> str:
    return f"jobs/{job_id}/job.json"


def _start_key(job_id: str, run: int) -> str:
    return f"jobs/{job_id}/runs/{run}/start.json"


def _outcome_key(job_id: str, run: int) -> str:
    return f"jobs/{job_id}/runs/{run}/outcome.json"
