"""Announcements: what ends and is told to other services, and the JSON that they get of it.

Each subject of events has an entry in `SUBJECTS`, by the name that is part of its keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from reelqueue.errors import NotFoundError, UnreadableRecordError
from reelqueue.jobs.batches import Batches
from reelqueue.jobs.model import LiveState, Record, now
from reelqueue.jobs.outbox import Event, EventKey
from reelqueue.jobs.status import describe_job
from reelqueue.services import Services
from reelqueue.submission.batches.state import find_status, list_members
from reelqueue.submission.kinds import find_messages


@dataclass(frozen=True)
class Subject:
    """Something that ends, and is announced then.

    Args:
        may_have_ended: tells so, given the runs that go on; without reading anything if they do.
        find_event: returns the event if that of this key has ended, None if it has not. It raises
            NotFoundError if there is no such thing, or not yet.
        describe: returns the `data` of the event as JSON. It raises
            NotFoundError if that has been deleted.
    """

    may_have_ended: Callable[[Services, EventKey, Set[EventKey]], bool]
    find_event: Callable[[Services, EventKey], Event | None]
    describe: Callable[[Services, EventKey], Mapping[str, Any]]


def _is_running_no_more(_: Services, key: EventKey, running: Set[EventKey]) -> bool:
    return key not in running


def _find_end_of_run(services: Services, key: EventKey) -> Event | None:
    record = _read_run(services, key)
    url, outcome = record.job.callback_url, record.outcome
    if outcome is None or url is None:
        return None
    return Event(
        **key._asdict(),
        type=f"job.{outcome.status}",
        occurred_at=outcome.ended_at,
        url=url,
        owner=record.job.owner,
        next_at=now(),
    )


def _describe_run(services: Services, key: EventKey) -> dict[str, Any]:
    record = _read_run(services, key)
    return describe_job(record, LiveState(), find_messages(record.job))


def _read_run(services: Services, key: EventKey) -> Record:
    """Return a run, which may not be the latest one of its job."""
    record = services.ledger.read(key.id)
    if record.run < key.number:
        raise NotFoundError(f"Job {key.id} has no run {key.number}.")
    if record.run == key.number:
        return record
    return replace(record, run=key.number, outcome=services.ledger.find_outcome(*key[1:]))


def _may_batch_have_ended(services: Services, key: EventKey, running: Set[EventKey]) -> bool:
    try:
        job_ids = _list_job_ids(services.batches, key.id)
    except (NotFoundError, UnreadableRecordError):
        return True
    return job_ids.isdisjoint(run.id for run in running)


@lru_cache(4096)
def _list_job_ids(batches: Batches, batch_id: str) -> frozenset[str]:
    """Return the ids of a batch's jobs; this is asked every second, and they never change."""
    return frozenset(member.job_id for member in batches.read(batch_id).members)


def _find_end_of_batch(services: Services, key: EventKey) -> Event | None:
    if services.batches.find_arrival(key.id):  # some of its jobs may be to come
        return None
    batch = services.batches.read(key.id)
    outcomes = [record.outcome for record in list_members(services, batch)]
    ended = [outcome.ended_at for outcome in outcomes if outcome]
    if batch.callback_url is None or len(ended) < len(outcomes):
        return None
    return Event(
        **key._asdict(),
        type="batch.ended",
        occurred_at=max(ended),
        url=batch.callback_url,
        owner=batch.owner,
        next_at=now(),
    )


def _describe_batch(services: Services, key: EventKey) -> dict[str, Any]:
    return find_status(services, services.batches.read(key.id))


SUBJECTS: Mapping[str, Subject] = {
    "job": Subject(_is_running_no_more, _find_end_of_run, _describe_run),
    "batch": Subject(_may_batch_have_ended, _find_end_of_batch, _describe_batch),
}


def find_subject(key: EventKey) -> Subject:
    """Return the subject of an event.

    Raises:
        UnreadableRecordError: if only another version knows it.
    """
    if key.subject not in SUBJECTS:
        raise UnreadableRecordError(f"Only another version of this service knows {key.path}.")
    return SUBJECTS[key.subject]
