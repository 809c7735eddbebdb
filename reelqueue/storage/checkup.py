"""Trying out a storage: everything that the product does with it, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from reelqueue.errors import NotFoundError, UnavailableError
from reelqueue.findings import Cause, Finding, Level, hide_secrets
from reelqueue.processes.room import find_room
from reelqueue.storage.address import HASTY, find_style_fault, open_store
from reelqueue.storage.diagnosis import (
    DENIED,
    FULL,
    UNKNOWN,
    UNSUPPORTED,
    diagnose_storage,
    summarise,
)
from reelqueue.storage.store import Store

LARGE_BYTES = 6_000_000
"""Files above 5 MiB are sent to a bucket in parts."""
LOW_BYTES = 2_000_000_000
SKEW_SECONDS = 5.0
_WHAT = "storage"


@dataclass(frozen=True)
class _Step:
    """Something that the product does with a storage, and the right that S3 asks for it."""

    deed: str
    right: str
    run: Callable[[Store, str], bool]  # False: it was done, but wrong
    wrong: str = ""


def _create_twice(store: Store, key: str) -> bool:
    return (store.create(key, b"first"), store.create(key, b"second")) == (True, False)


def _read(store: Store, key: str) -> bool:
    return store.read(key) in (b"first", b"second")


def _list(store: Store, key: str) -> bool:
    return key in {entry.key for entry in store.list(key.rpartition("/")[0])}


def _write_large(store: Store, key: str) -> bool:
    with TemporaryDirectory() as folder:
        path = Path(folder, "large")
        path.write_bytes(bytes(LARGE_BYTES))
        store.write(f"{key}-large", path)
    entry = store.find(f"{key}-large")
    return entry is not None and entry.size == LARGE_BYTES


def _copy(store: Store, key: str) -> bool:
    with suppress(NotFoundError):
        store.copy(key, f"{key}-copy")
    return store.find(f"{key}-copy") is not None


def _delete(store: Store, key: str) -> bool:
    store.delete(*_name_all(key))
    with suppress(UnavailableError):  # without s3:ListBucket S3 does not say what is not there
        return not any(store.find(name) for name in _name_all(key))
    return True


_READING = _Step("read files", "s3:GetObject", _read, "It returns other bytes than it was given.")
_STEPS = [
    _Step(
        "create a key only once",
        "s3:PutObject",
        _create_twice,
        "It creates the same key twice, so it cannot hold the outcomes of jobs. Use a storage that "
        "supports If-None-Match.",
    ),
    _READING,
    _Step("list files", "s3:ListBucket on the bucket", _list, "It does not list what it stores."),
    _Step(
        "store a large file in parts",
        "s3:PutObject and s3:AbortMultipartUpload",
        _write_large,
        "It did not store a large file that it was sent in parts.",
    ),
    _Step("copy files", "s3:GetObject and s3:PutObject", _copy, "It did not copy a file."),
    _Step("delete files", "s3:DeleteObject", _delete, "It keeps files that it was told to delete."),
]


def find_storage_fault(url: str, free_bytes: int) -> Cause | None:
    """Return why the storage at `url` takes no files right now, None if it does.

    Its disk, if it is a folder, counts as full with under `free_bytes` left: see `find_room`.
    """
    store = _open_hasty(url)
    try:
        store.read("health")  # unlike find(), this also tells a missing bucket
        return FULL if store.folder and find_room(store.folder, free_bytes) < 0 else None
    except (UnavailableError, OSError) as error:
        return diagnose_storage(error)


@cache
def _open_hasty(url: str) -> Store:
    return open_store(url, HASTY)


def examine_storage(url: str, free_bytes: int) -> Iterator[Finding]:
    """Try everything that the product does with the storage at `url`; leave nothing behind.

    With under `free_bytes` left, uploads are refused: see `find_room`.
    """
    store = _open_hasty(url)
    key = f"doctor/{uuid4()}"
    style = find_style_fault(url)
    try:
        problems = list(_find_problems(store, key))
        skew = _measure_skew(store, key) if not problems else None
    finally:
        with suppress(UnavailableError):
            store.delete(*_name_all(key))
    if style:
        yield Finding("problem" if problems else "warning", _WHAT, style)
    if problems:
        yield from problems
        return
    yield Finding("ok", _WHAT, f"{hide_secrets(url)} stores, lists, copies and returns files.")
    if skew and abs(skew) > SKEW_SECONDS:
        text = f"Its clock is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}: set the clock."
        yield Finding("warning", _WHAT, text)
    yield from _examine_room(store, free_bytes)


def _find_problems(store: Store, key: str) -> Iterator[Finding]:
    """Go through the steps; stop at a fault that every further step would repeat.

    If the first step stored no file, those that find none are not wrong.
    """
    has_file = True
    named: set[tuple[_Step, Cause]] = set()
    for step in _STEPS:
        try:
            if not step.run(store, key) and has_file:
                yield Finding("problem", _WHAT, step.wrong)
        except UnavailableError as error:
            has_file = has_file and step is not _STEPS[0]
            cause, failed = diagnose_storage(error), _find_failed(step, error)
            if (failed, cause) not in named:
                named.add((failed, cause))
                yield Finding("problem", _WHAT, _explain(failed, cause, summarise(error)))
            if cause not in (DENIED, UNSUPPORTED, UNKNOWN):
                return


def _find_failed(step: _Step, error: UnavailableError) -> _Step:
    """Return the step that a storage refused: a step may look at what it wrote, by HEAD."""
    return _READING if "performing HEAD " in str(error.__cause__) else step


def _explain(step: _Step, cause: Cause, reason: str) -> str:
    if cause is DENIED:
        return f"The key may not {step.deed}: allow it {step.right}. ({reason})"
    if cause is UNSUPPORTED:
        return f"The storage cannot {step.deed}: use another S3 service. ({reason})"
    if cause is UNKNOWN:
        return f"The storage failed to {step.deed}: ask its provider why. ({reason})"
    return f"{cause.text} ({reason})"


def _measure_skew(store: Store, key: str) -> float:
    """Return how many seconds the storage's clock is ahead, to about a second."""
    store.write(key, b"")
    entry = store.find(key)
    return (entry.modified - datetime.now(UTC)).total_seconds() if entry else 0.0


def _examine_room(store: Store, free_bytes: int) -> Iterator[Finding]:
    if store.folder is None or (free := find_room(store.folder, 0)) >= LOW_BYTES:
        return
    level: Level = "problem" if find_room(store.folder, free_bytes) < 0 else "warning"
    text = f"Its disk has only {free / 1e6:.0f} MB left: delete files, or give it more room."
    yield Finding(level, _WHAT, text)


def _name_all(key: str) -> tuple[str, ...]:
    return key, f"{key}-large", f"{key}-copy"
