"""Resumable uploads: files that come in several requests, stored in parts until they are whole.

Such an upload is stored in `sessions/<owner>/<session>/resumable/<upload>/`. Its record says what
is to come, and `parts/<offset>` has the bytes from that offset on. A part is written only if its
key is free: of two requests that go on at the same offset, one does, whichever processes serve
them. What is answered as received has been stored, so no process has to live on for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from reelqueue.errors import (
    ConflictError,
    InputError,
    NotFoundError,
    TooLargeError,
    UnreadableMediaError,
    UnreadableRecordError,
    UnsupportedMediaError,
)
from reelqueue.media.facts import MediaKind
from reelqueue.media.resumable.expiry import FOLDER, find_expiry, has_expired
from reelqueue.media.upload_keys import name_session
from reelqueue.storage import Entry, Store

PART_BYTES = 8 << 20
"""A request is stored in parts of about this size, as it comes."""
_SMALLEST_PART_BYTES = 256 << 10  # that a page sends where a proxy takes no more
_BROKEN_PARTS = 500  # of requests that broke off
_GONE = "There is no such upload: begin it again."
_REFUSALS: dict[str, type[InputError]] = {
    error.__name__: error for error in (UnsupportedMediaError, UnreadableMediaError)
}


@dataclass(frozen=True)
class Place:
    """Where a resumable upload belongs; `id` is also that of the upload that it becomes."""

    owner: str
    session_id: str
    id: str

    @property
    def folder(self) -> str:
        """The folder with its record and its parts."""
        return f"{name_session(self.owner, self.session_id)}/{FOLDER}/{self.id}"


class Announced(BaseModel):
    """What is to come: the record of a resumable upload. `metadata` is as the client sent it."""

    model_config = ConfigDict(frozen=True)

    kind: MediaKind
    name: str
    size_bytes: int
    metadata: str = ""


class _Refusal(BaseModel):
    error: str
    message: str


@dataclass(frozen=True)
class Progress:
    """How far a resumable upload has got: `parts` without gaps from its beginning on."""

    place: Place
    announced: Announced
    parts: Sequence[Entry]
    expires: datetime

    @cached_property
    def offset(self) -> int:
        """How many bytes are stored."""
        return sum(part.size for part in self.parts)

    @property
    def missing(self) -> int:
        """How many bytes are still to come."""
        return self.announced.size_bytes - self.offset


class ResumableUploads:
    """The resumable uploads of all owners that are not whole yet, or were refused.

    Args:
        store: keeps them.
        age: how long after its last part one is kept.
    """

    def __init__(self, store: Store, age: timedelta) -> None:
        self._store, self.age = store, age

    def begin(self, place: Place, announced: Announced) -> Progress:
        """Note what is to come."""
        self._store.write(_name_record(place), announced.model_dump_json().encode())
        return self.find(place)

    def find(self, place: Place) -> Progress:
        """Return how far an upload has got.

        Raises:
            NotFoundError: if there is none, it has expired, or it belongs to another owner.
        """
        entries = self._store.list(place.folder)
        data = self._store.read(_name_record(place)) if entries else None
        if data is None or has_expired(entries, self.age):
            raise NotFoundError(_GONE)
        return Progress(
            place, _read_record(data), _find_parts(place, entries), find_expiry(entries, self.age)
        )

    def add_part(self, progress: Progress, offset: int, path: Path) -> None:
        """Store what comes at an offset.

        Raises:
            ConflictError: if another request has stored what comes there.
            NotFoundError: if the upload has been deleted meanwhile.
        """
        part = _name_part(progress.place, offset)
        if not self._store.create(part, path):
            raise ConflictError(
                "Another request goes on with this upload: ask for its offset with HEAD."
            )
        # Who deletes an upload deletes its record before it looks for parts for the last time.
        if self._store.find(_name_record(progress.place)) is None:
            self._store.delete(part)
            raise NotFoundError(_GONE)

    def check_parts(self, progress: Progress) -> None:
        """Check that an upload may have one more part: all are listed for each request.

        Raises:
            TooLargeError: if it has far too many.
        """
        most = progress.announced.size_bytes // _SMALLEST_PART_BYTES + _BROKEN_PARTS
        if len(progress.parts) >= most:
            raise TooLargeError("This upload came in far too many parts: begin it again.")

    def gather(self, progress: Progress, path: Path, check_room: Callable[[int], None]) -> None:
        """Write all parts to a local file, one after the other.

        Args:
            progress: of the upload.
            path: of the file.
            check_room: raises NoRoomError if there is no room for so many bytes more.
        """
        with path.open("wb") as file:
            for part in progress.parts:
                for chunk in self._store.stream(part.key, 0, part.size):
                    check_room(len(chunk))
                    file.write(chunk)

    def refuse(self, place: Place, error: InputError) -> None:
        """Note why the whole file was refused, for a client that asks again; delete its parts."""
        refusal = _Refusal(error=type(error).__name__, message=str(error))
        self._store.write(_name_refusal(place), refusal.model_dump_json().encode())
        keys = [entry.key for entry in self._store.list(place.folder)]
        self._store.delete(*(key for key in keys if key.startswith(f"{place.folder}/parts/")))

    def find_refusal(self, place: Place) -> InputError | None:
        """Return why the whole file was refused; None if it was not."""
        data = self._store.read(_name_refusal(place))
        if data is None:
            return None
        refusal = _Refusal.model_validate_json(data)
        return _REFUSALS.get(refusal.error, UnreadableMediaError)(refusal.message)

    def delete(self, place: Place) -> None:
        """Delete all that is stored of an upload, its record first: then it is no more."""
        keys = {entry.key for entry in self._store.list(place.folder)}
        self._store.delete(_name_record(place), *keys)


def _find_parts(place: Place, entries: Sequence[Entry]) -> list[Entry]:
    """Return the parts in their order, up to the first gap."""
    by_key = {entry.key: entry for entry in entries}
    found: list[Entry] = []
    offset = 0
    while part := by_key.get(_name_part(place, offset)):
        found.append(part)
        offset += part.size
    return found


def _read_record(data: bytes) -> Announced:
    try:
        return Announced.model_validate_json(data)
    except ValidationError as error:
        raise UnreadableRecordError(
            "Another version of the service began this upload: try again when all of it has been "
            "updated."
        ) from error


def _name_record(place: Place) -> str:
    return f"{place.folder}/upload.json"


def _name_refusal(place: Place) -> str:
    return f"{place.folder}/refusal.json"


def _name_part(place: Place, offset: int) -> str:
    return f"{place.folder}/parts/{offset:020}"
