"""/logs and /debug: what runs, what it says, and no secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reelqueue import __version__
from reelqueue.config import Settings
from tests.web.conftest import OpenSite, Site
from tests.web.operators.conftest import CREDENTIALS, KNOWN, let_fail
from tests.web.test_health import check

SECRETS = {
    "SECRET_KEY": "the-key-of-cookies-0123",
    "API_TOKENS": "first-token-of-a-user,second-token-of-a-user",
    "HIGH_PRIORITY_TOKENS": "second-token-of-a-user",
    "DASHBOARD_USERNAME": "operator",
    "DASHBOARD_PASSWORD": "pass:wörd",
}


def ask(site: Site, path: str) -> dict[str, Any]:
    response = site.open_client().get(path, headers=KNOWN)
    assert response.status_code == 200, response.text
    assert isinstance(response.json, dict)
    description = site.open_client().get("/openapi.json", headers=BEARER).json
    assert isinstance(description, dict)
    check(description, path.partition("?")[0], "get", 200, response.json)
    return response.json


BEARER = {"Authorization": "Bearer first-token-of-a-user"}


def list_secrets() -> list[str]:
    values = ",".join(value for name, value in SECRETS.items() if name != "DASHBOARD_USERNAME")
    return values.split(",")


@pytest.mark.process
def test_debug_tells_versions_settings_and_findings(open_site: OpenSite) -> None:
    site = open_site(RETENTION_HOURS="12", **CREDENTIALS)
    answer = ask(site, "/debug")
    assert answer["versions"]["reelqueue"] == __version__
    assert {"python", "ffmpeg", "flask", "rq", "redis", "pillow"} <= answer["versions"].keys()
    settings = answer["settings"]
    assert list(settings) == [name.upper() for name in Settings.model_fields]
    assert settings["RETENTION_HOURS"] == {"value": 12, "is_default": False}
    assert settings["PORT"] == {"value": 5000, "is_default": True}
    assert settings["DASHBOARD_PASSWORD"] == {"value": "***", "is_default": False}
    assert {"storage", "queue", "ffmpeg"} <= {finding["what"] for finding in answer["findings"]}


@pytest.mark.process
def test_no_answer_for_operators_has_a_secret_of_the_settings(
    open_site: OpenSite, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-secret-of-a-bucket")
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    site = open_site(REDIS_URL=redis_url, **SECRETS)
    secrets = [*list_secrets(), "the-secret-of-a-bucket"]
    site.services.queue.control.publish_log("worker", [f"tried {secret}" for secret in secrets])
    paths = [f"/admin/{name}" for name in ("jobs", "failed", "workers", "audit")]
    texts = [json.dumps(ask(site, path)) for path in [*paths, "/logs", "/debug"]]
    assert "tried ***" in texts[4]
    assert [secret for secret in secrets for text in texts if secret in text] == []


@pytest.mark.redis
def test_logs_of_all_processes_are_read_through_redis(redis_site: Site) -> None:
    control = redis_site.services.queue.control
    control.publish_log("web.1", ["one", "two", "three"])
    control.publish_log("worker", ["four"])
    assert ask(redis_site, "/logs?lines=2") == {
        "logs": [
            {"name": "web.1", "lines": ["two", "three"]},
            {"name": "worker", "lines": ["four"]},
        ]
    }
    assert ask(redis_site, "/logs?name=worker")["logs"] == [{"name": "worker", "lines": ["four"]}]


def test_logs_of_the_processes_of_one_machine_are_read_without_redis(inline_site: Site) -> None:
    inline_site.services.queue.control.publish_log("web.1", ["one", "two"])
    assert ask(inline_site, "/logs")["logs"] == [{"name": "web.1", "lines": ["one", "two"]}]


def test_log_of_a_failed_job_has_no_secrets(redis_site: Site) -> None:
    job_id = let_fail(redis_site)
    password = CREDENTIALS["DASHBOARD_PASSWORD"]
    redis_site.services.ledger.logs.add(job_id, 1, f"redis://:hidden@host {password}")
    for path in ("/admin/failed", "/admin/jobs?status=failed"):
        (job,) = ask(redis_site, path)["jobs"]
        assert job["log_tail"].endswith("redis://***@host ***\n") or "***" in job["log_tail"]
        assert "hidden" not in job["log_tail"]
        assert password not in job["log_tail"]
