"""The models of the answers that tell operators of schedules, statistics and reports."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from reelqueue.jobs.status import Moment
from reelqueue.web.answers import Answer

Health = Literal["ok", "busy", "late", "failing", "no-workers", "paused", "down"]


class ScheduledChore(Answer):
    """A row of the periodic work."""

    name: str
    schedule: str = Field(description="When it is done, such as daily at 00:10 UTC.")
    running_since: Moment | None = None
    last_run: Moment | None = Field(None, description="When the latest run that ended began.")
    next_run: Moment
    duration: float | None = Field(None, description="Seconds that the latest run took.")
    ok: bool = Field(description="False if the latest run failed; it is then tried again soon.")
    outcome: str = Field(description="A sentence on what the latest run did.")


class Schedules(Answer):
    """The periodic work: what is done, when it was done last and when it is due."""

    schedules: list[ScheduledChore]


class Spread(Answer):
    """How some values are spread: estimated from the buckets of a histogram."""

    count: int
    mean: float | None = None
    p50: float | None = None
    p95: float | None = None


class Counts(Answer):
    """What was counted of jobs. Times are in seconds."""

    accepted: int
    finished: int
    failed: int
    canceled: int
    retries: int = Field(description="Attempts after the first of a run.")
    recoveries: int = Field(description="Lost runs that another worker took over.")
    waiting: Spread = Field(description="From the order to the render.")
    rendering: Spread = Field(description="Of the renders that finished.")
    speed: Spread = Field(description="Seconds of video a second of rendering.")


class HourCounts(Counts):
    """What was counted in an hour."""

    begin: Moment


class QueueState(Answer):
    """How a queue stands."""

    name: str
    waiting: int
    running: int
    done: int = Field(description="Runs that finished in the last 24 hours.")
    failed: int = Field(description="Runs that failed in the last 24 hours.")
    oldest_waiting: float = Field(description="Seconds that the oldest waiting job waits.")
    waited: Spread = Field(
        description="Seconds from the order to the render, of the jobs of the last 24 hours."
    )
    health: Health


class AreaUse(Answer):
    """What one sort of files takes."""

    bytes: int
    files: int


class StorageUse(Answer):
    """The use of the storage; `free` and `size` are those of its disk, if it is a folder."""

    measured_at: Moment | None = None
    areas: dict[str, AreaUse]
    free: int | None = None
    size: int | None = None


class ActiveAlert(Answer):
    """Something that is wrong."""

    name: str
    since: Moment
    text: str


class Statistics(Answer):
    """How the service stands, and what it did."""

    health: Health = Field(description="The worst of the queues', or failing.")
    mode: str
    workers: int
    counted_at: Moment = Field(description="Counts are as of then, or a few seconds earlier.")
    counted_since: Moment | None = Field(None, description="When the counting of `total` began.")
    queues: list[QueueState]
    alerts: list[ActiveAlert]
    last_day: Counts
    kinds: dict[str, Counts] = Field(description="The last 24 hours by kind.")
    total: dict[str, Counts] = Field(description="All since `counted_since`, by kind.")
    hours: list[HourCounts] = Field(description="The last 24 hours, oldest first.")
    storage: StorageUse


class DailyReport(Answer):
    """What was done in a day, in UTC."""

    day: date
    created_at: Moment
    text: str = Field(description="A few sentences for people.")
    total: Counts
    kinds: dict[str, Counts]
    stored_bytes: int | None = Field(None, description="What was stored as it was written.")
    sent: bool = Field(description="Whether REPORT_URL took it.")


class DailyReports(Answer):
    """The latest daily reports, newest first."""

    reports: list[DailyReport]
