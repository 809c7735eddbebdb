"""Files by key, the same on a local folder and in a bucket.

Every write is whole or not at all, and `create` lets only the first writer win: that is what the
ledger's promises rest on. Keys are made here, from ids, and never from a user's text.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname
from uuid import uuid4

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from reelqueue.errors import NotFoundError, SettingsError, UnavailableError

CHUNK_BYTES = 4 << 20
_CREATE_TRIES = 5
_CREATE_PAUSE_SECONDS = 0.2
_UNFINISHED = re.compile(r"#[0-9]+$")
_ID_KEY = "settings/storage_id"


@dataclass(frozen=True)
class Entry:
    """One stored file: its size in bytes and when it was written (UTC)."""

    key: str
    size: int
    modified: datetime
    etag: str | None


class Store:
    """Bytes under keys, behind one interface for `file://` and `s3://`."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def write(self, key: str, data: bytes | Path) -> None:
        """Store bytes, or a file's content without holding it in memory."""
        with _translated_errors():
            obstore.put(self._objects, key, data)

    def create(self, key: str, data: bytes) -> bool:
        """Store bytes if the key is free, and return whether this call was the one that did."""
        for _ in range(_CREATE_TRIES):
            with _translated_errors():
                try:
                    obstore.put(self._objects, key, data, mode="create", use_multipart=False)
                except AlreadyExistsError:
                    # S3 also answers so when two write at once and neither is stored (409).
                    if self.find(key):
                        return False
                else:
                    return True
            time.sleep(_CREATE_PAUSE_SECONDS)
        raise UnavailableError("The storage does not answer right now.")

    def read(self, key: str) -> bytes | None:
        """Return the bytes under a key, None if there are none."""
        with _translated_errors():
            try:
                return bytes(obstore.get(self._objects, key).bytes())
            except FileNotFoundError:
                return None

    def find(self, key: str) -> Entry | None:
        """Return what is known of a key without reading it, None if nothing is stored there."""
        with _translated_errors():
            try:
                meta = obstore.head(self._objects, key)
            except FileNotFoundError:
                return None
        return Entry(key, meta["size"], meta["last_modified"], meta["e_tag"])

    def stream(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to, not including, `end`, a chunk at a time."""
        for offset in range(start, end, CHUNK_BYTES):
            with _translated_errors():
                stop = min(end, offset + CHUNK_BYTES)
                yield bytes(obstore.get_range(self._objects, key, start=offset, end=stop))

    def fetch(self, key: str, path: Path) -> None:
        """Copy a stored file to a local path, in ranges, so that no request takes long.

        Raises:
            NotFoundError: if nothing is stored there.
        """
        entry = self.find(key)
        if entry is None:
            raise NotFoundError("A file that is needed here has been deleted: upload it again.")
        with path.open("wb") as file:
            for chunk in self.stream(key, 0, entry.size):
                file.write(chunk)

    def copy(self, key: str, to: str) -> None:
        """Store what one key holds under another, too, whole or not at all.

        A bucket copies by itself. On a disk both keys are links to one file, so the copy is as old
        as that; what is stored never changes, and either can be deleted alone.

        Raises:
            NotFoundError: if nothing is stored there.
            UnavailableError: also if it takes a bucket too long, or a disk has no hard links.
        """
        with _translated_errors():
            try:
                obstore.copy(self._objects, key, to)
            except FileNotFoundError:
                raise NotFoundError("A file that is needed here has been deleted.") from None

    def list(self, prefix: str) -> list[Entry]:
        """Return what is stored below a folder, in the order of the keys."""
        with _translated_errors():
            found = [
                Entry(meta["path"], meta["size"], meta["last_modified"], meta["e_tag"])
                for batch in obstore.list(self._objects, prefix, chunk_size=1000)
                for meta in batch
            ]
        return sorted(found, key=lambda entry: entry.key)

    def identify(self) -> str:
        """Return this storage's own id, made by whoever asks first."""
        self.create(_ID_KEY, str(uuid4()).encode())
        return (self.read(_ID_KEY) or b"").decode()

    def delete_unfinished(self, before: datetime) -> None:
        """Delete what writes that were cut off have left on a local disk.

        Such a file has its key's name and `#` with a number, and `list` does not show it. What a
        bucket keeps of them cannot be seen from here: its own rules have to end them.
        """
        if not isinstance(self._objects, LocalStore) or self._objects.prefix is None:
            return
        for folder, _, names in os.walk(self._objects.prefix):
            for path in (Path(folder, name) for name in names if _UNFINISHED.search(name)):
                with suppress(FileNotFoundError):  # it was finished just now
                    if path.stat().st_mtime < before.timestamp():
                        path.unlink()

    def delete(self, *keys: str) -> None:
        """Delete keys; one that holds nothing is no error."""
        with _translated_errors():
            for key in keys:
                try:
                    obstore.delete(self._objects, key)
                except FileNotFoundError:
                    continue


def open_store(url: str) -> Store:
    """Open `file:///folder` (made if missing) or `s3://bucket/prefix` (with the `AWS_*` variables).

    Raises:
        SettingsError: if the URL is of neither kind or cannot be opened.
    """
    parts = urlsplit(url)
    try:
        if parts.scheme == "file":
            folder = Path(url2pathname(parts.path))
            folder.mkdir(parents=True, exist_ok=True)
            return Store(LocalStore(folder, automatic_cleanup=True))
        if parts.scheme == "s3" and parts.netloc:
            return Store(
                from_url(
                    url,
                    client_options={"allow_http": True, "timeout": "30s"},
                    retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
                )
            )
    except (OSError, BaseError) as error:
        raise SettingsError(f"STORAGE_URL: {url} cannot be opened: {error}.") from error
    raise SettingsError(f"STORAGE_URL: {url!r} must be file:///a/folder or s3://bucket/prefix.")


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Turn the storage's own faults, a missing bucket among them, into one to come back after."""
    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        raise UnavailableError("The storage does not answer right now.") from error
