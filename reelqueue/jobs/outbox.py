"""The outbox: what other services are told of the ends of jobs, in storage until they have it.

outbox/expected/job/<id>/<n>  run n of a job will end, and another service wants to know it
outbox/pending/job/<id>/<n>   an event that is to be delivered; it holds the number of the round
webhooks/job/<id>/<n>         the event and its attempts; it outlives its delivery, as a log

The first is written before the run can end, and deleted after the others are written. The second is
deleted after the third tells how the delivery ended. So whatever process dies, the next one goes on
from the marks; at worst it sends an event again, under the same id.

Each request to deliver an event again begins a new round of attempts.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import ValidationError

from reelqueue.errors import NotFoundError, UnreadableRecordError
from reelqueue.jobs.model import now
from reelqueue.jobs.records import Stored
from reelqueue.storage import Entry, Store

EXPECTED, PENDING, EVENTS = "outbox/expected", "outbox/pending", "webhooks"
KEPT_EVENTS = 1000
"""So many events that need no further attempt are kept as the log, the newest ones."""


class EventKey(NamedTuple):
    """What an event tells of: the run of a job, or another thing that has an id and ends.

    `subject` is "job" for a run. `number` is that of the run, 1 for things that end once.
    """

    subject: str
    id: str
    number: int = 1

    @classmethod
    def from_path(cls, path: str) -> Self:
        """Read the last three parts of a storage key."""
        subject, subject_id, number = path.split("/")[-3:]
        return cls(subject, subject_id, int(number))

    @classmethod
    def from_webhook_id(cls, webhook_id: str) -> Self:
        """Read what `webhook_id` returns."""
        return cls.from_path(webhook_id.replace("_", "/"))

    @property
    def path(self) -> str:
        """The last three parts of the storage keys."""
        return f"{self.subject}/{self.id}/{self.number}"

    @property
    def webhook_id(self) -> str:
        """The id under which the event is sent, each time."""
        return f"{self.subject}_{self.id}_{self.number}"


class Delivery(StrEnum):
    """How far the delivery of an event is."""

    PENDING = "pending"
    DELIVERED = "delivered"
    GONE = "gone"  # the service wants no more events at this address
    GIVEN_UP = "given_up"  # no attempt of a whole day succeeded


class Attempt(Stored):
    """One attempt to deliver an event: the HTTP status of the answer, or why there was none."""

    at: datetime
    status_code: int | None = None
    error: str | None = None


class Event(Stored):
    """Something that another service is told: its key, where it goes, and the attempts.

    `owner` is whose job or batch it was; it is empty in events that earlier versions stored.
    `attempts` are those of the current round, and `round` counts the rounds. `next_at` is when the
    next attempt is due, None if there will be none.
    """

    subject: str
    id: str
    number: int
    type: str
    occurred_at: datetime
    url: str
    owner: str = ""
    state: Delivery = Delivery.PENDING
    next_at: datetime | None = None
    round: int = 1
    attempts: tuple[Attempt, ...] = ()

    @property
    def key(self) -> EventKey:
        """What the event tells of."""
        return EventKey(self.subject, self.id, self.number)

    def begin_round(self, number: int) -> Event:
        """Return the event with all attempts before it."""
        fresh = {"state": Delivery.PENDING, "next_at": now(), "round": number, "attempts": ()}
        return self.model_copy(update=fresh)


class Mark(NamedTuple):
    """A stored mark of an event, and what changes when it is written again."""

    key: EventKey
    modified: datetime
    etag: str | None


class Outbox:
    """The events that are expected, those that are to be delivered, and the log of deliveries."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def expect(self, key: EventKey) -> None:
        """Note that something will end, and is to be announced then; before it can end."""
        self._store.write(f"{EXPECTED}/{key.path}", b"")

    def is_expected(self, subject: str, subject_id: str) -> bool:
        """Tell whether any end of this thing is still to be announced."""
        return bool(self._store.list(f"{EXPECTED}/{subject}/{subject_id}"))

    def forget_expected(self, key: EventKey) -> None:
        """Delete the mark of what has been announced, or will not end."""
        self._store.delete(f"{EXPECTED}/{key.path}")

    def list_marks(self) -> tuple[list[Mark], list[Mark]]:
        """Return what is expected, and what is pending."""
        entries = self._store.list("outbox")
        expected, pending = (
            [
                Mark(EventKey.from_path(entry.key), entry.modified, entry.etag)
                for entry in entries
                if entry.key.startswith(f"{folder}/")
            ]
            for folder in (EXPECTED, PENDING)
        )
        return expected, pending

    def add(self, event: Event) -> None:
        """Have an event delivered; one that is there already is not delivered again."""
        is_new = self._store.create(f"{EVENTS}/{event.key.path}", event.to_json())
        known = event if is_new else self.read(event.key)
        if known.state is Delivery.PENDING:
            self._mark(known)
        self.forget_expected(event.key)

    def is_known(self, key: EventKey) -> bool:
        """Tell whether there is an event of this key."""
        return self._store.find(f"{EVENTS}/{key.path}") is not None

    def read(self, key: EventKey) -> Event:
        """Return an event.

        Raises:
            NotFoundError: if there is none, or no longer.
            UnreadableRecordError: if only another version can read it.
        """
        data = self._store.read(f"{EVENTS}/{key.path}")
        if data is None:
            raise NotFoundError(f"There is no webhook {key.webhook_id}.")
        try:
            return Event.model_validate_json(data)
        except ValidationError:
            raise UnreadableRecordError(
                f"The webhook {key.webhook_id} was stored by another version of this service: try "
                "again when all of it has been updated."
            ) from None

    def read_pending(self, key: EventKey) -> Event | None:
        """Return an event that is to be delivered; if it is not, or gone, delete its mark.

        Raises:
            UnreadableRecordError: if only another version can read it.
        """
        wanted = int(self._store.read(f"{PENDING}/{key.path}") or 0)
        try:
            event = self.read(key)
        except NotFoundError:
            self._unmark(key)
            return None
        if wanted > event.round:
            event = event.begin_round(wanted)
            self.note(event)
        if event.state is Delivery.PENDING:
            return event
        self._unmark(key)
        return None

    def note(self, event: Event) -> None:
        """Store an event after an attempt, unless it was deleted meanwhile.

        One that needs no further attempt is no longer pending.
        """
        if self._store.find(f"{PENDING}/{event.key.path}") is None:
            return
        self._store.write(f"{EVENTS}/{event.key.path}", event.to_json())
        if event.state is not Delivery.PENDING:
            self._unmark(event.key)

    def ask_again(self, key: EventKey) -> Event:
        """Have an event delivered again, or now if it is pending; return it as it is.

        Raises:
            NotFoundError: if there is none, or no longer.
        """
        event = self.read(key)
        self._mark(event.begin_round(event.round + 1))
        return event

    def forget(self, subject: str, subject_id: str) -> None:
        """Delete all of a job, or of another thing: what is expected, pending and logged."""
        folders = [f"{folder}/{subject}/{subject_id}" for folder in (EXPECTED, PENDING, EVENTS)]
        self._store.delete(*(entry.key for folder in folders for entry in self._store.list(folder)))

    def list_deliveries(self, first: int, count: int) -> tuple[list[Event], int]:
        """Return some events with their attempts, those that changed last first, and how many are.

        Args:
            first: how many to leave out.
            count: how many to return at most.
        """
        entries = self._list_events()
        events = []
        for entry in entries[first : first + count]:
            with suppress(NotFoundError, UnreadableRecordError):
                events.append(self.read(EventKey.from_path(entry.key)))
        return events, len(entries)

    def list_old(self, before: datetime) -> list[str]:
        """Return the storage keys of events that the log need not keep.

        Those are the ones that ended before a moment, and those beyond the newest `KEPT_EVENTS`.
        """
        entries = self._list_events()
        pending = {mark.key for mark in self.list_marks()[1]}
        ended = [entry for entry in entries if EventKey.from_path(entry.key) not in pending]
        aged = [entry for entry in ended[:KEPT_EVENTS] if entry.modified < before]
        return [entry.key for entry in (*aged, *ended[KEPT_EVENTS:])]

    def _list_events(self) -> list[Entry]:
        entries = self._store.list(EVENTS)
        return sorted(entries, key=lambda entry: entry.modified, reverse=True)

    def _mark(self, event: Event) -> None:
        self._store.write(f"{PENDING}/{event.key.path}", str(event.round).encode())

    def _unmark(self, key: EventKey) -> None:
        self._store.delete(f"{PENDING}/{key.path}")
