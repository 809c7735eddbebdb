"""Periodic work: what the leader does every few minutes, or once a day.

The table of it is in `reelqueue.upkeep.chores.table`. Under settings/periodic/NAME the storage has
when each chore was done last and is due next. So however many processes run, and whichever of them
leads, each chore is done once. One that was missed because no process led is done once; one that
was killed is done again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as TimeOfDay  # noqa: N812  # the module time is needed, too
from threading import Thread

from pydantic import ValidationError

from reelqueue.errors import DeliveryError, UnavailableError
from reelqueue.jobs.model import now
from reelqueue.jobs.records import Stored
from reelqueue.outages import OUTAGES
from reelqueue.services import Services
from reelqueue.storage import Store
from reelqueue.upkeep.loop import repeat

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

STEP_SECONDS = 2.0
RETRY_SECONDS = 300.0
"""A chore that failed is done again after this long, if it is not due sooner."""
_FOLDER = "settings/periodic"


@dataclass(frozen=True)
class Every:
    """Again and again, so many seconds after the last beginning."""

    seconds: float

    def __str__(self) -> str:
        return "every hour" if self.seconds == 3600 else f"every {self.seconds / 60:g} minutes"

    def find_first(self, moment: datetime) -> datetime:
        """Return when a chore is due that was never done: at once."""
        return moment

    def find_next(self, moment: datetime) -> datetime:
        """Return when a chore is due that began at `moment`."""
        return moment + timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class Daily:
    """Once a day, at a time in UTC."""

    at: TimeOfDay

    def __str__(self) -> str:
        return f"daily at {self.at:%H:%M} UTC"

    def find_first(self, moment: datetime) -> datetime:
        """Return when a chore is due that was never done: at the next such time."""
        return self.find_next(moment)

    def find_next(self, moment: datetime) -> datetime:
        """Return the first such time after `moment`."""
        today = datetime.combine(moment.astimezone(UTC), self.at, UTC)
        return today if today > moment else today + timedelta(days=1)


@dataclass(frozen=True)
class Chore:
    """A row of the table.

    `run` gets the time at which it began the last time, None if it was never done. It returns a
    sentence on what it did, and may be called again for the same time.
    """

    name: str
    schedule: Every | Daily
    run: Callable[[datetime | None], str]


class ChoreState(Stored):
    """When a chore was done and is due.

    Attributes:
        begun_at: when it was begun the last time.
        last_at: when it began the last time that it was done, or failed.
        seconds: how long that took.
        ok: whether it was done.
        outcome: a sentence on what was done, or on the failure.
    """

    due_at: datetime
    begun_at: datetime | None = None
    last_at: datetime | None = None
    seconds: float | None = None
    ok: bool = True
    outcome: str = ""


def read_state(store: Store, chore: Chore) -> ChoreState:
    """Return the state of a chore, as it is kept or, if it was never done, as it begins."""
    data = store.read(_state_key(chore))
    try:
        if data:
            return ChoreState.model_validate_json(data)
    except ValidationError:
        log.warning("%s: its last run is unknown", chore.name, exc_info=True)
    return ChoreState(due_at=chore.schedule.find_first(now()))


class Periodic:
    """Does the chores that are due, each in a thread of its own, while this process leads."""

    def __init__(self, services: Services, chores: Sequence[Chore]) -> None:
        self._services = services
        self._chores = chores
        self._due: dict[str, datetime] = {}  # what this process knows for as long as it leads
        self._running: dict[str, Thread] = {}

    def watch(self) -> None:
        """Do what is due, until this process ends."""
        repeat(self.step, STEP_SECONDS, log, "periodic work has to wait")

    def step(self) -> None:
        """Begin the chores that are due, if this process is the leader."""
        if not self._services.queue.acquire_leadership():
            self._due.clear()
            return
        for chore in self._chores:
            if self._is_running(chore) or self._find_due(chore) > now():
                continue
            self._running[chore.name] = Thread(target=self._run, args=(chore,), daemon=True)
            self._running[chore.name].start()

    def join(self) -> None:
        """Wait for the chores that were begun."""
        for thread in self._running.values():
            thread.join()

    def _is_running(self, chore: Chore) -> bool:
        thread = self._running.get(chore.name)
        return thread is not None and thread.is_alive()

    def _find_due(self, chore: Chore) -> datetime:
        if chore.name not in self._due:
            state = read_state(self._services.store, chore)
            if state.begun_at is None:  # keep the time at which a daily chore is due first
                self._services.store.write(_state_key(chore), state.to_json())
            self._due[chore.name] = state.due_at
        return self._due[chore.name]

    def _run(self, chore: Chore) -> None:
        try:
            self._do(chore)
        except UnavailableError:
            log.warning("%s: its run could not be noted", chore.name, exc_info=True)
        except Exception:  # the thread ends; the chore stays due
            log.exception("%s: its run could not be noted", chore.name)

    def _do(self, chore: Chore) -> None:
        """Do a chore, unless another process has done it meanwhile, and note that."""
        store, begun_at, clock = self._services.store, now(), time.monotonic()
        retry_at = begun_at + timedelta(seconds=RETRY_SECONDS)
        self._due[chore.name] = min(retry_at, chore.schedule.find_next(begun_at))
        state = read_state(store, chore)
        if state.due_at > begun_at:
            self._due[chore.name] = state.due_at
            return
        store.write(_state_key(chore), state.model_copy(update={"begun_at": begun_at}).to_json())
        ok, outcome = _try(chore, state.last_at)
        if not self._services.queue.acquire_leadership():  # another process does it now
            return
        due_at = chore.schedule.find_next(begun_at)
        done = ChoreState(
            due_at=due_at if ok else min(due_at, retry_at),
            begun_at=begun_at,
            last_at=begun_at,
            seconds=round(time.monotonic() - clock, 3),
            ok=ok,
            outcome=outcome,
        )
        store.write(_state_key(chore), done.to_json())
        self._due[chore.name] = done.due_at


def _try(chore: Chore, last_at: datetime | None) -> tuple[bool, str]:
    """Return whether a chore was done, and a sentence on it."""
    try:
        return True, chore.run(last_at)
    except (UnavailableError, DeliveryError) as error:
        log.warning("%s failed: %s", chore.name, error)
        return False, str(error)
    except Exception:
        log.exception("%s failed", chore.name)
        return False, "It failed on our side; the log has the traceback."


def _state_key(chore: Chore) -> str:
    return f"{_FOLDER}/{chore.name}"
