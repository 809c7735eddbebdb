"""Counting jobs and workers changes nothing."""

from __future__ import annotations

import pytest
from redis import Redis

from reelqueue.jobs.model import Status
from reelqueue.services import Services
from reelqueue.web.app import create_app
from tests.upkeep.test_recovery import accept, let_start, let_stop_beating


def dump(connection: Redis) -> dict[bytes, bytes | None]:
    return {key: connection.dump(key) for key in connection.scan_iter()}


@pytest.mark.parametrize("path", ["/health", "/metrics"])
@pytest.mark.parametrize("retries", [0, 3])
def test_look_at_the_service_changes_no_lost_job(
    services: Services, connection: Redis, path: str, retries: int
) -> None:
    accept(services, "lost")
    let_stop_beating(connection, "lost")
    connection.hset("rq:job:lost", "retries_left", retries)
    connection.zunionstore("rq:wip:default", {"rq:wip:default": 0.5})  # RQ's time is long over
    client = create_app(services.settings).test_client()
    before = dump(connection)

    response = client.get(path)

    assert response.status_code == 200
    after = {name: value for name, value in dump(connection).items() if b":limits:" not in name}
    assert after == before  # but for the count of requests


def test_only_jobs_and_workers_that_are_alive_are_counted(
    services: Services, connection: Redis
) -> None:
    for job in ("rendered", "lost", "waiting"):
        accept(services, job)
    let_start(connection, "rendered")
    let_stop_beating(connection, "lost")
    connection.sadd("rq:workers", "rq:worker:killed", "rq:worker:alive")
    connection.hset("rq:worker:alive", "state", "busy")

    load = services.queue.describe_load()

    assert load["workers"] == 1
    assert load["jobs"] == {"queued": 1, "started": 1, "scheduled": 0, "failed": 0}


def test_queue_whose_jobs_no_worker_takes_is_named(services: Services, connection: Redis) -> None:
    accept(services, "waiting")
    client = create_app(services.settings).test_client()

    def look() -> tuple[str, list[str], list[str]]:
        health = client.get("/health").json or {}
        findings = [
            finding.text for finding in services.queue.examine() if finding.what == "workers"
        ]
        return health["status"], health["queue"].get("unserved", []), findings

    assert look() == ("degraded", ["default"], [])  # doctor says that there is no worker at all
    connection.hset("rq:worker:alive", "state", "idle")
    connection.sadd("rq:workers", "rq:worker:alive")
    for name in ("high", "low"):
        connection.sadd(f"rq:workers:{name}", "rq:worker:alive")
    connection.sadd("rq:workers:default", "rq:worker:killed")
    status, unserved, (sentence,) = look()
    assert (status, unserved) == ("degraded", ["default"])
    assert 'from the queue "default", where 1 wait' in sentence
    connection.sadd("rq:workers:default", "rq:worker:alive")
    assert look() == ("ok", [], [])


def test_jobs_that_other_programs_put_into_our_queues_hide_none_of_ours(
    services: Services, connection: Redis
) -> None:
    accept(services, "waiting")
    for name in ("send_email", "send_email_7", f"a_{'9' * 5000}", "_1", "_"):
        connection.rpush("rq:queue:default", name)
    runs = services.ledger.marks.list_open()

    assert services.queue.find_waiting(runs) == {"high": [], "default": runs, "low": []}
    assert services.queue.control.sort_runs(runs) == {runs[0]: Status.QUEUED}
