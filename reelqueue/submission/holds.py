"""Holds: why a run may not be queued yet, or never will be."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from reelqueue.errors import NotFoundError
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.model import Job, LiveState, Outcome, Status, now


class UnmetNeed(NamedTuple):
    """A job that another one needs, and that has not finished.

    `outcome` is None if it has not ended.
    """

    name: str
    outcome: Outcome | None


def list_unmet(ledger: Ledger, job: Job) -> list[UnmetNeed]:
    """Return those jobs that a job needs and that have not finished."""
    needs = [UnmetNeed(need.name, _find_outcome(ledger, need.job_id)) for need in job.needs]
    return [
        need for need in needs if need.outcome is None or need.outcome.status is not Status.FINISHED
    ]


def _find_outcome(ledger: Ledger, job_id: str) -> Outcome | None:
    """Return how a job ended; one that was deleted counts as cancelled."""
    try:
        return ledger.read(job_id).outcome
    except NotFoundError:
        return Outcome(status=Status.CANCELED, ended_at=now())


def make_outcome(need: UnmetNeed) -> Outcome | None:
    """Return how a job ends because of one that it needs; None if that may still finish."""
    match need.outcome:
        case None:
            return None
        case Outcome(status=Status.FAILED, error=reason):
            sentence = f'It needs "{need.name}", which failed: {reason}'
            return Outcome.from_live(LiveState(), Status.FAILED, error=sentence)
    sentence = f'It needs "{need.name}", which was cancelled.'
    return Outcome.from_live(LiveState(), Status.CANCELED, error=sentence)


def describe_hold(job: Job) -> LiveState:
    """Return the state of a run that is held."""
    return LiveState(status=find_hold_status(job.run_at, has_needs=bool(job.needs)))


def find_hold_status(run_at: datetime | None, *, has_needs: bool) -> Status:
    """Return the status of a run that is held until a time, or until other jobs have finished."""
    if run_at and run_at > now():
        return Status.SCHEDULED
    return Status.DEFERRED if has_needs else Status.QUEUED
