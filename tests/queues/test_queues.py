"""The same tests for both queues, with real renders: by a worker, and in a child process."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest
from PIL import Image
from redis import Redis
from rq import Callback
from rq.job import Job as RQJob
from rq.serializers import JSONSerializer

from reelqueue.config import Settings
from reelqueue.errors import TOOK_TOO_LONG, BusyError, ConflictError, UnavailableError
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.model import Job, LiveState, Outcome, Record, Status
from reelqueue.jobs.priorities import Priority
from reelqueue.jobs.status import describe_job
from reelqueue.media.probing import Staged
from reelqueue.media.uploads import Media
from reelqueue.queues import inline
from reelqueue.queues.redis import RedisQueue
from reelqueue.queues.rq_job import ReelJob, open_rq_queue
from reelqueue.services import Services, open_services
from reelqueue.submission.accept import accept_request, cancel_job, retry_job
from reelqueue.submission.kinds.slideshow import SLIDESHOW, SlideshowRequest
from reelqueue.submission.state import refresh_record
from reelqueue.upkeep import recovery
from reelqueue.upkeep.recovery import Recovery
from tests.conftest import PATIENCE_SECONDS, find_free_port, started, wait_for_end, wait_until

OWNER = "owner"
SESSION = "5f0c6f6e-8d07-4c4f-9f8e-0f8f3c6f9a10"
SMALL = {"duration": 0.5, "transition_duration": 0.2, "resolution": "160x90", "fps": 15}
LONG = {"duration": 60.0, "resolution": "1280x720", "fps": 60}


class Bench:
    """One of the two queues, with a worker if it needs one."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._threads: list[threading.Thread] = []

    def accept(self, photos: list[Media], **spec: Any) -> Job:
        """Accept a slideshow without waiting for it, even if accepting it renders it."""
        job_id = str(uuid4())
        chosen = {"job_id": job_id, "photos": [{"id": photo.id} for photo in photos]}
        request = SlideshowRequest.model_validate({"session_id": SESSION, **chosen, **spec})
        self._run_aside(lambda: accept_request(self.services, OWNER, SLIDESHOW, request, None))
        wait_until(lambda: bool(self.services.store.read(f"jobs/{job_id}/job.json")))
        return self.services.ledger.read(job_id).job

    def retry(self, record: Record) -> None:
        self._run_aside(lambda: retry_job(self.services, record))
        wait_until(lambda: self.services.ledger.read(record.job.id).run > record.run)

    def wait(self, job: Job) -> Outcome:
        wait_until(lambda: self.services.ledger.read(job.id).outcome is not None)
        outcome = self.services.ledger.read(job.id).outcome
        assert outcome is not None
        return outcome

    def look(self, job: Job) -> LiveState:
        return self.services.queue.find_live(self.services.ledger.read(job.id))

    def count(self, state: str) -> int:
        return int(self.services.queue.describe_load()["jobs"].get(state, 0))

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _run_aside(self, call: Callable[[], object]) -> None:
        thread = threading.Thread(target=call)
        thread.start()
        self._threads.append(thread)


