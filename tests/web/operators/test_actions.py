"""What operators do, and what the audit list tells of it."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq.suspension import is_suspended
from werkzeug.test import TestResponse

from reelqueue.jobs.model import Outcome, Status, now
from reelqueue.upkeep.audit import FOLDER
from reelqueue.upkeep.retention.cleanup import Cleanup
from reelqueue.upkeep.retention.sweep import Retention
from tests.conftest import find_free_port
from tests.web.conftest import UNKNOWN, OpenSite, Site, read_problem
from tests.web.operators.conftest import CREDENTIALS, KNOWN, let_fail, order
from tests.web.operators.test_admin import requeue
from tests.web.operators.test_job_list import ask

CROSS_SITE = [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]


def act(site: Site, name: str, body: dict[str, Any] | None = None, **headers: str) -> TestResponse:
    return site.open_client().post(f"/admin/{name}", json=body, headers=KNOWN | headers)


def list_audit(site: Site) -> list[tuple[str, str, str]]:
    """Return action, target and result of each record, newest first."""
    records = ask(site, "audit")["records"]
    assert all(
        (record["who"], record["address"]) == ("operator", "127.0.0.1") for record in records
    )
    return [(record["action"], record["target"], record["result"]) for record in records]


def test_pause_and_resume_are_those_of_rq(redis_site: Site, redis_url: str) -> None:
    with Redis.from_url(redis_url) as connection:
        assert act(redis_site, "pause").json == {"success": True, "suspended": True}
        assert is_suspended(connection)
        assert ask(redis_site, "workers")["suspended"]
        assert act(redis_site, "resume").json == {"success": True, "suspended": False}
        assert not is_suspended(connection)
    assert list_audit(redis_site) == [("resume", "", "done"), ("pause", "", "done")]


@pytest.mark.parametrize("name", ["pause", "resume"])
def test_without_redis_there_is_nothing_to_pause(inline_site: Site, name: str) -> None:
    detail = read_problem(act(inline_site, name), 409)["detail"]
    assert "Without Redis" in detail
    assert list_audit(inline_site) == [(name, "", f"refused: {detail}")]


def test_action_that_fails_as_redis_is_away_is_recorded(open_site: OpenSite) -> None:
    site = open_site(REDIS_URL=f"redis://127.0.0.1:{find_free_port()}/0", **CREDENTIALS)
    read_problem(act(site, "pause"), 503)
    ((action, _, result),) = list_audit(site)
    assert action == "pause"
    assert result.startswith("refused: The queue does not answer")


def test_cancel_ends_a_job_of_any_owner(redis_site: Site) -> None:
    job_id = order(redis_site)
    assert (act(redis_site, "cancel", {"job_id": job_id}).json or {})["status"] == "canceled"
    finished = order(redis_site)
    outcome = Outcome(status=Status.FINISHED, ended_at=now())
    redis_site.services.ledger.end(finished, 1, outcome)
    assert (act(redis_site, "cancel", {"job_id": finished}).json or {})["status"] == "finished"
    read_problem(act(redis_site, "cancel", {"job_id": UNKNOWN}), 404)
    read_problem(act(redis_site, "cancel", {}), 422)
    results = list_audit(redis_site)
    assert results[0][:2] == ("cancel", UNKNOWN)
    assert results[0][2].startswith("refused: There is no job")
    assert results[1:] == [
        ("cancel", finished, "it had ended before: finished"),
        ("cancel", job_id, "done"),
    ]


def fail_at(site: Site, hours_ago: float) -> str:
    job_id = order(site)
    ended_at = now() - timedelta(hours=hours_ago)
    outcome = Outcome(status=Status.FAILED, ended_at=ended_at, error="It broke.")
    site.services.ledger.end(job_id, 1, outcome)
    return job_id


@pytest.mark.parametrize("body", [None, {"all": True}])
def test_jobs_that_failed_lately_are_requeued_and_no_others(
    redis_site: Site, body: dict[str, Any] | None
) -> None:
    old, late, latest = (fail_at(redis_site, hours) for hours in (5, 1.5, 0.5))
    answer = act(redis_site, "requeue?max_age_hours=2", body).json
    assert answer == {"success": True, "requeued": [late, latest], "skipped": []}
    runs = [redis_site.services.ledger.read(job_id).run for job_id in (old, late, latest)]
    assert runs == [1, 2, 2]
    ((action, target, result),) = list_audit(redis_site)
    assert (action, result) == ("requeue", "2 run again, 0 skipped")
    assert target.startswith("since ")


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("max_age_hours=0", {"all": True}),
        ("max_age_hours=soon", {"all": True}),
        ("max_age_hours=1", {"job_id": UNKNOWN}),
        ("hours=1", {"all": True}),
    ],
)
def test_requeue_by_age_refuses_what_makes_no_sense(
    redis_site: Site, query: str, body: dict[str, Any]
) -> None:
    job_id = let_fail(redis_site)
    read_problem(act(redis_site, f"requeue?{query}", body), 422)
    assert redis_site.services.ledger.read(job_id).run == 1


def test_requeue_of_one_and_of_all_is_recorded(redis_site: Site) -> None:
    first, second = let_fail(redis_site), let_fail(redis_site)
    requeue(redis_site, {"job_id": first})
    requeue(redis_site, {"job_id": first})
    requeue(redis_site, {"all": True})
    assert [*reversed(list_audit(redis_site))] == [
        ("requeue", first, "done"),
        ("requeue", first, "refused: Only a failed job can be requeued."),
        ("requeue", "all", "1 run again, 0 skipped"),
    ]
    assert redis_site.services.ledger.read(second).run == 2


def test_cleanup_is_done_by_the_leader_once(redis_site: Site) -> None:
    leader = Cleanup(redis_site.services)
    leader.step()
    assert ask(redis_site, "audit")["total"] == 0
    response = act(redis_site, "cleanup")
    assert response.status_code == 202
    redis_site.services.store.write("parts/of/segment", b"drawn long ago")
    set_age(redis_site.storage / "parts" / "of" / "segment", hours=25)
    leader.step()
    leader.step()
    records = ask(redis_site, "audit")["records"]
    assert [(each["who"], each["action"], each["result"]) for each in records] == [
        ("service", "cleanup", "deleted files: 1"),
        ("operator", "cleanup", "asked for"),
    ]


def test_process_that_does_not_lead_leaves_the_cleanup_to_the_one_that_does(
    redis_site: Site, open_site: OpenSite, redis_url: str
) -> None:
    other = open_site(REDIS_URL=redis_url, **CREDENTIALS)
    assert other.services.queue.acquire_leadership()
    act(redis_site, "cleanup")
    Cleanup(redis_site.services).step()
    assert ask(redis_site, "audit")["total"] == 1
    Cleanup(other.services).step()
    assert ask(redis_site, "audit")["total"] == 2


def test_old_audit_records_are_deleted(open_site: OpenSite, redis_url: str) -> None:
    site = open_site(REDIS_URL=redis_url, RETENTION_HOURS="1", **CREDENTIALS)
    act(site, "pause")
    (record,) = (site.storage / FOLDER).iterdir()
    Retention(site.services).sweep()
    assert record.exists()
    set_age(record, hours=2)
    Retention(site.services).sweep()
    assert not record.exists()


def set_age(path: Path, hours: float) -> None:
    moment = (now() - timedelta(hours=hours)).timestamp()
    os.utime(path, (moment, moment))


@pytest.mark.parametrize("headers", CROSS_SITE)
@pytest.mark.parametrize("name", ["pause", "resume", "cleanup", "cancel", "requeue"])
def test_other_site_cannot_act_with_a_password_that_the_browser_remembers(
    redis_site: Site, name: str, headers: dict[str, str]
) -> None:
    job_id = let_fail(redis_site)
    read_problem(act(redis_site, name, {"job_id": job_id}, **headers), 403)
    read_problem(redis_site.open_client().post(f"/admin/{name}", json={"job_id": job_id}), 401)
    assert ask(redis_site, "audit")["total"] == 0
    assert not ask(redis_site, "workers")["suspended"]
