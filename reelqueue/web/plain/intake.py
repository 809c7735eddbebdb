"""The files of a form: stored as the uploads of a session of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from uuid import uuid4

from reelqueue.errors import InputError, MalformedRequestError, ReelqueueError
from reelqueue.media.facts import MediaKind
from reelqueue.media.probing import Staged
from reelqueue.media.sniff import is_video
from reelqueue.media.uploads import Media, Rejected
from reelqueue.specs.limits import MAX_TRACKS
from reelqueue.upkeep.retention.deletion import delete_session
from reelqueue.web.context import get_owner, get_services
from reelqueue.web.language.sentences import translate
from reelqueue.web.serving.form import Form
from reelqueue.web.uploads.receiving import has_left

_MOST_NAMED = 5


@dataclass(frozen=True)
class Stored:
    """What was stored of a form.

    Attributes:
        session_id: of the uploads.
        main_ids: the ids of the photos and videos, in their order.
        track_ids: the ids of the music.
        refused: the files that were not taken.
    """

    session_id: str
    main_ids: list[str]
    track_ids: list[str]
    refused: list[Rejected]


def store_files(form: Form, field: str, most: int) -> Stored:
    """Store the files of a form: those in `field`, at most `most`, and its music.

    Raises:
        MalformedRequestError: if there are none, or too many.
    """
    main, music = form.files[field], form.files["audio"]
    if not main:
        raise MalformedRequestError("No file was chosen: go back and choose one.")
    if len(main) > most or len(music) > MAX_TRACKS:
        raise MalformedRequestError(
            f"Send at most {most} photos and {MAX_TRACKS} pieces of music at once."
        )
    session_id, add = str(uuid4()), _add_pictures if field == "images" else _add_video
    size = sum(file.path.stat().st_size for file in (*main, *music))
    with (
        get_services().quota.reserve_session(get_owner(), session_id, size),
        discarding(session_id),
    ):
        answers = add(session_id, main)
        tracks = [answer for file in music for answer in _add(session_id, "audio", [file])]
    refused = [answer for answer in (*answers, *tracks) if isinstance(answer, Rejected)]
    return Stored(session_id, _list_ids(answers), _list_ids(tracks), refused)


@contextmanager
def discarding(session_id: str) -> Iterator[None]:
    """Delete the uploads of a session if what is done with them fails."""
    try:
        yield
    except BaseException:
        with suppress(ReelqueueError):  # retention deletes what is left
            delete_session(get_services(), get_owner(), session_id)
        raise


def describe_refused(refused: Sequence[Rejected]) -> str:
    """Say which files were not taken, and why, in the language of the request."""
    reasons = [f"{item.name}: {translate(str(item.error))}" for item in refused[:_MOST_NAMED]]
    named = " ".join(reasons)
    more = len(refused) - _MOST_NAMED
    return f"{named} {translate(f'And {more} more.')}" if more > 0 else named


def raise_refusal(refused: Sequence[Rejected]) -> None:
    """Refuse a form of which files were not taken.

    Raises:
        InputError: of the kind of the first refusal; it names the files.
    """
    error: InputError = refused[0].error
    raise type(error)(describe_refused(refused))


def _add_pictures(session_id: str, files: Sequence[Staged]) -> list[Media | Rejected]:
    """Store photos and videos; return the answers in the order of the files."""
    answers: dict[int, Media | Rejected] = {}
    videos = [number for number, file in enumerate(files) if is_video(file.path)]
    photos = [number for number in range(len(files)) if number not in videos]
    if photos:
        results = _add(session_id, "photo", [files[number] for number in photos])
        answers |= zip(photos, results, strict=True)
    for number in videos:
        answers[number] = _add(session_id, "video", [files[number]])[0]
    return [answers[number] for number in sorted(answers)]


def _add_video(session_id: str, files: Sequence[Staged]) -> list[Media | Rejected]:
    return _add(session_id, "video", files)


def _add(session_id: str, kind: MediaKind, files: Sequence[Staged]) -> list[Media | Rejected]:
    return get_services().uploads.add(get_owner(), session_id, kind, files, has_left)


def _list_ids(answers: Sequence[Media | Rejected]) -> list[str]:
    return [answer.id for answer in answers if isinstance(answer, Media)]
