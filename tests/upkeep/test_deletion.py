"""What owners delete, while everything else goes on, and when the deletion is cut off."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from redis import Redis

from reelqueue.errors import ConflictError, NotFoundError, ReusedKeyError
from reelqueue.jobs.model import EndStatus, LiveState, Outcome, Status
from reelqueue.jobs.output import Output, OutputFile
from reelqueue.submission.accept import cancel_job
from reelqueue.submission.result_cache import note_rendered
from reelqueue.upkeep.recovery import Recovery, requeue_run
from reelqueue.upkeep.retention.deletion import delete_job, delete_session
from tests.upkeep.test_retention import (
    PHOTO,
    SESSION,
    Stock,
    again,
    interrupt,
    open_stock,
    order,
)

ENDS: list[EndStatus] = [Status.FINISHED, Status.FAILED, Status.CANCELED]


@pytest.fixture(params=["inline", "redis"])
def stock(request: pytest.FixtureRequest, tmp_path: pytest.TempPathFactory) -> Stock:
    return open_stock(request, tmp_path, 24)  # type: ignore[arg-type]


def list_left(stock: Stock, job_id: str) -> list[str]:
    """Return all keys that name a job, but for the mark that it was deleted."""
    return [
        key for key in stock.list_keys() if job_id in key.split("/", 1)[1] and key[:7] != "deleted"
    ]


def begin(stock: Stock, job_id: str, status: EndStatus | None) -> None:
    """Accept a job, give it to the queue, and end it unless the status is None."""
    stock.accept(job_id)
    if status is None:
        stock.render(job_id, "unfinished")
    else:
        stock.services.ledger.logs.add(job_id, 1, "log")
        stock.end(job_id, status)


def test_deleted_job_that_was_planned_late_leaves_no_note_of_its_result(stock: Stock) -> None:
    services = stock.services
    stock.accept("planned")
    job = services.ledger.read("planned").job
    photo = {"key": PHOTO, "name": "beach.jpg", "digest": "d"}
    work = {"kind": job.kind, "spec": {}, "photos": [photo]}
    draft = {"kind": job.kind, "draft": {"request": {}, "sources": [photo]}}
    late = job.model_copy(update={"id": "late", "work": draft})
    services.ledger.accept(late)
    services.store.write("jobs/late/work.json", json.dumps(work).encode())
    output = Output(files={"video": OutputFile(key="jobs/late/outputs/t/v.mp4")}, facts={})
    note_rendered(services, late.model_copy(update={"work": work}), output)
    stock.end("late", Status.FINISHED)
    assert stock.list_keys("renders")
    delete_job(services, "late")
    assert stock.list_keys("renders") == []


@pytest.mark.parametrize("status", [None, *ENDS])
def test_deleted_job_leaves_nothing(stock: Stock, status: EndStatus | None) -> None:
    begin(stock, "gone", status)
    stock.accept("kept")
    delete_job(stock.services, "gone")
    assert list_left(stock, "gone") == []
    with pytest.raises(NotFoundError):
        stock.services.ledger.read("gone")
    assert stock.services.ledger.read("kept").outcome is None
    assert stock.services.ledger.marks.list_open()[0].job_id == "kept"


def test_deleted_job_leaves_nothing_in_redis(
    request: pytest.FixtureRequest, redis_url: str, tmp_path: pytest.TempPathFactory
) -> None:
    stock = open_stock(request, tmp_path, 24)  # type: ignore[arg-type]
    services = stock.services
    stock.accept("gone")
    services.queue.submit(services.ledger.read("gone"))
    requeue_run(services, services.ledger.read("gone"), LiveState(), is_attempt=False)
    cancel_job(services, services.ledger.read("gone"))
    services.queue.submit(services.ledger.start_again(services.ledger.read("gone")))
    with Redis.from_url(redis_url) as connection:
        assert connection.llen("rq:queue:default") == 1
        delete_job(services, "gone")
        assert connection.keys("*gone*") == []
        assert connection.llen("rq:queue:default") == 0


def test_deleted_id_is_not_ordered_again_for_a_day(stock: Stock) -> None:
    begin(stock, "gone", Status.FINISHED)
    delete_job(stock.services, "gone")
    with pytest.raises(ReusedKeyError, match="deleted"):
        stock.accept("gone")
    assert list_left(stock, "gone") == []
    stock.age("deleted", timedelta(hours=25))
    stock.sweep()
    stock.accept("gone")
    assert stock.services.ledger.read("gone").run == 1


def finish_late(stock: Stock, job_id: str) -> bool:
    """Store a video and write the outcome, as a render does that was not stopped in time."""
    stock.render(job_id, "late")
    outcome = Outcome.from_live(LiveState(), Status.FINISHED)
    try:
        return stock.services.ledger.end(job_id, 1, outcome).status is Status.FINISHED
    except NotFoundError:
        return False


def requeue(stock: Stock, job_id: str) -> bool:
    """Have recovery take the run over."""
    services = stock.services
    try:
        return services.ledger.take_over(services.ledger.read(job_id), LiveState()) is not None
    except NotFoundError:
        return False


def sweep(stock: Stock, job_id: str) -> bool:
    """Have retention delete the same job, which is old."""
    stock.age(f"jobs/{job_id}")
    stock.sweep()
    return True


def delete(stock: Stock, job_id: str) -> bool:
    try:
        delete_job(stock.services, job_id)
    except NotFoundError:
        return False
    return True


@pytest.mark.parametrize(
    ("status", "other"),
    [
        (None, finish_late),
        (None, requeue),
        (None, delete),
        (Status.FAILED, again),
        (Status.CANCELED, again),
        (Status.FAILED, sweep),
        (Status.FINISHED, sweep),
    ],
)
def test_nothing_is_left_whatever_others_do_during_a_deletion(
    stock: Stock,
    monkeypatch: pytest.MonkeyPatch,
    status: EndStatus | None,
    other: Callable[[Stock, str], bool],
) -> None:
    """Try all moments: each call of the storage that the deletion makes."""
    moment, taken = 0, [True]
    while taken:
        moment += 1
        job_id = f"job-{moment}"
        begin(stock, job_id, status)
        taken = interrupt(stock, monkeypatch, moment, partial(other, stock, job_id))
        delete(stock, job_id)
        monkeypatch.undo()
        assert list_left(stock, job_id) == [], moment
    assert moment > 8


@pytest.mark.parametrize("status", [None, *ENDS])
def test_deletion_that_was_cut_off_leaves_the_job_or_is_completed(
    stock: Stock, monkeypatch: pytest.MonkeyPatch, status: EndStatus | None
) -> None:
    states = set()
    moment, dead = 0, True
    while dead:
        moment += 1
        job_id = f"job-{moment}"
        begin(stock, job_id, status)
        dead = bool(interrupt(stock, monkeypatch, moment, die))
        try:
            delete_job(stock.services, job_id)
            dead = False
        except KeyboardInterrupt:
            dead = True
        monkeypatch.undo()
        is_announced = stock.services.ledger.deletions.is_announced(job_id)
        stock.sweep()
        Recovery(stock.services).step()
        left = list_left(stock, job_id)
        states.add(bool(left))
        if is_announced:
            assert [key for key in left if not key.startswith("owners/")] == [], moment
            stock.age("owners")
            stock.sweep()
            assert list_left(stock, job_id) == []
        else:
            outcome = stock.services.ledger.read(job_id).outcome
            assert (outcome and outcome.status) == status
    assert states == {True, False}


def die() -> bool:
    raise KeyboardInterrupt


def test_retry_and_order_of_a_deleted_job_are_refused(stock: Stock) -> None:
    begin(stock, "gone", Status.FAILED)
    record = stock.services.ledger.read("gone")
    delete_job(stock.services, "gone")
    with pytest.raises(NotFoundError):
        stock.services.ledger.start_again(record)
    assert list_left(stock, "gone") == []


# --- sessions -----------------------------------------------------------------------------------


def delete_holiday(stock: Stock) -> None:
    delete_session(stock.services, "me", "holiday")


def test_session_is_deleted_whole_and_no_other(stock: Stock) -> None:
    stock.upload()
    stock.upload("sessions/me/other")
    stock.upload("sessions/you/holiday")
    delete_holiday(stock)
    assert {key.rsplit("/", 3)[0] for key in stock.list_keys("sessions")} == {
        "sessions/me/other",
        "sessions/you/holiday",
    }
    with pytest.raises(NotFoundError):
        delete_holiday(stock)


def test_session_that_a_live_job_reads_is_kept(stock: Stock) -> None:
    stock.accept("a", stock.upload())
    before = stock.list_keys("sessions")
    with pytest.raises(ConflictError, match="Job a still reads"):
        delete_holiday(stock)
    assert stock.list_keys("sessions") == before
    stock.services.uploads.check_available([PHOTO])

    stock.end("a", Status.FINISHED)
    delete_holiday(stock)
    assert stock.list_keys("sessions") == []


def test_session_is_kept_for_a_job_that_the_index_lacks(stock: Stock) -> None:
    stock.accept("a", stock.upload())
    stock.services.store.delete(*stock.list_keys("owners"))
    with pytest.raises(ConflictError):
        delete_holiday(stock)


def test_order_that_comes_during_the_deletion_of_its_session_keeps_its_files_or_is_told(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = set()
    moment, taken = 0, [True]
    while taken:
        moment += 1
        stock.upload()
        job_id = f"job-{moment}"
        taken = interrupt(stock, monkeypatch, moment, partial(order, stock, job_id))
        try:
            delete_holiday(stock)
            is_deleted = True
        except ConflictError:
            is_deleted = False
        monkeypatch.undo()
        if taken:
            answers.add(taken[0])
            assert not (taken[0] and is_deleted)
        if taken and taken[0]:
            assert stock.services.store.find(PHOTO)
            delete_job(stock.services, job_id)
    assert answers == {True, False}


def test_deletion_of_a_session_that_was_cut_off_is_completed_or_undone(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = set()
    moment, is_dead = 0, True
    while is_dead:
        moment += 1
        stock.upload()
        interrupt(stock, monkeypatch, moment, die)
        try:
            delete_holiday(stock)
            is_dead = False
        except KeyboardInterrupt:
            is_dead = True
        monkeypatch.undo()
        stock.sweep()
        names = [key.rpartition("/")[2] for key in stock.list_keys(SESSION)]
        assert names in ([], ["media.json", "original.jpg", "thumb.jpg"])
        left.add(bool(names))
    assert left == {True, False}
