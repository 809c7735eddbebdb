"""Orders that are refused, with their reasons, and invalid ids."""

from __future__ import annotations

import json
import re
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import (
    UNKNOWN,
    Finished,
    OpenSite,
    Site,
    make_photo,
    post_json,
    read_problem,
    send_one,
    upload,
)

ODD_IDS = [
    "x",
    "..",
    "%2e%2e",
    "%00",
    "%0a",
    "%ff",
    "a:b",
    UNKNOWN.upper(),
    f"{UNKNOWN}-2",
    f"{UNKNOWN}:1",
    f"{UNKNOWN}%0a",
    "x" * 10_000,
]

SESSION_JSON = json.dumps({"session_id": UNKNOWN}).encode()


@pytest.mark.parametrize("route", ["/generate_video", "/generate_clip"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"hello", 400),
        (b"{", 400),
        (b'{"session_id": "\\ud800"}', 400),
        (b'{"session_id": "\xe9"}', 400),
        (SESSION_JSON.decode().encode("utf-16"), 400),
        (b"\xef\xbb\xbf" + SESSION_JSON, 400),
        (b"[" * 100_000, 400),
        (b'{"session_id":' + b"[" * 100 + b"]" * 100 + b"}", 422),
        (b'{"duration":' + b"1" * 1_000_000 + b"}", 400),
        (b"[]", 422),
        (b"null", 422),
        (b'"text"', 422),
        (b"{}", 422),
        (b'{"' + b"k" * 1_000_000 + b'": 1}', 422),
        (b" " * 2_000_001, 413),
    ],
)
def test_body_that_is_no_request_is_refused(
    site: Site, route: str, body: bytes, status: int
) -> None:
    response = site.open_client().post(route, data=body, content_type="application/json")
    read_problem(response, status)
    assert site.list_stored() == []


@pytest.mark.parametrize("content_type", ["", "text/plain", "multipart/form-data; boundary=x"])
def test_body_that_is_not_called_json_is_refused(site: Site, content_type: str) -> None:
    response = site.open_client().post(
        "/generate_video", data=SESSION_JSON, content_type=content_type
    )
    assert "application/json" in read_problem(response, 415)["detail"]


BAD_FIELDS: list[tuple[str, Any]] = [
    *(("duration", value) for value in (0, -1, 1e308, "3", True, None, [3], {"s": 3})),
    ("focus", {"x": 1.01, "y": 0}),
    ("focus", {"x": 0.5}),
    ("focus", [0.5, 0.5]),
    ("rotate", 45),
    ("background", "red; rm -rf /"),
    ("transition", "fade:enable='between(t,0,1)'"),
    ("transition", ""),
    ("transition_duration", -0.1),
    ("transition_duration", 11),
    ("resolution", "1920x1080;rm -rf /"),
    ("resolution", "0x0"),
    ("resolution", "99999x99999"),
    ("resolution", "１９２０x1080"),  # noqa: RUF001 (digits of another width are the point)
    ("resolution", "1920x1080\n"),
    ("resolution", [1920, 1080]),
    ("fps", 31),
    ("fps", "30"),
    ("fit", "stretch"),
    ("on_bad_photo", "repair"),
    ("priority", "urgent"),
    ("priority", 11),
    ("priority", -1),
    ("priority", True),
    ("priority", "7"),
    ("priority", 7.5),
    ("session_id", ".."),
    ("session_id", "x" * 10_000),
    ("session_id", None),
    ("audio_id", "../../etc/passwd"),
    ("audio_id", 5),
    ("tracks", []),
    ("tracks", "all"),
    ("tracks", [{"id": ".."}]),
    ("tracks", [{"id": UNKNOWN, "start": -1}]),
    ("tracks", [{"id": UNKNOWN, "end": 86_400}]),
    ("tracks", [{"id": UNKNOWN, "start": 3, "end": 3}]),
    ("tracks", [{"id": UNKNOWN}] * 51),
    ("volume", -1),
    ("fit_to_music", "yes"),
    ("job_id", "a:b"),
    ("photos", []),
    ("photos", [{"id": ".."}]),
    ("photos", [{"id": UNKNOWN, "caption": "x" * 100_000}]),
    ("photos", [{"id": UNKNOWN, "caption": 7}]),
    ("title", {"text": ""}),
    ("title", {"text": "x" * 100_000}),
    ("title", {"text": "x", "duration": 1e9}),
    ("end_title", {"text": "x", "background": "red"}),
    ("caption_style", {"position": "left"}),
    ("caption_style", {"size": 12}),
    ("photos", "all"),
    ("callback_url", "http://127.0.0.1/"),
    ("text", "':\\%{pts}\ntextfile=/etc/passwd"),
]


