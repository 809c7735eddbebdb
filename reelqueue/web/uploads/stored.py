"""The answers to files that were checked: stored, or refused with a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response

from reelqueue.media.facts import CaptionsFacts, MediaKind, PhotoFacts
from reelqueue.media.uploads import Media, Rejected
from reelqueue.planning.photo_order import find_moment
from reelqueue.web.answers import (
    OrderedUpload,
    RejectedFile,
    UploadedAudio,
    UploadedCaptions,
    UploadedImage,
    UploadedImages,
    UploadedVideo,
)
from reelqueue.web.context import answer_json, get_services
from reelqueue.web.problems import make_problem

FIELDS: dict[MediaKind, str] = {
    "photo": "images",
    "audio": "audio",
    "video": "video",
    "captions": "captions",
}
"""The field of a form that holds files of a kind, and the end of its route."""
_SINGLE: dict[str, tuple[type[UploadedAudio | UploadedVideo], str]] = {
    "audio": (UploadedAudio, "audio_id"),
    "video": (UploadedVideo, "source_id"),
}
_INTERNAL = {
    "kind",
    "format",
    "detail",
    "turned_details",
    "textures",
}  # facts that are left out of answers
_ORDERED = {"duration", "width", "height", "has_audio", "sound_tracks", "subtitles"}
"""What is told of the sound and the videos that an order names."""

Answer = tuple[Response, int] | Response


def answer_upload(kind: MediaKind, session_id: str, results: Sequence[Media | Rejected]) -> Answer:
    """Answer with what became of files of a kind; all but photos come one at a time."""
    if kind == "photo":
        return _answer_photos(session_id, results)
    (result,) = results
    if isinstance(result, Rejected):
        return make_problem(result.error, field=FIELDS[kind])
    if kind == "captions":
        return answer_json(_describe_captions(session_id, result)), 201
    model, name = _SINGLE[kind]
    facts = result.facts.model_dump(exclude=_INTERNAL)
    names = {"session_id": session_id, name: result.id, "filename": result.name}
    return answer_json(model.model_validate(names | facts)), 201


def describe_upload(session_id: str, media: Media) -> OrderedUpload:
    """Describe an upload that was stored before."""
    names = {"id": media.id, "kind": media.kind, "filename": media.name, "size": media.size_bytes}
    if media.kind == "photo":
        address = find_thumbnail(session_id, media)
        return OrderedUpload(**names, thumbnail_url=address, **_describe_photo(media))
    if media.kind == "captions":
        return OrderedUpload(**names, **_describe_cues(media))
    return OrderedUpload(**names, **media.facts.model_dump(include=_ORDERED))


def find_thumbnail(session_id: str, media: Media) -> str:
    """Return the address of a photo's thumbnail."""
    return f"/thumbnail/{session_id}/{media.id}"


def _answer_photos(session_id: str, results: Sequence[Media | Rejected]) -> Answer:
    accepted = [media for media in results if isinstance(media, Media)]
    rejected = [item for item in results if isinstance(item, Rejected)]
    refusals = [RejectedFile(filename=item.name, error=str(item.error)) for item in rejected]
    if not accepted:
        members = [refusal.model_dump() for refusal in refusals]
        return make_problem(rejected[0].error, rejected=members)
    images = [
        UploadedImage(
            id=media.id,
            filename=media.name,
            thumbnail_url=find_thumbnail(session_id, media),
            **_describe_photo(media),
        )
        for media in accepted
    ]
    answer = UploadedImages(session_id=session_id, images=images, rejected=refusals)
    return answer_json(answer), 201


def _describe_photo(media: Media) -> dict[str, Any]:
    assert isinstance(media.facts, PhotoFacts)
    described = media.facts.model_dump(exclude=_INTERNAL)
    if moment := find_moment(media.facts.moment, media.name):
        described |= {"taken_at": moment.local, "utc_offset": moment.utc_offset}
    return described


def _describe_captions(session_id: str, media: Media) -> UploadedCaptions:
    assert isinstance(media.facts, CaptionsFacts)
    return UploadedCaptions(
        session_id=session_id,
        captions_id=media.id,
        filename=media.name,
        warnings=list(media.facts.warnings),
        **_describe_cues(media),
    )


def _describe_cues(media: Media) -> dict[str, Any]:
    assert isinstance(media.facts, CaptionsFacts)
    uploads = get_services().uploads
    return {
        "cues": list(uploads.read_cues(media)),
        "language": media.facts.language,
        "transcript": uploads.read_transcript(media),
    }
