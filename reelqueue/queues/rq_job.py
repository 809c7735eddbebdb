"""RQ's side of a job, in one of our queues.

All that crosses Redis, as JSON, is the name of the one task, the job's id, its run and its
takeovers.
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

from reelqueue.jobs.model import Live, Priority

TASK = "tasks.run_job"
OLDER_TASKS = {"slideshow": "tasks.render_slideshow_job", "clip": "tasks.render_clip_job"}
"""The same task, as version 0.1 names it by kind. Jobs of these kinds are still queued under these
names, so that workers of version 0.1 run them too: during a deploy, or after a rollback."""
QUEUE_NAMES = [str(priority) for priority in Priority]
RETRY_SECONDS = [60, 120, 240]
LAPSED_SECONDS = 60
"""So long after its last heartbeat, nobody asks any more who had a job."""


class ReelJob(RQJob):
    """An RQ job that runs no function that Redis names: Redis is not trusted to."""

    @property
    def func(self) -> Callable[..., Any]:
        """Refuse; a worker's own class knows the one function that it runs."""
        raise PermissionError(f"{self.func_name} is not run here")

    def restore(self, raw_data: dict[Any, Any]) -> Any:
        """Read the job and forget what else it asks to be called: we never ask for any of it."""
        restored = super().restore(raw_data)
        self._success_callback_name = self._failure_callback_name = None
        self._stopped_callback_name = None
        self.webhooks = []
        return restored


def open_rq_queue(name: str, connection: Redis) -> Queue:
    """Open one of our queues: JSON only."""
    return Queue(name, connection=connection, serializer=JSONSerializer, job_class=ReelJob)


def read_live(job: RQJob) -> Live:
    """Return what a render wrote into its RQ job's meta."""
    return Live.model_validate(job.meta)


def forget_lapsed(queue: Queue) -> None:
    """Delete what workers that were lost long ago left: the ledger has those jobs, or their end."""
    registry = queue.started_job_registry
    lapsed = queue.connection.zrangebyscore(registry.key, 0, current_timestamp() - LAPSED_SECONDS)
    for entry in cast(list[bytes], lapsed):
        with suppress(NoSuchJobError):
            job = ReelJob.fetch(entry.decode().partition(":")[0], queue.connection, JSONSerializer)
            if job.get_status(refresh=False) is JobStatus.STARTED:
                job.delete()
        queue.connection.zrem(registry.key, entry)


def count_attempts(job: RQJob) -> int:
    """Return the number of the attempt that an RQ job is at, from 1."""
    left = len(RETRY_SECONDS) if job.retries_left is None else job.retries_left
    return len(RETRY_SECONDS) - left + 1
