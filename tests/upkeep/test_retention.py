"""Retention: what is deleted, what is kept, and what happens to requests during a deletion."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.config import Settings
from reelqueue.errors import ConflictError, NotFoundError
from reelqueue.jobs.model import EndStatus, Job, Outcome, Status, now
from reelqueue.jobs.output import Output, OutputFile
from reelqueue.jobs.priorities import Priority
from reelqueue.media.upload_keys import find_deletion_key
from reelqueue.services import Services, open_services
from reelqueue.storage import Entry
from reelqueue.submission.accept import retry_job
from reelqueue.upkeep.recovery import Recovery
from reelqueue.upkeep.retention.folders import (
    choose_jobs,
    choose_sessions,
    find_end,
    group_entries,
)
from reelqueue.upkeep.retention.sweep import Retention
from tests.conftest import StartServer, wait_until

HOURS = 24
OLD = timedelta(hours=HOURS + 1)
SESSION = "sessions/me/holiday"
PHOTO = f"{SESSION}/uploads/beach/original.jpg"


# --- choosing -----------------------------------------------------------------------------------

NOW = now()
AGES = st.integers(0, 20).map(lambda hours: NOW - timedelta(hours=hours))
JOB_NAMES = st.sampled_from(
    [
        "job.json",
        "outputs/x/video.mp4",
        "outputs/y/video.mp4",
        *(f"runs/{run}/{name}" for run in (1, 2, 10) for name in ("start.json", "outcome.json")),
        "runs/1/begun/0",
    ]
)
JOBS = st.dictionaries(st.tuples(st.sampled_from("abc"), JOB_NAMES), AGES)
SESSIONS = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["leaving", "uploads/m/a", "uploads/n/b"])),
    AGES,
)
MOMENTS = st.integers(1, 20).map(lambda hours: NOW - timedelta(hours=hours))


def to_entries(root: str, files: dict[tuple[str, str], datetime]) -> list[Entry]:
    return [Entry(f"{root}/{id_}/{name}", 1, moment, None) for (id_, name), moment in files.items()]


@given(files=JOBS, before=MOMENTS, remains_before=MOMENTS)
def test_no_job_is_chosen_that_runs_or_that_ended_lately(
    files: dict[tuple[str, str], datetime], before: datetime, remains_before: datetime
) -> None:
    chosen = choose_jobs(group_entries(to_entries("jobs", files), 2), before, remains_before)
    for job_id in {job_id for job_id, _ in files}:
        mine = {name: moment for (id_, name), moment in files.items() if id_ == job_id}
        latest = max((int(name.split("/")[1]) for name in mine if "runs/" in name), default=1)
        ended = mine.get(f"runs/{latest}/outcome.json")
        if "job.json" in mine:
            assert (f"jobs/{job_id}" in chosen) == (ended is not None and ended < before)
        else:
            assert (f"jobs/{job_id}" in chosen) == (max(mine.values()) < remains_before)


@given(files=SESSIONS, before=MOMENTS, used=st.sets(st.sampled_from("abc")))
def test_no_session_is_chosen_that_is_young_or_in_use(
    files: dict[tuple[str, str], datetime], before: datetime, used: set[str]
) -> None:
    entries = to_entries("sessions/me", files)
    folders = group_entries(entries, 3)
    in_use = {f"sessions/me/{name}" for name in used}
    chosen = choose_sessions(folders, before, in_use)
    assert in_use.isdisjoint(chosen)
    uploads = [entry for entry in entries if "/uploads/" in entry.key]
    young = {"/".join(file.key.split("/")[:3]) for file in uploads if file.modified >= before}
    assert set(chosen) == set(folders) - in_use - young


def test_end_of_a_job_is_that_of_its_latest_run() -> None:
    names = ["outcome.json", "start.json"]
    first = [Entry(f"jobs/a/runs/9/{name}", 1, NOW, None) for name in names]
    assert find_end(first) == find_end(first[::-1]) == NOW
    second = [*first, Entry("jobs/a/runs/10/start.json", 1, NOW, None)]
    assert find_end(second) is None
    assert find_end([Entry("jobs/a", 1, NOW, None), Entry("jobs/a/job.json", 1, NOW, None)]) is None


# --- sweeping -----------------------------------------------------------------------------------


class Stock:
    """A storage whose files can be made older, and jobs to put there."""

    def __init__(self, services: Services, folder: Path) -> None:
        self.services = services
        self.folder = folder

    def age(self, prefix: str, by: timedelta = OLD) -> None:
        moment = (now() - by).timestamp()
        root = self.folder / prefix
        for path in [root, *root.rglob("*")]:
            if path.is_file():
                os.utime(path, (moment, moment))

    def upload(self, session: str = SESSION, media: str = "beach") -> str:
        for name in ("media.json", "original.jpg", "thumb.jpg"):
            self.services.store.write(f"{session}/uploads/{media}/{name}", b"x")
        return f"{session}/uploads/{media}/original.jpg"

    def accept(self, job_id: str, key: str = PHOTO) -> None:
        photos = [{"key": key, "name": "beach.jpg"}]
        work = {"kind": "slideshow", "spec": {}, "photos": photos}
        job = Job(
            id=job_id,
            owner="me",
            created_at=now(),
            priority=Priority.DEFAULT,
            request_hash="h",
            estimated_seconds=1,
            work=work,
        )
        self.services.ledger.accept(job)

    def end(self, job_id: str, status: EndStatus, token: str = "t") -> None:
        run = self.services.ledger.read(job_id).run
        self.render(job_id, token)
        folder = f"jobs/{job_id}/outputs/{token}"
        names = {"video": "video.mp4", "poster": "poster.jpg"}
        files = {name: OutputFile(key=f"{folder}/{file}") for name, file in names.items()}
        output = Output(files=files, facts={})
        outcome = Outcome(
            status=status,
            ended_at=now(),
            output=output if status is Status.FINISHED else None,
        )
        self.services.ledger.end(job_id, run, outcome)

    def render(self, job_id: str, token: str) -> None:
        for name in ("video.mp4", "poster.jpg"):
            self.services.store.write(f"jobs/{job_id}/outputs/{token}/{name}", b"x")

    def sweep(self) -> None:
        Retention(self.services).sweep()

    def list_keys(self, prefix: str = "") -> list[str]:
        """Return all keys but those of the statistics, which nothing sweeps."""
        keys = [entry.key for entry in self.services.store.list(prefix)]
        return [key for key in keys if not key.startswith("statistics/")]


@pytest.fixture(params=["inline", "redis"])
def stock(request: pytest.FixtureRequest, tmp_path: Path) -> Stock:
    return open_stock(request, tmp_path, HOURS)


def open_stock(request: pytest.FixtureRequest, tmp_path: Path, hours: int) -> Stock:
    folder = tmp_path / "data"
    settings = {"STORAGE_URL": folder.as_uri(), "RETENTION_HOURS": str(hours)}
    if getattr(request, "param", "redis") == "redis":
        settings["REDIS_URL"] = request.getfixturevalue("redis_url")
    return Stock(open_services(Settings.from_env(settings)), folder)


@pytest.mark.parametrize("status", [Status.FINISHED, Status.FAILED, Status.CANCELED])
def test_old_job_is_deleted_with_all_that_is_its(stock: Stock, status: EndStatus) -> None:
    stock.accept("a")
    stock.end("a", status)
    stock.services.ledger.logs.add("a", 1, "log")
    stock.sweep()
    assert stock.services.ledger.read("a").outcome

    stock.age("jobs/a")
    stock.sweep()

    assert stock.list_keys() == []
    with pytest.raises(NotFoundError, match="There is no job a"):
        stock.services.ledger.read("a")


def test_job_is_as_old_as_its_end_and_not_as_its_order(stock: Stock) -> None:
    stock.accept("a")
    stock.age("jobs/a")
    stock.end("a", Status.FINISHED)
    before = stock.list_keys()
    stock.sweep()
    assert stock.list_keys() == before


def test_job_that_was_run_again_stays(stock: Stock) -> None:
    stock.accept("a")
    stock.end("a", Status.FAILED)
    stock.age("jobs/a")
    stock.services.ledger.start_again(stock.services.ledger.read("a"))
    stock.sweep()
    assert (
        stock.services.ledger.read("a").run,
        stock.services.ledger.marks.list_open()[0].run,
    ) == (2, 2)


def test_work_of_given_up_attempts_goes_when_their_job_has_ended(stock: Stock) -> None:
    for job_id in "abc":
        stock.accept(job_id)
        stock.render(job_id, "given-up")
    stock.sweep()
    assert len([key for key in stock.list_keys() if "given-up" in key]) == 6

    stock.end("a", Status.FINISHED)
    stock.end("b", Status.CANCELED)
    sweeper = Retention(stock.services)
    sweeper.sweep()
    kept = {key.rsplit("/", 1)[0] for key in stock.list_keys() if "/outputs/" in key}
    assert kept == {"jobs/a/outputs/t", "jobs/c/outputs/given-up"}

    stock.render("a", "late")
    sweeper.sweep()
    kept = {key.rsplit("/", 1)[0] for key in stock.list_keys("jobs/a/outputs")}
    assert kept == {"jobs/a/outputs/t"}


def test_old_session_is_deleted_whole_and_no_other(stock: Stock) -> None:
    stock.upload()
    stock.upload("sessions/me/other")
    stock.upload("sessions/you/holiday")
    stock.age(SESSION)
    stock.sweep()
    assert {key.rsplit("/", 3)[0] for key in stock.list_keys("sessions")} == {
        "sessions/me/other",
        "sessions/you/holiday",
    }


def test_reservation_of_a_killed_process_is_deleted_and_no_other(stock: Stock) -> None:
    for key in ("owners/me/300-a", "sessions/me/s/300-b"):
        stock.services.store.write(f"reserved/{key}", b"")
    stock.age("reserved")
    with stock.services.quota.reserve_session("me", "s", 40):
        stock.sweep()
        (kept,) = stock.list_keys("reserved")
        assert kept.startswith("reserved/sessions/me/s/40-")


def test_session_stays_while_anything_in_it_is_young(stock: Stock) -> None:
    stock.upload()
    stock.age(SESSION)
    stock.upload(media="hills")
    before = stock.list_keys()
    stock.sweep()
    assert stock.list_keys() == before


def test_session_stays_while_a_job_that_has_not_ended_reads_it(stock: Stock) -> None:
    stock.accept("a", stock.upload())
    stock.age("sessions")
    stock.age("jobs")
    stock.age("open")
    before = stock.list_keys()
    stock.sweep()
    assert stock.list_keys() == before

    stock.end("a", Status.FINISHED)
    stock.sweep()
    assert stock.list_keys("sessions") == []


def test_session_of_a_job_that_the_list_of_open_runs_lacks_stays(stock: Stock) -> None:
    stock.accept("a", stock.upload())
    stock.services.ledger.marks.close("a", 1)
    stock.age("sessions")
    stock.sweep()
    assert stock.services.store.find(PHOTO)


def test_order_that_comes_during_a_sweep_keeps_its_files_or_is_told(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Try all moments: each call of the storage that the sweep makes."""
    stock.accept("probe", stock.upload())
    stock.services.ledger.withdraw(stock.services.ledger.read("probe"))
    answers = set()
    for moment in range(1, 40):
        stock.upload()
        stock.age(SESSION)
        job_id = f"job-{moment}"
        taken = interrupt(stock, monkeypatch, moment, partial(order, stock, job_id))
        stock.sweep()
        monkeypatch.undo()
        if not taken:
            break
        kept = stock.services.store.find(PHOTO) is not None
        assert kept or not taken[0]
        answers.add(taken[0])
        if taken[0]:
            stock.services.ledger.withdraw(stock.services.ledger.read(job_id))
    assert answers == {True, False}


