"""From a checked request to what is to be rendered: its files are found, its limits hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from reelqueue.config import Settings
from reelqueue.errors import InvalidSpecError
from reelqueue.jobs.model import (
    ClipWork,
    Input,
    PhotoInput,
    SlideshowWork,
    TrackInput,
)
from reelqueue.media.facts import AudioFacts, PhotoFacts, VideoFacts
from reelqueue.media.uploads import Media, Uploads
from reelqueue.planning.cut import plan_cut
from reelqueue.planning.estimates import Estimate, estimate_clip, estimate_slideshow
from reelqueue.planning.photo_order import sort_photos
from reelqueue.planning.soundtrack import count_samples, measure_music
from reelqueue.specs.clip import ClipSpec
from reelqueue.specs.slideshow import PhotoSpec, SlideshowSpec
from reelqueue.submission.requests import ClipRequest, SlideshowRequest
from reelqueue.text.fonts import check_cues, check_words


@dataclass(frozen=True)
class Plan:
    """What is to be rendered, and what it will be."""

    work: SlideshowWork | ClipWork
    estimate: Estimate


def plan_work(
    uploads: Uploads, settings: Settings, owner: str, request: SlideshowRequest | ClipRequest
) -> Plan:
    """Return the work of a request, and what it will come to.

    Raises:
        InputError: if it cannot be rendered as asked.
    """
    if isinstance(request, SlideshowRequest):
        return _plan_slideshow(uploads, settings, owner, request)
    return _plan_clip(uploads, settings, owner, request)


def _plan_slideshow(
    uploads: Uploads, settings: Settings, owner: str, request: SlideshowRequest
) -> Plan:
    _check_count(len(request.photos or ()), settings)
    chosen = _choose_photos(uploads, owner, request)
    if not chosen:
        raise InvalidSpecError("photos: this session has no photos yet: upload some.", "photos")
    _check_count(len(chosen), settings)
    tracks = _choose_tracks(uploads, owner, request)
    music = _measure_music(tracks)
    known = [(spec, _get_facts(photo)) for photo, spec in chosen]
    estimate = estimate_slideshow(request, known, music, settings.render_engine)
    field = "fit_to_music" if request.fit_to_music else "duration"
    _check_length(estimate.duration, settings, field)
    check_words(request, [spec for _, spec in chosen])
    work = SlideshowWork(
        spec=SlideshowSpec.model_validate(
            request.model_dump(include=set(SlideshowSpec.model_fields))
        ),
        photos=tuple(
            PhotoInput(key=photo.key, name=photo.name, digest=photo.digest, spec=spec)
            for photo, spec in chosen
        ),
        tracks=tracks,
    )
    return Plan(work, estimate)


def _choose_photos(
    uploads: Uploads, owner: str, request: SlideshowRequest
) -> list[tuple[Media, PhotoSpec]]:
    """Return the photos that are asked for, in their order, each with what it has of its own."""
    if request.photos is None:
        photos = sort_photos(
            uploads.list_photos(owner, request.session_id),
            request.order,
            name=lambda photo: photo.name,
            taken_at=lambda photo: _get_facts(photo).taken_at,
        )
        return [(photo, PhotoSpec()) for photo in photos]
    ids = [photo.id for photo in request.photos]
    found = uploads.find_many(owner, request.session_id, ids, "photo")
    own_specs = [choice.own_spec for choice in request.photos]
    return list(zip(found, own_specs, strict=True))


def _get_facts(photo: Media) -> PhotoFacts:
    assert isinstance(photo.facts, PhotoFacts)
    return photo.facts


def _choose_tracks(
    uploads: Uploads, owner: str, request: SlideshowRequest
) -> tuple[TrackInput, ...]:
    choices = request.music
    ids = [choice.id for choice in choices]
    found = uploads.find_many(owner, request.session_id, ids, "audio")
    tracks = []
    for number, (choice, media) in enumerate(zip(choices, found, strict=True)):
        assert isinstance(media.facts, AudioFacts)
        duration = media.facts.duration
        start, end = choice.resolve_range(duration, f"tracks.{number}")
        tracks.append(
            TrackInput(
                key=media.key,
                name=media.name,
                digest=media.digest,
                duration=duration,
                start=start,
                end=end,
            )
        )
    return tuple(tracks)


def _measure_music(tracks: Sequence[TrackInput]) -> Fraction:
    """Return the seconds of all music, played once."""
    return measure_music(
        [count_samples(track.start, track.end or track.duration) for track in tracks]
    )


def _plan_clip(uploads: Uploads, settings: Settings, owner: str, request: ClipRequest) -> Plan:
    source = uploads.find(owner, request.session_id, request.source_id, "video")
    assert isinstance(source.facts, VideoFacts)
    facts = source.facts
    cut = plan_cut(request, facts.duration, facts.frame_rate, (facts.width, facts.height))
    _check_length(cut.duration, settings, "end")
    check_cues(request.captions)
    work = ClipWork(
        spec=ClipSpec.model_validate(request.model_dump(include=set(ClipSpec.model_fields))),
        source=Input(key=source.key, name=source.name, digest=source.digest),
    )
    return Plan(work, estimate_clip(cut, facts))


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
