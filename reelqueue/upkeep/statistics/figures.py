"""Figures: what statistics and reports say of a tally."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from reelqueue.jobs.model import Status
from reelqueue.upkeep.statistics.tallies import SECONDS, SPEEDS, Histogram, Tally


def describe_tally(tally: Tally) -> dict[str, Any]:
    """Return counts, and how times and speeds are spread."""
    return {
        "accepted": tally.accepted,
        "finished": tally.ended.get(Status.FINISHED, 0),
        "failed": tally.ended.get(Status.FAILED, 0),
        "canceled": tally.ended.get(Status.CANCELED, 0),
        "retries": tally.retries,
        "recoveries": tally.takeovers,
        "waiting": describe_spread(tally.sum_waits(), SECONDS),
        "rendering": describe_spread(tally.rendering, SECONDS),
        "speed": describe_spread(tally.speed, SPEEDS),
    }


def sum_tallies(tallies: Iterable[Tally]) -> Tally:
    """Return one tally of all."""
    summed = Tally()
    for tally in tallies:
        summed.include(tally)
    return summed


def describe_spread(histogram: Histogram, bounds: Sequence[float]) -> dict[str, Any]:
    """Return the number of values, and the mean and the quantiles if there are any."""
    count = histogram.count()
    if not count:
        return {"count": 0}
    p50, p95 = (histogram.estimate(share, bounds) or 0.0 for share in (0.5, 0.95))
    mean = histogram.total / count
    return {"count": count, "mean": round(mean, 3), "p50": round(p50, 3), "p95": round(p95, 3)}
