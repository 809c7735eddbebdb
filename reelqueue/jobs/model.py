"""What a job is, how far it has come, and how it ended: whatever its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, StrEnum, auto
from functools import cached_property
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

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


class Stored(BaseModel):
    """The base of what is stored: fields that this version does not know are ignored."""

    model_config = ConfigDict(frozen=True)

    def to_json(self) -> bytes:
        """Return the record as JSON, without what equals the defaults.

        An older version, which does not know a new field, can then read every record that does not
        use it. So the default of a stored field never changes.
        """
        return self.model_dump_json(exclude_defaults=True).encode()


class Input(Stored):
    """A stored file that a job reads.

    `name` is what its owner called it. `digest` is the SHA-256 of its content, in hex; it is empty
    in jobs that version 0.1 stored.
    """

    key: str
    name: str
    digest: str = ""


class Job(Stored):
    """What was accepted.

    `work` is what to render: a JSON object whose "kind" says how to read the rest. So a job of a
    kind that this version does not know can still be listed, kept and passed on. `request_hash`
    tells a repeated request from a different one.
    """

    version: Literal[1] = 1
    id: str
    owner: str
    created_at: datetime
    priority: Priority
    request_hash: str
    estimated_seconds: int
    work: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The name of its kind in the registry."""
        return str(self.work["kind"])

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """All stored files that the render reads."""
        return tuple(find_inputs(self.work))


class OutputFile(Stored):
    """A stored file of a result; version 0.1 did not note the size of each, in bytes."""

    key: str
    size: int | None = None


class Output(Stored):
    """What a job has made: named files, and facts about them.

    `/download/<id>` answers with the first file. `facts` are what the status tells of the result.
    """

    files: Mapping[str, OutputFile]
    facts: Mapping[str, Any]
    is_reused: bool = False

    @model_validator(mode="before")
    @classmethod
    def _read_version_0_1(cls, values: Any) -> Any:
        """Read a video and its poster as version 0.1 stored them."""
        match values:
            case {"video_key": video, "poster_key": poster, "facts": facts, **others}:
                size = facts.get("file_size")
                files = {"video": {"key": video, "size": size}, "poster": {"key": poster}}
                known = {name: value for name, value in facts.items() if value is not None}
                return {**others, "files": others.get("files", files), "facts": known}
        return values

    @model_serializer(mode="wrap")
    def _write_for_version_0_1(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Add the keys that version 0.1 reads, which may run beside this one during a deploy."""
        values: dict[str, Any] = write(self)
        for name in ("video", "poster"):
            if name in self.files:
                values[f"{name}_key"] = self.files[name].key
        return values

    @property
    def main_file(self) -> OutputFile:
        """The file that a download is."""
        return next(iter(self.files.values()))


class Outcome(Stored):
    """How a run ended: an output if it finished, a sentence for the user if it failed."""

    status: EndStatus
    ended_at: datetime
    started_at: datetime | None = None
    attempts: int = 0
    progress: int = 0
    output: Output | None = None
    error: str | None = None

    @classmethod
    def from_live(
        cls,
        live: Live,
        status: EndStatus,
        *,
        output: Output | None = None,
        error: str | None = None,
        attempts: int | None = None,
    ) -> Outcome:
        """End a run now.

        Args:
            live: what was known of it.
            attempts: how many were made, where `live` does not say it.
        """
        return cls(
            status=status,
            ended_at=now(),
            started_at=live.started_at,
            attempts=live.attempts if attempts is None else attempts,
            progress=100 if output else live.progress,
            output=output,
            error=error,
        )


class Live(Stored):
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


def find_inputs(work: object) -> Iterator[Input]:
    """Yield the stored files that are named anywhere in a work's JSON, whatever its kind."""
    match work:
        case {"key": str(), "name": str()}:
            yield Input.model_validate(work)
        case Mapping():
            for value in work.values():
                yield from find_inputs(value)
        case list() | tuple():
            for value in work:
                yield from find_inputs(value)


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
