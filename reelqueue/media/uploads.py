"""Uploads: check files, store them, and find them for their owner.

A file counts as uploaded once its `media.json` is written, which happens last.
"""

from __future__ import annotations

import hashlib
import time
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, ValidationError

from reelqueue.errors import (
    ConflictError,
    InputError,
    NotFoundError,
    UnavailableError,
    UnreadableRecordError,
)
from reelqueue.media.facts import DERIVED_FILES, NAMES, MediaFacts, MediaKind
from reelqueue.media.probing import Staged, find_derived_path, probe_files
from reelqueue.media.subtitles import load_cues
from reelqueue.specs.clips.captions import Cue
from reelqueue.storage import Store

_LONGEST_NAME = 120
_PARALLEL_READS = 16


@dataclass(frozen=True)
class Rejected:
    """A refused file, and the error that says why."""

    name: str
    error: InputError


class Media(BaseModel):
    """An uploaded file: its storage key, the name that its owner gave it, and its facts.

    `digest` is the SHA-256 of the content in hex; empty for uploads stored by version 0.1.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    kind: MediaKind
    name: str
    key: str
    size_bytes: int
    digest: str = ""
    added_ns: int
    facts: MediaFacts

    @property
    def cues_key(self) -> str:
        """The storage key of what was read from a file of captions, or of a video's subtitles."""
        return f"{self.key.rpartition('/')[0]}/{DERIVED_FILES['captions']}"


