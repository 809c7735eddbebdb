"""What clients get that are slow, silent, wrong or many: on real sockets, with short deadlines."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from select import select
from threading import Event
from typing import Any

import pytest

from reelqueue.web.serving import patience
from tests.conftest import PATIENCE_SECONDS, wait_until
from tests.web.serving.server import App, Server, read_all, serving

HEAD = b"GET /a HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: localhost\r\n"
HASTE = 0.15


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer with the parts of the request that apps rely on."""
    names = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "REMOTE_ADDR", "CONTENT_LENGTH")
    told = {name: environ.get(name) for name in names}
    told["body"] = environ["wsgi.input"].read().decode()
    told["headers"] = sorted(name for name in environ if name.startswith(("HTTP_", "SCRIPT")))
    data = json.dumps(told).encode()
    start_response("200 OK", [("Content-Length", str(len(data)))])
    return [data]


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(echo) as server:
        yield server


@pytest.fixture
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD", "PIECE", "TAKING", "STOPPING", "LINGER"):
        monkeypatch.setattr(patience, f"{name}_SECONDS", HASTE)


def read_answer(data: bytes) -> tuple[int, dict[str, str], Any]:
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return int(first.split()[1]), headers, json.loads(body)


def check_refusal(data: bytes, status: int) -> str:
    """Check that an answer is a whole problem which ends the connection; return its sentence."""
    found, headers, problem = read_answer(data)
    assert (found, problem["status"], problem["success"]) == (status, status, False)
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Connection"] == "close"
    assert int(headers["Content-Length"]) == len(data.partition(b"\r\n\r\n")[2])
    return str(problem["detail"])


# --- headers ---


@pytest.mark.parametrize("own", [[], [("Date", "Thu, 01 Jan 1970 00:00:00 GMT")]])
def test_answer_has_one_date(own: list[tuple[str, str]]) -> None:
    def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "0"), *own])
        return [b""]

    with serving(app) as server, server.connect(HEAD + b"Connection: close\r\n\r\n") as client:
        head = read_all(client).decode()
    dates = [line for line in head.split("\r\n") if line.startswith("Date: ")]
    assert len(dates) == 1
    assert all(f"Date: {value}" in dates for _, value in own)


# --- slow clients ---


@pytest.mark.usefixtures("haste")
@pytest.mark.parametrize(
    "begun",
    [
        b"G",
        HEAD,
        HEAD + b"X-Slow: ",
        HEAD + b"\r\n" + HEAD,  # the second request of a connection
        POST + b"Content-Length: 9\r\n\r\n",
        POST + b"Content-Length: 9\r\n\r\n1234",
        POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\n123\r\n",
        POST + b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9\r\n\r\n1234",
    ],
)
def test_request_that_stops_halfway_is_told_so(begun: bytes) -> None:
    with serving(_accept_forms) as server, server.connect(begun) as connection:
        data = read_all(connection)
        assert "too slowly" in check_refusal(data[data.rindex(b"HTTP/1.1") :], 408)


@pytest.mark.usefixtures("haste")
def test_silent_client_is_sent_away_without_a_word(server: Server) -> None:
    with server.connect() as connection:
        assert read_all(connection) == b""
    assert len(server.crowd) == 0


@pytest.mark.usefixtures("haste")
def test_bytes_that_trickle_do_not_prolong_the_wait_for_a_head(server: Server) -> None:
    with server.connect() as connection:
        for byte in HEAD:
            try:
                connection.sendall(bytes([byte]))
            except OSError:
                break
            if Event().wait(0.03) or connection.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK):
                break
        else:
            pytest.fail("the whole head was waited for")


def test_body_that_trickles_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PIECE_SECONDS", HASTE)
    monkeypatch.setattr(patience, "MIN_BYTES_PER_SECOND", 1000)
    with server.connect(POST + b"Content-Length: 1000\r\n\r\n") as connection:
        connection.setblocking(False)
        sent = 0
        while sent < 900:
            sent += connection.send(b"x")
            Event().wait(0.02)
            try:
                assert connection.recv(12) == b"HTTP/1.1 408"
                break
            except BlockingIOError:
                continue
        assert sent < 900


