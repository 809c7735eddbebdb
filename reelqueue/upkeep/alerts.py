"""Alerts: tell an operator when something is wrong, once, and once more when it is over.

What is wrong has to last for `HOLD` before it counts, and so has its end. The state is kept under
settings/alerts, with the messages that were not sent yet: a new leader goes on from there. Only a
process that is killed just after it sent a message has it sent again, with the same id.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from pydantic import Field, ValidationError

from reelqueue.config import Settings
from reelqueue.errors import DeliveryError
from reelqueue.jobs.model import now
from reelqueue.jobs.records import Stored
from reelqueue.processes.room import measure_disk
from reelqueue.services import Services
from reelqueue.sizes import spell_size
from reelqueue.storage import Store
from reelqueue.upkeep.outgoing import post_json
from reelqueue.upkeep.statistics.overview import Overview
from reelqueue.upkeep.statistics.tallies import Ends

log = logging.getLogger(__name__)

KEY = "settings/alerts"
HOLD = timedelta(minutes=1)
WINDOW_MINUTES = 15
FEWEST_ENDS = 10
RETRY_SECONDS = 30.0
_MAX_UNSENT = 50

AlertName = Literal["no-worker", "failures", "waiting", "disk"]
_OVER: Mapping[AlertName, str] = {
    "no-worker": "A worker is running again.",
    "failures": "Few of the jobs fail again.",
    "waiting": "No job has to wait that long any more.",
    "disk": "The disk of the storage has room again.",
}


@dataclass(frozen=True)
class Situation:
    """What alerts are about, at a moment.

    Attributes:
        lacks_workers: whether a queue is there, and no worker.
        ends: the runs that ended in the last `WINDOW_MINUTES`.
        waiting: for how many seconds the job waits that waits longest in a queue, by queue.
        disk: the free and all bytes of the storage's disk, None of a bucket.
    """

    lacks_workers: bool
    ends: Ends
    waiting: Mapping[str, float]
    disk: tuple[int, int] | None


class Message(Stored):
    """What an alert sends; `text` is a sentence for people."""

    id: str
    alert: AlertName
    status: Literal["begun", "over"]
    at: datetime
    text: str


class AlertState(Stored):
    """How an alert stands.

    Attributes:
        is_wrong: whether something was wrong when it was looked at last.
        turned_at: since when that is so.
        since: when the alert began; None if there is none.
        text: what is wrong.
    """

    is_wrong: bool = False
    turned_at: datetime | None = None
    since: datetime | None = None
    text: str = ""


class AlertBook(Stored):
    """The state of all alerts, and the messages that are still to be sent, oldest first."""

    states: Mapping[AlertName, AlertState] = Field(default_factory=dict)
    unsent: tuple[Message, ...] = ()


def read_book(store: Store) -> AlertBook:
    """Return the state of all alerts.

    Raises:
        UnavailableError: if the storage does not answer.
    """
    data = store.read(KEY)
    try:
        return AlertBook.model_validate_json(data) if data else AlertBook()
    except ValidationError:
        log.warning("the state of the alerts is unknown", exc_info=True)
        return AlertBook()


def find_troubles(situation: Situation, settings: Settings) -> dict[AlertName, str]:
    """Return a sentence on each thing that is wrong."""
    troubles: dict[AlertName, str] = {}
    if situation.lacks_workers:
        troubles["no-worker"] = "No worker is running: jobs wait until one is started."
    ends = situation.ends
    if is_failing(ends, settings.alert_failure_percent):
        troubles["failures"] = (
            f"{ends.failed} of the {ends.ended} jobs that ended in the last {WINDOW_MINUTES} "
            "minutes failed."
        )
    queue = max(situation.waiting, key=lambda name: situation.waiting[name], default=None)
    if queue and (seconds := situation.waiting[queue]) > settings.alert_waiting_seconds:
        troubles["waiting"] = (
            f"A job has waited in the queue {queue} for {seconds / 60:.0f} minutes."
        )
    if situation.disk and is_full(situation.disk, settings.alert_disk_percent):
        free, total = situation.disk
        taken = 100 - 100 * free / total
        troubles["disk"] = (
            f"The disk of the storage is {taken:.0f} % full: {spell_size(free)} are free."
        )
    return troubles


def is_failing(ends: Ends, percent: int) -> bool:
    """Tell whether more than so many percent of enough jobs failed."""
    return ends.ended >= FEWEST_ENDS and 100 * ends.failed > percent * ends.ended


def is_full(disk: tuple[int, int], percent: int) -> bool:
    """Tell whether more than so many percent of a disk are taken."""
    free, total = disk
    return 100 * (total - free) > percent * total


def advance(
    book: AlertBook, troubles: Mapping[AlertName, str], moment: datetime, *, is_sent: bool
) -> AlertBook:
    """Return the state of all alerts after another look.

    Args:
        book: the state before.
        troubles: what is wrong at this moment.
        moment: the time now.
        is_sent: whether messages are to be sent; otherwise none are kept.
    """
    states, messages = dict(book.states), list(book.unsent)
    for name in get_args(AlertName):
        before = states.get(name, AlertState())
        states[name] = after = _turn(before, troubles.get(name), moment)
        if (before.since is None) != (after.since is None):
            messages.append(_write_message(name, after, moment))
    return AlertBook(states=states, unsent=tuple(messages[-_MAX_UNSENT:]) if is_sent else ())


def _turn(state: AlertState, trouble: str | None, moment: datetime) -> AlertState:
    is_wrong = trouble is not None
    if is_wrong != state.is_wrong or state.turned_at is None:
        return state.model_copy(update={"is_wrong": is_wrong, "turned_at": moment})
    if is_wrong == (state.since is not None) or moment - state.turned_at < HOLD:
        return state
    since = state.turned_at if is_wrong else None
    return state.model_copy(update={"since": since, "text": trouble or ""})


def _write_message(name: AlertName, state: AlertState, moment: datetime) -> Message:
    begins = state.since is not None
    return Message(
        id=f"{name}-{'begun' if begins else 'over'}-{moment:%Y%m%dT%H%M%S}",
        alert=name,
        status="begun" if begins else "over",
        at=moment,
        text=f"Reelqueue: {state.text if begins else _OVER[name]}",
    )


class Alerts:
    """Looks what is wrong and sends messages; the observer calls it while its process leads."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tried = float("-inf")
        self._has_failed = False

    def step(self, overview: Overview, lacks_workers: bool) -> None:
        """Look once.

        Raises:
            UnavailableError: if the storage does not answer.
        """
        store, settings = self._services.store, self._services.settings
        troubles = find_troubles(self._describe(overview, lacks_workers), settings)
        before = read_book(store)
        book = advance(before, troubles, now(), is_sent=settings.alert_url is not None)
        self._log(before, book)
        if book != before:  # first of all: a message that is sent must be known
            store.write(KEY, book.to_json())
        self._send(book)

    def _describe(self, overview: Overview, lacks_workers: bool) -> Situation:
        folder, moment = self._services.store.folder, now()
        return Situation(
            lacks_workers=lacks_workers,
            ends=overview.totals.count_minutes(moment, WINDOW_MINUTES),
            waiting={
                queue: (moment - since).total_seconds() for queue, since in overview.oldest.items()
            },
            disk=measure_disk(folder) if folder and folder.exists() else None,
        )

    def _log(self, before: AlertBook, after: AlertBook) -> None:
        for name, state in after.states.items():
            was_active = before.states.get(name, AlertState()).since is not None
            if state.since and not was_active:
                log.warning("alert: %s", state.text)
            elif was_active and not state.since:
                log.warning("alert is over: %s", _OVER[name])

    def _send(self, book: AlertBook) -> None:
        """Send what is left to be sent, oldest first; a failure is tried again in a while."""
        url = self._services.settings.alert_url
        if not (book.unsent and url) or time.monotonic() - self._tried < RETRY_SECONDS:
            return
        for sent, message in enumerate(book.unsent, 1):
            try:
                send(str(url), message.model_dump_json().encode())
            except DeliveryError as error:
                self._tried = time.monotonic()
                if not self._has_failed:
                    log.warning("alerts cannot be sent: %s", error)
                self._has_failed = True
                return
            self._has_failed = False
            left = book.model_copy(update={"unsent": book.unsent[sent:]})
            self._services.store.write(KEY, left.to_json())


def send(url: str, body: bytes) -> None:
    """Send JSON to an address that an operator has set, which may be of the own network.

    Raises:
        DeliveryError: if it was not taken.
    """
    reply = post_json(url, body, allow_private=True)
    if not 200 <= reply.status < 300:
        raise DeliveryError(f"The answer was {reply.status}.")
