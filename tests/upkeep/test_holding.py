"""Held runs: orders for later, and jobs that wait for other jobs."""

from __future__ import annotations

import gc
import json
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from uuid import uuid4

import pytest
import time_machine
from redis import Redis

from reelqueue.errors import UnavailableError
from reelqueue.jobs.marks.runs import OpenRun
from reelqueue.jobs.model import Job, LiveState, Need, Outcome, Record, Status, now
from reelqueue.jobs.priorities import Priority
from reelqueue.submission.state import refresh_record
from reelqueue.upkeep.holding import Holding
from reelqueue.upkeep.recovery import Recovery
from reelqueue.upkeep.retention.sweep import Retention
from tests.conftest import StartServer, wait_until
from tests.web.conftest import (
    SMALL,
    UNKNOWN,
    OpenSite,
    Site,
    any_site,
    make_photo,
    open_site,
    post_json,
    pretended_probe,
    queue_site,
    read_problem,
    site,
    upload,
)
from tests.workers.test_rq_worker import call, finish
from tests.workers.test_rq_worker import upload as send

__all__ = ["any_site", "open_site", "pretended_probe", "queue_site", "site"]

MINUTE = timedelta(minutes=1)


def write_time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def order(site: Site, run_at: datetime) -> dict[str, Any]:
    """Order a small slideshow for later."""
    client = site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    body = {"session_id": session_id, **SMALL, "run_at": write_time(run_at)}
    answer = client.post("/generate_video", json=body)
    assert answer.status_code == 202
    assert isinstance(answer.json, dict)
    return answer.json


def read_status(site: Site, job_id: str) -> str:
    record, live = refresh_record(site.services, site.services.ledger.read(job_id))
    return str(record.outcome.status if record.outcome else live.status)


def look(site: Site, holding: Holding | None = None) -> None:
    """Look at all held runs once, and wait for what is done about them."""
    holding = holding or Holding(site.services)
    holding.step()
    wait_until(lambda: not holding.is_busy)


def accept(site: Site, *needs: str) -> Record:
    """Accept a job that needs others, whose names are their ids."""
    job = Job(
        id=str(uuid4()),
        owner="me",
        created_at=now(),
        priority=Priority.DEFAULT,
        request_hash="h",
        estimated_seconds=1,
        work={"kind": "slideshow", "spec": {}, "photos": [{"key": "k", "name": "n"}]},
        needs=tuple(Need(job_id=need, name=need[:3]) for need in needs),
    )
    return site.services.ledger.accept(job)[0]


def end(site: Site, record: Record, status: Any, error: str | None = None) -> None:
    outcome = Outcome.from_live(LiveState(), status, error=error)
    site.services.ledger.end(record.job.id, record.run, outcome)


@pytest.mark.process
def test_order_for_later_waits_for_its_time(any_site: Site) -> None:
    moment = now() + MINUTE
    answer = order(any_site, moment)
    assert (answer["status"], answer["message"]) == ("scheduled", "Waiting for its time.")
    assert answer["run_at"] == write_time(moment)
    job_id = answer["job_id"]
    holding = Holding(any_site.services)
    for _ in range(3):
        look(any_site, holding)
        assert read_status(any_site, job_id) == "scheduled"
    assert any_site.services.ledger.marks.list_open() == []
    with time_machine.travel(moment + timedelta(seconds=1)):
        look(any_site, holding)
        assert read_status(any_site, job_id) in ("queued", "finished")
    assert any_site.services.ledger.marks.list_held() == []


@pytest.mark.process
def test_canceled_order_for_later_never_begins(any_site: Site) -> None:
    moment = now() + MINUTE
    job_id = order(any_site, moment)["job_id"]
    client = any_site.open_client()
    assert post_json(client, f"/job_cancel/{job_id}", {})["status"] == "canceled"
    assert any_site.services.ledger.marks.list_held() == []
    with time_machine.travel(moment + MINUTE):
        look(any_site)
        assert read_status(any_site, job_id) == "canceled"


def test_order_for_a_time_that_has_passed_begins_now(queue_site: Site) -> None:
    assert order(queue_site, now() - MINUTE)["status"] == "queued"
    assert queue_site.services.ledger.marks.list_held() == []


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        ("tomorrow", "must be a time with its zone, such as 2026-12-24T18:00:00Z."),
        ("2026-12-24", "must be a time with its zone, such as 2026-12-24T18:00:00Z."),
        ("2026-12-24T18:00:00", "must be a time with its zone, such as 2026-12-24T18:00:00Z."),
        (1_800_000_000, "must be a time with its zone, such as 2026-12-24T18:00:00Z."),
        ("9999-12-24T18:00:00Z", "must be at most 30 days ahead."),
    ],
)
def test_bad_time_is_refused(queue_site: Site, moment: object, reason: str) -> None:
    client = queue_site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    body = {"session_id": session_id, **SMALL, "run_at": moment}
    problem = read_problem(client.post("/generate_video", json=body), 422)
    assert problem["detail"] == f"run_at: {reason}"