def test_idle_client_may_come_again_until_the_deadline() -> None:
    with serving(echo, idle_seconds=2) as server, server.connect() as connection:
        for _ in range(2):
            connection.sendall(HEAD + b"\r\n")
            assert connection.recv(9) == b"HTTP/1.1 "
            while b"}" not in connection.recv(1000):
                pass
        assert connection.recv(1) == b""


class Endless:
    """An answer of endless pieces, which knows whether it was closed."""

    def __init__(self) -> None:
        self.taken, self.closed = 0, Event()

    def __call__(self, _environ: object, start_response: Callable[..., Any]) -> Endless:
        start_response("200 OK", [("Content-Length", str(1 << 40))])
        return self

    def __iter__(self) -> Endless:
        return self

    def __next__(self) -> bytes:
        self.taken += 1
        return b"x" * 65536

    def close(self) -> None:
        self.closed.set()


@pytest.mark.usefixtures("haste")
def test_client_that_takes_nothing_is_given_up_and_holds_no_thread() -> None:
    app = Endless()
    with serving(app) as server, server.connect(HEAD + b"\r\n") as connection:
        assert connection.recv(9) == b"HTTP/1.1 "
        assert app.closed.wait(PATIENCE_SECONDS)
        wait_until(lambda: len(server.crowd) == 0)


def test_answers_that_nobody_takes_leave_all_threads_free() -> None:
    apps = [Endless() for _ in range(40)]

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] == "/a":
            return apps.pop()(environ, start_response)
        return echo(environ, start_response)

    with serving(app) as server:
        unread = [server.connect(HEAD + b"\r\n") for _ in range(40)]
        wait_until(lambda: not apps)
        with server.connect(b"GET / HTTP/1.0\r\n\r\n") as connection:
            assert read_answer(read_all(connection))[0] == 200
        for connection in unread:
            connection.close()


def test_answer_waits_for_its_client_in_every_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """In Python 3.12.0 to 3.12.8, `writelines` never asks the protocol to pause."""

    def write_on(transport: Any, pieces: list[bytes]) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(transport, "_maybe_pause_protocol", lambda: None)
            transport.write(b"".join(pieces))

    monkeypatch.setattr("asyncio.selector_events._SelectorSocketTransport.writelines", write_on)
    app = Endless()
    with serving(app) as server, server.connect(HEAD + b"\r\n"):
        Event().wait(1)
        assert app.taken < 500  # the kernel's buffers take some 100


@pytest.mark.usefixtures("haste")
def test_client_that_leaves_ends_its_answer() -> None:
    app = Endless()
    with serving(app) as server:
        with server.connect(HEAD + b"\r\n") as connection:
            connection.recv(1000)
        assert app.closed.wait(PATIENCE_SECONDS)


def test_client_that_leaves_while_its_form_is_written_ends_the_upload() -> None:
    """The server learns of it between two waits, so the next one must not begin."""
    writing, going_on, closed = Event(), Event(), Event()

    class Sink(_Sink):
        def write(self, _piece: bytes) -> None:
            writing.set()
            assert going_on.wait(PATIENCE_SECONDS)

        def close(self) -> None:
            closed.set()

    form = POST + b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9\r\n\r\n1234"
    with serving(_receive_into(Sink())) as server:
        with server.connect(form) as connection:
            assert writing.wait(PATIENCE_SECONDS)
            _reset(connection)
        wait_until(lambda: len(server.crowd) == 0)  # the connection has been reset
        going_on.set()
        assert closed.wait(PATIENCE_SECONDS)


