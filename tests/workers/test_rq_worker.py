"""The product as deployed: web and worker as two services, with Redis."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any

import av
import httpx
import psutil
import pytest
from redis import Redis

from reelqueue.cli.doctor import examine
from reelqueue.config import Settings
from reelqueue.errors import (
    RenderMemoryError,
    RenderTimeoutError,
    UnavailableError,
    UnreadableMediaError,
)
from reelqueue.queues.rq_job import ReelJob
from reelqueue.upkeep.recovery import KILLED_TOO_OFTEN, MAX_RENDERS_BEGUN
from reelqueue.workers.loop import drop_useless_retries
from tests.conftest import (
    PATIENCE_SECONDS,
    ROOT,
    StartServer,
    find_files,
    find_free_port,
    started,
    wait_for_end,
    wait_until,
)

SMALL = {"duration": 0.5, "transition_duration": 0.2, "resolution": "160x90", "fps": 15}
OPERATOR = ("operator", "a-long-password")
CREDENTIALS = {"DASHBOARD_USERNAME": OPERATOR[0], "DASHBOARD_PASSWORD": OPERATOR[1]}
# A busy machine takes its time, and a server may close what is kept open.
HTTP = httpx.Client(timeout=PATIENCE_SECONDS, limits=httpx.Limits(max_keepalive_connections=0))


def call(url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    response = HTTP.get(url) if body is None else HTTP.post(url, json=body)
    response.raise_for_status()
    answer: dict[str, Any] = response.json()
    return answer


def upload(url: str, field: str, paths: list[Path], **fields: str) -> dict[str, Any]:
    files = [(field, (path.name, path.read_bytes())) for path in paths]
    response = HTTP.post(url, files=files, data=fields)
    response.raise_for_status()
    answer: dict[str, Any] = response.json()
    return answer


def finish(server: str, job_id: str) -> dict[str, Any]:
    wait_until(lambda: "ended_at" in call(f"{server}/job_status/{job_id}"))
    return call(f"{server}/job_status/{job_id}")


def read_video(server: str, status: dict[str, Any]) -> tuple[int, list[str]]:
    """Return the frames that decode, and the kinds of the streams."""
    content = io.BytesIO(HTTP.get(server + status["result"]["download_url"]).content)
    with av.open(content, "r") as container:
        kinds = [str(stream.type) for stream in container.streams]
        return len(list(container.decode(video=0))), kinds


@pytest.fixture
def environment(redis_url: str, s3_environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    for name in ("web", "worker"):
        (tmp_path / name / "tmp").mkdir(parents=True)
    return s3_environment | {"REDIS_URL": redis_url}


@pytest.fixture
def slow_environment(environment: dict[str, str]) -> dict[str, str]:
    """With an engine that encodes every frame, and so can be watched and killed at work."""
    return environment | {"RENDER_ENGINE": "x264"}


def test_services_that_share_no_disk_make_a_slideshow_and_a_clip(
    environment: dict[str, str],
    start_server: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
    song_path: Path,
    video_path: Path,
    tmp_path: Path,
) -> None:
    web, worker = tmp_path / "web", tmp_path / "worker"
    server = start_server(environment | {"TMPDIR": str(web / "tmp")}, web)
    start_worker(environment | {"TMPDIR": str(worker / "tmp")}, worker)

    session = upload(f"{server}/upload_images", "images", photo_paths[:3])["session_id"]
    song = upload(f"{server}/upload_audio", "audio", [song_path], session_id=session)
    order = {"session_id": session, "audio_id": song["audio_id"], **SMALL}
    accepted = call(f"{server}/generate_video", order)
    assert accepted["status"] in ("queued", "started")
    slideshow = finish(server, accepted["job_id"])
    assert read_video(server, slideshow) == (22, ["video", "audio"])
    again = call(f"{server}/generate_video", order)
    assert (again["status"], again["result"]["reused"]) == ("finished", True)
    assert read_video(server, again) == (22, ["video", "audio"])

    source = upload(f"{server}/upload_video", "video", [video_path])
    order = {"session_id": source["session_id"], "source_id": source["source_id"]}
    cut = {"start": 1.0, "end": 2.0, "aspect": "1:1", "fit": "crop"}
    clip = finish(server, call(f"{server}/generate_clip", order | cut)["job_id"])
    assert read_video(server, clip) == (25, ["video", "audio"])
    assert (clip["result"]["width"], clip["result"]["height"]) == (1080, 1080)

    files = [path for folder in (web, worker) for path in find_files(folder, "*")]
    locks = [path for path in files if path.parent.name == "probes" or path.stem[:6] == "quota-"]
    assert sorted(files) == sorted(locks)


def test_workers_share_the_work(
    slow_environment: dict[str, str],
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
) -> None:
    server = start_service(slow_environment)
    session = upload(f"{server}/upload_images", "images", photo_paths[:2])["session_id"]
    spec = SMALL | {"session_id": session, "duration": 8.0, "resolution": "1280x720"}
    jobs = [call(f"{server}/generate_video", spec)["job_id"] for _ in range(2)]
    for _ in range(2):
        start_worker(slow_environment)

    def both_run() -> bool:
        statuses = [call(f"{server}/job_status/{job}") for job in jobs]
        return all(status["status"] == "started" for status in statuses)

    wait_until(both_run)
    assert [finish(server, job)["status"] for job in jobs] == ["finished", "finished"]


def test_render_dies_with_its_worker(
    slow_environment: dict[str, str],
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
) -> None:
    server = start_service(slow_environment)
    start_worker(slow_environment)
    session = upload(f"{server}/upload_images", "images", photo_paths[:2])["session_id"]
    spec = {"session_id": session, "duration": 60.0, "resolution": "1280x720"}
    job = call(f"{server}/generate_video", spec)["job_id"]
    wait_until(lambda: call(f"{server}/job_status/{job}")["stage"] == "rendering")

    worker = find_worker()
    below = worker.children(recursive=True)
    worker.kill()
    wait_for_end(below)


def test_ffmpeg_dies_with_its_render(
    slow_environment: dict[str, str],
    start_service: StartServer,
    start_worker: Callable[..., None],
    video_path: Path,
) -> None:
    server = start_service(slow_environment)
    start_worker(slow_environment)
    source = upload(f"{server}/upload_video", "video", [video_path])
    order = {"session_id": source["session_id"], "source_id": source["source_id"]}
    lasts_seconds = {"speed": 0.25, "resolution": "1080x1920"}
    job = call(f"{server}/generate_clip", order | lasts_seconds)["job_id"]
    wait_until(lambda: bool(find_ffmpeg()))
    running = find_ffmpeg()  # pictures and sound have one each
    for ffmpeg in running:
        with suppress(psutil.NoSuchProcess):
            ffmpeg.suspend()

    os.kill(find_render().pid, signal.SIGKILL)

    wait_until(lambda: not any(ffmpeg.is_running() for ffmpeg in running))
    assert finish(server, job)["status"] == "finished"


def test_render_that_is_killed_is_restarted_at_once(
    slow_environment: dict[str, str],
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
) -> None:
    server = start_service(slow_environment)
    start_worker(slow_environment)
    job = order_long(server, photo_paths)
    reached = call(f"{server}/job_status/{job}")["progress"]

    find_render().kill()

    status = finish(server, job)
    assert (status["status"], status["attempts"]) == ("finished", 2)
    assert status["progress"] >= reached
    with Redis.from_url(slow_environment["REDIS_URL"]) as connection:
        assert not connection.exists(f"rq:job:{job}")


def test_progress_does_not_go_back_if_a_render_is_killed_whose_job_redis_has_lost(
    slow_environment: dict[str, str],
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
) -> None:
    server = start_service(slow_environment)
    start_worker(slow_environment)
    job = order_long(server, photo_paths)
    url = f"{server}/job_status/{job}"
    wait_until(lambda: call(url)["progress"] > 0)
    with Redis.from_url(slow_environment["REDIS_URL"]) as connection:
        connection.flushall()
        wait_until(lambda: connection.exists(f"rq:job:{job}") == 1)  # the render reports again
    reached = call(url)["progress"]

    find_render().kill()

    told = [call(url)]
    while "ended_at" not in told[-1]:
        time.sleep(0.05)
        told.append(call(url))
    assert told[-1]["status"] == "finished"
    assert min(each.get("progress", 100) for each in told) >= reached > 0


def test_worker_whose_redis_lost_its_data_is_counted_again(
    slow_environment: dict[str, str],
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
) -> None:
    server = start_service(slow_environment)
    start_worker(slow_environment)
    order_long(server, photo_paths)
    with Redis.from_url(slow_environment["REDIS_URL"]) as connection:
        (name,) = connection.smembers("rq:workers")
        for state in (b"busy", b"idle"):
            wait_until(lambda: connection.hget(name, "state") == state)  # noqa: B023  # it waits here
            connection.flushall()
            wait_until(lambda: call(f"{server}/health")["workers"] == 1)
            assert connection.smembers("rq:workers:default") == {name}
            assert connection.hget(name, "state") in (b"busy", b"idle")
            assert connection.hget(name, "queues") == b"high,default,low"


def test_render_that_is_killed_again_and_again_is_given_up(
    slow_environment: dict[str, str],
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
) -> None:
    server = start_service(slow_environment)
    start_worker(slow_environment)
    job = order_long(server, photo_paths)
    for attempt in range(1, MAX_RENDERS_BEGUN + 1):
        wait_until(lambda: is_rendering(server, job, attempt))  # noqa: B023  # it waits here
        find_render().kill()

    status = finish(server, job)
    assert (status["status"], status["attempts"]) == ("failed", MAX_RENDERS_BEGUN)
    assert status["error"] == KILLED_TOO_OFTEN


def list_worker_states(server: str) -> list[str]:
    told = HTTP.get(f"{server}/admin/workers", auth=OPERATOR).json()["workers"]
    return [each["state"] for each in told if each["role"] == "worker"]


def test_worker_that_is_told_to_stop_lets_its_render_end(
    slow_environment: dict[str, str],
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
) -> None:
    server = start_service(slow_environment | CREDENTIALS)
    start_worker(slow_environment | {"DRAIN_SECONDS": str(PATIENCE_SECONDS)})
    job = order_long(server, photo_paths)
    worker = find_worker()
    assert list_worker_states(server) == ["busy"]
    worker.terminate()

    wait_until(lambda: list_worker_states(server) == ["draining"])
    assert worker.wait(PATIENCE_SECONDS) == 0
    status = call(f"{server}/job_status/{job}")
    assert (status["status"], status["attempts"]) == ("finished", 1)


def test_render_and_stop_of_a_worker_are_told_as_before_once_redis_has_lost_its_data(
    slow_environment: dict[str, str],
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
) -> None:
    server = start_service(slow_environment | CREDENTIALS)
    start_worker(slow_environment | {"DRAIN_SECONDS": str(PATIENCE_SECONDS)})
    job = order_long(server, photo_paths, seconds=60.0, resolution="1920x1080", fps=60)
    find_worker().terminate()
    wait_until(lambda: list_worker_states(server) == ["draining"])
    with Redis.from_url(slow_environment["REDIS_URL"]) as connection:
        for times in (1, 2):
            connection.flushall()
            name = f"rq:job:{job}_{times}".encode()
            wait_until(lambda: connection.exists(name) == 1)  # noqa: B023  # it waits here
            wait_until(lambda: list_worker_states(server) == ["draining"])
            wait_until(lambda: call(f"{server}/job_status/{job}")["status"] == "started")
            jobs = call(f"{server}/health")["queue"]["jobs"]
            assert (jobs["started"], jobs["queued"]) == (1, 0)


def test_worker_that_has_no_time_gives_its_job_back_before_all_others(
    slow_environment: dict[str, str],
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
) -> None:
    server = start_service(slow_environment)
    start_worker(slow_environment | {"DRAIN_SECONDS": "0"})
    job = order_long(server, photo_paths, seconds=60.0)
    session = upload(f"{server}/upload_images", "images", photo_paths[:1])["session_id"]
    other = call(f"{server}/generate_video", SMALL | {"session_id": session})["job_id"]
    worker = find_worker()
    below = worker.children(recursive=True)

    worker.terminate()

    assert worker.wait(PATIENCE_SECONDS) == 0
    wait_for_end(below)
    waiting = call(f"{server}/job_status/{job}")
    assert (waiting["status"], waiting["queue_position"]) == ("queued", 1)
    assert call(f"{server}/job_status/{other}")["queue_position"] == 2
    start_worker(slow_environment)
    status = finish(server, job)
    assert (status["status"], status["attempts"]) == ("finished", 1)


def test_render_goes_on_while_redis_is_away(
    slow_environment: dict[str, str],
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
    tmp_path: Path,
) -> None:
    port = find_free_port()
    (tmp_path / "redis").mkdir()
    options = ["--port", str(port), "--dir", str(tmp_path / "redis"), "--appendonly", "yes"]
    environment = slow_environment | {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}
    server = ""
    with started(["redis-server", *options]) as redis:
        server = start_service(environment)
        start_worker(environment)
        job = order_long(server, photo_paths)
        time.sleep(1.2)  # what Redis may lose of its log when it is killed
        redis.kill()
        redis.wait()

        away = call(f"{server}/job_status/{job}")
        assert (away["status"], away["stale"]) == ("started", True)
        assert "progress" not in away
        refused = HTTP.post(f"{server}/job_retry/{job}")
        assert refused.status_code == 409
    with started(["redis-server", *options]):
        status = finish(server, job)
        assert (status["status"], status["attempts"]) == ("finished", 1)
        assert "stale" not in status


def test_render_goes_on_while_redis_hangs(
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
    tmp_path: Path,
) -> None:
    port = find_free_port()
    storage = (tmp_path / "data").as_uri()
    environment = {"REDIS_URL": f"redis://127.0.0.1:{port}/0", "STORAGE_URL": storage}
    with started(["redis-server", "--port", str(port), "--save", ""]) as redis:
        server = start_service(environment)
        start_worker(environment | {"RENDER_ENGINE": "x264"})
        job = order_long(server, photo_paths)
        psutil.Process(redis.pid).suspend()

        wait_until(lambda: bool(find_files(tmp_path / "data", "outcome.json")))

        psutil.Process(redis.pid).resume()
        status = call(f"{server}/job_status/{job}")
        assert (status["status"], status["attempts"]) == ("finished", 1)


def test_worker_says_once_that_redis_is_away(
    environment: dict[str, str],
    start_service: StartServer,
    tmp_path: Path,
) -> None:
    port = find_free_port()
    environment |= {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}
    log, before = tmp_path / "worker.log", 0

    def list_lines() -> list[str]:
        return log.read_text().splitlines()[before:]

    with log.open("wb") as file, ExitStack() as stack:
        redis = subprocess.Popen(["redis-server", "--port", str(port), "--save", ""])
        stack.callback(end, redis)
        server = start_service(environment)
        start_logged(environment, file, stack)
        wait_until(lambda: call(f"{server}/health")["workers"] == 1)
        before = len(log.read_text().splitlines())
        end(redis)
        start_logged(environment, file, stack)

        wait_until(lambda: len(list_lines()) >= 2)  # each worker tells it
        time.sleep(8)
        lines = list_lines()
    text = "\n".join(lines)
    assert "Redis" in text
    assert "Traceback" not in text
    assert len(lines) <= 10, text


def start_logged(environment: dict[str, str], log: IO[bytes], stack: ExitStack) -> None:
    command = [sys.executable, str(ROOT / "worker.py")]
    worker = subprocess.Popen(command, env=os.environ | environment, stderr=log)
    stack.callback(end, worker)


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@pytest.mark.parametrize("is_busy", [True, False])
def test_worker_stops_when_told_to_while_redis_is_away(
    slow_environment: dict[str, str],
    start_service: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
    is_busy: bool,
) -> None:
    port = find_free_port()
    environment = slow_environment | {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}
    with started(["redis-server", "--port", str(port), "--save", ""]) as redis:
        server = start_service(environment)
        start_worker(environment)
        if is_busy:
            order_long(server, photo_paths)
            find_render().kill()
        else:
            wait_until(lambda: call(f"{server}/health")["workers"] == 1)
        redis.kill()
        redis.wait()
    time.sleep(2)  # the worker finds out
    worker = find_worker()

    worker.terminate()

    assert worker.wait(PATIENCE_SECONDS) == 0


@pytest.mark.parametrize(
    ("fault", "left", "kept"),
    [
        (UnavailableError, 1, 1),
        (MemoryError, 3, 3),
        (MemoryError, 2, 0),  # once is enough
        (RenderMemoryError, 3, 3),
        (RenderMemoryError, 2, 0),
        (UnreadableMediaError, 3, 0),
        (RenderTimeoutError, 3, 0),
    ],
)
def test_only_faults_that_may_pass_are_tried_again(
    redis_url: str, fault: type[Exception], left: int, kept: int
) -> None:
    with Redis.from_url(redis_url) as connection:
        job = ReelJob("a", connection=connection)
        job.retries_left = left
        assert drop_useless_retries(job, fault)
    assert job.retries_left == kept


def order_long(server: str, photo_paths: list[Path], seconds: float = 20.0, **more: object) -> str:
    """Order a slideshow that takes some seconds, and wait until it is being rendered."""
    session = upload(f"{server}/upload_images", "images", photo_paths[:2])["session_id"]
    spec = {"session_id": session, "duration": seconds, "resolution": "1280x720", **more}
    job: str = call(f"{server}/generate_video", spec)["job_id"]
    wait_until(lambda: is_rendering(server, job, 1))
    return job


def is_rendering(server: str, job: str, attempt: int) -> bool:
    status = call(f"{server}/job_status/{job}")
    return bool((status["stage"], status["attempts"]) == ("rendering", attempt))


def find_render() -> psutil.Process:
    """Return the process that RQ forked for a job: it leads its own process group."""
    return next(child for child in find_worker().children() if os.getpgid(child.pid) == child.pid)


def find_ffmpeg() -> list[psutil.Process]:
    """Return the ffmpeg that the render has started, in a list; an empty one if there is none."""
    below = find_worker().children(recursive=True)
    return [child for child in below if child.name().startswith("ffmpeg")]


def find_worker() -> psutil.Process:
    return next(
        child
        for child in psutil.Process().children()
        if any(part.endswith("worker.py") for part in child.cmdline())
    )


def test_doctor_sees_a_worker_that_uses_another_storage(
    redis_url: str,
    tmp_path: Path,
    start_worker: Callable[..., None],
) -> None:
    ours = {"REDIS_URL": redis_url, "STORAGE_URL": (tmp_path / "ours").as_uri()}
    start_worker(ours)
    start_worker(ours | {"STORAGE_URL": (tmp_path / "theirs").as_uri()})

    def list_levels() -> list[str]:
        findings = examine(Settings.from_env(ours))
        return sorted(finding.level for finding in findings if finding.what == "workers")

    wait_until(lambda: list_levels() == ["ok", "problem"])
