"""Recovery of lost runs: Redis lost them, or the process that had them died."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import psutil
import pytest
import time_machine
from redis import Redis
from rq.executions import Execution
from rq.job import JobStatus
from rq.serializers import JSONSerializer

from reelqueue.config import Settings
from reelqueue.errors import UnavailableError
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.model import (
    Job,
    LiveState,
    Record,
    Status,
    begin_attempt,
    now,
)
from reelqueue.jobs.priorities import QUEUE_NAMES, Priority
from reelqueue.processes import slots
from reelqueue.queues.protocol import JobQueue, Liveness
from reelqueue.queues.rq_heartbeats import LEASE_SECONDS, PULSE_KEY
from reelqueue.queues.rq_job import ReelJob, name_run, open_rq_queue, write_live
from reelqueue.services import Services, open_services
from reelqueue.upkeep import recovery
from reelqueue.upkeep.recovery import (
    KILLED_TOO_OFTEN,
    MAX_RENDERS_BEGUN,
    Recovery,
    requeue_run,
)
from tests.conftest import StartServer, find_files, wait_until
from tests.submission.test_toy_kind import registered
from tests.workers.test_rq_worker import call, finish, upload

__all__ = ["registered"]

LONG = {"duration": 20.0, "resolution": "1280x720"}


def accept(services: Services, job_id: str, priority: Priority = Priority.DEFAULT) -> Record:
    record = make_record(services, job_id, priority)
    services.queue.submit(record)
    return record


def make_record(services: Services, job_id: str, priority: Priority = Priority.DEFAULT) -> Record:
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
    return record


@pytest.fixture
def services(redis_url: str, tmp_path: Path) -> Services:
    settings = {"REDIS_URL": redis_url, "STORAGE_URL": (tmp_path / "data").as_uri()}
    return open_services(Settings.from_env(settings))


@pytest.fixture
def connection(redis_url: str) -> Redis:
    """A Redis that has served without a break for long."""
    connection = Redis.from_url(redis_url)
    connection.set(PULSE_KEY, 0)
    return connection


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "PATIENCE_SECONDS", 0)


def list_waiting(connection: Redis, priority: str = "default") -> list[str]:
    return open_rq_queue(priority, connection).job_ids


def pop(connection: Redis, job_id: str) -> None:
    """Take a job from the queue, like a worker that is killed right after (RQ uses BLPOP)."""
    connection.blpop([open_rq_queue(name, connection).key for name in QUEUE_NAMES])
    assert job_id not in list_waiting(connection)


def let_start(connection: Redis, job_id: str) -> Execution:
    """Put Redis into the state that it has while a worker renders a job."""
    pop(connection, job_id)
    job = ReelJob.fetch(job_id, connection, JSONSerializer)
    with connection.pipeline() as pipeline:
        job.set_status(JobStatus.STARTED, pipeline=pipeline)
        execution = Execution.create(job, LEASE_SECONDS, pipeline, "a worker")
        pipeline.execute()
    return execution


def let_schedule(connection: Redis, job_id: str) -> None:
    pop(connection, job_id)
    connection.hset(f"rq:job:{job_id}", "status", "scheduled")


def let_finish(connection: Redis, job_id: str) -> None:
    pop(connection, job_id)
    connection.hset(f"rq:job:{job_id}", "status", "finished")


def let_stop_beating(connection: Redis, job_id: str) -> None:
    execution = let_start(connection, job_id)
    connection.delete(execution.key)  # as Redis does when it expires


LOSSES: dict[str, Callable[[Redis, str], Any]] = {
    "popped": pop,
    "started, and no heartbeat": let_stop_beating,
    "scheduled nowhere": let_schedule,
    "finished without an outcome": let_finish,
    "all of Redis": lambda connection, job: connection.flushall(),  # noqa: ARG005
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("seconds", [-3600, -30, 12, 30, 3600])
def test_clock_of_the_leader_takes_no_job_from_its_worker(
    services: Services, connection: Redis, seconds: int
) -> None:
    accept(services, "a")
    let_start(connection, "a")

    with time_machine.travel(now() + timedelta(seconds=seconds)):
        Recovery(services).step()

    assert services.ledger.read("a").takeovers == 0


@pytest.mark.parametrize("seconds", [-3600, -30, 30, 3600])
def test_clock_of_the_storage_takes_no_job_from_a_web_that_renders_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    services = open_services(Settings.from_env({"STORAGE_URL": tmp_path.as_uri()}))
    monkeypatch.setattr(slots, "open_private_folder", lambda: tmp_path)
    heartbeat = tmp_path / "jobs/a/runs/1/alive"
    make_record(services, "a")
    watching = Recovery(services)

    for number in range(3):
        services.store.write("jobs/a/runs/1/alive", b"")
        os.utime(heartbeat, times=(time.time() + seconds + number,) * 2)
        watching.step()

    assert services.ledger.read("a").takeovers == 0


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_clock_of_a_dead_worker_delays_no_takeover(
    services: Services, connection: Redis, seconds: int
) -> None:
    accept(services, "a")
    with time_machine.travel(now() + timedelta(seconds=seconds)):
        let_stop_beating(connection, "a")

    Recovery(services).step()

    assert services.ledger.read("a").takeovers == 1


def test_job_is_left_to_its_worker_where_redis_has_just_come_back(
    services: Services, connection: Redis
) -> None:
    """The worker's heartbeats were lost while Redis was stopped or full."""
    accept(services, "a")
    let_stop_beating(connection, "a")
    connection.delete(PULSE_KEY)  # as Redis does when it expires

    Recovery(services).step()

    assert services.ledger.read("a").takeovers == 0


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


