"""Cleanup on demand: an operator asks for a sweep of retention, and the leader does it.

The web cannot sweep by itself: only the leader may, and it is often a worker. So the web leaves a
mark in storage, and the leader looks for it.
"""

from __future__ import annotations

import logging
from threading import Lock

from reelqueue.outages import OUTAGES
from reelqueue.services import Services
from reelqueue.upkeep.audit import SERVICE, AuditLog
from reelqueue.upkeep.loop import repeat
from reelqueue.upkeep.retention.sweep import Retention

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

WATCH_SECONDS = 5.0
_MARK = "settings/cleanup"
_SWEEPING = Lock()


def ask_for_cleanup(services: Services) -> None:
    """Have the leader sweep; it does so within `WATCH_SECONDS`, or as soon as there is one."""
    services.store.write(_MARK, b"")


def sweep_alone(retention: Retention) -> int | None:
    """Sweep as `count_deleted` does, when no other sweep of this process goes on any more.

    Both would look at the same files, and each count those that the other deletes.
    """
    with _SWEEPING:
        return retention.count_deleted()


class Cleanup:
    """Looks for the mark of an operator. Of all processes that try, one at a time does it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._retention = Retention(services)

    def watch(self) -> None:
        """Look every `WATCH_SECONDS`, until this process ends."""
        repeat(self.step, WATCH_SECONDS, log, "the cleanup that was asked for failed")

    def step(self) -> None:
        """Sweep if an operator has asked for it and this process is the leader.

        The mark is deleted afterwards: a sweep that is interrupted is begun again.
        """
        store = self._services.store
        if not (self._services.queue.acquire_leadership() and store.find(_MARK)):
            return
        deleted = sweep_alone(self._retention)
        if deleted is not None:
            store.delete(_MARK)
            AuditLog(store).add(SERVICE, "cleanup", f"deleted files: {deleted}")
