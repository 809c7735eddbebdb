"""From a checked request to what is to be rendered: its files are found, its limits hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from reelqueue.config import Settings
from reelqueue.cuts import ClipSpec
from reelqueue.errors import (
    InvalidSpecError,
)
from reelqueue.facts import AudioFacts, PhotoFacts, VideoFacts
from reelqueue.fonts import check_cues, check_words
from reelqueue.jobs import (
    ClipWork,
    Input,
    PhotoInput,
    SlideshowWork,
    TrackInput,
)
from reelqueue.ordering import sort_photos
from reelqueue.requests import ClipRequest, SlideshowRequest
from reelqueue.soundtrack import count_samples, measure_music
from reelqueue.specs import SlideshowSpec
from reelqueue.uploads import Media, Uploads

_CLIP_PIXELS = 1080 * 1920
_ENCODED_PIXELS_PER_SECOND = 100_000_000  # two cores encode at least so many


def plan_work(
    uploads: Uploads, settings: Settings, owner: str, request: SlideshowRequest | ClipRequest
) -> tuple[SlideshowWork | ClipWork, float]:
    """Return the work and the seconds that its render takes, about.

    Raises:
        InputError: if it cannot be rendered as asked.
    """
    if isinstance(request, SlideshowRequest):
        return _plan_slideshow(uploads, settings, owner, request)
    return _plan_clip(uploads, settings, owner, request)


def _plan_slideshow(
    uploads: Uploads, settings: Settings, owner: str, request: SlideshowRequest
) -> tuple[SlideshowWork, float]:
    _check_count(len(request.photos or ()), settings)
    photos = _choose_photos(uploads, owner, request)
    if not photos:
        raise InvalidSpecError("photos: this session has no photos yet: upload some.", "photos")
    _check_count(len(photos), settings)
    tracks = _choose_tracks(uploads, owner, request)
    music = _measure_music(tracks)
    frames = request.count_frames([photo.spec for photo in photos], music)
    field = "fit_to_music" if request.fit_to_music else "duration"
    _check_length(frames / float(request.frame_rate), settings, field)
    check_words(request, [photo.spec for photo in photos])
    work = SlideshowWork(
        spec=SlideshowSpec.model_validate(
            request.model_dump(include=set(SlideshowSpec.model_fields))
        ),
        photos=photos,
        tracks=tracks,
    )
    return work, frames * request.size[0] * request.size[1] / _ENCODED_PIXELS_PER_SECOND


def _choose_photos(
    uploads: Uploads, owner: str, request: SlideshowRequest
) -> tuple[PhotoInput, ...]:
    """Return the photos that are asked for, in their order, each with what it has of its own."""
    if request.photos is None:
        photos = sort_photos(
            uploads.list_photos(owner, request.session_id),
            request.order,
            name=lambda photo: photo.name,
            taken_at=_find_time,
        )
        return tuple(
            PhotoInput(key=photo.key, name=photo.name, digest=photo.digest) for photo in photos
        )
    ids = [photo.id for photo in request.photos]
    found = uploads.find_many(owner, request.session_id, ids, "photo")
    return tuple(
        PhotoInput(key=photo.key, name=photo.name, digest=photo.digest, spec=choice.own_spec)
        for photo, choice in zip(found, request.photos, strict=True)
    )


def _find_time(photo: Media) -> datetime | None:
    assert isinstance(photo.facts, PhotoFacts)
    return photo.facts.taken_at


def _choose_tracks(
    uploads: Uploads, owner: str, request: SlideshowRequest
) -> tuple[TrackInput, ...]:
    choices = request.music
    ids = [choice.id for choice in choices]
    found = uploads.find_many(owner, request.session_id, ids, "audio")
    tracks = []
    for number, (choice, media) in enumerate(zip(choices, found, strict=True)):
        assert isinstance(media.facts, AudioFacts)
        choice.check_range(media.facts.duration, f"tracks.{number}")
        tracks.append(
            TrackInput(
                key=media.key,
                name=media.name,
                digest=media.digest,
                duration=media.facts.duration,
                start=choice.start,
                end=choice.end and min(choice.end, media.facts.duration),
            )
        )
    return tuple(tracks)


def _measure_music(tracks: Sequence[TrackInput]) -> Fraction:
    """Return the seconds of all music, played once."""
    return measure_music(
        [count_samples(track.start, track.end or track.duration) for track in tracks]
    )


def _plan_clip(
    uploads: Uploads, settings: Settings, owner: str, request: ClipRequest
) -> tuple[ClipWork, float]:
    source = uploads.find(owner, request.session_id, request.source_id, "video")
    assert isinstance(source.facts, VideoFacts)
    start, end = request.resolve_range(source.facts.duration)
    _check_length(end - start, settings, "end")
    check_cues(request.captions)
    work = ClipWork(
        spec=ClipSpec.model_validate(request.model_dump(include=set(ClipSpec.model_fields))),
        source=Input(key=source.key, name=source.name, digest=source.digest),
    )
    frames = (end - start) * source.facts.fps
    return work, frames * _CLIP_PIXELS / _ENCODED_PIXELS_PER_SECOND


def _check_count(photos: int, settings: Settings) -> None:
    if photos > settings.max_photos:
        raise InvalidSpecError(f"photos: at most {settings.max_photos} are taken.", "photos")


def _check_length(seconds: float, settings: Settings, field: str) -> None:
    if seconds > settings.max_video_seconds:
        raise InvalidSpecError(
            f"{field}: the video would last {seconds:.0f} seconds, "
            f"and at most {settings.max_video_seconds:.0f} are rendered.",
            field,
        )
