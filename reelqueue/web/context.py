"""The context of a request: the services, its owner, query and body, its job and its answer."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Response, current_app, g, jsonify, request
from pydantic import BaseModel, TypeAdapter, ValidationError

from reelqueue.errors import NotFoundError, UnreadableRecordError, UnsupportedMediaError
from reelqueue.jobs.model import Record
from reelqueue.services import Services
from reelqueue.specs.parsing import parse_values
from reelqueue.submission.requests import Id

Query = TypeVar("Query", bound=BaseModel)

EXTENSION = "reelqueue"
_FOR_OPERATORS = {"rq_dashboard", "admin", "diagnostics"}
"""Blueprints; those within them are, too."""
_ID = TypeAdapter(Id)


def get_services() -> Services:
    """Return the services that this app was made with."""
    services = current_app.extensions[EXTENSION]
    assert isinstance(services, Services)
    return services


def get_owner() -> str:
    """Return the owner of this request, as set by `reelqueue.web.access`."""
    return str(g.owner)


def is_for_operators() -> bool:
    """Tell whether the address of this request is one for operators."""
    return (request.blueprint or "").partition(".")[0] in _FOR_OPERATORS


def read_json_body(max_bytes: int) -> bytes:
    """Return the body of a JSON request, at most `max_bytes` long.

    Raises:
        UnsupportedMediaError: if its Content-Type is not application/json.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaError("Send the request as JSON, with Content-Type application/json.")
    request.max_content_length = max_bytes
    return request.get_data()


def read_query(model: type[Query]) -> Query:
    """Return the query of a request.

    Raises:
        InvalidSpecError: for the first value that is unknown or outside its limits.
    """
    return parse_values(model, dict(request.args.items()))


def to_json(model: BaseModel) -> dict[str, Any]:
    """Return an answer as JSON, without its unset values."""
    return model.model_dump(mode="json", exclude_none=True)


def answer_json(model: BaseModel) -> Response:
    """Answer with a model as JSON, without its unset values."""
    return jsonify(to_json(model))


def is_id(text: str) -> bool:
    """Tell whether a text is an id, which is safe as part of a storage key."""
    try:
        _ID.validate_python(text)
    except ValidationError:
        return False
    return True


def read_own_record(job_id: str) -> Record:
    """Return the record of a job that the caller owns.

    Raises:
        NotFoundError: if there is no such job, or another owner's; the sentence is the same.
        UnreadableRecordError: if only another version of the service can read it.
    """
    if not is_id(job_id):
        raise NotFoundError("There is no such job.")
    ledger = get_services().ledger
    try:
        record = ledger.read(job_id)
    except UnreadableRecordError:
        if ledger.read_owner(job_id) != get_owner():
            raise NotFoundError(f"There is no job {job_id}.") from None
        raise
    if record.job.owner != get_owner():
        raise NotFoundError(f"There is no job {job_id}.")
    return record
