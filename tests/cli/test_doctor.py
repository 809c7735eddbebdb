from __future__ import annotations

from pathlib import Path

import pytest

from reelqueue.cli.doctor import examine
from reelqueue.config import Settings
from reelqueue.processes import children
from tests.conftest import find_free_port


def list_problems(**environment: str) -> set[str]:
    findings = examine(Settings.from_env(environment))
    return {finding.what for finding in findings if finding.level == "problem"}


@pytest.mark.render
def test_doctor_finds_nothing_wrong_without_redis(tmp_path: Path) -> None:
    assert list_problems(STORAGE_URL=tmp_path.as_uri()) == set()


@pytest.mark.render
def test_doctor_leaves_nothing_behind(tmp_path: Path) -> None:
    list_problems(STORAGE_URL=tmp_path.as_uri())
    left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert left == ["storage_id"]


@pytest.mark.render
def test_doctor_says_that_redis_is_away(tmp_path: Path) -> None:
    url = f"redis://127.0.0.1:{find_free_port()}"
    assert list_problems(STORAGE_URL=tmp_path.as_uri(), REDIS_URL=url) == {"queue"}


@pytest.mark.render
def test_doctor_says_that_the_storage_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{find_free_port()}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    findings = examine(Settings.from_env({"STORAGE_URL": "s3://nowhere"}))
    storage = next(finding for finding in findings if finding.what == "storage")
    assert storage.level == "problem"
    assert "nowhere" in storage.text  # the storage's own error, for the operator


def test_doctor_warns_of_a_redis_that_forgets_jobs(redis_url: str, tmp_path: Path) -> None:
    from redis import Redis

    with Redis.from_url(redis_url) as connection:
        connection.config_set("maxmemory-policy", "allkeys-lru")
        try:
            found = list_problems(STORAGE_URL=tmp_path.as_uri(), REDIS_URL=redis_url)
        finally:
            connection.config_set("maxmemory-policy", "noeviction")
    assert found == {"redis memory"}


@pytest.mark.render
def test_doctor_says_what_the_kernel_does_not_keep_from_decoders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = "landlock._CREATE_RULESET = 100_000; seccomp._MACHINES.clear();"
    launcher = children._LAUNCHER.replace(
        "from reelqueue.processes.exec import main;",
        f"from reelqueue.processes import landlock, seccomp; {away}"
        " from reelqueue.processes.exec import main;",
    )
    monkeypatch.setattr(children, "_LAUNCHER", launcher)
    findings = examine(Settings.from_env({"STORAGE_URL": tmp_path.as_uri()}))
    decoders = [finding for finding in findings if finding.what == "decoders"]
    assert [finding.level for finding in decoders] == ["warning", "warning"]
    assert "Landlock" in decoders[0].text
    assert "network" in decoders[1].text
