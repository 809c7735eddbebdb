"""Owners take turns: none waits for all jobs of another."""

from __future__ import annotations

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from reelqueue.jobs.model import ANYONE, Job, LiveState, now
from reelqueue.jobs.priorities import QUEUE_NAMES, Priority, find_priority
from reelqueue.queues.rq_job import open_rq_queue
from reelqueue.services import Services
from reelqueue.submission.accept import _accept_new, cancel_job
from reelqueue.submission.state import find_live
from reelqueue.upkeep import recovery
from reelqueue.upkeep.recovery import Recovery, requeue_run


def order(
    services: Services,
    job_id: str,
    *,
    owner: str = "",
    session: str = "s",
    priority: Priority = Priority.DEFAULT,
    number: int | None = None,
) -> None:
    """Accept a job; its owner is the first letter of its id."""
    owner = owner or job_id[0]
    key = f"sessions/{owner}/{session}/uploads/photo/original.jpeg"
    services.store.write(key, b"x")
    job = Job(
        id=job_id,
        owner=owner,
        created_at=now(),
        priority=priority if number is None else find_priority(number),
        urgency=number,
        request_hash=job_id,
        estimated_seconds=1,
        work={"kind": "slideshow", "spec": {}, "photos": [{"key": key, "name": "n"}]},
    )
    _accept_new(services, job)


def list_waiting(connection: Redis, name: str = "default") -> list[str]:
    return open_rq_queue(name, connection).job_ids


def pop(connection: Redis) -> str:
    """Take the next job as RQ's workers do; return its id."""
    taken = connection.blpop([open_rq_queue(name, connection).key for name in QUEUE_NAMES])
    assert taken
    assert isinstance(taken[1], bytes)
    return taken[1].decode()


def find_place(services: Services, job_id: str) -> int | None:
    return find_live(services, services.ledger.read(job_id)).queue_position


def test_first_job_of_an_owner_waits_for_one_of_another_who_has_many(
    services: Services, connection: Redis
) -> None:
    for number in range(200):
        order(services, f"a{number:03}")
    order(services, "b1")
    assert list_waiting(connection)[:3] == ["a000", "b1", "a001"]
    assert find_place(services, "b1") == 2
    assert find_place(services, "a001") == 3
    order(services, "b2")
    order(services, "c1")
    assert list_waiting(connection)[:6] == ["a000", "b1", "c1", "a001", "b2", "a002"]
    assert [pop(connection) for _ in range(3)] == ["a000", "b1", "c1"]
    order(services, "c2")
    assert list_waiting(connection)[:4] == ["a001", "b2", "c2", "a002"]
    assert list_waiting(connection)[4:] == [f"a{number:03}" for number in range(3, 200)]


def test_jobs_of_one_owner_keep_their_order(services: Services, connection: Redis) -> None:
    for job in ("a1", "a2", "b1", "a3", "b2", "b3", "b4"):
        order(services, job)
    assert list_waiting(connection) == ["a1", "b1", "a2", "b2", "a3", "b3", "b4"]
    cancel_job(services, services.ledger.read("a1"))
    cancel_job(services, services.ledger.read("b2"))
    order(services, "c1")
    assert list_waiting(connection) == ["b1", "a2", "c1", "a3", "b3", "b4"]


def test_job_stays_behind_an_earlier_one_of_its_owner_that_lost_its_round(
    services: Services, connection: Redis
) -> None:
    for job in ("a1", "b1", "a2", "b2", "a3", "b3", "a4", "b4"):
        order(services, job)
    for job in ("a1", "a2", "a3"):
        cancel_job(services, services.ledger.read(job))
    assert list_waiting(connection) == ["b1", "b2", "b3", "a4", "b4"]
    order(services, "a5")
    assert list_waiting(connection) == ["b1", "b2", "b3", "a4", "a5", "b4"]


def test_priority_comes_before_turns(services: Services, connection: Redis) -> None:
    order(services, "a1")
    order(services, "a2", priority=Priority.HIGH)
    order(services, "b1", priority=Priority.LOW)
    order(services, "b2")
    assert [pop(connection) for _ in range(4)] == ["a2", "a1", "b2", "b1"]


