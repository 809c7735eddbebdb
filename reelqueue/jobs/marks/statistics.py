"""Marks for the statistics: each accepted job and each ended run leaves one, to be counted once.

statistics/accepted/<kind>/<id>   written before the job, so it counts only if the job exists
statistics/ended/<id>/<n>         written after the outcome, before the run leaves the open runs
statistics/sent/<outcome>/<id>    written after a webhook was sent; <id> names the try

The leader counts marks and deletes them, see `reelqueue.upkeep.statistics.fold`. A mark is written
again if a process died before it knew that it was written: the id and run tell that it is the same.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self

from reelqueue.jobs.keys import job_key
from reelqueue.jobs.model import EndStatus, Job, Outcome, Status
from reelqueue.jobs.priorities import Priority
from reelqueue.jobs.records import Stored, parse_record
from reelqueue.storage import Store

ACCEPTED = "statistics/accepted"
ENDED = "statistics/ended"
SENT = "statistics/sent"


class RunEnd(Stored):
    """What is counted of a run that ended.

    Attributes:
        waited: seconds from the order to the render, of a run that needed one attempt only.
        rendered: seconds that the render of a finished run took; None of a reused result.
        duration: seconds of the video that was made, or analysed.
    """

    kind: str
    priority: Priority = Priority.DEFAULT
    status: EndStatus
    ended_at: datetime
    attempts: int = 0
    takeovers: int = 0
    waited: float | None = None
    rendered: float | None = None
    duration: float | None = None

    @classmethod
    def from_outcome(cls, job: Job, run: int, outcome: Outcome, takeovers: int) -> Self:
        """Return what counts of the run of a job, which was taken over so many times."""
        started_at = outcome.started_at
        is_first = (run, takeovers, outcome.attempts) == (1, 0, 1) and not job.is_held_first
        finished = outcome.status is Status.FINISHED
        facts = outcome.output.facts if outcome.output else {}
        return cls(
            kind=job.kind,
            priority=job.priority,
            status=outcome.status,
            ended_at=outcome.ended_at,
            attempts=outcome.attempts,
            takeovers=takeovers,
            waited=_measure(job.created_at, started_at) if is_first else None,
            rendered=_measure(started_at, outcome.ended_at) if finished else None,
            duration=facts.get("duration"),
        )


def _measure(begin: datetime | None, end: datetime | None) -> float | None:
    """Return the seconds between two moments; 0 if the clocks of two machines are apart."""
    return max(0.0, (end - begin).total_seconds()) if begin and end else None


def mark_accepted(store: Store, job: Job) -> None:
    """Mark a job that is about to be accepted."""
    store.write(accepted_key(job), b"")


def mark_ended(store: Store, job_id: str, run: int, outcome: Outcome) -> None:
    """Mark a run that has an outcome, unless its job was deleted meanwhile.

    Raises:
        UnreadableRecordError: if this version cannot read the job.
    """
    data = store.read(job_key(job_id))
    if data:
        takeovers = store.list(f"jobs/{job_id}/runs/{run}/takeovers")
        job = parse_record(Job, data, job_id)
        end = RunEnd.from_outcome(job, run, outcome, len(takeovers))
        store.write(f"{ENDED}/{job_id}/{run}", end.to_json())


def mark_sent(store: Store, outcome: str, name: str) -> None:
    """Mark a try to send a webhook.

    Args:
        store: the storage.
        outcome: one word, delivered, failed, gone or given_up.
        name: an id that only this try has, in letters, digits, hyphens and underscores.
    """
    store.write(f"{SENT}/{outcome}/{name}", b"")


def accepted_key(job: Job) -> str:
    """Return the key of the mark of an accepted job."""
    return f"{ACCEPTED}/{job.kind}/{job.id}"
