"""The description of the API (OpenAPI 3.1), made from the models of requests and answers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from reelqueue import __version__
from reelqueue.jobs.status import JobStatus
from reelqueue.submission.kinds import KINDS
from reelqueue.submission.kinds.base import Kind
from reelqueue.submission.requests import Id
from reelqueue.web.answers import (
    Accepted,
    AnswerSchema,
    Estimate,
    FailedJobs,
    Problem,
    Requeued,
    UploadedAudio,
    UploadedCaptions,
    UploadedImages,
    UploadedVideo,
)
from reelqueue.web.operators.admin import FailedQuery, RequeueRequest

SCHEMAS = "#/components/schemas/"
_REF = SCHEMAS + "{model}"
_ANSWERS = (
    *(Problem, Accepted, JobStatus, Estimate, FailedJobs, Requeued),
    *(UploadedImages, UploadedAudio, UploadedVideo, UploadedCaptions),
)
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 200},
    "description": "A repeated request with the same key and body gives the same job.",
}


def build_openapi() -> dict[str, Any]:
    """Return the OpenAPI document."""
    orders = [kind.request for kind in KINDS.values()]
    bodies: list[type[BaseModel]] = [*orders, RequeueRequest]
    _, requests = models_json_schema([(model, "validation") for model in bodies], ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Reelqueue", "version": __version__},
        "components": {
            "schemas": _leave_out_addresses(requests["$defs"]) | _build_answers(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "operator": {"type": "http", "scheme": "basic"},
            },
        },
        "security": [{}, {"token": []}],
        "paths": _build_paths(),
    }


def _leave_out_addresses(schemas: dict[str, Any]) -> dict[str, Any]:
    """Take the fields that come with the address out of the schemas of bodies."""
    for kind in KINDS.values():
        schema = schemas[kind.request.__name__]
        for name in kind.address_fields:
            del schema["properties"][name]
            schema["required"].remove(name)
    return schemas


def _build_answers() -> dict[str, Any]:
    """Return the schemas of all answers; that of a result has the facts of every job kind."""
    _, answers = models_json_schema(
        [(model, "validation") for model in _ANSWERS],
        ref_template=_REF,
        schema_generator=AnswerSchema,
    )
    schemas: dict[str, Any] = answers["$defs"]
    del schemas["JobResult"]["additionalProperties"]
    for status in ("JobStatus", "Accepted", "FailedJob"):
        schemas[status]["properties"]["kind"]["enum"] = list(KINDS)
    for kind in KINDS.values():
        facts = kind.facts.model_json_schema(ref_template=_REF, schema_generator=AnswerSchema)
        schemas |= facts.pop("$defs", {})
        addresses = {f"{name}_url": {"type": "string"} for name in kind.files}
        schemas["JobResult"]["properties"] |= facts["properties"] | addresses
    return schemas


def _build_paths() -> dict[str, Any]:
    return {
        "/upload_images": {"post": _upload("Upload photos.", "images", UploadedImages, many=True)},
        "/upload_audio": {"post": _upload("Upload one piece of music.", "audio", UploadedAudio)},
        "/upload_video": {"post": _upload("Upload one video.", "video", UploadedVideo)},
        "/upload_captions": {
            "post": _upload("Upload a file of captions.", "captions", UploadedCaptions)
        },
        **{_name_path(kind): {"post": _generate(kind)} for kind in KINDS.values()},
        "/job_status/{job_id}": {"get": _job("Get the status of a job.")},
        "/job_events/{job_id}": {"get": _follow()},
        "/job_cancel/{job_id}": {"post": _job("Cancel a job.")},
        "/job_retry/{job_id}": {"post": _job("Run a failed or cancelled job again.")},
        "/download/{video_id}": {
            "get": _file("Download a video, or a range of it.", "video/mp4", "video_id")
        },
        "/download/{video_id}/{file}": {
            "get": _file("Download another file of a result.", "*/*", "video_id", "file")
        },
        "/poster/{video_id}": {
            "get": _file("Get a video's first picture.", "image/jpeg", "video_id")
        },
        "/thumbnail/{session_id}/{media_id}": {
            "get": _file("Get a photo's thumbnail.", "image/jpeg", "session_id", "media_id")
        },
        "/admin/failed": {"get": _list_failed()},
        "/admin/requeue": {"post": _requeue()},
        "/health": {"get": _operation("Check queue, workers and storage.", {"200": _json({})})},
        "/metrics": {"get": _operation("Get metrics for Prometheus.", {"200": _text()})},
    }


def _operation(summary: str, responses: dict[str, Any], **members: Any) -> dict[str, Any]:
    problem = {
        "description": "A problem: what is wrong, and what to do.",
        "content": {"application/problem+json": {"schema": _refer(Problem)}},
    }
    return {"summary": summary, "responses": responses | {"default": problem}, **members}


def _refer(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": SCHEMAS + model.__name__}


def _json(schema: dict[str, Any], description: str = "The answer.") -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _upload(
    summary: str, field: str, answer: type[BaseModel], *, many: bool = False
) -> dict[str, Any]:
    file: dict[str, Any] = {"type": "string", "format": "binary"}
    form = {
        "type": "object",
        "properties": {
            field: {"type": "array", "items": file} if many else file,
            "session_id": {
                "type": "string",
                "description": "The session to add to; unset: a new one.",
            },
        },
        "required": [field],
    }
    body = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    return _operation(summary, {"201": _json(_refer(answer))}, requestBody=body)


def _generate(kind: Kind) -> dict[str, Any]:
    body = {
        "required": True,
        "content": {"application/json": {"schema": _refer(kind.request)}},
    }
    status, estimate = _refer(Accepted), _refer(Estimate)
    responses = {
        "200": _json(
            {"oneOf": [status, estimate]},
            "The job has ended: rendered while you waited, or reused. Or the answer to `dry_run`.",
        ),
        "202": _json(status, "The job is accepted: poll the address in Location."),
    }
    parameters = [*(_name_in_path(name) for name in kind.address_fields), _KEY]
    return _operation(kind.summary, responses, requestBody=body, parameters=parameters)


def _name_path(kind: Kind) -> str:
    """Return the route of a kind's orders as OpenAPI writes it."""
    return kind.route.replace("<", "{").replace(">", "}")


