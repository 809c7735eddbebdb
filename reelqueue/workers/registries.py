"""The registries that RQ keeps beside each queue, cleaned so that no job is lost by it."""

from __future__ import annotations

from collections.abc import Sequence

from rq import Queue
from rq.worker_registration import clean_worker_registry

from reelqueue.queues.rq_heartbeats import delete_lapsed, list_lapsed
from reelqueue.queues.rq_job import ReelJob


class Registries:
    """The registries of some queues."""

    def __init__(self, queues: Sequence[Queue]) -> None:
        self._queues = queues
        self._lapsed: dict[str, set[str]] = {}

    def clean(self) -> None:
        """Delete old entries.

        What has lapsed is deleted only if it still has when looked at again: a Redis that was
        stopped comes back without the heartbeats of workers that are alive.
        """
        lapsed = {queue.name: list_lapsed(queue) for queue in self._queues}
        for queue in self._queues:
            queue.finished_job_registry.cleanup()
            queue.failed_job_registry.cleanup()
            delete_lapsed(queue, lapsed[queue.name] & self._lapsed.get(queue.name, set()))
            clean_worker_registry(queue)
            _drop_recovered(queue)
        self._lapsed = lapsed


def _drop_recovered(queue: Queue) -> None:
    """Drop what a worker of this queue alone had taken and not begun when it was killed.

    RQ keeps a list of that. Recovery has queued such a run as another RQ job.
    """
    for job_id in queue.intermediate_queue.get_job_ids():
        if not ReelJob.exists(job_id, queue.connection):
            queue.intermediate_queue.remove(job_id)
