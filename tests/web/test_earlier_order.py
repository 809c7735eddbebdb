"""The order of an earlier job, as it can be changed and sent again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.conftest import (
    SMALL,
    Finished,
    Site,
    make_photo,
    post_json,
    read_problem,
    send_one,
    upload,
)
from tests.web.test_captions import upload_captions

pytestmark = pytest.mark.render


def test_order_makes_the_same_again_with_every_choice(
    site: Site, song_path: Path, video_path: Path
) -> None:
    browser = site.open_browser()
    photos = upload(browser, [("red.jpg", make_photo()), ("blue.jpg", make_photo("blue"))])
    session = {"session_id": photos["session_id"]}
    song = send_one(browser, "/upload_audio", "audio", song_path, **session)
    video = send_one(browser, "/upload_video", "video", video_path, **session)
    first, second = (photo["id"] for photo in photos["images"])
    choices = [
        {"id": second, "caption": "The sea", "duration": 0.5},
        {"id": video["source_id"], "start": 0.25, "end": 0.75, "mute": True},
        {"id": first, "rotate": 90},
    ]
    order = {
        **session,
        **SMALL,
        "photos": choices,
        "tracks": [{"id": song["audio_id"], "start": 1.0}],
        "title": {"text": "Summer", "background": "#203040", "duration": 0.5},
        "transition": "wipe_left",
    }
    made = post_json(browser, "/generate_video", order)
    answer = browser.get(f"/jobs/{made['job_id']}/order").json
    assert answer is not None
    assert answer["session_id"] == session["session_id"]
    assert [photo["id"] for photo in answer["order"]["photos"]] == [
        choice["id"] for choice in choices
    ]
    for given, told in zip(choices, answer["order"]["photos"], strict=True):
        assert given.items() <= told.items()
    assert answer["order"]["title"]["background"] == "#203040"
    named = {item["id"]: (item["kind"], item["filename"]) for item in answer["uploads"]}
    assert named[second] == ("photo", "blue.jpg")
    assert named[video["source_id"]] == ("video", video_path.name)
    assert named[song["audio_id"]] == ("audio", song_path.name)
    again = post_json(browser, "/generate_video", answer["order"])
    assert again["status"] == "finished", again
    assert again["result"]["reused"] is True  # it is the same to the frame


def test_order_whose_uploads_are_gone_is_refused(site: Site) -> None:
    browser = site.open_browser()
    photos = upload(browser, [("red.jpg", make_photo())])
    session_id = photos["session_id"]
    made = post_json(browser, "/generate_video", {"session_id": session_id, **SMALL})
    assert browser.delete(f"/sessions/{session_id}").status_code == 204
    problem = read_problem(browser.get(f"/jobs/{made['job_id']}/order"), 409)
    assert problem["detail"].startswith("The files of this job have been deleted")


def test_order_is_its_owner_s(finished: Finished) -> None:
    url = f"/jobs/{finished.job_id}/order"
    assert finished.browser.get(url).status_code == 200
    read_problem(finished.site.open_browser().get(url), 404)


def test_order_of_a_clip_makes_the_same_again(
    site: Site, song_path: Path, video_path: Path
) -> None:
    browser = site.open_browser()
    video = send_one(browser, "/upload_video", "video", video_path)
    session = {"session_id": video["session_id"]}
    song = send_one(browser, "/upload_audio", "audio", song_path, **session)
    logo = upload(browser, [("logo.jpg", make_photo())], **session)["images"][0]
    file = upload_captions(browser, session["session_id"])
    order = {
        "source_id": video["source_id"],
        "segments": [{"start": 0.2, "end": 0.7}, {"start": 1.0, "end": 1.5, "focus": "auto"}],
        "fit": "crop",
        "resolution": "64x64",
        "captions": {"id": file["captions_id"], "times": "source"},
        "tracks": [{"id": song["audio_id"], "start": 1.0, "end": None}],
        "logo": {"id": logo["id"], "width": 0.3},
        "title": {"text": "Summer", "background": "#203040", "duration": 0.5},
        "animation": True,
    }
    made = post_json(browser, "/generate_clip", session | order)
    answer = browser.get(f"/jobs/{made['job_id']}/order").json
    assert answer is not None
    assert answer["kind"] == "clip"
    assert answer["order"] == session | order
    told = {item["id"]: item for item in answer["uploads"]}
    assert {item["kind"] for item in told.values()} == {"video", "audio", "photo", "captions"}
    facts = ("width", "height", "duration", "has_audio", "sound_tracks")
    assert all(told[video["source_id"]][name] == video[name] for name in facts)
    assert told[file["captions_id"]]["cues"] == file["cues"]
    again = post_json(browser, "/generate_clip", answer["order"])
    assert again["status"] == "finished", again
    assert again["result"]["reused"] is True  # it is the same to the frame


def test_order_of_what_is_no_video_is_not_told(site: Site, video_path: Path) -> None:
    browser = site.open_browser()
    video = send_one(browser, "/upload_video", "video", video_path)
    named = {"session_id": video["session_id"]}
    made = post_json(browser, f"/analyze/{video['source_id']}", named)
    read_problem(browser.get(f"/jobs/{made['job_id']}/order"), 409)
