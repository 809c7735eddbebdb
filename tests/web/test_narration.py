"""Narration as an order has it: spoken, estimated, or refused in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from flask.testing import FlaskClient

from reelqueue.specs.limits import LONGEST_NARRATION
from reelqueue.upkeep.comparison import examine_services
from reelqueue.upkeep.presence import Presence
from tests.conftest import wait_until
from tests.web.conftest import (
    SMALL,
    OpenSite,
    Site,
    make_photo,
    post_json,
    read_problem,
    send_one,
    upload,
)

pytestmark = [pytest.mark.render]

WORDS = "The beach was long, and the water was cold."


@pytest.fixture
def without_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process finds no espeak-ng."""
    monkeypatch.setattr("reelqueue.media.speech.narration.shutil.which", lambda _: None)


def begin_order(client: FlaskClient, *photos: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """Upload photos of one colour each, and return an order of them."""
    names = [(f"{number}.jpg", make_photo()) for number in range(len(photos))]
    sent = upload(client, names)
    chosen = [{"id": image["id"], **own} for image, own in zip(sent["images"], photos, strict=True)]
    return {"session_id": sent["session_id"], **SMALL, "photos": chosen, **settings}


def refuse(client: FlaskClient, order: dict[str, Any]) -> tuple[str, str]:
    problem = read_problem(client.post("/generate_video", json=order), 422)
    return problem["field"], problem["detail"]


def test_photos_and_cards_are_spoken_and_last_as_long(site: Site) -> None:
    client = site.open_client()
    card = {"text": "Sea", "narration": "Our trip.", "duration": 0.2}
    order = begin_order(client, {"narration": WORDS}, {}, title=card)
    order["voice"] = {"language": "EN-us", "name": "f2", "speed": 1.2}
    order |= {"captions": "narration", "narration_style": {"preset": "karaoke"}}

    said = post_json(client, "/generate_video", order | {"dry_run": True})
    job = post_json(client, "/generate_video", order)

    result = job["result"]
    assert 3.5 < result["duration"] < 7
    assert said["duration"] == pytest.approx(result["duration"], rel=0.2)
    record = site.services.ledger.read(job["job_id"]).job.work
    assert record["photos"][0]["spec"] == {"narration": WORDS}
    assert record["spec"]["voice"] == {"language": "en-us", "name": "f2", "speed": 1.2}


def test_order_without_narration_is_stored_as_before(any_site: Site) -> None:
    client = any_site.open_client()
    job = post_json(client, "/generate_video", begin_order(client, {}, title={"text": "Sea"}))
    work = any_site.services.ledger.read(job["job_id"]).job.work
    assert set(work["spec"]) == {*SMALL, "title"}
    assert work["spec"]["title"] == {"text": "Sea"}
    assert "spec" not in work["photos"][0]


def test_hostile_words_are_only_spoken(site: Site) -> None:
    client = site.open_client()
    words = "--help <audio src='/etc/passwd'/> [[x]] $(id)\x07 \u202eabc שלום; `reboot`"
    job = post_json(client, "/generate_video", begin_order(client, {"narration": words}))
    assert job["status"] == "finished"


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"voice": {"language": "tlh"}}, "voice.language", "not a language that can be spoken"),
        ({"voice": {"name": "../../etc"}}, "voice.name", "must have only letters"),
        ({"voice": {"name": "joe"}}, "voice", "Piper is not installed"),
        ({"voice": {"engine": "espeak-ng", "name": "joe"}}, "voice.name", "must be one of f1"),
        ({"voice": {"engine": "piper", "name": "f1"}}, "voice.name", "is a voice of espeak-ng"),
        ({"voice": {"speed": 9.0}}, "voice.speed", "2"),
        ({"captions": "auto"}, "captions", "narration"),
    ],
)
def test_voice_that_is_not_there_is_refused(
    site: Site, changes: dict[str, Any], field: str, sentence: str
) -> None:
    client = site.open_client()
    order = begin_order(client, {"narration": WORDS}) | changes
    named, detail = refuse(client, order)
    assert (named, sentence in detail) == (field, True), detail


def test_limits_of_words_are_told(site: Site) -> None:
    client = site.open_client()
    long = begin_order(client, {"narration": "x" * (LONGEST_NARRATION + 1)})
    assert refuse(client, long)[0] == "photos.0.narration"
    each = [{"narration": f"{number:03}" + "x" * (LONGEST_NARRATION - 3)} for number in range(21)]
    field, sentence = refuse(client, begin_order(client, *each))
    assert field == "narration"
    assert "21000 characters, and may have 20000" in sentence
    field, sentence = refuse(client, begin_order(client, {}, captions="narration"))
    assert (field, "nothing is spoken" in sentence) == ("captions", True)


