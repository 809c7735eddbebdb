"""How busy RQ is, read without a change: RQ's own counts retry or fail jobs as they clean up.

See https://github.com/rq/rq/issues/2104.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.suspension import is_suspended
from rq.utils import missing_keys
from rq.worker_registration import get_keys

from reelqueue.findings import Finding
from reelqueue.jobs.marks.runs import OpenRun
from reelqueue.queues.rq_heartbeats import list_beating, list_outlived
from reelqueue.queues.rq_job import name_any_takeover, strip_takeover

SUSPENDED = "The workers take no jobs, because `rq suspend` was called: call `rq resume`."

_STATES = ("queued", "started", "scheduled", "failed")


def describe_rq(connection: Redis, queues: Sequence[Queue]) -> dict[str, Any]:
    """Return the counts of workers and jobs, and whether `rq suspend` was called.

    `ok` is False while Redis does not answer. `unserved` are the queues with jobs that no worker
    takes.
    """
    try:
        living = _list_workers(connection)
        shares = _describe_queues(connection, queues, living)
        suspended = bool(is_suspended(connection))
    except RedisError:
        nothing: dict[str, Any] = {"workers": 0, "jobs": {}, "queues": {}, "unserved": []}
        return {"mode": "redis", "ok": False, "suspended": False, **nothing}
    return {
        "mode": "redis",
        "ok": True,
        "suspended": suspended,
        "workers": len(living),
        "jobs": {state: sum(share[state] for share in shares.values()) for state in _STATES},
        "queues": shares,
        "unserved": [
            name for name, share in shares.items() if share["queued"] and not share["workers"]
        ],
    }


def examine_load(load: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what keeps jobs waiting for longer than workers need."""
    if load["suspended"]:
        yield Finding("warning", "queue", SUSPENDED)
    lonely = [name for name, share in load["queues"].items() if not share["workers"]]
    for name in lonely if load["workers"] else ():  # that there is none at all is another finding
        waiting = load["queues"][name]["queued"]
        text = (
            f'No worker takes jobs from the queue "{name}", where {waiting} wait: start one whose '
            "`--queues` has it."
        )
        yield Finding("warning", "workers", text)


def _describe_queues(
    connection: Redis, queues: Sequence[Queue], living: Set[str]
) -> dict[str, dict[str, int]]:
    """Return how many jobs of each queue are in each state, and how many workers take its jobs.

    A run whose render goes on is started, even if Redis has lost it, and it was queued again.
    """
    outlived = {queue.name: len(list_outlived(queue)) for queue in queues}
    with connection.pipeline(transaction=False) as pipeline:
        for queue in queues:
            pipeline.llen(queue.key)
            pipeline.zcard(queue.scheduled_job_registry.key)
            pipeline.zcard(queue.failed_job_registry.key)
        counts = iter(pipeline.execute())
    return {
        queue.name: {
            "queued": max(0, next(counts) - outlived[queue.name]),  # one may be taken meanwhile
            "scheduled": next(counts),
            "failed": next(counts),
            "started": len(list_beating(queue)) + outlived[queue.name],
            "workers": len(get_keys(queue) & living),
        }
        for queue in queues
    }


def _list_workers(connection: Redis) -> set[str]:
    """Return the keys of the workers; RQ's own list has those that were killed, too."""
    keys = get_keys(connection=connection)
    return keys - set(missing_keys(connection, sorted(keys)))


def list_held(queues: Sequence[Queue]) -> set[str]:
    """Return RQ's ids of the jobs that wait, and of those whose worker is alive."""
    held: set[str] = set()
    for queue in queues:
        held.update(queue.get_job_ids())
        held.update(queue.scheduled_job_registry.get_job_ids(cleanup=False))
        held.update(list_beating(queue))
    return held


def find_waiting(queues: Sequence[Queue], runs: Sequence[OpenRun]) -> dict[str, list[OpenRun]]:
    """Return those of the runs that wait in each queue, in the order in which they were given.

    A run whose render goes on does not wait, even if Redis has lost it, and it was queued again.
    """
    waiting = {}
    for queue in queues:
        held = set(map(strip_takeover, {*queue.get_job_ids()} - list_outlived(queue)))
        mine = [run for run in runs if name_any_takeover(run.job_id, run.run) in held]
        waiting[queue.name] = mine
    return waiting
