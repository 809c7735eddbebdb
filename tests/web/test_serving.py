"""The web as gunicorn starts it: under slow clients, over IPv6, and when it is stopped."""

from __future__ import annotations

import socket
import sys
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from shlex import quote
from uuid import uuid4

import httpx
import psutil
import pytest
from PIL import Image

from reelqueue.web.server import has_ipv6
from tests.conftest import PATIENCE_SECONDS, StartServer, find_free_port, started, wait_until
from tests.web.conftest import make_photo
from tests.web.wire import Wire

FORM = (
    b"POST /upload_images HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    b'--x\r\nContent-Disposition: form-data; name="images"; filename="a.jpg"\r\n\r\n'
)
ORDER = (
    b"POST /generate_video HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n"
    b"Content-Type: application/json\r\n\r\n"
)
HALVES = {
    "silent": b"",
    "head": b"GET /health HTTP/1.1\r\nHost: localhost\r\n",
    "form": FORM + b"x" * 4000,
    "order": ORDER + b" " * 30_000,
}


@pytest.mark.parametrize("kind", HALVES)
def test_polls_and_uploads_go_on_under_slow_clients(wire: Wire, kind: str) -> None:
    with ExitStack() as opened:
        for _ in range(200):
            opened.enter_context(wire.connect()).sendall(HALVES[kind])
        for _ in range(5):
            assert wire.call("GET", "/health")[0] == 200
        body = FORM.partition(b"\r\n\r\n")[2] + make_photo() + b"\r\n--x--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        assert wire.call("POST", "/upload_images", body, headers)[0] == 201


@pytest.mark.process
def test_upload_of_many_photos_and_idle_clients_need_few_open_files(tmp_path: Path) -> None:
    """With 128 files to open, 120 photos come in one request, and 200 clients do nothing."""
    port = find_free_port()
    command = ["sh", "-c", f"ulimit -n 128; exec {quote(sys.executable)} -m gunicorn app:app"]
    settings = {"PORT": str(port), "STORAGE_URL": (tmp_path / "data").as_uri()}
    file = BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    with started(command, settings), ExitStack() as opened:
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: _is_up(address))
        for _ in range(200):
            opened.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS))
        files = [("images", (f"{number}.png", file.getvalue())) for number in range(120)]
        answer = httpx.post(f"{address}/upload_images", files=files, timeout=PATIENCE_SECONDS)
        assert (answer.status_code, len(answer.json().get("images", ()))) == (201, 120)


@pytest.mark.process
def test_web_opens_as_many_files_as_it_may(tmp_path: Path) -> None:
    """Not only as many as a shell lets its programs open at first."""
    port = find_free_port()
    limits = "ulimit -S -n 64; ulimit -H -n 500"
    command = ["sh", "-c", f"{limits}; exec {quote(sys.executable)} -m gunicorn app:app"]
    settings = {"PORT": str(port), "STORAGE_URL": (tmp_path / "data").as_uri()}
    with started(command, settings) as server:
        wait_until(lambda: _is_up(f"http://127.0.0.1:{port}"))
        processes = psutil.Process(server.pid).children()
        assert processes
        assert {each.rlimit(psutil.RLIMIT_NOFILE) for each in processes} == {(500, 500)}


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_web_is_reached_over_ipv6_and_ipv4(start_server: StartServer) -> None:
    address = start_server()
    port = httpx.URL(address).port
    for host in ("127.0.0.1", "[::1]"):
        with open_client(f"http://{host}:{port}") as client:
            assert client.get("/health").status_code == 200


def test_open_event_stream_does_not_hold_up_a_restart(redis_url: str, tmp_path: Path) -> None:
    """The job waits for a worker, so its stream would go on for minutes."""
    port = find_free_port()
    settings = {
        "PORT": str(port),
        "STORAGE_URL": (tmp_path / "data").as_uri(),
        "REDIS_URL": redis_url,
        "GUNICORN_CMD_ARGS": f"--graceful-timeout {2 * PATIENCE_SECONDS}",
    }
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", "app:app"]
    with started(command, settings) as server, open_client(address) as client:
        wait_until(lambda: _is_up(address))
        photos = client.post("/upload_images", files={"images": ("a.jpg", make_photo())}).json()
        order = {"session_id": photos["session_id"], "job_id": str(uuid4())}
        assert client.post("/generate_video", json=order).status_code == 202
        with client.stream("GET", f"/job_events/{order['job_id']}") as stream:
            lines = stream.iter_lines()
            assert next(lines) == "event: status"
            server.terminate()
            assert "event: status" not in list(lines)  # it ends, and nothing new was told
            server.wait(PATIENCE_SECONDS)


@pytest.mark.process
def test_upload_that_a_restart_cuts_off_keeps_no_room(tmp_path: Path) -> None:
    """Its reservation would count against its owner for hours."""
    port = find_free_port()
    settings = {
        "PORT": str(port),
        "STORAGE_URL": (tmp_path / "data").as_uri(),
        "GUNICORN_CMD_ARGS": "--graceful-timeout 4",
    }
    reserved = tmp_path / "data" / "reserved"
    with started([sys.executable, "-m", "gunicorn", "app:app"], settings) as server:
        wait_until(lambda: _is_up(f"http://127.0.0.1:{port}"))
        with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
            connection.sendall(HALVES["form"])
            wait_until(lambda: any(path.is_file() for path in reserved.rglob("*")))
            server.terminate()
            server.wait(PATIENCE_SECONDS)
    assert not any(path.is_file() for path in reserved.rglob("*"))


def open_client(address: str) -> httpx.Client:
    return httpx.Client(base_url=address, timeout=PATIENCE_SECONDS)


def _is_up(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health", timeout=PATIENCE_SECONDS).is_success
    except httpx.TransportError:
        return False
