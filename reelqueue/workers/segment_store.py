"""The segment store: coded groups of drawn pictures, kept in storage for later renders.

parts/<scope>/<name>   one segment; its name is a hash of everything that it was made of

The key keeps the first name of segments, parts, so that those already stored are found.

If one photo of a slideshow changes, only the segments that show it are drawn again; a render that
was killed goes on from its segments. Every segment can be drawn again, so errors of the storage are
only logged.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore

from reelqueue.errors import NotFoundError, UnavailableError
from reelqueue.outages import OUTAGES
from reelqueue.storage import Store

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

_CALLS_AT_ONCE = 8
_MAX_WAITING = 2 * _CALLS_AT_ONCE  # segments in memory, some megabytes each


class StoredSegments:
    """The segments of one scope: a `reelqueue.render.engines.segments.SegmentStore`."""

    def __init__(self, store: Store, scope: str, folder: Path, pool: ThreadPoolExecutor) -> None:
        self._store = store
        self._prefix = f"parts/{scope}"
        self._folder = folder
        self._pool = pool
        self._slots = BoundedSemaphore(_MAX_WAITING)

    def find(self, names: Collection[str]) -> Mapping[str, Path]:
        """Copy those of the segments that are stored to the local folder; return paths by name."""
        fetched = zip(names, self._pool.map(self._fetch, names), strict=True)
        return {name: path for name, path in fetched if path}

    def keep(self, name: str, data: bytes) -> None:
        """Store a segment in the background; drop it if the storage is too slow."""
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
            log.warning("segment %s could not be fetched", name, exc_info=True)
            return None
        return path

    def _write(self, name: str, data: bytes) -> None:
        try:
            self._store.write(f"{self._prefix}/{name}", data)
        except UnavailableError:
            log.warning("segment %s could not be stored", name, exc_info=True)


@contextmanager
def open_segments(store: Store, scope: str, folder: Path) -> Iterator[StoredSegments]:
    """Open the segments of a scope; wait at the end of the block until all are stored.

    If the block raises, segments that are not yet being written are dropped.
    """
    folder.mkdir()
    with ThreadPoolExecutor(_CALLS_AT_ONCE, "segments") as pool:
        try:
            yield StoredSegments(store, scope, folder, pool)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
