"""The description of the API (OpenAPI 3.1), made from the models of requests and answers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, TypeAdapter

from reelqueue import __version__
from reelqueue.jobs.batch_status import BatchStatus
from reelqueue.jobs.status import JobStatus, Moment
from reelqueue.submission.batches.requests import BatchRequest
from reelqueue.submission.kinds import KINDS
from reelqueue.submission.kinds.base import Kind
from reelqueue.web.answers import (
    Accepted,
    AcceptedBatch,
    BatchEstimate,
    EarlierOrder,
    Estimate,
    Jobs,
    SessionUploads,
    SharedLink,
    UploadedAudio,
    UploadedCaptions,
    UploadedImages,
    UploadedVideo,
)
from reelqueue.web.jobs import JobsQuery
from reelqueue.web.openapi.operation import build_operation as _operation
from reelqueue.web.openapi.operation import describe_json as _json
from reelqueue.web.openapi.operation import name_in_path as _name_in_path
from reelqueue.web.openapi.operation import refer as _refer
from reelqueue.web.openapi.schemas import REF, AnswerSchema, build_answers, build_bodies
from reelqueue.web.openapi.tus import build_tus_paths
from reelqueue.web.operators.description import OPERATIONS, Operation

_ENDS = ("finished", "failed", "canceled")
_SIGNED = {"webhook-id": "string", "webhook-timestamp": "integer", "webhook-signature": "string"}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 200},
    "description": "A repeated request with the same key and body gives the same job.",
}


def build_openapi() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Reelqueue", "version": __version__},
        "components": {
            "schemas": build_bodies() | build_answers(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "operator": {"type": "http", "scheme": "basic"},
            },
        },
        "security": [{}, {"token": []}],
        "paths": _build_paths(),
        "webhooks": {
            **{f"job.{end}": {"post": _announce(f"job.{end}", JobStatus)} for end in _ENDS},
            "batch.ended": {"post": _announce("batch.ended", BatchStatus)},
        },
    }


def _build_paths() -> dict[str, Any]:
    return {
        "/upload_images": {"post": _upload("Upload photos.", "images", UploadedImages, many=True)},
        "/upload_audio": {"post": _upload("Upload one piece of music.", "audio", UploadedAudio)},
        "/upload_video": {"post": _upload("Upload one video.", "video", UploadedVideo)},
        "/upload_captions": {
            "post": _upload("Upload a file of captions.", "captions", UploadedCaptions)
        },
        **build_tus_paths(),
        **{_name_path(kind): {"post": _generate(kind)} for kind in KINDS.values()},
        "/jobs": {"get": _list("List the jobs of the caller.", JobsQuery, Jobs)},
        "/jobs/{job_id}": {"delete": _delete("Delete a job with its files.", "job_id")},
        "/jobs/{job_id}/order": {"get": _read_order()},
        "/jobs/{job_id}/share": {"post": _share()},
        "/shared/{video_id}/{signature}/video": {
            "get": _file(
                "Play a shared video, or a range of it.", "video/mp4", "video_id", "signature"
            )
        },
        "/sessions/{session_id}": {
            "get": _session(),
            "delete": _delete("Delete the uploads of a session.", "session_id"),
        },
        "/job_status/{job_id}": {"get": _job("Get the status of a job.")},
        "/job_events/{job_id}": {"get": _follow()},
        "/job_cancel/{job_id}": {"post": _job("Cancel a job.")},
        "/job_retry/{job_id}": {"post": _job("Run a failed or cancelled job again.")},
        "/generate_batch": {"post": _order_batch()},
        "/batch_status/{batch_id}": {"get": _batch("Get the status of a batch and its jobs.")},
        "/batch_cancel/{batch_id}": {"post": _batch("Cancel the jobs of a batch.")},
        "/batch_retry/{batch_id}": {"post": _batch("Run the failed jobs of a batch again.")},
        "/download/{video_id}": {
            "get": _file("Download a video, or a range of it.", "video/mp4", "video_id")
        },
        "/download/{video_id}/{file}": {
            "get": _file("Download another file of a result.", "*/*", "video_id", "file")
        },
        "/poster/{video_id}": {
            "get": _file("Get a video's first picture.", "image/jpeg", "video_id")
        },
        "/thumbnail/{session_id}/{media_id}": {"get": _show_thumbnail()},
        "/media/{session_id}/{media_id}": {
            "get": _file("Get an uploaded sound file or video.", "*/*", "session_id", "media_id")
        },
        **{each.path: {each.method: _describe_for_operators(each)} for each in OPERATIONS},
        "/health": {"get": _operation("Check queue, workers and storage.", {"200": _json({})})},
        "/metrics": {"get": _operation("Get metrics for Prometheus.", {"200": _text()})},
    }


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


def _list(summary: str, query: type[BaseModel], answer: type[BaseModel]) -> dict[str, Any]:
    return _operation(summary, {"200": _json(_refer(answer))}, parameters=_list_parameters(query))


def _delete(summary: str, name: str) -> dict[str, Any]:
    deleted = {"204": {"description": "It is deleted."}}
    return _operation(summary, deleted, parameters=[_name_in_path(name)])


def _session() -> dict[str, Any]:
    answer = _json(_refer(SessionUploads), "The ids of its uploads.")
    parameters = [_name_in_path("session_id")]
    return _operation("List the uploads of a session.", {"200": answer}, parameters=parameters)


def _read_order() -> dict[str, Any]:
    answer = _json(_refer(EarlierOrder), "The order, and the uploads that it names.")
    parameters = [_name_in_path("job_id")]
    summary = "Get the order of a job, to change it and send it again."
    return _operation(summary, {"200": answer}, parameters=parameters)


def _share() -> dict[str, Any]:
    answer = _json(_refer(SharedLink), "The path of the link.")
    parameters = [_name_in_path("job_id")]
    return _operation("Get a link to a video.", {"200": answer}, parameters=parameters)


def _announce(name: str, data: type[BaseModel]) -> dict[str, Any]:
    """Describe what an order's `callback_url` gets."""
    event = {
        "type": "object",
        "properties": {
            "type": {"const": name},
            "timestamp": TypeAdapter(Moment).json_schema(),
            "data": _refer(data),
        },
        "required": ["type", "timestamp", "data"],
    }
    return {
        "summary": f"Tell the service at `callback_url`: {name}.",
        "requestBody": _json(event, "What has ended, when and how.") | {"required": True},
        "parameters": [
            {"name": header, "in": "header", "required": True, "schema": {"type": kind}}
            for header, kind in _SIGNED.items()
        ],
        "responses": {
            "2XX": {"description": "The event is taken."},
            "410": {"description": "The event is not sent again."},
            "default": {"description": "The event is sent again later, for a day."},
        },
        "security": [],
    }