def test_client_that_has_just_left_is_sent_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Python warns of writes to a connection that is lost."""
    begun, answering, looping = Event(), Event(), Event()
    data = bytes(4_000_000)

    def app(_environ: object, start_response: Callable[..., Any]) -> list[bytes]:
        begun.set()
        assert answering.wait(PATIENCE_SECONDS)
        start_response("200 OK", [("Content-Length", str(len(data)))])
        return [data]

    with serving(app) as server:
        with server.connect(HEAD + b"\r\n") as connection:
            assert begun.wait(PATIENCE_SECONDS)
            server.loop.call_soon_threadsafe(looping.wait, 10)
            _reset(connection)
        answering.set()
        Event().wait(0.2)  # the loop finds the answer first, then the lost connection
        looping.set()
        wait_until(lambda: len(server.crowd) == 0)
    assert caplog.text == ""


def _reset(connection: socket.socket) -> None:
    """Have a connection closed without a farewell."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


# --- many clients ---


def test_newcomer_takes_the_place_of_the_client_that_was_silent_for_longest() -> None:
    with serving(echo, most=3) as server:
        first, second, third = (server.connect() for _ in range(3))
        wait_until(lambda: len(server.crowd) == 3)
        first.sendall(HEAD)  # now the second one has done nothing for longest
        Event().wait(0.1)
        with server.connect(HEAD + b"Connection: close\r\n\r\n") as newcomer:
            assert read_answer(read_all(newcomer))[0] == 200
        assert second.recv(1) == b""
        third.sendall(HEAD + b"\r\n")
        first.sendall(b"\r\n")
        assert first.recv(9) == third.recv(9) == b"HTTP/1.1 "
        for connection in (first, second, third):
            connection.close()


def connect_slow(server: Server, request: bytes, held: int) -> socket.socket:
    """Send a part of a request, and wait until the server holds so many bytes of all of them."""
    connection = server.connect(request)
    wait_until(lambda: server.crowd._held >= held)
    return connection


def test_bodies_in_memory_are_bounded_in_all() -> None:
    half = POST + b"Content-Length: 1000000\r\n\r\n" + b"x" * 500_000
    with serving(echo, held=2_000_000) as server:
        slow = [connect_slow(server, half, number * 500_000) for number in range(1, 5)]
        slow.append(server.connect(half))
        assert "too slowly" in check_refusal(read_all(slow[0]), 408)
        slow[-1].sendall(b"x" * 500_000)
        assert slow[-1].recv(12) == b"HTTP/1.1 200"
        for connection in slow:
            connection.close()


def test_half_heads_in_memory_are_bounded_in_all() -> None:
    half = HEAD + b"X: " + b"x" * 20_000
    with serving(echo, held=90_000) as server:
        slow = [connect_slow(server, half, number * 20_000) for number in range(1, 5)]
        slow.append(server.connect(half))
        assert "too slowly" in check_refusal(read_all(slow[0]), 408)
        slow[-1].sendall(b"\r\n\r\n")
        assert slow[-1].recv(12) == b"HTTP/1.1 200"
        for connection in slow:
            connection.close()


def test_requests_that_come_early_count_among_what_is_in_memory() -> None:
    early = HEAD + b"\r\n" + b"x" * 250_000
    with serving(Endless(), held=1_000_000) as server:
        unread = [server.connect(HEAD + b"\r\n") for _ in range(8)]
        wait_until(lambda: sum(bool(member.held) for member in server.crowd._members) == 8)
        for connection in unread:
            connection.sendall(early)
        wait_until(lambda: len(server.crowd) < 8)
        for connection in unread:
            connection.close()


def test_stalled_upload_makes_room_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reelqueue.web.serving.crowd._STALL_SECONDS", HASTE)
    monkeypatch.setattr(patience, "PLACE_POLL_SECONDS", 0.02)
    form = POST + b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9\r\n\r\n"
    with serving(_accept_forms, uploads=1) as server, server.connect(form + b"1234") as stalled:
        Event().wait(0.05)
        with server.connect(form + b"123456789") as later:
            assert later.recv(12) == b"HTTP/1.1 200"
        assert "too slowly" in check_refusal(read_all(stalled), 408)


