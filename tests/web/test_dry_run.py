"""Orders that are only checked: what they would come to, and nothing of them kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from reelqueue.web.answers import Estimate
from tests.conftest import find_free_port
from tests.web.conftest import (
    SMALL,
    UNKNOWN,
    OpenSite,
    Site,
    make_photo,
    post_json,
    read_problem,
    send_one,
    upload,
)

DRY = {"dry_run": True}
EXACT = ("duration", "width", "height", "fps", "frames")


def send_photos(site: Site, *, count: int = 2) -> dict[str, Any]:
    photos = [("red.jpg", make_photo())] * count
    return {"session_id": upload(site.open_client(), photos)["session_id"]}


@pytest.mark.process
@pytest.mark.parametrize("look", [{}, DRY], ids=str)
@pytest.mark.usefixtures("without_shaper")
def test_words_are_refused_where_they_cannot_be_drawn(
    any_site: Site, look: dict[str, bool]
) -> None:
    order = send_photos(any_site) | SMALL | look
    client = any_site.open_client()
    response = client.post("/generate_video", json=order | {"title": {"text": "Hello"}})
    problem = read_problem(response, 422)
    assert "libfribidi0 is not installed" in problem["detail"]
    assert problem["field"] == "title.text"
    assert any_site.count_jobs() == 0


@pytest.mark.process
@pytest.mark.parametrize("look", [{}, DRY], ids=str)
def test_order_that_takes_many_times_the_time_limit_is_refused(
    open_site: OpenSite, look: dict[str, bool]
) -> None:
    site = open_site(JOB_TIMEOUT_SECONDS="10", RENDER_ENGINE="x264")
    order = send_photos(site) | {"duration": 60, "resolution": "3840x2160", "fps": 60} | look
    problem = read_problem(site.open_client().post("/generate_video", json=order), 422)
    found = re.match(
        r"The render would take about (\d+) seconds, and may take 10: use fewer ", problem["detail"]
    )
    assert found
    assert int(found[1]) > 50
    assert site.count_jobs() == 0
    shorter = order | SMALL | DRY
    assert site.open_client().post("/generate_video", json=shorter).status_code == 200


def test_slideshow_is_what_its_dry_run_said(site: Site, song_path: Path) -> None:
    client = site.open_client()
    order = send_photos(site) | SMALL | {"fps": 29.97, "preview": True, "fit_to_music": True}
    song = send_one(client, "/upload_audio", "audio", song_path, session_id=order["session_id"])
    order |= {"tracks": [{"id": song["audio_id"], "end": 1.13}]}
    order |= {"title": {"text": "Hello", "duration": 0.4}}
    said = post_json(client, "/generate_video", order | DRY)
    result = post_json(client, "/generate_video", order)["result"]
    assert {name: said[name] for name in EXACT} == {name: result[name] for name in EXACT}


@pytest.mark.parametrize(
    "shape",
    [
        {"aspect": "original"},
        {"aspect": "original", "rotate": 90},
        {"resolution": "320x400", "fit": "crop", "focus": {"x": 0.2, "y": 0.5}},
        {"resolution": "320x400", "fit": "crop", "focus": "auto"},
    ],
)
def test_clip_is_what_its_dry_run_said(
    site: Site, video_path: Path, shape: dict[str, object]
) -> None:
    client = site.open_client()
    video = send_one(client, "/upload_video", "video", video_path)
    order = {key: video[key] for key in ("session_id", "source_id")}
    order |= {"start": 0.33, "end": 0.95} | shape
    said = post_json(client, "/generate_clip", order | DRY)
    result = post_json(client, "/generate_clip", order)["result"]
    assert {name: said[name] for name in EXACT} == {name: result[name] for name in EXACT}
    assert said["estimated_file_size"] > 24_000 * 0.62 / 2  # it has sound


@pytest.mark.process
def test_dry_run_answers_as_it_is_described_and_keeps_nothing(any_site: Site) -> None:
    client = any_site.open_client()
    order = send_photos(any_site)
    before = any_site.list_stored()
    response = client.post("/generate_video", json=order | DRY)
    assert (response.status_code, "Location" in response.headers) == (200, False)
    said = response.json
    assert isinstance(said, dict)
    assert set(said) == set(Estimate.model_fields)
    assert (said["success"], said["frames"], said["duration"]) == (True, 180, 6.0)
    assert said["estimated_time"] >= 1
    assert said["estimated_file_size"] > 0
    assert any_site.list_stored() == before
    assert any_site.list_unfinished() == []


@pytest.mark.process
def test_dry_run_is_refused_as_the_order_is(open_site: OpenSite) -> None:
    site = open_site(MAX_VIDEO_SECONDS="30", MAX_PHOTOS="3")
    client = site.open_client()
    order = send_photos(site)
    for more, status in (
        ({"duration": 0}, 422),
        ({"duration": 20}, 422),
        ({"session_id": UNKNOWN}, 422),
        ({"photos": [{"id": UNKNOWN}]}, 404),
        ({"photos": [{"id": UNKNOWN}] * 4}, 422),
        ({"audio_id": UNKNOWN}, 404),
        ({"fit_to_music": True}, 422),
        ({"title": {"text": "\U0003ffff"}}, 422),
        ({"dry_run": "yes"}, 422),
    ):
        response = client.post("/generate_video", json=order | DRY | more)
        assert (
            read_problem(response, status) == client.post("/generate_video", json=order | more).json
        )
    assert site.count_jobs() == 0


@pytest.mark.process
def test_dry_run_needs_no_place_in_the_queue(site: Site) -> None:
    client = site.open_client()
    order = send_photos(site)
    with site.services.queue.reserve_slot():
        read_problem(client.post("/generate_video", json=order), 503)
        assert post_json(client, "/generate_video", order | DRY)["success"]


@pytest.mark.usefixtures("pretended_probe")
def test_dry_run_needs_no_redis(open_site: OpenSite) -> None:
    site = open_site(REDIS_URL=f"redis://127.0.0.1:{find_free_port()}/0")
    client = site.open_client()
    order = send_photos(site)
    read_problem(client.post("/generate_video", json=order), 503)
    assert post_json(client, "/generate_video", order | DRY)["success"]


def test_dry_run_neither_needs_nor_spends_a_key(queue_site: Site) -> None:
    client = queue_site.open_client()
    order = send_photos(queue_site) | {"job_id": UNKNOWN}
    key = {"Idempotency-Key": UNKNOWN}
    assert "job_id" not in post_json(client, "/generate_video", order | DRY | {"fps": 25}, **key)
    job = post_json(client, "/generate_video", order, **key)
    assert job["job_id"] == UNKNOWN
    other = post_json(client, "/generate_video", order | DRY | {"fps": 25}, **key)
    assert (other["success"], other["fps"]) == (True, 25.0)
    again = post_json(client, "/generate_video", order | {"dry_run": False}, **key)
    assert again["created_at"] == job["created_at"]


@pytest.mark.process
def test_dry_run_counts_on_the_engine_in_use(open_site: OpenSite) -> None:
    sites = {engine: open_site(RENDER_ENGINE=engine) for engine in ("still", "x264", "moviepy")}
    order = send_photos(sites["still"]) | DRY | {"duration": 30, "resolution": "4k"}
    times = {
        engine: post_json(site.open_client(), "/generate_video", order)["estimated_time"]
        for engine, site in sites.items()
    }
    assert times["still"] < times["x264"] < times["moviepy"]


def test_accepted_job_has_the_estimate_of_its_dry_run(queue_site: Site) -> None:
    client = queue_site.open_client()
    order = send_photos(queue_site, count=3) | {"motion": "kenburns"}
    said = post_json(client, "/generate_video", order | DRY)["estimated_time"]
    assert post_json(client, "/generate_video", order)["estimated_time"] == said > 1
