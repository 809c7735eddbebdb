"""Health, metrics, and the description of the API."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from rq.suspension import resume, suspend

from reelqueue.config import Settings
from reelqueue.queues.rq_heartbeats import PULSE_KEY
from reelqueue.web.app import create_app
from tests.conftest import find_free_port, wait_until
from tests.s3_proxy import Refusal, S3Proxy, refuse
from tests.web.conftest import (
    SMALL,
    Finished,
    OpenSite,
    Site,
    make_photo,
    post_json,
    read_problem,
    send,
    send_one,
    upload,
)

INTERNAL = {
    "/shared/<video_id>/<signature>",
    *("/", "/sign_in", "/sign_out", "/admin", "/admin/events", "/openapi.json"),
    *("/static/<path:filename>", "/typefaces/<name>"),
    *("/plain/slideshow", "/plain/clip"),
    *("/plain/jobs", "/plain/jobs/<job_id>", "/plain/jobs/<job_id>/cancel"),
}


def read_gauges(site: Site) -> dict[str, dict[str, float]]:
    """Return each gauge's values by the value of its label."""
    response = site.open_client().get("/metrics")
    assert response.status_code == 200
    assert response.mimetype == "text/plain"
    families = list(text_string_to_metric_families(response.text))
    assert all(family.documentation for family in families)
    return {
        family.name: {"".join(sample.labels.values()): sample.value for sample in family.samples}
        for family in families
        if family.type == "gauge" and not family.name.endswith("_bytes")
    }


@pytest.fixture
def lonely_site(open_site: OpenSite) -> Site:
    """The web service with a Redis that does not answer."""
    return open_site(REDIS_URL=f"redis://127.0.0.1:{find_free_port()}/0")


def test_health_without_redis(site: Site) -> None:
    response = site.open_client().get("/health")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json == {
        "status": "ok",
        "queue": {"mode": "inline", "ok": True, "suspended": False, "jobs": {"started": 0}},
        "workers": 1,
        "redis": None,
        "storage": {"ok": True},
        "disk": {"ok": True},
    }


def test_health_with_redis_wants_a_worker(
    queue_site: Site, redis_url: str, start_worker: Callable[..., None]
) -> None:
    client = queue_site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    post_json(client, "/generate_video", {"session_id": session_id})
    response = client.get("/health")
    jobs = {"queued": 1, "started": 0, "scheduled": 0, "failed": 0}
    assert response.status_code == 200
    assert response.json == {
        "status": "degraded",
        "queue": {
            "mode": "redis",
            "ok": True,
            "suspended": False,
            "jobs": jobs,
            "unserved": ["default"],
        },
        "workers": 0,
        "redis": True,
        "storage": {"ok": True},
        "disk": {"ok": True},
    }
    start_worker({"REDIS_URL": redis_url})
    wait_until(lambda: client.get("/health").json["status"] == "ok")  # type: ignore[index]  # it is JSON


def test_health_without_its_redis_is_degraded_and_still_answers(lonely_site: Site) -> None:
    response = lonely_site.open_client().get("/health")
    assert response.status_code == 200
    assert response.json == {
        "status": "degraded",
        "queue": {"mode": "redis", "ok": False, "cause": "port", "suspended": False, "jobs": {}},
        "workers": 0,
        "redis": False,
        "storage": {"ok": True},
        "disk": {"ok": True},
    }


def test_queue_that_an_operator_suspended_is_shown(
    queue_site: Site, redis_url: str, start_worker: Callable[..., None]
) -> None:
    client = queue_site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    with Redis.from_url(redis_url) as connection:
        suspend(connection)
        start_worker({"REDIS_URL": redis_url})
        wait_until(lambda: client.get("/health").json["workers"] == 1)  # type: ignore[index]  # it is JSON
        post_json(client, "/generate_video", {"session_id": session_id, **SMALL})
        health = client.get("/health").json
        assert health
        assert (health["status"], health["queue"]["suspended"]) == ("degraded", True)
        assert health["queue"]["jobs"]["queued"] == 1
        assert read_gauges(queue_site)["reelqueue_queue_suspended"] == {"": 1}
        texts = [finding.text for finding in queue_site.services.queue.examine()]
        assert any("rq resume" in text for text in texts)
        wait_until(lambda: connection.exists(PULSE_KEY) == 1)  # lost jobs are looked for as well
        resume(connection)
    wait_until(lambda: client.get("/health").json["status"] == "ok")  # type: ignore[index]  # it is JSON


