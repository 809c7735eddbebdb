"""How busy RQ is, read without a change: RQ's own counts retry or fail jobs as they clean up.

See https://github.com/rq/rq/issues/2104.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.suspension import is_suspended
from rq.utils import missing_keys
from rq.worker_registration import get_keys

from reelqueue.queues.rq_heartbeats import list_beating

SUSPENDED = "The workers take no jobs, because `rq suspend` was called: call `rq resume`."


def describe_rq(connection: Redis, queues: Sequence[Queue]) -> dict[str, Any]:
    """Return the counts of workers and jobs, and whether `rq suspend` was called.

    `ok` is False while Redis does not answer.
    """
    try:
        jobs = {
            "queued": sum(queue.count for queue in queues),
            "started": sum(len(list_beating(queue)) for queue in queues),
            "scheduled": sum(
                queue.scheduled_job_registry.get_job_count(cleanup=False) for queue in queues
            ),
            "failed": sum(
                queue.failed_job_registry.get_job_count(cleanup=False) for queue in queues
            ),
        }
        workers, suspended = count_workers(connection), bool(is_suspended(connection))
    except RedisError:
        return {"mode": "redis", "ok": False, "suspended": False, "workers": 0, "jobs": {}}
    return {"mode": "redis", "ok": True, "suspended": suspended, "workers": workers, "jobs": jobs}


def count_workers(connection: Redis) -> int:
    """Return the number of workers; RQ's own count has those that were killed, too."""
    keys = sorted(get_keys(connection=connection))
    return len(keys) - len(missing_keys(connection, keys))


def list_held(queues: Sequence[Queue]) -> set[str]:
    """Return RQ's ids of the jobs that wait, and of those whose worker is alive."""
    held: set[str] = set()
    for queue in queues:
        held.update(queue.get_job_ids())
        held.update(queue.scheduled_job_registry.get_job_ids(cleanup=False))
        held.update(list_beating(queue))
    return held
