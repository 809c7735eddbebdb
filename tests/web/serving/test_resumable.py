"""Resumable uploads at real servers, which share a storage and nothing else, and are killed."""

from __future__ import annotations

import os
import socket
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from PIL import Image

from reelqueue.storage import open_store
from tests.conftest import PATIENCE_SECONDS, find_free_port, started, wait_until
from tests.web.conftest import make_photo
from tests.web.wire import Wire

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}
MB = 1 << 20


@dataclass(frozen=True)
class Server:
    """A server as it is deployed, with several processes."""

    pid: int
    address: str

    def is_up(self) -> bool:
        try:
            return httpx.get(f"{self.address}/health", timeout=PATIENCE_SECONDS).is_success
        except httpx.TransportError:
            return False

    def begin(self, size: int) -> str:
        values = {"kind": "photo", "filename": "large.tif"}
        pairs = (f"{name} {b64encode(text.encode()).decode()}" for name, text in values.items())
        headers = TUS | {"Upload-Length": str(size), "Upload-Metadata": ",".join(pairs)}
        return httpx.post(
            f"{self.address}/uploads", headers=headers, timeout=PATIENCE_SECONDS
        ).headers["Location"]

    def append(self, url: str, offset: int, data: bytes) -> httpx.Response:
        headers = TUS | BYTES | {"Upload-Offset": str(offset)}
        return httpx.patch(
            f"{self.address}{url}", content=data, headers=headers, timeout=PATIENCE_SECONDS
        )

    def ask_offset(self, url: str) -> int:
        answer = httpx.head(f"{self.address}{url}", headers=TUS, timeout=PATIENCE_SECONDS)
        assert answer.status_code == 200
        return int(answer.headers["Upload-Offset"])

    def kill(self) -> None:
        """Kill all processes of the server at once."""
        arbiter = psutil.Process(self.pid)
        for process in (arbiter, *arbiter.children()):
            with suppress(psutil.NoSuchProcess):  # a worker ends with its arbiter
                process.kill()


@contextmanager
def serving(folder: Path, environment: dict[str, str]) -> Iterator[Server]:
    folder.mkdir()
    port = find_free_port()
    settings = {
        "PORT": str(port),
        "TMPDIR": str(folder),
        "SECRET_KEY": "a-key-of-all",
        **environment,
    }
    with started([sys.executable, "-m", "gunicorn", "app:app"], settings) as process:
        server = Server(process.pid, f"http://127.0.0.1:{port}")
        wait_until(server.is_up)
        yield server


@pytest.fixture(params=["folder", "s3"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The variables of each kind of storage."""
    if request.param == "folder":
        return {"STORAGE_URL": (tmp_path / "data").as_uri()}
    variables: dict[str, str] = request.getfixturevalue("s3_environment")
    return variables


def make_large_photo() -> bytes:
    """Return a picture of 20 MB."""
    file = BytesIO()
    Image.frombytes("RGB", (2600, 2600), os.urandom(2600 * 2600 * 3)).save(file, "TIFF")
    return file.getvalue()


def send_head(url: str, offset: int, length: int) -> bytes:
    """Return the head of a request that goes on with an upload."""
    return (
        f"PATCH {url} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\n"
        f"Content-Type: application/offset+octet-stream\r\nContent-Length: {length}\r\n"
        f"Upload-Offset: {offset}\r\n\r\n"
    ).encode()


@pytest.mark.process
def test_upload_goes_on_at_another_server_when_the_first_is_killed(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = make_large_photo()
    with (
        serving(tmp_path / "one", environment) as one,
        serving(tmp_path / "other", environment) as other,
    ):
        url = one.begin(len(photo))
        assert one.append(url, 0, photo[:MB]).status_code == 204
        assert other.append(url, MB, photo[MB : 2 * MB]).status_code == 204
        port = urlsplit(one.address).port
        with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
            rest = photo[2 * MB :]
            connection.sendall(send_head(url, 2 * MB, len(rest)) + rest[: 10 * MB])
            wait_until(lambda: other.ask_offset(url) > 2 * MB)  # stored while it comes
            one.kill()
        offset = other.ask_offset(url)
        assert 10 * MB <= offset <= 12 * MB
        assert other.append(url, 2 * MB, rest).status_code == 409
        answer = other.append(url, offset, photo[offset:])
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(photo)))
        finished = httpx.post(f"{other.address}{url}/finish", timeout=PATIENCE_SECONDS)
        assert finished.status_code == 201, finished.text
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    store = open_store(environment["STORAGE_URL"])
    (original,) = (
        entry.key for entry in store.list("sessions") if entry.key.endswith("original.tiff")
    )
    assert store.read(original) == photo


def test_bytes_of_a_client_that_leaves_are_kept(wire: Wire) -> None:
    server = Server(0, f"http://127.0.0.1:{wire.port}")
    photo = make_photo(kind="TIFF") * 20  # what comes after the first picture is not looked at
    url = server.begin(len(photo))
    with wire.connect() as connection:
        connection.sendall(send_head(url, 0, len(photo)) + photo[: len(photo) // 2])
    wait_until(lambda: server.ask_offset(url) == len(photo) // 2)
    answer = server.append(url, len(photo) // 2, photo[len(photo) // 2 :])
    assert answer.status_code == 204
    status, _, body = wire.call("POST", f"{url}/finish")
    assert (status, body["images"][0]["filename"]) == (201, "large.tif")


def test_request_that_is_refused_is_not_received(wire: Wire) -> None:
    """The answer comes while nearly all of the body is missing."""
    server = Server(0, f"http://127.0.0.1:{wire.port}")
    url = server.begin(900_000)
    status, headers, body = wire.exchange(send_head(url, 5, 800_000) + b"x" * 1000)
    assert (status, headers["Tus-Resumable"]) == (409, "1.0.0")
    assert "goes on at byte 0" in body["detail"]
    assert server.ask_offset(url) == 0
