"""Each way in which a real Redis can be unfit for the queue is named, with what to do."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from reelqueue.config import Settings
from reelqueue.errors import SettingsError
from reelqueue.findings import Finding
from reelqueue.queues.redis_checkup import examine_redis, find_redis_fault
from reelqueue.queues.redis_connection import connect
from tests.conftest import find_free_port, started, wait_until

pytestmark = pytest.mark.redis

CERTIFICATE = Path(__file__).with_name("self_signed.pem")
"""A key with a certificate for the name localhost, for the tests alone."""
PASSWORD = "top/secret"
QUOTED = "top%2Fsecret"


@dataclass(frozen=True)
class Server:
    """A redis-server that tests may spoil, and a connection that stays open meanwhile."""

    port: int
    tls_port: int
    admin: Redis

    def configure(self, **options: str) -> None:
        for name, value in options.items():
            self.admin.config_set(name.replace("_", "-"), value)

    def set_user(self, name: str, *rules: str) -> None:
        rules = ("reset", "on", f">{PASSWORD}", *rules)
        self.admin.execute_command("ACL", "SETUSER", name, *rules)  # type: ignore[no-untyped-call]  # redis-py leaves it untyped


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("redis")
    port, tls_port = find_free_port(), find_free_port()
    tls = ["--tls-port", str(tls_port), "--tls-auth-clients", "no"]
    tls += ["--tls-cert-file", str(CERTIFICATE), "--tls-key-file", str(CERTIFICATE)]
    options = ["--dir", str(folder), "--save", "", "--loglevel", "warning"]
    with started(["redis-server", "--port", str(port), *tls, *options]):
        with Redis(port=port, single_connection_client=False) as first:
            wait_until(lambda: answers(first))
        (folder / "dump.rdb").mkdir()  # so that it cannot save
        with Redis(port=port, single_connection_client=True) as admin:
            yield Server(port, tls_port, admin)


def answers(connection: Redis) -> bool:
    with suppress(RedisConnectionError):
        return bool(connection.ping())
    return False


@contextmanager
def as_it_is(_: Server) -> Iterator[None]:
    yield


@contextmanager
def with_password(server: Server) -> Iterator[None]:
    server.configure(requirepass=PASSWORD)
    yield
    server.configure(requirepass="")


@contextmanager
def with_users(server: Server) -> Iterator[None]:
    server.set_user("reader", "~*", "&*", "+@read", "+@connection", "+info")
    server.set_user("stranger", "~other:*", "&*", "+@all")
    server.set_user("deaf", "~*", "resetchannels", "+@all")
    yield
    server.admin.acl_deluser("reader", "stranger", "deaf")


@contextmanager
def as_replica(server: Server) -> Iterator[None]:
    server.admin.replicaof("127.0.0.1", "1")
    yield
    server.admin.replicaof("NO", "ONE")


@contextmanager
def unable_to_save(server: Server) -> Iterator[None]:
    server.configure(save="3600 1000000")
    server.admin.bgsave()
    wait_until(lambda: server.admin.info("persistence")["rdb_last_bgsave_status"] == "err")
    yield
    server.configure(save="")


@contextmanager
def without_connections(server: Server) -> Iterator[None]:
    with ExitStack() as stack:
        server.configure(maxclients="2")
        for _ in range(3):
            address = ("127.0.0.1", server.port)
            stack.enter_context(socket.create_connection(address))
        wait_until(lambda: len(server.admin.client_list()) >= 2)
        yield
    server.configure(maxclients="10000")


@contextmanager
def out_of_memory(server: Server) -> Iterator[None]:
    server.configure(maxmemory="1")
    yield
    server.configure(maxmemory="0")


Spoil = Callable[[Server], Any]

FAULTS: dict[str, tuple[Spoil, str, str, str]] = {
    "wrong host": (as_it_is, "redis://no.such.host.invalid:6379/0", "host", "host in REDIS_URL"),
    "wrong port": (as_it_is, "redis://127.0.0.1:1/0", "port", "Nothing answers"),
    "no password": (with_password, "redis://127.0.0.1:{port}/0", "no-password", ":PASSWORD@"),
    "wrong password": (with_password, "redis://:no@127.0.0.1:{port}/0", "password", "wrong"),
    "wrong user": (with_password, "redis://x:no@127.0.0.1:{port}/0", "password", "wrong"),
    "TLS to plain": (as_it_is, "rediss://127.0.0.1:{port}/0", "tls", "write redis://"),
    "plain to TLS": (as_it_is, "redis://127.0.0.1:{tls_port}/0", "tls", "rediss://"),
    "self-signed": (as_it_is, "rediss://localhost:{tls_port}/0", "certificate", "ssl_ca_certs="),
    "certificate of another host": (
        as_it_is,
        "rediss://127.0.0.1:{tls_port}/0?ssl_ca_certs={certificate}",
        "certificate",
        "another host",
    ),
    "missing authority": (
        as_it_is,
        "rediss://localhost:{tls_port}/0?ssl_ca_certs=/no/such.pem",
        "certificate",
        "not there",
    ),
    "database out of range": (as_it_is, "redis://127.0.0.1:{port}/99", "database", "write /0"),
    "replica": (as_replica, "redis://127.0.0.1:{port}/0", "replica", "primary"),
    "user who may only read": (
        with_users,
        "redis://reader:{password}@127.0.0.1:{port}/0",
        "permission",
        "all commands",
    ),
    "user of other keys": (
        with_users,
        "redis://stranger:{password}@127.0.0.1:{port}/0",
        "permission",
        "keys rq:",
    ),
    "MISCONF": (unable_to_save, "redis://127.0.0.1:{port}/0", "disk", "save its data"),
    "connection limit": (without_connections, "redis://127.0.0.1:{port}/0", "connections", "max"),
    "out of memory": (out_of_memory, "redis://127.0.0.1:{port}/0", "full", "raise its maxmemory"),
}
"""How Redis is spoiled, the URL, the word of /health, and a part of what doctor says."""


def open_redis(server: Server, url: str) -> Redis:
    names = {"port": server.port, "tls_port": server.tls_port, "password": QUOTED}
    settings = Settings.from_env({"REDIS_URL": url.format(**names, certificate=CERTIFICATE)})
    return connect(settings)


def find_problem(connection: Redis) -> Finding:
    """Return what doctor says: one line."""
    (finding,) = examine_redis(connection)
    assert (finding.level, finding.what) == ("problem", "queue")
    assert "\n" not in finding.text
    assert PASSWORD not in finding.text
    return finding


@pytest.mark.parametrize(("spoil", "url", "word", "text"), FAULTS.values(), ids=list(FAULTS))
def test_fault_of_redis_is_named(
    server: Server, spoil: Spoil, url: str, word: str, text: str
) -> None:
    with spoil(server), open_redis(server, url) as connection:
        assert text in find_problem(connection).text
        fault = find_redis_fault(connection)
        assert fault is not None
        assert fault.word == word
    with open_redis(server, "redis://127.0.0.1:{port}/0") as connection:
        wait_until(lambda: find_redis_fault(connection) is None)


def test_user_who_may_not_publish_is_named(server: Server) -> None:
    """Only the check of the whole installation notices: it could not stop a render."""
    url = "redis://deaf:{password}@127.0.0.1:{port}/0"
    with with_users(server), open_redis(server, url) as connection:
        assert "channels rq:*" in find_problem(connection).text


def test_node_of_a_cluster_is_named(tmp_path: Path) -> None:
    port = find_free_port()
    options = ["--dir", str(tmp_path), "--save", "", "--loglevel", "warning"]
    options += ["--cluster-enabled", "yes", "--cluster-port", str(find_free_port())]
    command = ["redis-server", "--port", str(port), *options]
    settings = Settings.from_env({"REDIS_URL": f"redis://127.0.0.1:{port}/0"})
    with started(command), connect(settings) as connection:
        wait_until(lambda: answers(connection))
        assert "cluster" in find_problem(connection).text
        connection.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        wait_until(lambda: connection.execute_command("CLUSTER INFO")["cluster_state"] == "ok")
        assert "cluster" in find_problem(connection).text  # also where this node has every slot


def test_something_else_at_the_port_is_named() -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        url = f"redis://127.0.0.1:{web.server_address[1]}/0"
        with connect(Settings.from_env({"REDIS_URL": url})) as connection:
            fault = find_redis_fault(connection)
        web.shutdown()
    assert fault is not None
    assert fault.word == "unreachable"


def test_redis_in_order_is_called_so(server: Server) -> None:
    for url in (
        "redis://127.0.0.1:{port}/0",
        "rediss://localhost:{tls_port}/0?ssl_ca_certs={certificate}",
    ):
        with open_redis(server, url) as connection:
            assert {finding.level for finding in examine_redis(connection)} == {"ok"}
            assert find_redis_fault(connection) is None
            assert list(connection.scan_iter("*")) == []


def list_notices(connection: Redis) -> dict[str, str]:
    """Return what is not in order, by what it is about."""
    findings = examine_redis(connection)
    return {finding.what: finding.text for finding in findings if finding.level != "ok"}


def test_policy_that_drops_jobs_and_dropped_keys_are_named(server: Server) -> None:
    with open_redis(server, "redis://127.0.0.1:{port}/0") as connection:
        server.configure(maxmemory_policy="allkeys-lru")
        assert "set it to noeviction" in list_notices(connection)["redis memory"]
        used = server.admin.info("memory")["used_memory"]
        server.configure(maxmemory=str(used + 1_000_000))
        for number in range(3000):
            server.admin.set(f"filler:{number}", bytes(1000))
        server.admin.flushall()
        server.configure(maxmemory_policy="noeviction", maxmemory="0")
        assert "has dropped" in list_notices(connection)["redis memory"]
        server.admin.config_resetstat()
        assert list_notices(connection) == {}


def test_redis_that_is_nearly_full_is_named(server: Server) -> None:
    with open_redis(server, "redis://127.0.0.1:{port}/0") as connection:
        used = server.admin.info("memory")["used_memory"]
        server.configure(maxmemory=str(int(used * 1.05) + 100_000))
        assert "maxmemory" in list_notices(connection)["redis memory"]
        server.configure(maxmemory="0", maxclients="2")
        assert "maxclients" in list_notices(connection)["redis connections"]
        server.configure(maxclients="10000")


@pytest.mark.parametrize(
    "url",
    [
        "redis://:{password}@127.0.0.1/0?socket_timeout=soon",
        "redis://:{password}@127.0.0.1/0?nonsense=1",
        "rediss://:{password}@127.0.0.1/0?ssl_cert_reqs=perhaps",
        "redis://:{password}@127.0.0.1/first",
        "http://:{password}@127.0.0.1/0",
    ],
)
def test_address_that_makes_no_sense_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^REDIS_URL: .+\.$") as caught:
        connect(Settings.from_env({"REDIS_URL": url.format(password=QUOTED)}))
    assert QUOTED not in str(caught.value)
    assert PASSWORD not in str(caught.value)
