"""A new job kind needs no change elsewhere: this one is defined in a test file."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reelqueue.cli.kinds import COMMANDS
from reelqueue.jobs.model import Stage, now
from reelqueue.submission.kinds import KINDS
from reelqueue.upkeep.retention.sweep import Retention
from reelqueue.web.openapi.document import build_openapi
from reelqueue.workers.kinds import RENDERERS
from tests import toy_kind
from tests.conftest import ROOT, wait_until
from tests.web.conftest import (
    UNKNOWN,
    OpenSite,
    Site,
    make_photo,
    open_site,
    post_json,
    read_problem,
    upload,
)

__all__ = ["open_site"]

PHOTO = make_photo()


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Register the kind in this process and in all processes that it starts."""
    registries: list[dict[str, Any]] = [KINDS, RENDERERS, COMMANDS]
    kept = [dict(registry) for registry in registries]
    toy_kind.register()
    folder = tmp_path / "customization"
    folder.mkdir()
    toy_kind.write_customization(folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), str(ROOT)]))
    yield
    for registry, before in zip(registries, kept, strict=True):
        registry.clear()
        registry.update(before)


@pytest.fixture(params=["inline", "redis"])
def toy_site(
    request: pytest.FixtureRequest,
    registered: None,  # noqa: ARG001
    open_site: OpenSite,
    start_worker: Callable[..., None],
) -> Site:
    """The product with Redis and a worker, and without Redis."""
    if request.param == "inline":
        return open_site()
    redis = {"REDIS_URL": request.getfixturevalue("redis_url")}
    site = open_site(**redis)
    start_worker(redis | {"STORAGE_URL": site.storage.as_uri()})
    return site


def order(site: Site, **choices: Any) -> dict[str, Any]:
    """Upload a photo, order a toy of it, and return the answer."""
    client = site.open_client()
    photos = upload(client, [("red.jpg", PHOTO)], session_id=UNKNOWN)
    body = {"session_id": UNKNOWN, "photo_id": photos["images"][0]["id"], **choices}
    return post_json(client, "/make_toy", body)


def follow(site: Site, job_id: str) -> dict[str, Any]:
    """Return the status of a job that has ended."""
    client, url = site.open_client(), f"/job_status/{job_id}"
    wait_until(lambda: "ended_at" in (client.get(url).json or {}))
    status = client.get(url).json
    assert isinstance(status, dict)
    return status


def test_registries_have_the_same_kinds() -> None:
    assert list(KINDS) == list(RENDERERS) == list(COMMANDS)


def test_toy_is_ordered_rendered_shown_and_downloaded(toy_site: Site) -> None:
    status = follow(toy_site, order(toy_site, greeting="Hi")["job_id"])
    job_id, client = status["job_id"], toy_site.open_client()
    assert (status["kind"], status["status"], status["progress"]) == ("toy", "finished", 100)
    assert status["result"]["letters"] == 1
    assert status["result"]["list_url"] == f"/download/{job_id}/list"
    letter = client.get(status["result"]["download_url"])
    assert letter.data == f"Hi: {len(PHOTO)} bytes".encode()
    assert letter.headers["Content-Disposition"].endswith(f"reelqueue-{job_id[:8]}.txt")
    assert (
        letter.mimetype == "application/octet-stream"
    )  # a browser must not show a file with a user's text
    listing = client.get(status["result"]["list_url"])
    assert (listing.json, listing.mimetype) == (["red.jpg"], "application/json")
    assert client.get(f"/download/{job_id}/other").status_code == 404
    assert client.get(f"/poster/{job_id}").status_code == 404


def test_toy_can_be_asked_for_without_being_made(toy_site: Site) -> None:
    answer = order(toy_site, dry_run=True, steps=3)
    assert answer == {"success": True, "estimated_time": 3, "letters": 1}
    refused = order(toy_site, steps=0)
    assert (refused["success"], refused["status"]) == (False, 422)
    refused = order(toy_site, photo_id="red.jpg")
    assert refused["detail"].startswith("photo_id: must be an id from an upload")
    assert toy_site.count_jobs() == 0


