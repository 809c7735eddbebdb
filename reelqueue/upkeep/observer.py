"""The observer: counts what happened, keeps an overview and alerts, while its process leads.

With Redis the workers' upkeep processes lead. If there is no worker at all, a web process observes
instead: otherwise that alert would never be sent.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from reelqueue.jobs.model import now
from reelqueue.outages import OUTAGES
from reelqueue.services import Services
from reelqueue.upkeep.alerts import Alerts
from reelqueue.upkeep.loop import repeat
from reelqueue.upkeep.presence import ANNOUNCE_SECONDS
from reelqueue.upkeep.statistics.fold import fold
from reelqueue.upkeep.statistics.overview import KEY, Overview, make_overview

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

STEP_SECONDS = 5.0
STANDBY_SECONDS = ANNOUNCE_SECONDS + STEP_SECONDS
"""A standby leads only after no worker has told of itself for this long."""
LONGEST = timedelta(minutes=1)
"""The overview is written at least this often, so that all see that there is a leader."""


class Observer:
    """Of all processes that try, one at a time observes; a standby only while no worker runs."""

    def __init__(self, services: Services, *, is_standby: bool = False) -> None:
        self._services = services
        self._is_standby = is_standby
        self._alerts = Alerts(services)
        self._written: Overview | None = None
        self._lacking_since = time.monotonic()

    def watch(self) -> None:
        """Observe every `STEP_SECONDS`, until this process ends."""
        repeat(self.step, STEP_SECONDS, log, "the statistics have to wait")

    def step(self) -> Overview | None:
        """Count, look and alert once; return the overview, None if this process may not lead."""
        lacks_workers = self._lacks_workers()
        if not (self._may_lead(lacks_workers) and self._services.queue.acquire_leadership()):
            self._written = None
            return None
        overview = make_overview(self._services, fold(self._services))
        if _differs(self._written, overview, now() - LONGEST):
            self._services.store.write(KEY, overview.to_json())
            self._written = overview
        self._alerts.step(overview, lacks_workers)
        return overview

    def _lacks_workers(self) -> bool:
        """Tell whether the queue answers and has no worker.

        After Redis has lost its data, workers tell of themselves before RQ knows them again.
        """
        queue = self._services.queue
        load = queue.describe_load()
        if not load["ok"] or load["workers"]:
            return False
        return not any(facts.get("role") == "worker" for facts in queue.list_services().values())

    def _may_lead(self, lacks_workers: bool) -> bool:
        """Tell whether to try to lead: a standby must not keep a worker from it."""
        if not (self._is_standby and lacks_workers):
            self._lacking_since = time.monotonic()
            return not self._is_standby
        return time.monotonic() - self._lacking_since >= STANDBY_SECONDS


def _differs(written: Overview | None, overview: Overview, oldest: datetime) -> bool:
    """Tell whether the overview that was written is older than `oldest`, or says something else."""
    if written is None or written.made_at < oldest:
        return True
    return (written.totals.step, written.oldest) != (overview.totals.step, overview.oldest)