def test_greater_number_comes_first_and_owners_take_turns_within_it(
    services: Services, connection: Redis
) -> None:
    for job, number in [("a1", 3), ("a2", 4), ("a3", 4), ("b1", 3), ("b2", 4), ("a4", 5)]:
        order(services, job, number=number)
    order(services, "c1")  # 5
    order(services, "c2", priority=Priority.LOW)  # 2
    order(services, "c3", number=0)
    order(services, "a5", number=2)
    assert list_waiting(connection) == ["a4", "c1", "a2", "b2", "a3", "a1", "b1"]
    assert list_waiting(connection, "low") == ["c2", "a5", "c3"]
    places = [find_place(services, job) for job in ("a4", "b1", "c3")]
    assert places == [1, 7, 10]


def test_every_number_is_before_all_lesser_ones(services: Services, connection: Redis) -> None:
    for number in (4, 9, 0, 10, 2, 6, 1, 8, 3, 7, 5):
        order(services, f"a{number}", number=number)
    assert [pop(connection) for _ in range(11)] == [f"a{number}" for number in range(10, -1, -1)]


def test_jobs_of_an_earlier_version_have_the_number_of_their_name(
    services: Services, connection: Redis
) -> None:
    for job in ("a1", "a2", "b1"):
        order(services, job)
        connection.hdel(f"rq:job:{job}", "urgency")
    order(services, "c1", number=5)
    order(services, "c2", number=4)
    assert list_waiting(connection) == ["a1", "b1", "c1", "a2", "c2"]


def test_run_that_has_begun_stays_before_the_greatest_number(
    services: Services, connection: Redis
) -> None:
    order(services, "a1", number=0)
    record = services.ledger.read("a1")
    pop(connection)
    lost = LiveState(started_at=now(), progress=30)
    requeue_run(services, record, lost, is_attempt=False)
    order(services, "b1", number=10)
    assert list_waiting(connection, "high") == ["a1_1", "b1"]


def test_programs_without_a_token_take_turns_by_session(
    services: Services, connection: Redis
) -> None:
    for number in range(3):
        order(services, f"x{number}", owner=ANYONE, session="first")
    order(services, "y", owner=ANYONE, session="second")
    assert list_waiting(connection) == ["x0", "y", "x1", "x2"]


def test_owners_take_turns_again_when_redis_lost_all(
    services: Services, connection: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "PATIENCE_SECONDS", 0)
    for job in ("a1", "a2", "a3", "a4", "b1", "b2", "c1"):
        order(services, job)
    connection.flushall()
    Recovery(services).step()
    waiting = [job.removesuffix("_1") for job in list_waiting(connection)]
    assert sorted(waiting) == ["a1", "a2", "a3", "a4", "b1", "b2", "c1"]
    assert {job[0] for job in waiting[:3]} == {"a", "b", "c"}
    assert {job[0] for job in waiting[3:5]} == {"a", "b"}
    assert [job for job in waiting if job[0] == "a"] == ["a1", "a2", "a3", "a4"]


def test_job_whose_worker_died_has_had_its_turn(
    services: Services, connection: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "PATIENCE_SECONDS", 0)
    for job in ("a1", "b1", "a2", "b2", "a3"):
        order(services, job)
    assert pop(connection) == "a1"
    Recovery(services).step()
    assert list_waiting(connection) == ["a1_1", "b1", "a2", "b2", "a3"]


def test_order_is_accepted_where_turns_cannot_be_taken(
    services: Services, connection: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(services, "a1")
    order(services, "a2")

    def fail(*_: object, **__: object) -> None:
        raise ResponseError("OOM command not allowed when used memory > 'maxmemory'.")

    monkeypatch.setattr(Redis, "eval", fail)
    order(services, "b1")
    assert list_waiting(connection) == ["a1", "a2", "b1"]
    monkeypatch.undo()
    order(services, "c1")
    assert list_waiting(connection) == ["a1", "c1", "a2", "b1"]


def test_redis_is_told_no_owner(services: Services, connection: Redis) -> None:
    order(services, "a1", owner="secret-owner")
    assert "secret-owner" not in str(connection.hgetall("rq:job:a1"))
