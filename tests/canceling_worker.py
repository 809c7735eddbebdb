"""`python -m tests.canceling_worker`: a worker whose jobs are cancelled as it takes them.

The canceling process saw the job wait a moment ago, and so deletes it while the worker takes it.
"""

from __future__ import annotations

from typing import Any

from rq.job import Job as RQJob

from reelqueue.cli.commands import worker
from reelqueue.config import Settings
from reelqueue.jobs.model import Outcome, Status, now
from reelqueue.services import open_services
from reelqueue.workers.rq_worker import ReelWorker

_prepare = ReelWorker.prepare_job_execution


def prepare_and_cancel(self: ReelWorker, job: RQJob, *rest: Any) -> None:
    """Do what the worker does, and cancel the job."""
    _prepare(self, job, *rest)
    ledger = open_services(Settings.from_env()).ledger
    ledger.end(job.args[0], job.args[1], Outcome(status=Status.CANCELED, ended_at=now()))
    job.delete()


if __name__ == "__main__":
    ReelWorker.prepare_job_execution = prepare_and_cancel  # type: ignore[method-assign]
    worker()
