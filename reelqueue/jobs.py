"""What a job is, how far it is, how it ended, and the one shape that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, StrEnum, auto
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from reelqueue.cuts import LONGEST_MEDIA, ClipSpec
from reelqueue.facts import RenderFacts
from reelqueue.specs import PhotoSpec, Priority, SlideshowSpec

Kind = Literal["slideshow", "clip"]

ANYONE = "anyone"
"""Owns what comes without cookies where no token is asked for: many, who know of nobody's ids."""


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


class Whereabouts(Enum):
    """Where a run that has not ended is."""

    HELD = auto()  # it waits, or somebody has it
    UNSEEN = auto()  # in nobody's hands, but that may only be for a moment
    LOST = auto()


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
    """A stored file that a job reads, and what its owner called it.

    `digest` is the SHA-256 of its content, in hex; empty for what 0.1 stored.
    """

    key: str
    name: str
    digest: str = ""


class PhotoInput(Input):
    """A stored photo, and what it has otherwise than the others."""

    spec: PhotoSpec = PhotoSpec()


class TrackInput(Input):
    """A piece of music of `duration` seconds, heard from `start` to `end` (unset: its end)."""

    duration: float
    start: float = 0.0
    end: float | None = None


class SlideshowWork(_Record):
    """What to render for a slideshow."""

    kind: Literal["slideshow"] = "slideshow"
    spec: SlideshowSpec
    photos: tuple[PhotoInput, ...]
    tracks: tuple[TrackInput, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _read_version_0_1(cls, values: Any) -> Any:
        """Take a job that 0.1 accepted: it had one track, of a length that nobody wrote down."""
        match values:
            case {"audio": {**audio}, **others}:
                return {**others, "tracks": [{"duration": LONGEST_MEDIA, **audio}]}
        return values

    @property
    def inputs(self) -> tuple[Input, ...]:
        """All stored files that the render reads."""
        return (*self.photos, *self.tracks)


class ClipWork(_Record):
    """What to render for a clip."""

    kind: Literal["clip"] = "clip"
    spec: ClipSpec
    source: Input

    @property
    def inputs(self) -> tuple[Input, ...]:
        """All stored files that the render reads."""
        return (self.source,)


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
    """A finished video: its keys in the storage, what it is, and whether it is a copy."""

    video_key: str
    poster_key: str
    facts: RenderFacts
    is_reused: bool = False


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
    `given_up` are the attempts spent by those from whom the run was taken over. `fault` is what the
    latest attempt failed of, where another one follows. `is_stale` says that the queue is silent,
    and that the rest is what can be known without it.
    """

    status: Status = Status.QUEUED
    stage: Stage = "queued"
    progress: int = 0
    carried: int = 0
    attempts: int = 0
    given_up: int = 0
    started_at: datetime | None = None
    queue_position: int | None = None
    fault: str | None = None
    is_stale: bool = False

    @property
    def latest_attempt(self) -> int:
        """The number, from 1, of the attempt that is made, was made last or comes first."""
        return max(self.attempts, self.given_up + 1)


@dataclass(frozen=True)
class Record:
    """A job, the number of its latest run, and that run's outcome once there is one.

    `takeovers` counts how often the run was taken over, and `begun` by how many of those who had
    it a render was begun.
    """

    job: Job
    run: int
    outcome: Outcome | None
    takeovers: int = 0
    begun: int = 0


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def begin_attempt(before: Live, number: int) -> Live:
    """Return what is known as an attempt begins, the `number`-th of whoever has the run now."""
    return Live(
        status=Status.STARTED,
        stage="preparing",
        progress=before.progress,
        carried=before.progress,
        attempts=before.given_up + number,
        given_up=before.given_up,
        started_at=now(),
    )


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
        "poster_url": f"/poster/{job_id}",
        **output.facts.model_dump(exclude_none=True),
        **({"reused": True} if output.is_reused else {}),
    }


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
