"""Trying out a Redis: what the queue does with it, and the state that it tells of itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

from redis import Redis
from redis.exceptions import RedisError

from reelqueue.findings import Cause, Finding
from reelqueue.queues.redis_diagnosis import CLUSTER, REPLICA, diagnose_redis

PROBE_KEY = "reelqueue:probe"
_KEPT_SECONDS = 60
_NEARLY_FULL = 0.9
_WRITE = "return redis.call('set', KEYS[1], '', 'EX', ARGV[1])"

State = dict[str, Any]
"""What INFO says; see https://redis.io/docs/latest/commands/info/."""


def find_redis_fault(connection: Redis) -> Cause | None:
    """Return why Redis takes no jobs right now, None if it does; leave nothing behind."""
    try:
        with connection.pipeline() as pipeline:
            pipeline.set(PROBE_KEY, "")
            pipeline.delete(PROBE_KEY)
            pipeline.execute()
    except RedisError as error:
        return diagnose_redis(error, connection)
    return None


def examine_redis(connection: Redis) -> Iterator[Finding]:
    """Use Redis as the queue does, and look at its state. The first finding tells if it works."""
    try:
        _use(connection)
        state = _read_state(connection)
    except RedisError as error:
        cause = diagnose_redis(error, connection)
        yield Finding("problem", "queue", f"{cause.text} ({str(error).partition('. ')[0]})")
        return
    misplaced = [CLUSTER] if state.get("cluster_enabled") else []
    misplaced += [REPLICA] if state.get("role", "master") != "master" else []
    if misplaced:
        yield Finding("problem", "queue", misplaced[0].text)
        return
    yield Finding("ok", "queue", "Redis answers, and takes jobs.")
    for examine in (_examine_policy, _examine_use, _examine_saving):
        yield from examine(state)


def measure_clock(connection: Redis) -> float:
    """Return how many seconds this machine's clock is ahead of that of Redis.

    Raises:
        RedisError: if Redis does not answer.
    """
    before = time.time()
    seconds, microseconds = connection.time()
    return (before + time.time()) / 2 - (seconds + microseconds / 1e6)


def _use(connection: Redis) -> None:
    """Use each sort of key, command and channel that the queue uses."""
    key = f"rq:doctor:{uuid4()}"
    with connection.pipeline() as pipeline:
        pipeline.rpush(key, "")
        pipeline.expire(key, _KEPT_SECONDS)
        pipeline.delete(key)
        pipeline.execute()
    key = f"reelqueue:doctor:{uuid4()}"
    connection.eval(_WRITE, 1, key, str(_KEPT_SECONDS))
    connection.delete(key)
    connection.publish("rq:pubsub:doctor", "")


def _read_state(connection: Redis) -> State:
    """Return what Redis tells of itself: managed services may keep some of it back."""
    state: State = {}
    calls: list[Callable[[], Any]] = [
        connection.info,
        lambda: connection.config_get("maxmemory-policy", "maxclients", "save"),
    ]
    for call in calls:
        try:
            state |= call()
        except RedisError as error:
            if diagnose_redis(error, connection).word not in ("permission", "unknown"):
                raise
    return state


def _examine_policy(state: State) -> Iterator[Finding]:
    policy = state.get("maxmemory-policy") or state.get("maxmemory_policy")
    if policy is None:
        yield Finding("warning", "redis memory", "Redis does not show its maxmemory-policy.")
    elif policy != "noeviction":
        text = f"maxmemory-policy is {policy}, so a full Redis drops jobs: set it to noeviction."
        yield Finding("problem", "redis memory", text)
    else:
        yield Finding("ok", "redis memory", "A full Redis refuses new jobs and drops none.")
    if dropped := state.get("evicted_keys"):
        text = (
            f"Redis has dropped {dropped} keys for lack of memory since it started, perhaps jobs "
            "too: raise its maxmemory, and set maxmemory-policy to noeviction."
        )
        yield Finding("warning", "redis memory", text)


def _examine_use(state: State) -> Iterator[Finding]:
    for what, used, limit, remedy in (
        ("memory", "used_memory", "maxmemory", "raise its maxmemory"),
        ("connections", "connected_clients", "maxclients", "raise its maxclients"),
    ):
        share = int(state.get(used, 0)) / (int(state.get(limit) or 0) or float("inf"))
        if share > _NEARLY_FULL:
            text = f"{100 * share:.0f} % of its {what} are in use: {remedy}."
            yield Finding("warning", f"redis {what}", text)


def _examine_saving(state: State) -> Iterator[Finding]:
    is_saved = state.get("rdb_last_bgsave_status") != "err" or state.get("save") == ""
    if not is_saved or state.get("aof_last_write_status") == "err":
        text = "It could not save its data on its disk: give the disk room, and see its log."
        yield Finding("warning", "redis disk", text)
