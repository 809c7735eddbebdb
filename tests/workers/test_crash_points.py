"""Workers that are killed before or after each step of a job: another worker finishes the job."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from redis import Redis

from reelqueue.queues.redis import LEADER_KEY
from tests.conftest import PATIENCE_SECONDS, StartServer, find_files
from tests.crashing_worker import MOMENTS, POINTS, work_until
from tests.nursery import forked
from tests.workers.test_rq_worker import SMALL, call, finish, read_video, upload

CRASHES = [(point, moment) for point in POINTS for moment in MOMENTS]
FRAMES = 15


@pytest.fixture
def environment(redis_url: str, tmp_path: Path) -> dict[str, str]:
    return {"REDIS_URL": redis_url, "STORAGE_URL": (tmp_path / "data").as_uri()}


def test_jobs_of_workers_killed_at_any_point_are_finished_by_another(
    environment: dict[str, str],
    start_server: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
    tmp_path: Path,
) -> None:
    server = start_server(environment)
    session = upload(f"{server}/upload_images", "images", photo_paths[:2])["session_id"]
    order = SMALL | {"session_id": session}
    jobs = [call(f"{server}/generate_video", order)["job_id"] for _ in CRASHES]

    with Redis.from_url(environment["REDIS_URL"]) as connection:
        # No recovery runs yet, so each worker takes a job that no other has had.
        connection.set(LEADER_KEY, "the test")
        for crash, code in crash_workers(environment).items():
            assert code == -signal.SIGKILL, crash
        assert connection.llen("rq:queue:default") == 1  # one worker died before it took any
        connection.delete(LEADER_KEY)

    start_worker(environment)
    for job in jobs:
        status = finish(server, job)
        assert (status["status"], status["attempts"]) == ("finished", 1)
        assert read_video(server, status) == (FRAMES, ["video"])
    outcomes = find_files(tmp_path / "data", "outcome.json")
    assert len(outcomes) == len(jobs)


def crash_workers(environment: dict[str, str]) -> dict[tuple[str, str], int | None]:
    """Have a worker for each crash point take one job and die; return their exit codes."""
    with ExitStack() as stack:
        workers: dict[tuple[str, str], BaseProcess] = {}
        for crash in CRASHES:
            run = partial(work_until, *crash)
            workers[crash] = stack.enter_context(forked(run, os.environ | environment))
        for process in workers.values():
            process.join(PATIENCE_SECONDS)
        return {crash: process.exitcode for crash, process in workers.items()}