def let_reach(connection: Redis, job_id: str, progress: int) -> LiveState:
    """Let the first attempt at a job reach some progress, and its worker die."""
    live = begin_attempt(LiveState(), 1).model_copy(update={"progress": progress})
    write_live(connection, ReelJob.fetch(job_id, connection, JSONSerializer), live)
    let_stop_beating(connection, job_id)
    return live


@contextmanager
def full(connection: Redis) -> Iterator[None]:
    """Let Redis refuse what needs memory."""
    connection.config_set("maxmemory", 1)
    try:
        yield
    finally:
        connection.config_set("maxmemory", 0)


def test_job_that_a_full_redis_does_not_take_keeps_its_progress(
    services: Services, connection: Redis
) -> None:
    accept(services, "a")
    let_reach(connection, "a", 25)
    record = services.ledger.read("a")
    live = services.queue.find_live(record)
    with full(connection):
        for _ in range(3):
            with pytest.raises(UnavailableError):
                requeue_run(services, record, live, is_attempt=False)
            Recovery(services).step()
        assert services.queue.find_live(services.ledger.read("a")).progress == 25
    assert services.ledger.read("a").takeovers == 0
    connection.set(PULSE_KEY, 0)

    Recovery(services).step()

    assert list_waiting(connection, "high") == ["a_1"]
    assert services.queue.find_live(services.ledger.read("a")).progress == 25


