"""The end of a resumable upload: its file is checked and stored like that of any other upload.

The upload keeps its id. So a client that has lost the answer can ask again, also after a process
was killed, and the file is there once.
"""

from __future__ import annotations

from collections.abc import Callable

from reelqueue.errors import BusyError, ConflictError, NotFoundError, UnavailableError
from reelqueue.media.facts import MediaKind
from reelqueue.media.probing import Staged
from reelqueue.media.quota import Quota
from reelqueue.media.resumable.uploads import Place, Progress, ResumableUploads
from reelqueue.media.uploads import Media, Rejected, Uploads
from reelqueue.processes.cores import count_cores
from reelqueue.processes.slots import Slots
from reelqueue.processes.workspace import open_workspace

_PATIENCE_SECONDS = 15.0  # until another file has been checked
_RETRY_AFTER_SECONDS = 15


def complete_upload(
    resumable: ResumableUploads,
    uploads: Uploads,
    quota: Quota,
    place: Place,
    has_left: Callable[[], bool],
) -> tuple[MediaKind, Media | Rejected]:
    """Check and store a file that has come as a whole; return its kind and the answer to it.

    Raises:
        NotFoundError: if there is no such upload.
        ConflictError: if parts of it are missing.
        NoRoomError: if the disks have no room for another copy of it.
        UnavailableError: if the storage does not answer, or too much is being checked.
    """
    if media := _find_stored(uploads, place):
        resumable.delete(place)  # an earlier call was killed before it did
        return media.kind, media
    try:
        progress = resumable.find(place)
        kind, name = progress.announced.kind, progress.announced.name
        answer = _check(resumable, uploads, quota, progress, has_left)
    except (NotFoundError, UnavailableError):
        if media := _find_stored(uploads, place):  # another call was faster, and deleted the parts
            return media.kind, media
        raise
    if isinstance(answer, Rejected):
        resumable.refuse(place, answer.error)
        return kind, Rejected(name, answer.error)
    resumable.delete(place)
    return kind, answer


def _find_stored(uploads: Uploads, place: Place) -> Media | None:
    try:
        return uploads.find_any(place.owner, place.session_id, place.id)
    except NotFoundError:
        return None


def _check(
    resumable: ResumableUploads,
    uploads: Uploads,
    quota: Quota,
    progress: Progress,
    has_left: Callable[[], bool],
) -> Media | Rejected:
    """Check a file in a child, and store it; its quota has been counted with its parts."""
    place, announced = progress.place, progress.announced
    if refusal := resumable.find_refusal(place):
        return Rejected(announced.name, refusal)
    if progress.missing:
        raise ConflictError(
            f"{progress.missing} bytes of this upload are missing: send them with PATCH."
        )
    # Of each core one is checked while the next is gathered: no quota counts these copies.
    slots = Slots("wholes", 2 * count_cores())
    with slots.reserve(_PATIENCE_SECONDS, _make_busy_error()), open_workspace() as folder:
        quota.check_room(announced.size_bytes)
        file = Staged(folder / "whole", announced.name)
        resumable.gather(progress, file.path, quota.check_room)
        (answer,) = uploads.add(
            place.owner, place.session_id, announced.kind, [file], has_left, media_id=place.id
        )
    return answer


def _make_busy_error() -> BusyError:
    return BusyError(
        "Too many files are being checked right now: try again later.", _RETRY_AFTER_SECONDS
    )
