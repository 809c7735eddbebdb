"""What operators ask for: the failed jobs and why they failed, and another try for them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from tests.conftest import find_free_port
from tests.web.conftest import (
    UNKNOWN,
    OpenSite,
    Site,
    post_json,
    read_problem,
)
from tests.web.operators.conftest import CREDENTIALS, KNOWN, know, let_fail, order
from tests.web.test_health import check


def list_failed(site: Site, **query: int) -> dict[str, Any]:
    response = site.open_client().get("/admin/failed", query_string=query, headers=KNOWN)
    assert response.status_code == 200, response.text
    assert isinstance(response.json, dict)
    return response.json


def list_ids(site: Site, **query: int) -> list[str]:
    return [job["job_id"] for job in list_failed(site, **query)["jobs"]]


def requeue(site: Site, body: dict[str, Any], **headers: str) -> TestResponse:
    return site.open_client().post("/admin/requeue", json=body, headers=KNOWN | headers)


# --- who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", list(CREDENTIALS))
@pytest.mark.parametrize("tokens", ["", "a-token"])
def test_admin_is_absent_without_credentials(
    open_site: OpenSite, missing: str, tokens: str
) -> None:
    site = open_site(**CREDENTIALS | {missing: "", "API_TOKENS": tokens})
    for headers in ({}, KNOWN, know("", ""), {"Authorization": "Bearer a-token"}):
        client = site.open_client()
        read_problem(client.get("/admin/failed", headers=headers), 404)
        read_problem(client.post("/admin/requeue", json={"all": True}, headers=headers), 404)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        know("operator", ""),
        know("operator", "wrong"),
        know("", "pass:wörd"),
        {"Authorization": "Basic /zr/"},
        {"Authorization": "Bearer a-token"},
    ],
)
def test_admin_asks_for_its_password(open_site: OpenSite, headers: dict[str, str]) -> None:
    client = open_site(**CREDENTIALS, API_TOKENS="a-token").open_client()
    for response in (
        client.get("/admin/failed", headers=headers),
        client.post("/admin/requeue", json={"all": True}, headers=headers),
    ):
        assert "password" in read_problem(response, 401)["detail"]
        assert response.headers["WWW-Authenticate"].startswith("Basic ")


def test_admin_password_is_enough_where_users_need_tokens(open_site: OpenSite) -> None:
    site = open_site(**CREDENTIALS, API_TOKENS="a-token")
    assert list_failed(site)["jobs"] == []


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_other_site_cannot_requeue_with_a_password_that_the_browser_remembers(
    redis_site: Site, headers: dict[str, str]
) -> None:
    job_id = let_fail(redis_site)
    read_problem(requeue(redis_site, {"all": True}, **headers), 403)
    assert redis_site.services.ledger.read(job_id).run == 1


# --- the list -----------------------------------------------------------------------------------


@pytest.mark.process
def test_failed_jobs_are_listed_with_reason_attempts_and_log(run_site: Site) -> None:
    assert list_failed(run_site) == {"jobs": [], "total": 0, "page": 1, "per_page": 20}
    job_id = let_fail(run_site)
    order(run_site)
    (job,) = list_failed(run_site)["jobs"]
    status = run_site.open_client().get(f"/job_status/{job_id}").json
    assert isinstance(status, dict)
    assert job == status | {"log_tail": job["log_tail"]}
    assert (job["status"], job["attempts"] > 0, "ended_at" in job) == ("failed", True, True)
    assert "Traceback" in job["log_tail"]
    assert job["error"] not in ("", None)


@pytest.mark.process
def test_log_of_a_render_that_failed_here_says_where(inline_site: Site) -> None:
    let_fail(inline_site)
    (job,) = list_failed(inline_site)["jobs"]
    assert "red.jpg" in job["error"]
    assert 'attempt.py", line' in job["log_tail"]
    assert "UnreadableMediaError: red.jpg" in job["log_tail"]


def test_failed_jobs_come_in_pages_with_the_newest_first(redis_site: Site) -> None:
    made = [let_fail(redis_site, f"{number}.") for number in range(5)]
    newest = made[::-1]
    assert list_ids(redis_site) == newest
    assert list_ids(redis_site, per_page=2) == newest[:2]
    assert list_ids(redis_site, per_page=2, page=3) == newest[4:]
    assert list_ids(redis_site, per_page=2, page=4) == []
    assert list_failed(redis_site, per_page=2)["total"] == 5


@pytest.mark.parametrize("query", ["page=0", "page=x", "per_page=101", "per_page=-1", "sort=id"])
def test_page_that_there_cannot_be_is_refused(redis_site: Site, query: str) -> None:
    response = redis_site.open_client().get(f"/admin/failed?{query}", headers=KNOWN)
    assert read_problem(response, 422)["field"] == query.split("=")[0]


def test_jobs_that_ended_otherwise_are_not_listed(redis_site: Site) -> None:
    """Even if the process that wrote the outcome was killed between two steps."""
    cancelled, running = order(redis_site), order(redis_site)
    client = redis_site.open_client()
    post_json(client, f"/job_cancel/{cancelled}", {})
    for job_id in (cancelled, running, UNKNOWN):
        redis_site.services.store.write(f"failed/{job_id}/1", b"")
    assert list_ids(redis_site) == []


def test_failed_jobs_are_listed_while_redis_is_away(open_site: OpenSite, redis_site: Site) -> None:
    job_id = let_fail(redis_site)
    lonely = open_site(REDIS_URL=f"redis://127.0.0.1:{find_free_port()}/0", **CREDENTIALS)
    assert list_ids(lonely) == [job_id]
    response = requeue(lonely, {"all": True})
    read_problem(response, 503)
    assert response.headers["Retry-After"]
    assert list_ids(lonely) == [job_id]


# --- another try --------------------------------------------------------------------------------


@pytest.mark.process
def test_requeued_job_runs_again_and_leaves_the_list(run_site: Site) -> None:
    job_id, other = let_fail(run_site), let_fail(run_site)
    mend_photo(run_site, job_id)
    answer = requeue(run_site, {"job_id": job_id})
    assert answer.json == {"success": True, "requeued": [job_id], "skipped": []}
    assert list_ids(run_site) == [other]
    status = run_site.open_client().get(f"/job_status/{job_id}").json
    assert isinstance(status, dict)
    assert status["status"] in ("queued", "finished")
    read_problem(requeue(run_site, {"job_id": job_id}), 409)


@pytest.mark.process
def test_all_failed_jobs_run_again_the_oldest_first(run_site: Site) -> None:
    job_ids = [let_fail(run_site) for _ in range(3)]
    for job_id in job_ids:
        mend_photo(run_site, job_id)
    answer = requeue(run_site, {"all": True})
    assert answer.json == {"success": True, "requeued": job_ids, "skipped": []}
    assert list_ids(run_site) == []
    assert [run_site.services.ledger.read(job_id).run for job_id in job_ids] == [2, 2, 2]


@pytest.mark.process
def test_job_that_fails_again_is_listed_again(inline_site: Site) -> None:
    job_id = let_fail(inline_site)
    requeue(inline_site, {"all": True})
    assert inline_site.services.ledger.read(job_id).run == 2
    assert list_ids(inline_site) == [job_id]


def test_each_job_is_queued_once_however_many_ask(redis_site: Site, redis_url: str) -> None:
    job_ids = [let_fail(redis_site) for _ in range(4)]
    with Redis.from_url(redis_url) as connection:
        connection.flushall()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: requeue(redis_site, {"all": True}).json, range(6)))
    taken = [job_id for answer in answers if answer for job_id in answer["requeued"]]
    assert sorted(taken) == sorted(job_ids)
    with Redis.from_url(redis_url) as connection:
        names = connection.lrange("rq:queue:default", 0, -1)
    assert sorted(names) == sorted(f"{job_id}-2".encode() for job_id in job_ids)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"all": False}, 422),
        ({"all": True, "job_id": UNKNOWN}, 422),
        ({"job_id": "../x"}, 422),
        ({"job_id": UNKNOWN, "more": 1}, 422),
        ({"job_id": UNKNOWN}, 404),
    ],
)
def test_requeue_refuses_what_it_cannot_do(
    redis_site: Site, body: dict[str, Any], status: int
) -> None:
    let_fail(redis_site)
    read_problem(requeue(redis_site, body), status)
    assert len(list_ids(redis_site)) == 1


def test_requeue_takes_json_only(redis_site: Site) -> None:
    client = redis_site.open_client()
    read_problem(client.post("/admin/requeue", data="all=true", headers=KNOWN), 415)
    read_problem(client.post("/admin/requeue", json={"job_id": "x" * 2000}, headers=KNOWN), 413)


def test_requeue_leaves_alone_what_has_not_failed(redis_site: Site) -> None:
    cancelled, running = order(redis_site), order(redis_site)
    post_json(redis_site.open_client(), f"/job_cancel/{cancelled}", {})
    for job_id in (cancelled, running):
        assert "failed" in read_problem(requeue(redis_site, {"job_id": job_id}), 409)["detail"]
        assert redis_site.services.ledger.read(job_id).run == 1


def test_answers_of_admin_are_as_described(redis_site: Site) -> None:
    client: FlaskClient = redis_site.open_client()
    description = client.get("/openapi.json").json
    assert isinstance(description, dict)
    let_fail(redis_site)
    check(description, "/admin/failed", "get", 200, list_failed(redis_site))
    answer = requeue(redis_site, {"all": True}).json
    check(description, "/admin/requeue", "post", 200, answer)


def mend_photo(site: Site, job_id: str) -> None:
    """Take away the byte that is too many in a damaged photo."""
    store = site.services.store
    for source in site.services.ledger.read(job_id).job.inputs:
        store.write(source.key, (store.read(source.key) or b"")[:-1])
