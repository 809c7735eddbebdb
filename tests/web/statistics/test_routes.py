"""What operators see of the service as a whole: its periodic work and its statistics."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from redis import Redis
from rq.suspension import suspend

from reelqueue.jobs.model import Outcome, Status, now
from reelqueue.jobs.priorities import Priority
from reelqueue.upkeep.chores.periodic import Periodic
from reelqueue.upkeep.chores.reports import MAX_KEPT, write_report
from reelqueue.upkeep.chores.table import list_chores
from reelqueue.upkeep.observer import Observer
from reelqueue.upkeep.statistics.usage import measure_usage
from reelqueue.web.statistics.describe import find_health
from tests.conftest import find_free_port
from tests.upkeep.test_alerts import let_fail, observe
from tests.upkeep.test_fold import make_outcome
from tests.upkeep.test_recovery import accept, make_record
from tests.web.conftest import OpenSite, Site, read_problem
from tests.web.operators.conftest import CREDENTIALS, KNOWN, inline_site, redis_site, run_site
from tests.web.test_health import check

__all__ = ["inline_site", "redis_site", "run_site"]

PAGES = ["/admin/schedules", "/admin/stats", "/admin/reports"]


def read(site: Site, path: str) -> dict[str, Any]:
    """Return an answer for operators, which must be as the API describes it."""
    response = site.open_client().get(path, headers=KNOWN)
    assert response.status_code == 200, response.text
    assert isinstance(response.json, dict)
    description = site.open_client().get("/openapi.json").json
    assert isinstance(description, dict)
    check(description, path, "get", 200, response.json)
    return response.json


@pytest.mark.parametrize("path", PAGES)
def test_page_is_for_operators_only(open_site: OpenSite, path: str) -> None:
    read_problem(open_site().open_client().get(path, headers=KNOWN), 404)
    client: FlaskClient = open_site(**CREDENTIALS, API_TOKENS="a-token").open_client()
    read_problem(client.get(path), 401)
    read_problem(client.get(path, headers={"Authorization": "Bearer a-token"}), 401)


def test_schedules_tell_what_was_done_and_is_due(run_site: Site) -> None:
    before = read(run_site, "/admin/schedules")["schedules"]
    assert {row["name"]: row["schedule"] for row in before} == {
        "cleanup": "every hour",
        "failures": "every 5 minutes",
        "usage": "every 10 minutes",
        "report": "daily at 00:10 UTC",
    }
    assert not any("last_run" in row for row in before)

    run_site.services.store.write("sessions/me/s/uploads/m/original.jpg", bytes(2_000_000))
    periodic = Periodic(run_site.services, list_chores(run_site.services))
    periodic.step()
    periodic.join()
    rows = {row["name"]: row for row in read(run_site, "/admin/schedules")["schedules"]}
    usage = rows["usage"]
    assert usage["last_run"] < now().isoformat() < usage["next_run"]
    assert usage["ok"]
    assert usage["duration"] >= 0
    assert usage["outcome"] == "2.0 MB are stored."


def test_statistics_tell_what_was_done_in_the_last_day(run_site: Site) -> None:
    services = run_site.services
    for job_id in ("a", "b", "c"):
        make_record(services, job_id)
    services.ledger.end("a", 1, make_outcome(seconds=4))
    services.ledger.end("b", 1, Outcome(status=Status.FAILED, ended_at=now(), attempts=2))
    services.store.write("sessions/me/s/uploads/m/original.jpg", bytes(1000))
    measure_usage(services.store)
    assert Observer(services).step()
    told = read(run_site, "/admin/stats")
    counts = {name: told["last_day"][name] for name in ("accepted", "finished", "failed")}
    assert counts == {"accepted": 3, "finished": 1, "failed": 1}
    assert told["last_day"] == told["kinds"]["slideshow"] == told["total"]["slideshow"]
    assert told["last_day"]["retries"] == 1
    assert told["last_day"]["rendering"] == {"count": 1, "mean": 4.0, "p50": 3.75, "p95": 4.875}
    assert len(told["hours"]) == 24
    assert sum(hour["accepted"] for hour in told["hours"]) == 3
    assert told["storage"]["areas"]["uploads"] == {"bytes": 1000, "files": 1}
    assert 0 < told["storage"]["free"] < told["storage"]["size"]
    assert sum(queue["done"] for queue in told["queues"]) == 1
    assert told["alerts"] == []


def test_statistics_tell_how_long_jobs_waited_in_each_queue(run_site: Site) -> None:
    """Without Redis, there is one queue for all priorities."""
    services = run_site.services
    make_record(services, "a", Priority.HIGH)
    make_record(services, "b", Priority.LOW)
    services.ledger.end("a", 1, make_outcome())
    with time_machine.travel(now() + timedelta(minutes=30)):
        services.ledger.end("b", 1, make_outcome())
        assert Observer(services).step()
        told = read(run_site, "/admin/stats")
    counts = {queue["name"]: queue["waited"]["count"] for queue in told["queues"]}
    assert counts in ({"high": 1, "default": 0, "low": 1}, {"inline": 2})
    assert told["last_day"]["waiting"]["count"] == 2
    slowest = told["queues"][-1]["waited"]
    assert slowest["p95"] > 1200


def test_statistics_are_there_before_anything_was_counted(run_site: Site) -> None:
    told = read(run_site, "/admin/stats")
    assert (told["last_day"]["accepted"], told["last_day"]["waiting"]) == (0, {"count": 0})


def test_health_of_a_queue_is_a_word(redis_site: Site, redis_url: str) -> None:
    services = redis_site.services
    accept(services, "a")
    assert Observer(services).step()
    assert read(redis_site, "/admin/stats")["health"] == "no-workers"
    with Redis.from_url(redis_url) as connection:
        suspend(connection)
        told = read(redis_site, "/admin/stats")
    by_name = {queue["name"]: queue for queue in told["queues"]}
    assert (told["health"], by_name["default"]["health"]) == ("paused", "paused")
    assert (by_name["default"]["waiting"], by_name["high"]["waiting"]) == (1, 0)


@pytest.mark.parametrize(
    ("oldest", "word"), [(0, "ok"), (60, "ok"), (61, "busy"), (900, "busy"), (901, "late")]
)
def test_word_for_a_queue_depends_on_the_oldest_job(oldest: float, word: str) -> None:
    load = {"ok": True, "suspended": False}
    assert find_health(load, 1, oldest, 900) == word
    assert find_health(load | {"ok": False}, 0, oldest, 900) == "down"


def test_jobs_that_fail_make_the_service_failing_and_an_alert(inline_site: Site) -> None:
    services = inline_site.services
    let_fail(services, 10)
    for minutes in (0, 1.1):
        observe(services, minutes)
    told = read(inline_site, "/admin/stats")
    assert told["health"] == "failing"
    assert [alert["name"] for alert in told["alerts"]] == ["failures"]


def test_statistics_are_told_while_redis_is_away(open_site: OpenSite) -> None:
    lonely = open_site(REDIS_URL=f"redis://127.0.0.1:{find_free_port()}/0", **CREDENTIALS)
    assert read(lonely, "/admin/stats")["health"] == "down"


def test_reports_of_a_month_are_kept_and_listed(inline_site: Site) -> None:
    for day in range(MAX_KEPT + 3):
        with time_machine.travel(now() - timedelta(days=MAX_KEPT + 3 - day)):
            write_report(inline_site.services)
    reports = read(inline_site, "/admin/reports")["reports"]
    assert len(reports) == MAX_KEPT
    assert reports[0]["day"] == (now() - timedelta(days=2)).date().isoformat()
    assert not reports[0]["sent"]
