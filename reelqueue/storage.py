"""Storage: bytes under keys, in a local folder or in an S3 bucket.

Every write is atomic, and of several calls of `create` for one key only one succeeds: the ledger
depends on both. Keys are made from ids, never from a user's text.
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
_UNFINISHED = re.compile(r"#[0-9]+$")  # obstore adds this to the name of a file that it writes
_ID_KEY = "settings/storage_id"


@dataclass(frozen=True)
class Entry:
    """A stored file: `size` in bytes, `modified` in UTC, and its HTTP entity tag."""

    key: str
    size: int
    modified: datetime
    etag: str | None


class Store:
    """A storage with one interface for `file://` and `s3://`.

    Every method raises UnavailableError if the storage does not answer.
    """

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def write(self, key: str, data: bytes | Path) -> None:
        """Store bytes, or the content of a file without reading all of it into memory."""
        with _translate_errors():
            obstore.put(self._objects, key, data)

    def create(self, key: str, data: bytes) -> bool:
        """Store bytes if the key is free. Return whether this call created it."""
        for _ in range(_CREATE_TRIES):
            with _translate_errors():
                try:
                    obstore.put(self._objects, key, data, mode="create", use_multipart=False)
                except AlreadyExistsError:
                    # S3 also answers 409 when two writes collide and neither is stored.
                    if self.find(key):
                        return False
                else:
                    return True
            time.sleep(_CREATE_PAUSE_SECONDS)
        raise UnavailableError("The storage does not answer right now.")

    def read(self, key: str) -> bytes | None:
        """Return the bytes under a key, or None if it does not exist."""
        with _translate_errors():
            try:
                return bytes(obstore.get(self._objects, key).bytes())
            except FileNotFoundError:
                return None

    def find(self, key: str) -> Entry | None:
        """Return the entry of a key without reading its bytes, or None if it does not exist."""
        with _translate_errors():
            try:
                meta = obstore.head(self._objects, key)
            except FileNotFoundError:
                return None
        return Entry(key, meta["size"], meta["last_modified"], meta["e_tag"])

    def stream(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to but not including `end`, in chunks."""
        for offset in range(start, end, CHUNK_BYTES):
            with _translate_errors():
                stop = min(end, offset + CHUNK_BYTES)
                yield bytes(obstore.get_range(self._objects, key, start=offset, end=stop))

    def fetch(self, key: str, path: Path) -> None:
        """Copy a stored file to a local path, in ranges, so that no request takes long.

        Raises:
            NotFoundError: if the key does not exist.
        """
        entry = self.find(key)
        if entry is None:
            raise NotFoundError("A file of this job has been deleted: upload it again.")
        with path.open("wb") as file:
            for chunk in self.stream(key, 0, entry.size):
                file.write(chunk)

    def copy(self, key: str, to: str) -> None:
        """Copy a stored file to another key, atomically and without reading its bytes.

        A bucket copies on its side. In a local folder the copy is a hard link, so it keeps the time
        at which the original was written. Either key can be deleted alone.

        Raises:
            NotFoundError: if the key does not exist.
            UnavailableError: also if the bucket takes too long, or the disk has no hard links.
        """
        with _translate_errors():
            try:
                obstore.copy(self._objects, key, to)
            except FileNotFoundError:
                raise NotFoundError("A file of this job has been deleted.") from None

    def list(self, prefix: str) -> list[Entry]:
        """Return the entries below a folder, sorted by key."""
        with _translate_errors():
            found = [
                Entry(meta["path"], meta["size"], meta["last_modified"], meta["e_tag"])
                for batch in obstore.list(self._objects, prefix, chunk_size=1000)
                for meta in batch
            ]
        return sorted(found, key=lambda entry: entry.key)

    def identify(self) -> str:
        """Return the unique id of this storage, which the first call creates."""
        self.create(_ID_KEY, str(uuid4()).encode())
        return (self.read(_ID_KEY) or b"").decode()

    def delete_unfinished(self, before: datetime) -> None:
        """Delete the files of interrupted writes from a local folder, if older than `before`.

        `list` does not show these files. In a bucket, set a lifecycle rule that aborts incomplete
        multipart uploads: they cannot be seen from here.
        """
        if not isinstance(self._objects, LocalStore) or self._objects.prefix is None:
            return
        for folder, _, names in os.walk(self._objects.prefix):
            for path in (Path(folder, name) for name in names if _UNFINISHED.search(name)):
                with suppress(FileNotFoundError):  # the write has just finished
                    if path.stat().st_mtime < before.timestamp():
                        path.unlink()

    def delete(self, *keys: str) -> None:
        """Delete keys; one that does not exist is ignored."""
        with _translate_errors():
            for key in keys:
                try:
                    obstore.delete(self._objects, key)
                except FileNotFoundError:
                    continue


def open_store(url: str) -> Store:
    """Open `file:///folder`, which is created for this user only, or `s3://bucket/prefix`.

    A bucket takes its credentials from the `AWS_*` environment variables.

    Raises:
        SettingsError: if the URL has another scheme or cannot be opened.
    """
    parts = urlsplit(url)
    try:
        if parts.scheme == "file":
            folder = Path(url2pathname(parts.path))
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
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
def _translate_errors() -> Iterator[None]:
    """Raise every fault of the storage, such as a missing bucket, as UnavailableError."""
    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        raise UnavailableError("The storage does not answer right now.") from error
