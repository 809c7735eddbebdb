"""A client that sends raw bytes, even malformed requests."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from tests.conftest import PATIENCE_SECONDS


@dataclass(frozen=True)
class Wire:
    """A running server: its port, its storage's folder and the folder of its temporary files."""

    port: int
    storage: Path
    temporary: Path

    def is_up(self) -> bool:
        with suppress(OSError):
            return self.call("GET", "/health")[0] == 200
        return False

    def call(
        self,
        method: str,
        path: str,
        body: bytes | dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, str], Any]:
        """Make a request on a new connection; return status, headers and JSON."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        headers = {"Connection": "close", **(headers or {})}
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, body, headers)
            return _read(connection.getresponse())
        finally:
            connection.close()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS)

    def exchange(self, request: bytes, *, ends: bool = False) -> tuple[int, dict[str, str], Any]:
        """Send bytes, and nothing more if it `ends`, and read the answer as soon as it is there."""
        with self.connect() as connection:
            with suppress(BrokenPipeError, ConnectionResetError):  # answered before it was all sent
                connection.sendall(request)
            if ends:
                connection.shutdown(socket.SHUT_WR)
            response = HTTPResponse(connection)
            try:
                response.begin()
                return _read(response)
            finally:
                response.close()


def _read(response: HTTPResponse) -> tuple[int, dict[str, str], Any]:
    data = response.read()
    is_json = "json" in (response.headers.get("Content-Type") or "")
    return response.status, dict(response.headers), json.loads(data) if is_json else data
