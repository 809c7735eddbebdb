"""The overview: what the leader saw last, in one file that all processes read.

It is made from the totals, so one that was lost or is out of date is replaced within seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from pydantic import Field, ValidationError

from reelqueue.jobs.marks.runs import OpenRun
from reelqueue.jobs.model import now
from reelqueue.jobs.records import Stored
from reelqueue.services import Services
from reelqueue.storage import Store
from reelqueue.upkeep.statistics.tallies import Totals

KEY = "statistics/overview"


class Overview(Stored):
    """What was counted, and since when the run waits that waits longest in each queue."""

    made_at: datetime
    totals: Totals
    oldest: Mapping[str, datetime] = Field(default_factory=dict)


def make_overview(services: Services, totals: Totals) -> Overview:
    """Return the overview of this moment.

    Raises:
        UnavailableError: if storage or queue do not answer.
    """
    waiting = services.queue.find_waiting(services.ledger.marks.list_open())
    oldest = {queue: _find_oldest(runs) for queue, runs in waiting.items()}
    shown = totals.model_copy(update={"known": {}})
    kept = {queue: moment for queue, moment in oldest.items() if moment}
    return Overview(made_at=now(), totals=shown, oldest=kept)


def read_overview(store: Store) -> Overview | None:
    """Return the latest overview, None if there is none yet, or only another version can read it.

    Raises:
        UnavailableError: if the storage does not answer.
    """
    data = store.read(KEY)
    return _parse(data) if data else None


@lru_cache(1)
def _parse(data: bytes) -> Overview | None:
    """Return an overview; most are read several times before the next one is written."""
    try:
        return Overview.model_validate_json(data)
    except ValidationError:
        return None


def find_oldest_seconds(queue: str, overview: Overview | None, moment: datetime) -> float:
    """Return for how many seconds the job waits that waits longest in a queue."""
    since = overview.oldest.get(queue) if overview else None
    return max(0.0, (moment - since).total_seconds()) if since else 0.0


def _find_oldest(runs: Sequence[OpenRun]) -> datetime | None:
    return min((run.opened_at for run in runs if run.opened_at), default=None)
