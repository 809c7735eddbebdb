"""Records of other versions: jobs that version 0.1 stored, and jobs of a later version."""

from __future__ import annotations

import base64
import importlib
import json
import shutil
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from reelqueue.errors import UnreadableRecordError
from reelqueue.jobs.model import Job, now
from reelqueue.jobs.output import Output, OutputFile
from reelqueue.jobs.priorities import Priority
from reelqueue.queues import inline
from reelqueue.queues.rq_job import OLDER_TASKS, TASK
from reelqueue.submission.kinds import read_work
from reelqueue.upkeep.recovery import Recovery
from reelqueue.upkeep.retention.sweep import Retention
from reelqueue.workers.attempt import run_job
from tests.conftest import ROOT, wait_until
from tests.web.conftest import SMALL, OpenSite, Site, make_photo, open_site, post_json, upload

__all__ = ["open_site"]

RECORDS = ROOT / "tests" / "records" / "version_0_1"
IN_REDIS = ROOT / "tests" / "records" / "version_0_1_rq.json"


def name_job(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


FINISHED, FAILED, SLIDESHOW, CLIP, RETRIED, CANCELED = map(name_job, range(1, 7))
OPEN = (SLIDESHOW, CLIP, RETRIED)
HOUR = timedelta(hours=1)


@pytest.fixture
def open_old_site(open_site: OpenSite, tmp_path: Path) -> OpenSite:
    """Open sites over a storage that version 0.1 wrote."""

    def open_old_site(**settings: str) -> Site:
        shutil.copytree(RECORDS, tmp_path / "data")
        return open_site(**settings)

    return open_old_site


def read_status(site: Site, job_id: str) -> dict[str, Any]:
    status = site.open_client().get(f"/job_status/{job_id}").json
    assert isinstance(status, dict)
    return status


def wait_for_all(site: Site) -> None:
    wait_until(lambda: all("ended_at" in read_status(site, job_id) for job_id in OPEN))
    assert {read_status(site, job_id)["status"] for job_id in OPEN} == {"finished"}


def fill_redis(url: str) -> None:
    """Write what version 0.1 had enqueued."""
    stored = json.loads(IN_REDIS.read_text())
    with Redis.from_url(url) as connection:
        for key, fields in stored["jobs"].items():
            values = {name: base64.b64decode(value) for name, value in fields.items()}
            connection.hset(key, mapping=values)
        for key, ids in stored["queues"].items():
            connection.sadd("rq:queues", key)
            connection.rpush(key, *ids)


def test_jobs_of_0_1_that_have_ended_are_shown_and_downloaded(open_old_site: OpenSite) -> None:
    site = open_old_site()
    client = site.open_client()
    status = read_status(site, FINISHED)
    assert (status["status"], status["kind"], status["attempts"]) == ("finished", "slideshow", 1)
    assert list(status["result"]) == [
        *("success", "video_id", "download_url", "poster_url", "duration", "width", "height"),
        *("fps", "frames", "file_size", "skipped_photos"),
    ]
    folder = next((RECORDS / "jobs" / FINISHED / "outputs").iterdir())
    for url, name in (("download_url", "video.mp4"), ("poster_url", "poster.jpg")):
        assert client.get(status["result"][url]).data == (folder / name).read_bytes()
    failed = read_status(site, FAILED)
    assert (failed["status"], failed["error"][:7]) == ("failed", "red.jpg")
    assert read_status(site, CANCELED)["status"] == "canceled"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for heartbeats of the processes that had the jobs: they are long gone."""
    monkeypatch.setattr(inline, "HEARTBEAT_TIMEOUT_SECONDS", 0)


@pytest.mark.process
@pytest.mark.usefixtures("impatient")
def test_jobs_that_0_1_accepted_are_rendered_without_redis(open_old_site: OpenSite) -> None:
    site = open_old_site()
    recovery = Recovery(site.services)
    for _ in OPEN:
        recovery.step()
    wait_for_all(site)


@pytest.mark.parametrize("is_in_redis", [True, False])
def test_jobs_that_0_1_accepted_are_rendered_by_workers(
    open_old_site: OpenSite,
    redis_url: str,
    fork_worker: Callable[..., None],
    *,
    is_in_redis: bool,
) -> None:
    """Version 0.1 enqueued them under its own names for the task."""
    site = open_old_site(REDIS_URL=redis_url)
    if is_in_redis:
        fill_redis(redis_url)
        assert read_status(site, SLIDESHOW)["queue_position"] == 1
    fork_worker({"REDIS_URL": redis_url, "STORAGE_URL": site.storage.as_uri()})
    wait_for_all(site)


def test_result_of_0_1_is_a_result_like_any_other(open_old_site: OpenSite) -> None:
    site = open_old_site()
    output = site.services.ledger.read(FINISHED).outcome
    assert output is not None
    assert output.output is not None
    assert {name: file.size for name, file in output.output.files.items()} == {
        "video": output.output.facts["file_size"],
        "poster": None,
    }
    (note,) = (site.storage / "renders").iterdir()
    assert Output.model_validate_json(note.read_bytes()) == output.output


def test_video_is_stored_so_that_0_1_can_read_it() -> None:
    files = {"video": OutputFile(key="v", size=9), "poster": OutputFile(key="p", size=2)}
    stored = json.loads(Output(files=files, facts={"file_size": 9}).to_json())
    assert (stored["video_key"], stored["poster_key"]) == ("v", "p")
    assert Output.model_validate(stored).files == files


@pytest.mark.process
def test_record_holds_only_what_differs_from_the_defaults(open_site: OpenSite) -> None:
    client, site = (site := open_site()).open_client(), site
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    answer = post_json(client, "/generate_video", {"session_id": session_id, **SMALL})
    stored = json.loads(site.services.store.read(f"jobs/{answer['job_id']}/job.json") or b"")
    assert stored["work"]["spec"] == SMALL | {"fps": 15.0}
    assert list(stored["work"]) == ["kind", "spec", "photos"]
    assert list(stored["work"]["photos"][0]) == ["key", "name", "digest"]


# --- a version to come ----------------------------------------------------------------------------


def accept(site: Site, job_id: str, **changes: Any) -> None:
    """Store a job as a later version might."""
    (photo,) = (RECORDS / "sessions").rglob("*.mp4")
    key = photo.relative_to(RECORDS).as_posix()
    record = {
        "version": 1,
        "id": job_id,
        "owner": "anyone",
        "created_at": (now() - HOUR).isoformat(),
        "priority": "default",
        "request_hash": "h",
        "estimated_seconds": 1,
        "work": {"kind": "clip", "spec": {}, "source": {"key": key, "name": "holiday.mp4"}},
        **changes,
    }
    site.services.store.write(f"open/{job_id}/1", b"")
    site.services.store.write(f"jobs/{job_id}/job.json", json.dumps(record).encode())


def make_work(**changes: Any) -> dict[str, Any]:
    source = {"key": "sessions/me/future/uploads/m/original.mp4", "name": "holiday.mp4"}
    return {"kind": "clip", "spec": {}, "source": source, **changes}


FUTURE: dict[str, dict[str, Any]] = {
    "kind": {"work": make_work(kind="hologram")},
    "field": {"work": make_work(spec={"gravity": 2})},
    "file": {"work": make_work(scent={"key": "sessions/me/future/uploads/l/o.png", "name": "l"})},
    "priority": {"work": make_work(), "priority": 7},
    "version": {"work": make_work(), "version": 2},
}


def name_later() -> dict[str, str]:
    """Return the id of a job for each change of a later version."""
    return {change: name_job(number) for number, change in enumerate(FUTURE, 9)}


def accept_all(site: Site) -> dict[str, str]:
    """Store a job with each change of a later version; return their ids."""
    later = name_later()
    for change, job_id in later.items():
        accept(site, job_id, **FUTURE[change])
    return later


@pytest.mark.process
@pytest.mark.usefixtures("impatient")
def test_jobs_of_a_later_version_keep_no_other_from_being_recovered(
    open_old_site: OpenSite, caplog: pytest.LogCaptureFixture
) -> None:
    site = open_old_site()
    later = accept_all(site)
    recovery = Recovery(site.services)
    for _ in [*OPEN, *later]:
        recovery.step()
    wait_for_all(site)
    for change, job_id in later.items():
        assert site.services.ledger.find_outcome(job_id, 1) is None, change
        told = [line for line in caplog.messages if job_id in line]
        assert len(told) == 1, change
        assert "updated" in told[0]


@pytest.mark.parametrize("change", FUTURE)
def test_job_of_a_later_version_keeps_its_files_and_no_others(
    open_old_site: OpenSite, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = open_old_site(RETENTION_HOURS="1")
    accept(site, name_job(9), **FUTURE[change])
    key = "sessions/me/future/uploads/m/original.mp4"
    site.services.store.write(key, b"x")
    site.services.store.write("sessions/me/past/uploads/m/original.mp4", b"x")
    monkeypatch.setattr("reelqueue.upkeep.retention.sweep.now", lambda: now() + 3 * HOUR)
    Retention(site.services).sweep()
    stored = site.list_stored()
    assert key in stored
    assert f"jobs/{name_job(9)}/job.json" in stored
    assert not [key for key in stored if "/past/" in key or FINISHED in key]


def test_job_of_an_unknown_kind_is_shown_and_can_be_cancelled(open_site: OpenSite) -> None:
    site = open_site()
    accept(site, name_job(9), work=make_work(kind="hologram"))
    status = read_status(site, name_job(9))
    assert (status["kind"], status["status"]) == ("hologram", "queued")
    client = site.open_client()
    canceled = client.post(f"/job_cancel/{name_job(9)}").json
    assert isinstance(canceled, dict)
    assert canceled["status"] == "canceled"


def test_job_that_cannot_be_read_is_answered_by_a_sentence(open_site: OpenSite) -> None:
    site = open_site()
    accept(site, name_job(9), version=2)
    response = site.open_client().get(f"/job_status/{name_job(9)}")
    assert response.status_code == 503
    assert "another version" in (response.json or {})["detail"]


@pytest.mark.parametrize("change", ["kind", "field", "file"])
def test_worker_renders_nothing_that_it_does_not_know_in_full(change: str) -> None:
    job = Job(
        id="a",
        owner="me",
        created_at=now(),
        priority=Priority.DEFAULT,
        request_hash="h",
        estimated_seconds=1,
        **FUTURE[change],
    )
    with pytest.raises(UnreadableRecordError, match="updated"):
        read_work(job)


def test_task_has_the_names_that_0_1_stored_in_redis() -> None:
    names = {
        json.loads(zlib.decompress(base64.b64decode(fields["data"])))[0]
        for fields in json.loads(IN_REDIS.read_text())["jobs"].values()
    }
    assert names == set(OLDER_TASKS.values())
    for name in (*names, TASK):
        module, _, function = name.partition(".")
        assert getattr(importlib.import_module(module), function) is run_job


def test_worker_leaves_jobs_of_a_later_version_to_that_version(
    open_old_site: OpenSite, redis_url: str, fork_worker: Callable[..., None]
) -> None:
    """No attempt is spent, and the jobs behind them are rendered."""
    site = open_old_site(REDIS_URL=redis_url)
    later = name_later()
    for job_id in later.values():
        accept(site, job_id, work=make_work(kind="clip"))
        site.services.queue.submit(site.services.ledger.read(job_id))
    accept_all(site)
    fork_worker({"REDIS_URL": redis_url, "STORAGE_URL": site.storage.as_uri()})
    wait_for_all(site)
    with Redis.from_url(redis_url) as connection:
        names = [f"rq:job:{job_id}" for job_id in later.values()]
        wait_until(lambda: not connection.exists(*names))
    for change, job_id in later.items():
        assert site.services.ledger.find_outcome(job_id, 1) is None, change
    open_marks = site.services.ledger.marks.list_open
    wait_until(lambda: {mark.job_id for mark in open_marks()} == set(later.values()))


def test_state_that_a_later_version_reports_is_shown_as_far_as_it_is_known(
    open_site: OpenSite,
) -> None:
    site = open_site()
    accept(site, name_job(9), created_at=now().isoformat())
    key = f"jobs/{name_job(9)}/runs/1/live.json"
    site.services.store.write(key, b'{"status": "started", "stage": "analyzing"}')
    assert read_status(site, name_job(9))["status"] == "queued"


@pytest.mark.process
def test_upload_of_a_later_version_is_used_or_refused_in_a_sentence(open_site: OpenSite) -> None:
    site = open_site()
    client, store = site.open_client(), site.services.store
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    (key,) = (key for key in site.list_stored() if key.endswith("media.json"))
    media = json.loads(store.read(key) or b"")
    body = {"session_id": session_id, "dry_run": True, **SMALL}
    facts = media["facts"] | {"rating": 5}
    store.write(key, json.dumps(media | {"facts": facts, "tags": []}).encode())
    assert client.post("/generate_video", json=body).status_code == 200
    store.write(key, json.dumps(media | {"kind": "model"}).encode())
    refused = client.post("/generate_video", json=body)
    assert refused.status_code == 503
    assert "updated" in (refused.json or {})["detail"]


def test_admin_pages_skip_what_they_cannot_read(open_site: OpenSite) -> None:
    site = open_site(DASHBOARD_USERNAME="operator", DASHBOARD_PASSWORD="secret")
    accept(site, name_job(9), version=2)
    site.services.store.write(f"failed/{name_job(9)}/1", b"")
    client, known = site.open_client(), ("operator", "secret")
    listed = client.get("/admin/failed", auth=known)
    assert (listed.status_code, (listed.json or {})["jobs"]) == (200, [])
    requeued = client.post("/admin/requeue", json={"all": True}, auth=known)
    assert (requeued.json or {})["skipped"][0]["job_id"] == name_job(9)


def test_job_that_cannot_be_read_is_shown_to_its_owner_alone(open_site: OpenSite) -> None:
    site = open_site()
    accept(site, name_job(9), version=2, owner="you")
    assert site.open_client().get(f"/job_status/{name_job(9)}").status_code == 404
