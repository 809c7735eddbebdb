"""Repeated orders: one render and two videos, or a second render if the first cannot be reused."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from reelqueue.jobs.model import now
from reelqueue.render.focus.faces import NOT_FOLLOWED, has_faces
from reelqueue.upkeep import recovery
from reelqueue.upkeep.recovery import Recovery
from reelqueue.upkeep.retention.sweep import Retention
from reelqueue.web.openapi.document import build_openapi
from tests.conftest import find_free_port, wait_until
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
from tests.web.test_health import check_component

pytestmark = pytest.mark.usefixtures("pretended_probe")

LINKS = ("download_url", "poster_url")
PHOTOS = [("red.jpg", make_photo()), ("blue.jpg", make_photo("blue"))]


@dataclass(frozen=True)
class Customer:
    """A user with uploaded photos, who orders slideshows of them."""

    client: FlaskClient
    session_id: str
    photos: list[dict[str, Any]]

    def post_order(self, **changes: Any) -> TestResponse:
        spec = {"session_id": self.session_id, "photos": self.photos, **SMALL, **changes}
        return self.client.post("/generate_video", json=spec)

    def order(self, **changes: Any) -> dict[str, Any]:
        answer = self.post_order(**changes).json
        assert isinstance(answer, dict)
        return answer

    def read_output(self, answer: dict[str, Any]) -> tuple[bytes, bytes]:
        """Return a job's video and its poster."""
        responses = [self.client.get(answer["result"][name]) for name in LINKS]
        assert [response.status_code for response in responses] == [200, 200]
        return responses[0].data, responses[1].data

    def move(self, site: Site) -> Customer:
        """Continue at another site with the same storage."""
        client, cookie = site.open_client(), self.client.get_cookie("session")
        if cookie:
            client.set_cookie("session", cookie.value)
        return replace(self, client=client)


def welcome(client: FlaskClient) -> Customer:
    sent = upload(client, PHOTOS)
    return Customer(client, sent["session_id"], [{"id": image["id"]} for image in sent["images"]])


@pytest.fixture
def customer(site: Site) -> Customer:
    return welcome(site.open_browser())


@pytest.fixture
def first(customer: Customer) -> dict[str, Any]:
    """A slideshow that was rendered."""
    return expect_rendered(customer.order())


def expect_rendered(answer: dict[str, Any]) -> dict[str, Any]:
    assert (answer["status"], answer["attempts"]) == ("finished", 1)
    assert "reused" not in answer["result"]
    return answer


def expect_reused(answer: dict[str, Any]) -> dict[str, Any]:
    assert (answer["status"], answer["progress"], answer["attempts"]) == ("finished", 100, 0)
    assert answer["result"]["reused"] is True
    return answer


def list_parts(site: Site) -> set[str]:
    return {key for key in site.list_stored() if key.startswith("parts/")}


def list_outputs(site: Site, job_id: str) -> set[str]:
    keys = [key.split("/") for key in site.list_stored() if key.startswith(f"jobs/{job_id}/")]
    return {key[3] for key in keys if key[2] == "outputs"}


@pytest.mark.process
def test_photo_that_is_another_is_drawn_with_its_neighbour_and_no_more(
    site: Site, customer: Customer
) -> None:
    moving = {"motion": "kenburns", "photos": [*customer.photos, customer.photos[0]]}
    expect_rendered(customer.order(**moving))
    parts = list_parts(site)
    assert len(parts) == 3
    green = [("green.jpg", make_photo("green"))]
    (image,) = upload(customer.client, green, session_id=customer.session_id)["images"]
    photos = [*customer.photos, {"id": image["id"]}]
    expect_rendered(customer.order(**moving | {"photos": photos}))
    assert len(list_parts(site) - parts) == 2

    stranger = welcome(site.open_browser())
    expect_rendered(stranger.order(**moving | {"photos": [*stranger.photos, stranger.photos[0]]}))
    assert len(list_parts(site) - parts) == 5


