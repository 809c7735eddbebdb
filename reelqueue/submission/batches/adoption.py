"""Adoption: the video of a job becomes an upload, so that other jobs can use it like any other."""

from __future__ import annotations

import time
from typing import NamedTuple

from reelqueue.errors import InputError, NotFoundError, UnavailableError
from reelqueue.media.probing import Staged, probe_files
from reelqueue.media.upload_keys import find_media_key
from reelqueue.media.uploads import Media, digest_file, find_record_key, list_files, to_record
from reelqueue.processes.workspace import open_workspace
from reelqueue.services import Services


class Adopted(NamedTuple):
    """The place of an upload, and what it is called."""

    owner: str
    session_id: str
    media_id: str
    name: str


def adopt_video(services: Services, key: str, place: Adopted) -> None:
    """Make a stored video an upload, unless it is one already.

    The file is copied within the storage. It is probed like every upload, by a child with limits.
    If two processes do this at once, both write the same.

    Raises:
        NotFoundError: if the video has been deleted.
        InputError: if it cannot be used as an upload.
        BusyError: if too many other files are being checked.
    """
    try:
        services.uploads.find(place.owner, place.session_id, place.media_id, "video")
    except NotFoundError:
        with open_workspace() as folder:
            file = Staged(folder / "video", place.name)
            services.store.fetch(key, file.path)
            _store_upload(services, key, _probe(file, place), file)


def _probe(file: Staged, place: Adopted) -> Media:
    """Return what an upload of this file is."""
    ((_, facts),) = probe_files("video", [file], lambda: False)
    if isinstance(facts, InputError):
        raise facts
    return Media(
        id=place.media_id,
        kind="video",
        name=place.name,
        key=find_media_key(place.owner, place.session_id, place.media_id, facts.format),
        size_bytes=file.path.stat().st_size,
        digest=digest_file(file.path),
        added_ns=time.time_ns(),
        facts=facts,
    )


def _store_upload(services: Services, key: str, media: Media, file: Staged) -> None:
    """Store an upload, its record last."""
    for stored, path in list_files(media, file).items():
        if stored != media.key or not _copy(services, key, stored):
            services.store.write(stored, path)
    services.store.write(find_record_key(media), to_record(media))


def _copy(services: Services, key: str, to: str) -> bool:
    """Copy a stored file within the storage; tell whether that was possible."""
    try:
        services.store.copy(key, to)
    except UnavailableError:  # such as a disk without hard links
        return False
    return True
