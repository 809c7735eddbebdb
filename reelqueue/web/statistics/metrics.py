"""/metrics, for Prometheus: gauges of this moment, and counters and histograms of the ledger.

The counters come from the storage, so all web processes tell the same, and neither a restart nor a
Redis that loses its data sets them back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from flask import Blueprint, Flask, Response, current_app
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from reelqueue.jobs.model import EndStatus, now
from reelqueue.jobs.priorities import QUEUE_NAMES
from reelqueue.services import Services
from reelqueue.submission.kinds import KINDS
from reelqueue.upkeep.statistics.overview import Overview, find_oldest_seconds
from reelqueue.upkeep.statistics.tallies import SECONDS, SPEEDS, Histogram, Tally, Totals
from reelqueue.web.statistics.sources import Sources

blueprint = Blueprint("metrics", __name__)

_SOURCES = "reelqueue-sources"
_OUTCOMES = ("delivered", "failed", "gone", "given_up")


def register_sources(app: Flask, services: Services) -> None:
    """Give an app its sources of statistics."""
    app.extensions[_SOURCES] = Sources(services)


def get_sources() -> Sources:
    """Return the sources that this app was made with."""
    sources = current_app.extensions[_SOURCES]
    assert isinstance(sources, Sources)
    return sources


@blueprint.get("/metrics")
def show_metrics() -> Response:
    """Answer with metrics in the text format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Scrape(get_sources()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Scrape(Collector):
    """One scrape: what cannot be asked right now is told as it was, or left out."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def describe(self) -> Iterable[Metric]:
        """Tell nothing beforehand: that would be another scrape."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        sources = self._sources
        sources.begin()
        load = sources.load.get() or {"mode": "unknown", "ok": False, "workers": 0}
        overview = sources.overview.get()
        yield from _describe_load(load)
        yield from _describe_queues(load.get("queues", {}), overview, now())
        yield _gauge("storage_up", "1 if the storage answers.", bool(sources.storage.get()))
        yield from self._describe_storage()
        if overview:
            yield from _describe_totals(overview.totals)

    def _describe_storage(self) -> Iterator[Metric]:
        usage, disk = self._sources.usage.get(), self._sources.measure_disk()
        if usage:
            bytes_by_area = {(name,): area.bytes for name, area in usage.areas.items()}
            yield _gauges("storage_bytes", "Stored bytes by their use.", ["area"], bytes_by_area)
        if disk:
            yield _gauge("storage_free_bytes", "Free bytes on the storage's disk.", disk[0])
            yield _gauge("storage_size_bytes", "All bytes of the storage's disk.", disk[1])


def _describe_load(load: Mapping[str, Any]) -> Iterator[Metric]:
    up = {(load["mode"],): float(load["ok"])}
    yield _gauges("queue_up", "1 if the queue answers.", ["mode"], up)
    text = "1 if `rq suspend` keeps workers from taking jobs."
    yield _gauge("queue_suspended", text, bool(load.get("suspended")))
    jobs = {(status,): count for status, count in load.get("jobs", {}).items()}
    yield _gauges("jobs", "Jobs in the queue.", ["status"], jobs)
    yield _gauge("workers", "Renders that can run at once.", load["workers"])


def _describe_queues(
    queues: Mapping[str, Mapping[str, int]], overview: Overview | None, moment: datetime
) -> Iterator[Metric]:
    waiting = {(name,): jobs.get("queued", 0) for name, jobs in queues.items()}
    yield _gauges("queue_jobs", "Jobs that wait for a worker.", ["queue"], waiting)
    ages = {
        (name,): find_oldest_seconds(name, overview, moment) if waiting[(name,)] else 0.0
        for name in queues
    }
    text = "How long the oldest job waits that waits for a worker."
    yield _gauges("queue_oldest_seconds", text, ["queue"], ages)


def _describe_totals(totals: Totals) -> Iterator[Metric]:
    kinds = {**{kind: Tally() for kind in KINDS}, **totals.kinds}
    accepted = {(kind,): tally.accepted for kind, tally in kinds.items()}
    yield _counters("jobs_accepted", "Jobs that were accepted.", ["kind"], accepted)
    ended = {
        (kind, str(status)): tally.ended.get(status, 0)
        for kind, tally in kinds.items()
        for status in get_args(EndStatus)
    }
    yield _counters("jobs_ended", "Runs of jobs that ended.", ["kind", "status"], ended)
    retries = {(kind,): tally.retries for kind, tally in kinds.items()}
    yield _counters("job_retries", "Attempts after the first of a run.", ["kind"], retries)
    takeovers = {(kind,): tally.takeovers for kind, tally in kinds.items()}
    yield _counters("job_recoveries", "Lost runs that were taken over.", ["kind"], takeovers)
    waits = {
        (kind, queue): tally.waits.get(queue, Histogram())
        for kind, tally in kinds.items()
        for queue in QUEUE_NAMES
    }
    text = "From the order to its render."
    yield _histograms("job_waiting_seconds", text, ["kind", "queue"], waits, SECONDS)
    renders = {(kind,): tally.rendering for kind, tally in kinds.items()}
    text = "Duration of renders that finished."
    yield _histograms("job_render_seconds", text, ["kind"], renders, SECONDS)
    speeds = {(kind,): tally.speed for kind, tally in kinds.items()}
    text = "Seconds of video a second of rendering."
    yield _histograms("job_speed_ratio", text, ["kind"], speeds, SPEEDS)
    sent = {(outcome,): totals.sent.get(outcome, 0) for outcome in (*_OUTCOMES, *totals.sent)}
    yield _counters("webhook_deliveries", "Tries to send webhooks.", ["outcome"], sent)


def _gauge(name: str, text: str, value: float) -> Metric:
    return _gauges(name, text, [], {(): value})


def _gauges(name: str, text: str, labels: list[str], values: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(f"reelqueue_{name}", text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, float(value))
    return family


def _histograms(
    name: str,
    text: str,
    labels: list[str],
    values: Mapping[Any, Histogram],
    bounds: Sequence[float],
) -> Metric:
    family = HistogramMetricFamily(f"reelqueue_{name}", text, labels=labels)
    for key, histogram in values.items():
        buckets = [(bound, float(n)) for bound, n in histogram.list_cumulative(bounds)]
        family.add_metric(key, buckets, histogram.total)
    return family


def _counters(name: str, text: str, labels: list[str], values: Mapping[Any, float]) -> Metric:
    family = CounterMetricFamily(f"reelqueue_{name}", text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family
