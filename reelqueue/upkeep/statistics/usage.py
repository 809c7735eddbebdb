"""The use of the storage: bytes and files by what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field, ValidationError

from reelqueue.jobs.model import now
from reelqueue.jobs.records import Stored
from reelqueue.storage import Entry, Store

KEY = "statistics/usage"
_AREAS = {"sessions": "uploads", "parts": "segments"}


class Area(Stored):
    """What one sort of files takes."""

    bytes: int
    files: int


class Usage(Stored):
    """The use of the storage at a moment: `areas` has uploads, results, segments and records."""

    measured_at: datetime
    areas: Mapping[str, Area] = Field(default_factory=dict)

    def count_bytes(self) -> int:
        """Return the bytes of all areas."""
        return sum(area.bytes for area in self.areas.values())


def measure_usage(store: Store) -> Usage:
    """Measure the use of the storage, and keep it there for all processes."""
    sizes: dict[str, list[int]] = {}
    for entry in store.list(""):
        sizes.setdefault(_find_area(entry), []).append(entry.size)
    areas = {name: Area(bytes=sum(found), files=len(found)) for name, found in sizes.items()}
    usage = Usage(measured_at=now(), areas=areas)
    store.write(KEY, usage.to_json())
    return usage


def read_usage(store: Store) -> Usage | None:
    """Return the use of the storage as it was measured last, None if it never was."""
    data = store.read(KEY)
    try:
        return Usage.model_validate_json(data) if data else None
    except ValidationError:  # another version wrote it; the next measurement replaces it
        return None


def _find_area(entry: Entry) -> str:
    folder = entry.key.partition("/")[0]
    return "results" if "/outputs/" in entry.key else _AREAS.get(folder, "records")
