"""What every route needs: the opened services and whose request it is."""

from __future__ import annotations

from flask import current_app, g

from reelqueue.errors import NotFoundError
from reelqueue.jobs import Record
from reelqueue.services import Services

EXTENSION = "reelqueue"


def get_services() -> Services:
    """Return the services that this app was made with."""
    services = current_app.extensions[EXTENSION]
    assert isinstance(services, Services)
    return services


def get_owner() -> str:
    """Return whose request this is; `reelqueue.web.access` has found out."""
    return str(g.owner)


def read_own_record(job_id: str) -> Record:
    """Return a job of the caller's.

    Raises:
        NotFoundError: if there is none, or it is somebody else's: both read the same.
    """
    record = get_services().ledger.read(job_id)
    if record.job.owner != get_owner():
        raise NotFoundError(f"There is no job {job_id}.")
    return record
