"""Jobs of any kind: what was accepted, how far the render is, and how it ended."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AwareDatetime,
    Field,
    ValidationError,
)

from reelqueue.jobs.output import Output
from reelqueue.jobs.priorities import HIGHEST, LOWEST, NUMBERS, Priority
from reelqueue.jobs.records import Stored

log = logging.getLogger(__name__)

ANYONE = "anyone"
"""The owner of requests without a cookie, if no token is required.

Many clients share it. Only the random ids keep them from each other's files.
"""


class Status(StrEnum):
    """The state of a job, in the words of RQ's `JobStatus`."""

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
    "queued",
    "preparing",
    "transcribing",
    "narrating",
    "rendering",
    "audio",
    "saving",
    "completed",
    "failed",
    "canceled",
]


UNEXPLAINED_FAILURE = "The render failed on our side, and we have logged why. Please try again."


class Input(Stored):
    """A stored file that a job reads.

    `name` is what its owner called it. `digest` is the SHA-256 of its content, in hex; it is empty
    in jobs that version 0.1 stored.
    """

    key: str
    name: str
    digest: str = ""


class Need(Stored):
    """A job that another one waits for; `name` is what its owner called it."""

    job_id: str
    name: str


class Job(Stored):
    """An accepted job.

    It is not queued before `run_at`, nor before all jobs that it `needs` have finished. In a batch
    it has a `name`; its id follows from both.

    `work` says what to render: a JSON object whose "kind" tells how to read the rest. It is kept
    unparsed, so that a version which does not know a job's kind can still list, keep and requeue
    the job. `request_hash` tells a repeated request from a different one. `urgency` is the number
    of the priority, None for the one that its name stands for. `callback_url` is told when a run
    has ended.
    """

    version: Literal[1] = 1
    id: str
    owner: str
    created_at: datetime
    priority: Priority
    request_hash: str
    estimated_seconds: int
    work: Mapping[str, Any]
    run_at: AwareDatetime | None = None
    needs: tuple[Need, ...] = ()
    urgency: Annotated[int, Field(ge=LOWEST, le=HIGHEST)] | None = None
    callback_url: str | None = None
    batch_id: str = ""
    name: str = ""

    @property
    def is_held_first(self) -> bool:
        """Whether its first run waits for a time or for other jobs before it is queued.

        The jobs of a batch are held even if they need no other, until all are accepted.
        """
        return bool(self.run_at or self.needs or self.batch_id)

    @property
    def priority_number(self) -> int:
        """The priority as a number."""
        return NUMBERS[self.priority] if self.urgency is None else self.urgency

    @property
    def kind(self) -> str:
        """The name of the job's kind in the registry."""
        return str(self.work["kind"])

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """All stored files that the render reads."""
        return tuple(find_inputs(self.work))


class Outcome(Stored):
    """How a run ended.

    `output` is set if it finished; `error` is a sentence for the user if it failed. `progress` is
    in percent.
    """

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
        live: LiveState,
        status: EndStatus,
        *,
        output: Output | None = None,
        error: str | None = None,
        attempts: int | None = None,
    ) -> Outcome:
        """Make the outcome of a run that ends now.

        Args:
            live: the last known state of the run.
            attempts: how many attempts were made; unset: as many as `live` counts.
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


Percent = Annotated[int, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class LiveState(Stored):
    """The state of a run that has not ended, as its queue knows it.

    `progress` is in percent of the work, and never goes back. `carried` is the progress that the
    earlier attempts had reached when the current one began. `given_up` counts the attempts made
    before the latest takeover; those after it are numbered on from there. RQ's meta holds these
    names, so keep them. `fault` is the error of the latest attempt, if another one follows.
    `is_stale` means that the queue does not answer or lost the run: the rest is from the ledger.
    """

    status: Status = Status.QUEUED
    stage: Stage = "queued"
    progress: Percent = 0
    carried: Percent = 0
    attempts: Count = 0
    given_up: Count = 0
    started_at: AwareDatetime | None = None
    queue_position: Annotated[int, Field(ge=1)] | None = None
    fault: str | None = None
    is_stale: bool = False

    @classmethod
    def from_json(cls, values: Any) -> LiveState:
        """Read what a render reported; what only another version understands counts as unknown."""
        try:
            return cls.model_validate(values)
        except ValidationError:
            log.warning("the state of a run cannot be read: %.200r", values)
            return cls()

    @property
    def latest_attempt(self) -> int:
        """The number, from 1, of the current attempt; between attempts, that of the last one."""
        return max(self.attempts, self.given_up + 1)


@dataclass(frozen=True)
class Record:
    """A job, the number of its latest run, and the outcome of that run, None while it has none.

    `takeovers` counts how often the run was taken over; `reached` is how far it was the last time.
    `renders_begun` counts the workers that began to render it: at most one for each takeover, and
    one before.
    """

    job: Job
    run: int
    outcome: Outcome | None
    takeovers: int = 0
    renders_begun: int = 0
    reached: LiveState = field(default_factory=LiveState)


class RunClaim(NamedTuple):
    """The claim of one worker on a run; the next takeover ends it."""

    job_id: str
    run: int
    takeovers: int


def find_inputs(work: object) -> Iterator[Input]:
    """Yield the stored files that a work's JSON names at any depth, whatever its kind."""
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
    """Return the current time in UTC."""
    return datetime.now(UTC)


def begin_attempt(before: LiveState, number: int) -> LiveState:
    """Return the state of a run as an attempt begins.

    Args:
        before: the state that earlier attempts left.
        number: counts the attempts since the last takeover, from 1.
    """
    return LiveState(
        status=Status.STARTED,
        stage="preparing",
        progress=before.progress,
        carried=before.progress,
        attempts=before.given_up + number,
        given_up=before.given_up,
        started_at=now(),
    )
