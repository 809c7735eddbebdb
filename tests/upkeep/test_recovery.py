"""Recovery of lost runs: Redis lost them, or the process that had them died."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from redis import Redis

from reelqueue.config import Settings
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.model import Job, Liveness, LiveState, Record, Status, now
from reelqueue.jobs.priorities import QUEUE_NAMES, Priority
from reelqueue.queues.rq_job import open_rq_queue
from reelqueue.services import Services, open_services
from reelqueue.upkeep import recovery
from reelqueue.upkeep.recovery import KILLED_TOO_OFTEN, MAX_RENDERS_BEGUN, Recovery
from tests.conftest import StartServer, wait_until
from tests.workers.test_rq_worker import call, finish, upload

LONG = {"duration": 20.0, "resolution": "1280x720"}


def accept(services: Services, job_id: str, priority: Priority = Priority.DEFAULT) -> Record:
    job = Job(
        id=job_id,
        owner="me",
        created_at=now(),
        priority=priority,
        request_hash="h",
        estimated_seconds=1,
        work={"kind": "slideshow", "spec": {}, "photos": [{"key": "k", "name": "n"}]},
    )
    record, _ = services.ledger.accept(job)
    services.queue.submit(record, LiveState())
    return record


@pytest.fixture
def services(redis_url: str, tmp_path: Path) -> Services:
    settings = {"REDIS_URL": redis_url, "STORAGE_URL": (tmp_path / "data").as_uri()}
    return open_services(Settings.from_env(settings))


@pytest.fixture
def connection(redis_url: str) -> Redis:
    return Redis.from_url(redis_url)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "PATIENCE_SECONDS", 0)


def list_waiting(connection: Redis, priority: str = "default") -> list[str]:
    return open_rq_queue(priority, connection).job_ids


def pop(connection: Redis, job_id: str) -> None:
    """Take a job from the queue, like a worker that is killed right after (RQ uses BLPOP)."""
    connection.blpop([open_rq_queue(name, connection).key for name in QUEUE_NAMES])
    assert job_id not in list_waiting(connection)


def let_start(connection: Redis, job_id: str, heartbeat: int) -> None:
    """Put Redis into the state that a worker leaves if it is killed while it renders."""
    pop(connection, job_id)
    queue = open_rq_queue("default", connection)
    connection.hset(f"rq:job:{job_id}", "status", "started")
    connection.zadd(queue.started_job_registry.key, {f"{job_id}:1": now().timestamp() + heartbeat})


def let_schedule(connection: Redis, job_id: str) -> None:
    pop(connection, job_id)
    connection.hset(f"rq:job:{job_id}", "status", "scheduled")


def let_finish(connection: Redis, job_id: str) -> None:
    pop(connection, job_id)
    connection.hset(f"rq:job:{job_id}", "status", "finished")


def let_stop_beating(connection: Redis, job_id: str) -> None:
    let_start(connection, job_id, -1)


LOSSES: dict[str, Callable[[Redis, str], Any]] = {
    "popped": pop,
    "started, and no heartbeat": let_stop_beating,
    "scheduled nowhere": let_schedule,
    "finished without an outcome": let_finish,
    "all of Redis": lambda connection, job: connection.flushall(),  # noqa: ARG005
}


@pytest.mark.parametrize("lose", [let_stop_beating, let_finish])
def test_job_that_is_surely_lost_is_queued_again_at_once(
    services: Services, connection: Redis, lose: Callable[[Redis, str], None]
) -> None:
    accept(services, "lost")
    lose(connection, "lost")

    Recovery(services).step()

    assert list_waiting(connection) == ["lost_1"]


@pytest.mark.usefixtures("impatient")
def test_jobs_that_redis_forgot_wait_in_their_order_again(
    services: Services, connection: Redis
) -> None:
    for job in ("a", "b", "c"):
        accept(services, job)
    connection.flushall()

    Recovery(services).step()

    assert list_waiting(connection) == ["a_1", "b_1", "c_1"]


@pytest.mark.usefixtures("impatient")
def test_job_that_had_begun_comes_before_all_others(services: Services, connection: Redis) -> None:
    """Even before jobs of higher priority: it has waited for its turn already."""
    record = accept(services, "begun", Priority.LOW)
    job = open_rq_queue("low", connection).jobs[0]
    pop(connection, "begun")
    job.meta = LiveState(progress=40, started_at=now()).model_dump(mode="json", exclude={"status"})
    job.save_meta()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
    accept(services, "urgent", Priority.HIGH)

    Recovery(services).step()

    assert list_waiting(connection, "high") == ["begun_1", "urgent"]
    record = services.ledger.read("begun")
    assert services.queue.find_live(record).queue_position == 1
    assert services.queue.check_liveness(record) is Liveness.ALIVE


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("loss", LOSSES)
def test_lost_job_is_queued_again_before_all_others(
    services: Services, connection: Redis, loss: str
) -> None:
    accept(services, "lost")
    LOSSES[loss](connection, "lost")
    accept(services, "other")

    Recovery(services).step()

    assert list_waiting(connection) == ["lost_1", "other"]
    assert not connection.exists("rq:job:lost")
    record = services.ledger.read("lost")
    assert (record.takeovers, record.outcome) == (1, None)
    assert services.queue.find_live(record).status is Status.QUEUED


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "leave",
    [
        lambda connection: None,  # noqa: ARG005  # it waits
        lambda connection: let_start(connection, "a", 9),
    ],
)
def test_job_that_waits_or_is_rendered_is_left_alone(
    services: Services, connection: Redis, leave: Callable[[Redis], None]
) -> None:
    accept(services, "a")
    leave(connection)
    before = connection.hgetall("rq:job:a")

    for _ in range(3):
        Recovery(services).step()

    assert services.ledger.read("a").takeovers == 0
    assert connection.hgetall("rq:job:a") == before


def test_job_on_its_way_is_given_a_moment(services: Services, connection: Redis) -> None:
    accept(services, "a")
    pop(connection, "a")
    watching = Recovery(services)

    watching.step()
    watching.step()

    assert services.ledger.read("a").takeovers == 0


@pytest.mark.usefixtures("impatient")
def test_job_whose_renders_are_all_killed_is_failed(services: Services, connection: Redis) -> None:
    accept(services, "poison")
    for _ in range(MAX_RENDERS_BEGUN):
        services.ledger.mark_begun(services.ledger.read("poison"))
        connection.flushall()
        Recovery(services).step()

    outcome = services.ledger.read("poison").outcome
    assert outcome is not None
    assert (outcome.status, outcome.error, outcome.attempts) == (
        Status.FAILED,
        KILLED_TOO_OFTEN,
        MAX_RENDERS_BEGUN,
    )
    assert services.ledger.list_open() == []
    assert connection.keys("rq:job:*") == []


@pytest.mark.usefixtures("impatient")
def test_job_that_never_began_is_queued_again_as_often_as_it_is_lost(
    services: Services, connection: Redis
) -> None:
    accept(services, "a")
    for _ in range(3 * MAX_RENDERS_BEGUN):
        connection.flushall()
        Recovery(services).step()

    assert list_waiting(connection) == [f"a_{3 * MAX_RENDERS_BEGUN}"]


@pytest.mark.usefixtures("impatient")
def test_one_process_at_a_time_looks(
    services: Services, redis_url: str, connection: Redis, tmp_path: Path
) -> None:
    settings = {"REDIS_URL": redis_url, "STORAGE_URL": (tmp_path / "data").as_uri()}
    other = open_services(Settings.from_env(settings))
    first, second = Recovery(services), Recovery(other)
    first.step()
    accept(services, "a")
    connection.delete(open_rq_queue("default", connection).key)

    second.step()
    assert services.ledger.read("a").takeovers == 0
    first.step()
    assert services.ledger.read("a").takeovers == 1


def test_list_of_open_runs_is_kept(tmp_path: Path) -> None:
    settings = Settings.from_env({"STORAGE_URL": tmp_path.as_uri()})
    ledger: Ledger = open_services(settings).ledger
    job = Job.model_validate_json(
        '{"id": "a", "owner": "me", "created_at": "2026-01-01T00:00:00Z", "priority": "default",'
        ' "request_hash": "h", "estimated_seconds": 1,'
        ' "work": {"kind": "clip", "spec": {}, "source": {"key": "k", "name": "n"}}}'
    )
    record, _ = ledger.accept(job)
    assert [run[:2] for run in ledger.list_open()] == [("a", 1)]
    ledger.withdraw(record)
    assert ledger.list_open() == []


@pytest.fixture
def environment(redis_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "REDIS_URL": redis_url,
        "STORAGE_URL": (tmp_path / "data").as_uri(),
        "RENDER_ENGINE": "x264",
    }


def order_slideshow(server: str, photo_paths: list[Path]) -> str:
    session = upload(f"{server}/upload_images", "images", photo_paths[:2])["session_id"]
    job: str = call(f"{server}/generate_video", LONG | {"session_id": session})["job_id"]
    wait_until(lambda: call(f"{server}/job_status/{job}")["progress"] > 0)
    return job


def test_job_of_a_killed_worker_is_taken_over_by_another(
    environment: dict[str, str],
    start_server: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
) -> None:
    server = start_server(environment)
    start_worker(environment)
    job = order_slideshow(server, photo_paths)
    (first,) = find_workers()
    start_worker(environment)
    reached = call(f"{server}/job_status/{job}")["progress"]

    first.kill()

    status = finish(server, job)
    assert (status["status"], status["attempts"]) == ("finished", 1)
    assert status["progress"] >= reached
    assert status["result"]["frames"] == 1200


def test_job_that_redis_forgot_while_it_was_rendered_ends_once(
    environment: dict[str, str],
    connection: Redis,
    start_server: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
) -> None:
    server = start_server(environment)
    start_worker(environment)
    job = order_slideshow(server, photo_paths)

    connection.flushall()

    assert finish(server, job)["status"] == "finished"
    outputs = list(Path(environment["STORAGE_URL"].removeprefix("file://")).rglob("video.mp4"))
    assert len(outputs) == 1


def find_workers() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if any(part.endswith("worker.py") for part in child.cmdline())
    ]