def test_same_order_is_answered_with_the_same_video_without_a_worker(
    site: Site, open_site: OpenSite, redis_url: str, customer: Customer, first: dict[str, Any]
) -> None:
    away = f"redis://127.0.0.1:{find_free_port()}/0"
    sites = [site, open_site(REDIS_URL=redis_url), open_site(REDIS_URL=away)]
    with site.services.queue.reserve_slot():  # the only one
        for idle in sites:
            chosen = {"job_id": str(uuid4())}
            answer = expect_reused(customer.move(idle).order(**chosen))
            assert customer.move(idle).order(**chosen) == answer
            assert answer["job_id"] == chosen["job_id"]
            assert answer["success"] is True
            assert "started_at" not in answer
            assert customer.read_output(answer) == customer.read_output(first)
            own = {name: answer["result"][name] for name in ("video_id", *LINKS)}
            assert answer["result"] == first["result"] | own | {"reused": True}
            check_component(build_openapi(), "JobResult", answer["result"])
    wait_until(lambda: not site.services.ledger.marks.list_open())  # a child closes its run last


@pytest.mark.process
def test_same_files_sent_again_are_not_rendered_again(
    site: Site, customer: Customer, first: dict[str, Any]
) -> None:
    again = welcome(customer.client)
    assert again.session_id != customer.session_id
    answer = expect_reused(again.order())
    assert again.read_output(answer) == customer.read_output(first)
    assert len(list_outputs(site, answer["job_id"])) == 1


def test_clip_is_not_rendered_again(site: Site, video_path: Path) -> None:
    client = site.open_client()
    video = send_one(client, "/upload_video", "video", video_path)
    spec = {key: video[key] for key in ("session_id", "source_id")}
    spec |= {"end": 0.2, "aspect": "original"}
    expect_rendered(post_json(client, "/generate_clip", spec))
    expect_reused(post_json(client, "/generate_clip", spec))
    with site.services.queue.reserve_slot():
        read_problem(client.post("/generate_clip", json=spec | {"end": 0.3}), 503)


def test_clip_is_rendered_again_if_faces_may_be_found_now(site: Site, video_path: Path) -> None:
    client = site.open_client()
    video = send_one(client, "/upload_video", "video", video_path)
    spec = {key: video[key] for key in ("session_id", "source_id")}
    spec |= {"end": 0.2, "resolution": "64x64", "fit": "crop", "focus": "auto"}
    answer = expect_rendered(post_json(client, "/generate_clip", spec))
    if has_faces():
        assert "warnings" not in answer["result"]
        expect_reused(post_json(client, "/generate_clip", spec))
    else:
        assert answer["result"]["warnings"] == [NOT_FOLLOWED]
        expect_rendered(post_json(client, "/generate_clip", spec))


@pytest.mark.usefixtures("first")
def test_whatever_differs_is_rendered(
    open_site: OpenSite, redis_url: str, customer: Customer
) -> None:
    queue_site = open_site(REDIS_URL=redis_url)
    one, two = customer.photos
    changes: list[dict[str, Any]] = [
        {"photos": [two, one]},
        {"photos": [one | {"caption": "Red"}, two]},
        {"photos": [one]},
        {"seed": 1},
    ]
    for change in changes:
        assert customer.move(queue_site).order(**change)["status"] == "queued"
    assert welcome(queue_site.open_browser()).order()["status"] == "queued"
    other_engine = open_site(REDIS_URL=redis_url, RENDER_ENGINE="x264")
    assert customer.move(other_engine).order()["status"] == "queued"


def test_client_without_a_cookie_gets_no_results_of_other_sessions(
    site: Site, open_site: OpenSite, redis_url: str
) -> None:
    queue_site = open_site(REDIS_URL=redis_url)
    customer = welcome(site.open_client())
    expect_rendered(customer.order())
    expect_reused(customer.move(queue_site).order())
    assert welcome(queue_site.open_client()).order()["status"] == "queued"