@pytest.mark.parametrize(("field", "value"), BAD_FIELDS)
def test_field_outside_its_limits_is_named(queue_site: Site, field: str, value: object) -> None:
    client = queue_site.open_client()
    body = {"session_id": UNKNOWN, field: value}
    problem = read_problem(client.post("/generate_video", json=body), 422)
    assert problem["type"] == "/problems/invalid-spec"
    assert problem["field"].split(".")[0] == field
    assert problem["detail"].startswith(field)


REFUSALS: list[tuple[str, Any, str]] = [
    ("duration", 0, "must be greater than or equal to 0.2"),
    ("duration", 1e9, "must be less than or equal to 60"),
    *(("duration", value, "must be a finite number") for value in (nan, inf, -inf)),
    ("transition", "explode", "must be 'none', 'fade', "),
    ("transition_duration", 1e9, "must be less than or equal to 10"),
    ("resolution", "8k", "must be a size such as 1280x720, or 1080p, "),
    ("resolution", "10x10", "each side must be 64 to 3840 pixels"),
    ("preview", "yes", "must be a valid boolean"),
    ("fps", 0, "must be one of 15, 20, "),
    ("motion", "spin", "must be 'none', 'kenburns', "),
    ("seed", -1, "must be greater than or equal to 0"),
    ("seed", 2147483648, "must be less than or equal to 2147483647"),
    ("seed", 1.5, "must be a valid integer"),
    ("order", "size", "must be 'uploaded', 'name' or 'date'"),
    ("background", "red", "must be a colour such as #203040"),
    ("volume", nan, "must be a finite number"),
    ("volume", 2.1, "must be less than or equal to 2"),
    ("focus.x", 1.5, "must be less than or equal to 1"),
    ("focus.y", nan, "must be a finite number"),
    ("title.text", None, "must be a valid string"),
    ("title.text", "", "must have at least one visible character"),
    ("end_title.duration", 0, "must be greater than or equal to 0.2"),
    ("caption_style.backing", "none", "must be 'box', 'shadow' or 'outline'"),
    ("tracks.0.start", -1, "must be greater than or equal to 0"),
    ("tracks.0.end", 86400, "must be less than or equal to 14400"),
    ("photos.0.id", "x", "must be an id from an upload"),
    ("photos.1.duration", nan, "must be a finite number"),
    ("photos.1.transition", "explode", "must be 'none', 'fade', "),
    ("photos.1.transition_duration", -1, "must be greater than or equal to 0"),
    ("photos.2.fit", "fill", "must be 'contain', 'cover' or 'blur'"),
    ("photos.2.rotate", 45, "must be 0, 90, 180 or 270"),
    ("photos.2.motion", "spin", "must be 'none', 'kenburns', "),
    ("photos.3.focus.x", 1.5, "must be less than or equal to 1"),
    ("photos.3.focus.y", -0.1, "must be greater than or equal to 0"),
    ("photos.3.caption", "x" * 100_000, "must have at most 300 characters"),
    ("photos.3.volume", 1, "is not supported here: remove it"),
]


def test_refusal_names_the_field_by_its_path_and_says_what_is_allowed(queue_site: Site) -> None:
    client = queue_site.open_client()
    for path, value, allowed in REFUSALS:
        problem = read_problem(client.post("/generate_video", json=make_order(path, value)), 422)
        assert problem["field"] == path, problem
        assert problem["detail"].startswith(f"{path}: {allowed}")
    assert queue_site.count_jobs() == 0


def make_order(path: str, value: object) -> dict[str, Any]:
    """Return a valid order, except for the value at a path."""
    card, middle = {"text": "x"}, {"x": 0.5, "y": 0.5}
    photos = [{"id": UNKNOWN, "focus": dict(middle)} for _ in range(4)]
    order = {"session_id": UNKNOWN, "photos": photos, "tracks": [{"id": UNKNOWN}], "focus": middle}
    order |= {"title": dict(card), "end_title": card, "caption_style": {}}
    *parents, name = path.split(".")
    place: Any = order
    for parent in parents:
        place = place[int(parent) if isinstance(place, list) else parent]
    place[name] = value
    return order


