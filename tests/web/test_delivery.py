"""Orders that say what the file must be: their dry run, what is stored of them, and the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.boxes import read_tracks
from tests.web.conftest import SMALL, Site, make_photo, post_json, read_problem, send_one, upload

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("pretended_probe")]

DRY = {"dry_run": True}
PHOTOS = [("red.jpg", make_photo()), ("blue.jpg", make_photo("blue"))]
OPEN = {"duration": 2.0, "transition_duration": 0.2}


@pytest.fixture
def client(site: Site) -> FlaskClient:
    return site.open_client()


@pytest.fixture
def order(client: FlaskClient) -> dict[str, Any]:
    return {"session_id": upload(client, PHOTOS)["session_id"]}


def read_spec(site: Site, answer: dict[str, Any]) -> dict[str, Any]:
    """Return the spec that is stored of a job."""
    spec: dict[str, Any] = site.services.ledger.read(answer["job_id"]).job.work["spec"]
    return spec


def fetch(client: FlaskClient, answer: dict[str, Any], path: Path) -> Path:
    path.write_bytes(client.get(answer["result"]["download_url"]).data)
    return path


def test_dry_run_says_what_a_place_sets(client: FlaskClient, order: dict[str, Any]) -> None:
    said = post_json(client, "/generate_video", order | OPEN | DRY | {"target": "whatsapp"})
    assert (said["width"], said["height"], said["fps"]) == (1280, 720, 30)
    assert said["encoding"] == {
        "engine": "x264",
        "quality": "standard",
        "target": "whatsapp",
        "profile": "main",
        "b_pictures": False,
        "edit_lists": False,
        "sound_bit_rate": None,
        "max_bytes": 16_000_000,
    }
    plain = post_json(client, "/generate_video", order | OPEN | DRY)
    assert (plain["encoding"]["engine"], plain["encoding"]["max_bytes"]) == ("still", None)
    small = post_json(client, "/generate_video", order | OPEN | DRY | {"max_bytes": 50_000})
    assert small["estimated_file_size"] <= 50_000 < plain["estimated_file_size"]


def test_slideshow_for_a_place_is_what_its_dry_run_said(
    site: Site, client: FlaskClient, order: dict[str, Any], tmp_path: Path
) -> None:
    order |= OPEN | {"target": "widest", "duration": 0.3, "fps": 15}
    said = post_json(client, "/generate_video", order | DRY)
    answer = post_json(client, "/generate_video", order)
    assert [answer["result"][name] for name in ("width", "height")] == [1280, 720]
    assert [said[name] for name in ("width", "height")] == [1280, 720]
    stored = read_spec(site, answer)
    assert (stored["target"], stored["resolution"]) == ("widest", "1280x720")
    assert not {"quality", "max_bytes"} & set(stored)
    (video,) = read_tracks(fetch(client, answer, tmp_path / "video.mp4"))
    assert (video.profile, video.edit_lists, video.has_offsets) == (66, 0, False)


def test_orders_of_another_quality_are_other_videos(
    site: Site, client: FlaskClient, order: dict[str, Any]
) -> None:
    order |= SMALL | {"motion": "kenburns"}
    first = post_json(client, "/generate_video", order)
    assert not {"quality", "target", "max_bytes"} & set(read_spec(site, first))
    assert post_json(client, "/generate_video", order)["result"]["reused"]
    for choice in ({"quality": "small"}, {"max_bytes": 10_000_000}, {"target": "discord"}):
        other = post_json(client, "/generate_video", order | choice)
        assert "reused" not in other["result"]
        assert read_spec(site, other) == read_spec(site, first) | choice
        assert post_json(client, "/generate_video", order | choice)["result"]["reused"]


@pytest.mark.parametrize("look", [{}, DRY], ids=str)
@pytest.mark.parametrize(
    ("choice", "field"),
    [
        ({"target": "instagram", "fps": 15}, "fps"),
        ({"target": "tiktok", "resolution": "64x64"}, "resolution"),
        ({"target": "instagram", "duration": 0.2}, "target"),
        ({"max_bytes": 10_000, "duration": 60, "resolution": "1920x1080"}, "max_bytes"),
        ({"max_bytes": 9_999}, "max_bytes"),
        ({"max_bytes": "1 MB"}, "max_bytes"),
        ({"target": "myspace"}, "target"),
        ({"quality": "best"}, "quality"),
    ],
)
def test_what_is_impossible_is_refused(
    client: FlaskClient,
    order: dict[str, Any],
    look: dict[str, Any],
    choice: dict[str, Any],
    field: str,
) -> None:
    problem = read_problem(client.post("/generate_video", json=order | choice | look), 422)
    assert problem["field"] == field


def test_clip_for_a_place_is_small_enough(
    site: Site, client: FlaskClient, video_path: Path, tmp_path: Path
) -> None:
    video = send_one(client, "/upload_video", "video", video_path)
    order = {key: video[key] for key in ("session_id", "source_id")} | {"aspect": "original"}
    order |= {"target": "whatsapp", "max_bytes": 60_000}
    said = post_json(client, "/generate_clip", order | DRY)
    assert said["encoding"]["max_bytes"] == 60_000
    answer = post_json(client, "/generate_clip", order)
    path = fetch(client, answer, tmp_path / "clip.mp4")
    assert path.stat().st_size == answer["result"]["file_size"] <= 60_000
    video_track, sound = read_tracks(path)
    assert (video_track.profile, video_track.edit_lists, sound.edit_lists) == (77, 0, 0)
    assert read_spec(site, answer) == {
        "aspect": "original",
        "target": "whatsapp",
        "max_bytes": 60_000,
    }
