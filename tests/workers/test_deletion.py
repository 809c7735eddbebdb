"""Jobs that are deleted while they render or finish, in the product as it is deployed."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
import pytest
from redis import Redis

from tests.conftest import PATIENCE_SECONDS, StartServer, wait_until
from tests.workers.test_rq_worker import (
    HTTP,
    SMALL,
    call,
    find_render,
    finish,
    order_long,
    upload,
)

LONG = {"duration": 60.0, "resolution": "1280x720"}


@pytest.fixture
def environment(redis_url: str) -> dict[str, str]:
    """With an engine that encodes every frame, and so can be deleted at work."""
    return {"REDIS_URL": redis_url, "RENDER_ENGINE": "x264"}


def delete(server: str, job_id: str) -> int:
    return HTTP.delete(f"{server}/jobs/{job_id}").status_code


def list_left(storage: Path, job_id: str = "") -> list[str]:
    """Return the stored files of a job, or of all jobs, but for their marks and counts."""
    files = [path.relative_to(storage) for path in storage.rglob("*") if path.is_file()]
    kept = ("deleted", "sessions", "settings", "parts", "statistics")
    return [str(path) for path in files if path.parts[0] not in kept and job_id in str(path)]


def is_of(job_id: str, path: str) -> bool:
    """Tell whether a stored file is of a job; the name of the note of its result tells nothing."""
    return job_id in path or path.startswith("renders")


def list_in_redis(environment: dict[str, str], job_id: str) -> list[bytes]:
    with Redis.from_url(environment["REDIS_URL"]) as connection:
        return list(connection.keys(f"*{job_id}*"))


def list_running(processes: list[psutil.Process]) -> list[psutil.Process]:
    return psutil.wait_procs(processes, timeout=0)[1]


def test_deleted_render_is_killed_and_leaves_nothing(
    environment: dict[str, str],
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
    tmp_path: Path,
) -> None:
    server = start_service(environment)
    start_worker(environment)
    job = order_long(server, photo_paths)
    render = find_render()
    running = [render, *render.children(recursive=True)]

    assert delete(server, job) == 204

    assert HTTP.get(f"{server}/job_status/{job}").status_code == 404
    wait_until(lambda: not list_running(running))
    wait_until(lambda: not list_in_redis(environment, job))
    wait_until(lambda: not list_left(tmp_path / "data"))
    session = upload(f"{server}/upload_images", "images", photo_paths[:1])["session_id"]
    other = call(f"{server}/generate_video", SMALL | {"session_id": session})["job_id"]
    assert finish(server, other)["status"] == "finished"
    assert list_left(tmp_path / "data", job) == []


def test_render_of_a_worker_that_hears_nothing_ends_by_itself(
    environment: dict[str, str],
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
    tmp_path: Path,
) -> None:
    server = start_service(environment)
    start_worker(environment)
    job = order_long(server, photo_paths)
    render = find_render()
    worker = render.parent()
    assert worker
    worker.send_signal(signal.SIGSTOP)
    try:
        assert delete(server, job) == 204
        wait_until(lambda: render.status() == psutil.STATUS_ZOMBIE)
        assert list_left(tmp_path / "data") == []
    finally:
        worker.send_signal(signal.SIGCONT)
    wait_until(lambda: not list_in_redis(environment, job))
    assert list_left(tmp_path / "data") == []


def test_jobs_that_are_deleted_at_any_time_leave_nothing(
    environment: dict[str, str],
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
    tmp_path: Path,
) -> None:
    """As they are taken, while they render, as they finish, and later."""
    server = start_service(environment)
    start_worker(environment)
    session = upload(f"{server}/upload_images", "images", photo_paths[:2])["session_id"]
    for pause in range(10):
        order = SMALL | {"session_id": session, "duration": 0.5 + pause / 10}
        job = call(f"{server}/generate_video", order)["job_id"]
        if pause == 9:
            finish(server, job)
        time.sleep(pause / 10)
        assert delete(server, job) == 204
    last = call(f"{server}/generate_video", SMALL | {"session_id": session})["job_id"]
    assert finish(server, last)["status"] == "finished"
    wait_until(lambda: all(is_of(last, path) for path in list_left(tmp_path / "data")))
    assert HTTP.delete(f"{server}/sessions/{session}").status_code == 204


def test_render_without_redis_is_stopped_and_its_caller_is_told(
    start_server: StartServer, photo_paths: list[Path], tmp_path: Path
) -> None:
    server = start_server({"RENDER_ENGINE": "x264"})
    session = upload(f"{server}/upload_images", "images", photo_paths[:2])["session_id"]
    job = str(uuid4())
    order: dict[str, Any] = LONG | {"session_id": session, "job_id": job}
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(
            httpx.post, f"{server}/generate_video", json=order, timeout=PATIENCE_SECONDS
        )
        url = f"{server}/job_status/{job}"
        wait_until(lambda: HTTP.get(url).json().get("progress", 0) > 0)
        assert HTTP.delete(f"{server}/sessions/{session}").status_code == 409
        assert delete(server, job) == 204
        answer = asked.result()
    assert (answer.status_code, "deleted" in answer.json()["detail"]) == (409, True)
    assert list_left(tmp_path / "data") == []
    assert call(f"{server}/health")["queue"]["jobs"]["started"] == 0
    assert HTTP.delete(f"{server}/sessions/{session}").status_code == 204
