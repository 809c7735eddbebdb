"""Why a Redis cannot be used: from an error of it to a cause that an operator can remove.

The texts are those of Redis 7's replies, of OpenSSL and of the C library, as redis-py passes them.
"""

from __future__ import annotations

import re
import socket
import ssl

from redis import Redis, SSLConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from reelqueue.findings import Cause

PROBE_SECONDS = 0.5

WANTS_TLS = Cause("tls", "Redis speaks TLS there: begin REDIS_URL with rediss:// (two s).")
WANTS_NO_TLS = Cause(
    "tls", "REDIS_URL begins with rediss://, but Redis speaks no TLS there: write redis://."
)
UNREACHABLE = Cause(
    "unreachable",
    "Redis does not answer at the host and port of REDIS_URL: see whether it runs, and whether "
    "this machine can reach it.",
)
UNKNOWN = Cause("unknown", "Redis answers with an error; it stands in the log.")
REPLICA = Cause(
    "replica", "REDIS_URL names a replica, which takes no jobs: use the address of its primary."
)
CLUSTER = Cause(
    "cluster", "REDIS_URL names a node of a Redis cluster, which RQ cannot use: use a single Redis."
)

_CAUSES = [
    (
        r"^MasterNotFoundError: .*(Timeout|Connection)Error",
        Cause(
            "sentinel",
            "Not all Sentinels of REDIS_URL answer, and none knows a primary of that name: correct "
            "hosts, ports and name, and see whether they run.",
        ),
    ),
    (
        r"^MasterNotFoundError",
        Cause(
            "sentinel",
            "The Sentinels of REDIS_URL know no working primary of that name: correct the name, "
            "or wait until they have chosen one.",
        ),
    ),
    (
        r"Name or service not known|No address associated|name resolution|nodename nor servname",
        Cause("host", "The host in REDIS_URL is unknown: correct it."),
    ),
    (
        r"Connection refused",
        Cause(
            "port",
            "Nothing answers at the host and port of REDIS_URL: correct them, or start Redis.",
        ),
    ),
    (
        r"HELLO must be called|Authentication required|NOAUTH",
        Cause(
            "no-password",
            "Redis wants a password, and REDIS_URL has none: write redis://:PASSWORD@HOST:PORT/0.",
        ),
    ),
    (
        r"invalid username-password|WRONGPASS|without any password configured",
        Cause("password", "The user name or the password in REDIS_URL is wrong: copy it again."),
    ),
    (
        r"self.signed|unable to get local issuer",
        Cause(
            "certificate",
            "The certificate of Redis is self-signed or of an unknown authority: add "
            "?ssl_ca_certs=/path/of/its/ca.pem to REDIS_URL.",
        ),
    ),
    (
        r"certificate has expired|not yet valid",
        Cause("certificate", "The certificate of Redis is not valid now: renew it, or set clocks."),
    ),
    (
        r"ostname mismatch|IP address mismatch",
        Cause(
            "certificate",
            "The certificate of Redis is for another host: use in REDIS_URL the host's name that "
            "stands in the certificate.",
        ),
    ),
    (
        r"Error 2 connecting|Invalid SSL Certificate",
        Cause("certificate", "REDIS_URL names a certificate or a socket that is not there."),
    ),
    (r"WRONG_VERSION_NUMBER|wrong version number|record layer failure", WANTS_NO_TLS),
    (
        r"DB index is out of range|invalid DB index",
        Cause("database", "Redis has no database of the number that ends REDIS_URL: write /0."),
    ),
    (r"^(ReadOnly|MasterDown)Error", REPLICA),
    (r"^(Moved|Ask|ClusterDown|ClusterCrossSlot)Error", CLUSTER),
    (
        r"^NoPermissionError",
        Cause(
            "permission",
            "The user in REDIS_URL may not do all that the queue needs: give it all commands, the "
            "keys rq:* and reelqueue:*, and the channels rq:*.",
        ),
    ),
    (
        r"MISCONF|AOF file",
        Cause(
            "disk",
            "Redis cannot save its data on its disk, so it takes no jobs: give that disk room, and "
            "Redis the right to write there.",
        ),
    ),
    (
        r"max number of clients",
        Cause(
            "connections",
            "Redis has no free connection: raise its maxclients, or run fewer services on it.",
        ),
    ),
    (
        r"^OutOfMemoryError",
        Cause("full", "Redis is out of memory, so it takes no jobs: raise its maxmemory."),
    ),
    (r"^BusyLoadingError", Cause("loading", "Redis is still reading its data: wait.")),
    (
        r"protected mode",
        Cause(
            "protected", "Redis is in protected mode: give it a password, and put it in REDIS_URL."
        ),
    ),
    (r"NOREPLICAS|good replicas", Cause("replicas", "Redis waits for its replicas: start them.")),
    (
        r"Protocol Error",
        Cause("other", "What answers at REDIS_URL is not Redis: correct host and port."),
    ),
    (r": Error \d+ connecting|unreachable|No route", UNREACHABLE),
]
"""Patterns in the class and the text of errors; the first counts."""


WORDS = sorted({cause.word for _, cause in _CAUSES})
"""The words of all causes but `unknown`; docs/api.md explains them."""


def diagnose_redis(error: RedisError, connection: Redis) -> Cause:
    """Return the cause of an error that a command on this connection raised."""
    text = f"{type(error).__name__}: {error}"
    for pattern, cause in _CAUSES:
        if re.search(pattern, text):
            return cause
    if isinstance(error, RedisTimeoutError | RedisConnectionError):
        # A side that expects TLS and one that does not hang up on each other, or wait.
        return _find_tls_fault(connection) or UNREACHABLE
    return UNKNOWN


def _find_tls_fault(connection: Redis) -> Cause | None:
    """Try the other way of the two, TLS and no TLS."""
    options = connection.get_connection_kwargs()
    if "host" not in options:
        return None
    is_tls = issubclass(connection.connection_pool.connection_class, SSLConnection)
    address = (options["host"], options.get("port", 6379))
    try:
        with socket.create_connection(address, PROBE_SECONDS) as plain:
            if is_tls:
                plain.sendall(b"PING\r\n")
                return WANTS_NO_TLS if plain.recv(1) in (b"+", b"-") else None
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with context.wrap_socket(plain):
                return WANTS_TLS
    except OSError:
        return None