@pytest.mark.process
def test_result_whose_video_is_gone_is_rendered_again(
    site: Site, customer: Customer, first: dict[str, Any]
) -> None:
    (token,) = list_outputs(site, first["job_id"])
    folder = f"jobs/{first['job_id']}/outputs/{token}"
    site.services.store.delete(f"{folder}/poster.jpg")  # noticed after the video was copied
    second = expect_rendered(customer.order())
    site.services.store.delete(*(key for key in site.list_stored() if key.endswith("video.mp4")))
    third = expect_rendered(customer.order())
    expect_reused(customer.order())

    Retention(site.services).sweep()

    assert [len(list_outputs(site, job["job_id"])) for job in (second, third)] == [1, 1]
    customer.read_output(third)
    assert site.list_unfinished() == []


@pytest.mark.process
def test_order_that_finds_no_place_after_all_is_not_kept(
    site: Site, customer: Customer, first: dict[str, Any]
) -> None:
    (token,) = list_outputs(site, first["job_id"])
    site.services.store.delete(f"jobs/{first['job_id']}/outputs/{token}/poster.jpg")
    with site.services.queue.reserve_slot():
        read_problem(customer.post_order(), 503)
    assert site.count_jobs() == 1


@pytest.mark.process
def test_video_outlives_the_job_that_it_was_rendered_for(
    site: Site, customer: Customer, first: dict[str, Any]
) -> None:
    second = expect_reused(customer.order())
    before = customer.read_output(second)
    moment = (now() - timedelta(days=30)).timestamp()
    for path in (site.storage / "jobs" / first["job_id"]).rglob("*"):
        os.utime(path, (moment, moment))

    Retention(site.services).sweep()

    read_problem(customer.client.get(first["status_url"]), 404)
    assert customer.read_output(second) == before
    assert customer.read_output(expect_reused(customer.order())) == before


@pytest.mark.process
def test_job_is_accepted_with_its_video_however_long_the_copy_takes(
    open_site: OpenSite,
    redis_url: str,
    customer: Customer,
    first: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither recovery nor retention may take it for a lost job, or for remains, meanwhile."""
    site = open_site(REDIS_URL=redis_url)
    moment = (now() - timedelta(days=1)).timestamp()
    for path in (site.storage / "jobs" / first["job_id"] / "outputs").rglob("*.*"):
        os.utime(path, (moment, moment))  # a copy on a disk has the time of the original

    def look() -> None:
        assert Retention(site.services).sweep()
        Recovery(site.services).step()

    monkeypatch.setattr(recovery, "PATIENCE_SECONDS", 0)
    interrupt_copy(site, monkeypatch, look)
    answer = expect_reused(customer.move(site).order(job_id=UNKNOWN))
    assert customer.read_output(answer) == customer.read_output(first)
    assert site.services.queue.describe_load()["jobs"]["queued"] == 0
    assert site.services.ledger.marks.list_open() == []


@pytest.mark.process
def test_job_that_was_withdrawn_leaves_no_copies(
    site: Site, customer: Customer, first: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        interrupt_copy(site, patch, die)
        with pytest.raises(KeyboardInterrupt):
            customer.order(job_id=UNKNOWN)
    assert customer.client.get(f"/job_status/{UNKNOWN}").status_code == 404
    assert len(list_outputs(site, UNKNOWN)) == 1
    monkeypatch.setattr(recovery, "NEVER_ACCEPTED_SECONDS", -1)
    Recovery(site.services).step()
    for path in (site.storage / "jobs" / UNKNOWN).rglob("*"):
        os.utime(path, (0, 0))
    Retention(site.services).sweep()
    assert list_outputs(site, UNKNOWN) == set()
    expect_reused(customer.order(job_id=UNKNOWN))
    customer.read_output(first)


def die() -> None:
    raise KeyboardInterrupt


def interrupt_copy(site: Site, patch: pytest.MonkeyPatch, call: Callable[[], None]) -> None:
    """Make a call after the video was copied and before the poster is."""
    store = site.services.store
    original = store.copy

    def copy(key: str, to: str) -> None:
        if key.endswith("poster.jpg"):
            call()
        original(key, to)

    patch.setattr(store, "copy", copy)
