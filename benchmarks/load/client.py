"""A client that costs little: raw sockets that stay open, and answers that are only counted."""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections import deque
from types import TracebackType
from typing import Any, Self

_CHUNK_BYTES = 1 << 16


class Connection:
    """A connection to the web service, for one request at a time."""

    def __init__(self, port: int, token: str = "") -> None:
        self._token = token
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.close()

    def send(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json"
    ) -> None:
        """Send a request."""
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        head += f"Authorization: Bearer {self._token}\r\nContent-Type: {kind}\r\n\r\n"
        self.socket.sendall(head.encode() + body)

    def receive(self) -> tuple[int, bytes] | None:
        """Read once; return status and body if the answer is complete, else None.

        Raises:
            ConnectionError: if the server hung up.
        """
        data = self.socket.recv(_CHUNK_BYTES)
        if not data:
            raise ConnectionError("the web service hung up")
        self._read += data
        head, end, body = self._read.partition(b"\r\n\r\n")
        if not end:
            return None
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        if len(body) < length:
            return None
        self._read = b""
        return int(head.split(b" ", 2)[1]), body

    def ask(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json"
    ) -> tuple[int, Any]:
        """Make a request; return the status, and the JSON of the answer."""
        self.send(method, path, body, kind)
        while (answer := self.receive()) is None:
            pass
        return answer[0], json.loads(answer[1])


def poll(port: int, token: str, paths: list[str], rate: float, seconds: float) -> list[float]:
    """Ask for paths in turn at a constant rate; return how long each answer took, in seconds.

    A question that has to wait for a free connection counts from when it was due. 32 connections
    stay open.

    Raises:
        ConnectionError: if an answer is not 200.
    """
    with selectors.EpollSelector() as waiting:
        free = deque(Connection(port, token) for _ in range(32))
        asked: dict[int, float] = {}
        taken: list[float] = []
        began, total, sent = time.perf_counter(), int(rate * seconds), 0
        for connection in free:
            waiting.register(connection.socket, selectors.EVENT_READ, connection)
        while len(taken) < total:
            now = time.perf_counter()
            while free and sent < total and began + sent / rate <= now:
                connection = free.popleft()
                asked[id(connection)] = began + sent / rate
                connection.send("GET", paths[sent % len(paths)])
                sent += 1
            pause = max(0.0, began + sent / rate - now) if free and sent < total else 1.0
            for key, _ in waiting.select(pause):
                answer = key.data.receive()
                if answer:
                    if answer[0] != 200:
                        raise ConnectionError(f"the answer is {answer[0]}")
                    taken.append(time.perf_counter() - asked.pop(id(key.data)))
                    free.append(key.data)
        for connection in free:
            connection.socket.close()
        return taken
