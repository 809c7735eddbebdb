"""Parts of videos, kept in the storage for the renders to come.

parts/<whose>/<name>   one drawn group, coded; its name says what it was made of

So a slideshow of which one photo has changed is not drawn anew, nor is what a killed render had
drawn already. Without the storage all of it can be drawn again, so nothing here fails a render.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore

from reelqueue.errors import NotFoundError, UnavailableError
from reelqueue.storage import Store

log = logging.getLogger(__name__)

_CALLS_AT_ONCE = 8
_WAITING = 2 * _CALLS_AT_ONCE  # parts in memory at most, as each has some megabytes


class StoredParts:
    """The parts of one owner; see `reelqueue.render.engines.segments.Parts`."""

    def __init__(self, store: Store, whose: str, folder: Path, pool: ThreadPoolExecutor) -> None:
        self._store = store
        self._prefix = f"parts/{whose}"
        self._folder = folder
        self._pool = pool
        self._slots = BoundedSemaphore(_WAITING)

    def find(self, names: Collection[str]) -> Mapping[str, Path]:
        """Copy those that are kept to the local folder."""
        fetched = zip(names, self._pool.map(self._fetch, names), strict=True)
        return {name: path for name, path in fetched if path}

    def keep(self, name: str, data: bytes) -> None:
        """Store a part meanwhile, unless the storage is too slow for all of them."""
        if self._slots.acquire(blocking=False):
            writing = self._pool.submit(self._write, name, data)
            writing.add_done_callback(lambda _: self._slots.release())

    def _fetch(self, name: str) -> Path | None:
        path = self._folder / name
        try:
            self._store.fetch(f"{self._prefix}/{name}", path)
        except NotFoundError:
            return None
        except (UnavailableError, OSError):
            log.warning("part %s could not be fetched", name, exc_info=True)
            return None
        return path

    def _write(self, name: str, data: bytes) -> None:
        try:
            self._store.write(f"{self._prefix}/{name}", data)
        except UnavailableError:
            log.warning("part %s could not be stored", name, exc_info=True)


@contextmanager
def open_parts(store: Store, whose: str, folder: Path) -> Iterator[StoredParts]:
    """Open an owner's parts; when the block is left, those that were kept are stored.

    A block that an exception leaves waits for none that has not begun.
    """
    folder.mkdir()
    with ThreadPoolExecutor(_CALLS_AT_ONCE, "parts") as pool:
        try:
            yield StoredParts(store, whose, folder, pool)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