def test_toy_is_given_out_again(toy_site: Site) -> None:
    first = follow(toy_site, order(toy_site)["job_id"])
    again = order(toy_site)
    assert (again["status"], again["attempts"], again["result"]["reused"]) == ("finished", 0, True)
    assert again["job_id"] != first["job_id"]
    client = toy_site.open_client()
    for url in ("download_url", "list_url"):
        assert client.get(again["result"][url]).data == client.get(first["result"][url]).data


def test_toy_is_cancelled(toy_site: Site) -> None:
    client = toy_site.open_client()
    with ThreadPoolExecutor(1) as pool:
        ordered = pool.submit(order, toy_site, steps=600, job_id=UNKNOWN)
        url = f"/job_status/{UNKNOWN}"
        wait_until(lambda: (client.get(url).json or {}).get("stage") == "rendering")
        assert client.post(f"/job_cancel/{UNKNOWN}").json["status"] == "canceled"  # type: ignore[index]
        ordered.result()
    assert follow(toy_site, UNKNOWN)["status"] == "canceled"


def test_toy_is_kept_for_its_time_and_then_deleted(
    toy_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = follow(toy_site, order(toy_site)["job_id"])["job_id"]
    hours = toy_site.services.settings.retention_hours
    # Otherwise the worker is the leader.
    monkeypatch.setattr(toy_site.services.queue, "acquire_leadership", lambda: True)
    age(toy_site, hours - 1)
    Retention(toy_site.services).sweep()
    assert toy_site.count_jobs() == 1
    age(toy_site, hours + 1)
    Retention(toy_site.services).sweep()
    assert toy_site.count_jobs() == 0
    assert [key for key in toy_site.list_stored() if job_id in key] == []


def age(site: Site, hours: int) -> None:
    """Make all stored files that many hours older."""
    moment = (now() - timedelta(hours=hours)).timestamp()
    for path in site.storage.rglob("*"):
        os.utime(path, (moment, moment))


@pytest.mark.process
@pytest.mark.usefixtures("registered")
def test_ids_in_an_address_are_fields_of_the_request(open_site: OpenSite) -> None:
    messages: dict[Stage, str] = {"completed": "The toy is ready."}
    request = toy_kind.AddressedToyRequest
    KINDS["toy"] = replace(
        KINDS["toy"], route="/toys/<photo_id>", request=request, messages=messages
    )
    site = open_site()
    client = site.open_client()
    sent = upload(client, [("red.jpg", PHOTO)])
    session, url = {"session_id": sent["session_id"]}, f"/toys/{sent['images'][0]['id']}"
    done = post_json(client, url, session)
    assert (done["kind"], done["status"]) == ("toy", "finished")
    assert done["message"] == "The toy is ready."
    twice = post_json(client, url, session | {"photo_id": UNKNOWN})
    assert (twice["status"], twice["field"]) == (422, "photo_id")
    assert twice["detail"] == "photo_id: is part of the address: remove it here."
    for other in (UNKNOWN, "red.jpg", "%2e%2e"):
        read_problem(client.post(f"/toys/{other}", json=session), 404)
    read_problem(client.post(url, json={}), 422)
    description = build_openapi()
    operation = description["paths"]["/toys/{photo_id}"]["post"]
    assert [each["name"] for each in operation["parameters"]] == ["photo_id", "Idempotency-Key"]
    schema = description["components"]["schemas"]["AddressedToyRequest"]
    assert (schema["required"], "photo_id" in schema["properties"]) == (["session_id"], False)


@pytest.mark.process
@pytest.mark.usefixtures("registered")
def test_toy_is_described_and_has_a_command(tmp_path: Path) -> None:
    description = build_openapi()
    assert description["paths"]["/make_toy"]["post"]["summary"] == "Make a toy."
    assert "ToyRequest" in description["components"]["schemas"]
    photo, output = tmp_path / "red.jpg", tmp_path / "letter.txt"
    photo.write_bytes(PHOTO)
    command = [sys.executable, "-m", "reelqueue", "toy", str(photo), "-o", str(output)]
    subprocess.run(command, check=True, cwd=ROOT)
    assert output.read_text() == f"Hello: {len(PHOTO)} bytes"
