"""Tallies: what is counted of jobs, since ever, for each of the last hours, and by the minute.

All of this is arithmetic. `reelqueue.upkeep.statistics.fold` reads the marks and keeps the result.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, chain
from typing import TypeVar

from pydantic import ConfigDict, Field

from reelqueue.jobs.marks.statistics import RunEnd
from reelqueue.jobs.model import EndStatus, Status
from reelqueue.jobs.records import Stored

HOURS_KEPT = 72
MINUTES_KEPT = 60
KNOWN_FOR = timedelta(minutes=15)
"""How long a counted mark is remembered at least: a slow process may write it again that late."""
SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300, 600, 1200, 1800, 3600, 14400)
"""The upper bounds of the buckets of times."""
SPEEDS = (0.1, 0.2, 0.5, 1, 2, 4, 7, 10, 20, 40, 70, 100, 200, 400)
"""The upper bounds of the buckets of speeds, in seconds of video a second of rendering."""

Key = TypeVar("Key", bound=str)


class Counted(Stored):
    """The base of what is counted: unlike other records it can be changed."""

    model_config = ConfigDict(frozen=False)


class Histogram(Counted):
    """How often values were found in each bucket.

    `counts` has the upper bounds as Prometheus writes them, each with the values that are above the
    bound before it; buckets without any are left out.
    """

    counts: dict[str, int] = Field(default_factory=dict)
    total: float = 0.0

    def add(self, value: float, bounds: Sequence[float]) -> None:
        """Count a value."""
        name = name_bound(next((bound for bound in bounds if value <= bound), math.inf))
        self.counts[name] = self.counts.get(name, 0) + 1
        self.total = round(self.total + value, 6)

    def include(self, other: Histogram) -> None:
        """Count all values of another histogram."""
        _include(self.counts, other.counts)
        self.total = round(self.total + other.total, 6)

    def count(self) -> int:
        """Return the number of values."""
        return sum(self.counts.values())

    def list_cumulative(self, bounds: Sequence[float]) -> list[tuple[str, int]]:
        """Return each bound with the number of values up to it, as Prometheus wants it."""
        names = [name_bound(bound) for bound in (*bounds, math.inf)]
        known = [self.counts.get(name, 0) for name in names[:-1]]
        counts = [*known, self.count() - sum(known)]
        return list(zip(names, accumulate(counts), strict=True))

    def estimate(self, share: float, bounds: Sequence[float]) -> float | None:
        """Return the value that this share of all is at most; None if there are no values.

        Within its bucket it is interpolated, as by Prometheus' `histogram_quantile`.
        """
        wanted, below, lower = share * self.count(), 0, 0.0
        if not wanted:
            return None
        for bound, (_, reached) in zip(bounds, self.list_cumulative(bounds), strict=False):
            if reached >= wanted:
                return lower + (bound - lower) * (wanted - below) / (reached - below)
            below, lower = reached, bound
        return lower


class Tally(Counted):
    """What is counted of the jobs of one kind.

    Attributes:
        accepted: the jobs that were accepted.
        ended: the runs that ended, by status.
        queues: the same for each queue, by its name.
        retries: the attempts after the first of each run.
        takeovers: how often a run was taken over.
        waits: seconds from the order to the render, for each queue, by its name.
        rendering: seconds of the renders that finished.
        speed: seconds of video a second of rendering.
    """

    accepted: int = 0
    ended: dict[EndStatus, int] = Field(default_factory=dict)
    queues: dict[str, dict[EndStatus, int]] = Field(default_factory=dict)
    retries: int = 0
    takeovers: int = 0
    waits: dict[str, Histogram] = Field(default_factory=dict)
    rendering: Histogram = Field(default_factory=Histogram)
    speed: Histogram = Field(default_factory=Histogram)

    def add(self, end: RunEnd) -> None:
        """Count a run that ended."""
        for counts in (self.ended, self.queues.setdefault(str(end.priority), {})):
            counts[end.status] = counts.get(end.status, 0) + 1
        self.retries += max(0, end.attempts - 1)
        self.takeovers += end.takeovers
        if end.waited is not None:
            self.waits.setdefault(str(end.priority), Histogram()).add(end.waited, SECONDS)
        if end.rendered is not None:
            self.rendering.add(end.rendered, SECONDS)
            if end.duration and end.rendered:
                self.speed.add(end.duration / end.rendered, SPEEDS)

    def include(self, other: Tally) -> None:
        """Count all that another tally has."""
        self.accepted += other.accepted
        self.retries += other.retries
        self.takeovers += other.takeovers
        _include(self.ended, other.ended)
        for queue, counts in other.queues.items():
            _include(self.queues.setdefault(queue, {}), counts)
        for queue, waits in other.waits.items():
            self.waits.setdefault(queue, Histogram()).include(waits)
        for name in ("rendering", "speed"):
            getattr(self, name).include(getattr(other, name))

    def sum_waits(self) -> Histogram:
        """Return the waiting times in all queues together."""
        summed = Histogram()
        for waits in self.waits.values():
            summed.include(waits)
        return summed


class Ends(Counted):
    """How many runs ended within a minute, and how many of these failed; cancelled ones apart."""

    ended: int = 0
    failed: int = 0


class Totals(Counted):
    """All that was counted up to a step.

    Attributes:
        step: counts the steps in which marks were folded in.
        since: when the counting began.
        kinds: the tallies since then, by kind.
        sent: the tries to send webhooks since then, by outcome.
        hours: those of each of the last `HOURS_KEPT` hours, by hour in UTC, such as
            2026-11-26T09, and kind.
        minutes: the ends of each of the last `MINUTES_KEPT` minutes, by minutes since 1970.
        known: the names of the marks that were counted lately, and when, in seconds since 1970.
    """

    step: int = 0
    since: datetime | None = None
    kinds: dict[str, Tally] = Field(default_factory=dict)
    sent: dict[str, int] = Field(default_factory=dict)
    hours: dict[str, dict[str, Tally]] = Field(default_factory=dict)
    minutes: dict[int, Ends] = Field(default_factory=dict)
    known: dict[str, int] = Field(default_factory=dict)

    def count_minutes(self, moment: datetime, minutes: int) -> Ends:
        """Return the ends of the last minutes before `moment`."""
        first = _find_minute(moment) - minutes
        recent = [ends for minute, ends in self.minutes.items() if minute > first]
        ended, failed = sum(ends.ended for ends in recent), sum(ends.failed for ends in recent)
        return Ends(ended=ended, failed=failed)

    def sum_hours(self, hours: Iterable[str]) -> dict[str, Tally]:
        """Return the tallies of some hours together, by kind."""
        summed: dict[str, Tally] = {}
        for kind, tally in chain.from_iterable(self.hours.get(hour, {}).items() for hour in hours):
            summed.setdefault(kind, Tally()).include(tally)
        return summed


class Acceptance(Stored):
    """A job that was accepted, as it is counted."""

    kind: str
    moment: datetime


class Sending(Stored):
    """A try to send a webhook, as it is counted."""

    outcome: str


Mark = Acceptance | RunEnd | Sending


def fold_marks(
    totals: Totals, marks: Mapping[str, Mark], present: Iterable[str], moment: datetime
) -> Totals:
    """Return the totals with some marks counted.

    Args:
        totals: what was counted before; it stays as it is.
        marks: those that were not counted yet, by name.
        present: the names of all marks in storage: those that were counted must stay known.
        moment: the time now.
    """
    folded = totals.model_copy(deep=True, update={"step": totals.step + 1})
    folded.since = folded.since or moment
    for mark in marks.values():
        _count(folded, mark)
    folded.known |= dict.fromkeys(marks, int(moment.timestamp()))
    _forget_old(folded, set(present), moment)
    return folded


def name_bound(bound: float) -> str:
    """Return the bound of a bucket as Prometheus writes it."""
    return "+Inf" if bound == math.inf else f"{float(bound)}"


def name_hour(moment: datetime) -> str:
    """Return the hour of a moment in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H}"


