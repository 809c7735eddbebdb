"""What `GET /admin/stats` tells, made from the counts; all of it is arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from reelqueue.config import Settings
from reelqueue.jobs.model import Status
from reelqueue.upkeep.alerts import AlertBook, is_failing
from reelqueue.upkeep.statistics.figures import describe_spread, describe_tally, sum_tallies
from reelqueue.upkeep.statistics.overview import Overview, find_oldest_seconds
from reelqueue.upkeep.statistics.tallies import (
    SECONDS,
    Ends,
    Histogram,
    Tally,
    Totals,
    list_hours,
)
from reelqueue.upkeep.statistics.usage import Usage
from reelqueue.web.statistics.answers import (
    ActiveAlert,
    AreaUse,
    Counts,
    Health,
    HourCounts,
    QueueState,
    Spread,
    StorageUse,
)

BUSY_SECONDS = 60.0
"""A queue is busy if a job waits longer."""
DAY_HOURS = 24


def describe_queues(
    load: Mapping[str, Any], overview: Overview, settings: Settings, moment: datetime
) -> list[QueueState]:
    """Return how each queue stands."""
    last_day = sum_tallies(overview.totals.sum_hours(list_hours(moment, DAY_HOURS)).values())
    queues: Mapping[str, Mapping[str, int]] = load.get("queues") or {}
    states = []
    for name, jobs in queues.items():
        waiting = jobs.get("queued", 0)
        oldest = find_oldest_seconds(name, overview, moment) if waiting else 0.0
        done, waits = last_day.ended, last_day.sum_waits()
        if load["mode"] == "redis":
            done, waits = last_day.queues.get(name, {}), last_day.waits.get(name, Histogram())
        states.append(
            QueueState(
                name=name,
                waiting=waiting,
                running=jobs.get("started", 0),
                done=done.get(Status.FINISHED, 0),
                failed=done.get(Status.FAILED, 0),
                oldest_waiting=round(oldest, 1),
                waited=Spread(**describe_spread(waits, SECONDS)),
                health=find_health(load, jobs["workers"], oldest, settings.alert_waiting_seconds),
            )
        )
    return states


def find_health(
    load: Mapping[str, Any], workers: int, oldest: float, late_seconds: float
) -> Health:
    """Return a word on a queue with so many workers, whose oldest job waits for so many seconds."""
    if not load["ok"]:
        return "down"
    if load["suspended"]:
        return "paused"
    if not workers:
        return "no-workers"
    if oldest > late_seconds:
        return "late"
    return "busy" if oldest > BUSY_SECONDS else "ok"


def find_worst(
    load: Mapping[str, Any], queues: Iterable[QueueState], ends: Ends, settings: Settings
) -> Health:
    """Return the worst word of all queues, or that too many of the latest jobs failed."""
    words = {queue.health for queue in queues} | {find_health(load, load["workers"], 0, 1)}
    if is_failing(ends, settings.alert_failure_percent):
        words.add("failing")
    order: Sequence[Health] = get_args(Health)
    return max(words, key=order.index)


def describe_kinds(tallies: Mapping[str, Tally]) -> dict[str, Counts]:
    """Return what was counted by kind."""
    return {kind: Counts(**describe_tally(tally)) for kind, tally in sorted(tallies.items())}


def describe_all(tallies: Iterable[Tally]) -> Counts:
    """Return what was counted of all kinds together."""
    return Counts(**describe_tally(sum_tallies(tallies)))


def describe_hours(totals: Totals, moment: datetime) -> list[HourCounts]:
    """Return what was counted in each of the last hours."""
    return [
        HourCounts(
            begin=datetime.fromisoformat(f"{hour}:00:00+00:00"),
            **describe_tally(sum_tallies(totals.hours.get(hour, {}).values())),
        )
        for hour in list_hours(moment, DAY_HOURS)
    ]


def describe_storage(usage: Usage | None, disk: tuple[int, int] | None) -> StorageUse:
    """Return the use of the storage."""
    areas = usage.areas if usage else {}
    return StorageUse(
        measured_at=usage.measured_at if usage else None,
        areas={name: AreaUse(bytes=area.bytes, files=area.files) for name, area in areas.items()},
        free=disk[0] if disk else None,
        size=disk[1] if disk else None,
    )


def describe_alerts(book: AlertBook) -> list[ActiveAlert]:
    """Return what is wrong."""
    return [
        ActiveAlert(name=name, since=state.since, text=state.text)
        for name, state in book.states.items()
        if state.since
    ]
