"""Captions of what is said: ordered, corrected and sent back, or refused in a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import psutil
import pytest
from flask.testing import FlaskClient

from reelqueue.media.speech.recognition import COMMAND
from reelqueue.upkeep.presence import Presence
from tests.conftest import wait_until
from tests.web.conftest import OpenSite, Site, post_json, read_problem, send, send_one

pytestmark = [pytest.mark.render]


@pytest.fixture
def without_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process finds no faster-whisper, as on a machine without the extra."""
    monkeypatch.setitem(sys.modules, "faster_whisper", None)


@pytest.fixture
def speech_site(open_site: OpenSite, whisper_model: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The product without Redis, with a model."""
    monkeypatch.setenv("WHISPER_MODEL", str(whisper_model))  # for its children
    return open_site(WHISPER_MODEL=str(whisper_model))


@pytest.fixture
def silent_path(tmp_path: Path) -> Path:
    """A video without a sound track."""
    path = tmp_path / "silent.mp4"
    pictures = ["-f", "lavfi", "-i", "color=size=64x64:rate=10:duration=1"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *pictures, str(path)]
    subprocess.run(command, check=True)
    return path


def upload_video(client: FlaskClient, path: Path) -> dict[str, Any]:
    video = send_one(client, "/upload_video", "video", path)
    return {key: video[key] for key in ("session_id", "source_id")} | {"aspect": "original"}


def order(client: FlaskClient, body: dict[str, Any]) -> dict[str, Any]:
    return post_json(client, "/generate_clip", body)


def refuse(client: FlaskClient, body: dict[str, Any]) -> tuple[str, str]:
    """Return the field and the sentence with which an order is refused."""
    problem = read_problem(client.post("/generate_clip", json=body), 422)
    return problem["field"], problem["detail"]


def test_transcript_is_fetched_corrected_and_sent_back(
    speech_site: Site, reading_path: Path
) -> None:
    client = speech_site.open_client()
    clip = upload_video(client, reading_path) | {"start": 13.2, "end": 16.9}
    speech = {"language": "en", "vocabulary": ["Dickens"]}
    result = order(client, clip | {"captions": {"speech": speech}})["result"]
    assert "warnings" not in result
    transcript = json.loads(client.get(result["transcript_url"]).data)
    assert transcript["language"] == "en"
    (segment, *_) = transcript["segments"]
    assert "season of light" in segment["text"].lower()
    assert abs(segment["start"] - 13.49) < 0.2  # in seconds of the source

    segment["text"] = segment["text"].replace("light", "LIGHT")
    field, sentence = refuse(client, clip | {"captions": transcript})
    assert field == "captions.segments.0"
    assert "correct both, or remove `words`" in sentence
    for word in segment["words"]:
        word["text"] = word["text"].replace("light", "LIGHT")
    again = order(client, clip | {"captions": transcript})
    assert again["status"] == "finished"
    assert "transcript_url" not in again["result"]
    outside = order(client, clip | {"captions": transcript, "start": 30.0, "end": 31.0})
    assert "No caption lies within" in outside["result"]["warnings"][0]


@pytest.mark.parametrize("preset", ["plain", "phrase"])
def test_uploaded_transcript_gives_the_captions_that_are_recognised(
    speech_site: Site, reading_path: Path, preset: str
) -> None:
    client = speech_site.open_client()
    clip = upload_video(client, reading_path) | {"start": 5.0, "end": 16.9}
    clip |= {"caption_style": {"preset": preset}}
    heard = order(client, clip | {"captions": "auto"})["result"]
    said = client.get(heard["transcript_url"]).data
    files, session = [("transcript.json", said)], {"session_id": clip["session_id"]}
    uploaded = send(client, "/upload_captions", "captions", files, **session).json
    assert uploaded
    again = order(client, clip | {"captions": {"id": uploaded["captions_id"]}})["result"]
    videos = [client.get(f"/download/{result['video_id']}").data for result in (heard, again)]
    assert videos[0] == videos[1]


def test_clip_without_words_says_so(speech_site: Site, video_path: Path) -> None:
    client = speech_site.open_client()
    clip = upload_video(client, video_path) | {"end": 0.5, "captions": "auto"}
    first = order(client, clip)["result"]
    assert first["warnings"] == ["No speech was recognised, so the clip has no captions."]
    assert "reused" not in order(client, clip)["result"]  # another model may hear words


def test_dry_run_takes_the_speech_into_account(speech_site: Site, reading_path: Path) -> None:
    client = speech_site.open_client()
    clip = upload_video(client, reading_path) | {"dry_run": True}
    silent = order(client, clip)["estimated_time"]
    assert order(client, clip | {"captions": "auto"})["estimated_time"] >= silent + 3


@pytest.mark.usefixtures("without_extra")
def test_service_without_the_extra_names_the_command(site: Site, video_path: Path) -> None:
    client = site.open_client()
    clip = upload_video(client, video_path)
    field, sentence = refuse(client, clip | {"captions": "auto"})
    assert field == "captions"
    assert f"`{COMMAND}`" in sentence
    assert b"auto_captions" not in client.get("/").data


@pytest.mark.parametrize(
    ("captions", "field", "reason"),
    [
        ({"speech": {"language": "xx"}}, "captions.speech.language", "such as en, de or ja"),
        ({"speech": {"language": "de"}}, "captions.speech.language", "knows English only"),
        ({"speech": {"vocabulary": ["x"] * 51}}, "captions.speech.vocabulary", "at most 50"),
        ({"speech": {"vocabulary": ["x" * 61]}}, "captions.speech.vocabulary.0", "at most 60"),
        ({"speech": {"model": "large"}}, "captions.speech.model", "is not supported here"),
        ("loud", "captions", "must be 'auto'"),
        ({"segments": "none"}, "captions.segments", "must be a valid"),
        ({"segments": [], "id": 5}, "captions.id", ""),
        (7, "captions", "must be a list of captions"),
    ],
)
def test_wrong_captions_are_refused_with_their_path(
    speech_site: Site,
    video_path: Path,
    captions: object,
    field: str,
    reason: str,
) -> None:
    client = speech_site.open_client()
    found, sentence = refuse(client, upload_video(client, video_path) | {"captions": captions})
    assert found == field
    assert reason in sentence


def test_video_without_sound_is_refused(speech_site: Site, silent_path: Path) -> None:
    client = speech_site.open_client()
    field, sentence = refuse(client, upload_video(client, silent_path) | {"captions": "auto"})
    assert (field, "no sound" in sentence) == ("captions", True)


def test_page_offers_what_the_service_can_do(speech_site: Site) -> None:
    client = speech_site.open_client()
    assert b"auto_captions" in client.get("/").data


@pytest.mark.redis
def test_web_asks_what_the_workers_told(
    open_site: OpenSite, redis_url: str, video_path: Path
) -> None:
    """The web needs neither the extra nor the model."""
    site = open_site(REDIS_URL=redis_url, WHISPER_MODEL="/nowhere")
    client = site.open_client()
    clip = upload_video(client, video_path) | {"captions": "auto"}
    problem = read_problem(client.post("/generate_clip", json=clip), 503)
    assert "no worker is running" in problem["detail"]

    Presence(site.services, "worker", "one").announce()
    field, sentence = refuse(client, clip)
    assert (field, "Speech is not recognised here" in sentence) == ("captions", True)

    told = {"role": "worker", "speech": {"pace": 0.2, "later": "unknown"}}
    site.services.queue.announce("one", told)
    assert client.post("/generate_clip", json=clip).status_code == 202
    site.services.queue.announce("old", {"role": "worker"})
    assert "deploy one version" in refuse(client, clip)[1]


@pytest.mark.redis
def test_worker_recognises_what_the_web_cannot_and_can_be_canceled(
    open_site: OpenSite,
    fork_worker: Callable[..., None],
    redis_url: str,
    reading_path: Path,
    whisper_model: Path,
) -> None:
    client = open_site(REDIS_URL=redis_url, WHISPER_MODEL="/nowhere").open_client()
    fork_worker({"REDIS_URL": redis_url, "WHISPER_MODEL": str(whisper_model)})
    clip = upload_video(client, reading_path) | {"captions": "auto"}
    dry = clip | {"dry_run": True}
    wait_until(lambda: client.post("/generate_clip", json=dry).status_code == 200)

    def find_status(job: dict[str, Any]) -> dict[str, Any]:
        status: dict[str, Any] = client.get(job["status_url"]).json or {}
        return status

    first = order(client, clip | {"start": 13.2, "end": 16.8})
    wait_until(lambda: "ended_at" in find_status(first))
    result = find_status(first)["result"]
    assert b"season of light" in client.get(result["transcript_url"]).data.lower()

    second = order(client, clip)
    wait_until(lambda: find_status(second)["stage"] == "transcribing")
    wait_until(lambda: count_recognizing() == 1)
    client.post(f"/job_cancel/{second['job_id']}")
    assert find_status(second)["status"] == "canceled"
    wait_until(lambda: count_recognizing() == 0)


def count_recognizing() -> int:
    """Return how many children of this process recognise speech right now."""
    count = 0
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            count += "reelqueue.render.speech.child" in child.cmdline()
    return count
