"""The models of the answers that only operators get."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from reelqueue.jobs.batch_status import BatchState
from reelqueue.jobs.model import Status
from reelqueue.jobs.status import JobStatus, Moment
from reelqueue.web.answers import Answer, Page, Success


class FailedJob(JobStatus):
    """The status of a failed job, and its log."""

    log_tail: str = Field(description="The last 4 KB of the log of its attempts.")


class FailedJobs(Page):
    """A page of the failed jobs, newest first."""

    jobs: list[FailedJob]


class ListedJob(JobStatus):
    """The status of a job of any owner, and where it waits."""

    queue: str
    priority: int = Field(description="From 0 to 10; a queue holds the jobs of several.")
    owner: str = Field(description="A short hash that tells owners apart, and no more.")
    run: int = Field(description="1, and one more for each time that a user or operator retried.")
    log_tail: str | None = Field(
        None, description="Of a failed job: the last 4 KB of the log of its attempts."
    )


class ListedJobs(Page):
    """A page of the jobs of all owners."""

    jobs: list[ListedJob]


class BatchMember(Answer):
    """A job of a batch."""

    job_id: str
    name: str
    status: Status


class ListedBatch(Answer):
    """A batch of any owner; `jobs` are those that are not deleted, in the order of the request."""

    batch_id: str
    status: BatchState
    total: int
    finished: int
    failed: int
    canceled: int
    progress: int | None = None
    created_at: Moment
    ended_at: Moment | None = None
    jobs: list[BatchMember]


class ListedBatches(Page):
    """A page of the batches of all owners, newest first."""

    batches: list[ListedBatch]


class Process(Answer):
    """A process of the service: a worker, or one of the web."""

    name: str
    role: Literal["worker", "web"]
    state: str = Field(
        description="Of a worker, in RQ's words: idle, busy, suspended; `draining` if it was told "
        "to stop, and ends its render first."
    )
    job_id: str | None = None
    version: str | None = None
    since: Moment | None = None
    heartbeat: Moment | None = Field(None, description="When it last said that it lives.")


class Processes(Answer):
    """The processes of the service, and whether the workers are paused."""

    mode: Literal["redis", "inline"]
    suspended: bool = Field(description="Whether the workers are paused: they take no jobs.")
    workers: list[Process]


class Audited(Answer):
    """One action of an operator."""

    at: Moment
    who: str
    address: str
    action: str
    target: str
    result: str


class AuditList(Page):
    """A page of what operators did, newest first."""

    records: list[Audited]


class SkippedJob(Answer):
    """A job that could not be run again, and why."""

    job_id: str
    error: str


class Requeued(Success):
    """The failed jobs that run again, and those that could not."""

    requeued: list[str]
    skipped: list[SkippedJob]


class Paused(Success):
    """Whether the workers are paused now."""

    suspended: bool


class CleanupRequested(Success):
    """A cleanup was asked for; the audit list has its result."""

    message: str


class LogTail(Answer):
    """The last log lines of one process."""

    name: str
    lines: list[str]


class Logs(Answer):
    """The last log lines of the running processes, without secrets."""

    logs: list[LogTail]


class SettingShown(Answer):
    """A setting in force; a secret is masked."""

    value: Any = Field(None, description="Left out if the setting is unset.")
    is_default: bool


class FindingShown(Answer):
    """What one check of the installation found."""

    level: Literal["ok", "warning", "problem"]
    what: str
    text: str


class Debug(Answer):
    """What this installation runs with, and what is wrong with it."""

    versions: dict[str, str]
    settings: dict[str, SettingShown]
    findings: list[FindingShown]
