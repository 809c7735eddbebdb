"""Services on the loopback interface that get requests: one that answers, others that misbehave."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Thread

from tests.conftest import PATIENCE_SECONDS

Answer = tuple[int, dict[str, str], bytes]
TAKEN: Answer = (204, {}, b"")


@dataclass(frozen=True)
class Call:
    """A request that came in, with the names of its headers in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """A service that notes each request; `answer` says what it replies, and may block."""

    port: int
    answer: Callable[[Call], Answer] = lambda _: TAKEN
    calls: list[Call] = field(default_factory=list)
    arrived: SimpleQueue[Call] = field(default_factory=SimpleQueue)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def wait(self, seconds: float = PATIENCE_SECONDS) -> Call:
        """Return the next request that comes in."""
        return self.arrived.get(timeout=seconds)


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Run a service; with a context, over TLS."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.path, headers, self.rfile.read(int(headers["content-length"])))
            receiver.calls.append(call)
            receiver.arrived.put(call)
            status, fields, body = receiver.answer(call)
            self.send_response(status)
            for name, value in {**fields, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients may hang up
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver = Receiver(server.server_port)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def misbehaving(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """Run a service that does what it likes with its first connection; yield its address.

    At the end the client must have hung up: `behave` ends with an error then, or by itself.
    """
    ended = SimpleQueue[None]()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                behave(connection)
            except OSError:
                pass
            finally:
                ended.put(None)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        ended.get(timeout=PATIENCE_SECONDS)