BAD_CLIPS: list[tuple[dict[str, Any], str]] = [
    ({"start": 2, "end": 1}, ""),
    ({"start": 1, "end": 1}, ""),
    ({"start": -1}, "start"),
    ({"start": 3600}, "start"),
    ({"end": 3600}, "end"),
    ({"end": 1e308}, "end"),
    ({"start": "0"}, "start"),
    ({"aspect": "2147483647:1"}, "aspect"),
    ({"aspect": "4:6"}, "aspect"),
    ({"resolution": "32x900"}, "resolution"),
    ({"resolution": "huge"}, "resolution"),
    ({"resolution": 720}, "resolution"),
    ({"aspect": "9:16", "resolution": "720x900"}, "resolution"),
    ({"rotate": 45}, "rotate"),
    ({"fit": "crop", "focus": {"x": 2, "y": 0.5}}, "focus.x"),
    ({"fit": "crop", "focus": {"x": 0.5}}, "focus.y"),
    ({"fit": "crop", "focus": "middle"}, "focus"),
    ({"focus": {"x": 0.5, "y": 0.5}}, "focus"),
    ({"focus": "auto"}, "focus"),
    ({"fit": "pad", "focus": {"x": 0.5, "y": 0.5}}, "focus"),
    ({"captions": [{"start": 1, "end": 0.5, "text": "x"}]}, "captions.0"),
    ({"captions": [{"start": 0, "end": 1, "text": "x" * 100_000}]}, "captions.0.text"),
    ({"captions": [{"start": 0, "end": 1, "text": "x"}] * 20_001}, "captions"),
    ({"captions": [{"start": 0, "end": 1, "text": "x"}] * 9}, "captions"),
    ({"captions": "rack"}, "captions"),
    ({"silences": "drop"}, "silences"),
    ({"captions": {}}, "captions.cues"),
    ({"captions": {"cues": [{"start": 1, "end": 0.5, "text": "x"}]}}, "captions.cues.0"),
    ({"captions": {"cues": [], "times": "never"}}, "captions.times"),
    ({"captions": {"id": "x"}}, "captions.id"),
    ({"captions": {"id": UNKNOWN, "times": 1}}, "captions.times"),
    ({"segments": [{"start": 0.5, "end": 0.2}]}, "segments.0"),
    ({"segments": [{"start": 0.1, "end": 0.5}, {"start": 0.4, "end": 0.8}]}, "segments.1.start"),
    ({"segments": [{"start": 0.5, "end": 0.8}, {"start": 0.1, "end": 0.3}]}, "segments.1.start"),
    ({"segments": [{"start": 0.1, "end": 0.5}, {"start": 3600}]}, "segments.1.start"),
    ({"segments": [{"start": 0.1, "end": 3600}]}, "segments.0.end"),
    ({"segments": [{"start": 0.1, "end": 0.5}] * 10_000}, "segments"),
    ({"segments": [{"start": 0.1, "end": 0.5}], "start": 0.2}, "segments"),
    ({"segments": [{"from": 0.1}]}, "segments.0.from"),
    ({"segments": [{"start": 0.1, "end": 0.5, "focus": "auto"}]}, "segments.0.focus"),
    ({"fit": "crop", "segments": [{"end": 0.5, "focus": "middle"}]}, "segments.0.focus"),
    ({"fit": "crop", "segments": [{"end": 0.5, "focus": {"x": 2, "y": 0}}]}, "segments.0.focus.x"),
    (
        {
            "segments": [{"start": 0.1, "end": 0.4}, {"start": 0.5, "end": 0.9}],
            "transition": "fade",
            "transition_duration": 0.4,
        },
        "transition_duration",
    ),
    ({"transition": "dissolve"}, "transition"),
    ({"transition_duration": 0}, "transition_duration"),
    ({"speed": 0}, "speed"),
    ({"speed": 4.5}, "speed"),
    ({"speed": "2"}, "speed"),
]


def test_clip_outside_its_limits_is_refused(queue_site: Site, video_path: Path) -> None:
    client = queue_site.open_client()
    video = send_one(client, "/upload_video", "video", video_path)
    source = {key: video[key] for key in ("session_id", "source_id")}
    for times, field in BAD_CLIPS:
        problem = read_problem(client.post("/generate_clip", json=source | times), 422)
        assert problem.get("field", "") == field
    assert queue_site.count_jobs() == 0


def test_music_outside_its_limits_is_refused(open_site: OpenSite, song_path: Path) -> None:
    site = open_site(MAX_VIDEO_SECONDS="30")
    client = site.open_client()
    sent = upload(client, [("red.jpg", make_photo())])
    session_id = sent["session_id"]
    song = send_one(client, "/upload_audio", "audio", song_path, session_id=session_id)["audio_id"]
    photo = {"id": sent["images"][0]["id"]}
    for spec, field in (
        ({"tracks": [{"id": song}, {"id": song, "start": 4}]}, "tracks.1.start"),
        ({"tracks": [{"id": song, "end": 4.5}]}, "tracks.0.end"),
        ({"fit_to_music": True}, "fit_to_music"),
        ({"fit_to_music": True, "audio_id": song, "photos": [photo] * 21}, "fit_to_music"),
        ({"fit_to_music": True, "tracks": [{"id": song}] * 20}, "fit_to_music"),
        ({"audio_id": song, "tracks": [{"id": song}]}, "tracks"),
    ):
        body = {"session_id": session_id, **spec}
        problem = read_problem(client.post("/generate_video", json=body), 422)
        assert problem["field"] == field
        assert problem["detail"].startswith(f"{field}: ")
    assert site.count_jobs() == 0