@pytest.mark.process
def test_service_without_its_redis_takes_uploads_and_no_jobs(lonely_site: Site) -> None:
    client = lonely_site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    response = client.post("/generate_video", json={"session_id": session_id})
    assert read_problem(response, 503)["type"] == "/problems/unavailable"
    assert int(response.headers["Retry-After"]) > 0
    assert not [key for key in lonely_site.list_stored() if key.startswith("jobs/")]


@pytest.mark.process
def test_health_says_in_a_word_why_the_storage_is_away(
    s3_environment: dict[str, str], s3_proxy: S3Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (s3_environment | {"AWS_ENDPOINT_URL": s3_proxy.endpoint}).items():
        monkeypatch.setenv(name, value)
    settings = {"STORAGE_URL": s3_environment["STORAGE_URL"], "SECRET_KEY": "a"}
    client = create_app(Settings.from_env(settings)).test_client()
    assert client.get("/health").json["storage"] == {"ok": True}  # type: ignore[index]  # it is JSON
    for status, code, cause in (
        (404, "NoSuchBucket", "bucket"),
        (403, "InvalidAccessKeyId", "key"),
        (500, "SomethingWithASecret", "unknown"),
    ):
        s3_proxy.fault = refuse(Refusal(status, code))
        response = client.get("/health")
        assert response.status_code == 200
        assert isinstance(response.json, dict)
        assert response.json["status"] == "degraded"
        assert response.json["storage"] == {"ok": False, "cause": cause}
    assert "reelqueue_storage_up 0.0" in client.get("/metrics").text


def test_health_says_that_redis_takes_no_jobs(queue_site: Site, redis_port: int) -> None:
    with Redis(port=redis_port) as connection:
        connection.config_set("maxmemory", "1")
        try:
            health = queue_site.open_client().get("/health").json
        finally:
            connection.config_set("maxmemory", "0")
    assert isinstance(health, dict)
    assert (health["status"], health["redis"]) == ("degraded", False)
    assert health["queue"]["cause"] == "full"


def test_health_says_that_the_disk_for_temporary_files_is_full(
    site: Site, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    (small_disk / "filler").write_bytes(bytes(20_500_000))
    health = site.open_client().get("/health").json
    assert isinstance(health, dict)
    assert (health["status"], health["disk"]) == ("degraded", {"ok": False, "cause": "full"})
    assert health["storage"] == {"ok": True}


@pytest.mark.parametrize("full", ["storage", "temporary files"])
def test_full_disk_is_answered_with_a_sentence(
    open_site: OpenSite, small_disk: Path, full: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if full == "storage":
        site = open_site(STORAGE_URL=(small_disk / "data").as_uri(), SECRET_KEY="a")
    else:
        site = open_site()
        monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    with suppress(OSError):
        (small_disk / "filler").write_bytes(bytes(30_000_000))
    files = [("red.jpg", make_photo())]
    response = send(site.open_client(), "/upload_images", "images", files)
    problem = read_problem(response, 503)
    assert problem["type"] == "/problems/no-room"
    assert "no room for new files" in problem["detail"]
    assert int(response.headers["Retry-After"]) > 0
    health = site.open_client().get("/health").json
    assert isinstance(health, dict)
    part, other = ("storage", "disk") if full == "storage" else ("disk", "storage")
    assert (health[part], health[other]) == ({"ok": False, "cause": "full"}, {"ok": True})


def test_metrics_tell_the_same_to_prometheus(queue_site: Site, lonely_site: Site) -> None:
    client = queue_site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    for _ in range(3):
        post_json(client, "/generate_video", {"session_id": session_id})
    assert read_gauges(queue_site) == {
        "reelqueue_queue_up": {"redis": 1},
        "reelqueue_queue_suspended": {"": 0},
        "reelqueue_jobs": {"queued": 3, "started": 0, "scheduled": 0, "failed": 0},
        "reelqueue_workers": {"": 0},
        "reelqueue_queue_jobs": {"high": 0, "default": 3, "low": 0},
        "reelqueue_queue_oldest_seconds": {"high": 0, "default": 0, "low": 0},
        "reelqueue_storage_up": {"": 1},
    }
    assert read_gauges(lonely_site)["reelqueue_queue_up"] == {"redis": 0}


def test_metrics_without_redis(site: Site) -> None:
    assert read_gauges(site) == {
        "reelqueue_queue_up": {"inline": 1},
        "reelqueue_queue_suspended": {"": 0},
        "reelqueue_jobs": {"started": 0},
        "reelqueue_workers": {"": 1},
        "reelqueue_queue_jobs": {"inline": 0},
        "reelqueue_queue_oldest_seconds": {"inline": 0},
        "reelqueue_storage_up": {"": 1},
    }


@pytest.fixture
def description(site: Site) -> dict[str, Any]:
    description = site.open_client().get("/openapi.json").json
    assert isinstance(description, dict)
    return description


def test_description_is_valid_openapi(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    validate(description)


def test_description_names_every_route(site: Site, description: dict[str, Any]) -> None:
    routes: dict[str, set[str]] = {}
    for rule in site.app.url_map.iter_rules():
        if rule.rule not in INTERNAL:
            methods = routes.setdefault(re.sub(r"<(\w+)>", r"{\1}", rule.rule), set())
            methods |= (rule.methods or set()) - {"HEAD", "OPTIONS"}
    described = {
        path: {method.upper() for method in operations} - {"HEAD", "OPTIONS"}
        for path, operations in description["paths"].items()
    }
    assert described == routes


def check(description: dict[str, Any], path: str, method: str, status: int, answer: object) -> None:
    """Check an answer against the schema that the description promises for it."""
    responses = description["paths"][path][method]["responses"]
    (content,) = responses[str(status)]["content"].values()
    schema = {**content["schema"], "components": description["components"]}
    OAS31Validator(schema).validate(answer)
    undescribed = {**schema, "unevaluatedProperties": False}
    OAS31Validator(undescribed).validate(answer)


def test_answers_are_as_described(
    site: Site,
    finished: Finished,
    description: dict[str, Any],
    song_path: Path,
    video_path: Path,
) -> None:
    client = site.open_client()
    for name, data in (("audio", song_path), ("video", video_path)):
        sent = send_one(client, f"/upload_{name}", name, data)
        check(description, f"/upload_{name}", "post", 201, sent)
    files = [("red.jpg", make_photo()), ("text.jpg", b"no picture")]
    photos = upload(client, files)
    check(description, "/upload_images", "post", 201, photos)
    check(description, "/generate_video", "post", 200, finished.answer)
    status = finished.browser.get(f"/job_status/{finished.job_id}").json
    check(description, "/job_status/{job_id}", "get", 200, status)
    problem = client.get(f"/job_status/{finished.job_id}").json
    check_component(description, "Problem", problem)
    check_component(description, "JobResult", finished.answer["result"])
    body = {"session_id": photos["session_id"], "fps": 31}
    check_component(description, "Problem", client.post("/generate_video", json=body).json)


def check_component(description: dict[str, Any], name: str, value: object) -> None:
    schema = description["components"]["schemas"][name]
    OAS31Validator({**schema, "additionalProperties": False}).validate(value)


def test_accepted_and_cancelled_jobs_are_as_described(
    queue_site: Site, description: dict[str, Any]
) -> None:
    client = queue_site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    answer = post_json(client, "/generate_video", {"session_id": session_id, **SMALL})
    check(description, "/generate_video", "post", 202, answer)
    for action in ("cancel", "retry"):
        status = post_json(client, f"/job_{action}/{answer['job_id']}", {})
        check(description, f"/job_{action}/{{job_id}}", "post", 200, status)


def test_described_requests_are_those_that_are_taken(description: dict[str, Any]) -> None:
    """The schema comes from the models; here it must say what they forbid."""
    schemas = description["components"]["schemas"]
    for name, needed in (
        ("SlideshowRequest", {"session_id"}),
        ("ClipRequest", {"session_id", "source_id"}),
    ):
        assert set(schemas[name]["required"]) == needed
        assert schemas[name]["additionalProperties"] is False
        for field in schemas[name]["properties"].values():
            assert field.get("description")
