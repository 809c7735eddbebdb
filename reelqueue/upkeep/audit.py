"""The audit list: what operators did, when, and how it ended. Retention deletes old records."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import uuid4

from pydantic import ValidationError

from reelqueue.errors import UnavailableError
from reelqueue.jobs.model import now
from reelqueue.jobs.records import Stored
from reelqueue.storage import Store
from reelqueue.storage.parallel import call_each

log = logging.getLogger(__name__)

FOLDER = "audit"
SERVICE = "service"
"""The name of the one who did what an operator had asked for a moment before."""


class AuditRecord(Stored):
    """One action of an operator.

    `who` is the name that was signed in with, `address` where the request came from; both are of
    the operator, or `who` is `SERVICE`. `target` is what was acted on, such as a job's id.
    """

    at: datetime
    who: str
    address: str = ""
    action: str
    target: str = ""
    result: str


class AuditLog:
    """Append-only records in storage, each under a key of its own that begins with the time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self, who: str, action: str, result: str, *, target: str = "", address: str = ""
    ) -> None:
        """Store a record; if the storage is away, the log of this process alone has it.

        The action has been done by then, and may be what is to bring the storage back.
        """
        record = AuditRecord(
            at=now(), who=who, address=address, action=action, target=target, result=result
        )
        log.info("%s %s: %s %s: %s", who, address or "-", action, target or "-", result)
        try:
            self._store.create(_name_key(record.at), record.to_json())
        except UnavailableError:
            log.exception("the record of %s by %s could not be stored", action, who)

    def list(self, first: int, count: int) -> tuple[list[AuditRecord], int]:
        """Return so many records from number `first` on, newest first, and the number of all."""
        keys = [entry.key for entry in reversed(self._store.list(FOLDER))]
        found = call_each(self._read, keys[first : first + count])
        return [record for record in found if record], len(keys)

    def _read(self, key: str) -> AuditRecord | None:
        """Return a record, None if retention has deleted it or only another version can read it."""
        data = self._store.read(key)
        try:
            return AuditRecord.model_validate_json(data) if data else None
        except ValidationError:
            log.warning("%s cannot be read", key)
            return None


def _name_key(moment: datetime) -> str:
    """Return a key that sorts by time, and that no other record has."""
    return f"{FOLDER}/{moment:%Y%m%dT%H%M%S.%f}-{uuid4().hex[:8]}.json"