@pytest.mark.usefixtures("impatient")
def test_job_keeps_its_progress_if_the_process_that_requeues_it_dies(
    services: Services, connection: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(services, "a")
    live = let_reach(connection, "a", 25)
    record = services.ledger.read("a")
    with monkeypatch.context() as patch:
        patch.setattr(services.queue, "submit", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            requeue_run(services, record, live, is_attempt=True)
    connection.flushall()
    assert services.queue.find_live(services.ledger.read("a")).progress == 25

    Recovery(services).step()

    assert list_waiting(connection, "high") == ["a_2"]
    live = services.queue.find_live(services.ledger.read("a"))
    assert (live.progress, live.given_up) == (25, 1)


@pytest.mark.usefixtures("impatient")
def test_progress_of_a_render_is_known_after_redis_lost_its_job(
    services: Services, connection: Redis
) -> None:
    accept(services, "a")
    job = ReelJob.fetch("a", connection, JSONSerializer)
    live = let_reach(connection, "a", 25)
    connection.flushall()

    write_live(connection, job, live.model_copy(update={"progress": 30}))
    job.heartbeat(now(), 9)

    seen = services.queue.find_live(services.ledger.read("a"))
    assert (seen.status, seen.progress) == (Status.STARTED, 30)
    assert 0 < connection.ttl("rq:job:a") <= 60
    Recovery(services).step()
    assert services.queue.find_live(services.ledger.read("a")).progress == 30


def test_progress_of_a_lost_job_expires_though_redis_went_away_as_it_was_written(
    services: Services, connection: Redis
) -> None:
    accept(services, "a")
    job = ReelJob.fetch("a", connection, JSONSerializer)
    connection.flushall()
    write_live(connection, job, LiveState(progress=30))
    connection.persist("rq:job:a")
    assert services.queue.find_live(services.ledger.read("a")).status is Status.QUEUED
    write_live(connection, job, LiveState(progress=31))
    assert 0 < connection.ttl("rq:job:a") <= 60
    assert services.queue.find_live(services.ledger.read("a")).status is Status.STARTED


def test_job_of_a_dead_worker_is_passed_on_while_the_storage_lists_nothing(
    services: Services, connection: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    for job in ("lost", "rendered", "waiting"):
        accept(services, job)
    let_stop_beating(connection, "lost")
    let_start(connection, "rendered")
    monkeypatch.setattr(
        services.ledger.marks, "list_open", Mock(side_effect=UnavailableError("slow"))
    )

    Recovery(services).recover_silent()

    assert list_waiting(connection) == ["lost_1", "waiting"]


@pytest.mark.parametrize("waiting", [0, 200])
def test_search_for_a_lost_job_reads_no_job_that_waits(
    services: Services, connection: Redis, monkeypatch: pytest.MonkeyPatch, waiting: int
) -> None:
    accept(services, "lost")
    let_stop_beating(connection, "lost")
    for number in range(waiting):
        accept(services, f"waiting{number}")
    read = Mock(side_effect=services.store.read)
    monkeypatch.setattr(services.store, "read", read)

    Recovery(services).step()

    assert list_waiting(connection)[0] == "lost_1"
    assert {call.args[0].split("/")[1] for call in read.call_args_list} == {"lost"}


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
        lambda connection: let_start(connection, "a"),
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
    assert services.ledger.marks.list_open() == []
    assert connection.keys("rq:job:*") == []


@pytest.mark.usefixtures("impatient")
def test_job_that_redis_lost_does_not_wait_while_its_render_reports(
    services: Services, connection: Redis
) -> None:
    queue, record = services.queue, accept(services, "a")
    for _ in range(2):  # the first takeover, and the second
        job = ReelJob.fetch(name_run(record), connection, JSONSerializer)
        connection.flushall()
        write_live(connection, job, begin_attempt(LiveState(progress=40), 1))
        Recovery(services).step()

        taken_over, runs = services.ledger.read("a"), services.ledger.marks.list_open()
        assert taken_over.takeovers == record.takeovers + 1
        live = queue.find_live(taken_over)
        assert (live.status, live.progress, live.attempts) == (Status.STARTED, 40, 1)
        assert queue.control.sort_runs(runs) == {runs[0]: Status.STARTED}
        assert not any(queue.find_waiting(runs).values())
        assert count_jobs(queue) == {"queued": 0, "started": 1}

        connection.delete(job.key)  # as Redis does when it expires: the render reports no more
        assert queue.find_live(taken_over).status is Status.QUEUED
        assert queue.control.sort_runs(runs) == {runs[0]: Status.QUEUED}
        assert any(queue.find_waiting(runs).values())
        assert count_jobs(queue) == {"queued": 1, "started": 0}
        record = taken_over


def count_jobs(queue: JobQueue) -> dict[str, int]:
    jobs = queue.describe_load()["jobs"]
    return {status: jobs[status] for status in ("queued", "started")}


@pytest.mark.usefixtures("impatient")
def test_job_that_redis_lost_twice_does_not_wait_while_its_render_reports(
    services: Services, connection: Redis
) -> None:
    """No worker takes the first takeover before the second loss."""
    queue, record = services.queue, accept(services, "a")
    job = ReelJob.fetch(name_run(record), connection, JSONSerializer)
    for _ in range(2):
        connection.flushall()
        write_live(connection, job, begin_attempt(LiveState(progress=40), 1))
        assert queue.find_live(services.ledger.read("a")).status is Status.STARTED
        Recovery(services).step()

    taken_over, runs = services.ledger.read("a"), services.ledger.marks.list_open()
    assert taken_over.takeovers == 2
    live = queue.find_live(taken_over)
    assert (live.status, live.progress) == (Status.STARTED, 40)
    assert queue.control.sort_runs(runs) == {runs[0]: Status.STARTED}
    assert count_jobs(queue) == {"queued": 0, "started": 1}


@pytest.mark.usefixtures("impatient")
def test_job_whose_render_still_reports_is_not_failed_however_often_redis_lost_it(
    services: Services, connection: Redis
) -> None:
    accept(services, "a")
    for _ in range(MAX_RENDERS_BEGUN):
        record = services.ledger.read("a")
        services.ledger.mark_begun(record)
        job = ReelJob.fetch(name_run(record), connection, JSONSerializer)
        connection.flushall()
        write_live(connection, job, begin_attempt(LiveState(), 1))
        Recovery(services).step()
    assert services.ledger.read("a").outcome is None

    connection.flushall()  # and the render reports no more
    Recovery(services).step()
    outcome = services.ledger.read("a").outcome
    assert outcome is not None
    assert outcome.error == KILLED_TOO_OFTEN


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
    assert [run[:2] for run in ledger.marks.list_open()] == [("a", 1)]
    ledger.withdraw(record)
    assert ledger.marks.list_open() == []


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
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
) -> None:
    server = start_service(environment)
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
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
) -> None:
    server = start_service(environment)
    start_worker(environment)
    job = order_slideshow(server, photo_paths)

    connection.flushall()

    assert finish(server, job)["status"] == "finished"
    storage = Path(environment["STORAGE_URL"].removeprefix("file://"))
    assert len(find_files(storage, "video.mp4")) == 1


@pytest.mark.usefixtures("registered")
def test_progress_of_a_render_that_stands_still_survives_a_loss_of_redis(
    environment: dict[str, str],
    connection: Redis,
    start_server: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
) -> None:
    environment |= {"PYTHONPATH": os.environ["PYTHONPATH"]}  # it brings the kind
    server = start_server(environment)
    start_worker(environment)
    session = upload(f"{server}/upload_images", "images", photo_paths[:1])
    toy = {"photo_id": session["images"][0]["id"], "steps": 2, "step_seconds": 10.0}
    job = call(f"{server}/make_toy", toy | {"session_id": session["session_id"]})["job_id"]
    wait_until(lambda: call(f"{server}/job_status/{job}")["progress"] == 49)

    connection.flushall()

    statuses = list(watch(lambda: call(f"{server}/job_status/{job}")))
    assert statuses[-1]["status"] == "finished"
    assert {status.get("progress", 49) for status in statuses} == {49, 100}
    assert "queued" in {status["status"] for status in statuses}  # it was passed on


def watch(ask: Callable[[], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the status of a job four times a second, until it has ended."""
    while True:
        status = ask()
        yield status
        if "ended_at" in status:
            return
        time.sleep(0.25)


def find_workers() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if any(part.endswith("worker.py") for part in child.cmdline())
    ]
