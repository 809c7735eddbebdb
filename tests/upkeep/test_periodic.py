"""Periodic work: each chore is done when it is due, by one process, once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from datetime import time as TimeOfDay  # noqa: N812  # as in the module
from pathlib import Path

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.config import Settings
from reelqueue.errors import UnavailableError
from reelqueue.jobs.model import Outcome, Status, now
from reelqueue.services import Services, open_services
from reelqueue.upkeep.chores.periodic import (
    RETRY_SECONDS,
    Chore,
    ChoreState,
    Daily,
    Every,
    Periodic,
    read_state,
)
from reelqueue.upkeep.chores.table import list_chores
from reelqueue.upkeep.statistics.usage import read_usage
from tests.conftest import StartServer, wait_until
from tests.upkeep.test_recovery import make_record

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """The product without Redis."""
    return open_services(Settings.from_env({"STORAGE_URL": (tmp_path / "data").as_uri()}))


@pytest.fixture
def many(redis_url: str, tmp_path: Path) -> list[Services]:
    """What several processes of the product with Redis have opened; one of them leads."""
    settings = {"REDIS_URL": redis_url, "STORAGE_URL": (tmp_path / "data").as_uri()}
    return [open_services(Settings.from_env(settings)) for _ in range(8)]


class Diary:
    """A chore that notes when it was done, and for which time."""

    def __init__(self, schedule: Every | Daily) -> None:
        self.done: list[datetime | None] = []
        self.chore = Chore("diary", schedule, self._note)
        self.fault: Exception | None = None

    def _note(self, last_at: datetime | None) -> str:
        if self.fault:
            raise self.fault
        self.done.append(last_at)
        return "Noted."


def step(periodic: Periodic, moment: datetime) -> None:
    with time_machine.travel(moment, tick=False):
        periodic.step()
        periodic.join()


@given(
    moment=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    at=st.times().map(lambda at: at.replace(fold=0)),
)
def test_daily_work_is_due_at_its_time_within_a_day(moment: datetime, at: TimeOfDay) -> None:
    due = Daily(at).find_next(moment)
    assert moment < due <= moment + timedelta(days=1)
    assert due.timetz().replace(tzinfo=None) == at


def test_chore_is_done_at_once_and_then_when_it_is_due(services: Services) -> None:
    diary = Diary(Every(600))
    periodic = Periodic(services, [diary.chore])
    for minutes in (0, 9, 10, 11, 19, 20):
        step(periodic, NOON + timedelta(minutes=minutes))
    assert diary.done == [None, NOON, NOON + timedelta(minutes=10)]


def test_daily_chore_waits_for_its_time(services: Services) -> None:
    diary = Diary(Daily(TimeOfDay(13)))
    periodic = Periodic(services, [diary.chore])
    for hours in (0, 0.9, 1, 2, 24.9, 25):
        step(periodic, NOON + timedelta(hours=hours))
    assert len(diary.done) == 2


def test_missed_chore_is_made_up_once_by_the_next_leader(services: Services) -> None:
    diary = Diary(Daily(TimeOfDay(13)))
    step(Periodic(services, [diary.chore]), NOON)
    later = NOON + timedelta(days=3)
    for minutes in (0, 1, 59):
        step(Periodic(services, [diary.chore]), later + timedelta(minutes=minutes))
    assert len(diary.done) == 1
    step(Periodic(services, [diary.chore]), later + timedelta(hours=1))
    assert diary.done == [None, later]


def test_new_leader_repeats_nothing(many: list[Services]) -> None:
    diary = Diary(Every(600))
    processes = [Periodic(services, [diary.chore]) for services in many]
    for minutes in (0, 5, 9):
        for periodic in processes:
            step(periodic, NOON + timedelta(minutes=minutes))
    assert len(diary.done) == 1


def test_chore_is_done_once_however_many_processes_run(many: list[Services]) -> None:
    diary = Diary(Every(600))
    processes = [Periodic(services, [diary.chore]) for services in many]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(Periodic.step, processes))
    for periodic in processes:
        periodic.join()
    assert len(diary.done) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_chore_whose_process_was_killed_is_done_again(services: Services) -> None:
    diary = Diary(Every(600))
    diary.fault = SystemExit()  # type: ignore[assignment]  # ends the thread as a kill does
    step(Periodic(services, [diary.chore]), NOON)
    assert read_state(services.store, diary.chore).begun_at == NOON
    diary.fault = None
    step(Periodic(services, [diary.chore]), NOON + timedelta(seconds=5))
    assert diary.done == [None]


@pytest.mark.parametrize("fault", [UnavailableError("It is away."), ValueError("a fault of ours")])
def test_chore_that_failed_is_tried_again_soon(services: Services, fault: Exception) -> None:
    diary = Diary(Every(3600))
    periodic = Periodic(services, [diary.chore])
    diary.fault = fault
    step(periodic, NOON)
    state = read_state(services.store, diary.chore)
    assert (state.ok, state.due_at) == (False, NOON + timedelta(seconds=RETRY_SECONDS))
    assert state.outcome
    diary.fault = None
    step(periodic, NOON + timedelta(seconds=RETRY_SECONDS - 1))
    assert diary.done == []
    step(periodic, NOON + timedelta(seconds=RETRY_SECONDS))
    assert read_state(services.store, diary.chore).outcome == "Noted."


def test_state_of_another_version_keeps_no_chore_from_being_done(services: Services) -> None:
    diary = Diary(Every(600))
    services.store.write("settings/periodic/diary", b'{"due_at": "when I like"}')
    step(Periodic(services, [diary.chore]), NOON)
    assert diary.done == [None]


def do(services: Services, name: str, last_at: datetime | None = None) -> str:
    (chore,) = [chore for chore in list_chores(services) if chore.name == name]
    return chore.run(last_at)


def test_check_of_failures_finds_those_since_the_last(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    for job_id in ("a", "b"):
        make_record(services, job_id)
    failed = Outcome(status=Status.FAILED, ended_at=now(), error="It broke.")
    services.ledger.end("a", 1, failed)
    assert do(services, "failures") == "1 job failed since the last check."
    assert "since" in caplog.text
    assert caplog.text.rstrip().endswith(": a")
    assert do(services, "failures", now() + timedelta(seconds=1)).startswith("0 ")


def test_usage_of_the_storage_is_measured_by_what_files_are_for(services: Services) -> None:
    assert read_usage(services.store) is None
    for key, size in (
        ("sessions/me/s/uploads/m/original.jpg", 100),
        ("jobs/a/outputs/t/video.mp4", 30),
        ("jobs/a/job.json", 7),
        ("parts/s/n", 5),
    ):
        services.store.write(key, bytes(size))
    do(services, "usage")
    usage = read_usage(services.store)
    assert usage
    sizes = {name: area.bytes for name, area in usage.areas.items()}
    assert sizes == {"uploads": 100, "results": 30, "records": 7, "segments": 5}
    assert usage.count_bytes() == 142


@pytest.mark.parametrize("mode", ["inline", "redis"])
def test_service_as_it_is_deployed_does_its_chores(
    mode: str,
    request: pytest.FixtureRequest,
    start_server: StartServer,
    start_worker: Callable[..., None],
    services: Services,
) -> None:
    settings = {"REDIS_URL": request.getfixturevalue("redis_url")} if mode == "redis" else {}
    start_server(settings)
    if settings:
        start_worker(settings)
    chores = [chore for chore in list_chores(services) if isinstance(chore.schedule, Every)]

    def read_all() -> list[ChoreState]:
        return [read_state(services.store, chore) for chore in chores]

    wait_until(lambda: all(state.last_at for state in read_all()))
    assert all(state.ok and state.outcome for state in read_all())
