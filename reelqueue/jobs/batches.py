"""The batches in the ledger: jobs that were ordered together.

arriving/<id>             a batch with its jobs; creating it is what accepts them
batches/<id>/batch.json   who ordered which jobs; written before the first of them

The first is deleted when all jobs have been accepted, so most of the time there is none.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import Literal

from reelqueue.errors import NotFoundError, ReusedKeyError
from reelqueue.jobs.model import Input, Job, find_inputs
from reelqueue.jobs.records import Stored, parse_record
from reelqueue.storage import Store

log = logging.getLogger(__name__)


class Member(Stored):
    """A job of a batch, and its name in it."""

    name: str
    job_id: str


class Batch(Stored):
    """An accepted batch; its members are in the order of the request."""

    version: Literal[1] = 1
    id: str
    owner: str
    created_at: datetime
    request_hash: str
    members: tuple[Member, ...]
    callback_url: str | None = None

    def is_same(self, other: Batch) -> bool:
        """Tell whether both were made from the same request."""
        return (self.owner, self.request_hash) == (other.owner, other.request_hash)


class Arrival(Stored):
    """A batch whose jobs are being accepted; each job comes after those that it needs."""

    batch: Batch
    jobs: tuple[Job, ...]


class Batches:
    """The accepted batches, in storage."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def announce(self, arrival: Arrival) -> Arrival:
        """Accept a batch; return the arrival that counts, which is the first one written."""
        batch_id = arrival.batch.id
        if self._store.create(_find_arrival_key(batch_id), arrival.to_json()):
            return arrival
        return self.find_arrival(batch_id) or arrival

    def keep(self, batch: Batch) -> Batch:
        """Write the record of a batch; return the one that counts, which is the first."""
        if self._store.create(find_batch_key(batch.id), batch.to_json()):
            return batch
        return self.read(batch.id)

    def find_same(self, batch: Batch) -> Batch | None:
        """Return the batch that the same request made earlier, None if there is none.

        Raises:
            ReusedKeyError: if the batch of this id was made from another request.
        """
        try:
            earlier = self.read(batch.id)
        except NotFoundError:
            return None
        if not earlier.is_same(batch):
            raise ReusedKeyError(
                "This idempotency key or batch id was used for another request: choose a new one."
            )
        return earlier

    def read(self, batch_id: str) -> Batch:
        """Return a batch.

        Raises:
            NotFoundError: if there is none.
            UnreadableRecordError: if this version cannot read it.
        """
        data = self._store.read(find_batch_key(batch_id))
        if data is None:
            raise NotFoundError(f"There is no batch {batch_id}.")
        return parse_record(Batch, data, batch_id)

    def list_arrivals(self) -> list[str]:
        """Return the ids of the batches of which not all jobs may be accepted."""
        return [entry.key.rpartition("/")[2] for entry in self._store.list("arriving")]

    def find_arrival(self, batch_id: str) -> Arrival | None:
        """Return a batch whose jobs are being accepted, None if all are.

        Raises:
            UnreadableRecordError: if this version cannot read it.
        """
        data = self._store.read(_find_arrival_key(batch_id))
        return parse_record(Arrival, data, batch_id) if data else None

    def list_arriving_inputs(self) -> list[Input]:
        """Return the files that the jobs of arriving batches read; unreadable jobs count, too.

        A damaged record, which no version can accept any more, keeps nothing.
        """
        found: list[Input] = []
        for batch_id in self.list_arrivals():
            data = self._store.read(_find_arrival_key(batch_id))
            try:
                found += find_inputs(json.loads(data)) if data else ()
            except ValueError:
                log.warning("batch %s: its record is damaged", batch_id, exc_info=True)
        return found

    def list_newest(self) -> list[str]:
        """Return the ids of all batches, those accepted last first."""
        entries = self._store.list("batches")
        entries.sort(key=lambda entry: entry.modified, reverse=True)
        return [entry.key.split("/")[1] for entry in entries]

    def list_old(self, before: datetime) -> list[str]:
        """Return the ids of the batches that were accepted before a time."""
        old = [entry.key for entry in self._store.list("batches") if entry.modified < before]
        return [key.split("/")[1] for key in old]

    def close_arrival(self, batch_id: str) -> None:
        """Forget an arrival: all its jobs are accepted, or none will be."""
        self._store.delete(_find_arrival_key(batch_id))


def find_batch_key(batch_id: str) -> str:
    """Return the key of the record of a batch."""
    return f"batches/{batch_id}/batch.json"


def _find_arrival_key(batch_id: str) -> str:
    return f"arriving/{batch_id}"