def test_narrated_video_is_refused(site: Site, video_path: Path) -> None:
    client = site.open_client()
    order = begin_order(client, {})
    source = send_one(client, "/upload_video", "video", video_path, session_id=order["session_id"])
    order["photos"].append({"id": source["source_id"], "narration": WORDS})
    field, sentence = refuse(client, order)
    assert field == "photos.1.narration"
    assert "give the narration to a photo" in sentence


def test_captions_in_one_place_are_warned_of(site: Site) -> None:
    client = site.open_client()
    order = begin_order(client, {"narration": WORDS, "caption": "Sea"}, captions="narration")
    order["dry_run"] = True
    (warning,) = post_json(client, "/generate_video", order)["warnings"]
    assert "another position" in warning
    order["caption_style"] = {"position": "top"}
    assert not post_json(client, "/generate_video", order)["warnings"]


def test_order_without_an_engine_says_what_to_install(
    site: Site,
    without_engine: None,  # noqa: ARG001  # used by being there
) -> None:
    client = site.open_client()
    order = begin_order(client, {}, {"narration": WORDS})
    field, sentence = refuse(client, order)
    assert field == "photos.1.narration"
    assert "say `apt-get install espeak-ng` where videos are rendered" in sentence
    plain = begin_order(client, {})
    assert post_json(client, "/generate_video", plain)["status"] == "finished"


@pytest.mark.redis
def test_web_asks_what_the_workers_speak_with(open_site: OpenSite, redis_url: str) -> None:
    site = open_site(REDIS_URL=redis_url)
    client = site.open_client()
    order = begin_order(client, {"narration": WORDS})
    problem = read_problem(client.post("/generate_video", json=order), 503)
    assert "no worker is running" in problem["detail"]
    batch = {"jobs": [{"kind": "slideshow", **part} for part in (begin_order(client, {}), order)]}
    problem = read_problem(client.post("/generate_batch", json=batch), 503)
    assert problem["detail"].startswith("jobs.1.photos.0.narration: no worker is running")

    Presence(site.services, "worker", "one").announce()
    assert client.post("/generate_video", json=order).status_code == 202
    joe = {"role": "worker", "narration": {"piper": {"en_US-joe": "en-us"}, "later": "unknown"}}
    site.services.queue.announce("two", joe)
    assert "words are not spoken here" in refuse(client, order)[1].lower()
    warnings = [
        finding for finding in examine_services(site.services) if finding.what == "narration"
    ]
    assert [finding.level for finding in warnings] == ["warning"]
    site.services.queue.announce("one", joe)
    named = order | {"voice": {"name": "en_US-joe"}}
    assert client.post("/generate_video", json=named).status_code == 202
    site.services.queue.announce("old", {"role": "worker"})
    assert "apt-get install espeak-ng" in refuse(client, named)[1]


@pytest.mark.redis
def test_worker_speaks_and_can_be_canceled(
    open_site: OpenSite, fork_worker: Callable[..., None], redis_url: str
) -> None:
    client = open_site(REDIS_URL=redis_url).open_client()
    fork_worker({"REDIS_URL": redis_url})
    long = [{"narration": f"{number} " + "long words " * 80} for number in range(20)]
    order = begin_order(client, *long, preview=True)
    dry = order | {"dry_run": True}
    wait_until(lambda: client.post("/generate_video", json=dry).status_code == 200)

    def find_status(job: dict[str, Any]) -> dict[str, Any]:
        status: dict[str, Any] = client.get(job["status_url"]).json or {}
        return status

    job = post_json(client, "/generate_video", order)
    wait_until(lambda: count_speaking() == 1)
    client.post(f"/job_cancel/{job['job_id']}")
    assert find_status(job)["status"] == "canceled"
    wait_until(lambda: count_speaking() == 0)

    short = begin_order(client, {"narration": "Hello."})
    second = post_json(client, "/generate_video", short)
    wait_until(lambda: "ended_at" in find_status(second))
    assert find_status(second)["status"] == "finished"


def count_speaking() -> int:
    """Return how many children of this process speak right now."""
    count = 0
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            count += "reelqueue.render.narration.child" in child.cmdline()
    return count
