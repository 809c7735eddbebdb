"""A job as RQ stores it.

There is one RQ job for each run, and one for each takeover of it. An RQ job has four values, as
JSON: the name of the one task, the job's id, the number of its run, and the number of takeovers.
See https://python-rq.org/docs/jobs/.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from redis import Redis
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job as RQJob
from rq.job import JobStatus
from rq.serializers import JSONSerializer
from rq.utils import current_timestamp

from reelqueue.jobs.model import LiveState, Record
from reelqueue.jobs.priorities import QUEUE_NAMES

TASK = "tasks.run_job"
OLDER_TASKS = {"slideshow": "tasks.render_slideshow_job", "clip": "tasks.render_clip_job"}
"""Version 0.1's names for that task, by job kind.

Jobs of these kinds are still queued under these names, so that workers of version 0.1 can run them
during a deploy or after a rollback.
"""
RETRY_SECONDS = [60, 120, 240]
LAPSED_SECONDS = 60
"""This long after its last heartbeat, an RQ job of a lost worker is deleted."""


class ReelJob(RQJob):
    """An RQ job that runs no function named in Redis, which is not trusted to choose one."""

    @property
    def func(self) -> Callable[..., Any]:
        """Raise PermissionError: only the worker's subclass runs the task."""
        raise PermissionError(f"{self.func_name} must not run in this process")

    def restore(self, raw_data: dict[Any, Any]) -> Any:
        """Read the job, and drop the callbacks and webhooks it names: we never set any.

        Raises:
            NoSuchJobError: also if what Redis holds under the job's name is no job of ours.
        """
        try:
            restored = super().restore(raw_data)
        except Exception as error:  # RQ raises many kinds, even AssertionError
            raise NoSuchJobError(f"{self.key} cannot be read") from error
        if self.origin not in QUEUE_NAMES:
            raise NoSuchJobError(f"{self.key} waits in no queue of ours")
        self._success_callback_name = self._failure_callback_name = None
        self._stopped_callback_name = None
        self.webhooks = []
        return restored


def open_rq_queue(name: str, connection: Redis) -> Queue:
    """Open one of our queues, which hold JSON only."""
    return Queue(name, connection=connection, serializer=JSONSerializer, job_class=ReelJob)


def read_live(job: RQJob) -> LiveState:
    """Return the progress that a render wrote into the meta of its RQ job."""
    return LiveState.from_json(job.meta)


def delete_lapsed_jobs(queue: Queue) -> None:
    """Delete the RQ jobs of workers lost long ago: recovery has requeued or ended their runs."""
    registry = queue.started_job_registry
    lapsed = queue.connection.zrangebyscore(registry.key, 0, current_timestamp() - LAPSED_SECONDS)
    for entry in cast(list[bytes], lapsed):
        with suppress(NoSuchJobError):
            job = ReelJob.fetch(entry.decode().partition(":")[0], queue.connection, JSONSerializer)
            if job.get_status(refresh=False) is JobStatus.STARTED:
                job.delete()
        queue.connection.zrem(registry.key, entry)


def count_attempts(job: RQJob) -> int:
    """Return the number of an RQ job's current attempt, from 1."""
    left = len(RETRY_SECONDS) if job.retries_left is None else job.retries_left
    return len(RETRY_SECONDS) - left + 1


def is_beating(queue: Queue, job_id: str) -> bool:
    """Tell whether a worker's heartbeat for a job is recent."""
    started = queue.started_job_registry.key
    beating = queue.connection.zrangebyscore(started, current_timestamp(), "+inf")
    return any(entry.startswith(f"{job_id}:".encode()) for entry in cast(list[bytes], beating))


def name_run(record: Record) -> str:
    """Return RQ's id for a run.

    Each run has its own id: RQ may still be removing a stopped run when the next begins. Each
    takeover has its own too, so that the earlier worker cannot end the run for the next one.
    """
    run = "" if record.run == 1 else f"-{record.run}"
    return record.job.id + run + (f"_{record.takeovers}" if record.takeovers else "")
