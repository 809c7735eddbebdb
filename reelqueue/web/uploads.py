"""The routes of uploads: write files to disk as they arrive, check them in a child, store them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import uuid4

from flask import Blueprint, Request, Response, abort, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from reelqueue.errors import (
    InvalidSpecError,
    MalformedRequestError,
    NotFoundError,
    UnsupportedMediaError,
)
from reelqueue.media.facts import MediaKind
from reelqueue.media.uploads import Media, Rejected
from reelqueue.web.answers import (
    RejectedFile,
    UploadedAudio,
    UploadedImage,
    UploadedImages,
    UploadedVideo,
)
from reelqueue.web.context import get_owner, get_services, is_id
from reelqueue.web.problems import make_problem
from reelqueue.web.serving.exchange import ENDED
from reelqueue.web.serving.form import FORM_TYPE, SLOT, Form, FormLimits, FormSlot

blueprint = Blueprint("uploads", __name__)

_INTERNAL = {"kind", "format"}  # facts that are left out of answers

Answer = tuple[Response, int] | Response


class FormRequest(Request):
    """A request whose form with files, if it has one, is read by `receive_form` alone."""

    def _load_form_data(self) -> None:
        if self.mimetype == FORM_TYPE:
            raise MalformedRequestError("This address accepts no files.")
        super()._load_form_data()


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


@contextmanager
def receive_form(parts: int) -> Iterator[Form]:
    """Receive the form of this request; its files last as long as the block.

    A server that can wait for bodies without a thread calls the app twice. In the first call there
    is no body yet: this checks all that can be told without it, and ends the call with status 100.
    In the second call the form is there. Another server calls once; then the form is read here.

    Args:
        parts: most parts that the form may have.

    Raises:
        InputError: if the form is not accepted.
        NoRoomError: if the disk has no room for it.
    """
    slot: FormSlot | None = request.environ.get(SLOT)
    if slot is not None and slot.form is not None:  # the server closes it
        _raise_error(slot.form)
        yield slot.form
        return
    form = _open_form(parts)
    if slot is not None:
        slot.form = form
        abort(Response(status=100))
    try:
        form.read(request.environ)
        _raise_error(form)
        yield form
    finally:
        form.close()


def _open_form(parts: int) -> Form:
    """Make room for the form, before any of it is received."""
    if request.mimetype not in ("", FORM_TYPE):
        raise UnsupportedMediaError("Send files as a form, with Content-Type multipart/form-data.")
    services = get_services()
    settings = services.settings
    size = request.content_length
    if size is None:  # it comes in chunks
        size = settings.max_request_bytes
    if size > settings.max_request_bytes:
        raise RequestEntityTooLarge
    services.quota.check_room(size)
    limits = FormLimits(
        request_bytes=settings.max_request_bytes,
        file_bytes=settings.max_upload_bytes,
        parts=parts,
        free_bytes=settings.min_free_bytes,
    )
    form = Form(request.content_type or "", limits)
    try:
        form.resources.enter_context(services.quota.reserve_owner(get_owner(), size))
    except BaseException:
        form.close()
        raise
    return form


def _raise_error(form: Form) -> None:
    if form.error is not None:
        raise form.error


def _has_left() -> bool:
    """Tell whether the client of this request has left, where the server says so."""
    ended = request.environ.get(ENDED)
    return ended is not None and ended.is_set()


def _receive(
    kind: MediaKind, field: str, most: int | None = None
) -> tuple[str, Sequence[Media | Rejected]]:
    """Store the files in `field` of the form, at most `most`; return the session and the results.

    The form's `session_id` names the session; unset, a new session is made.

    Raises:
        InputError: if the form cannot be accepted as a whole.
    """
    services, owner = get_services(), get_owner()
    most = most or services.settings.max_photos
    with receive_form(most + 10) as form:
        files = form.files[field]
        if not files or len(files) > most:
            raise MalformedRequestError(
                f"Send a multipart form with {'one file' if most == 1 else f'1 to {most} files'} "
                f"in the field '{field}'."
            )
        session_id = form.texts.get("session_id") or str(uuid4())
        if not is_id(session_id):
            raise InvalidSpecError(
                "session_id: must be the session_id from the answer to an upload.", "session_id"
            )
        size = sum(file.path.stat().st_size for file in files)
        with services.quota.reserve_session(owner, session_id, size):
            return session_id, services.uploads.add(owner, session_id, kind, files, _has_left)