def test_forms_are_received_while_the_app_is_slow_to_accept_others() -> None:
    """It may have to count what an owner has stored in a bucket, for instance."""
    accepted, going_on = Event(), Event()
    asked: list[str] = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        if environ["PATH_INFO"] == "/slow":
            assert going_on.wait(PATIENCE_SECONDS)
        try:
            return _accept_forms(environ, start_response)
        finally:
            accepted.set()

    head = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
    form = head + b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    with serving(app) as server, server.connect(form % b"/a" + b"1234") as connection:
        assert accepted.wait(PATIENCE_SECONDS)
        slow = [server.connect(form % b"/slow") for _ in range(4)]
        wait_until(lambda: asked.count("/slow") == 4)
        connection.settimeout(60)
        connection.sendall(b"56789")
        try:
            assert connection.recv(12) == b"HTTP/1.1 200"
        finally:
            going_on.set()
            for other in slow:
                other.close()


def test_slowest_upload_makes_room_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that send a little all the time would keep all others from sending files."""
    monkeypatch.setattr("reelqueue.web.serving.crowd._HURRY_SECONDS", HASTE)
    monkeypatch.setattr(patience, "PLACE_POLL_SECONDS", 0.02)
    form = POST + b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n"
    with serving(_accept_forms, uploads=2) as server:
        slow, fast = (server.connect(form % 5_000_000) for _ in range(2))
        with server.connect(form % 9 + b"123456789") as later:
            for _ in range(400):
                slow.sendall(b"x" * 10)
                fast.sendall(b"x" * 10_000)
                if Event().wait(0.02) or select([later], [], [], 0)[0]:
                    break
            assert later.recv(12) == b"HTTP/1.1 200"
        assert "too slowly" in check_refusal(read_all(slow), 408)
        assert not select([fast], [], [], 0)[0]
        for connection in (slow, fast):
            connection.close()


def test_upload_that_finds_no_place_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PLACE_POLL_SECONDS", 0.02)
    monkeypatch.setattr(patience, "PLACE_SECONDS", HASTE)
    form = POST + b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9\r\n\r\n"
    with serving(_accept_forms, uploads=1) as server, server.connect(form + b"1234"):
        Event().wait(0.05)
        with server.connect(form) as early:
            data = read_all(early)
        assert "try again later" in check_refusal(data, 503)
        assert b"Retry-After: 5" in data


def _accept_forms(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Receive any form, as an upload does, and throw it away."""
    slot = environ.get("reelqueue.body")
    if slot is not None and slot.body is None:
        slot.body = _Sink()
        start_response("100 Continue", [])
        return []
    return echo(environ, start_response)


