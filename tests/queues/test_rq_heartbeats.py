"""Heartbeats by the clock of Redis, whatever those of the workers say."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from redis import Redis
from redis.exceptions import RedisError
from rq.executions import Execution, ExecutionRegistry
from rq.job import Job as RQJob

from reelqueue.jobs.model import now
from reelqueue.queues.rq_heartbeats import PULSE_KEY, Pulse, list_beating
from reelqueue.queues.rq_job import open_rq_queue
from reelqueue.services import Services
from reelqueue.workers.rq_worker import ReelWorker
from reelqueue.workers.stop_request import StopRequest
from tests.upkeep.test_recovery import accept, connection, let_start, services

__all__ = ["connection", "services"]


@pytest.fixture
def worker(services: Services, monkeypatch: pytest.MonkeyPatch) -> ReelWorker:
    monkeypatch.setattr(ReelWorker, "_look_after_children", lambda _: None)
    return ReelWorker(services.settings, StopRequest())


def exists(connection: Redis, job_id: str) -> bool:
    return RQJob.exists(job_id, connection)


def let_lapse(connection: Redis, execution: Execution) -> None:
    """Let a minute pass without a heartbeat."""
    connection.delete(execution.key, ExecutionRegistry(execution.job_id, connection).key)


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_heartbeats_of_a_worker_count_whatever_its_clock_says(
    services: Services, connection: Redis, seconds: int
) -> None:
    accept(services, "a")
    queue = open_rq_queue("default", connection)
    with time_machine.travel(now() + timedelta(seconds=seconds)):
        execution = let_start(connection, "a")
    assert list_beating(queue) == {"a"}
    assert 0 < connection.ttl(execution.key) <= 9
    connection.delete(execution.key)
    assert list_beating(queue) == set()


@pytest.mark.parametrize("seconds", [0, 3600])
def test_maintenance_by_a_worker_whose_clock_is_ahead_deletes_no_running_job(
    services: Services, connection: Redis, worker: ReelWorker, seconds: int
) -> None:
    accept(services, "a")
    let_start(connection, "a")
    with time_machine.travel(now() + timedelta(seconds=seconds)):
        for _ in range(3):
            worker.clean_registries()
    assert exists(connection, "a")
    assert list_beating(open_rq_queue("default", connection)) == {"a"}


def test_maintenance_deletes_the_job_of_a_worker_lost_long_ago_on_a_second_look(
    services: Services, connection: Redis, worker: ReelWorker
) -> None:
    accept(services, "a")
    execution = let_start(connection, "a")
    let_lapse(connection, execution)
    worker.clean_registries()
    assert exists(connection, "a")  # its worker may be alive, and Redis have been stopped
    worker.clean_registries()
    assert not exists(connection, "a")
    assert connection.zcard("rq:wip:default") == 0


def test_pulse_begins_again_after_a_break(connection: Redis) -> None:
    pulse = Pulse(connection)
    assert pulse.measure() > 1000
    assert 0 < connection.ttl(PULSE_KEY) <= 6
    connection.delete(PULSE_KEY)
    assert pulse.measure() == 0


def test_full_redis_has_no_pulse(connection: Redis) -> None:
    connection.config_set("maxmemory", 1)
    try:
        with pytest.raises(RedisError, match="memory"):
            Pulse(connection).measure()
    finally:
        connection.config_set("maxmemory", 0)
