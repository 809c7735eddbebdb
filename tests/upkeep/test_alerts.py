"""Alerts: once when something is wrong, once when it is over, whichever process leads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.config import Settings
from reelqueue.jobs.model import Outcome, Status, now
from reelqueue.queues.redis import RedisQueue
from reelqueue.services import Services, open_services
from reelqueue.upkeep import alerts, observer
from reelqueue.upkeep.alerts import (
    HOLD,
    RETRY_SECONDS,
    AlertBook,
    Situation,
    advance,
    find_troubles,
    read_book,
)
from reelqueue.upkeep.observer import STEP_SECONDS, Observer
from reelqueue.upkeep.presence import Presence
from reelqueue.upkeep.statistics.tallies import Ends
from tests.conftest import StartServer, find_free_port
from tests.receiver import Receiver, receiving
from tests.upkeep.test_fold import NOON, make_outcome
from tests.upkeep.test_recovery import accept, make_record

WELL = Situation(lacks_workers=False, ends=Ends(), waiting={}, disk=None)
Open = Callable[..., Services]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def open_process(receiver: Receiver, tmp_path: Path) -> Iterator[Open]:
    """Open what a process opens, with an address for alerts."""
    opened = []

    def open_process(**settings: str) -> Services:
        urls = {"ALERT_URL": receiver.url, "STORAGE_URL": (tmp_path / "data").as_uri()}
        opened.append(open_services(Settings.from_env({**urls, **settings})))
        return opened[-1]

    yield open_process
    for services in opened:
        if isinstance(services.queue, RedisQueue):
            services.queue.connection.connection_pool.disconnect()


def list_messages(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(call.body) for call in receiver.calls]


def observe(services: Services, minutes: float) -> None:
    """Have a leader look that has just begun to lead, so many minutes from now."""
    with time_machine.travel(now() + timedelta(minutes=minutes)):
        assert Observer(services).step()


# --- what is wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"lacks_workers": True}, "no-worker"),
        ({"ends": Ends(ended=10, failed=6)}, "failures"),
        ({"waiting": {"low": 10.0, "high": 901.0}}, "waiting"),
        ({"disk": (9, 100)}, "disk"),
    ],
)
def test_each_trouble_has_a_sentence(wrong: dict[str, Any], name: str) -> None:
    troubles = find_troubles(Situation(**{**vars(WELL), **wrong}), Settings())
    assert list(troubles) == [name]
    assert all(text.endswith(".") for text in troubles.values())


@pytest.mark.parametrize(
    "well",
    [
        {"ends": Ends(ended=9, failed=9)},
        {"ends": Ends(ended=10, failed=5)},
        {"waiting": {"low": 900.0}},
        {"disk": (10, 100)},
    ],
)
def test_what_is_just_within_the_limits_is_no_trouble(well: dict[str, Any]) -> None:
    assert find_troubles(Situation(**{**vars(WELL), **well}), Settings()) == {}


@given(st.lists(st.booleans(), max_size=200))
def test_flapping_is_damped_and_each_begin_has_its_end(looks: list[bool]) -> None:
    """A look every 5 seconds: what holds for less than a minute is never told."""
    book, moment = AlertBook(), NOON
    for is_wrong in looks:
        moment += timedelta(seconds=STEP_SECONDS)
        troubles = {"disk": "It is full."} if is_wrong else {}
        book = advance(book, troubles, moment, is_sent=True)  # type: ignore[arg-type]  # the key is a name
        book = AlertBook.model_validate_json(book.to_json())
    told = [message.status for message in book.unsent]
    assert told == [("begun", "over")[place % 2] for place in range(len(told))]
    held = int(HOLD.total_seconds() / STEP_SECONDS)
    steady = [
        place for place in range(held, len(looks)) if len(set(looks[place - held : place + 1])) == 1
    ]
    if not any(looks[place] for place in steady):
        assert told == []
    if steady and steady[-1] == len(looks) - 1:
        assert (book.states["disk"].since is not None) == looks[-1]


# --- what is sent -------------------------------------------------------------------------------


def let_fail(services: Services, count: int) -> None:
    for number in range(count):
        make_record(services, f"job-{number}")
        outcome = Outcome(status=Status.FAILED, ended_at=now(), error="It broke.")
        services.ledger.end(f"job-{number}", 1, outcome)


def test_alert_is_sent_once_and_once_more_when_it_is_over(
    open_process: Open, receiver: Receiver
) -> None:
    services = open_process()
    let_fail(services, 10)
    for minutes in (0, 0.5, 1.1, 2, 5):
        observe(services, minutes)
    (message,) = list_messages(receiver)
    assert (message["alert"], message["status"]) == ("failures", "begun")
    assert message["text"].startswith("Reelqueue: 10 of the 10 jobs")
    for minutes in (20, 20.5, 21.5, 25):
        observe(services, minutes)
    begun, over = list_messages(receiver)
    assert (over["alert"], over["status"]) == ("failures", "over")
    assert over["id"] != begun["id"]
    assert read_book(services.store).states["failures"].since is None


def test_job_that_waits_too_long_is_told_with_its_queue(
    open_process: Open, receiver: Receiver, redis_url: str
) -> None:
    services = open_process(REDIS_URL=redis_url)
    accept(services, "a")
    for minutes in (0, 16, 17.1):
        observe(services, minutes)
    texts = [each["text"] for each in list_messages(receiver) if each["alert"] == "waiting"]
    assert texts == ["Reelqueue: A job has waited in the queue default for 17 minutes."]


def test_service_that_takes_no_alert_is_asked_again_and_logged_once(
    open_process: Open, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    services = open_process()
    lonely = Settings(alert_url=f"http://127.0.0.1:{find_free_port()}/")
    let_fail(services, 10)
    watcher = Observer(replace(services, settings=lonely))
    for minutes in (0, 1.1, 1.2, 3):
        with time_machine.travel(now() + timedelta(minutes=minutes)):
            watcher._alerts._tried -= RETRY_SECONDS
            watcher.step()
    assert caplog.text.count("alerts cannot be sent") == 1
    receiver.answer = lambda _: (500, {}, b"")
    observe(services, 4)
    receiver.answer = lambda _: (200, {}, b"ok")
    observe(services, 5)
    assert [each["status"] for each in list_messages(receiver)] == ["begun", "begun"]
    assert read_book(services.store).unsent == ()


def test_without_an_address_alerts_are_logged(
    open_process: Open, caplog: pytest.LogCaptureFixture
) -> None:
    services = open_process(ALERT_URL="")
    let_fail(services, 10)
    for minutes in (0, 1.1, 20, 21.1):
        observe(services, minutes)
    assert caplog.text.count("alert: 10 of the 10") == 1
    assert caplog.text.count("alert is over") == 1
    assert read_book(services.store).unsent == ()


def test_state_of_another_version_keeps_no_alert_from_being_sent(
    open_process: Open, receiver: Receiver
) -> None:
    services = open_process()
    services.store.write(alerts.KEY, b'{"states": {"moon": {}}}')
    let_fail(services, 10)
    for minutes in (0, 1.1):
        observe(services, minutes)
    assert len(list_messages(receiver)) == 1


def test_standby_observes_only_while_no_worker_runs(
    open_process: Open, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = open_process(REDIS_URL=redis_url)
    load = services.queue.describe_load()
    standby = Observer(services, is_standby=True)
    assert standby.step() is None
    monkeypatch.setattr(observer, "STANDBY_SECONDS", 0)
    assert standby.step()
    monkeypatch.setattr(RedisQueue, "describe_load", lambda _: load | {"workers": 1})
    assert standby.step() is None
    assert Observer(services).step()
    monkeypatch.setattr(RedisQueue, "describe_load", lambda _: load | {"ok": False})
    assert standby.step() is None


def test_standby_leaves_the_lead_to_a_worker_that_redis_has_forgotten(
    open_process: Open, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = open_process(REDIS_URL=redis_url)
    monkeypatch.setattr(observer, "STANDBY_SECONDS", 0)
    Presence(services, "worker", "a-worker").announce()
    assert services.queue.describe_load()["workers"] == 0
    assert Observer(services, is_standby=True).step() is None


def test_service_as_it_is_deployed_tells_that_no_worker_runs(
    start_server: StartServer,
    receiver: Receiver,
    redis_url: str,
    open_process: Open,
) -> None:
    """The state says that this has been so for an hour: a test waits no minute."""
    services = open_process()
    book = advance(AlertBook(), {"no-worker": "-"}, now() - timedelta(hours=1), is_sent=True)
    services.store.write(alerts.KEY, book.to_json())
    make_record(services, "a")
    services.ledger.end("a", 1, make_outcome())
    start_server({"REDIS_URL": redis_url, "ALERT_URL": receiver.url})
    message = json.loads(receiver.wait().body)
    assert (message["alert"], message["status"]) == ("no-worker", "begun")
