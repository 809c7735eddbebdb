"""Webhooks: notice what has ended, and tell the services that wanted to know, until they have it.

All state is in the outbox, so that another process goes on where this one dies. A run that has not
ended costs no reads: the marks of open and held runs tell that it has not. Each delivery has a
thread of its own, so a service that is slow holds up neither this search nor the others.
"""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from datetime import datetime, timedelta
from threading import RLock, Thread
from typing import NamedTuple
from urllib.parse import urlsplit

from reelqueue.errors import NotFoundError, ReelqueueError, UnreadableRecordError
from reelqueue.jobs.marks.statistics import mark_sent
from reelqueue.jobs.model import now
from reelqueue.jobs.outbox import Delivery, Event, EventKey, Mark
from reelqueue.outages import OUTAGES
from reelqueue.services import Services
from reelqueue.storage.parallel import call_each
from reelqueue.upkeep.loop import repeat
from reelqueue.upkeep.webhooks.announcements import SUBJECTS, find_subject
from reelqueue.upkeep.webhooks.delivery import attempt_delivery

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

STEP_SECONDS = 1.0
RESTS_PER_WORK = 10
DELIVERIES_AT_ONCE = 16
DELIVERIES_TO_A_HOST = 2
DELIVERIES_OF_AN_OWNER = 8
"""An owner who names a thousand hosts that never answer leaves room for the others."""
NEVER_ACCEPTED = timedelta(minutes=10)
"""A mark without a job was left by an order that was refused, after so long."""
LOOKS_PER_AGE = 10
"""What has not ended, but could have, is looked at again after a tenth of its age."""
FAULT_PAUSE = timedelta(seconds=30)
"""After a fault of ours, such as a storage that is away, a delivery waits so long."""


class Known(NamedTuple):
    """A pending event, and the mark that it was read by; None if only another version reads it."""

    mark: Mark
    event: Event | None