def test_redis_that_loses_its_data_loses_no_order_for_later(
    queue_site: Site, redis_url: str
) -> None:
    moment = now() + MINUTE
    job_id = order(queue_site, moment)["job_id"]
    Redis.from_url(redis_url).flushall()
    look(queue_site)
    Recovery(queue_site.services).step()
    assert read_status(queue_site, job_id) == "scheduled"
    with time_machine.travel(moment):
        look(queue_site)
    assert read_status(queue_site, job_id) == "queued"


@pytest.mark.process
def test_result_of_the_same_order_is_reused_when_the_time_has_come(site: Site) -> None:
    client = site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    body = {"session_id": session_id, **SMALL}
    assert post_json(client, "/generate_video", body)["status"] == "finished"
    moment = now() + MINUTE
    later = client.post("/generate_video", json={**body, "run_at": write_time(moment)}).json
    assert isinstance(later, dict)
    assert later["status"] == "scheduled"
    with time_machine.travel(moment):
        look(site)
    status = client.get(f"/job_status/{later['job_id']}").json
    assert isinstance(status, dict)
    assert (status["status"], status["result"]["reused"]) == ("finished", True)
    assert site.services.ledger.marks.list_held() == []


@pytest.mark.process
def test_order_for_later_is_rendered_if_the_earlier_result_cannot_be_copied(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    body = {"session_id": session_id, **SMALL}
    assert post_json(client, "/generate_video", body)["status"] == "finished"
    moment = now() + MINUTE
    job_id = client.post("/generate_video", json={**body, "run_at": write_time(moment)}).json

    def copy(*_: str) -> None:
        raise UnavailableError("This disk has no hard links.")

    monkeypatch.setattr(site.services.store, "copy", copy)
    with time_machine.travel(moment):
        look(site)
    assert isinstance(job_id, dict)
    assert read_status(site, job_id["job_id"]) == "finished"


# --- jobs that need others ---------------------------------------------------------------------


def test_job_waits_for_all_that_it_needs(queue_site: Site) -> None:
    first, second = accept(queue_site), accept(queue_site)
    waiting = accept(queue_site, first.job.id, second.job.id)
    assert read_status(queue_site, waiting.job.id) == "deferred"
    for record in (first, second):
        look(queue_site)
        assert read_status(queue_site, waiting.job.id) == "deferred"
        end(queue_site, record, Status.FINISHED)
    look(queue_site)
    assert read_status(queue_site, waiting.job.id) == "queued"


@pytest.mark.parametrize(
    ("status", "error", "sentence"),
    [
        (Status.FAILED, "No photo can be read.", "which failed: No photo can be read."),
        (Status.CANCELED, None, "which was cancelled."),
    ],
)
def test_job_that_needs_one_that_did_not_finish_ends_with_all_that_need_it(
    queue_site: Site, status: Status, error: str | None, sentence: str
) -> None:
    first = accept(queue_site)
    second = accept(queue_site, first.job.id)
    third = accept(queue_site, second.job.id)
    end(queue_site, first, status, error)
    for _ in range(2):
        look(queue_site)
    outcome = queue_site.services.ledger.read(second.job.id).outcome
    assert outcome
    assert (outcome.status, outcome.error) == (
        status,
        f'It needs "{first.job.id[:3]}", {sentence}',
    )
    assert read_status(queue_site, third.job.id) == status
    assert queue_site.services.ledger.marks.list_held() == []


def test_retry_needs_the_needed_job_first(queue_site: Site) -> None:
    client = queue_site.open_browser()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    job_id = post_json(client, "/generate_video", {"session_id": session_id, **SMALL})["job_id"]
    plain = queue_site.services.ledger.read(job_id).job
    needed = accept(queue_site)
    needs = (Need(job_id=needed.job.id, name="talk"),)
    job = plain.model_copy(update={"id": str(uuid4()), "needs": needs})
    queue_site.services.ledger.accept(job)
    end(queue_site, needed, Status.FAILED, "No.")
    look(queue_site)
    problem = read_problem(client.post(f"/job_retry/{job.id}"), 409)
    assert problem["detail"] == 'This job needs "talk", which has not finished: retry that first.'


def test_needed_job_that_was_deleted_counts_as_canceled(queue_site: Site) -> None:
    waiting = accept(queue_site, str(uuid4()))
    look(queue_site)
    assert read_status(queue_site, waiting.job.id) == "canceled"


# --- what is killed on the way -----------------------------------------------------------------


def test_release_that_was_killed_before_the_queue_took_it_is_left_to_recovery(
    queue_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = accept(queue_site)
    end(queue_site, needed, Status.FINISHED)
    waiting = accept(queue_site, needed.job.id)
    with monkeypatch.context() as patch:
        patch.setattr(queue_site.services.queue, "submit", lambda _: None)
        look(queue_site)
    assert [run.job_id for run in queue_site.services.ledger.marks.list_open()] == [waiting.job.id]
    monkeypatch.setattr("reelqueue.upkeep.recovery.PATIENCE_SECONDS", 0.0)
    Recovery(queue_site.services).step()
    assert read_status(queue_site, waiting.job.id) == "queued"


def test_release_that_was_killed_between_its_marks_is_not_repeated(queue_site: Site) -> None:
    needed = accept(queue_site)
    end(queue_site, needed, Status.FINISHED)
    waiting = accept(queue_site, needed.job.id)
    queue_site.services.store.write(f"open/{waiting.job.id}/1", b"")
    look(queue_site)
    assert queue_site.services.ledger.marks.list_held() == []
    assert read_status(queue_site, waiting.job.id) == "queued"
    assert Redis.from_url(str(queue_site.services.settings.redis_url)).llen("rq:queue:default") == 0


def test_run_that_is_being_opened_again_stays_held(
    queue_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = queue_site.services.ledger
    needed = accept(queue_site)
    end(queue_site, needed, Status.FINISHED)
    first = accept(queue_site, needed.job.id)
    end(queue_site, first, Status.CANCELED)
    look(queue_site)
    holding, create = Holding(queue_site.services), queue_site.services.store.create

    def create_late(key: str, data: bytes) -> bool:
        look(queue_site, holding)  # the leader looks between the mark and the run
        return create(key, data)

    with monkeypatch.context() as patch:
        patch.setattr(queue_site.services.store, "create", create_late)
        ledger.start_again(ledger.read(first.job.id), is_held=True)
    look(queue_site, holding)
    assert read_status(queue_site, first.job.id) == "queued"
    assert [run[:2] for run in ledger.marks.list_open()] == [(first.job.id, 2)]


def test_mark_of_a_run_that_was_never_written_goes_after_a_while(
    queue_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = accept(queue_site, str(uuid4()))
    look(queue_site)
    queue_site.services.ledger.marks.hold(first.job.id, 2)
    monkeypatch.setattr("reelqueue.upkeep.holding.NEVER_ACCEPTED_SECONDS", -1.0)
    look(queue_site)
    assert queue_site.services.ledger.marks.list_held() == []
    assert read_status(queue_site, first.job.id) == "canceled"


def test_held_run_counts_even_if_the_process_that_ended_it_was_killed(
    queue_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = accept(queue_site, accept(queue_site).job.id)
    with monkeypatch.context() as patch:
        patch.setattr(queue_site.services.ledger, "settle", lambda *_: None)
        end(queue_site, held, Status.CANCELED)
    look(queue_site)
    marks = queue_site.services.store.list("statistics/ended")
    assert [mark.key for mark in marks] == [f"statistics/ended/{held.job.id}/1"]


def test_step_takes_little_time_while_thousands_of_runs_are_held(
    queue_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [OpenRun(str(uuid4()), 1, now()) for _ in range(10_000)]
    job = accept(queue_site).job.model_copy(update={"run_at": now() + MINUTE})
    marks = queue_site.services.ledger.marks
    monkeypatch.setattr(marks, "list_held", lambda: list(runs))
    monkeypatch.setattr(queue_site.services.ledger, "read", lambda _: Record(job, 1, None))
    holding = Holding(queue_site.services)
    look(queue_site, holding)
    begun = time.thread_time()
    look(queue_site, holding)
    assert time.thread_time() - begun < 1.5  # it would be more than four if it were squared


def test_held_runs_are_not_listed_again_each_second(
    queue_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GAP_SECONDS", "LIST_SECONDS"):  # which a busy machine may exceed
        monkeypatch.setattr(f"reelqueue.upkeep.holding.{name}", 600.0)
    marks, holding = queue_site.services.ledger.marks, Holding(queue_site.services)
    first = accept(queue_site, UNKNOWN)
    look(queue_site, holding)
    listed = Mock(wraps=queue_site.services.store.list)
    monkeypatch.setattr(queue_site.services.store, "list", listed)
    moment = now() + MINUTE
    late = order(queue_site, moment)["job_id"]
    for _ in range(3):
        look(queue_site, holding)
    assert "held" not in [each.args[0] for each in listed.mock_calls]
    end(queue_site, first, Status.CANCELED)
    marks.unhold(first.job.id, 1)
    with time_machine.travel(moment + timedelta(seconds=1)):
        look(queue_site, holding)
        assert read_status(queue_site, late) == "queued"
        look(queue_site, holding)
    assert "held" not in [each.args[0] for each in listed.mock_calls]
    assert queue_site.services.store.list("held-changes") == []


def test_run_that_an_earlier_version_holds_is_found(
    queue_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It leaves no note."""
    monkeypatch.setattr("reelqueue.upkeep.holding.LIST_SECONDS", 0.2)
    holding = Holding(queue_site.services)
    look(queue_site, holding)
    with monkeypatch.context() as patch:
        patch.setattr("reelqueue.jobs.marks.runs.held_change_key", lambda *_: "unread")
        job_id = order(queue_site, now() - MINUTE)["job_id"]
    time.sleep(0.3)
    look(queue_site, holding)
    assert queue_site.services.ledger.marks.list_held() == []
    assert read_status(queue_site, job_id) == "queued"


def test_list_that_fails_is_made_in_the_next_step(
    queue_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding = Holding(queue_site.services)
    job_id = order(queue_site, now() - MINUTE)["job_id"]
    marks = queue_site.services.ledger.marks
    marks.forget_held_changes(marks.list_held_changes())  # as an earlier leader did
    with monkeypatch.context() as patch:
        patch.setattr(marks, "list_held", Mock(side_effect=UnavailableError("no storage")))
        with pytest.raises(UnavailableError):
            holding.step()
    look(queue_site, holding)
    assert read_status(queue_site, job_id) == "queued"


def test_held_jobs_do_not_stay_in_memory(queue_site: Site) -> None:
    moment = now() + MINUTE
    job_id = accept(queue_site).job.id
    data = json.loads(queue_site.services.store.read(f"jobs/{job_id}/job.json") or b"")
    data |= {"id": "long", "run_at": write_time(moment)}
    data["work"]["photos"] = [{"key": f"k{n}", "name": f"n{n}"} for n in range(20_000)]
    queue_site.services.store.write("jobs/long/job.json", json.dumps(data).encode())
    queue_site.services.ledger.marks.hold("long", 1)
    holding = Holding(queue_site.services)
    tracemalloc.start()
    try:
        look(queue_site, holding)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] < 1_000_000
    finally:
        tracemalloc.stop()


def test_uploads_of_a_held_job_are_kept(
    open_site: OpenSite,
    redis_url: str,
    pretended_probe: None,  # noqa: ARG001
) -> None:
    site = open_site(REDIS_URL=redis_url, RETENTION_HOURS="1")
    job_id = order(site, now() + timedelta(days=20))["job_id"]
    keys = site.services.ledger.read(job_id).job.inputs
    with time_machine.travel(now() + timedelta(days=10)):
        Retention(site.services).sweep()
    assert site.services.store.find(keys[0].key)
    assert read_status(site, job_id) == "scheduled"


@pytest.mark.process
@pytest.mark.parametrize("mode", ["inline", "redis"])
def test_order_begins_at_its_time(
    mode: str,
    tmp_path: Path,
    redis_url: str,
    start_server: StartServer,
    start_worker: Callable[..., None],
    photo_paths: Sequence[Path],
) -> None:
    environment = {"STORAGE_URL": (tmp_path / "data").as_uri()}
    if mode == "redis":
        environment["REDIS_URL"] = redis_url
        start_worker(environment)
    server = start_server(environment)
    session_id = send(f"{server}/upload_images", "images", list(photo_paths[:1]))["session_id"]
    moment = now() + timedelta(seconds=4)
    body = {"session_id": session_id, **SMALL, "run_at": write_time(moment)}
    job_id = call(f"{server}/generate_video", body)["job_id"]
    status = finish(server, job_id)
    begun = datetime.fromisoformat(status["started_at"])
    assert timedelta(0) <= begun - moment < MINUTE  # two seconds, unless the machine is busy
