"""The context of a request: the opened services, its owner, its body, and the job it names."""

from __future__ import annotations

from flask import current_app, g, request
from pydantic import TypeAdapter, ValidationError

from reelqueue.errors import NotFoundError, UnsupportedMediaError
from reelqueue.jobs.model import Record
from reelqueue.services import Services
from reelqueue.submission.requests import Id

EXTENSION = "reelqueue"
_ID = TypeAdapter(Id)


def get_services() -> Services:
    """Return the services that this app was made with."""
    services = current_app.extensions[EXTENSION]
    assert isinstance(services, Services)
    return services


def get_owner() -> str:
    """Return the owner of this request, as set by `reelqueue.web.access`."""
    return str(g.owner)


def read_json_body(max_bytes: int) -> bytes:
    """Return the body of a JSON request, at most `max_bytes` long.

    Raises:
        UnsupportedMediaError: if its Content-Type is not application/json.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaError("Send the request as JSON, with Content-Type application/json.")
    request.max_content_length = max_bytes
    return request.get_data()


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
    if ledger.read_owner(job_id) != get_owner():
        raise NotFoundError(f"There is no job {job_id}.")
    return ledger.read(job_id)