def _describe_for_operators(operation: Operation) -> dict[str, Any]:
    body = _json(_refer(operation.body), "What to act on.") if operation.body else None
    return _operation(
        operation.summary,
        {operation.status: _json(_refer(operation.answer))},
        parameters=_list_parameters(operation.query) if operation.query else [],
        security=[{"operator": []}],
        **({"requestBody": body} if body else {}),
    )


def _list_parameters(query: type[BaseModel]) -> list[dict[str, Any]]:
    schema = query.model_json_schema(ref_template=REF, schema_generator=AnswerSchema)
    fields: dict[str, Any] = schema["properties"]
    if "kind" in fields:
        fields["kind"]["enum"] = list(KINDS)
    return [{"name": name, "in": "query", "schema": fields[name]} for name in fields]


def _job(summary: str) -> dict[str, Any]:
    response = _json(_refer(JobStatus), "The job's status.")
    return _operation(summary, {"200": response}, parameters=[_name_in_path("job_id")])


def _order_batch() -> dict[str, Any]:
    body = _json(_refer(BatchRequest), "Orders, each with its kind.")
    return _operation(
        "Order jobs together, of which some may use the results of others.",
        {
            "200": _json(_refer(BatchEstimate), "The answer to `dry_run`."),
            "202": _json(_refer(AcceptedBatch), "All are accepted: poll the address in Location."),
        },
        requestBody=body | {"required": True},
        parameters=[_KEY],
    )


def _batch(summary: str) -> dict[str, Any]:
    response = _json(_refer(BatchStatus), "The batch's status.")
    return _operation(summary, {"200": response}, parameters=[_name_in_path("batch_id")])


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


def _show_thumbnail() -> dict[str, Any]:
    names = "session_id", "media_id"
    operation = _file("Get a photo's thumbnail.", "image/jpeg", *names)
    size = {
        "name": "size",
        "in": "query",
        "schema": {"type": "string", "enum": ["large"]},
        "description": "Unset: at most 320 pixels on a side. `large`: up to 960, or what there is.",
    }
    operation["parameters"].append(size)
    return operation


def _text() -> dict[str, Any]:
    content = {"text/plain": {"schema": {"type": "string"}}}
    return {"description": "Gauges in Prometheus' text format.", "content": content}
