"""Videos among the photos of a slideshow, as an order has them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import (
    SMALL,
    UNKNOWN,
    Site,
    make_photo,
    opened_site,
    post_json,
    read_problem,
    send_one,
    upload,
)

pytestmark = pytest.mark.render

Media = tuple[dict[str, Any], str, str]


@dataclass(frozen=True)
class Refusals:
    """A site without jobs, its only client, and what that has uploaded."""

    site: Site
    client: FlaskClient
    order: dict[str, Any]
    photo: str
    video: str

    def refuse(self, photos: list[dict[str, Any]], status: int = 422) -> dict[str, Any]:
        """Order a slideshow, and return why it is refused."""
        response = self.client.post("/generate_video", json=self.order | {"photos": photos})
        assert self.site.count_jobs() == 0
        return read_problem(response, status)


def send_both(client: FlaskClient, video: Path) -> Media:
    """Upload a photo and a video of three seconds; return an order, and the id of each."""
    sent = upload(client, [("red.jpg", make_photo())])
    session_id = sent["session_id"]
    source = send_one(client, "/upload_video", "video", video, session_id=session_id)
    return {"session_id": session_id, **SMALL}, sent["images"][0]["id"], source["source_id"]


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory, video_path: Path) -> Refusals:
    """A photo and a video that are uploaded once for all orders of them that are refused."""
    with opened_site(tmp_path_factory.mktemp("refusals")) as site:
        client = site.open_client()
        return Refusals(site, client, *send_both(client, video_path))


def test_video_plays_between_photos(any_site: Site, video_path: Path) -> None:
    client = any_site.open_client()
    order, photo, video = send_both(client, video_path)
    part = {"id": video, "start": 0.5, "end": 2.0, "caption": "Film", "transition": "none"}
    order["photos"] = [{"id": photo}, part, {"id": photo}]

    said = post_json(client, "/generate_video", order | {"dry_run": True})
    job = post_json(client, "/generate_video", order)

    # Photos of 0.3 seconds at 15 frames a second, the last 0.1 seconds of the first one the fade.
    assert said["frames"] == round((0.3 + 1.4 + 0.3) * 15)
    assert said["estimated_file_size"] > 0
    work = any_site.services.ledger.read(job["job_id"]).job.work
    assert work["photos"][1]["spec"] == {
        "caption": "Film",
        "transition": "none",
        "video": {"start": 0.5, "end": 2.0},
    }


def test_slideshow_with_a_video_is_rendered(site: Site, video_path: Path) -> None:
    client = site.open_client()
    order, photo, video = send_both(client, video_path)
    sizes = []
    for mute in (False, True):
        photos = [{"id": video, "end": 1.5, "mute": mute}, {"id": photo}]
        result = post_json(client, "/generate_video", order | {"photos": photos})["result"]
        assert result["frames"] == round((1.5 + 0.3) * 15)
        sizes.append(result["file_size"])
    assert sizes[0] > sizes[1]  # by its sound


def test_session_without_a_choice_shows_its_photos_only(site: Site, video_path: Path) -> None:
    client = site.open_client()
    order, _, _ = send_both(client, video_path)
    assert post_json(client, "/generate_video", order)["result"]["frames"] == round(0.3 * 15)


@pytest.mark.parametrize(
    ("choice", "field", "sentence"),
    [
        ({"start": -1}, "start", "0"),
        ({"start": 3}, "start", "the video, which lasts 3.0"),
        ({"end": 9}, "end", "at most 3.0"),
        ({"end": 0}, "end", "0"),
        ({"start": 2, "end": 1}, "end", "at least 0.2 seconds after start"),
        ({"start": 1, "end": 1.1}, "end", "at least 0.2 seconds after start"),
        ({"mute": "yes"}, "mute", "valid"),
        ({"duration": 2}, "duration", "this is a video, which has no duration"),
        ({"motion": "zoom_in"}, "motion", "this is a video, which has no motion"),
        ({"video": {"start": 0, "end": 1}}, "video", "not supported"),
        ({"speed": 2}, "speed", "not supported"),
    ],
    ids=str,
)
def test_video_that_cannot_play_is_refused_by_name(
    refusals: Refusals, choice: dict[str, object], field: str, sentence: str
) -> None:
    problem = refusals.refuse([{"id": refusals.photo}, {"id": refusals.video, **choice}])
    assert problem["field"] == f"photos.1.{field}"
    assert sentence in problem["detail"]


@pytest.mark.parametrize("choice", [{"start": 0.0}, {"end": 2.0}, {"mute": False}], ids=str)
def test_photo_has_nothing_that_only_a_video_has(
    refusals: Refusals, choice: dict[str, object]
) -> None:
    problem = refusals.refuse([{"id": refusals.photo, **choice}])
    assert problem["field"] == f"photos.0.{next(iter(choice))}"
    assert "this is a photo, which has no" in problem["detail"]


def test_videos_keep_their_time_where_photos_fit_the_music(
    site: Site, video_path: Path, song_path: Path
) -> None:
    client = site.open_client()
    order, photo, video = send_both(client, video_path)
    session_id = order["session_id"]
    song = send_one(client, "/upload_audio", "audio", song_path, session_id=session_id)
    order |= {"audio_id": song["audio_id"], "fit_to_music": True, "transition": "none"}

    both = order | {"photos": [{"id": photo}, {"id": video, "end": 1}, {"id": photo}]}
    result = post_json(client, "/generate_video", both)["result"]
    assert result["duration"] == pytest.approx(song["duration"], abs=0.1)

    for photos, sentence in (
        ([{"id": video}], "only photos can last longer or shorter"),
        ([{"id": photo}, {"id": video}, {"id": video}], "beside 2 videos"),
    ):
        response = client.post("/generate_video", json=order | {"photos": photos})
        problem = read_problem(response, 422)
        assert problem["field"] == "fit_to_music"
        assert sentence in problem["detail"]


def test_missing_video_gets_the_answer_of_a_missing_photo(refusals: Refusals) -> None:
    problem = refusals.refuse([{"id": refusals.video}, {"id": UNKNOWN, "start": 1}], 404)
    assert problem["detail"] == (
        f"There is no photo or video {UNKNOWN} in this session: upload it again."
    )
