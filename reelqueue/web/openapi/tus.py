"""The routes of resumable uploads in the description of the API."""

from __future__ import annotations

from typing import Any

from reelqueue.web.answers import (
    BegunUpload,
    UploadedAudio,
    UploadedCaptions,
    UploadedImages,
    UploadedVideo,
)
from reelqueue.web.openapi.operation import build_operation, describe_json, name_in_path, refer
from reelqueue.web.serving.body import PARTS_TYPE
from reelqueue.web.uploads.tus import EXTENSIONS, VERSION

_NUMBER = {"type": "string", "pattern": "^[0-9]{1,15}$"}
_TEXT = {"type": "string"}
_PLACE = [name_in_path("session_id"), name_in_path("upload_id")]
_METADATA = (
    "Pairs of a name and a value in Base64: `filename`; `kind`, which is photo, audio, video or "
    "captions; and `session_id`, the session to add to; unset: a new one."
)


def build_tus_paths() -> dict[str, Any]:
    """Describe the tus protocol 1.0.0, as far as we have it, and what ends an upload."""
    upload = "/uploads/{session_id}/{upload_id}"
    return {
        "/uploads": {"options": _describe_server(), "post": _begin()},
        upload: {
            "head": _show_offset(),
            "patch": _append(),
            "post": _override(),
            "delete": _terminate(),
        },
        f"{upload}/finish": {"post": _finish()},
    }


def _take_header(
    name: str, schema: dict[str, Any], description: str = "", *, required: bool = True
) -> dict[str, Any]:
    parameter = {"name": name, "in": "header", "required": required, "schema": schema}
    return parameter | ({"description": description} if description else {})


_SPEAK = _take_header("Tus-Resumable", {"type": "string", "const": VERSION})


def _answer(description: str, *headers: str) -> dict[str, Any]:
    """Describe an answer without a body."""
    named = {name: {"schema": _TEXT} for name in ("Tus-Resumable", *headers)}
    return {"description": description, "headers": named}


def _describe_server() -> dict[str, Any]:
    answer = _answer("What it can do.", "Tus-Version", "Tus-Extension", "Tus-Max-Size")
    summary = f"Ask what this server has of tus {VERSION}: {EXTENSIONS.replace(',', ', ')}."
    return build_operation(summary, {"204": answer})


def _begin() -> dict[str, Any]:
    begun = describe_json(refer(BegunUpload), "Go on at the address in Location.")
    headers = _answer("", "Location", "Upload-Offset", "Upload-Expires")["headers"]
    return build_operation(
        "Begin a resumable upload.",
        {"201": begun | {"headers": headers}},
        parameters=[
            _SPEAK,
            _take_header("Upload-Length", _NUMBER, "The bytes of the whole file."),
            _take_header("Upload-Metadata", _TEXT, _METADATA),
        ],
    )


def _show_offset() -> dict[str, Any]:
    answer = _answer("How far it has got.", "Upload-Offset", "Upload-Length", "Upload-Expires")
    return build_operation(
        "Ask how many bytes of an upload are stored.",
        {"200": answer},
        parameters=[*_PLACE, _SPEAK],
    )


def _append() -> dict[str, Any]:
    return build_operation(
        "Go on with an upload.",
        {"204": _answer("These bytes are stored.", "Upload-Offset", "Upload-Expires")},
        parameters=[*_PLACE, _SPEAK, _take_header("Upload-Offset", _NUMBER)],
        requestBody=_describe_bytes(),
    )


def _override() -> dict[str, Any]:
    method = {"type": "string", "enum": ["PATCH", "DELETE"]}
    return build_operation(
        "Do the same without PATCH and DELETE.",
        {"204": _answer("It is done.", "Upload-Offset", "Upload-Expires")},
        parameters=[
            *_PLACE,
            _SPEAK,
            _take_header("X-HTTP-Method-Override", method),
            _take_header("Upload-Offset", _NUMBER, required=False),
        ],
        requestBody=_describe_bytes() | {"required": False},
    )


def _describe_bytes() -> dict[str, Any]:
    schema = {"type": "string", "format": "binary"}
    return {"required": True, "content": {PARTS_TYPE: {"schema": schema}}}


def _terminate() -> dict[str, Any]:
    return build_operation(
        "Give an upload up.",
        {"204": _answer("It is deleted.")},
        parameters=[*_PLACE, _SPEAK],
    )


def _finish() -> dict[str, Any]:
    answers = (UploadedImages, UploadedAudio, UploadedVideo, UploadedCaptions)
    schema = {"oneOf": [refer(answer) for answer in answers]}
    return build_operation(
        "Have a whole upload checked; the answer is that to an upload by a form.",
        {"201": describe_json(schema)},
        parameters=_PLACE,
    )
