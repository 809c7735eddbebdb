"""The description of the API (OpenAPI 3.1), made from the specs."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from reelqueue.specs import ClipRequest, SlideshowRequest

_SCHEMAS = "#/components/schemas/"

_PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence that says what to do."},
        "success": {"const": False},
        "field": {"type": "string", "description": "The path of the field at fault."},
    },
    "required": ["type", "title", "status", "detail", "success"],
}
_RESULT = {
    "type": "object",
    "properties": {
        "success": {"const": True},
        "video_id": {"type": "string"},
        "download_url": {"type": "string"},
        "poster_url": {"type": "string"},
        "file_size": {"type": "integer", "description": "Bytes."},
        "duration": {"type": "number", "description": "Seconds."},
        "width": {"type": "integer"},
        "height": {"type": "integer"},
        "fps": {"type": "number"},
        "frames": {"type": "integer"},
        "skipped_photos": {
            "type": "array",
            "description": "Names of the photos that a slideshow left out (`on_bad_photo`).",
            "items": {"type": "string"},
        },
    },
}
_STATUS = {
    "type": "object",
    "properties": {
        "job_id": {"type": "string"},
        "kind": {"enum": ["slideshow", "clip"]},
        "status": {
            "enum": [
                "queued",
                "started",
                "finished",
                "failed",
                "canceled",
                "scheduled",
                "deferred",
                "stopped",
            ]
        },
        "stage": {
            "enum": [
                "queued",
                "preparing",
                "rendering",
                "audio",
                "saving",
                "completed",
                "failed",
                "canceled",
            ]
        },
        "progress": {
            "type": "integer",
            "minimum": 0,
            "maximum": 100,
            "description": "Left out while `stale` where it is not known.",
        },
        "message": {"type": "string"},
        "stale": {
            "const": True,
            "description": "The queue is silent: this is what is known without it.",
        },
        "queue_position": {"type": "integer", "minimum": 1},
        "eta_seconds": {"type": "integer"},
        "attempts": {"type": "integer"},
        "created_at": {"type": "string", "format": "date-time"},
        "started_at": {"type": "string", "format": "date-time"},
        "ended_at": {"type": "string", "format": "date-time"},
        "result": {"$ref": f"{_SCHEMAS}Result"},
        "error": {"type": "string"},
    },
    "required": [
        "job_id",
        "kind",
        "status",
        "stage",
        "message",
        "attempts",
        "created_at",
    ],
}
_ACCEPTED = {
    "description": "A job's status, and where to ask for it.",
    "allOf": [{"$ref": f"{_SCHEMAS}Status"}],
    "properties": {
        "success": {"type": "boolean", "description": "False if the render has failed already."},
        "status_url": {"type": "string"},
        "estimated_time": {"type": "integer", "description": "Seconds that the render may take."},
    },
    "required": ["success", "status_url", "estimated_time"],
}
_UPLOADED: dict[str, dict[str, Any]] = {
    "images": {
        "images": {
            "type": "array",
            "description": "Those that were taken, in the order in which they were sent.",
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "filename": {"type": "string"},
                    "width": {"type": "integer"},
                    "height": {"type": "integer"},
                    "thumbnail_url": {"type": "string"},
                },
                "required": ["id", "filename", "width", "height", "thumbnail_url"],
            },
        },
        "rejected": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"filename": {"type": "string"}, "error": {"type": "string"}},
                "required": ["filename", "error"],
            },
        },
    },
    "audio": {
        "audio_id": {"type": "string"},
        "filename": {"type": "string"},
        "duration": {"type": "number", "description": "Seconds."},
    },
    "video": {
        "source_id": {"type": "string"},
        "filename": {"type": "string"},
        "duration": {"type": "number", "description": "Seconds."},
        "width": {"type": "integer"},
        "height": {"type": "integer"},
        "fps": {"type": "number"},
        "has_audio": {"type": "boolean"},
    },
}
"""What an upload answers besides `success` and `session_id`, by the form's field."""
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 200},
    "description": "The same key and body give the same job.",
}


