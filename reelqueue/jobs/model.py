"""What a job is, how far it is, how it ended, and the one shape that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, StrEnum, auto
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from reelqueue.media.facts import RenderFacts
from reelqueue.specs.clip import ClipSpec
from reelqueue.specs.ranges import LONGEST_MEDIA
from reelqueue.specs.slideshow import PhotoSpec, SlideshowSpec

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


class Priority(StrEnum):
    """Which queue a job waits in; workers empty them in this order."""

    HIGH = "high"
    DEFAULT = "default"
    LOW = "low"


class Whereabouts(Enum):
    """Where a run that has not ended is."""

    HELD = auto()  # it waits, or somebody has it
    UNSEEN = auto()  # in nobody's hands, but that may only be for a moment
    LOST = auto()


EndStatus = Literal[Status.FINISHED, Status.FAILED, Status.CANCELED]

Stage = Literal[
    "queued", "preparing", "rendering", "audio", "saving", "completed", "failed", "canceled"
]


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
