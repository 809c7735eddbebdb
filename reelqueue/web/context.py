"""What every route needs: the opened services and whose request it is."""

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
    """Return whose request this is; `reelqueue.web.access` has found out."""
    return str(g.owner)


def read_json_body(max_bytes: int) -> bytes:
    """Return the body of a request that sends JSON.

    Raises:
        UnsupportedMediaError: if it says that it is something else.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaError("Send the request as JSON, with Content-Type application/json.")
    request.max_content_length = max_bytes
    return request.get_data()


def is_id(text: str) -> bool:
    """Tell ids from all else: only an id becomes part of a key."""
    try:
        _ID.validate_python(text)
    except ValidationError:
        return False
    return True


def read_own_record(job_id: str) -> Record:
    """Return a job of the caller's.

    Raises:
        NotFoundError: if there is none, or it is somebody else's: both read the same.
    """
    if not is_id(job_id):
        raise NotFoundError("There is no such job.")
    record = get_services().ledger.read(job_id)
    if record.job.owner != get_owner():
        raise NotFoundError(f"There is no job {job_id}.")
    return record
