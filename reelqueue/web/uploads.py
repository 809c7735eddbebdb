"""The routes of uploads: write files to disk as they arrive, check them in a child, store them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from flask import Blueprint, Request, Response, g, jsonify, request
from werkzeug import formparser
from werkzeug.datastructures import Headers
from werkzeug.sansio.multipart import MultipartDecoder

from reelqueue.errors import (
    InvalidSpecError,
    MalformedRequestError,
    NotFoundError,
    TooLargeError,
    UnsupportedMediaError,
)
from reelqueue.media.facts import CaptionsFacts, MediaKind
from reelqueue.media.probing import Staged
from reelqueue.media.uploads import Media, Rejected
from reelqueue.processes.workspace import open_workspace
from reelqueue.web.answers import (
    RejectedFile,
    UploadedAudio,
    UploadedCaptions,
    UploadedImage,
    UploadedImages,
    UploadedVideo,
)
from reelqueue.web.context import get_owner, get_services, is_id
from reelqueue.web.problems import make_problem

blueprint = Blueprint("uploads", __name__)

_INTERNAL = {"kind", "format"}  # facts that are left out of answers
_FIELD_BYTES = 1 << 20  # of all text fields; Werkzeug counts its buffer for file parts too

Answer = tuple[Response, int] | Response


class UploadRequest(Request):
    """A request whose file parts are written once, straight into the workspace of the upload."""

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        if "workspace" not in g:
            raise MalformedRequestError("This address accepts no files.")
        path, limit = g.workspace / str(uuid4()), get_services().settings.max_upload_bytes
        file: StagedFile = g.received.enter_context(StagedFile(path, limit))
        return file


class TolerantDecoder(MultipartDecoder):
    """Reads a form whose file names are not all UTF-8: Werkzeug's own decoder gives up the form."""

    def _parse_headers(self, data: bytes | bytearray) -> Headers:
        return super()._parse_headers(data.decode(errors="replace").encode())


formparser.MultipartDecoder = TolerantDecoder  # type: ignore[attr-defined]  # there is no setting for it


class StagedFile(io.FileIO):
    """A file being received, of at most `limit` bytes."""

    def __init__(self, path: Path, limit: int) -> None:
        super().__init__(path, "w+")
        self._left = limit

    def write(self, data: Any, /) -> int:
        """Write a chunk.

        Raises:
            TooLargeError: if the file would grow beyond its limit.
        """
        self._left -= len(data)
        if self._left < 0:
            limit = get_services().settings.max_upload_bytes / 1_000_000
            raise TooLargeError(f"A file may have at most {limit:g} MB: send a smaller one.")
        return super().write(data)


@blueprint.post("/upload_images")
def upload_images() -> Answer:
    """Store photos; reject those that are invalid, and keep the others."""
    session_id, answers = _receive("photo", "images")
    accepted = [media for media in answers if isinstance(media, Media)]
    rejected = [item for item in answers if isinstance(item, Rejected)]
    refusals = [RejectedFile(filename=item.name, error=str(item.error)) for item in rejected]
    if not accepted:
        members = [refusal.model_dump() for refusal in refusals]
        return make_problem(rejected[0].error, rejected=members)
    images = [
        UploadedImage(
            id=media.id,
            filename=media.name,
            thumbnail_url=f"/thumbnail/{session_id}/{media.id}",
            **media.facts.model_dump(exclude=_INTERNAL),
        )
        for media in accepted
    ]
    answer = UploadedImages(session_id=session_id, images=images, rejected=refusals)
    return jsonify(answer.to_json()), 201


@blueprint.post("/upload_audio")
def upload_audio() -> Answer:
    """Store one piece of music."""
    return _upload_one("audio", "audio", "audio_id", UploadedAudio)


@blueprint.post("/upload_video")
def upload_video() -> Answer:
    """Store one video."""
    return _upload_one("video", "video", "source_id", UploadedVideo)


@blueprint.post("/upload_captions")
def upload_captions() -> Answer:
    """Store a file of captions, and answer with what was read from it."""
    session_id, answers = _receive("captions", "captions", most=1)
    media = answers[0]
    if isinstance(media, Rejected):
        return make_problem(media.error, field="captions")
    assert isinstance(media.facts, CaptionsFacts)
    answer = UploadedCaptions(
        session_id=session_id,
        captions_id=media.id,
        filename=media.name,
        cues=list(get_services().uploads.read_cues(media)),
        language=media.facts.language,
        warnings=list(media.facts.warnings),
    )
    return jsonify(answer.to_json()), 201


@blueprint.get("/thumbnail/<session_id>/<media_id>")
def show_thumbnail(session_id: str, media_id: str) -> Response:
    """Send a photo's thumbnail."""
    if not (is_id(session_id) and is_id(media_id)):
        raise NotFoundError("There is no such photo.")
    data = get_services().uploads.read_thumbnail(get_owner(), session_id, media_id)
    response = Response(data, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response


def _upload_one(
    kind: MediaKind, field: str, id_name: str, model: type[UploadedAudio | UploadedVideo]
) -> Answer:
    session_id, answers = _receive(kind, field, most=1)
    media = answers[0]
    if isinstance(media, Rejected):
        return make_problem(media.error, field=field)
    facts = media.facts.model_dump(exclude=_INTERNAL)
    names = {"session_id": session_id, id_name: media.id, "filename": media.name}
    return jsonify(model.model_validate(names | facts).to_json()), 201


def _receive(
    kind: MediaKind, field: str, most: int | None = None
) -> tuple[str, Sequence[Media | Rejected]]:
    """Store the files in `field` of the form, at most `most`; return the session and the results.

    The form's `session_id` names the session; unset, a new session is made.

    Raises:
        InputError: if the form cannot be accepted as a whole.
    """
    if request.mimetype not in ("", "multipart/form-data"):  # the body is not read then
        raise UnsupportedMediaError("Send files as a form, with Content-Type multipart/form-data.")
    services = get_services()
    most = most or services.settings.max_photos
    request.max_content_length = services.settings.max_request_bytes
    request.max_form_memory_size = _FIELD_BYTES
    request.max_form_parts = most + 10
    with open_workspace() as folder, ExitStack() as received:
        g.workspace, g.received = folder, received
        # A browser sends a part without a file name if no file was chosen.
        files = [file for file in request.files.getlist(field) if file.filename]
        if not files or len(files) > most:
            raise MalformedRequestError(
                f"Send a multipart form with {'one file' if most == 1 else f'1 to {most} files'} "
                f"in the field '{field}'."
            )
        staged = [Staged(Path(str(file.stream.name)), str(file.filename)) for file in files]
        session_id = request.form.get("session_id") or str(uuid4())
        if not is_id(session_id):
            raise InvalidSpecError(
                "session_id: must be the session_id from the answer to an upload.", "session_id"
            )
        return session_id, services.uploads.add(get_owner(), session_id, kind, staged)
