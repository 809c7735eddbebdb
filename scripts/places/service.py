"""A service that runs somewhere: whether it answers, and slideshows that it is given."""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import httpx
import skimage.data
from PIL import Image

WAIT_SECONDS = 300


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition; give up after `WAIT_SECONDS`."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.5)


def find_free_port() -> str:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


def count_workers(client: httpx.Client) -> int:
    """Return how many renders can run at once; -1 while the web service does not answer."""
    try:
        return int(client.get("/health").json()["workers"])
    except httpx.TransportError:
        return -1


def order_slideshow(client: httpx.Client, count: int, **choices: object) -> dict[str, Any]:
    """Upload photos of 12 megapixels, order a slideshow of them and return the answer."""
    session: dict[str, str] = {}
    for at in range(count):  # one by one: a busy machine takes its time for each
        files = {"images": (f"{at}.jpg", draw_photo(at))}
        uploaded = client.post("/upload_images", files=files, data=session)
        assert uploaded.is_success, uploaded.text
        session = {"session_id": uploaded.json()["session_id"]}
    ordered = client.post("/generate_video", json=session | choices)
    assert ordered.is_success, ordered.text
    answer: dict[str, Any] = ordered.json()
    return answer


def order_long_slideshow(client: httpx.Client, seed: int = 0) -> str:
    """Order a slideshow that takes a while, and return its status URL once it is being rendered."""
    order = order_slideshow(client, 6, duration=3.0, motion="kenburns", seed=seed)
    url: str = order["status_url"]
    wait_until(lambda: is_rendering(client, url))
    return url


def read_status(client: httpx.Client, url: str) -> dict[str, Any]:
    """Return the status of a job."""
    status: dict[str, Any] = client.get(url).raise_for_status().json()
    return status


def is_rendering(client: httpx.Client, url: str) -> bool:
    """Tell whether pictures of a job are being rendered."""
    status = read_status(client, url)
    return bool(status["status"] == "started" and status.get("progress"))


def check_video(client: httpx.Client, url: str) -> None:
    """Wait for the end of a job; check that it took one attempt, and that its video comes."""
    wait_until(lambda: "ended_at" in read_status(client, url))
    status = read_status(client, url)
    assert (status["status"], status["attempts"]) == ("finished", 1), status
    video = client.get(status["result"]["download_url"]).raise_for_status().content
    assert video[4:8] == b"ftyp", video[:32]


@cache
def draw_photo(number: int) -> bytes:
    """Return a JPEG of 4000x3000 pixels."""
    photo = Image.fromarray(skimage.data.astronaut()).rotate(number * 9).resize((4000, 3000))  # type: ignore[no-untyped-call]  # scikit-image has no types
    data = io.BytesIO()
    photo.save(data, "JPEG", quality=90)
    return data.getvalue()
