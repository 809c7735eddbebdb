"""Health, metrics, and the description of the API."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from reelqueue.findings import Cause
from reelqueue.processes.room import find_room
from reelqueue.services import Services
from reelqueue.storage.checkup import find_storage_fault
from reelqueue.storage.diagnosis import FULL, UNKNOWN
from reelqueue.web.context import get_services
from reelqueue.web.openapi import build_openapi

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def show_health() -> Response:
    """Tell whether queue, workers, storage and disk are available; always 200.

    What is not has a `cause`, one word that `reelqueue doctor` explains.
    """
    services = get_services()
    settings, temporary = services.settings, Path(tempfile.gettempdir())
    load = services.queue.describe_load()
    queue = _describe(_find_queue_fault(services, load))
    storage = _describe(find_storage_fault(settings.storage_url, settings.min_free_bytes))
    disk = _describe(FULL if find_room(temporary, settings.min_free_bytes) < 0 else None)
    well = all(part["ok"] for part in (queue, storage, disk)) and load["workers"] > 0
    return jsonify(
        status="ok" if well and not load["suspended"] else "degraded",
        queue={"mode": load["mode"], **queue, "suspended": load["suspended"], "jobs": load["jobs"]},
        workers=load["workers"],
        redis=queue["ok"] if load["mode"] == "redis" else None,
        storage=storage,
        disk=disk,
    )


def _find_queue_fault(services: Services, load: Mapping[str, Any]) -> Cause | None:
    fault = services.queue.find_fault()
    return fault or (None if load["ok"] else UNKNOWN)


def _describe(fault: Cause | None) -> dict[str, Any]:
    return {"ok": False, "cause": fault.word} if fault else {"ok": True}


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
        settings = self._services.settings
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
        storage.add_metric(
            [], float(find_storage_fault(settings.storage_url, settings.min_free_bytes) is None)
        )
        return up, suspended, jobs, workers, storage
