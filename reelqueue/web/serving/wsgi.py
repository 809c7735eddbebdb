"""The app's side of the server (PEP 3333): what it is given, and what it answers."""

from __future__ import annotations

import contextvars
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from io import BytesIO
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

import h11

from reelqueue.errors import MalformedRequestError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_SMALL_BYTES = 1 << 16
"""An answer of this length is collected by the call that makes it."""


class Answer:
    """What an app answers to one call: its status and headers, then its pieces.

    All of its methods block. They may run in one thread after the other, but in one at a time.
    """

    def __init__(self, app: WSGIApplication, environ: WSGIEnvironment) -> None:
        self.status, self.reason = 0, ""
        self.headers: list[tuple[str, str]] = []
        self.is_whole = self.is_closed = False
        # Flask keeps its context in context variables, and a piece may come in another thread.
        self._context = contextvars.copy_context()
        self._app_iter = self._context.run(app, environ, self._start)
        self._pieces: Iterator[bytes] = iter(self._app_iter)
        self.first = b""
        try:
            self.first = self._read_first()
        except BaseException:
            self.close()
            raise
        if self.is_whole:
            self.close()

    def read(self) -> bytes:
        """Return the next piece that is not empty; none is left once `is_whole` is set."""
        while not self.is_whole:
            piece = self._context.run(next, self._pieces, None)
            if piece is None:
                self.is_whole = True
            elif piece:
                return piece
        return b""

    @property
    def length(self) -> int | None:
        """The length that the app has declared."""
        values = [value for name, value in self.headers if name.lower() == "content-length"]
        return int(values[0]) if values else None

    def close(self) -> None:
        """Release what the app holds for this answer."""
        if not self.is_closed:
            self.is_closed = True
            self._context.run(getattr(self._app_iter, "close", lambda: None))

    def _start(
        self, status: str, headers: list[tuple[str, str]], _error: object = None
    ) -> Callable[[bytes], object]:
        code, _, self.reason = status.partition(" ")
        self.status, self.headers = int(code), headers
        return self._write

    def _write(self, _data: bytes) -> object:
        raise NotImplementedError("return the pieces instead")

    def _read_first(self) -> bytes:
        """Return all of a small answer, else its first piece."""
        pieces = [self.read()]
        if (self.length or _SMALL_BYTES + 1) <= _SMALL_BYTES:
            while not self.is_whole:
                pieces.append(self.read())
        return b"".join(pieces)


def to_environ(request: h11.Request, address: Any, own_address: Any) -> WSGIEnvironment:
    """Return the environ of a request, still without its body.

    Args:
        request: the head of the request.
        address: the client's address, as `socket.accept` returns it.
        own_address: the address that the client has connected to.

    Raises:
        MalformedRequestError: if its target is not that of a request to a server (RFC 9112, section
            3.2), or its framing could be read in two ways (section 6.3).
    """
    path, query = _split_target(request)
    host, port = _to_host_and_port(own_address)
    client, client_port = _to_host_and_port(address)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": request.method.decode("ascii"),
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": request.target.decode("latin-1"),
        "REQUEST_URI": request.target.decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{request.http_version.decode('ascii')}",
        "REMOTE_ADDR": client,
        "REMOTE_PORT": client_port,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    return environ | _to_variables(request)


def _split_target(request: h11.Request) -> tuple[str, str]:
    """Return the path, still quoted, and the query of a request's target."""
    target = request.target.decode("latin-1").partition("#")[0]
    path, _, query = target.partition("?")
    if path.startswith("/") or (path == "*" and request.method == b"OPTIONS"):
        return path, query
    with suppress(ValueError):  # a wrong IPv6 address
        parts = urlsplit(target)
        if parts.scheme in ("http", "https") and parts.netloc:
            return parts.path or "/", parts.query
    raise MalformedRequestError("The request cannot be read: its target must be a path.")


def _to_variables(request: h11.Request) -> dict[str, str]:
    """Return the headers as variables of an environ (PEP 3333).

    Names with underscores are left out: their variables could not be told from those of names with
    hyphens, so a client could pass off its own value for one that a proxy sets.
    """
    variables: dict[str, str] = {}
    for name, value in request.headers:
        if b"_" in name:
            continue
        key = "HTTP_" + name.decode("ascii").upper().replace("-", "_")
        separator = "; " if key == "HTTP_COOKIE" else ","
        text = value.decode("latin-1")
        variables[key] = f"{variables[key]}{separator}{text}" if key in variables else text
    chunked = variables.pop("HTTP_TRANSFER_ENCODING", None)
    if chunked and "HTTP_CONTENT_LENGTH" in variables:
        raise MalformedRequestError("Send Content-Length or Transfer-Encoding, but not both.")
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if f"HTTP_{key}" in variables:
            variables[key] = variables.pop(f"HTTP_{key}")
    return variables


def _to_host_and_port(address: Any) -> tuple[str, str]:
    """Return an address as two texts; an IPv4 client of an IPv6 socket is shown as IPv4."""
    if not isinstance(address, tuple):
        return "", ""  # a Unix socket
    return _show_host(str(address[0])), str(address[1])


@lru_cache(1024)
def _show_host(host: str) -> str:
    host = host.partition("%")[0]
    mapped = IPv6Address(host).ipv4_mapped if ":" in host else None
    return str(mapped or host)
