"""Connections to the Redis of `REDIS_URL`."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from pydantic_core import MultiHostUrl
from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import Sentinel

from reelqueue.config import Settings
from reelqueue.errors import SettingsError

_SENTINEL_PORT = 26379
_SENTINEL_SECONDS = 0.5  # one that does not answer is left out


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


def connect_worker(settings: Settings) -> Redis:
    """Connect without a socket timeout: RQ sets one that is longer than its wait for jobs.

    Raises:
        SettingsError: as `open_redis` does.
    """
    return open_redis(settings, socket_connect_timeout=5)


def open_redis(settings: Settings, **options: Any) -> Redis:
    """Open the Redis of `REDIS_URL`; nothing is sent yet.

    Raises:
        SettingsError: if an option in `REDIS_URL` is unknown or has a bad value.
    """
    try:
        if isinstance(settings.redis_url, MultiHostUrl):
            connection = _follow_primary(settings.redis_url, options)
        else:
            connection = Redis.from_url(str(settings.redis_url), **options)
        connection.connection_pool.make_connection()  # reads the options
    except (RedisError, TypeError, ValueError) as error:
        reason = str(error).partition(" ")[2] if isinstance(error, TypeError) else str(error)
        raise SettingsError(f"REDIS_URL: {reason}.") from None
    return connection


def _follow_primary(url: MultiHostUrl, options: dict[str, Any]) -> Redis:
    """Open the Redis that Sentinels name as the primary; each new connection asks them again.

    With `rediss+sentinel` the Sentinels are reached by TLS, too. Source:
    https://redis.io/docs/latest/develop/reference/sentinel-clients/
    """
    service, _, database = (url.path or "").strip("/").partition("/")
    scheme = url.scheme.partition("+")[0]
    address = f"{scheme}://primary/{database or 0}?{url.query or ''}"
    given = options | parse_url(address)  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
    for found in ("host", "connection_class"):
        given.pop(found, None)
    first = url.hosts()[0]
    for name in ("username", "password"):
        if value := first[name]:
            given[name] = unquote(value)
    shared = {name: value for name, value in given.items() if name.startswith("ssl_")}
    own = {name: given.pop(f"sentinel_{name}", None) for name in ("username", "password")}
    sentinels = Sentinel(  # type: ignore[no-untyped-call]  # as above
        [
            ((each["host"] or "").strip("[]"), each["port"] or _SENTINEL_PORT)
            for each in url.hosts()
        ],
        sentinel_kwargs={
            **shared,
            **own,
            "ssl": scheme == "rediss",
            "socket_timeout": _SENTINEL_SECONDS,
            "socket_connect_timeout": _SENTINEL_SECONDS,
            "retry": Retry(NoBackoff(), 0),
        },
    )
    connection: Redis = sentinels.master_for(  # type: ignore[no-untyped-call]  # as above
        service, ssl=scheme == "rediss", **given
    )
    return connection
