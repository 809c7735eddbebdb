"""What the API answers, as JSON Schemas; `reelqueue.web.openapi` says where it does."""

from __future__ import annotations

from typing import Any

from reelqueue.submission.kinds import KINDS

SCHEMAS = "#/components/schemas/"

PROBLEM = {
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
RESULT = {
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
        "reused": {
            "const": True,
            "description": "An earlier job had rendered the same already: `attempts` is 0.",
        },
    },
}
STATUS = {
    "type": "object",
    "properties": {
        "job_id": {"type": "string"},
        "kind": {"enum": list(KINDS)},
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
        "result": {"$ref": f"{SCHEMAS}Result"},
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
ACCEPTED = {
    "description": "A job's status, and where to ask for it.",
    "allOf": [{"$ref": f"{SCHEMAS}Status"}],
    "properties": {
        "success": {"type": "boolean", "description": "False if the render has failed already."},
        "status_url": {"type": "string"},
        "estimated_time": {"type": "integer", "description": "Seconds that the render may take."},
    },
    "required": ["success", "status_url", "estimated_time"],
}
ESTIMATE = {
    "type": "object",
    "description": "What an order with `dry_run` would come to. There is no job.",
    "properties": {
        "success": {"const": True},
        "duration": {"type": "number", "description": "Seconds."},
        "width": {"type": "integer"},
        "height": {"type": "integer"},
        "fps": {"type": "number"},
        "frames": {"type": "integer"},
        "estimated_time": {"type": "integer", "description": "Seconds that the render may take."},
        "estimated_file_size": {"type": "integer", "description": "Bytes, about."},
    },
    "required": [
        "success",
        "duration",
        "width",
        "height",
        "fps",
        "frames",
        "estimated_time",
        "estimated_file_size",
    ],
}
UPLOADED: dict[str, dict[str, Any]] = {
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
                    "taken_at": {
                        "type": "string",
                        "description": "When, by the camera's clock (ISO 8601, without a zone).",
                    },
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
FAILED = {
    "type": "object",
    "properties": {
        "jobs": {
            "type": "array",
            "description": "A page of them, the newest first.",
            "items": {
                "allOf": [{"$ref": f"{SCHEMAS}Status"}],
                "properties": {
                    "log_tail": {
                        "type": "string",
                        "description": "The end of what its attempts logged.",
                    }
                },
                "required": ["log_tail"],
            },
        },
        "total": {"type": "integer"},
        "page": {"type": "integer"},
        "per_page": {"type": "integer"},
    },
    "required": ["jobs", "total", "page", "per_page"],
}
REQUEUED = {
    "type": "object",
    "properties": {
        "success": {"const": True},
        "requeued": {"type": "array", "items": {"type": "string"}},
        "skipped": {
            "type": "array",
            "description": "Those that could not be run again, and why.",
            "items": {
                "type": "object",
                "properties": {"job_id": {"type": "string"}, "error": {"type": "string"}},
                "required": ["job_id", "error"],
            },
        },
    },
    "required": ["success", "requeued", "skipped"],
}
