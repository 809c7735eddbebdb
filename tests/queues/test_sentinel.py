"""Redis behind Sentinels: the primary is killed, and the jobs go on with the next one."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from redis import Redis
from redis.exceptions import RedisError

from reelqueue.config import Settings
from reelqueue.errors import SettingsError
from reelqueue.jobs.model import Record, Status
from reelqueue.queues.redis_checkup import examine_redis
from reelqueue.queues.redis_connection import connect, connect_worker
from reelqueue.services import open_services
from tests.conftest import StartServer, find_free_port, started, wait_until
from tests.queues.test_redis_checkup import CERTIFICATE
from tests.submission.test_toy_kind import registered
from tests.workers.test_pool import find_status, order
from tests.workers.test_rq_worker import call

__all__ = ["registered"]

pytestmark = [pytest.mark.redis, pytest.mark.process]

SENTINEL = """
port 0
tls-port {port}
tls-cert-file "{certificate}"
tls-key-file "{certificate}"
tls-ca-cert-file "{certificate}"
tls-auth-clients no
requirepass "sentinel's own"
dir "{folder}"
sentinel monitor reels 127.0.0.1 {primary} 1
sentinel auth-pass reels secret
sentinel down-after-milliseconds reels 1000
sentinel failover-timeout reels 5000
"""


@dataclass(frozen=True)
class Watched:
    """A primary and a replica that a Sentinel watches, and their address."""

    url: str
    primary: subprocess.Popen[bytes]


@pytest.fixture(params=["redis+sentinel", "rediss+sentinel"])
def watched(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watched]:
    """By TLS or without; one of the Sentinels in the address never answers."""
    is_tls = request.param == "rediss+sentinel"
    first, second, sentinel, nobody = (find_free_port() for _ in range(4))
    tls = ["--tls-cert-file", str(CERTIFICATE), "--tls-key-file", str(CERTIFICATE)]
    tls += ["--tls-ca-cert-file", str(CERTIFICATE), "--tls-auth-clients", "no"]
    tls += ["--tls-replication", "yes"] if is_tls else []
    text = SENTINEL.format(port=sentinel, certificate=CERTIFICATE, folder=tmp_path, primary=first)
    if is_tls:
        text += "tls-replication yes\n"
    else:
        text = text.replace("port 0\ntls-port", "port")
    configuration = tmp_path / "sentinel.conf"
    configuration.write_text(text)

    def start(port: int, *options: str) -> list[str]:
        ports = ["--port", "0", "--tls-port", str(port), *tls] if is_tls else ["--port", str(port)]
        saved = ["--save", "", "--dir", str(tmp_path), "--loglevel", "warning"]
        words = ["--requirepass", "secret", "--masterauth", "secret"]
        return ["redis-server", *ports, *saved, *words, *options]

    query = f"sentinel_password=sentinel%27s%20own&ssl_ca_certs={quote(str(CERTIFICATE))}"
    query += "&ssl_check_hostname=false"
    if not is_tls:
        query = query.partition("&")[0]
    hosts = f"127.0.0.1:{nobody},127.0.0.1:{sentinel}"
    url = f"{request.param}://:secret@{hosts}/reels/0?{query}"
    with ExitStack() as stack:
        primary = stack.enter_context(started(start(first)))
        stack.enter_context(started(start(second, "--replicaof", "127.0.0.1", str(first))))
        stack.enter_context(started(["redis-server", str(configuration), "--sentinel"]))
        with connect(Settings.from_env({"REDIS_URL": url})) as connection:
            wait_until(lambda: has_replica(connection))
        own: dict[str, Any] = {
            "ssl": True,
            "ssl_ca_certs": str(CERTIFICATE),
            "ssl_check_hostname": False,
        }
        watcher = Redis(port=sentinel, password="sentinel's own", **(own if is_tls else {}))
        with watcher:  # it asks a primary for its replicas every ten seconds
            wait_until(lambda: watcher.info("sentinel")["master0"]["slaves"] == 1)
        yield Watched(url, primary)


def has_replica(connection: Redis) -> bool:
    try:
        told = connection.info("replication")
    except RedisError:
        return False
    return bool(told["connected_slaves"] and told["slave0"]["state"] == "online")


@pytest.mark.usefixtures("registered")
def test_jobs_go_on_when_the_primary_is_killed(
    watched: Watched,
    tmp_path: Path,
    start_server: StartServer,
    start_worker: Callable[..., None],
) -> None:
    environment = {"REDIS_URL": watched.url, "STORAGE_URL": (tmp_path / "data").as_uri()}
    server = start_server(environment)
    start_worker(environment)
    services = open_services(Settings.from_env(environment))
    services.store.write("photo", b"four")
    gate = tmp_path / "gate"
    jobs = [order(services, gate), *(order(services) for _ in range(3))]
    wait_until(lambda: find_status(services, jobs[0]) is Status.STARTED)

    watched.primary.kill()

    wait_until(lambda: is_served(watched.url))
    jobs.append(order(services))
    gate.touch()
    wait_until(lambda: all(has_finished(environment, job) for job in jobs))
    first, *_ = [services.ledger.read(job.job.id) for job in jobs]
    assert first.outcome
    assert first.outcome.attempts == 1
    wait_until(lambda: call(f"{server}/health")["workers"] == 1)


def is_served(url: str) -> bool:
    with connect(Settings.from_env({"REDIS_URL": url})) as connection:
        try:
            connection.set("reelqueue:probe", "")
        except RedisError:
            return False
        return True


def has_finished(environment: dict[str, str], job: Record) -> bool:
    outcome = open_services(Settings.from_env(environment)).ledger.read(job.job.id).outcome
    return outcome is not None and outcome.status is Status.FINISHED


@pytest.mark.parametrize("watched", ["redis+sentinel"], indirect=True)
def test_doctor_names_an_unknown_primary_and_sentinels_that_are_away(watched: Watched) -> None:
    def find_text(url: str) -> str:
        with connect(Settings.from_env({"REDIS_URL": url})) as connection:
            return next(iter(examine_redis(connection))).text

    assert "takes jobs" in find_text(watched.url)
    assert "know" in find_text(watched.url.replace("/reels/", "/other/"))
    port = find_free_port()
    assert "none knows" in find_text(f"redis+sentinel://127.0.0.1:{port}/reels")


def test_address_of_sentinels_is_read_in_full() -> None:
    url = "rediss+sentinel://me:top/se#cret@one,[::1]:7000/reels-1/3?ssl_check_hostname=false"
    settings = Settings.from_env({"REDIS_URL": url})
    for connection in (connect(settings), connect_worker(settings)):
        options = connection.get_connection_kwargs()
        assert (options["username"], options["password"]) == ("me", "top/se#cret")
        assert (options["db"], options["ssl_check_hostname"]) == (3, False)
        pool = connection.connection_pool
        sentinels = pool.sentinel_manager.sentinels  # type: ignore[attr-defined]  # of its kind
        kwargs = [sentinel.get_connection_kwargs() for sentinel in sentinels]
        assert [(each["host"], each["port"]) for each in kwargs] == [("one", 26379), ("::1", 7000)]
        assert pool.service_name == "reels-1"  # type: ignore[attr-defined]  # as above


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://:{password}@one:1,two:2/",
        "redis+sentinel://:{password}@one:1,two:2/reels/first",
        "redis+sentinel://:{password}@one:1,two:2/reels/0?nonsense=1",
        "redis+sentinel://:{password}@one:1,two:two/reels",
        "http+sentinel://:{password}@one:1/reels",
    ],
)
def test_address_of_sentinels_that_makes_no_sense_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^REDIS_URL: .+\.$") as caught:
        connect(Settings.from_env({"REDIS_URL": url.format(password="secret")}))
    assert "secret" not in str(caught.value)
