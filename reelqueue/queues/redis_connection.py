"""Connections to the Redis of `REDIS_URL`."""

from __future__ import annotations

from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from reelqueue.config import Settings
from reelqueue.errors import SettingsError


def connect(settings: Settings) -> Redis:
    """Connect with short timeouts: a web request finds out within 2 s that Redis is away.

    Raises:
        SettingsError: as `open_redis` does.
    """
    return open_redis(
        settings,
        socket_connect_timeout=0.5,
        socket_timeout=0.5,
        retry=Retry(NoBackoff(), 1),
        health_check_interval=30,
    )


def open_redis(settings: Settings, **options: Any) -> Redis:
    """Open the Redis of `REDIS_URL`; nothing is sent yet.

    Raises:
        SettingsError: if an option in `REDIS_URL` is unknown or has a bad value.
    """
    try:
        connection = Redis.from_url(str(settings.redis_url), **options)
        connection.connection_pool.make_connection()  # reads the options
    except (RedisError, TypeError, ValueError) as error:
        reason = str(error).partition(" ")[2] if isinstance(error, TypeError) else str(error)
        raise SettingsError(f"REDIS_URL: {reason}.") from None
    return connection