def _list_failed() -> dict[str, Any]:
    fields = FailedQuery.model_json_schema()["properties"]
    return _operation(
        "List the failed jobs.",
        {"200": _json(_refer(FailedJobs))},
        parameters=[{"name": name, "in": "query", "schema": fields[name]} for name in fields],
        security=[{"operator": []}],
    )


def _requeue() -> dict[str, Any]:
    body = _json(_refer(RequeueRequest), "One failed job, or all of them.")
    return _operation(
        "Run failed jobs again.",
        {"200": _json(_refer(Requeued))},
        requestBody=body | {"required": True},
        security=[{"operator": []}],
    )


def _job(summary: str) -> dict[str, Any]:
    response = _json(_refer(JobStatus), "The job's status.")
    return _operation(summary, {"200": response}, parameters=[_name_in_path("job_id")])


def _follow() -> dict[str, Any]:
    status = {"type": "string", "contentMediaType": "application/json"}
    event = {
        "type": "object",
        "properties": {
            "event": {"const": "status"},
            "data": {**status, "contentSchema": _refer(JobStatus)},
        },
    }
    content = {"text/event-stream": {"schema": event}}
    return _operation(
        "Follow a job with server-sent events.",
        {"200": {"description": "An event for each change.", "content": content}},
        parameters=[_name_in_path("job_id")],
    )


def _file(summary: str, content_type: str, *names: str) -> dict[str, Any]:
    content = {content_type: {"schema": {"type": "string", "format": "binary"}}}
    response = {"description": "The file.", "content": content}
    parameters = [_name_in_path(name) for name in names]
    return _operation(summary, {"200": response, "206": response}, parameters=parameters)


def _text() -> dict[str, Any]:
    content = {"text/plain": {"schema": {"type": "string"}}}
    return {"description": "Gauges in Prometheus' text format.", "content": content}


def _name_in_path(name: str) -> dict[str, Any]:
    schema = TypeAdapter(Id).json_schema() if name.endswith("_id") else {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema}
