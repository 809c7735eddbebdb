"""When resumable uploads expire: some time after the last part of them was stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from reelqueue.storage import Entry

FOLDER = "resumable"
_AGE = timedelta(days=2)
"""Uploads that their owners have given up count against quotas for so long."""
_GRACE = timedelta(hours=1)
"""Between the end of an upload and its deletion: a request may have just begun."""


def choose_age(retention_hours: int) -> timedelta:
    """Return how long an upload is kept after its last part; sessions may not live as long.

    Args:
        retention_hours: after which sessions are deleted; 0 if they never are.
    """
    return min(_AGE, timedelta(hours=retention_hours)) if retention_hours else _AGE


def find_expiry(entries: Sequence[Entry], age: timedelta) -> datetime:
    """Return when an upload with these files expires."""
    return max(entry.modified for entry in entries) + age


def has_expired(entries: Sequence[Entry], age: timedelta) -> bool:
    """Tell whether an upload with these files has expired."""
    return find_expiry(entries, age) <= datetime.now(UTC)


def list_expired(entries: Sequence[Entry], age: timedelta) -> Iterator[str]:
    """Yield the keys of expired uploads, of each its record first: then it is no more.

    With them go the files of those that were whole, but could not be stored as uploads.

    Args:
        entries: files of sessions.
        age: how long an upload is kept.
    """
    folders: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        folders["/".join(entry.key.split("/")[:5])].append(entry)
    for folder, files in folders.items():
        session, name, upload = folder.rpartition(f"/{FOLDER}/")
        if name and has_expired(files, age + _GRACE):
            yield from sorted((file.key for file in files), key=lambda key: "/parts/" in key)
            yield from _list_remains(folders.get(f"{session}/uploads/{upload}", ()))


def _list_remains(files: Sequence[Entry]) -> Sequence[str]:
    """Return the keys of an upload's files, none if it has its record."""
    keys = [file.key for file in files]
    return [] if any(key.endswith("/media.json") for key in keys) else keys
