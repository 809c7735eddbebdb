"""Fixtures: apps with their own storage, a finished job, and a real server."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from reelqueue.config import Settings
from reelqueue.media.facts import MediaKind
from reelqueue.media.probing import Staged, _run_probe
from reelqueue.services import Services
from reelqueue.web.app import create_app
from reelqueue.web.context import EXTENSION
from tests.conftest import find_free_port, started, wait_until
from tests.web.wire import Wire

SMALL = {"duration": 0.3, "transition_duration": 0.1, "resolution": "64x64", "fps": 15}
UNKNOWN = "5f0c6f6e-8d07-4c4f-9f8e-0f8f3c6f9a10"
PAGE = b"<html><script>alert(1)</script></html>"

File = tuple[str, bytes]
OpenSite = Callable[..., "Site"]


@dataclass(frozen=True)
class Site:
    """An app, the folder of its storage, and the folder for its temporary files."""

    app: Flask
    storage: Path
    temporary: Path

    @property
    def services(self) -> Services:
        services: Services = self.app.extensions[EXTENSION]
        return services

    def open_client(self) -> FlaskClient:
        """A program without cookies, until the site sets one."""
        return self.app.test_client()

    def open_browser(self) -> FlaskClient:
        """A browser that has opened the page."""
        client = self.app.test_client()
        client.get("/")
        return client

    def list_stored(self) -> list[str]:
        """Return all keys but those of the settings and of the statistics."""
        keys = [entry.key for entry in self.services.store.list("")]
        return [key for key in keys if not key.startswith(("settings/", "statistics/"))]

    def count_jobs(self) -> int:
        """Return how many jobs the ledger holds."""
        return sum(key.endswith("/job.json") for key in self.list_stored())

    def list_unfinished(self) -> list[str]:
        """Return what lies in the temporary folder, and what the storage has begun to write."""
        left = [path.name for path in self.temporary.iterdir()]
        left = [name for name in left if re.fullmatch(r"reelqueue-\d+", name) is None]
        left += [path.name for path in self.temporary.glob("reelqueue-*/work-*")]
        stored = {path.relative_to(self.storage).as_posix() for path in self.storage.rglob("*.*")}
        keys = {entry.key for entry in self.services.store.list("")}
        folders = {str(parent) for key in keys for parent in Path(key).parents}
        return left + sorted(stored - keys - folders)


@dataclass(frozen=True)
class Finished:
    """A finished slideshow, the browser that made it, and what the browser was answered."""

    site: Site
    browser: FlaskClient
    photos: dict[str, Any]
    answer: dict[str, Any]
    video: bytes

    @property
    def job_id(self) -> str:
        return str(self.answer["job_id"])

    @property
    def url(self) -> str:
        return f"/download/{self.job_id}"


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[OpenSite]:
    """Open apps over one storage; give settings."""
    with _surroundings(tmp_path) as open_site:
        yield open_site


@pytest.fixture
def site(open_site: OpenSite) -> Site:
    """The product without Redis."""
    return open_site()


@pytest.fixture
def queue_site(open_site: OpenSite, redis_url: str, pretended_probe: None) -> Site:  # noqa: ARG001
    """The product with Redis and without a worker: nothing decodes the photos."""
    return open_site(REDIS_URL=redis_url)


@pytest.fixture
def pretended_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every photo unseen: looking at one costs a process."""

    def pretend(
        kind: MediaKind, files: Sequence[Staged], seconds: float
    ) -> tuple[list[bytes], int | None]:
        if kind != "photo":
            return _run_probe(kind, files, seconds)
        for file in files:
            file.path.with_name(f"{file.path.name}.thumb.jpg").write_bytes(b"")
        return [b'{"kind":"photo","width":96,"height":64,"format":"jpeg"}\n'] * len(files), 0

    monkeypatch.setattr("reelqueue.media.probing._run_probe", pretend)


@pytest.fixture(params=["site", "queue_site"])
def any_site(request: pytest.FixtureRequest) -> Site:
    """The product in both of its modes."""
    site: Site = request.getfixturevalue(request.param)
    return site


