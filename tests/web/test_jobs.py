"""The routes of jobs: order, status, events, cancel, retry."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from PIL import ExifTags, Image

from reelqueue.errors import BusyError
from tests.web.conftest import (
    SMALL,
    UNKNOWN,
    Finished,
    Site,
    make_photo,
    post_json,
    read_problem,
    send_one,
    upload,
)

MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def send_photos(client: FlaskClient, *names: str) -> str:
    photo = make_photo()
    return str(upload(client, [(name, photo) for name in names or ("red.jpg",)])["session_id"])


def list_photos(site: Site, job_id: str) -> list[str]:
    work = site.services.ledger.read(job_id).job.work
    return [photo["name"] for photo in work["photos"]]


# --- accepting ---------------------------------------------------------------------------------


def test_slideshow_without_redis_is_finished_when_it_is_answered(finished: Finished) -> None:
    answer = finished.answer
    size = len(finished.video)
    for name in ("created_at", "started_at", "ended_at"):
        assert re.fullmatch(MOMENT, answer[name])
    assert answer["created_at"] <= answer["started_at"] <= answer["ended_at"]
    job_id = answer["job_id"]
    assert answer == {
        "success": True,
        "status_url": f"/job_status/{job_id}",
        "estimated_time": 1,
        "job_id": job_id,
        "kind": "slideshow",
        "status": "finished",
        "stage": "completed",
        "progress": 100,
        "message": "The video is ready.",
        "attempts": 1,
        "created_at": answer["created_at"],
        "started_at": answer["started_at"],
        "ended_at": answer["ended_at"],
        "result": {
            "success": True,
            "video_id": job_id,
            "download_url": f"/download/{job_id}",
            "poster_url": f"/poster/{job_id}",
            "duration": 0.6,
            "width": 64,
            "height": 64,
            "fps": 15.0,
            "frames": 9,
            "file_size": size,
            "skipped_photos": [],
        },
    }
    status = finished.browser.get(answer["status_url"])
    assert "Retry-After" not in status.headers
    assert status.json == {
        name: value
        for name, value in answer.items()
        if name not in ("success", "status_url", "estimated_time")
    }


def test_slideshow_with_redis_is_accepted_and_waits(queue_site: Site) -> None:
    client = queue_site.open_client()
    response = client.post("/generate_video", json={"session_id": send_photos(client)})
    assert response.status_code == 202
    answer = response.json
    assert isinstance(answer, dict)
    job_id = answer["job_id"]
    assert response.headers["Location"] == answer["status_url"] == f"/job_status/{job_id}"
    assert int(response.headers["Retry-After"]) > 0
    status = {
        "job_id": job_id,
        "kind": "slideshow",
        "status": "queued",
        "stage": "queued",
        "progress": 0,
        "message": "Waiting for a worker.",
        "queue_position": 1,
        "attempts": 0,
        "created_at": answer["created_at"],
    }
    agreed = {"success": True, "status_url": f"/job_status/{job_id}", "estimated_time": 1}
    assert answer == agreed | status
    asked = client.get(answer["status_url"])
    assert asked.json == status
    assert asked.headers["Retry-After"] == "1"
    assert asked.headers["Cache-Control"] == "no-store"


def test_clip_is_made_of_an_uploaded_video(site: Site, video_path: Path) -> None:
    client = site.open_client()
    video = send_one(client, "/upload_video", "video", video_path)
    spec = {key: video[key] for key in ("session_id", "source_id")}
    spec |= {"start": 0.5, "end": 1.0, "aspect": "original"}
    answer = post_json(client, "/generate_clip", spec)
    assert (answer["kind"], answer["status"]) == ("clip", "finished")
    assert answer["result"]["duration"] == pytest.approx(0.5, abs=0.05)
    assert "skipped_photos" not in answer["result"]
    assert client.get(answer["result"]["download_url"]).data[4:8] == b"ftyp"


@pytest.mark.process
def test_failed_render_is_answered_as_a_failed_job(site: Site) -> None:
    client = site.open_client()
    session_id = send_photos(client)
    photo = next(key for key in site.list_stored() if "original" in key)
    site.services.store.write(photo, b"no picture any more")
    answer = post_json(client, "/generate_video", {"session_id": session_id, **SMALL})
    assert (answer["success"], answer["status"], answer["stage"]) == (False, "failed", "failed")
    assert "red.jpg" in answer["error"]
    assert "result" not in answer
    problem = read_problem(client.get(f"/download/{answer['job_id']}"), 409)
    assert "failed" in problem["detail"]
    assert site.list_unfinished() == []


@pytest.mark.process
def test_video_that_was_cut_short_since_is_refused(site: Site, video_path: Path) -> None:
    client = site.open_client()
    sent = send_one(client, "/upload_video", "video", video_path)
    video = next(key for key in site.list_stored() if "original" in key)
    data = site.services.store.read(video)
    assert data
    site.services.store.write(video, data[:-500])
    spec = {name: sent[name] for name in ("session_id", "source_id")}
    answer = post_json(client, "/generate_clip", spec | {"aspect": "original"})
    assert answer["status"] == "failed"
    assert "was damaged after its upload: upload it again." in answer["error"]


@pytest.mark.process
def test_photo_that_was_damaged_since_is_left_out_and_named(site: Site) -> None:
    client = site.open_client()
    sent = upload(client, [(name, make_photo()) for name in ("a.jpg", "b.jpg", "c.jpg")])
    ids = [image["id"] for image in sent["images"]]
    photo = next(key for key in site.list_stored() if f"{ids[1]}/original" in key)
    site.services.store.write(photo, make_photo()[:-200])
    spec = {"session_id": sent["session_id"], "on_bad_photo": "skip", **SMALL}
    answer = post_json(client, "/generate_video", spec)
    assert (answer["status"], answer["result"]["frames"]) == ("finished", 9)
    assert answer["result"]["skipped_photos"] == ["b.jpg"]
    status = client.get(answer["status_url"]).json
    assert status is not None
    assert status["result"] == answer["result"]
    assert site.list_unfinished() == []


def test_photos_are_those_asked_for_in_that_order(queue_site: Site) -> None:
    client = queue_site.open_client()
    sent = upload(client, [(name, make_photo()) for name in ("b.jpg", "a.jpg", "c.jpg")])
    b, a, c = ({"id": image["id"]} for image in sent["images"])
    choices: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["b.jpg", "a.jpg", "c.jpg"]),
        ({"order": "uploaded"}, ["b.jpg", "a.jpg", "c.jpg"]),
        ({"order": "name"}, ["a.jpg", "b.jpg", "c.jpg"]),
        ({"photos": [c, b]}, ["c.jpg", "b.jpg"]),
        ({"photos": [a] * 500}, ["a.jpg"] * 500),
    ]
    for choice, names in choices:
        spec = {"session_id": sent["session_id"], **choice}
        job = post_json(client, "/generate_video", spec)
        assert list_photos(queue_site, job["job_id"]) == names


@pytest.mark.process
def test_photos_by_date_are_in_the_order_in_which_they_were_taken(site: Site) -> None:
    client = site.open_client()
    times = {
        "plain.jpg": None,
        "noon.jpg": "2025:08:09 12:00:00",
        "other.jpg": None,
        "dawn.jpg": "2025:08:09 05:00:00",
        "also-noon.jpg": "2025:08:09 12:00:00",
    }
    sent = upload(client, [(name, make_dated(time)) for name, time in times.items()])
    spec = {"session_id": sent["session_id"], "order": "date", **SMALL}
    job = post_json(client, "/generate_video", spec)
    dated = ["dawn.jpg", "also-noon.jpg", "noon.jpg"]
    assert list_photos(site, job["job_id"]) == [*dated, "plain.jpg", "other.jpg"]


def make_dated(time: str | None) -> bytes:
    exif = Image.Exif()
    if time:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = time
    return make_photo(exif=exif)


@pytest.mark.process
def test_photos_have_what_each_of_them_was_given(site: Site) -> None:
    client = site.open_client()
    sent = upload(client, [("a.jpg", make_photo()), ("b.jpg", make_photo("blue"))])
    a, b = (image["id"] for image in sent["images"])
    own = {"duration": 1, "transition": "none", "fit": "cover", "focus": {"x": 0, "y": 0.5}}
    photos = [{"id": a, **own}, {"id": b, "rotate": 90, "fit": None}, {"id": a}]
    spec = {"session_id": sent["session_id"], **SMALL, "background": "#204060", "photos": photos}
    answer = post_json(client, "/generate_video", spec)
    assert answer["result"]["frames"] == 24  # (1 + 0.3 + 0.3) * 15
    work = site.services.ledger.read(answer["job_id"]).job.work
    assert [photo.get("spec", {}) for photo in work["photos"]] == [
        own,
        {"rotate": 90},
        {},
    ]


@pytest.mark.process
def test_same_key_and_body_give_the_same_job(any_site: Site) -> None:
    client = any_site.open_client()
    spec = {"session_id": send_photos(client), **SMALL}
    first = post_json(client, "/generate_video", spec, **{"Idempotency-Key": "k1"})
    again = post_json(client, "/generate_video", spec, **{"Idempotency-Key": "k1"})
    other = post_json(client, "/generate_video", spec, **{"Idempotency-Key": "k2"})
    assert again == first
    assert other["job_id"] != first["job_id"]
    assert any_site.count_jobs() == 2
    response = client.post(
        "/generate_video", json=spec | {"fps": 30}, headers={"Idempotency-Key": "k1"}
    )
    assert read_problem(response, 422)["type"] == "/problems/reused-key"
    assert any_site.count_jobs() == 2


def test_same_key_of_another_browser_gives_another_job(queue_site: Site) -> None:
    ids = set()
    for _ in range(2):
        browser = queue_site.open_browser()
        spec = {"session_id": send_photos(browser)}
        answer = post_json(browser, "/generate_video", spec, **{"Idempotency-Key": "k"})
        ids.add(answer["job_id"])
    assert len(ids) == 2


@pytest.mark.process
def test_same_key_twelve_times_at_once_gives_one_job(any_site: Site) -> None:
    spec = {"session_id": send_photos(any_site.open_client()), **SMALL}

    def generate(_: int) -> tuple[int, str]:
        response = any_site.open_client().post(
            "/generate_video", json=spec, headers={"Idempotency-Key": "k"}
        )
        assert isinstance(response.json, dict)
        return response.status_code, response.json["job_id"]

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(generate, range(12)))
    assert {status for status, _ in answers} <= {200, 202}
    assert len({job_id for _, job_id in answers}) == 1
    assert any_site.count_jobs() == 1


def test_job_id_may_be_chosen_and_belongs_to_who_chose_it(queue_site: Site) -> None:
    mine, other = queue_site.open_browser(), queue_site.open_browser()
    spec = {"session_id": send_photos(mine), "job_id": str(uuid4())}
    answer = post_json(mine, "/generate_video", spec, **{"Idempotency-Key": spec["job_id"]})
    assert answer["job_id"] == spec["job_id"]
    assert post_json(mine, "/generate_video", spec)["job_id"] == spec["job_id"]
    foreign = spec | {"session_id": send_photos(other)}
    read_problem(other.post("/generate_video", json=foreign), 422)
    assert mine.get(answer["status_url"]).status_code == 200
    assert queue_site.count_jobs() == 1


def test_key_is_short_and_printable(queue_site: Site) -> None:
    client = queue_site.open_client()
    spec = {"session_id": send_photos(client)}
    for key in ("", "k" * 201, "k" * 10_000, "ä", "a\tb"):
        headers = {"Idempotency-Key": key}
        response = client.post("/generate_video", json=spec, headers=headers)
        assert "Idempotency-Key" in read_problem(response, 400)["detail"]
    assert queue_site.count_jobs() == 0
    headers = {"Idempotency-Key": "k" * 200}
    assert client.post("/generate_video", json=spec, headers=headers).status_code == 202


def test_key_that_differs_from_the_job_id_is_refused(queue_site: Site) -> None:
    client = queue_site.open_client()
    spec = {"session_id": send_photos(client), "job_id": UNKNOWN}
    response = client.post("/generate_video", json=spec, headers={"Idempotency-Key": "k"})
    assert read_problem(response, 422)["field"] == "job_id"
    assert queue_site.count_jobs() == 0


# --- following, cancelling, running again ------------------------------------------------------


def test_cancelled_job_stays_cancelled_and_may_run_again(queue_site: Site) -> None:
    client = queue_site.open_client()
    answer = post_json(client, "/generate_video", {"session_id": send_photos(client)})
    cancelled = post_json(client, f"/job_cancel/{answer['job_id']}", {})
    assert (cancelled["status"], cancelled["stage"]) == ("canceled", "canceled")
    assert cancelled["message"] == "The render was cancelled."
    assert post_json(client, f"/job_cancel/{answer['job_id']}", {}) == cancelled
    assert client.get(answer["status_url"]).json == cancelled
    again = post_json(client, f"/job_retry/{answer['job_id']}", {})
    assert (again["status"], again["queue_position"]) == ("queued", 1)
    assert "ended_at" not in again
    read_problem(client.post(f"/job_retry/{answer['job_id']}"), 409)


def test_finished_job_is_neither_cancelled_nor_run_again(finished: Finished) -> None:
    answer = finished.browser.post(f"/job_cancel/{finished.job_id}")
    assert (answer.status_code, answer.json) == (
        200,
        finished.browser.get(f"/job_status/{finished.job_id}").json,
    )
    read_problem(finished.browser.post(f"/job_retry/{finished.job_id}"), 409)
    assert finished.browser.get(finished.url).data == finished.video


def test_cancels_and_retries_at_once_leave_one_state(queue_site: Site) -> None:
    client = queue_site.open_client()
    answer = post_json(client, "/generate_video", {"session_id": send_photos(client)})

    def act(number: int) -> int:
        action = "cancel" if number % 2 else "retry"
        url = f"/job_{action}/{answer['job_id']}"
        return queue_site.open_client().post(url).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(act, range(24))) <= {200, 409}
    assert post_json(client, f"/job_cancel/{answer['job_id']}", {})["status"] == "canceled"
    assert queue_site.services.queue.describe_load()["jobs"]["queued"] == 0


def test_events_of_an_ended_job_are_its_status_and_the_end(finished: Finished) -> None:
    response = finished.browser.get(f"/job_events/{finished.job_id}")
    status = finished.browser.get(f"/job_status/{finished.job_id}").json
    assert response.mimetype == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-store"
    head, data, *rest = response.text.split("\n")
    assert (head, rest) == ("event: status", ["", ""])
    assert json.loads(data.removeprefix("data: ")) == status


def test_events_are_given_to_some_and_the_others_are_told_to_poll(queue_site: Site) -> None:
    client = queue_site.open_client()
    job_id = post_json(client, "/generate_video", {"session_id": send_photos(client)})["job_id"]
    for _ in range(9):
        with client.head(f"/job_events/{job_id}") as head:
            assert head.status_code == 200  # and lets go of its place
    streams = [client.get(f"/job_events/{job_id}", buffered=False) for _ in range(8)]
    try:
        refused = client.get(f"/job_events/{job_id}")
        assert "poll" in read_problem(refused, 503)["detail"]
        assert int(refused.headers["Retry-After"]) > 0
    finally:
        for stream in reversed(streams):
            stream.close()
    post_json(client, f"/job_cancel/{job_id}", {})
    assert "canceled" in client.get(f"/job_events/{job_id}").text


@pytest.mark.process
def test_job_that_finds_no_place_is_not_kept_and_asks_to_come_again(
    monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    def refuse(*_: object) -> None:
        raise BusyError("All renders are busy right now: try again in a moment.", 10)

    client = site.open_client()
    spec = {"session_id": send_photos(client), "job_id": UNKNOWN, **SMALL}
    with monkeypatch.context() as patch:
        patch.setattr(site.services.queue, "submit", refuse)
        response = client.post("/generate_video", json=spec)
        assert read_problem(response, 503)["type"] == "/problems/busy"
        assert response.headers["Retry-After"] == "10"
    assert site.count_jobs() == 0
    read_problem(client.get(f"/job_status/{UNKNOWN}"), 404)
    assert post_json(client, "/generate_video", spec)["status"] == "finished"
