"""The table of periodic work."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from datetime import time as TimeOfDay  # noqa: N812  # a time of day, as in periodic

from reelqueue.errors import UnavailableError
from reelqueue.jobs.model import now
from reelqueue.services import Services
from reelqueue.sizes import spell_size
from reelqueue.upkeep.chores.periodic import Chore, Daily, Every
from reelqueue.upkeep.chores.reports import write_report
from reelqueue.upkeep.retention.cleanup import sweep_alone
from reelqueue.upkeep.retention.sweep import Retention
from reelqueue.upkeep.statistics.usage import measure_usage

log = logging.getLogger(__name__)

_FAILURES = Every(300)
_NAMED = 20
_REPORT_AT = TimeOfDay(0, 10)  # the last ends of the day are counted by then


def list_chores(services: Services) -> Sequence[Chore]:
    """Return the rows: the name of each, when it is due, and what is done."""
    retention = Retention(services)
    return [
        Chore("cleanup", Every(3600), lambda _: _clean_up(retention)),
        Chore("failures", _FAILURES, lambda last_at: _check_failures(services, last_at)),
        Chore("usage", Every(600), lambda _: _measure_usage(services)),
        Chore("report", Daily(_REPORT_AT), lambda _: write_report(services)),
    ]


def _clean_up(retention: Retention) -> str:
    deleted = sweep_alone(retention)
    if deleted is None:
        raise UnavailableError("Another process leads now, and goes on.")
    return f"{deleted} old files were deleted."


def _check_failures(services: Services, last_at: datetime | None) -> str:
    """Look for jobs that failed since the last check, and log them."""
    since = last_at or now() - timedelta(seconds=_FAILURES.seconds)
    failed = services.ledger.marks.list_failed(since)
    if failed:
        names = ", ".join(failed[:_NAMED]) + (", ..." if len(failed) > _NAMED else "")
        log.warning("%s jobs failed since %s: %s", len(failed), f"{since:%H:%M:%S}", names)
    return f"{len(failed)} job{'s' * (len(failed) != 1)} failed since the last check."


def _measure_usage(services: Services) -> str:
    usage = measure_usage(services.store)
    return f"{spell_size(usage.count_bytes())} are stored."
