"""Quotas of uploads: how many bytes a session, an owner and all owners together may store.

Room is reserved before anything is received, by a key that names its size. So uploads at the same
time count each other, also those of other processes and machines.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from uuid import uuid4

from reelqueue.errors import NoRoomError, ReelqueueError, TooLargeError, UnavailableError
from reelqueue.processes.room import find_room
from reelqueue.processes.workspace import hold_lock
from reelqueue.storage import Entry, Store

_STALE_AGE = timedelta(hours=6)
"""An older reservation belongs to a process that was killed: no upload takes as long."""
_LOCKS = 64
_SLOW_SECONDS = 0.05
_REST = 20  # a slow listing takes at most one part in so many of the time


@dataclass(frozen=True)
class _Scope:
    """A folder of uploads, the folder of its reservations, and what both together may take."""

    stored: str
    reserved: str
    limit: int
    error: ReelqueueError


class _Tally:
    """How many bytes folders hold. One that takes long to list is not listed for each upload."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[int, float]] = {}  # bytes, and until when they are believed
        self._lock = Lock()

    def count(self, folder: str, limit: int) -> int:
        """Return the bytes in a folder, exactly where they come near its limit.

        Far below it, what other processes stored in the last moments may be missing.
        """
        begun = time.monotonic()
        with self._lock:
            size, until = self._known.get(folder, (0, 0.0))
        if begun < until and size <= limit / 2:
            return size
        size = sum(entry.size for entry in self._store.list(folder))
        seconds = time.monotonic() - begun
        with self._lock:
            self._known = {key: known for key, known in self._known.items() if known[1] > begun}
            if seconds > _SLOW_SECONDS:
                self._known[folder] = size, begun + _REST * seconds
        return size

    def add(self, folder: str, size: int) -> None:
        """Note that so many bytes more may lie in a folder."""
        with self._lock:
            if folder in self._known:
                known, until = self._known[folder]
                self._known[folder] = known + size, until


class Quota:
    """Reserves room for uploads."""

    def __init__(
        self,
        store: Store,
        *,
        session_bytes: int,
        owner_bytes: int,
        stored_bytes: int | None,
        free_bytes: int,
    ) -> None:
        self._store, self._tally = store, _Tally(store)
        self._session_bytes, self._owner_bytes = session_bytes, owner_bytes
        self._stored_bytes, self._free_bytes = stored_bytes, free_bytes

    def check_room(self, size: int) -> None:
        """Check that a request fits on the disks: as it is received, and as it is stored.

        Raises:
            NoRoomError: if too little would be left free.
        """
        folders = [Path(tempfile.gettempdir())]
        if self._store.folder is not None:
            folders.append(self._store.folder)
        disks = [folder.stat().st_dev for folder in folders]
        for folder, disk in zip(folders, disks, strict=True):
            if find_room(folder, self._free_bytes) < size * disks.count(disk):
                raise NoRoomError

    def list_stale(self) -> list[str]:
        """Return the keys of reservations that killed processes have left."""
        return [entry.key for entry in self._store.list("reserved") if _is_stale(entry)]

    @contextmanager
    def reserve_owner(self, owner: str, size: int) -> Iterator[None]:
        """Reserve room for a request of an owner, until the block is left.

        Raises:
            TooLargeError: if the owner's uploads would take more bytes than allowed.
            NoRoomError: if those of all owners would.
        """
        sentence = (
            f"All your uploads may take at most {_to_mb(self._owner_bytes)} MB: try again when "
            "older ones have been deleted."
        )
        folder = f"reserved/owners/{owner}"
        scopes = [
            _Scope(f"sessions/{owner}", folder, self._owner_bytes, TooLargeError(sentence)),
        ]
        if self._stored_bytes is not None:
            everything = ("sessions", "reserved/owners")
            scopes.append(_Scope(*everything, self._stored_bytes, NoRoomError()))
        with self._reserve(owner, folder, size, scopes):
            yield

    @contextmanager
    def reserve_session(self, owner: str, session_id: str, size: int) -> Iterator[None]:
        """Reserve room for files of a session, until the block is left.

        Raises:
            TooLargeError: if the uploads of the session would take more bytes than allowed.
        """
        error = TooLargeError(
            f"The uploads of a session take at most {_to_mb(self._session_bytes)} MB: start a new "
            "session."
        )
        folder = f"reserved/sessions/{owner}/{session_id}"
        scope = _Scope(f"sessions/{owner}/{session_id}", folder, self._session_bytes, error)
        with self._reserve(owner, folder, size, [scope]):
            yield

    @contextmanager
    def _reserve(
        self, owner: str, folder: str, size: int, scopes: Sequence[_Scope]
    ) -> Iterator[None]:
        key = f"{folder}/{size}-{uuid4()}"
        try:
            with hold_lock(f"quota-{_to_number(owner)}"):  # of two that do not fit, one does
                # Written first: of two machines at the same time, at least one sees the other.
                self._store.write(key, b"")
                for scope in scopes:
                    self._check(scope)
            yield
        finally:
            for scope in scopes:
                self._tally.add(scope.stored, size)
            with suppress(UnavailableError):
                self._store.delete(key)

    def _check(self, scope: _Scope) -> None:
        taken = self._tally.count(scope.stored, scope.limit)
        entries = self._store.list(scope.reserved)
        reserved = sum(_read_size(entry) for entry in entries if not _is_stale(entry))
        if taken + reserved > scope.limit:
            raise scope.error


def _is_stale(entry: Entry) -> bool:
    return entry.modified < datetime.now(UTC) - _STALE_AGE


def _read_size(entry: Entry) -> int:
    return int(entry.key.rsplit("/", 1)[-1].partition("-")[0])


def _to_number(owner: str) -> int:
    return int(hashlib.sha256(owner.encode()).hexdigest(), 16) % _LOCKS


def _to_mb(size: int) -> int:
    return size // 1_000_000
