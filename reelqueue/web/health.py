"""Health, metrics, and the description of the API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, jsonify
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from reelqueue.errors import UnavailableError
from reelqueue.services import Services
from reelqueue.web.context import get_services
from reelqueue.web.openapi import build_openapi

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def show_health() -> Response:
    """Tell whether queue, workers and storage are available; always 200."""
    services = get_services()
    load = services.queue.describe_load()
    storage = _is_storage_available(services)
    well = load["ok"] and not load["suspended"] and storage and load["workers"] > 0
    return jsonify(
        status="ok" if well else "degraded",
        queue={name: load[name] for name in ("mode", "ok", "suspended", "jobs")},
        workers=load["workers"],
        redis=load["ok"] if load["mode"] == "redis" else None,
        storage={"ok": storage},
    )


@blueprint.get("/metrics")
def show_metrics() -> Response:
    """Answer with gauges in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_LoadCollector(get_services()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


@blueprint.get("/openapi.json")
def show_openapi() -> Response:
    """Describe this API (OpenAPI 3.1)."""
    return jsonify(build_openapi())


class _LoadCollector(Collector):
    """Asks queue and storage at each scrape, so that all web processes give the same answer."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterable[Metric]:
        """Yield the gauges."""
        load: dict[str, Any] = self._services.queue.describe_load()
        mode = load["mode"]
        up = GaugeMetricFamily("reelqueue_queue_up", "1 if the queue answers.", labels=["mode"])
        up.add_metric([mode], float(load["ok"]))
        suspended = GaugeMetricFamily(
            "reelqueue_queue_suspended", "1 if `rq suspend` keeps workers from taking jobs."
        )
        suspended.add_metric([], float(load["suspended"]))
        jobs = GaugeMetricFamily("reelqueue_jobs", "Jobs in the queue.", labels=["status"])
        for status, count in load["jobs"].items():
            jobs.add_metric([status], count)
        workers = GaugeMetricFamily("reelqueue_workers", "Renders that can run at once.")
        workers.add_metric([], load["workers"])
        storage = GaugeMetricFamily("reelqueue_storage_up", "1 if the storage answers.")
        storage.add_metric([], float(_is_storage_available(self._services)))
        return up, suspended, jobs, workers, storage


def _is_storage_available(services: Services) -> bool:
    try:
        services.store.find("health")
    except UnavailableError:
        return False
    return True
