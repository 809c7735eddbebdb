"""What a preview in the page is made of: larger thumbnails, uploaded music, and the timeline."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from pydantic import TypeAdapter
from werkzeug.test import TestResponse

from benchmarks.material import read_frames
from reelqueue.planning.storyboard.clip_model import ClipStoryboard
from reelqueue.planning.storyboard.model import Storyboard
from tests.web.conftest import SMALL, Site, make_photo, post_json, read_problem, send_one, upload

pytestmark = pytest.mark.process

LARGE = {"size": "large"}


def test_large_thumbnail_is_larger_where_the_photo_is(site: Site, photo_paths: list[Path]) -> None:
    client = site.open_client()
    files = [("coffee.png", photo_paths[0].read_bytes()), ("red.jpg", make_photo())]
    large, small = (image["thumbnail_url"] for image in upload(client, files)["images"])
    for address, query, size in (
        (large, {}, (320, 213)),
        (large, LARGE, (600, 400)),
        (small, LARGE, (96, 64)),
    ):
        response = client.get(address, query_string=query)
        assert response.content_type == "image/jpeg"
        assert Image.open(BytesIO(response.data)).size == size
    assert site.open_browser().get(large, query_string=LARGE).status_code == 404


def test_upload_of_an_earlier_version_has_its_small_thumbnail(
    site: Site, photo_paths: list[Path]
) -> None:
    client = site.open_client()
    (image,) = upload(client, [("coffee.png", photo_paths[0].read_bytes())])["images"]
    (large,) = (key for key in site.list_stored() if key.endswith("/thumb.large.jpg"))
    site.services.store.delete(large)
    response = client.get(image["thumbnail_url"], query_string=LARGE)
    assert Image.open(BytesIO(response.data)).size == (320, 213)


def test_uploaded_music_is_heard_by_its_owner_alone(site: Site, song_path: Path) -> None:
    client = site.open_browser()
    song = send_one(client, "/upload_audio", "audio", song_path)
    address = f"/media/{song['session_id']}/{song['audio_id']}"
    whole = client.get(address)
    assert (whole.status_code, whole.data) == (200, song_path.read_bytes())
    assert whole.content_type == "audio/mpeg"
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    assert whole.headers["Content-Disposition"] == "attachment"
    part = client.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, song_path.read_bytes()[10:20])
    read_problem(site.open_browser().get(address), 404)


@pytest.mark.parametrize(
    "address", ["/media/{session}/{photo}", "/media/{session}/x", "/media/x/y"]
)
def test_what_is_no_music_is_not_heard(site: Site, address: str) -> None:
    client = site.open_browser()
    photos = upload(client, [("red.jpg", make_photo())])
    ids = {"session": photos["session_id"], "photo": photos["images"][0]["id"]}
    read_problem(client.get(address.format(**ids)), 404)


def test_dry_run_of_a_slideshow_has_its_timeline(site: Site) -> None:
    client = site.open_client()
    photos = upload(client, [("red.jpg", make_photo()), ("blue.jpg", make_photo("blue"))])
    session = {"session_id": photos["session_id"], "dry_run": True}
    captioned = [{"id": photo["id"], "caption": photo["filename"]} for photo in photos["images"]]
    said = post_json(client, "/generate_video", session | SMALL | {"photos": captioned})
    board = TypeAdapter(Storyboard).validate_python(said["timeline"])
    assert board.slides[-1].end == said["frames"]
    assert [slide.words[0].lines[0].text for slide in board.slides if slide.words] == [
        "red.jpg",
        "blue.jpg",
    ]
    described = client.get("/openapi.json").json
    assert described
    slide = described["components"]["schemas"]["Slide"]["properties"]
    assert set(said["timeline"]["slides"][0]) <= set(slide)


def test_timeline_is_laid_out_in_the_size_of_the_target(site: Site) -> None:
    client = site.open_client()
    photos = upload(client, [("red.jpg", make_photo()), ("blue.jpg", make_photo("blue"))])
    order = {
        "session_id": photos["session_id"],
        "title": {"text": "In a tall video"},
        "target": "instagram",
        "dry_run": True,
    }
    said = post_json(client, "/generate_video", order)
    width, height = said["width"], said["height"]
    assert width < height
    spelled_out = post_json(client, "/generate_video", order | {"resolution": f"{width}x{height}"})
    assert said["timeline"] == spelled_out["timeline"]


def test_dry_run_of_a_clip_has_its_cuts_and_captions(site: Site, video_path: Path) -> None:
    client = site.open_client()
    video = send_one(client, "/upload_video", "video", video_path)
    order = {key: video[key] for key in ("session_id", "source_id")} | {
        "start": 0.2,
        "end": 1,
        "captions": [{"start": 0.1, "end": 0.5, "text": "Look there"}],
        "caption_style": {"preset": "phrase"},
        "dry_run": True,
    }
    said = post_json(client, "/generate_clip", order)
    board = TypeAdapter(ClipStoryboard).validate_python(said["timeline"])
    assert (board.cuts[0].end, board.cuts[0].video_start) == (said["frames"], 0.2)
    assert [run.text for run in board.captions[0].runs] == ["Look", "there"]
    described = client.get("/openapi.json").json
    assert described
    schemas = described["components"]["schemas"]
    for name, value in (
        ("ClipStoryboard", said["timeline"]),
        ("ShownCaption", said["timeline"]["captions"][0]),
        ("CaptionColors", said["timeline"]["colors"]),
    ):
        assert set(value) <= set(schemas[name]["properties"])


def test_fonts_of_the_package_are_sent_and_no_other_files(site: Site) -> None:
    client = site.open_client()
    with client.get("/typefaces/Inter-SemiBold.otf") as font:
        assert (font.status_code, font.data[:4]) == (200, b"OTTO")
    for name in ("Inter-LICENSE.txt", "none.otf", "..%2Ffonts.py", "../fonts.py"):
        assert client.get(f"/typefaces/{name}").status_code == 404


def make_halves(kind: str, mode: str) -> bytes:
    """Return a picture of 600x400 pixels: red above, and below blue, or transparent."""
    picture = Image.new(mode, (600, 400), (255, 0, 0))
    below = (0, 0, 255) if mode == "RGB" else (0, 0, 255, 0)
    picture.paste(below, (0, 200, 600, 400))
    file = BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def order_preview(client: FlaskClient, photos: dict[str, Any], **more: object) -> TestResponse:
    order = {"session_id": photos["session_id"], "duration": 0.5, "background": "#00ff00"}
    return client.post("/generate_video", json={**order, "preview": True} | more)


def see_halves(client: FlaskClient, answer: TestResponse, folder: Path) -> list[str]:
    """Return the main colours of the upper and the lower half of a video's first picture."""
    assert answer.status_code == 200, answer.text
    assert answer.json
    video = folder / "preview.mp4"
    video.write_bytes(client.get(answer.json["result"]["download_url"]).data)
    first = np.asarray(next(read_frames(video)))
    height, width, _ = first.shape
    return ["rgb"[first[height * part // 4, width // 2].argmax()] for part in (1, 3)]


@pytest.mark.render
def test_preview_is_made_of_the_pictures_that_the_page_shows(site: Site, tmp_path: Path) -> None:
    client = site.open_client()
    photos = upload(client, [("halves.jpg", make_halves("JPEG", "RGB"))])
    whole = order_preview(client, photos)
    (original,) = (key for key in site.list_stored() if key.endswith("/original.jpeg"))
    site.services.store.write(original, b"not read")
    other = {"duration": 0.6}  # else the video of before is the answer
    damaged = order_preview(client, photos, preview=False, **other)
    assert damaged.json
    assert damaged.json["status"] == "failed"
    preview = order_preview(client, photos, **other)
    assert see_halves(client, preview, tmp_path) == ["r", "b"]
    assert see_halves(client, whole, tmp_path) == ["r", "b"]


@pytest.mark.render
def test_preview_of_a_transparent_photo_has_its_background(site: Site, tmp_path: Path) -> None:
    client = site.open_client()
    photos = upload(client, [("halves.png", make_halves("PNG", "RGBA"))])
    assert see_halves(client, order_preview(client, photos), tmp_path) == ["r", "g"]


@pytest.mark.render
def test_preview_of_an_upload_of_an_earlier_version_is_made_of_the_photo(
    site: Site, tmp_path: Path
) -> None:
    client = site.open_client()
    photos = upload(client, [("halves.jpg", make_halves("JPEG", "RGB"))])
    (large,) = (key for key in site.list_stored() if key.endswith("/thumb.large.jpg"))
    site.services.store.delete(large)
    assert see_halves(client, order_preview(client, photos), tmp_path) == ["r", "b"]