@pytest.fixture(params=["inline", "redis"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    # The still engine would finish before the test can look at the render.
    environment = {"STORAGE_URL": (tmp_path / "data").as_uri(), "RENDER_ENGINE": "x264"}
    if request.param == "redis":
        environment["REDIS_URL"] = request.getfixturevalue("redis_url")
    return environment


@pytest.fixture
def open_bench(
    environment: dict[str, str],
    fork_worker: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., Bench]]:
    benches = []

    def open_bench(**more: str) -> Bench:
        everything = environment | more
        for name, value in everything.items():
            monkeypatch.setenv(name, value)  # the inline queue's child reads it
        if "REDIS_URL" in everything:
            fork_worker(everything)
        benches.append(Bench(open_services(Settings.from_env(everything))))
        return benches[-1]

    yield open_bench
    for bench in benches:
        bench.join()


@pytest.fixture
def bench(open_bench: Callable[..., Bench]) -> Bench:
    return open_bench()


@pytest.fixture
def photos(bench: Bench, photo_paths: list[Path], tmp_path: Path) -> list[Media]:
    return upload(bench, photo_paths[:2], tmp_path)


def upload(bench: Bench, paths: list[Path], folder: Path) -> list[Media]:
    staged = [Staged(Path(shutil.copy(path, folder)), path.name) for path in paths]
    answers = bench.services.uploads.add(OWNER, SESSION, "photo", staged)
    assert all(isinstance(answer, Media) for answer in answers)
    return [answer for answer in answers if isinstance(answer, Media)]


def count_jobs(bench: Bench) -> int:
    return sum(entry.key.endswith("/job.json") for entry in bench.services.store.list("jobs"))


def find_renders(job: Job) -> list[psutil.Process]:
    """Find the render process: the one with the job's id, or the worker's that leads a group."""
    children = psutil.Process().children(recursive=True)
    by_name = [child for child in children if job.id in " ".join(child.cmdline())]
    return by_name or [child for child in children if os.getpgid(child.pid) == child.pid]


def test_queue_renders_what_is_submitted(bench: Bench, photos: list[Media]) -> None:
    job = bench.accept(photos, **SMALL)
    outcome = bench.wait(job)
    assert (outcome.status, outcome.error) == (Status.FINISHED, None)
    assert (outcome.attempts, outcome.progress) == (1, 100)
    assert outcome.output is not None
    assert outcome.output.facts["frames"] == 15
    stored = bench.services.store.find(outcome.output.main_file.key)
    assert stored is not None
    assert stored.size == outcome.output.facts["file_size"]


def test_queue_shows_progress_that_never_goes_back(bench: Bench, photos: list[Media]) -> None:
    job = bench.accept(photos, **(LONG | {"duration": 4.0}))
    seen = []
    while (record := bench.services.ledger.read(job.id)).outcome is None:
        live = bench.services.queue.find_live(record)
        if live.status is Status.STARTED:
            seen.append((live.progress, live.stage))
    bench.wait(job)
    percents = [percent for percent, _ in seen]
    assert percents == sorted(percents)
    assert any(0 < percent < 100 for percent in percents)
    assert "rendering" in {stage for _, stage in seen}


def test_order_whose_photo_is_gone_is_refused_and_nothing_of_it_is_kept(
    bench: Bench, photos: list[Media]
) -> None:
    bench.services.store.delete(photos[1].key)
    chosen = [{"id": photo.id} for photo in photos]
    request = SlideshowRequest.model_validate({"session_id": SESSION, "photos": chosen, **SMALL})
    with pytest.raises(ConflictError, match="deleted"):
        accept_request(bench.services, OWNER, SLIDESHOW, request, None)
    assert bench.services.ledger.marks.list_open() == []
    assert bench.services.store.list("jobs") == []


def test_queue_fails_a_job_whose_photo_is_damaged_and_names_the_photo(
    bench: Bench, photos: list[Media]
) -> None:
    whole = bench.services.store.read(photos[1].key)
    assert whole
    bench.services.store.write(photos[1].key, whole[: len(whole) // 2])
    outcome = bench.wait(bench.accept(photos, **SMALL))
    assert (outcome.status, outcome.attempts) == (Status.FAILED, 1)
    assert photos[1].name in str(outcome.error)


def test_queue_stops_a_render_that_is_cancelled(bench: Bench, photos: list[Media]) -> None:
    job = bench.accept(photos, **LONG)
    wait_until(lambda: bench.look(job).stage == "rendering")
    renders = find_renders(job)
    assert renders
    assert all(render.nice() > os.nice(0) for render in renders)
    cancel_job(bench.services, bench.services.ledger.read(job.id))
    assert bench.wait(job).status is Status.CANCELED
    wait_for_end(renders)
    assert not bench.services.store.list(f"jobs/{job.id}/outputs")
    wait_until(lambda: bench.count("started") == 0)
    wait_until(lambda: bench.count("failed") == 0)


def test_queue_runs_a_cancelled_job_again(bench: Bench, photos: list[Media]) -> None:
    job = bench.accept(photos, **(LONG | {"duration": 2.0}))
    wait_until(lambda: bench.look(job).status is Status.STARTED)
    cancel_job(bench.services, bench.services.ledger.read(job.id))
    cancelled = bench.services.ledger.read(job.id)
    assert cancelled.outcome is not None
    bench.retry(cancelled)
    assert bench.wait(job).status is Status.FINISHED
    wait_until(lambda: bench.count("failed") == 0)


def test_queue_ends_a_render_that_takes_too_long(
    open_bench: Callable[..., Bench], photo_paths: list[Path], tmp_path: Path
) -> None:
    bench = open_bench(JOB_TIMEOUT_SECONDS="1")
    job = bench.accept(upload(bench, photo_paths[:2], tmp_path), **LONG)
    outcome = bench.wait(job)
    assert (outcome.status, outcome.attempts) == (Status.FAILED, 1)
    assert outcome.error == TOOK_TOO_LONG


def test_queue_gives_the_same_status_shape(bench: Bench, photos: list[Media]) -> None:
    job = bench.accept(photos, **SMALL)
    bench.wait(job)
    record = bench.services.ledger.read(job.id)
    assert set(describe_job(record, LiveState())) == {
        "job_id",
        "kind",
        "status",
        "stage",
        "progress",
        "message",
        "attempts",
        "created_at",
        "started_at",
        "ended_at",
        "result",
    }


@pytest.mark.parametrize("environment", ["inline"], indirect=True)
def test_inline_queue_refuses_more_renders_than_it_may_run(
    bench: Bench, photos: list[Media]
) -> None:
    job = bench.accept(photos, **LONG)
    wait_until(lambda: bench.look(job).status is Status.STARTED)
    request = SlideshowRequest.model_validate({"session_id": SESSION})
    seen = []
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(accept_request, bench.services, OWNER, SLIDESHOW, request, "second")
        while not asked.done():
            seen.append(count_jobs(bench))
    with pytest.raises(BusyError, match="busy") as caught:
        asked.result()
    assert caught.value.retry_after > 0
    assert set(seen) == {1}  # the refused job was never visible
    cancel_job(bench.services, bench.services.ledger.read(job.id))


@pytest.mark.usefixtures("photos")
@pytest.mark.parametrize("environment", ["inline"], indirect=True)
def test_inline_render_outlives_a_storage_that_is_silent_for_a_moment(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, asked = bench.services.ledger, []

    def fail_twice(job_id: str, run: int) -> bool:
        asked.append(job_id)
        if len(asked) <= 2:
            raise UnavailableError("The storage does not answer right now.")
        return Ledger.has_ended(ledger, job_id, run)

    monkeypatch.setattr(ledger, "has_ended", fail_twice)
    request = SlideshowRequest.model_validate({"session_id": SESSION, **LONG, "duration": 1.0})
    record = accept_request(bench.services, OWNER, SLIDESHOW, request, None)
    assert len(asked) > 2
    assert record.outcome is not None
    assert record.outcome.status is Status.FINISHED


@pytest.mark.parametrize("environment", ["inline"], indirect=True)
def test_inline_job_whose_web_process_died_is_rendered_by_another(
    open_bench: Callable[..., Bench],
    photo_paths: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Another process takes the run over although ours is alive, and finishes first."""
    bench = open_bench(INLINE_RENDERS="2")  # our process keeps its slot
    photos = upload(bench, photo_paths[:2], tmp_path)
    job = bench.accept(photos, **LONG | {"duration": 1.0})
    wait_until(lambda: bench.look(job).stage == "rendering")
    find_renders(job)[0].suspend()
    other = open_services(bench.services.settings)
    watching = Recovery(other)
    monkeypatch.setattr(recovery, "PATIENCE_SECONDS", 0)
    # As if the last heartbeat were long ago.
    monkeypatch.setattr(inline, "HEARTBEAT_SECONDS", 3600)
    monkeypatch.setattr(inline, "HEARTBEAT_TIMEOUT_SECONDS", 0)
    wait_until(lambda: bench.look(job).status is Status.QUEUED)
    for _ in range(2):
        watching.step()

    outcome = bench.wait(job)
    assert (outcome.status, outcome.attempts) == (Status.FINISHED, 1)
    assert len(bench.services.store.list(f"jobs/{job.id}/outputs")) == 2  # a video, a poster


@pytest.mark.parametrize("environment", ["redis"], indirect=True)
def test_jobs_of_a_service_that_gave_up_redis_are_rendered_without_it(
    environment: dict[str, str],
    photo_paths: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    before = Bench(open_services(Settings.from_env(environment)))
    job = before.accept(upload(before, photo_paths[:2], tmp_path), **SMALL)
    before.join()
    del environment["REDIS_URL"]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    after = Bench(open_services(Settings.from_env(environment)))
    watching = Recovery(after.services)
    monkeypatch.setattr(recovery, "PATIENCE_SECONDS", 0)
    monkeypatch.setattr(inline, "HEARTBEAT_TIMEOUT_SECONDS", 0)
    for _ in range(2):
        watching.step()
    assert after.wait(job).status is Status.FINISHED


@pytest.mark.parametrize("environment", ["redis"], indirect=True)
def test_redis_queue_counts_the_jobs_ahead(
    environment: dict[str, str], photo_paths: list[Path], tmp_path: Path
) -> None:
    bench = Bench(open_services(Settings.from_env(environment)))  # without a worker
    photos = upload(bench, photo_paths[:1], tmp_path)
    waiting = [bench.accept(photos, priority=priority) for priority in ["default", "low", "high"]]
    bench.join()
    assert [bench.look(job).queue_position for job in waiting] == [2, 3, 1]


@pytest.mark.parametrize("environment", ["redis"], indirect=True)
def test_redis_keeps_nothing_of_a_job_that_is_cancelled_while_it_waits(
    environment: dict[str, str], photo_paths: list[Path], tmp_path: Path
) -> None:
    bench = Bench(open_services(Settings.from_env(environment)))  # without a worker
    job = bench.accept(upload(bench, photo_paths[:1], tmp_path))
    bench.join()
    cancel_job(bench.services, bench.services.ledger.read(job.id))
    with Redis.from_url(environment["REDIS_URL"]) as connection:
        assert not [key for key in connection.scan_iter() if job.id.encode() in key]
        assert open_rq_queue(str(Priority.DEFAULT), connection).count == 0


@pytest.mark.parametrize("environment", ["redis"], indirect=True)
def test_redis_keeps_nothing_of_a_job_that_is_cancelled_while_a_worker_takes_it(
    environment: dict[str, str], photo_paths: list[Path], tmp_path: Path
) -> None:
    bench = Bench(open_services(Settings.from_env(environment)))
    job = bench.accept(upload(bench, photo_paths[:1], tmp_path))
    bench.join()
    with started(
        [sys.executable, "-m", "tests.canceling_worker", "--burst"], environment
    ) as worker:
        assert worker.wait(PATIENCE_SECONDS) == 0
    assert bench.wait(job).status is Status.CANCELED
    with Redis.from_url(environment["REDIS_URL"]) as connection:
        assert not [key for key in connection.scan_iter() if job.id.encode() in key]
        assert open_rq_queue(str(Priority.DEFAULT), connection).scheduled_job_registry.count == 0


@pytest.mark.parametrize("environment", ["redis"], indirect=True)
def test_redis_queue_is_unavailable_and_keeps_nothing_while_redis_is_away(
    environment: dict[str, str], photo_paths: list[Path], tmp_path: Path
) -> None:
    environment["REDIS_URL"] = f"redis://127.0.0.1:{find_free_port()}/0"
    bench = Bench(open_services(Settings.from_env(environment)))
    upload(bench, photo_paths[:1], tmp_path)
    request = SlideshowRequest.model_validate({"session_id": SESSION})
    with pytest.raises(UnavailableError):
        accept_request(bench.services, OWNER, SLIDESHOW, request, None)
    assert count_jobs(bench) == 0


def spring_trap(job: RQJob, *_: object) -> None:
    """A function that an attacker with access to Redis would have the worker call."""
    Path(str(job.description)).touch()


def test_job_that_another_program_spoiled_in_redis_keeps_its_status(
    tmp_path: Path, redis_url: str
) -> None:
    settings = {"STORAGE_URL": (tmp_path / "data").as_uri(), "REDIS_URL": redis_url}
    bench = Bench(open_services(Settings.from_env(settings)))
    queue = bench.services.queue
    assert isinstance(queue, RedisQueue)
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (64, 64)).save(tmp_path / "red.png")
    photos = upload(bench, [tmp_path / "red.png"], tmp_path / "photos")
    for name, value in [
        ("meta", b"\xff not JSON"),
        ("meta", b'{"progress": 1000000, "attempts": -1, "queue_position": 0}'),
        ("meta", b"[1]"),
        ("status", b"dancing"),
        ("created_at", b"yesterday"),
        ("timeout", b"x"),
        ("origin", b"elsewhere"),
        ("description", b"\xff"),
        ("retry_intervals", b"{"),
    ]:
        job = bench.accept(photos)
        bench.join()
        queue.connection.hset(ReelJob.key_for(job.id), name, value)
        record, live = refresh_record(bench.services, bench.services.ledger.read(job.id))
        status = describe_job(record, live)
        assert (status["status"], status["progress"]) == ("queued", 0)
        cancel_job(bench.services, record)


@pytest.mark.parametrize("environment", ["redis"], indirect=True)
def test_worker_runs_nothing_but_our_tasks(
    bench: Bench, environment: dict[str, str], tmp_path: Path
) -> None:
    trap, second_trap = tmp_path / "trap", tmp_path / "second"
    spring = Callback(f"{__name__}.{spring_trap.__name__}")
    with Redis.from_url(environment["REDIS_URL"]) as connection:
        queue = open_rq_queue(str(Priority.DEFAULT), connection)
        job = queue.enqueue(
            "os.mkdir", str(trap), job_id="trap", description=str(second_trap), on_failure=spring
        )
        wait_until(lambda: job.get_status() == "failed")
        failed = RQJob.fetch("trap", connection=connection, serializer=JSONSerializer)
        result = failed.latest_result()
    assert result is not None
    assert "not a task of Reelqueue" in str(result.exc_string)
    assert not trap.exists()
    assert not second_trap.exists()
    assert bench.services.queue.describe_load()["ok"]


@pytest.mark.parametrize("environment", ["redis"], indirect=True)
def test_worker_fails_bad_input_in_rq_too_and_spends_no_retry_on_it(
    bench: Bench, photos: list[Media], environment: dict[str, str]
) -> None:
    bench.services.store.write(photos[0].key, b"no photo any more")
    job = bench.accept(photos, **SMALL)
    bench.wait(job)
    with Redis.from_url(environment["REDIS_URL"]) as connection:
        stored = ReelJob.fetch(job.id, connection=connection, serializer=JSONSerializer)
        wait_until(lambda: stored.get_status() == "failed")
        queue = open_rq_queue(str(Priority.DEFAULT), connection)
        wait_until(lambda: job.id in queue.failed_job_registry)
        assert queue.scheduled_job_registry.count == 0


@pytest.mark.parametrize("environment", ["redis"], indirect=True)
def test_redis_queue_puts_only_ids_into_redis(
    environment: dict[str, str], photo_paths: list[Path], tmp_path: Path
) -> None:
    bench = Bench(open_services(Settings.from_env(environment)))
    job = bench.accept(upload(bench, photo_paths[:1], tmp_path))
    bench.join()
    with Redis.from_url(environment["REDIS_URL"]) as connection:
        stored = ReelJob.fetch(job.id, connection=connection, serializer=JSONSerializer)
        assert stored.args == [job.id, 1, 0]
        assert stored.retries_left == 3
        assert stored.retry_intervals == [60, 120, 240]
