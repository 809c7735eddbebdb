"""Tests with a real server: malformed bytes, two web processes, renders in progress."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from reelqueue.web.serving.quiet import is_hushed
from tests.conftest import find_files, wait_until
from tests.web.conftest import SMALL, UNKNOWN, check_problem, make_photo
from tests.web.wire import Wire

FORM = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
PART = b'--x\r\nContent-Disposition: form-data; name="images"; filename="a.jpg"\r\n\r\n'
BOUNDARY = {"Content-Type": "multipart/form-data; boundary=x"}

# --- refusals ---


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/job_status/{UNKNOWN}", 404),
        ("HEAD", f"/job_status/{UNKNOWN}", 404),
        ("HEAD", f"/uploads/{UNKNOWN}/{UNKNOWN}", 412),  # without the version of tus
        ("POST", "/generate_video", 415),
        ("PUT", "/jobs", 405),
    ],
)
def test_refusal_has_a_good_status_for_a_page_that_prefers_quiet(
    wire: Wire, method: str, path: str, status: int
) -> None:
    address = f"http://127.0.0.1:{wire.port}{path}"
    loud = httpx.request(method, address)
    quiet = httpx.request(method, address, headers={"Prefer": "respond-async, Quiet;a=b"})
    assert (loud.status_code, quiet.status_code, quiet.text) == (status, 200, loud.text)
    assert quiet.headers["Problem-Status"] == str(status)
    assert quiet.headers["Preference-Applied"] == "quiet"
    assert "Problem-Status" not in loud.headers
    assert "Preference-Applied" not in loud.headers


def test_refusal_before_the_app_is_told_quietly_too(wire: Wire) -> None:
    order = {"session_id": "x" * 3_000_000}
    status, headers, problem = wire.call("POST", "/generate_video", order, {"Prefer": "quiet"})
    assert (status, headers["Problem-Status"]) == (200, "413")
    check_problem(problem, 413)


def test_only_refusals_are_told_quietly(wire: Wire) -> None:
    status, headers, _ = wire.call("GET", "/health", headers={"Prefer": "quiet"})
    assert (status, "Problem-Status" in headers) == (200, False)


@pytest.mark.parametrize("status", [200, 302, 401, 403, 500, 503])
def test_what_a_browser_or_an_operator_acts_on_stays_loud(status: int) -> None:
    assert is_hushed(404, "quiet")
    assert not is_hushed(status, "quiet")


# --- uploads ---


def _declare(length: object, body: bytes = b"") -> bytes:
    return FORM % b"/upload_images" + b"Content-Length: %s\r\n\r\n" % str(length).encode() + body


def _chunk(*pieces: bytes) -> bytes:
    head = FORM % b"/upload_images" + b"Transfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


WHOLE = PART + b"no picture\r\n--x--\r\n"
BAD_BODIES: dict[str, tuple[Callable[[], bytes], int]] = {
    "no length": (lambda: FORM % b"/upload_images" + b"\r\n" + WHOLE, 400),
    "length too small": (lambda: _declare(len(WHOLE) - 8, WHOLE), 400),
    "length too large": (lambda: _declare(len(WHOLE) + 99, WHOLE[:-8]), 400),
    "chunked": (lambda: _chunk(WHOLE, b""), 415),
    "chunked with a wrong size": (lambda: _chunk() + b"zz\r\n", 400),
    "chunked with a wrong end": (lambda: _chunk() + b"3\r\nabcde\r\n", 400),
    "chunked and cut": (lambda: _chunk() + b"fff\r\n" + WHOLE, 400),
    "chunked beyond the limit": (lambda: _chunk(PART, *[b"x" * 100_000] * 11), 413),
    "declared beyond the limit": (lambda: _declare(3_000_001), 413),
    "compressed": (lambda: _declare(20, b"\x1f\x8b" + bytes(18)), 400),
}


@pytest.mark.parametrize("case", BAD_BODIES)
def test_wrong_body_is_answered_with_a_problem(wire: Wire, case: str) -> None:
    make_request, expected = BAD_BODIES[case]
    status, headers, problem = wire.exchange(make_request(), ends=True)
    assert (status, headers["Content-Type"]) == (expected, "application/problem+json")
    check_problem(problem, expected)
    wait_until(lambda: list(wire.temporary.glob("reelqueue-*/work-*")) == [])


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: -5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"X-Long: " + b"x" * 40_000 + b"\r\n",
    ],
)
def test_request_that_two_servers_could_read_differently_is_refused(
    wire: Wire, headers: bytes
) -> None:
    request = FORM % b"/upload_images" + headers + b"\r\n" + WHOLE
    status, answered, _ = wire.exchange(request)
    assert status in (400, 431)
    assert answered["Connection"] == "close"


def test_upload_beyond_the_limit_is_refused_before_it_is_read(wire: Wire) -> None:
    """The rest of two gigabytes never comes, and is not waited for."""
    begun = time.monotonic()
    status, _, problem = wire.exchange(_declare(2_000_000_000, PART))
    assert status == 413
    check_problem(problem, 413)
    assert time.monotonic() - begun < 60


def test_upload_beyond_a_file_s_limit_is_refused_while_it_comes(wire: Wire) -> None:
    status, _, problem = wire.exchange(_declare(2_900_000, PART + b"x" * 1_100_000))
    assert status == 413
    assert "at most 1 MB" in problem["detail"]
    wait_until(lambda: list(wire.temporary.glob("reelqueue-*/work-*")) == [])


def test_upload_that_breaks_off_leaves_no_file(wire: Wire) -> None:
    stored = set(find_files(wire.storage, "*"))
    with wire.connect() as connection:
        connection.sendall(_declare(900_000, PART + b"x" * 400_000))
        arriving = "reelqueue-*/work-*/*"
        wait_until(lambda: any(path.stat().st_size for path in wire.temporary.glob(arriving)))
    wait_until(lambda: list(wire.temporary.glob("reelqueue-*/work-*")) == [])
    assert set(find_files(wire.storage, "*")) == stored


def test_upload_whose_client_leaves_while_it_is_checked_is_not_stored(wire: Wire) -> None:
    stored = set(find_files(wire.storage, "*"))
    body = (PART + make_photo() + b"\r\n") * 40 + b"--x--\r\n"
    with wire.connect() as connection:
        connection.sendall(_declare(len(body), body))
        wait_until(lambda: any(wire.temporary.glob("reelqueue-*/work-*/*.thumb.jpg")))
    wait_until(lambda: list(wire.temporary.glob("reelqueue-*/work-*")) == [])
    assert set(find_files(wire.storage, "*")) == stored


def test_large_upload_is_kept_whole(wire: Wire) -> None:
    noise = Image.effect_noise((900, 700), 90)
    file = BytesIO()
    noise.save(file, "PNG")
    photo = file.getvalue()
    assert len(photo) > 300_000
    body = PART + photo + b"\r\n--x--\r\n"
    status, _, answer = wire.exchange(_declare(len(body), body))
    assert (status, answer["images"][0]["width"]) == (201, 900)
    (stored,) = wire.storage.glob(f"sessions/*/{answer['session_id']}/uploads/*/original.png")
    assert stored.read_bytes() == photo


def test_end_of_a_resumable_upload_takes_no_body(wire: Wire) -> None:
    """Else a few of them would keep all uploads of this process waiting."""
    url = f"/uploads/{uuid4()}/{uuid4()}/finish"
    for kind in (BOUNDARY, {"Content-Type": "application/offset+octet-stream"}):
        status, _, problem = wire.call("POST", url, b"x", kind)
        assert status == 415
        assert "Send no body" in problem["detail"]
    assert wire.call("POST", url)[0] == 404


# --- renders ---


LONG = {"duration": 60, "resolution": "1280x720", "fps": 60}


def send_over(wire: Wire) -> dict[str, Any]:
    part = b'--x\r\nContent-Disposition: form-data; name="images"; filename="%s"\r\n\r\n%s\r\n'
    parts = [part % (name, make_photo(name.decode())) for name in (b"red", b"blue", b"green")]
    body = b"".join(parts) + b"--x--\r\n"
    status, _, answer = wire.call("POST", "/upload_images", body, BOUNDARY)
    assert status == 201
    return {"session_id": answer["session_id"], "job_id": str(uuid4())}


@dataclass(frozen=True)
class Render:
    """A render in progress, and the request that waits for it."""

    job_id: str
    request: Future[tuple[int, dict[str, str], Any]]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def render(wire: Wire, pool: ThreadPoolExecutor) -> Iterator[Render]:
    """A render that takes longer than any test; it is cancelled in the end."""
    spec = send_over(wire) | LONG
    job_id = spec["job_id"]
    request = pool.submit(wire.call, "POST", "/generate_video", spec)
    wait_until(lambda: wire.call("GET", f"/job_status/{job_id}")[0] == 200)
    yield Render(job_id, request)
    wire.call("POST", f"/job_cancel/{job_id}")
    request.result()


def test_render_is_seen_by_all_processes_while_it_is_answered(wire: Wire, render: Render) -> None:
    """Each poll is a new connection, and gunicorn's two processes share those."""
    seen: list[int] = []

    def has_come_far() -> bool:
        status, headers, answer = wire.call("GET", f"/job_status/{render.job_id}")
        assert (status, headers["Retry-After"]) == (200, "1")
        assert answer["status"] in ("queued", "started")
        seen.append(answer["progress"])
        return len(set(seen)) > 2

    wait_until(has_come_far)
    assert len(seen) > 10
    assert seen == sorted(seen)
    assert seen[-1] < 100
    assert not render.request.done()
    status, _, cancelled = wire.call("POST", f"/job_cancel/{render.job_id}")
    assert (status, cancelled["status"]) == (200, "canceled")
    status, _, answer = render.request.result()
    assert (status, answer["status"]) == (200, "canceled")
    assert cancelled.items() <= answer.items()


