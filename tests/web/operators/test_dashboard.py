"""rq-dashboard behind its password: absent without one, and never a way around the ledger."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from tests.conftest import find_free_port, wait_until
from tests.web.conftest import (
    UNKNOWN,
    OpenSite,
    Site,
    make_photo,
    post_json,
    read_problem,
    upload,
)

PASSWORD = "pässwörd:with:colons"
CREDENTIALS = {"DASHBOARD_USERNAME": "operator", "DASHBOARD_PASSWORD": PASSWORD}
LONG = {"duration": 60, "resolution": "1280x720", "fps": 60}
PAGES = [
    "/dashboard/",
    "/dashboard/0/view/workers",
    "/dashboard/0/view/jobs",
    "/dashboard/0/view/jobs/default/started/8/asc/1",
    "/dashboard/favicon.ico",
]
REGISTRIES = ["queued", "started", "finished", "failed", "deferred", "scheduled", "canceled"]
DATA = [
    "/dashboard/0/data/queues.json",
    "/dashboard/0/data/workers.json",
    *(
        f"/dashboard/0/data/jobs/default/{name}/8/{order}/1.json"
        for name in REGISTRIES
        for order in ("asc", "dsc")
    ),
]


def know(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


KNOWN = know("operator", PASSWORD)


@pytest.fixture
def watched_site(open_site: OpenSite, redis_url: str, pretended_probe: None) -> Site:  # noqa: ARG001
    """The product with Redis and a dashboard; no worker is running."""
    return open_site(REDIS_URL=redis_url, **CREDENTIALS)


def get(site: Site, path: str) -> TestResponse:
    return site.open_client().get(path, headers=KNOWN)


def read_data(site: Site, path: str) -> dict[str, Any]:
    response = get(site, path)
    assert response.status_code == 200, path
    assert isinstance(response.json, dict)
    return response.json


def make_job(client: FlaskClient, **spec: Any) -> str:
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    job = post_json(client, "/generate_video", {"session_id": session_id, **spec})
    return str(job["job_id"])


@pytest.mark.parametrize("missing", ["DASHBOARD_USERNAME", "DASHBOARD_PASSWORD", "REDIS_URL"])
def test_dashboard_is_absent_without_a_password_or_a_queue(
    open_site: OpenSite, redis_url: str, missing: str
) -> None:
    settings = {"REDIS_URL": redis_url, **CREDENTIALS}
    del settings[missing]
    site = open_site(**settings)
    for path in ("/dashboard", *PAGES, *DATA):
        read_problem(get(site, path), 404)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        know("operator", ""),
        know("", PASSWORD),
        know("operator", "wrong"),
        know("operator", PASSWORD + " "),
        know("operator", "x" * 10_000),
        know("Operator", PASSWORD),
        {"Authorization": "Basic"},
        {"Authorization": "Basic ="},
        {"Authorization": "Basic /zr/"},
        {"Authorization": "Basic b3BlcmF0b3I="},
        {"Authorization": f"Bearer {PASSWORD.encode().hex()}"},
        {"Authorization": 'Digest username="operator"'},
    ],
)
def test_dashboard_asks_for_its_password(watched_site: Site, headers: dict[str, str]) -> None:
    client = watched_site.open_browser()
    for path in (*PAGES, DATA[0], "/dashboard/static/css/main.css", "/dashboard/requeue/default"):
        response = client.get(path, headers=headers)
        assert "password" in read_problem(response, 401)["detail"]
        assert response.headers["WWW-Authenticate"].startswith("Basic ")
    job = f"/dashboard/job/{UNKNOWN}/requeue"
    read_problem(client.post(job, headers=headers), 401)


def test_dashboard_needs_no_token_beside_its_password(open_site: OpenSite, redis_url: str) -> None:
    site = open_site(REDIS_URL=redis_url, API_TOKENS="token", **CREDENTIALS)
    assert get(site, "/dashboard/").status_code == 200
    moved = site.open_client().get("/dashboard")
    assert (moved.status_code, moved.location) == (308, "http://localhost/dashboard/")
    bearer = {"Authorization": "Bearer token"}
    read_problem(site.open_client().get("/dashboard/", headers=bearer), 401)
    read_problem(get(site, f"/job_status/{UNKNOWN}"), 401)


def test_dashboard_shows_a_job_that_waits(watched_site: Site) -> None:
    job_id = make_job(watched_site.open_client())
    for path in (*PAGES, f"/dashboard/0/view/job/{job_id}"):
        response = get(watched_site, path)
        assert response.status_code == 200, path
        policy = response.headers["Content-Security-Policy"]
        assert re.search("script-src 'self' 'nonce-[A-Za-z0-9_-]{22}' 'unsafe-eval';", policy)
        assert "http" not in policy
        response.close()
    for path in DATA:
        read_data(watched_site, path)
    jobs = read_data(watched_site, "/dashboard/0/data/jobs/default/queued/8/asc/1.json")["jobs"]
    assert [job["id"] for job in jobs] == [job_id]
    assert jobs[0]["description"] == f"slideshow {job_id}"
    job = read_data(watched_site, f"/dashboard/0/data/job/{job_id}.json")
    assert (job["status"], job["origin"], job["exc_info"]) == ("queued", "default", None)


def test_dashboard_opens_no_connection_for_each_request(watched_site: Site, redis_url: str) -> None:
    read_data(watched_site, DATA[0])
    with Redis.from_url(redis_url) as connection:
        before = connection.info("stats")["total_connections_received"]
        for _ in range(5):
            read_data(watched_site, DATA[0])
        assert connection.info("stats")["total_connections_received"] == before


def test_dashboard_shows_a_worker_that_waits_and_that_renders(
    open_site: OpenSite, redis_url: str, fork_worker: Callable[..., None]
) -> None:
    site = open_site(REDIS_URL=redis_url, **CREDENTIALS)
    fork_worker({"REDIS_URL": redis_url, "RENDER_ENGINE": "x264"})  # slow enough to be watched

    def look() -> list[dict[str, Any]]:
        workers: list[dict[str, Any]] = read_data(site, DATA[1])["workers"]
        return workers

    wait_until(lambda: [worker["state"] for worker in look()] == ["idle"])
    client = site.open_client()
    job_id = make_job(client, **LONG)
    wait_until(lambda: [worker["state"] for worker in look()] == ["busy"])
    wait_until(lambda: client.get(f"/job_status/{job_id}").json["progress"] > 0)  # type: ignore[index]  # it is JSON
    assert look()[0]["current_job"]["job_id"] == job_id
    assert sorted(look()[0]["queues"]) == ["default", "high", "low"]
    for path in (*PAGES, *DATA, f"/dashboard/0/view/job/{job_id}"):
        response = get(site, path)
        assert response.status_code == 200, path
        response.close()
    job = read_data(site, f"/dashboard/0/data/job/{job_id}.json")
    assert job["status"] == "started"
    assert '"progress"' in job["metadata"]
    post_json(client, f"/job_cancel/{job_id}", {})
    wait_until(lambda: [worker["state"] for worker in look()] == ["idle"])
    # A cancelled job is none of those that failed.
    assert get(site, f"/dashboard/0/data/job/{job_id}.json").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/dashboard/99/view/queues",
        "/dashboard/-1/view/queues",
        "/dashboard/x/view/queues",
        "/dashboard/0/view/job/unknown",
        "/dashboard/0/view/job/a%3Ab",
        "/dashboard/0/view/job/..",
        "/dashboard/0/view/job/%00",
        f"/dashboard/0/view/job/{'x' * 3000}",
        "/dashboard/0/data/job/unknown.json",
        "/dashboard/0/data/job/%00.json",
        "/dashboard/0/view/jobs/default/queued/0/asc/1",
        "/dashboard/0/view/jobs/default/queued/8/asc/0",
        "/dashboard/0/view/jobs/default/nothing/8/asc/1",
        "/dashboard/0/view/jobs/');alert(1);('/queued/8/asc/1",
        "/dashboard/0/view/jobs/%5C/queued/8/asc/1",
        "/dashboard/0/data/jobs/default/nothing/8/asc/1.json",
        "/dashboard/0/data/jobs/default/queued/0/asc/1.json",
        "/dashboard/0/data/jobs/default/queued/x/asc/1.json",
        "/dashboard/0/data/jobs/default/queued/%C2%B2/asc/1.json",
        "/dashboard/0/data/jobs/default/queued/100000/asc/1.json",
        "/dashboard/0/data/jobs/default/queued/8/asc/-1.json",
        "/dashboard/0/data/jobs/default/queued/8/asc/1e9.json",
        f"/dashboard/0/data/jobs/default/queued/8/asc/{'9' * 5000}.json",
        "/dashboard/static/../web.py",
        "/dashboard/static/%2e%2e/web.py",
        "/dashboard/nothing",
    ],
)
def test_odd_address_of_the_dashboard_is_not_found(watched_site: Site, path: str) -> None:
    read_problem(get(watched_site, path), 404)


@pytest.mark.parametrize("queue", ["unknown", "%00", "rq%3Aqueue%3Adefault", "😀", "x" * 2000])
def test_queue_that_is_none_is_empty(watched_site: Site, queue: str) -> None:
    assert get(watched_site, f"/dashboard/0/view/jobs/{queue}/queued/8/asc/1").status_code == 200
    path = f"/dashboard/0/data/jobs/{queue}/failed/8/odd/7.json"
    assert read_data(watched_site, path)["jobs"] == []


def test_requeue_runs_a_job_again_by_the_ledger(watched_site: Site, redis_url: str) -> None:
    """Also one that runs again: its second run has another name in Redis."""
    client = watched_site.open_client()
    job_id = make_job(client)
    name = job_id
    for run in (2, 3):
        post_json(client, f"/job_cancel/{job_id}", {})
        response = client.post(f"/dashboard/job/{name}/requeue", headers=KNOWN)
        assert (response.status_code, response.json) == (200, {"status": "OK"})
        record = watched_site.services.ledger.read(job_id)
        assert (record.run, record.outcome) == (run, None)
        name = f"{job_id}-{run}"
        status = client.get(f"/job_status/{job_id}").json
        assert isinstance(status, dict)
        assert (status["status"], status["queue_position"]) == ("queued", 1)
    with Redis.from_url(redis_url) as connection:
        assert connection.lrange("rq:queue:default", 0, -1) == [name.encode()]


def test_requeue_of_what_cannot_run_again_changes_nothing(watched_site: Site) -> None:
    client = watched_site.open_client()
    job_id = make_job(client)
    read_problem(client.post(f"/dashboard/job/{job_id}/requeue", headers=KNOWN), 409)
    for name in (UNKNOWN, "x", "..", "%00", "a:b", "x" * 3000):
        read_problem(client.post(f"/dashboard/job/{name}/requeue", headers=KNOWN), 404)
    assert watched_site.services.ledger.read(job_id).run == 1


def test_dashboard_changes_nothing_else(watched_site: Site) -> None:
    client = watched_site.open_client()
    job_id = make_job(client)
    paths = [
        f"/dashboard/job/{job_id}/delete",
        "/dashboard/requeue/default",
        "/dashboard/queue/default/compact",
        *(f"/dashboard/queue/default/{name}/empty" for name in REGISTRIES),
    ]
    for path in paths:
        read_problem(client.post(path, headers=KNOWN), 403)
    read_problem(client.get("/dashboard/requeue/default", headers=KNOWN), 403)
    status = client.get(f"/job_status/{job_id}").json
    assert isinstance(status, dict)
    assert status["queue_position"] == 1


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_other_site_cannot_requeue(watched_site: Site, headers: dict[str, str]) -> None:
    client = watched_site.open_client()
    job_id = make_job(client)
    post_json(client, f"/job_cancel/{job_id}", {})
    path = f"/dashboard/job/{job_id}/requeue"
    read_problem(client.post(path, headers=KNOWN | headers), 403)
    read_problem(client.get(path, headers=KNOWN | headers), 405)
    assert watched_site.services.ledger.read(job_id).run == 1


def test_dashboard_without_its_redis_says_so(open_site: OpenSite) -> None:
    site = open_site(REDIS_URL=f"redis://127.0.0.1:{find_free_port()}/0", **CREDENTIALS)
    assert "Connection Error" in get(site, "/dashboard/").text
    for path in (*PAGES[1:4], *DATA, f"/dashboard/0/view/job/{UNKNOWN}"):
        assert "Redis" in read_problem(get(site, path), 503)["detail"]