def _receive_into(sink: _Sink) -> App:
    """Return an app that has a form written into a sink."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        environ["reelqueue.body"].body = sink
        start_response("100 Continue", [])
        return []

    return app


class _Sink:
    error = None

    def write(self, _piece: bytes) -> None: ...

    def finish(self) -> None: ...

    def close(self) -> None: ...


# --- requests ---


def test_requests_that_come_at_once_are_answered_one_by_one(server: Server) -> None:
    requests = [POST + b"Content-Length: 1\r\n\r\n%d" % number for number in range(3)]
    with server.connect(b"".join(requests) + HEAD + b"Connection: close\r\n\r\n") as connection:
        answers = read_all(connection).split(b"HTTP/1.1 200")[1:]
    bodies = [json.loads(answer.partition(b"\r\n\r\n")[2])["body"] for answer in answers]
    assert bodies == ["0", "1", "2", ""]


def test_app_sees_the_request_as_it_was_sent(server: Server) -> None:
    request = b"PUT /caf%C3%A9/%2e?q=%20 HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nX-A: 2\r\n"
    body = b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    with server.connect(request + body) as connection:
        _, _, told = read_answer(read_all(connection))
    assert told == {
        "REQUEST_METHOD": "PUT",
        "PATH_INFO": "/café/.".encode().decode("latin-1"),
        "QUERY_STRING": "q=%20",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": "3",
        "body": "abc",
        "headers": ["HTTP_CONNECTION", "HTTP_HOST", "HTTP_X_A", "SCRIPT_NAME"],
    }


def test_name_with_underscores_cannot_pass_for_another(server: Server) -> None:
    names = b"SCRIPT_NAME: /x\r\nX_Forwarded_For: 6.6.6.6\r\nPATH_INFO: /y\r\nConnection: close\r\n"
    with server.connect(HEAD + names + b"\r\n") as connection:
        status, _, told = read_answer(read_all(connection))
    assert (status, told["PATH_INFO"]) == (200, "/a")
    assert told["headers"] == ["HTTP_CONNECTION", "HTTP_HOST", "SCRIPT_NAME"]


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"\x16\x03\x01\x02\x00", 400),  # TLS
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (HEAD + b"Host: other\r\n\r\n", 400),
        (b"GET a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET http://[x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: gzip\r\n\r\n", 501),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n", 400),
        (HEAD + b"Name : value\r\n\r\n", 400),
        (HEAD + b"X: " + b"x" * 40_000 + b"\r\n\r\n", 431),
        (HEAD + b"X: y\r\n" * 9000 + b"\r\n", 431),
    ],
)
def test_request_that_cannot_be_read_is_a_problem(
    server: Server, request_bytes: bytes, status: int
) -> None:
    with server.connect(request_bytes) as connection:
        data = read_all(connection)
    found, headers, problem = read_answer(data)
    assert (found, headers["Content-Type"]) == (status, "application/problem+json")
    assert problem["detail"].endswith(".")
    assert "bytearray" not in problem["detail"]


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 2000001", b"Transfer-Encoding: chunked"], ids=["length", "chunks"]
)
def test_body_beyond_the_limit_is_refused_and_not_cut(server: Server, framing: bytes) -> None:
    with server.connect(POST + framing + b"\r\n\r\n") as connection:
        if b"chunked" in framing:
            connection.sendall(b"1e8481\r\n" + b" " * 2_000_001)
        assert "larger" in check_refusal(read_all(connection), 413)


def test_body_at_the_limit_is_whole(server: Server) -> None:
    body = b"1e8480\r\n" + b"x" * 2_000_000 + b"\r\n0\r\n\r\n"
    request = POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    with server.connect(request) as connection:
        assert len(read_answer(read_all(connection))[2]["body"]) == 2_000_000


def test_body_in_tiny_chunks_does_not_hold_up_others() -> None:
    called: list[str] = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        called.append(environ["PATH_INFO"])
        return echo(environ, start_response)

    going_on = Event()
    head = POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    with serving(app) as server, server.connect(head) as slow, server.connect() as other:
        wait_until(lambda: len(server.crowd) == 2)
        server.loop.call_soon_threadsafe(going_on.wait, 10)  # so it sees both requests at once
        slow.sendall(b"1\r\nx\r\n" * 9000 + b"0\r\n\r\n")
        other.sendall(b"GET /b HTTP/1.0\r\n\r\n")
        going_on.set()
        assert read_answer(read_all(other))[0] == 200
        assert len(read_answer(read_all(slow))[2]["body"]) == 9000
    assert called == ["/b", "/a"]


def test_body_in_too_many_tiny_chunks_is_refused(server: Server) -> None:
    with server.connect(POST + b"Transfer-Encoding: chunked\r\n\r\n") as connection:
        connection.sendall(b"1\r\nx\r\n" * 20_000)
        assert "too small" in check_refusal(read_all(connection), 400)


@pytest.mark.parametrize(("chunk", "count"), [(b"1\r\nx\r\n", 10_000), (b"64\r\n%s\r\n", 19_000)])
def test_body_may_have_many_chunks(server: Server, chunk: bytes, count: int) -> None:
    chunk = chunk.replace(b"%s", b"x" * 100)
    head = POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    with server.connect(head + chunk * count + b"0\r\n\r\n") as connection:
        assert len(read_answer(read_all(connection))[2]["body"]) == chunk.count(b"x") * count


def test_early_answer_reaches_a_client_that_still_sends(server: Server) -> None:
    """Closing at once would drop the answer with the bytes that were not read."""
    with server.connect(POST + b"Content-Length: 9000000\r\n\r\n") as connection:
        connection.sendall(b"x" * 9_000_000)
        assert "larger" in check_refusal(read_all(connection), 413)


def test_client_is_asked_to_continue(server: Server) -> None:
    with server.connect(POST + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n") as connection:
        assert connection.recv(1000) == b"HTTP/1.1 100 \r\n\r\n"
        connection.sendall(b"ab")
        assert b'"body": "ab"' in connection.recv(1000)


def test_head_is_answered_without_a_body(server: Server) -> None:
    with server.connect(b"HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") as connection:
        head, _, body = read_all(connection).partition(b"\r\n\r\n")
    assert b"Content-Length: " in head
    assert body == b""


def test_client_of_http_1_0_gets_an_answer_and_an_end(server: Server) -> None:
    with server.connect(b"GET /a HTTP/1.0\r\n\r\n") as connection:
        assert read_answer(read_all(connection))[2]["PATH_INFO"] == "/a"


# --- answers ---

color: ContextVar[str] = ContextVar("color", default="none")


def test_pieces_share_one_context_whatever_thread_makes_them() -> None:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [])
        token = color.set(environ["PATH_INFO"])
        for _ in range(50):
            yield color.get().encode()
        color.reset(token)

    with serving(app) as server:
        connections = [
            server.connect(b"GET /%d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % number)
            for number in range(8)
        ]
        for number, connection in enumerate(connections):
            body = read_all(connection).partition(b"\r\n\r\n")[2]
            assert body.count(b"/%d" % number) == 50
            connection.close()


def test_stream_ends_when_the_server_stops() -> None:
    begun = Event()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        yield b": begun\n\n"
        begun.set()
        assert environ["reelqueue.ended"].wait(PATIENCE_SECONDS)

    with serving(app) as server, server.connect(HEAD + b"\r\n") as connection:
        assert begun.wait(PATIENCE_SECONDS)
        server.stop()
        assert read_all(connection).endswith(b"0\r\n\r\n")


@pytest.mark.usefixtures("haste")
def test_request_that_is_on_its_way_is_served_while_the_server_stops() -> None:
    going_on = Event()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        assert going_on.wait(PATIENCE_SECONDS)
        return echo(environ, start_response)

    with serving(app) as server, server.connect(HEAD + b"\r\n") as connection:
        idle = server.connect()
        Event().wait(0.1)
        server.stop()
        assert idle.recv(1) == b""
        idle.close()
        going_on.set()
        status, headers, _ = read_answer(read_all(connection))
        assert (status, headers["Connection"]) == (200, "close")


def test_app_that_fails_is_answered_with_a_problem_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def app(_environ: object, _start_response: object) -> Any:
        raise ValueError("secret")

    with serving(app) as server, server.connect(HEAD + b"\r\n") as connection:
        data = connection.recv(4096)
    status, _, body = read_answer(data)
    assert (status, body["type"]) == (500, "/problems/internal-error")
    assert b"secret" not in data
    assert "secret" in caplog.text


def test_answer_that_breaks_off_is_not_taken_for_whole(caplog: pytest.LogCaptureFixture) -> None:
    def app(_environ: object, start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Length", "300000")])
        yield b"x" * 100_000
        raise ValueError("a disk broke")

    with serving(app) as server, server.connect(HEAD + b"\r\n") as connection:
        assert 100_000 < len(read_all(connection)) < 200_000
    assert "a disk broke" in caplog.text


def test_body_that_breaks_off_is_read_as_far_as_it_came() -> None:
    """So a form that is too large is refused as such, although its end is missing."""
    received: list[bytes] = []

    class Sink(_Sink):
        def write(self, piece: bytes) -> None:
            received.append(piece)

    form = POST + b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9\r\n\r\n1234"
    with serving(_receive_into(Sink())) as server, server.connect(form) as connection:
        connection.shutdown(socket.SHUT_WR)
        assert "cannot be read" in check_refusal(read_all(connection), 400)
    assert b"".join(received) == b"1234"
