"""The job kind "slideshow": uploaded photos with music and captions. From request to plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import Field, TypeAdapter, ValidationInfo, field_validator, model_validator

from reelqueue.config import Settings
from reelqueue.errors import InvalidSpecError
from reelqueue.media.facts import PhotoFacts, RenderFacts, VideoFacts
from reelqueue.media.upload_keys import read_ids
from reelqueue.media.uploads import Media, Uploads
from reelqueue.planning.delivery.settling import settle_slideshow
from reelqueue.planning.estimates import estimate_slideshow
from reelqueue.planning.narration import check_narrations, estimate_seconds, list_narrations
from reelqueue.planning.photo_order import Order, sort_photos
from reelqueue.planning.soundtrack import Track, count_samples, measure_music
from reelqueue.planning.storyboard.build import draw_storyboard
from reelqueue.planning.storyboard.model import Storyboard
from reelqueue.specs.limits import LONGEST_MEDIA, MAX_TRACKS
from reelqueue.specs.photo import PhotoSpec
from reelqueue.specs.slides import SlideChoice
from reelqueue.specs.slideshow import RENDER_VERSION, SlideshowSpec
from reelqueue.submission.kinds.base import Kind, Plan, Work, WorkInput, check_length
from reelqueue.submission.music import TrackChoice, TrackInput, choose_tracks, order_track
from reelqueue.submission.narration import NarrationNeed
from reelqueue.submission.requests import Id, JobRequest
from reelqueue.submission.shaper import ask_for_shaper
from reelqueue.text.fonts import check_words

_STORYBOARDS = TypeAdapter(Storyboard)


class PhotoChoice(SlideChoice):
    """One photo or video of a slideshow, with its own settings."""

    id: Id = Field(
        description="The photo's id, from the answer to `/upload_images`; or that of a video, the "
        "`source_id` from the answer to `/upload_video`."
    )


class SlideshowRequest(SlideshowSpec, JobRequest):
    """The body of `POST /generate_video`."""

    audio_id: Id | None = Field(
        None, description="One piece of music; the same as `tracks` with this id."
    )
    tracks: tuple[TrackChoice, ...] | None = Field(
        None,
        min_length=1,
        max_length=MAX_TRACKS,
        fail_fast=True,
        description="The music, played in this order.",
    )
    photos: tuple[PhotoChoice, ...] | None = Field(
        None,
        min_length=1,
        fail_fast=True,
        description="The photos, in this order, and videos among them; unset: all photos of the "
        "session.",
    )
    order: Order = Field("uploaded", description="The order of the photos if `photos` is unset.")

    @field_validator("tracks")
    @classmethod
    def _tracks_stand_alone(
        cls, tracks: tuple[TrackChoice, ...] | None, info: ValidationInfo
    ) -> tuple[TrackChoice, ...] | None:
        if tracks and info.data.get("audio_id"):
            raise ValueError("cannot be combined with audio_id: send one of the two")
        return tracks

    @property
    def music(self) -> tuple[TrackChoice, ...]:
        """All music, from `audio_id` or `tracks`."""
        return (TrackChoice(id=self.audio_id),) if self.audio_id else self.tracks or ()


class PhotoInput(WorkInput):
    """A stored photo, with its own settings."""

    spec: PhotoSpec = PhotoSpec()


class SlideshowWork(Work):
    """What to render for a slideshow."""

    spec: SlideshowSpec
    photos: tuple[PhotoInput, ...]
    tracks: tuple[TrackInput, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _read_version_0_1(cls, values: Any) -> Any:
        """Read a job of version 0.1: it has at most one track, whose duration was not stored."""
        match values:
            case {"audio": {**audio}, **others}:
                return {**others, "tracks": [{"duration": LONGEST_MEDIA, **audio}]}
            case {"audio": None, **others}:
                return others
        return values


def plan_slideshow(
    uploads: Uploads, settings: Settings, owner: str, request: SlideshowRequest
) -> Plan:
    """Return the plan of a slideshow.

    Raises:
        InputError: if it cannot be rendered as requested.
    """
    _check_count(len(request.photos or ()), settings)
    chosen = _choose_photos(uploads, owner, request)
    if not chosen:
        raise InvalidSpecError("photos: this session has no photos; upload some first.", "photos")
    _check_count(len(chosen), settings)
    tracks = choose_tracks(uploads, owner, request.session_id, request.music)
    music = _measure_music(tracks)
    known = [(spec, _get_facts(media)) for media, spec in chosen]
    settled, estimate = settle_slideshow(
        SlideshowSpec.model_validate(request.model_dump(include=set(SlideshowSpec.model_fields))),
        request.model_fields_set,
        lambda spec: estimate_slideshow(spec, known, music, settings.render_engine),
    )
    field = "fit_to_music" if request.fit_to_music else "duration"
    check_length(estimate.duration, settings, field)
    check_words(settled, [spec for _, spec in chosen], ask_for_shaper)
    work = SlideshowWork(
        spec=settled,
        photos=tuple(
            PhotoInput(key=photo.key, name=photo.name, digest=photo.digest, spec=spec)
            for photo, spec in chosen
        ),
        tracks=tracks,
    )
    narration = _find_narration(work)
    details = partial(_describe_timeline, settled, known, tracks)
    return Plan(work, asdict(estimate), narration=narration, details=details)


def to_order(work: SlideshowWork) -> dict[str, Any]:
    """Return the order that makes a slideshow again, without the id of the session."""
    tracks = list(map(order_track, work.tracks))
    return {
        **work.spec.model_dump(mode="json", exclude_none=True),
        **({"tracks": tracks} if tracks else {}),
        "photos": [
            {"id": read_ids(photo.key)[1], **_to_choice(photo.spec)} for photo in work.photos
        ],
    }


def _to_choice(spec: PhotoSpec) -> dict[str, Any]:
    settings = spec.model_dump(mode="json", exclude_defaults=True)
    part = settings.pop("video", {})
    return {**settings, **part}


def _describe_timeline(
    spec: SlideshowSpec,
    photos: Sequence[tuple[PhotoSpec, PhotoFacts | VideoFacts]],
    tracks: Sequence[TrackInput],
) -> dict[str, Any]:
    """Return what the answer to a dry run has for players."""
    heard = [Track(Path(), track.duration, track.start, track.end) for track in tracks]
    storyboard = draw_storyboard(spec, photos, heard)
    return {"timeline": _STORYBOARDS.dump_python(storyboard, mode="json", exclude_none=True)}


def _find_narration(work: SlideshowWork) -> NarrationNeed | None:
    """Return what has to be spoken, if anything has.

    Raises:
        InvalidSpecError: if it is too much.
    """
    settings = [photo.spec for photo in work.photos]
    check_narrations(work.spec, settings)
    texts = list_narrations(work.spec, settings)
    if not texts:
        return None
    seconds = sum(estimate_seconds(text, work.spec.voice) for text in texts)
    return NarrationNeed(work.spec.voice, seconds, _name_field(work))


def _name_field(work: SlideshowWork) -> str:
    """Return the path of the first narration in the request."""
    if work.spec.title and work.spec.title.narration:
        return "title.narration"
    spoken = [number for number, photo in enumerate(work.photos) if photo.spec.narration]
    return f"photos.{spoken[0]}.narration" if spoken else "end_title.narration"


def _choose_photos(
    uploads: Uploads, owner: str, request: SlideshowRequest
) -> list[tuple[Media, PhotoSpec]]:
    """Return the requested photos in order, each with its own settings."""
    if request.photos is None:
        photos = sort_photos(
            uploads.list_photos(owner, request.session_id),
            request.order,
            name=lambda photo: photo.name,
            moment=lambda photo: _get_photo_facts(photo).moment,
        )
        return [(photo, PhotoSpec()) for photo in photos]
    ids = [photo.id for photo in request.photos]
    found = uploads.find_many(owner, request.session_id, ids, "photo", "video")
    numbered = enumerate(zip(found, request.photos, strict=True))
    return [
        (media, request.drop_repeats(_resolve_choice(choice, media, f"photos.{number}")))
        for number, (media, choice) in numbered
    ]


def _resolve_choice(choice: PhotoChoice, media: Media, path: str) -> PhotoSpec:
    """Return the settings of a photo or a video. Raises what `SlideChoice` raises."""
    if isinstance(media.facts, VideoFacts):
        facts = media.facts
        return choice.for_video(facts.duration, path, has_sound=facts.has_audio)
    return choice.for_photo(path)


def _get_photo_facts(photo: Media) -> PhotoFacts:
    assert isinstance(photo.facts, PhotoFacts)
    return photo.facts


def _get_facts(media: Media) -> PhotoFacts | VideoFacts:
    assert isinstance(media.facts, PhotoFacts | VideoFacts)
    return media.facts


def _measure_music(tracks: Sequence[TrackInput]) -> Fraction:
    """Return the duration of all music together, in seconds."""
    return measure_music(
        [count_samples(track.start, track.end or track.duration) for track in tracks]
    )


def _check_count(photos: int, settings: Settings) -> None:
    if photos > settings.max_photos:
        raise InvalidSpecError(f"photos: at most {settings.max_photos} are allowed.", "photos")


SLIDESHOW = Kind(
    name="slideshow",
    route="/generate_video",
    summary="Make a slideshow.",
    request=SlideshowRequest,
    work=SlideshowWork,
    plan=plan_slideshow,
    facts=RenderFacts,
    version=RENDER_VERSION,
    video_fields=("photos",),
    yields=("video",),
    to_order=to_order,
)
