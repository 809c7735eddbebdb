"""The look of clips, as an order has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.conftest import (
    UNKNOWN,
    OpenSite,
    Site,
    make_photo,
    post_json,
    read_problem,
    send,
    upload,
)
from tests.web.test_captions import upload_video

pytestmark = pytest.mark.render


@pytest.mark.parametrize(
    ("look", "field", "sentence"),
    [
        ({"fade_in": -1}, "fade_in", "0"),
        ({"fade_out": 61}, "fade_out", "60"),
        ({"fade_in": "1"}, "fade_in", "number"),
        ({"brightness": 0}, "brightness", "0.2"),
        ({"brightness": 4}, "brightness", "3"),
        ({"contrast": 0.1}, "contrast", "0.2"),
        ({"saturation": -1}, "saturation", "0"),
        ({"saturation": 3.5}, "saturation", "3"),
        ({"denoise": "much"}, "denoise", "light"),
        ({"logo": {"position": "top_left"}}, "logo.id", "missing"),
        ({"logo": {"id": UNKNOWN, "position": "top"}}, "logo.position", "top_left"),
        ({"logo": {"id": UNKNOWN, "opacity": 0}}, "logo.opacity", "0.05"),
        ({"logo": {"id": UNKNOWN, "width": 1.5}}, "logo.width", "1"),
        ({"logo": {"id": UNKNOWN, "height": 1}}, "logo.height", "not supported"),
        ({"logo": "logo.png"}, "logo", "object"),
        ({"title": {"text": ""}}, "title.text", "visible"),
        ({"title": {"text": "A" * 101}}, "title.text", "100"),
        ({"title": {"text": "Hi", "duration": 61}}, "title.duration", "60"),
        ({"end_title": {"text": "Hi", "background": "red"}}, "end_title.background", "#"),
        ({"end_title": {"text": "\U0003ffff"}}, "end_title.text", "no installed font"),
        ({"title": "Hi"}, "title", "object"),
    ],
)
def test_look_that_cannot_be_made_is_refused_by_name(
    site: Site, video_path: Path, look: dict[str, object], field: str, sentence: str
) -> None:
    client = site.open_client()
    problem = read_problem(
        client.post("/generate_clip", json=upload_video(client, video_path) | look), 422
    )
    assert problem["field"] == field
    assert sentence in problem["detail"]
    assert site.count_jobs() == 0


def test_clip_gets_the_look_that_was_ordered(site: Site, video_path: Path) -> None:
    client = site.open_client()
    order = upload_video(client, video_path)
    plain = post_json(client, "/generate_clip", order)["result"]
    look = {"fade_in": 0.1, "fade_out": 0.1, "brightness": 1.2, "denoise": "light"}
    result = post_json(client, "/generate_clip", order | look)["result"]
    assert result["frames"] == plain["frames"]
    files = [client.get(each["download_url"]).data for each in (plain, result)]
    assert files[0] != files[1]


def test_clip_has_a_photo_of_the_session_as_its_logo(site: Site, video_path: Path) -> None:
    client = site.open_client()
    order = upload_video(client, video_path)
    photo = make_photo("red", "PNG", "RGBA")
    answer = upload(client, [("logo.png", photo)], session_id=order["session_id"])
    logo = {"id": answer["images"][0]["id"], "opacity": 0.9}
    assert post_json(client, "/generate_clip", order | {"logo": logo, "dry_run": True})["frames"]
    results = [
        post_json(client, "/generate_clip", order | {"logo": each})["result"]
        for each in (None, logo, logo | {"width": 0.3}, logo)
    ]
    files = {client.get(each["download_url"]).data for each in results}
    assert len(files) == 3
    assert [each.get("reused") for each in results] == [None, None, None, True]


def test_logo_that_is_no_photo_is_refused(site: Site, video_path: Path) -> None:
    client = site.open_client()
    order = upload_video(client, video_path)
    video = client.post("/generate_clip", json=order | {"logo": {"id": order["source_id"]}})
    problem = read_problem(video, 422)
    assert problem["field"] == "logo.id"
    assert "this is a video: upload the logo as a photo" in problem["detail"]
    read_problem(client.post("/generate_clip", json=order | {"logo": {"id": UNKNOWN}}), 404)
    text = [("logo.png", b"not a picture")]
    response = send(client, "/upload_images", "images", text, session_id=order["session_id"])
    assert "is not in a supported format" in response.text
    assert site.count_jobs() == 0


def test_clip_has_the_cards_that_were_ordered(site: Site, video_path: Path) -> None:
    client = site.open_client()
    order = upload_video(client, video_path)
    cards = {"title": {"text": "Our trip", "duration": 0.4}, "end_title": {"text": "The end"}}
    said = post_json(client, "/generate_clip", order | cards | {"dry_run": True})
    result = post_json(client, "/generate_clip", order | cards)["result"]
    assert said["duration"] == result["duration"] == 3.8


def test_cards_count_towards_the_longest_video(open_site: OpenSite, video_path: Path) -> None:
    site = open_site(MAX_VIDEO_SECONDS="3")
    client = site.open_client()
    order = upload_video(client, video_path) | {"title": {"text": "Our trip", "duration": 4}}
    problem = read_problem(client.post("/generate_clip", json=order), 422)
    assert "the limit is 3 seconds" in problem["detail"]


def test_clip_has_a_moving_preview_on_request(site: Site, video_path: Path) -> None:
    client = site.open_client()
    order = upload_video(client, video_path)
    assert "animation_url" not in post_json(client, "/generate_clip", order)["result"]
    for is_reused in (None, True):
        result = post_json(client, "/generate_clip", order | {"animation": True})["result"]
        assert result.get("reused") is is_reused
        response = client.get(result["animation_url"] + "?inline=1")
        assert response.mimetype == "image/webp"
        assert (response.data[:4], response.data[8:12]) == (b"RIFF", b"WEBP")
    problem = read_problem(client.post("/generate_clip", json=order | {"animation": 1}), 422)
    assert problem["field"] == "animation"
