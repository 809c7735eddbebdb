"""Services that share a queue or a storage tell each other what they run with."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis

from reelqueue.config import Settings
from reelqueue.findings import Finding
from reelqueue.jobs.model import now
from reelqueue.services import Services, open_services
from reelqueue.upkeep import presence
from reelqueue.upkeep.comparison import examine_services
from reelqueue.upkeep.presence import (
    Presence,
    Role,
    describe_service,
)
from tests.conftest import StartServer, serving, wait_until

pytestmark = pytest.mark.redis
SECRET = "a long and secret key"
WEBHOOK_SECRET = "whsec_" + "c2VjcmV0" * 4

Open = Callable[..., Services]


@pytest.fixture
def open_same(redis_url: str, tmp_path: Path) -> Open:
    """Open services over one Redis and one storage; give what differs."""

    def open_same(**own: str) -> Services:
        shared = {"REDIS_URL": redis_url, "STORAGE_URL": (tmp_path / "data").as_uri()}
        return open_services(Settings.from_env(shared | own))

    return open_same


def announce(role: Role, name: str, services: Services) -> None:
    Presence(services, role, name).announce()


def list_faults(services: Services) -> list[Finding]:
    """Return what is not in order; nothing here is a registered worker of RQ."""
    findings = examine_services(services)
    return [
        finding
        for finding in findings
        if finding.level != "ok" and not finding.text.startswith("No worker is running")
    ]


def test_services_with_the_same_settings_are_in_order(open_same: Open) -> None:
    announce("web", "web.1", open_same(SECRET_KEY=SECRET))
    announce("web", "web.2", open_same(SECRET_KEY=SECRET))
    announce("worker", "worker.1", open_same())
    assert list_faults(open_same()) == []
    assert list_faults(open_same(SECRET_KEY=SECRET)) == []


@pytest.mark.parametrize(
    ("own", "role", "text"),
    [
        ({"RENDER_ENGINE": "x264"}, "worker", "RENDER_ENGINE differs: set the same"),
        ({"RENDER_ENGINE": "x264"}, "web", "RENDER_ENGINE differs: set the same"),
        ({"RETENTION_HOURS": "0"}, "worker", "RETENTION_HOURS differs: set the same"),
        (
            {"SECRET_KEY": "another"},
            "web",
            "SECRET_KEY differs between the processes of the web service",
        ),
        ({"SECRET_KEY": ""}, "web", "SECRET_KEY differs between the processes of the web service"),
        ({"WEBHOOK_SECRET": WEBHOOK_SECRET}, "worker", "WEBHOOK_SECRET differs: set the same"),
        ({"WEBHOOK_HOSTS": "hooks.lan"}, "worker", "WEBHOOK_HOSTS differs: set the same"),
    ],
)
def test_setting_that_differs_is_named(
    open_same: Open, own: dict[str, str], role: Role, text: str
) -> None:
    announce("web", "first", open_same(SECRET_KEY=SECRET))
    announce(role, "second", open_same(**({"SECRET_KEY": SECRET} | own)))
    (fault,) = list_faults(open_same())
    assert (fault.level, fault.what) == ("problem", "settings")
    assert text in fault.text
    assert "second" in fault.text
    assert SECRET not in fault.text
    assert WEBHOOK_SECRET not in fault.text


def test_setting_of_this_process_counts_too(open_same: Open) -> None:
    """`doctor` runs with the settings of the service that it is called in."""
    announce("web", "web.1", open_same(SECRET_KEY=SECRET))
    (fault,) = list_faults(open_same(RENDER_ENGINE="x264"))
    assert "this process" in fault.text
    (fault,) = list_faults(open_same(SECRET_KEY="another"))
    assert "SECRET_KEY" in fault.text


def test_secret_is_not_in_redis(open_same: Open, redis_port: int) -> None:
    announce("web", "web.1", open_same(SECRET_KEY=SECRET))
    with Redis(port=redis_port) as connection:
        told = connection.get("reelqueue:service:web.1")
    assert isinstance(told, bytes)
    assert SECRET.encode() not in told
    assert b'"secret_key": "' in told


def test_version_that_differs_is_named(open_same: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    announce("web", "web.1", open_same())
    with monkeypatch.context() as patch:
        patch.setattr(presence, "__version__", "0.0.9")
        announce("worker", "worker.1", open_same())
    (fault,) = list_faults(open_same())
    assert (fault.level, fault.what) == ("warning", "versions")
    assert "0.0.9: worker.1" in fault.text


@pytest.mark.parametrize(("seconds", "text"), [(30, "30 s ahead"), (-30, "30 s behind")])
def test_clock_that_is_apart_is_named(
    open_same: Open, seconds: int, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time
    announce("web", "web.1", open_same())
    with monkeypatch.context() as patch:
        patch.setattr("reelqueue.queues.redis_checkup.time.time", lambda: real() + seconds)
        announce("worker", "worker.1", open_same())
    (fault,) = list_faults(open_same())
    assert (fault.level, fault.what) == ("warning", "clocks")
    assert f"worker.1 {text}" in fault.text
    assert "web.1" not in fault.text


def test_other_storage_is_named(open_same: Open, tmp_path: Path) -> None:
    announce("web", "web.1", open_same())
    announce("worker", "worker.1", open_same(STORAGE_URL=(tmp_path / "other").as_uri()))
    (fault,) = list_faults(open_same())
    assert (fault.level, fault.what) == ("problem", "workers")
    assert fault.text.startswith("worker.1 uses another storage: give it the same STORAGE_URL")


def test_web_without_redis_is_named_on_both_sides(open_same: Open) -> None:
    announce("web", "web.1", open_same(REDIS_URL=""))
    announce("web", "web.2", open_same())
    (here,) = list_faults(open_same(REDIS_URL=""))
    (there,) = list_faults(open_same())
    assert here.level == there.level == "problem"
    assert "REDIS_URL is unset or empty here" in here.text
    assert "A web service without REDIS_URL uses this storage" in there.text


def test_other_redis_is_named(open_same: Open, redis_url: str) -> None:
    announce("web", "web.1", open_same(REDIS_URL=redis_url.removesuffix("0") + "1"))
    announce("web", "web.2", open_same())
    (fault,) = list_faults(open_same())
    assert "another Redis use this storage" in fault.text


def test_redis_that_lost_its_data_is_not_taken_for_another(
    open_same: Open, redis_port: int
) -> None:
    announce("web", "web.1", open_same())
    with Redis(port=redis_port) as connection:
        connection.flushall()
    announce("web", "web.1", open_same())
    (fault,) = list_faults(open_same())
    assert fault.level == "warning"
    assert "or this Redis has lost its data" in fault.text


def test_queue_that_is_no_longer_used_is_forgotten(
    open_same: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce("web", "web.1", open_same(REDIS_URL=""))
    announce("web", "web.2", open_same())
    later = now() + presence.NOTE_AGE
    monkeypatch.setattr("reelqueue.upkeep.comparison.now", lambda: later)
    assert list_faults(open_same()) == []


def test_web_and_worker_announce_themselves(
    open_same: Open,
    redis_url: str,
    start_server: StartServer,
    start_worker: Callable[..., None],
) -> None:
    environment = {"REDIS_URL": redis_url, "SECRET_KEY": SECRET}
    start_server(environment)
    start_worker(environment | {"RENDER_ENGINE": "x264"})
    services = open_same()
    wait_until(lambda: len(services.queue.list_services()) == 3)
    roles = [facts["role"] for facts in services.queue.list_services().values()]
    assert sorted(roles) == ["web", "web", "worker"]
    (fault,) = list_faults(services)
    assert "RENDER_ENGINE differs" in fault.text


def test_worker_that_recognises_no_speech_is_named_where_others_do(open_same: Open) -> None:
    services = open_same()
    facts = describe_service(services, "worker")
    assert "speech" in facts
    assert "speech" not in describe_service(services, "web")
    for name, speech in (("able", {"pace": 0.1}), ("lacking", {"fault": "It is not there."})):
        services.queue.announce(name, facts | {"speech": speech})
    found = [finding for finding in examine_services(services) if finding.what == "speech"]
    assert [finding.level for finding in found] == ["warning"]
    assert "(lacking)" in found[0].text


@pytest.mark.process
def test_web_that_ends_is_forgotten_at_once(
    open_same: Open, redis_url: str, tmp_path: Path
) -> None:
    services = open_same()
    with serving({"REDIS_URL": redis_url, "STORAGE_URL": (tmp_path / "data").as_uri()}):
        wait_until(lambda: len(services.queue.list_services()) == 2)
    assert services.queue.list_services() == {}
