"""The routes of resumable uploads, by the tus protocol 1.0.0: https://tus.io/protocols/resumable-upload.

Its core, and its extensions creation, expiration and termination. When all bytes are there, a call
of our own, `finish`, has the file checked and answers as for an upload by a form; PATCH answers
nothing but the offset.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import get_args
from uuid import uuid4

from flask import Blueprint, Response, request
from werkzeug.http import http_date

from reelqueue.errors import (
    ConflictError,
    InvalidSpecError,
    MalformedRequestError,
    NotFoundError,
    TooLargeError,
    UnsupportedMediaError,
)
from reelqueue.media.facts import MediaKind
from reelqueue.media.resumable.completion import complete_upload
from reelqueue.media.resumable.uploads import Announced, Place, Progress
from reelqueue.media.uploads import clean_name
from reelqueue.web.answers import BegunUpload
from reelqueue.web.context import answer_json, get_owner, get_services, is_id
from reelqueue.web.problems import build_problem
from reelqueue.web.serving.body import PARTS_TYPE, SLOT
from reelqueue.web.uploads.forms import choose_session
from reelqueue.web.uploads.parts import Parts
from reelqueue.web.uploads.receiving import has_left, receive_body
from reelqueue.web.uploads.stored import Answer, answer_upload

blueprint = Blueprint("tus", __name__)

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
_UPLOAD = "/uploads/<session_id>/<upload_id>"
_KINDS: tuple[MediaKind, ...] = get_args(MediaKind)
_LONGEST_METADATA = 4_000


@blueprint.before_request
def check_version() -> Response | None:
    """Refuse clients that speak another version of the protocol."""
    is_tus = request.method != "OPTIONS" and request.endpoint != "tus.finish"
    if not is_tus or request.headers.get("Tus-Resumable") == VERSION:
        return None
    response = build_problem(
        HTTPStatus.PRECONDITION_FAILED, f"Send the header Tus-Resumable with {VERSION}."
    )
    response.headers["Tus-Version"] = VERSION
    return response


@blueprint.after_request
def name_version(response: Response) -> Response:
    """Say which version of the protocol this is, also with every error."""
    response.headers["Tus-Resumable"] = VERSION
    return response


@blueprint.route("/uploads", methods=["OPTIONS"], provide_automatic_options=False)
def describe() -> Response:
    """Say what this server can do."""
    response = Response(status=204)
    response.headers["Tus-Version"] = VERSION
    response.headers["Tus-Extension"] = EXTENSIONS
    response.headers["Tus-Max-Size"] = str(get_services().settings.max_upload_bytes)
    return response


@blueprint.route("/uploads", methods=["POST"], provide_automatic_options=False)
def begin() -> tuple[Response, int]:
    """Begin an upload, if all of it would be taken."""
    size = _read_number("Upload-Length")
    metadata = request.headers.get("Upload-Metadata", "")
    values = read_metadata(metadata)
    kind = next((kind for kind in _KINDS if kind == values.get("kind")), None)
    if kind is None:
        raise InvalidSpecError(
            f"kind: Upload-Metadata must name one of {', '.join(_KINDS)}.", "kind"
        )
    place = Place(get_owner(), choose_session(values.get("session_id")), str(uuid4()))
    name = clean_name(values.get("filename", ""))
    announced = Announced(kind=kind, name=name, size_bytes=size, metadata=metadata)
    progress = _begin(place, announced)
    url = f"/uploads/{place.session_id}/{place.id}"
    response = answer_json(
        BegunUpload(session_id=place.session_id, upload_id=place.id, upload_url=url)
    )
    response.headers["Location"] = url
    return _tell_progress(response, progress.offset, progress.expires), 201


@blueprint.route(_UPLOAD, methods=["HEAD"])
def show_offset(session_id: str, upload_id: str) -> Response:
    """Say how many bytes of an upload are stored."""
    progress = get_services().resumable.find(_find_place(session_id, upload_id))
    response = Response(status=200)
    response.headers["Upload-Length"] = str(progress.announced.size_bytes)
    if progress.announced.metadata:
        response.headers["Upload-Metadata"] = progress.announced.metadata
    return _tell_progress(response, progress.offset, progress.expires)


@blueprint.patch(_UPLOAD)
def append(session_id: str, upload_id: str) -> Response:
    """Go on with an upload where it has stopped."""
    place = _find_place(session_id, upload_id)
    with receive_body(lambda: _open_parts(place)) as parts:
        expires = datetime.now(UTC) + get_services().resumable.age
        return _tell_progress(Response(status=204), parts.offset, expires)


@blueprint.delete(_UPLOAD)
def terminate(session_id: str, upload_id: str) -> Response:
    """Give an upload up, and delete what is stored of it."""
    resumable = get_services().resumable
    resumable.delete(resumable.find(_find_place(session_id, upload_id)).place)
    return Response(status=204)


@blueprint.post(_UPLOAD)
def override(session_id: str, upload_id: str) -> Response:
    """Do what X-HTTP-Method-Override says, for clients that cannot send PATCH or DELETE."""
    views: dict[str, Callable[[str, str], Response]] = {"PATCH": append, "DELETE": terminate}
    view = views.get(request.headers.get("X-HTTP-Method-Override", ""))
    if view is None:
        raise MalformedRequestError("Send PATCH, or X-HTTP-Method-Override with PATCH or DELETE.")
    return view(session_id, upload_id)


@blueprint.post(f"{_UPLOAD}/finish")
def finish(session_id: str, upload_id: str) -> Answer:
    """Check and store an upload of which all bytes are there. A repeated call answers alike."""
    if SLOT in request.environ:  # this thread is one of the few that ask whether a body is taken
        raise UnsupportedMediaError("Send no body: the bytes of an upload come with PATCH.")
    services = get_services()
    kind, result = complete_upload(
        services.resumable,
        services.uploads,
        services.quota,
        _find_place(session_id, upload_id),
        has_left,
    )
    return answer_upload(kind, session_id, [result])


def read_metadata(header: str) -> dict[str, str]:
    """Return the values in Upload-Metadata: pairs of a name and a value in Base64.

    Raises:
        MalformedRequestError: if it cannot be read.
    """
    if len(header) > _LONGEST_METADATA:
        raise TooLargeError("Upload-Metadata is far too long: send a shorter file name.")
    if not header.isascii():  # HEAD answers with it
        raise MalformedRequestError("Upload-Metadata cannot be read: its names must be in ASCII.")
    values = {}
    for pair in filter(None, (text.strip() for text in header.split(","))):
        name, _, value = pair.partition(" ")
        try:
            values[name] = b64decode(value, validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise MalformedRequestError(
                "Upload-Metadata cannot be read: its values must be in Base64."
            ) from None
    return values


def _begin(place: Place, announced: Announced) -> Progress:
    """Note what is to come, if there is room for all of it."""
    services, size = get_services(), announced.size_bytes
    limit = services.settings.max_upload_bytes
    if size > limit:
        raise TooLargeError(
            f"A file may have at most {limit / 1_000_000:g} MB: send a smaller one."
        )
    services.quota.check_room(size)
    with (
        services.quota.reserve_owner(place.owner, size),
        services.quota.reserve_session(place.owner, place.session_id, size),
    ):
        return services.resumable.begin(place, announced)


def _open_parts(place: Place) -> Parts:
    """Make room for what comes, before any of it is received."""
    if request.mimetype != PARTS_TYPE:
        raise UnsupportedMediaError(f"Send the bytes with Content-Type {PARTS_TYPE}.")
    services = get_services()
    progress, offset = services.resumable.find(place), _read_number("Upload-Offset")
    if offset != progress.offset:
        raise ConflictError(f"This upload goes on at byte {progress.offset}, not at {offset}.")
    services.resumable.check_parts(progress)
    length = request.content_length  # None if it comes in chunks
    size = progress.missing if length is None else length
    if size > progress.missing:
        raise TooLargeError(f"Only {progress.missing} bytes of this upload are missing.")
    services.quota.check_room(size)
    parts = Parts(services.resumable, progress, services.settings.min_free_bytes)
    try:
        for room in (
            services.quota.reserve_owner(place.owner, size),
            services.quota.reserve_session(place.owner, place.session_id, size),
        ):
            parts.resources.enter_context(room)
    except BaseException:
        parts.close()
        raise
    return parts


def _find_place(session_id: str, upload_id: str) -> Place:
    if not (is_id(session_id) and is_id(upload_id)):
        raise NotFoundError("There is no such upload: begin it again.")
    return Place(get_owner(), session_id, upload_id)


def _tell_progress(response: Response, offset: int, expires: datetime) -> Response:
    response.headers["Upload-Offset"] = str(offset)
    response.headers["Upload-Expires"] = http_date(expires)
    return response


def _read_number(header: str) -> int:
    """Return a header with a number.

    Raises:
        MalformedRequestError: if it is missing, or no number of bytes.
    """
    text = request.headers.get(header, "")
    if re.fullmatch("[0-9]{1,15}", text) is None:
        raise MalformedRequestError(f"Send the header {header} with a number of bytes.")
    return int(text)
