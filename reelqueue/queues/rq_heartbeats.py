"""The heartbeats of RQ's workers, judged by the clock of Redis alone.

RQ gives the record of an execution a lifetime in Redis, which each heartbeat of its worker renews.
RQ also notes in its registries when that will be over, but by the worker's clock: those times are
not used here, so it does not matter whether the clocks of machines agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from itertools import chain
from typing import cast

from redis import Redis
from redis.commands.core import Script
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.executions import Execution, ExecutionRegistry
from rq.job import JobStatus
from rq.serializers import JSONSerializer
from rq.utils import missing_keys

from reelqueue.queues.rq_job import ReelJob, find_orphans, list_earlier

HEARTBEAT_SECONDS = 3
LEASE_SECONDS = 3 * HEARTBEAT_SECONDS
"""After this long without a heartbeat, a worker has lost its job."""
PULSE_KEY = "reelqueue:pulse"
"""When Redis last began to serve without a break, in seconds of its own clock."""
_PULSE_SECONDS = LEASE_SECONDS - HEARTBEAT_SECONDS
_PULSE_SCRIPT = """
local now = redis.call('TIME')[1]
local since = redis.call('GET', KEYS[1]) or now
redis.call('SET', KEYS[1], since, 'EX', ARGV[1])
return now - since
"""


class Pulse:
    """How long Redis has served without a break that kept workers from sending heartbeats.

    A Redis that was stopped, or was full, has lost the heartbeats of workers that are alive.
    """

    def __init__(self, connection: Redis) -> None:
        self._script: Script = connection.register_script(_PULSE_SCRIPT)

    def measure(self) -> int:
        """Return the seconds; several processes call this more often than every 6 seconds.

        Raises:
            RedisError: if Redis does not answer, or is full: it takes no heartbeats either then.
        """
        return int(self._script(keys=[PULSE_KEY], args=[_PULSE_SECONDS]))


def list_beating(queue: Queue) -> set[str]:
    """Return RQ's ids of the jobs whose worker sent a heartbeat in the last `LEASE_SECONDS`."""
    return {job_id for job_id, is_silent in _list_started(queue) if not is_silent}


def list_silent(queue: Queue) -> set[str]:
    """Return RQ's ids of the other jobs that were started."""
    return {job_id for job_id, is_silent in _list_started(queue) if is_silent}


def list_outlived(queue: Queue) -> set[str]:
    """Return RQ's ids of the waiting takeovers of renders that go on: Redis alone lost them."""
    earlier = {name: list_earlier(name) for name in queue.get_job_ids()}
    going = find_orphans(queue.connection, list(chain.from_iterable(earlier.values())))
    return {name for name, before in earlier.items() if not going.keys().isdisjoint(before)}


def _list_started(queue: Queue) -> list[tuple[str, bool]]:
    keys = {_find_key(entry, queue): _find_job_id(entry) for entry in _list_entries(queue)}
    silent = missing_keys(queue.connection, list(keys))
    return [(job_id, key in silent) for key, job_id in keys.items()]


def list_lapsed(queue: Queue) -> set[str]:
    """Return the entries of jobs whose worker sent no heartbeat for over a minute."""
    entries = {
        entry: ExecutionRegistry(_find_job_id(entry), queue.connection).key
        for entry in _list_entries(queue)
    }
    gone = missing_keys(queue.connection, list(entries.values()))
    return {entry for entry, key in entries.items() if key in gone}


def delete_lapsed(queue: Queue, entries: Iterable[str]) -> None:
    """Delete the RQ jobs of workers lost long ago: recovery has requeued or ended their runs."""
    for entry in entries:
        with suppress(NoSuchJobError):
            job = ReelJob.fetch(_find_job_id(entry), queue.connection, JSONSerializer)
            if job.get_status(refresh=False) is JobStatus.STARTED:
                job.delete()
        queue.connection.zrem(queue.started_job_registry.key, entry)


def _list_entries(queue: Queue) -> list[str]:
    """Return the entries of RQ's registry of started jobs: each is `JOB:EXECUTION`."""
    found = cast(list[bytes], queue.connection.zrange(queue.started_job_registry.key, 0, -1))
    return [entry.decode() for entry in found]


def _find_key(entry: str, queue: Queue) -> str:
    return Execution.from_composite_key(entry, queue.connection).key


def _find_job_id(entry: str) -> str:
    return entry.partition(":")[0]