def test_render_is_followed_by_events_until_its_end(
    wire: Wire, render: Render, pool: ThreadPoolExecutor
) -> None:
    following = pool.submit(wire.call, "GET", f"/job_events/{render.job_id}")
    url = f"/job_status/{render.job_id}"
    wait_until(lambda: wire.call("GET", url)[2]["progress"] > 0)
    assert not following.done()
    wire.call("POST", f"/job_cancel/{render.job_id}")
    status, headers, stream = following.result()
    assert (status, headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    events = [
        json.loads(line.removeprefix("data: "))
        for line in stream.decode().splitlines()
        if line.startswith("data: ")
    ]
    assert len(events) > 1
    progress = [event["progress"] for event in events]
    assert progress == sorted(progress)
    assert {event["status"] for event in events[:-1]} <= {"queued", "started"}
    assert events[-1] == wire.call("GET", url)[2]
    assert events[-1]["status"] == "canceled"


def test_render_beyond_the_places_is_told_to_come_again(wire: Wire, render: Render) -> None:
    wait_until(lambda: wire.call("GET", f"/job_status/{render.job_id}")[2]["status"] == "started")
    second = send_over(wire) | SMALL
    status, headers, problem = wire.call("POST", "/generate_video", second)
    assert (status, problem["type"]) == (503, "/problems/busy")
    assert int(headers["Retry-After"]) > 0
    assert wire.call("GET", f"/job_status/{second['job_id']}")[0] == 404
    wire.call("POST", f"/job_cancel/{render.job_id}")
    assert render.request.result()[2]["status"] == "canceled"
    assert wire.call("POST", "/generate_video", second)[2]["status"] == "finished"


def test_render_goes_on_when_its_browser_goes_away(wire: Wire) -> None:
    spec = send_over(wire) | SMALL
    body = json.dumps(spec).encode()
    head = b"POST /generate_video HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with wire.connect() as connection:
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        wait_until(lambda: wire.call("GET", f"/job_status/{spec['job_id']}")[0] == 200)
    url = f"/job_status/{spec['job_id']}"
    wait_until(lambda: wire.call("GET", url)[2]["status"] == "finished")
