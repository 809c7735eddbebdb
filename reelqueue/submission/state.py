"""The state of a run, from the queue or the ledger."""

from __future__ import annotations

import logging
from dataclasses import replace

from reelqueue.errors import UnavailableError
from reelqueue.jobs.model import UNEXPLAINED_FAILURE, LiveState, Outcome, Record, Status
from reelqueue.outages import OUTAGES
from reelqueue.services import Services
from reelqueue.submission.holds import describe_hold

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)


def refresh_record(services: Services, record: Record) -> tuple[Record, LiveState]:
    """Return the record with the state of its run; an ended run is not looked up in the queue.

    If the queue has given up the run but no outcome could be written then, it is written now.
    """
    if record.outcome:
        return record, LiveState()
    live = find_live(services, record)
    if live.status not in (Status.FAILED, Status.STOPPED, Status.CANCELED):
        return record, live
    outcome = Outcome.from_live(live, Status.FAILED, error=UNEXPLAINED_FAILURE)
    outcome = services.ledger.end(record.job.id, record.run, outcome)
    return replace(record, outcome=outcome), live


def find_live(services: Services, record: Record) -> LiveState:
    """Return the state of a run; from the ledger alone while the queue does not answer."""
    if services.ledger.marks.is_held(record):
        return describe_hold(record.job)
    try:
        return services.queue.find_live(record)
    except UnavailableError:
        log.warning("job %s: the queue does not answer", record.job.id, exc_info=True)
    if record.renders_begun:
        return LiveState(status=Status.STARTED, stage="rendering", is_stale=True)
    return LiveState(is_stale=True)
