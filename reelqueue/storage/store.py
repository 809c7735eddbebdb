"""Reading and writing files in a storage, with one interface for a folder and a bucket."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore

from reelqueue.errors import NoRoomError, NotFoundError, UnavailableError
from reelqueue.storage.diagnosis import is_bucket_missing, is_full

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

    Every method raises UnavailableError if the storage does not answer, and NoRoomError if it is
    full. `diagnose_storage` tells why.
    """

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    @property
    def folder(self) -> Path | None:
        """The local folder of this storage; None if it is a bucket."""
        prefix = self._objects.prefix if isinstance(self._objects, LocalStore) else None
        return Path(prefix) if prefix is not None else None

    def write(self, key: str, data: bytes | Path) -> None:
        """Store bytes, or the content of a file without reading all of it into memory."""
        with _translate_errors():
            obstore.put(self._objects, key, data)

    def create(self, key: str, data: bytes | Path) -> bool:
        """Store bytes, or those of a small file, if the key is free.

        Return whether this call created it. If the storage answers too late, it can have created
        the key and say that it was taken.
        """
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
            except FileNotFoundError as error:
                if is_bucket_missing(error):
                    raise
                return None

    def find(self, key: str) -> Entry | None:
        """Return the entry of a key without reading its bytes, or None if it does not exist."""
        with _translate_errors():
            try:
                meta = obstore.head(self._objects, key)
            except FileNotFoundError:
                return None
        return Entry(key, meta["size"], meta["last_modified"], meta["e_tag"])

    def stream(
        self, key: str, start: int, end: int, first_bytes: int = CHUNK_BYTES
    ) -> Iterator[bytes]:
        """Yield the bytes from `start` up to but not including `end`, in chunks.

        The first chunk has `first_bytes`, and each next one four times as many, up to 4 MB.
        """
        size = first_bytes
        while start < end:
            stop = min(end, start + size)
            with _translate_errors():
                chunk = bytes(obstore.get_range(self._objects, key, start=start, end=stop))
            yield chunk
            start, size = stop, min(size * 4, CHUNK_BYTES)

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
        if self.folder is None:
            return
        for folder, _, names in os.walk(self.folder):
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


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Raise every fault of the storage, such as a missing bucket, as UnavailableError.

    Raises:
        NoRoomError: if the storage is full.
        UnavailableError: for any other fault.
    """
    try:
        yield
    except (BaseError, OSError) as error:
        if is_full(error):
            raise NoRoomError("The storage has no room for new files right now.") from error
        raise UnavailableError("The storage does not answer right now.") from error
