"""What services tell each other through Redis: which are running, and with which settings."""

from __future__ import annotations

import json
from typing import Any, cast
from uuid import uuid4

from redis import Redis

from reelqueue.queues.redis_checkup import measure_clock

_PREFIX = "reelqueue:service:"
_ID_KEY = "reelqueue:id"
KEPT_SECONDS = 60
"""A service that was killed is forgotten after this time; a living one announces itself again."""

Facts = dict[str, Any]


def announce_service(connection: Redis, name: str, facts: Facts) -> None:
    """Tell others of a service, and how many seconds its clock is ahead of that of Redis.

    Raises:
        RedisError: if Redis does not answer.
    """
    told = facts | {"clock": round(measure_clock(connection), 3)}
    connection.set(_PREFIX + name, json.dumps(told), ex=KEPT_SECONDS)


def forget_service(connection: Redis, name: str) -> None:
    """Delete what was told of a service that ends.

    Raises:
        RedisError: if Redis does not answer.
    """
    connection.delete(_PREFIX + name)


def list_services(connection: Redis) -> dict[str, Facts]:
    """Return what the running services have told, by name.

    Raises:
        RedisError: if Redis does not answer.
    """
    keys = [key.decode() for key in connection.scan_iter(f"{_PREFIX}*", count=1000)]
    told = {key.removeprefix(_PREFIX): cast(bytes | None, connection.get(key)) for key in keys}
    return {name: json.loads(text) for name, text in sorted(told.items()) if text}


def identify_redis(connection: Redis) -> str:
    """Return the unique id of this Redis, which the first call creates.

    Raises:
        RedisError: if Redis does not answer.
    """
    connection.set(_ID_KEY, str(uuid4()), nx=True)
    return cast(bytes, connection.get(_ID_KEY)).decode()