class Uploads:
    """The uploads of all owners, stored in `sessions/<owner>/<session>/uploads/<media>/`.

    The owner is part of every key, so the session of another owner cannot be found.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self,
        owner: str,
        session_id: str,
        kind: MediaKind,
        files: Sequence[Staged],
        has_left: Callable[[], bool] = lambda: False,
    ) -> list[Media | Rejected]:
        """Check and store files, all or none; return an answer for each, in their order.

        Raises:
            BusyError: if too many other files are being checked, or these take too long.
            MalformedRequestError: if `has_left` says that the client has left.
        """
        started_ns = time.time_ns()
        answers: list[Media | Rejected] = []
        written: list[str] = []
        try:
            for position, (file, facts) in enumerate(probe_files(kind, files, has_left)):
                name = clean_name(file.name)
                if isinstance(facts, InputError):
                    answers.append(Rejected(name, facts))
                    continue
                media_id = str(uuid4())
                folder = _find_media_folder(owner, session_id, media_id)
                media = Media(
                    id=media_id,
                    kind=kind,
                    name=name,
                    key=f"{folder}/original.{facts.format}",
                    size_bytes=file.path.stat().st_size,
                    digest=_digest_file(file.path),
                    added_ns=started_ns + position,
                    facts=facts,
                )
                answers.append(media)
                for stored, path in _list_files(media, file).items():
                    written.append(stored)  # before it is written: it may be, in spite of an error
                    self._store.write(stored, path)
            # Written last, so that a call that fails halfway adds no file.
            for answer in answers:
                if isinstance(answer, Media):
                    written.append(f"{Path(answer.key).parent}/media.json")
                    self._store.write(
                        written[-1], answer.model_dump_json(exclude_none=True).encode()
                    )
        except BaseException:
            with suppress(UnavailableError):
                self._store.delete(*reversed(written))
            raise
        return answers

    def find(self, owner: str, session_id: str, media_id: str, *kinds: MediaKind) -> Media:
        """Return an upload of an owner.

        Raises:
            NotFoundError: if there is no upload of these kinds, or it belongs to another owner.
        """
        media = self._read(owner, session_id, media_id)
        if media is None or media.kind not in kinds:
            what = " or ".join(NAMES[kind] for kind in kinds)
            raise NotFoundError(f"There is no {what} {media_id} in this session: upload it again.")
        return media

    def find_any(self, owner: str, session_id: str, media_id: str) -> Media:
        """Return an upload of an owner, of any kind.

        Raises:
            NotFoundError: if there is none, or it belongs to another owner.
        """
        media = self._read(owner, session_id, media_id)
        if media is None:
            raise NotFoundError(f"There is no file {media_id} in this session: upload it again.")
        return media

    def _read(self, owner: str, session_id: str, media_id: str) -> Media | None:
        data = self._store.read(f"{_find_media_folder(owner, session_id, media_id)}/media.json")
        return _read_media(data) if data else None

    def find_many(
        self, owner: str, session_id: str, media_ids: Sequence[str], *kinds: MediaKind
    ) -> list[Media]:
        """Return uploads in the order of their ids. Raises what `find` raises."""
        with ThreadPoolExecutor(_PARALLEL_READS) as pool:
            return list(
                pool.map(lambda media: self.find(owner, session_id, media, *kinds), media_ids)
            )

    def list_photos(self, owner: str, session_id: str) -> list[Media]:
        """Return all photos of a session in the order in which they were uploaded."""
        keys = {entry.key for entry in self._store.list(_find_uploads_folder(owner, session_id))}
        folders = [key.removesuffix("/thumb.jpg") for key in keys if key.endswith("/thumb.jpg")]
        whole = [folder for folder in folders if f"{folder}/media.json" in keys]
        ids = [folder.rsplit("/", 1)[-1] for folder in whole]
        found = self.find_many(owner, session_id, ids, "photo")
        return sorted(found, key=lambda media: media.added_ns)

    def read_thumbnail(self, owner: str, session_id: str, media_id: str) -> bytes:
        """Return the JPEG thumbnail of a photo.

        Raises:
            NotFoundError: if there is no such photo.
        """
        data = self._store.read(f"{_find_media_folder(owner, session_id, media_id)}/thumb.jpg")
        if data is None:
            raise NotFoundError("There is no such photo.")
        return data

    def read_cues(self, media: Media) -> tuple[Cue, ...]:
        """Return the captions of an uploaded file, or the subtitles of a video.

        Raises:
            NotFoundError: if they have been deleted.
        """
        data = self._store.read(media.cues_key)
        if data is None:
            raise NotFoundError(f"The captions {media.id} have been deleted: upload them again.")
        return load_cues(data)

    def check_available(self, keys: Sequence[str]) -> None:
        """Check that the files of a job exist and are not about to be deleted.

        Raises:
            ConflictError: if a file has been deleted, or its session is being deleted.
        """
        sessions = {find_session_folder(key) for key in keys}
        stored = {entry.key for session in sessions for entry in self._store.list(session)}
        is_being_deleted = any(find_deletion_key(session) in stored for session in sessions)
        if is_being_deleted or not stored.issuperset(keys):
            raise ConflictError(
                "The files of this job have been deleted: upload them again and place a new order."
            )

    def announce_deletion(self, session: str) -> None:
        """Make `check_available` refuse every later order for files of a session."""
        self._store.write(find_deletion_key(session), b"")


def _read_media(data: bytes) -> Media:
    try:
        return Media.model_validate_json(data)
    except ValidationError as error:
        raise UnreadableRecordError(
            "Another version of the service stored this upload, and this one cannot read it: try "
            "again when all of it has been updated."
        ) from error


def _list_files(media: Media, file: Staged) -> dict[str, Path]:
    """Return the local paths of an upload's files by the keys under which they are stored."""
    files = {media.key: file.path}
    if media.kind in DERIVED_FILES and find_derived_path(media.kind, file).exists():
        derived = f"{media.key.rpartition('/')[0]}/{DERIVED_FILES[media.kind]}"
        files[derived] = find_derived_path(media.kind, file)
    return files


def clean_name(name: str) -> str:
    """Return a file name that is safe to show: no folders, no control characters, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(char for char in last if unicodedata.category(char)[0] != "C")
    return shown.strip()[:_LONGEST_NAME] or "unnamed"


def find_session_folder(key: str) -> str:
    """Return the folder of the session that an upload's storage key belongs to."""
    return "/".join(key.split("/")[:3])


def find_deletion_key(session: str) -> str:
    """Return the key that exists from before a session is deleted until it is gone."""
    return f"{session}/leaving"


def _find_uploads_folder(owner: str, session_id: str) -> str:
    return f"sessions/{owner}/{session_id}/uploads"


def _find_media_folder(owner: str, session_id: str, media_id: str) -> str:
    return f"{_find_uploads_folder(owner, session_id)}/{media_id}"


def _digest_file(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