class Webhooks:
    """Sends events. Of all processes that try, one at a time does it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = RLock()
        self._known: dict[EventKey, Known] = {}
        self._sending: dict[EventKey, Event] = {}
        self._looks: dict[EventKey, datetime] = {}  # when to look again for the end of something

    @property
    def is_busy(self) -> bool:
        """Whether events are being sent."""
        return bool(self._sending)

    def watch(self) -> None:
        """Look for events every `STEP_SECONDS`, until this process ends."""
        repeat(self._step_gently, STEP_SECONDS, log, "the search for webhooks failed")

    def _step_gently(self) -> None:
        """Look for events, and rest after that if it took long.

        To look through the marks of 3,000 runs takes 0.14 seconds of processor time: with more, it
        looks less often, so that this takes no more than a tenth of a core.
        """
        begun = time.thread_time()
        try:
            self.step()
        finally:
            worked = time.thread_time() - begun
            time.sleep(max(0.0, RESTS_PER_WORK * worked - STEP_SECONDS))

    def step(self) -> None:
        """Notice what has ended, and begin the deliveries that are due, if this is the leader."""
        if not self._services.settings.webhook_secret:
            return
        if not self._services.queue.acquire_leadership():
            with self._lock:
                self._known.clear()
            return
        expected, pending = self._services.outbox.list_marks()
        if self._add_ended(expected):
            pending = self._services.outbox.list_marks()[1]
        self._learn(pending)
        self._begin_due()

    def _add_ended(self, expected: Sequence[Mark]) -> int:
        """Put what has ended into the outbox; return how many events that gave."""
        keys = {mark.key for mark in expected}
        self._looks = {key: moment for key, moment in self._looks.items() if key in keys}
        if not expected:
            return 0
        live = self._services.ledger.marks.list_live_runs()
        running = {EventKey("job", *run) for run in live}
        doubtful = [mark for mark in expected if self._is_doubtful(mark.key, running)]
        return sum(call_each(self._look_at, doubtful))

    def _is_doubtful(self, key: EventKey, running: Set[EventKey]) -> bool:
        """Tell whether to look whether something has ended."""
        if key in self._looks and self._looks[key] > now():
            return False
        subject = SUBJECTS.get(key.subject)
        return subject is None or subject.may_have_ended(self._services, key, running)

    def _look_at(self, mark: Mark) -> bool:
        """Look whether something has ended, and if so, have that delivered."""
        key, outbox = mark.key, self._services.outbox
        age = now() - mark.modified
        try:
            event = find_subject(key).find_event(self._services, key)
        except NotFoundError:
            if age > NEVER_ACCEPTED:
                outbox.forget_expected(key)
            event = None
        except ReelqueueError as error:
            log.warning("%s: cannot be announced here: %s", key.webhook_id, error)
            event = None
        if event is None:
            self._looks[key] = now() + age / LOOKS_PER_AGE
            return False
        outbox.add(event)
        return True

    def _learn(self, pending: Sequence[Mark]) -> None:
        """Read the events whose marks are new; forget those whose marks are gone."""
        with self._lock:
            known = {mark.key: self._known.get(mark.key) for mark in pending}
            unread = [
                mark
                for mark in pending
                if mark.key not in self._sending and not _is_of(mark, known[mark.key])
            ]
        events = call_each(self._read, unread)
        with self._lock:
            self._known = {key: value for key, value in self._known.items() if key in known}
            for mark, event in zip(unread, events, strict=True):
                self._known[mark.key] = Known(mark, event)

    def _read(self, mark: Mark) -> Event | None:
        try:
            return self._services.outbox.read_pending(mark.key)
        except UnreadableRecordError as error:
            log.warning("%s: cannot be sent here: %s", mark.key.webhook_id, error)
            return None

    def _begin_due(self) -> None:
        """Begin the deliveries that are due, as many as may go on at once."""
        with self._lock:
            waiting = (known.event for known in self._known.values() if known.event)
            free = [event for event in waiting if event.key not in self._sending]
            for event in choose_due(free, self._sending.values(), now()):
                self._sending[event.key] = event
                Thread(target=self._send, args=(event,), daemon=True).start()

    def _send(self, event: Event) -> None:
        """Deliver an event, and begin what it kept waiting."""
        after: Event | None = event.model_copy(update={"next_at": now() + FAULT_PAUSE})
        try:
            after = self._deliver(event)
        except ReelqueueError:
            log.warning("%s: the delivery failed", event.key.webhook_id, exc_info=True)
        except Exception:  # it is tried again after the pause
            log.exception("%s: the delivery failed", event.key.webhook_id)
        with self._lock:
            del self._sending[event.key]
            self._keep(event.key, after)
            self._begin_due()

    def _keep(self, key: EventKey, after: Event | None) -> None:
        known = self._known.get(key)
        if after and after.state is Delivery.PENDING and known:
            self._known[key] = known._replace(event=after)
        else:
            self._known.pop(key, None)

    def _deliver(self, event: Event) -> Event | None:
        """Deliver an event once and note that; return it, None if it is no longer to be sent."""
        services, key = self._services, event.key
        if not services.queue.acquire_leadership():
            return None
        try:
            data = find_subject(key).describe(services, key)
        except NotFoundError:
            services.outbox.forget(key.subject, key.id)
            return None
        after = attempt_delivery(services.settings, event, data, random.random())  # noqa: S311  # no secret
        services.outbox.note(after)
        mark_sent(services.store, *_name_attempt(after))
        log.info("%s to %s: %s", key.webhook_id, find_host(event), after.state)
        return after


def _name_attempt(event: Event) -> tuple[str, str]:
    """Return what came of the latest attempt in one word, and an id that only it has."""
    outcome = "failed" if event.state is Delivery.PENDING else str(event.state)
    return outcome, f"{event.key.webhook_id}-{event.round}-{len(event.attempts)}"


def choose_due(events: Iterable[Event], sending: Iterable[Event], moment: datetime) -> list[Event]:
    """Return the events to begin with, those that have waited longest first.

    Args:
        events: those that are not being sent.
        sending: those that are.
        moment: now.
    """
    taken = list(sending)
    hosts, owners = Counter(map(find_host, taken)), Counter(event.owner for event in taken)
    room = DELIVERIES_AT_ONCE - len(taken)
    chosen: list[Event] = []
    due = [event for event in events if event.next_at and event.next_at <= moment]
    for event in sorted(due, key=lambda event: event.next_at or moment):
        host = find_host(event)
        is_full = len(chosen) >= room or hosts[host] >= DELIVERIES_TO_A_HOST
        if not is_full and owners[event.owner] < DELIVERIES_OF_AN_OWNER:
            hosts[host] += 1
            owners[event.owner] += 1
            chosen.append(event)
    return chosen


def find_host(event: Event) -> str:
    """Return the host that an event goes to."""
    return urlsplit(event.url).hostname or ""


def _is_of(mark: Mark, known: Known | None) -> bool:
    return known is not None and known.mark == mark
