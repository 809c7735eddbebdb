"""Two versions at once over one storage and one Redis: a rolling deploy, and a rollback.

The other version is the last one before a result was a set of named files, and before the one task.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT, find_free_port, started, wait_until
from tests.workers.test_rq_worker import HTTP, call, finish, read_video, upload

OLD_VERSION = "2fb1aacc3d006a4712d135c90158a65bd3d4d7b5"
SMALL = {"duration": 0.5, "transition_duration": 0.2, "resolution": "160x90", "fps": 15}

Start = Callable[[Path], str]


@pytest.fixture(scope="session")
def old_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product as it was, out of the repository's history."""
    folder = tmp_path_factory.mktemp("old")
    command = ["git", "archive", OLD_VERSION, "reelqueue", "templates", "static"]
    command += ["app.py", "worker.py", "tasks.py", "gunicorn.conf.py"]
    archive = subprocess.run(command, cwd=ROOT, capture_output=True)
    if archive.returncode and not os.environ.get("CI"):
        pytest.skip(f"this checkout has no history: {archive.stderr.decode()}")
    assert archive.returncode == 0, archive.stderr.decode()
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    return folder


@dataclass
class Fleet:
    """Webs and workers of both versions over one storage and one Redis."""

    environment: dict[str, str]
    stack: ExitStack

    def start_web(self, folder: Path) -> str:
        port = find_free_port()
        environment = {**self.environment, "PORT": str(port), "PYTHONPATH": str(folder)}
        command = [sys.executable, "-m", "gunicorn", "app:app"]
        self.stack.enter_context(started(command, environment, folder))
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: is_up(address))
        return address

    def start_worker(self, folder: Path) -> ExitStack:
        """Start a worker; the stack that is returned ends it."""
        own = self.stack.enter_context(ExitStack())
        environment = {**self.environment, "PYTHONPATH": str(folder)}
        own.enter_context(started([sys.executable, "worker.py"], environment, folder))
        return own


def is_up(address: str) -> bool:
    try:
        return HTTP.get(f"{address}/health").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def fleet(redis_url: str, tmp_path: Path) -> Iterator[Fleet]:
    with ExitStack() as stack:
        storage = (tmp_path / "data").as_uri()
        yield Fleet({"REDIS_URL": redis_url, "STORAGE_URL": storage}, stack)


@dataclass
class Session:
    """What one customer uploaded, and orders of it."""

    session_id: str
    source_id: str
    audio_id: str

    def order(self, web: str, number: int = 0) -> tuple[str, str]:
        """Order the `number`-th slideshow with music and a clip; return their ids."""
        session = {"session_id": self.session_id}
        music = {"tracks": [{"id": self.audio_id, "end": 1.0}], "title": {"text": "Summer"}}
        slideshow = call(f"{web}/generate_video", {**session, **music, **SMALL, "seed": number})
        clip = {**session, "source_id": self.source_id, "start": number / 2, "aspect": "1:1"}
        return str(slideshow["job_id"]), str(call(f"{web}/generate_clip", clip)["job_id"])


@pytest.fixture
def visit(photo_paths: list[Path], song_path: Path, video_path: Path) -> Callable[[str], Session]:
    """Upload to a web; the session is that of no browser, so every web has it."""

    def visit(web: str) -> Session:
        session_id = upload(f"{web}/upload_images", "images", photo_paths[:2])["session_id"]
        song = upload(f"{web}/upload_audio", "audio", [song_path], session_id=session_id)
        video = upload(f"{web}/upload_video", "video", [video_path], session_id=session_id)
        return Session(session_id, video["source_id"], song["audio_id"])

    return visit


def check_finished(webs: list[str], job_ids: tuple[str, ...]) -> None:
    """See that jobs finish at the first attempt, and that every web tells the same of them."""
    for job_id in job_ids:
        status = finish(webs[0], job_id)
        assert (status["status"], status["attempts"]) == ("finished", 1), status
        for web in webs:
            assert call(f"{web}/job_status/{job_id}") == status
            assert read_video(web, status)[0] == status["result"]["frames"]
            assert HTTP.get(web + status["result"]["poster_url"]).status_code == 200


@pytest.mark.parametrize(("web", "worker"), [("old", "new"), ("new", "old")])
def test_web_and_worker_of_different_versions_work_together(
    fleet: Fleet, old_version: Path, visit: Callable[[str], Session], web: str, worker: str
) -> None:
    folders = {"old": old_version, "new": ROOT}
    address = fleet.start_web(folders[web])
    fleet.start_worker(folders[worker])
    check_finished([address], visit(address).order(address))


def test_both_versions_take_each_others_jobs_and_results(
    fleet: Fleet, old_version: Path, visit: Callable[[str], Session]
) -> None:
    old, new = fleet.start_web(old_version), fleet.start_web(ROOT)
    session = visit(old)
    waiting = session.order(old) + session.order(new, 1)
    queued = [call(f"{web}/job_status/{waiting[0]}")["status"] for web in (old, new)]
    assert queued == ["queued", "queued"]
    fleet.start_worker(old_version)
    fleet.start_worker(ROOT)
    check_finished([old, new], waiting)


def test_rollback_loses_nothing_and_leaves_nothing_stuck(
    fleet: Fleet, old_version: Path, visit: Callable[[str], Session]
) -> None:
    new = fleet.start_web(ROOT)
    session = visit(new)
    worker = fleet.start_worker(ROOT)
    done = session.order(new)
    check_finished([new], done)
    worker.close()
    waiting = session.order(new, 2)
    old = fleet.start_web(old_version)
    fleet.start_worker(old_version)
    check_finished([old, new], (*done, *waiting))
