"""The routes of uploads that come as forms, of thumbnails, and of sessions, which owners delete."""

from __future__ import annotations

from uuid import uuid4

from flask import Blueprint, Response, request

from reelqueue.errors import InvalidSpecError, MalformedRequestError, NotFoundError
from reelqueue.media.facts import MediaKind
from reelqueue.upkeep.retention.deletion import delete_session
from reelqueue.web.answers import SessionUploads
from reelqueue.web.context import answer_json, get_owner, get_services, is_id
from reelqueue.web.uploads.receiving import has_left, receive_form
from reelqueue.web.uploads.stored import FIELDS, Answer, answer_upload

blueprint = Blueprint("uploads", __name__)


@blueprint.post("/upload_images")
def upload_images() -> Answer:
    """Store photos; reject those that are invalid, and keep the others."""
    return _upload("photo", get_services().settings.max_photos)


@blueprint.post("/upload_audio")
def upload_audio() -> Answer:
    """Store one piece of music."""
    return _upload("audio", 1)


@blueprint.post("/upload_video")
def upload_video() -> Answer:
    """Store one video."""
    return _upload("video", 1)


@blueprint.post("/upload_captions")
def upload_captions() -> Answer:
    """Store a file of captions, and answer with what was read from it."""
    return _upload("captions", 1)


@blueprint.get("/thumbnail/<session_id>/<media_id>")
def show_thumbnail(session_id: str, media_id: str) -> Response:
    """Send a photo's thumbnail; with `?size=large` a larger one, if it has that."""
    if not (is_id(session_id) and is_id(media_id)):
        raise NotFoundError("There is no such photo.")
    is_large = request.args.get("size") == "large"
    uploads = get_services().uploads
    data = uploads.read_thumbnail(get_owner(), session_id, media_id, is_large=is_large)
    response = Response(data, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@blueprint.get("/sessions/<session_id>")
def show_session(session_id: str) -> Response:
    """Answer with the ids of a session's uploads, so that a page knows what is left of a draft."""
    if not is_id(session_id):
        raise NotFoundError("There is no such session.")
    uploads = get_services().uploads.list_ids(get_owner(), session_id)
    return answer_json(SessionUploads(session_id=session_id, uploads=uploads))


@blueprint.delete("/sessions/<session_id>")
def delete(session_id: str) -> tuple[str, int]:
    """Delete the uploads of a session, unless a job that has not ended reads them."""
    if not is_id(session_id):
        raise NotFoundError("There is no such session.")
    delete_session(get_services(), get_owner(), session_id)
    return "", 204


def choose_session(session_id: str | None) -> str:
    """Return the session that a client has named; a new one if it named none.

    Raises:
        InvalidSpecError: if it is no id.
    """
    if session_id and not is_id(session_id):
        raise InvalidSpecError(
            "session_id: must be the session_id from the answer to an upload.", "session_id"
        )
    return session_id or str(uuid4())


def _upload(kind: MediaKind, most: int) -> Answer:
    """Store the files in the form's field for a kind, at most `most`, and answer.

    Raises:
        InputError: if the form cannot be accepted as a whole.
    """
    services, owner, field = get_services(), get_owner(), FIELDS[kind]
    with receive_form(most + 10) as form:
        files = form.files[field]
        if not files or len(files) > most:
            raise MalformedRequestError(
                f"Send a multipart form with {'one file' if most == 1 else f'1 to {most} files'} "
                f"in the field '{field}'."
            )
        session_id = choose_session(form.texts.get("session_id"))
        size = sum(file.path.stat().st_size for file in files)
        with services.quota.reserve_session(owner, session_id, size):
            results = services.uploads.add(owner, session_id, kind, files, has_left)
    return answer_upload(kind, session_id, results)
