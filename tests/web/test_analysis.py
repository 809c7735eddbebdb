"""Analyses by the API: ordered, told, downloaded, refused."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from PIL import Image

from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.web.answers import Estimate
from reelqueue.web.openapi.document import build_openapi
from tests.conftest import wait_until
from tests.web.conftest import UNKNOWN, OpenSite, Site, post_json, read_problem, send_one

pytestmark = pytest.mark.render

SCENES = "color=red:s=160x90:r=25:d=1.2[a];color=blue:s=160x90:r=25:d=1.8[b];[a][b]concat"
SOUND = "aevalsrc='0.5*lt(mod(t,1.5),1)*sin(2*PI*300*t)':s=48000:d=3"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds: another scene from 1.2 on, silent from 1 to 1.5 and from 2.5 on."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    command = [find_ffmpeg(), "-v", "error", "-nostdin", "-f", "lavfi", "-i", SCENES]
    command += ["-f", "lavfi", "-i", SOUND, "-pix_fmt", "yuv420p", str(path)]
    subprocess.run(command, check=True)
    return path


def send_film(client: FlaskClient, film: Path) -> tuple[str, dict[str, str]]:
    """Upload a video; return the address of its analysis, and the body that it takes."""
    video = send_one(client, "/upload_video", "video", film)
    return f"/analyze/{video['source_id']}", {"session_id": video["session_id"]}


@pytest.fixture(params=["inline", "redis"])
def film_site(
    request: pytest.FixtureRequest, open_site: OpenSite, fork_worker: Callable[..., None]
) -> Site:
    """The product with Redis and a worker, and without Redis."""
    if request.param == "inline":
        return open_site()
    redis = {"REDIS_URL": request.getfixturevalue("redis_url")}
    site = open_site(**redis)
    fork_worker(redis | {"STORAGE_URL": site.storage.as_uri()})
    return site


def finish(client: FlaskClient, url: str, body: dict[str, Any]) -> dict[str, Any]:
    """Order an analysis, wait for its end, and return its status."""
    job_id = post_json(client, url, body)["job_id"]
    status: dict[str, Any] = {}

    def has_ended() -> bool:
        status.update(client.get(f"/job_status/{job_id}").json or {})
        return "ended_at" in status

    wait_until(has_ended)
    return status


def test_analysis_tells_what_is_in_a_video(film_site: Site, film: Path) -> None:
    client = film_site.open_client()
    url, body = send_film(client, film)
    status = finish(client, url, body | {"highlights": {"count": 1, "duration": 2}})
    assert (status["kind"], status["status"]) == ("analysis", "finished")
    assert (status["message"], status["progress"]) == ("The analysis is ready.", 100)
    result = status["result"]
    assert result["duration"] == pytest.approx(3, abs=0.05)
    assert [scene["start"] for scene in result["scenes"]] == [0, 1.2]
    assert [each["start"] for each in result["silences"]] == pytest.approx([1, 2.5], abs=0.05)
    assert len(result["loudness"]) == 30
    (highlight,) = result["highlights"]
    assert set(highlight) == {"start", "end", "score", "why"}
    assert "warnings" not in result
    job_id = status["job_id"]
    assert result["filmstrip_url"] == f"/download/{job_id}/filmstrip"
    assert result["waveform_url"] == f"/download/{job_id}/waveform"
    for name, kind, size in (("filmstrip", "jpeg", (3200, 90)), ("waveform", "png", (1200, 96))):
        answer = client.get(result[f"{name}_url"])
        assert answer.mimetype == f"image/{kind}"
        with Image.open(BytesIO(answer.data)) as picture:
            assert picture.size == size
    full = client.get(result["download_url"])
    assert full.mimetype == "application/json"
    assert full.headers["Content-Disposition"].endswith(f"reelqueue-{job_id[:8]}.json")
    assert full.json == {name: result[name] for name in full.json or {}}
    assert set(full.json or {}) == {
        *("duration", "scenes", "silences", "loudness", "highlights", "filmstrip_frames")
    }
    again = finish(client, url, body | {"highlights": {"count": 1, "duration": 2}})
    assert again["result"]["reused"] is True
    assert again["result"]["highlights"] == result["highlights"]
    assert client.get(again["result"]["waveform_url"]).status_code == 200


def test_analysis_has_only_what_is_asked_for(site: Site, film: Path) -> None:
    client = site.open_client()
    url, body = send_film(client, film)
    wanted = {"scenes": False, "silences": False, "highlights": {"count": 0}}
    result = finish(client, url, body | wanted)["result"]
    assert not result.keys() & {"scenes", "silences", "highlights"}
    assert result["loudness"]


def test_analysis_is_what_its_dry_run_and_its_description_say(site: Site, film: Path) -> None:
    client = site.open_client()
    url, body = send_film(client, film)
    before = site.list_stored()
    said = post_json(client, url, body | {"dry_run": True})
    assert set(said) == set(Estimate.model_fields) - {"timeline", "encoding"}  # of videos
    assert (said["frames"], said["width"], said["height"]) == (75, 160, 90)
    assert 1 <= said["estimated_time"] <= 5
    assert site.list_stored() == before
    description = build_openapi()
    path = "/analyze/{source_id}"
    content = description["paths"][path]["post"]["responses"]["200"]["content"]
    schema = {**content["application/json"]["schema"], "components": description["components"]}
    done = post_json(client, url, body)
    for answer in (said, done):
        OAS31Validator({**schema, "unevaluatedProperties": False}).validate(answer)
    schemas = description["components"]["schemas"]
    parts = {"components": description["components"], "additionalProperties": False}
    OAS31Validator({**schemas["JobResult"], **parts}).validate(done["result"])
    assert "source_id" not in schemas["AnalysisRequest"]["properties"]


def test_analysis_can_be_cancelled_and_repeated_under_its_id(queue_site: Site, film: Path) -> None:
    client = queue_site.open_client()
    url, body = send_film(client, film)
    order = body | {"job_id": UNKNOWN}
    assert client.post(url, json=order).status_code == 202
    assert post_json(client, url, order)["job_id"] == UNKNOWN
    other = send_one(client, "/upload_video", "video", film, session_id=body["session_id"])
    problem = read_problem(client.post(f"/analyze/{other['source_id']}", json=order), 422)
    assert problem["type"] == "/problems/reused-key"
    canceled = post_json(client, f"/job_cancel/{UNKNOWN}", {})
    assert (canceled["status"], canceled["message"]) == ("canceled", "The analysis was cancelled.")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("session_id", ".."),
        ("session_id", None),
        ("scenes", "yes"),
        ("silences", 1),
        ("highlights", None),
        ("highlights", 3),
        ("highlights", {"count": -1}),
        ("highlights", {"count": 51}),
        ("highlights", {"count": 2.5}),
        ("highlights", {"duration": 0.9}),
        ("highlights", {"duration": 601}),
        ("highlights", {"duration": "30"}),
        ("highlights", {"why": "it is loud"}),
        ("transcript", "yes"),
        ("transcript", {"language": "klingon"}),
        ("transcript", {"vocabulary": ["x"] * 51}),
        ("source_id", UNKNOWN),
        ("job_id", "a:b"),
        ("dry_run", "yes"),
        ("text", "':\\%{pts}\ntextfile=/etc/passwd"),
    ],
)
def test_field_outside_its_limits_is_named(queue_site: Site, field: str, value: object) -> None:
    body = {"session_id": UNKNOWN, field: value}
    problem = read_problem(queue_site.open_client().post(f"/analyze/{UNKNOWN}", json=body), 422)
    assert problem["field"].split(".")[0] == field
    assert not {"bool", "Speech"} & set(problem["field"].split("."))
    assert problem["detail"].startswith(problem["field"])


@pytest.mark.parametrize("source", [UNKNOWN, "x", "..", "%2e%2e", "%00", "a:b", UNKNOWN.upper()])
def test_video_that_is_not_there_is_not_found(site: Site, source: str) -> None:
    response = site.open_client().post(f"/analyze/{source}", json={"session_id": UNKNOWN})
    read_problem(response, 404)
    assert site.list_stored() == []


def test_video_of_another_owner_or_kind_is_not_found(
    site: Site, film: Path, song_path: Path
) -> None:
    url, body = send_film(site.open_browser(), film)
    read_problem(site.open_browser().post(url, json=body), 404)
    client = site.open_client()
    song = send_one(client, "/upload_audio", "audio", song_path)
    address, session = f"/analyze/{song['audio_id']}", {"session_id": song["session_id"]}
    read_problem(client.post(address, json=session), 404)


def test_body_that_is_no_request_is_refused(site: Site) -> None:
    client = site.open_client()
    url = f"/analyze/{UNKNOWN}"
    for data, status in ((b"", 400), (b"{", 400), (b"[]", 422), (b"null", 422), (b'"a"', 422)):
        read_problem(client.post(url, data=data, content_type="application/json"), status)
    read_problem(client.post(url, data=b"{}"), 415)
    read_problem(client.get(url), 405)