@contextmanager
def opened_site(folder: Path) -> Iterator[Site]:
    """An app whose children are started within the block."""
    with _surroundings(folder) as open_site:
        yield open_site()


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """One slideshow for all who only look at it."""
    with opened_site(tmp_path_factory.mktemp("finished")) as site:
        browser = site.open_browser()
        photos = upload(browser, [("red.jpg", make_postcard()), ("blue.jpg", make_photo("blue"))])
        spec = {"session_id": photos["session_id"], **SMALL}
        answer = post_json(browser, "/generate_video", spec)
        video = browser.get(answer["result"]["download_url"]).data
        return Finished(site, browser, photos, answer, video)


@pytest.fixture(scope="session")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """The product as it is deployed, with two processes, small limits and room for one render."""
    folder = tmp_path_factory.mktemp("wire")
    (folder / "tmp").mkdir()
    port = find_free_port()
    environment = {
        "STORAGE_URL": (folder / "data").as_uri(),
        "TMPDIR": str(folder / "tmp"),
        "PORT": str(port),
        "RENDER_ENGINE": "x264",  # slow enough to be watched
        "MAX_UPLOAD_BYTES": "1000000",
        "MAX_REQUEST_BYTES": "3000000",
    }
    with started([sys.executable, "-m", "gunicorn", "app:app"], environment):
        wire = Wire(port, folder / "data", folder / "tmp")
        wait_until(wire.is_up)
        yield wire


@contextmanager
def _surroundings(folder: Path) -> Iterator[OpenSite]:
    """Set what the app's children read, and keep the temporary files apart."""
    storage, temporary = folder / "data", folder / "tmp"
    temporary.mkdir()

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr(tempfile, "tempdir", str(temporary))
        patch.setenv("STORAGE_URL", storage.as_uri())

        def open_site(**settings: str) -> Site:
            environment = {"STORAGE_URL": os.environ["STORAGE_URL"], **settings}
            return Site(create_app(Settings.from_env(environment)), storage, temporary)

        yield open_site


def make_photo(color: str = "red", kind: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    """Return a picture of 96x64 pixels."""
    picture = Image.new("RGB", (96, 64), color).convert(mode)
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def make_postcard() -> bytes:
    """Return a photo that tells where it was taken, and that is a web page as well."""
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0)})
    exif[270] = "at home"
    return make_photo(exif=exif) + PAGE


def post_json(
    client: FlaskClient, url: str, body: dict[str, Any], **headers: str
) -> dict[str, Any]:
    """Post JSON and return the answer's."""
    response = client.post(url, json=body, headers=headers)
    assert isinstance(response.json, dict)
    return response.json


def send(
    client: FlaskClient, url: str, field: str, files: Sequence[File], **form: str
) -> TestResponse:
    """Send files as a form."""
    parts = [(BytesIO(data), name) for name, data in files]
    return client.post(url, data={field: parts, **form})


def send_one(client: FlaskClient, url: str, field: str, path: Path, **form: str) -> dict[str, Any]:
    """Send a file that is taken and return the answer."""
    response = send(client, url, field, [(path.name, path.read_bytes())], **form)
    assert response.status_code == 201, response.text
    assert isinstance(response.json, dict)
    return response.json


def upload(client: FlaskClient, files: Sequence[File], **form: str) -> dict[str, Any]:
    """Send photos that are taken and return the answer."""
    response = send(client, "/upload_images", "images", files, **form)
    assert response.status_code == 201, response.text
    assert isinstance(response.json, dict)
    return response.json


def read_problem(response: TestResponse, status: int) -> dict[str, Any]:
    """Return a problem after a look at whether it is a whole one."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    problem = response.json
    assert isinstance(problem, dict)
    check_problem(problem, status)
    return problem


def check_problem(problem: dict[str, Any], status: int) -> None:
    """Check that a problem has its members, and a sentence that tells nothing of our insides."""
    assert problem["status"] == status
    assert problem["success"] is False
    assert problem["title"]
    assert re.fullmatch(r"/problems/[a-z-]+", problem["type"])
    assert re.fullmatch(r"[^\n]{10,}\.", problem["detail"])
    assert not re.search(r"Traceback|/tmp|Error\b|None", problem["detail"])
