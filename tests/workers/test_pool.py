"""Several workers under one parent, as processes: started, killed, stopped, replaced."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from redis import Redis
from rq.worker_registration import get_keys

from reelqueue.config import Settings
from reelqueue.jobs.model import Job, Record, Status, now
from reelqueue.jobs.priorities import Priority
from reelqueue.services import Services, open_services
from tests.conftest import PATIENCE_SECONDS, ROOT, wait_for_end, wait_until
from tests.submission.test_toy_kind import registered

__all__ = ["registered"]

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("registered")]

StartPool = Callable[..., psutil.Popen]


@pytest.fixture
def environment(redis_url: str, tmp_path: Path) -> dict[str, str]:
    return {"REDIS_URL": redis_url, "STORAGE_URL": (tmp_path / "data").as_uri()}


@pytest.fixture
def services(environment: dict[str, str]) -> Services:
    services = open_services(Settings.from_env(environment))
    services.store.write("photo", b"four")
    return services


@pytest.fixture
def connection(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as connection:
        yield connection


@pytest.fixture
def start_pool(environment: dict[str, str]) -> Iterator[StartPool]:
    """Start workers in a session of their own, as a terminal would; give arguments and settings."""
    with ExitStack() as stack:

        def start(*arguments: str, **settings: str) -> psutil.Popen:
            command = [sys.executable, str(ROOT / "worker.py"), *arguments]
            variables = os.environ | environment | settings
            pool = psutil.Popen(command, env=variables, start_new_session=True)
            stack.callback(end, pool)
            return pool

        yield start


def end(pool: psutil.Popen) -> None:
    with suppress(psutil.NoSuchProcess):
        pool.kill()
    pool.wait()


def order(
    services: Services, gate: Path | str = "", priority: Priority = Priority.DEFAULT
) -> Record:
    """Accept a job that ends once a file is there, and queue it."""
    work = {
        "kind": "toy",
        "spec": {"step_seconds": 0.0, "gate": str(gate)},
        "photo": {"key": "photo", "name": "photo"},
    }
    job = Job(
        id=str(uuid4()),
        owner="me",
        created_at=now(),
        priority=priority,
        request_hash="h",
        estimated_seconds=1,
        work=work,
    )
    record, _ = services.ledger.accept(job)
    services.queue.submit(record)
    return record


def find_status(services: Services, record: Record) -> Status:
    latest = services.ledger.read(record.job.id)
    return latest.outcome.status if latest.outcome else services.queue.find_live(latest).status


def wait_for(services: Services, status: Status, *records: Record) -> None:
    wait_until(lambda: all(find_status(services, record) is status for record in records))


def list_workers(connection: Redis) -> dict[str, int]:
    """Return the process ids of the living workers, by their names."""
    pids = {key: connection.hget(key, "pid") for key in get_keys(connection=connection)}
    return {name: int(pid) for name, pid in pids.items() if pid}


def test_workers_render_side_by_side_and_share_one_upkeep_process(
    services: Services, connection: Redis, start_pool: StartPool, tmp_path: Path
) -> None:
    pool = start_pool("--processes", "2")
    jobs = [order(services, tmp_path / "gate") for _ in range(2)]
    wait_for(services, Status.STARTED, *jobs)

    pids = set(list_workers(connection).values())
    children = pool.children()
    assert len(pids) == 2
    assert pids < {child.pid for child in children}
    assert len(children) == 3
    told = services.queue.list_services()
    assert len(told) == 2
    assert {facts["storage"] for facts in told.values()} == {services.store.identify()}
    (tmp_path / "gate").touch()
    wait_for(services, Status.FINISHED, *jobs)


def test_worker_that_is_killed_is_replaced_and_its_job_is_done(
    services: Services, connection: Redis, start_pool: StartPool, tmp_path: Path
) -> None:
    pool = start_pool("--processes", "2")
    job = order(services, tmp_path / "gate")
    wait_for(services, Status.STARTED, job)
    busy = next(worker for worker in pool.children() if find_renders(worker))

    busy.kill()

    wait_until(lambda: len(list_workers(connection)) == 2 and busy.pid not in list_pids(connection))
    (tmp_path / "gate").touch()
    wait_for(services, Status.FINISHED, job)
    assert pool.is_running()


def list_pids(connection: Redis) -> set[int]:
    return set(list_workers(connection).values())


def know_that_they_stop(connection: Redis) -> bool:
    """Tell whether all workers, which render, have got the signal."""
    names = list_workers(connection)
    return all(connection.hget(name, "shutdown_requested_date") for name in names)


def find_renders(worker: psutil.Process) -> list[psutil.Process]:
    return [child for child in worker.children() if os.getpgid(child.pid) == child.pid]


@pytest.mark.parametrize("by", ["SIGTERM to the parent", "Ctrl-C in its terminal"])
def test_all_workers_let_their_renders_end_when_told_to_stop(
    services: Services, connection: Redis, start_pool: StartPool, by: str, tmp_path: Path
) -> None:
    pool = start_pool("--processes", "2", DRAIN_SECONDS=str(PATIENCE_SECONDS))
    jobs = [order(services, tmp_path / "gate") for _ in range(3)]
    wait_for(services, Status.STARTED, *jobs[:2])

    if by == "Ctrl-C in its terminal":
        os.killpg(pool.pid, signal.SIGINT)
    else:
        pool.terminate()
    wait_until(lambda: know_that_they_stop(connection))
    (tmp_path / "gate").touch()

    assert pool.wait(PATIENCE_SECONDS) == 0
    assert [find_status(services, job) for job in jobs] == [
        Status.FINISHED,
        Status.FINISHED,
        Status.QUEUED,
    ]


def test_second_signal_ends_the_renders_and_hands_their_jobs_back(
    services: Services, connection: Redis, start_pool: StartPool, tmp_path: Path
) -> None:
    pool = start_pool("--processes", "2", DRAIN_SECONDS="3600")
    jobs = [order(services, tmp_path / "gate") for _ in range(2)]
    wait_for(services, Status.STARTED, *jobs)
    pool.terminate()
    wait_until(lambda: know_that_they_stop(connection))
    time.sleep(1.1)  # before that, RQ takes a second signal for the first one
    assert pool.is_running()

    pool.terminate()

    assert pool.wait(PATIENCE_SECONDS) == 0
    records = [services.ledger.read(job.job.id) for job in jobs]
    assert [record.renders_begun for record in records] == [0, 0]  # no attempt is counted
    assert {find_status(services, record) for record in records} == {Status.QUEUED}


def test_all_processes_die_with_the_parent(
    services: Services, start_pool: StartPool, tmp_path: Path
) -> None:
    pool = start_pool("--processes", "2")
    wait_for(services, Status.STARTED, order(services, tmp_path / "gate"))
    below = pool.children(recursive=True)
    assert len(below) >= 4

    pool.kill()

    wait_for_end(below)


@pytest.mark.parametrize("processes", ["1", "2"])
def test_worker_is_replaced_after_so_many_jobs(
    services: Services, connection: Redis, start_pool: StartPool, processes: str
) -> None:
    pool = start_pool("--processes", processes, WORKER_MAX_JOBS="2")
    wait_until(lambda: len(list_workers(connection)) == int(processes))
    before = list_workers(connection)
    jobs = [order(services) for _ in range(2 * int(processes) + 1)]

    wait_for(services, Status.FINISHED, *jobs)

    wait_until(lambda: len(list_workers(connection)) == int(processes))
    wait_until(lambda: list_workers(connection) != before)
    assert list_workers(connection).keys() == before.keys()
    assert pool.is_running()


@pytest.mark.parametrize("most", ["0", "1"])
def test_burst_ends_when_no_job_is_left(
    services: Services, start_pool: StartPool, most: str
) -> None:
    jobs = [order(services) for _ in range(5)]
    pool = start_pool("--processes", "2", "--burst", WORKER_MAX_JOBS=most)
    assert pool.wait(PATIENCE_SECONDS) == 0
    assert {find_status(services, job) for job in jobs} == {Status.FINISHED}


def test_workers_empty_only_the_queues_that_are_named_and_in_that_order(
    services: Services, start_pool: StartPool
) -> None:
    low, default, high = (
        order(services, priority=priority)
        for priority in (Priority.LOW, Priority.DEFAULT, Priority.HIGH)
    )
    assert start_pool("--burst", "--queues", "low,high").wait(PATIENCE_SECONDS) == 0
    ended = {
        name: services.ledger.read(each.job.id).outcome
        for name, each in {"low": low, "default": default, "high": high}.items()
    }
    assert ended["default"] is None
    assert ended["low"]
    assert ended["high"]
    assert ended["low"].ended_at < ended["high"].ended_at


def test_job_that_a_worker_of_one_queue_took_and_never_began_is_done_by_the_next(
    services: Services, connection: Redis, start_pool: StartPool
) -> None:
    job = order(services)
    connection.lmove("rq:queue:default", "rq:queue:default:intermediate")  # as RQ does, and died

    start_pool("--queues", "default", "--processes", "2")

    wait_for(services, Status.FINISHED, job)
    wait_until(lambda: not connection.exists("rq:queue:default:intermediate"))


@pytest.mark.parametrize("names", ["urgent", "high,high", ""])
def test_queue_that_is_unknown_or_named_twice_is_refused(start_pool: StartPool, names: str) -> None:
    assert start_pool("--queues", names).wait(PATIENCE_SECONDS) == 2


DYING = """
import sys
import time
from pathlib import Path

from reelqueue.config import Settings
from reelqueue.workers import pool


def die(*_):
    with Path(sys.argv[1]).open("a") as file:
        file.write(f"{time.monotonic()}\\n")
    return 1


pool.work = die
sys.exit(pool.run_workers(pool.WorkerOptions(Settings.from_env()), 2))
"""


def test_workers_that_die_at_once_are_started_again_ever_more_rarely(
    environment: dict[str, str], tmp_path: Path
) -> None:
    deaths = tmp_path / "deaths"
    command = [sys.executable, "-c", DYING, str(deaths)]
    pool = psutil.Popen(command, cwd=ROOT, env=os.environ | environment, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: deaths.exists() and len(deaths.read_text().splitlines()) >= 6)
        times = [float(line) for line in deaths.read_text().splitlines()]
        # Of three deaths of two workers, one is the second of its worker, and so on.
        assert times[2] - times[0] >= 1
        assert times[4] - times[0] >= 1 + 2
        wait_until(lambda: len(pool.children()) == 1)  # the upkeep: no worker is still dying
        pool.terminate()
        assert pool.wait(PATIENCE_SECONDS) == 0
    finally:
        end(pool)
