"""Uploads: check files, store them, and find them for their owner.

A file counts as uploaded once its `media.json` is written, which happens last.
"""

from __future__ import annotations

import hashlib
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
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
from reelqueue.media.facts import (
    DERIVED_FILES,
    LARGE_THUMBNAIL,
    NAMES,
    TRANSCRIPT,
    CaptionsFacts,
    MediaFacts,
    MediaKind,
    find_large_path,
    find_transcript_path,
)
from reelqueue.media.probing import Staged, find_derived_path, probe_files
from reelqueue.media.subtitles import load_cues
from reelqueue.media.transcripts import Transcript
from reelqueue.media.upload_keys import (
    find_beside,
    find_deletion_key,
    find_media_folder,
    find_media_key,
    find_session_folder,
    find_uploads_folder,
    name_session,
)
from reelqueue.specs.clips.captions import Cue
from reelqueue.storage import Store
from reelqueue.storage.parallel import call_each

BY_OWNER = b"by its owner"
_LONGEST_NAME = 120


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
        return find_beside(self.key, DERIVED_FILES["captions"])

    @property
    def transcript_key(self) -> str | None:
        """The storage key of the transcript that the captions of a file were made of, if any."""
        has_transcript = isinstance(self.facts, CaptionsFacts) and self.facts.has_transcript
        return find_beside(self.key, TRANSCRIPT) if has_transcript else None


class Uploads:
    """The uploads of all owners, stored in `sessions/<owner>/<session>/uploads/<media>/`.

    The owner is part of every key, so the session of another owner cannot be found.
    """

    def __init__(self, store: Store, expected: Mapping[str, Media] | None = None) -> None:
        self._store = store
        self._expected = expected or {}

    def expect(self, media: Mapping[str, Media]) -> Uploads:
        """Return the same uploads with some, by id, that are still to come."""
        return Uploads(self._store, media)

    def add(
        self,
        owner: str,
        session_id: str,
        kind: MediaKind,
        files: Sequence[Staged],
        has_left: Callable[[], bool] = lambda: False,
        media_id: str | None = None,
    ) -> list[Media | Rejected]:
        """Check and store files, all or none; return an answer for each, in their order.

        If one file is given a `media_id`, this call can be repeated until it succeeds, and another
        may do the same at the same time: what it wrote before an error stays.

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
                new_id = media_id or str(uuid4())
                media = Media(
                    id=new_id,
                    kind=kind,
                    name=name,
                    key=find_media_key(owner, session_id, new_id, facts.format),
                    size_bytes=file.path.stat().st_size,
                    digest=digest_file(file.path),
                    added_ns=started_ns + position,
                    facts=facts,
                )
                answers.append(media)
                for stored, path in list_files(media, file).items():
                    written.append(stored)  # before it is written: it may be, in spite of an error
                    self._store.write(stored, path)
            # Written last, so that a call that fails halfway adds no file.
            for answer in answers:
                if isinstance(answer, Media):
                    written.append(find_record_key(answer))
                    self._store.write(written[-1], to_record(answer))
        except BaseException:
            if media_id is None:
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
        if media_id in self._expected:
            return self._expected[media_id]
        data = self._store.read(f"{find_media_folder(owner, session_id, media_id)}/media.json")
        return _read_media(data) if data else None

    def find_many(
        self, owner: str, session_id: str, media_ids: Sequence[str], *kinds: MediaKind
    ) -> list[Media]:
        """Return uploads in the order of their ids. Raises what `find` raises."""
        return call_each(lambda media: self.find(owner, session_id, media, *kinds), media_ids)

    def list_photos(self, owner: str, session_id: str) -> list[Media]:
        """Return all photos of a session in the order in which they were uploaded."""
        keys = {entry.key for entry in self._store.list(find_uploads_folder(owner, session_id))}
        folders = [key.removesuffix("/thumb.jpg") for key in keys if key.endswith("/thumb.jpg")]
        whole = [folder for folder in folders if f"{folder}/media.json" in keys]
        ids = [folder.rsplit("/", 1)[-1] for folder in whole]
        found = self.find_many(owner, session_id, ids, "photo")
        return sorted(found, key=lambda media: media.added_ns)

    def list_ids(self, owner: str, session_id: str) -> list[str]:
        """Return the ids of all uploads of a session; none if it is being deleted, or unknown."""
        session = name_session(owner, session_id)
        keys = {entry.key for entry in self._store.list(session)}
        if find_deletion_key(session) in keys:
            return []
        return sorted(key.split("/")[-2] for key in keys if key.endswith("/media.json"))

    def read_thumbnail(
        self, owner: str, session_id: str, media_id: str, *, is_large: bool = False
    ) -> bytes:
        """Return the JPEG thumbnail of a photo, or a larger one if it has that.

        Raises:
            NotFoundError: if there is no such photo.
        """
        folder = find_media_folder(owner, session_id, media_id)
        large = self._store.read(f"{folder}/{LARGE_THUMBNAIL}") if is_large else None
        data = large or self._store.read(f"{folder}/{DERIVED_FILES['photo']}")
        if data is None:
            raise NotFoundError("There is no such photo.")
        return data

    def read_cues(self, media: Media) -> tuple[Cue, ...]:
        """Return the captions of an uploaded file, or the subtitles of a video.

        Raises:
            NotFoundError: if they have been deleted.
        """
        return load_cues(self._read_captions(media, media.cues_key))

    def read_transcript(self, media: Media) -> Transcript | None:
        """Return the transcript that the captions of an uploaded file were made of, if any.

        Raises:
            NotFoundError: if it has been deleted.
        """
        key = media.transcript_key
        return Transcript.model_validate_json(self._read_captions(media, key)) if key else None

    def _read_captions(self, media: Media, key: str) -> bytes:
        data = self._store.read(key)
        if data is None:
            raise NotFoundError(f"The captions {media.id} have been deleted: upload them again.")
        return data

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

    def announce_deletion(self, session: str, *, by_owner: bool = False) -> bool:
        """Make `check_available` refuse every later order for files of a session.

        Return whether this was not announced before. What `by_owner` announces is completed by
        retention if this process is killed, even if the session is young.
        """
        return self._store.create(find_deletion_key(session), BY_OWNER if by_owner else b"")


def _read_media(data: bytes) -> Media:
    try:
        return Media.model_validate_json(data)
    except ValidationError as error:
        raise UnreadableRecordError(
            "Another version of the service stored this upload, and this one cannot read it: try "
            "again when all of it has been updated."
        ) from error


def list_files(media: Media, file: Staged) -> dict[str, Path]:
    """Return the local paths of an upload's files by the keys under which they are stored."""
    derived = {}
    if media.kind in DERIVED_FILES:
        derived[DERIVED_FILES[media.kind]] = find_derived_path(media.kind, file)
    if media.kind == "photo":
        derived[LARGE_THUMBNAIL] = find_large_path(find_derived_path("photo", file))
    if media.kind == "captions":
        derived[TRANSCRIPT] = find_transcript_path(find_derived_path("captions", file))
    found = {find_beside(media.key, name): path for name, path in derived.items() if path.exists()}
    return {media.key: file.path, **found}


def clean_name(name: str) -> str:
    """Return a file name that is safe to show: no folders, no control characters, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(char for char in last if unicodedata.category(char)[0] != "C")
    return shown.strip()[:_LONGEST_NAME] or "unnamed"


def find_record_key(media: Media) -> str:
    """Return the storage key of an upload's record, which is written last."""
    return find_beside(media.key, "media.json")


def to_record(media: Media) -> bytes:
    """Return the record of an upload."""
    return media.model_dump_json(exclude_none=True).encode()


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
