"""Downloads of finished videos, their other files, and uploads to be played, to their owner only.

Ranges and conditional requests follow RFC 9110, sections 13 and 14.
"""

from __future__ import annotations

import unicodedata
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, Response, abort, request
from werkzeug.http import dump_options_header

from reelqueue.errors import ConflictError, NotFoundError
from reelqueue.jobs.model import Record
from reelqueue.jobs.output import Output, OutputFile
from reelqueue.web.context import get_owner, get_services, is_id, read_own_record

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

blueprint = Blueprint("downloads", __name__)

_TYPES = {
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".json": "application/json",
}
_MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "mp4": "video/mp4",
    "webm": "video/webm",
}
_FIRST_BYTES = 1 << 16
"""A client gets larger pieces the more it takes, so that one which takes none holds little."""
_LONGEST_NAME = 80  # characters
_BYTES = "application/octet-stream"  # browsers save it and do not show it
_SANDBOX = "default-src 'none'; media-src 'self'; sandbox"


@blueprint.get("/download/<video_id>")
def download(video_id: str) -> Response:
    """Send a job's main file, or a range of it; `?inline=1` is for players."""
    shown = "inline" if request.args.get("inline") == "1" else "attachment"
    return send_video(read_own_record(video_id), shown)


@blueprint.get("/download/<video_id>/<file>")
def download_file(video_id: str, file: str) -> Response:
    """Send another file of a result."""
    shown = "inline" if request.args.get("inline") == "1" else "attachment"
    return _offer(_find_file(video_id, file), f"reelqueue-{video_id[:8]}-{file}", shown)


@blueprint.get("/poster/<video_id>")
def show_poster(video_id: str) -> Response:
    """Send a finished video's first picture."""
    return _send(_find_file(video_id, "poster"))


@blueprint.get("/media/<session_id>/<media_id>")
def play_media(session_id: str, media_id: str) -> Response:
    """Send an uploaded sound file or video, or a range of it, to be played in a preview."""
    if not (is_id(session_id) and is_id(media_id)):
        raise NotFoundError("There is no such file.")
    media = get_services().uploads.find(get_owner(), session_id, media_id, "audio", "video")
    response = _send_stored(media.key, media.id, _MEDIA_TYPES.get(media.facts.format, _BYTES))
    response.headers["Content-Disposition"] = "attachment"
    response.headers["Content-Security-Policy"] = _SANDBOX
    return response


def send_video(record: Record, shown: str = "inline") -> Response:
    """Answer with a job's main file, or a range of it; `shown` is "inline" or "attachment".

    Raises:
        ConflictError: if there is none, or none yet.
    """
    file = find_output(record).main_file
    return _offer(file, f"reelqueue-{record.job.id[:8]}", shown, _read_title(record))


def find_output(record: Record) -> Output:
    """Return the output of a job.

    Raises:
        ConflictError: if it has none, or none yet.
    """
    outcome = record.outcome
    if outcome is None:
        raise ConflictError("This is still being made: poll /job_status until the job has ended.")
    if outcome.output is None:
        raise ConflictError("This job has no result: it failed or was cancelled.")
    return outcome.output


def _find_file(video_id: str, name: str) -> OutputFile:
    files = find_output(read_own_record(video_id)).files
    if name not in files:
        raise NotFoundError("This job has no such file.")
    return files[name]


def _read_title(record: Record) -> str:
    """Return the title of a video without what a file's name cannot have; empty without one."""
    card = record.job.work.get("spec", {}).get("title") or {}
    kept = (letter if _is_plain(letter) else " " for letter in card.get("text", ""))
    return " ".join("".join(kept)[:_LONGEST_NAME].split()).strip("-")


def _is_plain(letter: str) -> bool:
    return letter in "-_" or unicodedata.category(letter)[0] in "LMN"  # letter, mark, number


def _offer(file: OutputFile, stem: str, shown: str, title: str = "") -> Response:
    """Answer with a file for saving, or for playing; `title` is its name in place of `stem`."""
    response = _send(file)
    end = PurePosixPath(file.key).suffix
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().strip()
    names = {"filename": (plain or stem) + end}
    if not title.isascii():  # RFC 6266, section 4.3: the name above is for older clients
        names["filename*"] = f"UTF-8''{quote(title + end)}"
    response.headers["Content-Disposition"] = dump_options_header(shown, names)
    response.headers["Content-Security-Policy"] = _SANDBOX
    return response


def _send(file: OutputFile) -> Response:
    """Answer with a file of a result; see `_send_stored`."""
    kind = _TYPES.get(PurePosixPath(file.key).suffix, _BYTES)
    return _send_stored(file.key, file.key.split("/")[-2], kind)


def _send_stored(key: str, etag: str, kind: str) -> Response:
    """Answer with a stored file; handle Range, If-Range and If-None-Match.

    Args:
        key: of the file, which never changes.
        etag: a part of it that no other file has: a strong ETag (RFC 9110, section 8.8.3).
        kind: the media type.
    """
    store = get_services().store
    entry = store.find(key)
    if entry is None:
        raise NotFoundError("This file has been deleted.")
    response = Response(mimetype=kind)
    response.headers["Cache-Control"] = "private, no-cache"
    _check_precondition(etag)
    response.set_etag(etag)
    response.content_length = entry.size
    environ = _keep_one_range(response.headers["ETag"], entry.size)
    response.make_conditional(environ, accept_ranges=True, complete_length=entry.size)
    start, end = response.content_range.start or 0, response.content_range.stop or entry.size
    if response.status_code in (200, 206):
        response.response = store.stream(key, start, end, _FIRST_BYTES)
    return response


def _check_precondition(etag: str) -> None:
    """Refuse a request whose If-Match names another file (RFC 9110, section 13.1.1).

    Werkzeug would answer it without a body, or with a range of the file.
    """
    if request.if_match and not (request.if_match.star_tag or request.if_match.is_strong(etag)):
        abort(HTTPStatus.PRECONDITION_FAILED)


def _keep_one_range(etag: str, size: int) -> WSGIEnvironment:
    """Return the WSGI environment, without If-Match, and without a Range header that we ignore.

    A server may ignore a Range header (RFC 9110, section 14.2), and must if If-Range does not match
    (13.1.5). Werkzeug would answer 416 to several ranges, to other units than bytes, to invalid
    values, and to a suffix longer than the file, which is all of it (14.1.2). It would also accept
    a date or a weak ETag in If-Range.
    """
    wanted = request.range
    is_one = wanted is not None and wanted.units == "bytes" and len(wanted.ranges) == 1
    is_kept = is_one and request.method == "GET" and request.headers.get("If-Range", etag) == etag
    left_out = ("HTTP_IF_MATCH",) if is_kept else ("HTTP_IF_MATCH", "HTTP_RANGE")
    environ = {name: value for name, value in request.environ.items() if name not in left_out}
    if is_kept and wanted is not None and wanted.ranges[0][0] < -size:
        environ["HTTP_RANGE"] = "bytes=0-"
    return environ
