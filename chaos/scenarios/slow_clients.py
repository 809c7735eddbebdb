"""The scenario of slow clients: thousands that send or take nothing, while others are served."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from random import Random
from threading import Event, Thread

import httpx

from chaos.orders import SMALL, draw_id
from chaos.site import Site
from chaos.verdicts import Row, await_ends, expect_at_most, judge_monitor
from reelqueue.web.serving.worker import raise_file_limit

CLIENTS, FEW = 2000, 300
SECONDS, FEW_SECONDS = 45, 3
"""Longer than the server waits for any client; in the short form only for a moment."""
PATIENCE_SECONDS, MORE_PATIENCE_SECONDS = 1, 5
"""For a poll; the short form runs beside other tests."""
UPLOAD_SECONDS = 60
END_SECONDS = 60
LARGE_BYTES = 20_000_000

_FORM = (
    b"POST /upload_images HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    b'--x\r\nContent-Disposition: form-data; name="images"; filename="a.jpg"\r\n\r\n'
)
_ORDER = (
    b"POST /generate_video HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1900000\r\n"
    b"Content-Type: application/json\r\n\r\n"
)


def crowd_out(folder: Path, random: Random, short: bool) -> list[Row]:
    """Open thousands of bad connections of each kind, and judge what others notice of it."""
    raise_file_limit()
    with Site(folder, workers=1) as site:
        video = _make_large_video(site, random)
        rows = []
        for name, request in {
            "silent clients": b"",
            "unfinished heads": b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
            "half forms": _FORM + bytes(4000),
            "half orders": _ORDER + b" " * 60_000,
            "unread downloads": b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % video.encode(),
        }.items():
            rows += _attack(site, name, request, short)
        return rows + judge_monitor(site)


def _attack(site: Site, name: str, request: bytes, short: bool) -> list[Row]:
    count, seconds = (FEW, FEW_SECONDS) if short else (CLIENTS, SECONDS)
    patience = MORE_PATIENCE_SECONDS if short else PATIENCE_SECONDS
    with polled(site.client.address) as waits, ExitStack() as opened:
        for _ in range(count):
            opened.enter_context(_connect(site.client.address, request))
        begun = time.monotonic()
        site.client.upload()  # tries again if it is told to
        taken = time.monotonic() - begun
        time.sleep(seconds)
    return [
        expect_at_most(f"the slowest poll under {count} {name}", max(waits), patience),
        expect_at_most(f"an upload is taken under {count} {name}", taken, UPLOAD_SECONDS),
    ]


@contextmanager
def polled(address: str) -> Iterator[list[float]]:
    """Poll /health during the block; yield the seconds of each poll, 60 for one without answer."""
    waits: list[float] = []
    over = Event()

    def poll() -> None:
        while not over.wait(0.1):
            begun = time.monotonic()
            try:
                httpx.get(f"{address}/health", timeout=60).raise_for_status()
            except httpx.HTTPError:
                waits.append(60)
            else:
                waits.append(time.monotonic() - begun)

    thread = Thread(target=poll)
    thread.start()
    try:
        yield waits
    finally:
        over.set()
        thread.join()


def _connect(address: str, request: bytes) -> socket.socket:
    """Send a request, and read nothing of its answer."""
    port = httpx.URL(address).port
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(60)
    connection.connect(("127.0.0.1", port))
    with suppress(OSError):  # it was dropped for another
        connection.sendall(request)
    return connection


def _make_large_video(site: Site, random: Random) -> str:
    """Make a job whose stored video is larger than all buffers; return its address."""
    job = draw_id(random)
    site.client.order(site.client.upload(), SMALL, job)
    status = await_ends(site.client, [job], END_SECONDS)[job]
    (path,) = (site.storage / "jobs" / job / "outputs").glob("*/*.mp4")
    with path.open("r+b") as file:
        file.truncate(LARGE_BYTES)
    return str(status["result"]["download_url"])