def list_hours(moment: datetime, count: int) -> list[str]:
    """Return the names of the last hours up to that of `moment`, oldest first."""
    return [name_hour(moment - timedelta(hours=ago)) for ago in range(count - 1, -1, -1)]


def _count(totals: Totals, mark: Mark) -> None:
    match mark:
        case Acceptance():
            for tally in _find_tallies(totals, mark.kind, mark.moment):
                tally.accepted += 1
        case RunEnd():
            for tally in _find_tallies(totals, mark.kind, mark.ended_at):
                tally.add(mark)
            _count_minute(totals, mark)
        case Sending():
            totals.sent[mark.outcome] = totals.sent.get(mark.outcome, 0) + 1


def _find_tallies(totals: Totals, kind: str, moment: datetime) -> tuple[Tally, Tally]:
    """Return the tally of a kind since ever, and that of the hour of a moment."""
    hour = totals.hours.setdefault(name_hour(moment), {})
    return totals.kinds.setdefault(kind, Tally()), hour.setdefault(kind, Tally())


def _count_minute(totals: Totals, end: RunEnd) -> None:
    if end.status is not Status.CANCELED:
        ends = totals.minutes.setdefault(_find_minute(end.ended_at), Ends())
        ends.ended += 1
        ends.failed += end.status is Status.FAILED


def _forget_old(totals: Totals, present: set[str], moment: datetime) -> None:
    oldest_hour = name_hour(moment - timedelta(hours=HOURS_KEPT))
    oldest_minute = _find_minute(moment) - MINUTES_KEPT
    oldest = (moment - KNOWN_FOR).timestamp()
    totals.hours = {hour: found for hour, found in totals.hours.items() if hour > oldest_hour}
    totals.minutes = {at: ends for at, ends in totals.minutes.items() if at > oldest_minute}
    totals.known = {
        name: at for name, at in totals.known.items() if at >= oldest or name in present
    }


def _include(counts: dict[Key, int], others: Mapping[Key, int]) -> None:
    for key, count in others.items():
        counts[key] = counts.get(key, 0) + count


def _find_minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)