def test_slideshow_fits_its_tracks(site: Site, song_path: Path) -> None:
    client = site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())] * 2)["session_id"]
    song = send_one(client, "/upload_audio", "audio", song_path, session_id=session_id)["audio_id"]
    body = {
        "session_id": session_id,
        "tracks": [{"id": song, "start": 1, "end": 3}, {"id": song, "end": 3}],
        "fit_to_music": True,
        "volume": 0.5,
        "resolution": "160x90",
    }
    job = post_json(client, "/generate_video", body)
    assert job["result"]["frames"] == 4 * 30


def test_missing_media_get_the_same_answer_as_those_of_another_owner(
    queue_site: Site, song_path: Path
) -> None:
    mine, other = queue_site.open_browser(), queue_site.open_browser()
    photos = upload(mine, [("red.jpg", make_photo())])
    session_id, photo = photos["session_id"], photos["images"][0]["id"]
    song = send_one(mine, "/upload_audio", "audio", song_path, session_id=session_id)["audio_id"]

    def ask(client: FlaskClient, url: str, **spec: object) -> str:
        response = client.post(url, json={"session_id": session_id, **spec})
        return re.sub(r"[0-9a-f-]{36}", "ID", read_problem(response, 404)["detail"])

    for field, wrong, url in (
        ("audio_id", photo, "/generate_video"),
        ("source_id", photo, "/generate_clip"),
    ):
        answers = {ask(mine, url, **{field: media}) for media in (UNKNOWN, wrong)}
        assert len(answers) == 1
    by_photo = {
        ask(mine, "/generate_video", photos=[{"id": photo}, {"id": UNKNOWN}]),
        ask(mine, "/generate_video", photos=[{"id": photo}, {"id": song}]),
        ask(other, "/generate_video", photos=[{"id": photo}]),
    }
    assert len(by_photo) == 1
    ask(other, "/generate_video", photos=[{"id": photo}], audio_id=song)
    empty = [(other, session_id), (mine, UNKNOWN)]
    assert (
        len(
            {
                read_problem(client.post("/generate_video", json={"session_id": session}), 422)[
                    "detail"
                ]
                for client, session in empty
            }
        )
        == 1
    )
    assert queue_site.count_jobs() == 0


def test_slideshow_of_more_than_is_rendered_is_refused(open_site: OpenSite, redis_url: str) -> None:
    site = open_site(REDIS_URL=redis_url, MAX_PHOTOS="3", MAX_VIDEO_SECONDS="10")
    client = site.open_client()
    sent = upload(client, [("red.jpg", make_photo())])
    photo = {"id": sent["images"][0]["id"]}
    spec = {"session_id": sent["session_id"]}
    for more, field in (
        ({"photos": [photo] * 4}, "photos"),
        ({"photos": [{"id": UNKNOWN}] * 30_000}, "photos"),
        ({"photos": [photo] * 3, "duration": 4}, "duration"),
    ):
        problem = read_problem(client.post("/generate_video", json=spec | more), 422)
        assert problem["field"] == field
    assert post_json(client, "/generate_video", spec | {"photos": [photo] * 3})["success"]


@pytest.mark.parametrize("job_id", [UNKNOWN, *ODD_IDS])
def test_unknown_job_gets_the_same_answer_as_that_of_another_owner(
    finished: Finished, job_id: str
) -> None:
    def ask(client: FlaskClient, method: str, url: str, job_id: str) -> str:
        problem = read_problem(client.open(f"{url}/{job_id}", method=method), 404)
        return str(problem["detail"]).replace(job_id, "ID")

    other = finished.site.open_browser()
    for method, url in (
        ("GET", "/job_status"),
        ("GET", "/job_events"),
        ("POST", "/job_cancel"),
        ("POST", "/job_retry"),
        ("GET", "/download"),
        ("GET", "/poster"),
    ):
        foreign = ask(other, method, url, finished.job_id)
        known = ask(finished.browser, method, url, job_id)
        assert foreign == "There is no job ID."
        assert known == (foreign if job_id == UNKNOWN else "There is no such job.")


@pytest.mark.parametrize("path", ["/job_status/..%2fx", "/job_status/"])
def test_address_with_a_slash_too_many_is_not_found(site: Site, path: str) -> None:
    read_problem(site.open_client().get(path), 404)