def build_openapi() -> dict[str, Any]:
    """Return the whole description."""
    _, requests = models_json_schema(
        [(SlideshowRequest, "validation"), (ClipRequest, "validation")],
        ref_template=_SCHEMAS + "{model}",
    )
    schemas = {"Problem": _PROBLEM, "Result": _RESULT, "Status": _STATUS, "Accepted": _ACCEPTED}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Reelqueue", "version": "0.1.0"},
        "components": {
            "schemas": requests["$defs"] | schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
        "paths": _build_paths(),
    }


def _build_paths() -> dict[str, Any]:
    return {
        "/upload_images": {"post": _upload("Upload photos.", "images", many=True)},
        "/upload_audio": {"post": _upload("Upload one piece of music.", "audio")},
        "/upload_video": {"post": _upload("Upload one video.", "video")},
        "/generate_video": {"post": _generate("Make a slideshow.", "SlideshowRequest")},
        "/generate_clip": {"post": _generate("Make a clip.", "ClipRequest")},
        "/job_status/{job_id}": {"get": _job("Show how far a job is.")},
        "/job_events/{job_id}": {
            "get": _job("Follow a job by server-sent events.", "text/event-stream")
        },
        "/job_cancel/{job_id}": {"post": _job("Cancel a job.")},
        "/job_retry/{job_id}": {"post": _job("Run a failed or cancelled job again.")},
        "/download/{video_id}": {
            "get": _file("Download a video; ranges work.", "video/mp4", "video_id")
        },
        "/poster/{video_id}": {
            "get": _file("Show a video's first picture.", "image/jpeg", "video_id")
        },
        "/thumbnail/{session_id}/{media_id}": {
            "get": _file("Show a photo's small picture.", "image/jpeg", "session_id", "media_id")
        },
        "/health": {"get": _operation("Show whether all parts answer.", {"200": _json({})})},
        "/metrics": {"get": _operation("Show the same for Prometheus.", {"200": _text()})},
    }


def _operation(summary: str, responses: dict[str, Any], **members: Any) -> dict[str, Any]:
    problem = {
        "description": "What is wrong and what to do.",
        "content": {"application/problem+json": {"schema": {"$ref": f"{_SCHEMAS}Problem"}}},
    }
    return {"summary": summary, "responses": responses | {"default": problem}, **members}


def _json(schema: dict[str, Any], description: str = "The answer.") -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _upload(summary: str, field: str, *, many: bool = False) -> dict[str, Any]:
    file: dict[str, Any] = {"type": "string", "format": "binary"}
    form = {
        "type": "object",
        "properties": {
            field: {"type": "array", "items": file} if many else file,
            "session_id": {"type": "string", "description": "To add to an earlier upload."},
        },
        "required": [field],
    }
    body = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    properties = {"success": {"const": True}, "session_id": {"type": "string"}, **_UPLOADED[field]}
    answer = {"type": "object", "properties": properties, "required": list(properties)}
    return _operation(summary, {"201": _json(answer)}, requestBody=body)


def _generate(summary: str, model: str) -> dict[str, Any]:
    body = {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": _SCHEMAS + model}}},
    }
    status = {"$ref": f"{_SCHEMAS}Accepted"}
    responses = {
        "200": _json(status, "Rendered while you waited, or known already."),
        "202": _json(status, "Accepted: poll the address in Location."),
    }
    return _operation(summary, responses, requestBody=body, parameters=[_KEY])


def _job(summary: str, content_type: str = "application/json") -> dict[str, Any]:
    content = {content_type: {"schema": {"$ref": f"{_SCHEMAS}Status"}}}
    response = {"description": "The job's status.", "content": content}
    return _operation(summary, {"200": response}, parameters=[_name_in_path("job_id")])


def _file(summary: str, content_type: str, *names: str) -> dict[str, Any]:
    content = {content_type: {"schema": {"type": "string", "format": "binary"}}}
    response = {"description": "The bytes.", "content": content}
    parameters = [_name_in_path(name) for name in names]
    return _operation(summary, {"200": response, "206": response}, parameters=parameters)


def _text() -> dict[str, Any]:
    content = {"text/plain": {"schema": {"type": "string"}}}
    return {"description": "Gauges in Prometheus' text format.", "content": content}


def _name_in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
