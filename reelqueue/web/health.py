"""Health: whether queue, workers, storage and disk are available."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify

from reelqueue.findings import Cause
from reelqueue.processes.room import find_room
from reelqueue.services import Services
from reelqueue.storage.checkup import find_storage_fault
from reelqueue.storage.diagnosis import FULL, UNKNOWN
from reelqueue.web.context import get_services

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def show_health() -> Response:
    """Tell whether queue, workers, storage and disk are available; always 200.

    What is not has a `cause`, one word that `reelqueue doctor` explains.
    """
    return jsonify(describe_health(get_services()))


def describe_health(services: Services) -> dict[str, Any]:
    """Return whether queue, workers, storage and disk are available, as JSON."""
    settings, temporary = services.settings, Path(tempfile.gettempdir())
    load = services.queue.describe_load()
    queue = _describe(_find_queue_fault(services, load))
    storage = _describe(find_storage_fault(settings.storage_url, settings.min_free_bytes))
    disk = _describe(FULL if find_room(temporary, settings.min_free_bytes) < 0 else None)
    well = all(part["ok"] for part in (queue, storage, disk)) and load["workers"] > 0
    unserved = {"unserved": load["unserved"]} if load["unserved"] else {}
    state = {"mode": load["mode"], **queue, "suspended": load["suspended"], "jobs": load["jobs"]}
    return {
        "status": "ok" if well and not (load["suspended"] or unserved) else "degraded",
        "queue": state | unserved,
        "workers": load["workers"],
        "redis": queue["ok"] if load["mode"] == "redis" else None,
        "storage": storage,
        "disk": disk,
    }


def _find_queue_fault(services: Services, load: Mapping[str, Any]) -> Cause | None:
    fault = services.queue.find_fault()
    return fault or (None if load["ok"] else UNKNOWN)


def _describe(fault: Cause | None) -> dict[str, Any]:
    return {"ok": False, "cause": fault.word} if fault else {"ok": True}
