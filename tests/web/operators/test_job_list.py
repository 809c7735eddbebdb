"""The jobs of all owners, as operators see them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from reelqueue.jobs.model import Outcome, Status, now
from reelqueue.web.operators.job_list import name_owner
from tests.web.conftest import OpenSite, Site, post_json, read_problem, send_one
from tests.web.operators.conftest import CREDENTIALS, KNOWN, let_fail, order
from tests.web.test_health import check


def ask(site: Site, route: str = "jobs", **query: Any) -> dict[str, Any]:
    response = site.open_client().get(f"/admin/{route}", query_string=query, headers=KNOWN)
    assert response.status_code == 200, response.text
    assert isinstance(response.json, dict)
    description = site.open_client().get("/openapi.json").json
    assert isinstance(description, dict)
    check(description, f"/admin/{route}", "get", 200, response.json)
    return response.json


def list_ids(site: Site, **query: Any) -> list[str]:
    return [job["job_id"] for job in ask(site, **query)["jobs"]]


def end(site: Site, job_id: str, status: Any) -> None:
    site.services.ledger.end(job_id, 1, Outcome(status=status, ended_at=now()))


def test_jobs_are_listed_by_status_those_that_wait_by_their_turn(redis_site: Site) -> None:
    waiting = [order(redis_site) for _ in range(3)]
    failed = let_fail(redis_site)
    finished, canceled = order(redis_site), order(redis_site)
    end(redis_site, finished, Status.FINISHED)
    end(redis_site, canceled, Status.CANCELED)
    assert list_ids(redis_site, status="queued") == waiting
    assert list_ids(redis_site, status="failed") == [failed]
    assert list_ids(redis_site, status="finished") == [finished]
    assert list_ids(redis_site, status="canceled") == [canceled]
    assert list_ids(redis_site, status="started") == []
    everything = ask(redis_site)
    assert [job["job_id"] for job in everything["jobs"]] == [*waiting, canceled, finished, failed]
    assert everything["total"] == 6


def test_failed_job_has_its_reason_and_its_log(redis_site: Site) -> None:
    let_fail(redis_site, "The photo is torn.")
    (job,) = ask(redis_site, status="failed")["jobs"]
    assert job["error"] == "The photo is torn."
    assert "Traceback" in job["log_tail"]
    assert (job["queue"], job["kind"], job["run"]) == ("default", "slideshow", 1)


def test_owner_is_told_by_a_hash_alone(redis_site: Site) -> None:
    job_id = order(redis_site)
    owner = redis_site.services.ledger.read(job_id).job.owner
    (job,) = ask(redis_site)["jobs"]
    assert job["owner"] == name_owner(owner) != owner
    assert len(job["owner"]) == 8


def test_jobs_are_listed_by_kind_and_queue(redis_site: Site) -> None:
    plain = order(redis_site)
    client = redis_site.open_client()
    other = redis_site.services.ledger.read(plain).job
    session_id = other.inputs[0].key.split("/")[2]
    low = post_json(
        client, "/generate_video", {"session_id": session_id, "priority": 1, "duration": 0.5}
    )["job_id"]
    assert list_ids(redis_site, queue="low") == [low]
    assert [job["priority"] for job in ask(redis_site)["jobs"]] == [5, 1]
    assert list_ids(redis_site, queue="default", kind="slideshow") == [plain]
    assert list_ids(redis_site, kind="clip") == []
    assert list_ids(redis_site, kind="unheard-of") == []


def test_jobs_come_in_pages(redis_site: Site) -> None:
    job_ids = [order(redis_site) for _ in range(5)]
    assert list_ids(redis_site, per_page=2, page=2) == job_ids[2:4]
    assert ask(redis_site, per_page=2, page=9) == {
        "jobs": [],
        "total": 5,
        "page": 9,
        "per_page": 2,
    }


def test_jobs_that_redis_lost_are_listed_all_the_same(redis_site: Site, redis_url: str) -> None:
    job_id = order(redis_site)
    with Redis.from_url(redis_url) as connection:
        connection.flushall()
    assert list_ids(redis_site, status="queued") == [job_id]


@pytest.mark.process
def test_jobs_that_wait_for_their_time_or_for_others_are_listed(
    run_site: Site, video_path: Path
) -> None:
    client = run_site.open_client()
    answer = send_one(client, "/upload_video", "video", video_path)
    video = {name: answer[name] for name in ("session_id", "source_id")}
    clip = {"kind": "clip", "name": "cut", **video, "start": 0, "end": 1}
    show = {"kind": "slideshow", "session_id": video["session_id"], "photos": [{"from": "cut"}]}
    batch = post_json(client, "/generate_batch", {"jobs": [clip, show]})
    cut, best = (job["job_id"] for job in batch["jobs"])
    (listed,) = ask(run_site, "batches")["batches"]
    names = [(job["name"], job["job_id"]) for job in listed["jobs"]]
    assert names == [("cut", cut), (batch["jobs"][1]["name"], best)]
    assert listed["jobs"][1]["status"] == "deferred"
    later = (now() + timedelta(hours=1)).isoformat()
    order = {**video, "start": 0, "end": 1, "run_at": later}
    scheduled = post_json(client, "/generate_clip", order)["job_id"]
    assert list_ids(run_site, status="scheduled") == [scheduled]
    assert list_ids(run_site, status="deferred", kind="slideshow") == [best]
    assert list_ids(run_site, kind="clip") == [cut, scheduled]


@pytest.mark.parametrize(
    "query", [{"status": "lost"}, {"queue": "mine"}, {"page": 0}, {"per_page": 101}, {"more": 1}]
)
def test_list_refuses_what_it_does_not_know(redis_site: Site, query: dict[str, object]) -> None:
    response = redis_site.open_client().get("/admin/jobs", query_string=query, headers=KNOWN)
    assert read_problem(response, 422)["field"] in query


@pytest.mark.process
def test_without_redis_the_machine_itself_is_the_worker(inline_site: Site) -> None:
    finished = order(inline_site)
    assert list_ids(inline_site, status="finished") == [finished]
    answer = ask(inline_site, "workers")
    assert (answer["mode"], answer["suspended"]) == ("inline", False)
    assert [worker["state"] for worker in answer["workers"]] == ["idle"]


@pytest.mark.parametrize(
    "route", ["jobs", "workers", "audit", "events", "failed", "../logs", "../debug"]
)
def test_lists_are_for_operators(open_site: OpenSite, route: str) -> None:
    path = "/admin/" + route if not route.startswith("..") else route[2:]
    read_problem(open_site(**CREDENTIALS).open_client().get(path), 401)
    read_problem(open_site().open_client().get(path, headers=KNOWN), 404)