def order(stock: Stock, job_id: str) -> bool:
    """Accept a job as the web does, and tell whether it was taken."""
    stock.accept(job_id)
    try:
        stock.services.uploads.check_available([PHOTO])
    except ConflictError:
        stock.services.ledger.withdraw(stock.services.ledger.read(job_id))
        return False
    return True


def interrupt(
    stock: Stock, monkeypatch: pytest.MonkeyPatch, moment: int, call: Callable[[], bool]
) -> list[bool]:
    """Make a call before the storage is asked for the `moment`-th time; its answer appears."""
    answers: list[bool] = []
    count = 0

    def wrap(original: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*arguments: object) -> object:
            nonlocal count
            count += 1
            if count == moment:
                answers.append(call())
            return original(*arguments)

        return wrapped

    store = stock.services.store
    for name in ("list", "find", "read", "write", "create", "delete"):
        monkeypatch.setattr(store, name, wrap(getattr(store, name)))
    return answers


def test_retry_that_comes_during_a_sweep_is_kept_or_told(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = set()
    for moment in range(1, 40):
        job_id = f"job-{moment}"
        stock.accept(job_id)
        stock.end(job_id, Status.FAILED)
        stock.age(f"jobs/{job_id}")
        taken = interrupt(stock, monkeypatch, moment, partial(again, stock, job_id))
        stock.sweep()
        monkeypatch.undo()
        if not taken:
            break
        left = stock.list_keys(f"jobs/{job_id}")
        assert (f"jobs/{job_id}/job.json" in left) == taken[0]
        answers.add(taken[0])
        if taken[0]:
            assert [run[:2] for run in stock.services.ledger.marks.list_open()] == [(job_id, 2)]
            stock.services.store.delete(*stock.list_keys())
        else:
            assert left == []
            assert stock.services.ledger.marks.list_failed() == []
    assert answers == {True, False}


def again(stock: Stock, job_id: str) -> bool:
    try:
        stock.services.ledger.start_again(stock.services.ledger.read(job_id))
    except (NotFoundError, ConflictError):
        return False
    return True


@pytest.mark.parametrize("step", range(1, 12))
def test_sweep_that_was_cut_off_is_completed_by_the_next(
    stock: Stock, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    stock.upload()
    stock.accept("a", "sessions/me/other/uploads/m/original.jpg")
    stock.end("a", Status.FINISHED)
    stock.age("sessions")
    stock.age("jobs")
    deleted = 0

    def die(*keys: str) -> None:
        nonlocal deleted
        deleted += 1
        if deleted == step:
            raise KeyboardInterrupt
        original(*keys)

    original = stock.services.store.delete
    monkeypatch.setattr(stock.services.store, "delete", die)
    try:
        stock.sweep()
    except KeyboardInterrupt:
        monkeypatch.undo()
        stock.age("jobs")
        stock.age("owners")
        stock.sweep()
    assert stock.list_keys() == []


def test_sweep_that_dies_while_it_forgets_a_failed_job_loses_nothing(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock.accept("a")
    stock.end("a", Status.FAILED)
    ledger = stock.services.ledger
    record = ledger.read("a")
    monkeypatch.setattr(stock.services.store, "list", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ledger.forget(record)
    monkeypatch.undo()
    assert [run[:2] for run in ledger.marks.list_open()] == [("a", 2)]
    assert ledger.read("a").run == 2


def test_sweep_stops_between_two_files_when_another_leads(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock.upload()
    stock.age(SESSION)
    answers = iter([True, True, False])
    monkeypatch.setattr(stock.services.queue, "acquire_leadership", lambda: next(answers))
    stock.sweep()
    assert len([key for key in stock.list_keys(SESSION) if "/uploads/" in key]) == 2


def test_who_does_not_lead_deletes_nothing(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    stock.upload()
    stock.age(SESSION)
    monkeypatch.setattr(stock.services.queue, "acquire_leadership", lambda: False)
    stock.sweep()
    assert len(stock.list_keys(SESSION)) == 3


def test_sweep_and_recovery_lead_together(stock: Stock) -> None:
    """Each is a thread of the process that leads."""
    Recovery(stock.services).step()
    stock.upload()
    stock.age(SESSION)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(stock.sweep).result()
    assert stock.list_keys("sessions") == []


def test_mark_of_a_session_that_is_needed_after_all_is_taken_away(stock: Stock) -> None:
    stock.upload()
    stock.services.uploads.announce_deletion(SESSION)
    with pytest.raises(ConflictError):
        stock.services.uploads.check_available([PHOTO])
    stock.sweep()
    assert stock.services.store.find(find_deletion_key(SESSION)) is None
    stock.services.uploads.check_available([PHOTO])


def test_note_of_a_result_goes_when_nobody_has_asked_for_it_for_long(stock: Stock) -> None:
    for name in ("old", "young"):
        stock.services.store.write(f"renders/{name}", b"x")
    stock.age("renders/old")
    stock.sweep()
    assert stock.list_keys() == ["renders/young"]


def test_part_of_a_video_goes_when_it_was_drawn_long_ago(stock: Stock) -> None:
    for name in ("old", "young"):
        stock.services.store.write(f"parts/sessions/anyone/s/{name}", b"x")
    stock.age("parts/sessions/anyone/s/old")
    stock.sweep()
    assert stock.list_keys() == ["parts/sessions/anyone/s/young"]


@pytest.mark.redis
def test_nothing_but_parts_gets_old_where_files_are_kept_for_ever(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    stock = open_stock(request, tmp_path, 0)
    stock.upload()
    stock.accept("a")
    stock.end("a", Status.FINISHED)
    stock.render("a", "given-up")
    stock.services.store.write("renders/x", b"x")
    stock.services.store.write("parts/a/x", b"x")
    for prefix in ("jobs", "sessions", "renders", "parts"):
        stock.age(prefix, timedelta(days=9999))
    stock.sweep()
    assert stock.services.store.find(PHOTO)
    assert stock.services.store.find("renders/x")
    assert not stock.services.store.find("parts/a/x")  # which can be drawn again
    assert stock.list_keys("jobs/a/outputs") == [
        "jobs/a/outputs/t/poster.jpg",
        "jobs/a/outputs/t/video.mp4",
    ]


def test_retry_of_a_job_whose_uploads_are_gone_says_so_and_changes_nothing(stock: Stock) -> None:
    stock.accept("a", stock.upload())
    stock.end("a", Status.FAILED)
    stock.age("sessions")
    stock.sweep()
    record = stock.services.ledger.read("a")
    with pytest.raises(ConflictError, match="have been deleted: upload them again"):
        retry_job(stock.services, record)
    assert stock.services.ledger.read("a") == record
    assert stock.services.ledger.marks.list_failed() == ["a"]
    assert stock.services.ledger.marks.list_open() == []


def test_settings_of_the_service_are_never_swept(stock: Stock) -> None:
    stock.services.store.identify()
    stock.services.store.write("settings/secret_key", b"x")
    stock.age("settings")
    before = stock.list_keys("settings")
    stock.sweep()
    assert stock.list_keys("settings") == before
    assert len(before) == 2


@pytest.mark.parametrize("mode", ["inline", "redis"])
def test_service_deletes_what_is_a_week_old_as_it_is_deployed(
    mode: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    start_server: StartServer,
    start_worker: Callable[..., None],
) -> None:
    stock = open_stock(request, tmp_path, HOURS)
    stock.upload()
    stock.upload("sessions/me/young")
    stock.age(SESSION, timedelta(days=8))
    stock.age("sessions/me/young", timedelta(days=6))
    if mode == "inline":
        start_server()
    else:
        start_worker({"REDIS_URL": str(stock.services.settings.redis_url)})
    wait_until(lambda: len(stock.list_keys("sessions")) == 3)
    assert all(key.startswith("sessions/me/young/") for key in stock.list_keys("sessions"))
