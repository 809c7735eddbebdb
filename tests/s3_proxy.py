"""A proxy before a real S3 service that answers some calls as S3 does when it refuses them.

The codes, statuses and bodies are those of "Error responses" in the Amazon S3 API Reference.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

_HOP_BY_HOP = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}
_OPERATIONS = {
    ("POST", "delete"): "DeleteObjects",
    ("POST", "uploads"): "CreateMultipartUpload",
    ("POST", "uploadId"): "CompleteMultipartUpload",
    ("PUT", "partNumber"): "UploadPart",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
    ("GET", "list-type"): "ListObjectsV2",
}


@dataclass
class Call:
    """A request to the bucket; a fault may change its headers."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def operation(self) -> str:
        """Return its name in the S3 API."""
        query = parse_qs(urlsplit(self.target).query, keep_blank_values=True)
        for (method, parameter), name in _OPERATIONS.items():
            if method == self.method and parameter in query:
                return name
        if "x-amz-copy-source" in self.headers:
            return "CopyObject"
        return f"{self.method.capitalize()}Object"


@dataclass(frozen=True)
class Refusal:
    """An answer of S3 to a call that it does not carry out; `details` are elements of its XML."""

    status: int
    code: str
    details: dict[str, str] = field(default_factory=dict)

    def to_xml(self) -> bytes:
        elements = {"Code": self.code, "Message": "As S3 puts it.", **self.details}
        inner = "".join(f"<{name}>{text}</{name}>" for name, text in elements.items())
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'.encode()


Fault = Callable[[Call], Refusal | None]


def refuse(refusal: Refusal, *operations: str) -> Fault:
    """Refuse these operations; without any, all."""
    return lambda call: refusal if not operations or call.operation in operations else None


def forget_conditions(call: Call) -> None:
    """Overwrite what should only be created, as older S3-compatible services do."""
    call.headers.pop("if-none-match", None)


def check_clock(offset: timedelta) -> Fault:
    """Be a service whose clock is ahead: it refuses calls that are over 15 minutes off."""

    def check(call: Call) -> Refusal | None:
        sent = datetime.strptime(call.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        late = abs(datetime.now(UTC) + offset - sent) > timedelta(minutes=15)
        return Refusal(403, "RequestTimeTooSkewed") if late else None

    return check


def check_region(region: str) -> Fault:
    """Be a bucket of this region: calls that are signed for another are refused."""

    def check(call: Call) -> Refusal | None:
        signed = re.search(r"Credential=[^/]+/\d+/([^/]+)/s3/", call.headers["authorization"])
        assert signed
        if signed[1] == region:
            return None
        return Refusal(400, "AuthorizationHeaderMalformed", {"Region": region})

    return check


def check_token(call: Call) -> Refusal | None:
    """Refuse temporary credentials, as if their time were over."""
    if "x-amz-security-token" in call.headers:
        return Refusal(400, "ExpiredToken")
    return None


def slow_down(seconds: float, *operations: str) -> Fault:
    """Answer SlowDown to these operations for some seconds from the first of them on."""
    begun: list[float] = []

    def check(call: Call) -> Refusal | None:
        if operations and call.operation not in operations:
            return None
        begun.append(time.monotonic())
        return Refusal(503, "SlowDown") if begun[-1] - begun[0] < seconds else None

    return check


class S3Proxy:
    """Passes calls on to an S3 service, but for those that `fault` refuses."""

    def __init__(self, port: int, server: ThreadingHTTPServer) -> None:
        self.port = port
        self.fault: Fault | None = None
        self.calls: list[str] = []
        self.endpoint = f"http://127.0.0.1:{server.server_address[1]}"

    def answer(self, call: Call) -> tuple[int, dict[str, str], bytes]:
        """Return the status, the headers and the body of the answer to a call."""
        self.calls.append(call.operation)
        refusal = self.fault(call) if self.fault else None
        if refusal:
            return refusal.status, {"Content-Type": "application/xml"}, refusal.to_xml()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(call.method, call.target, call.body, call.headers)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()


@contextmanager
def serving_proxy(endpoint: str) -> Iterator[S3Proxy]:
    """Serve a proxy before the S3 service at `endpoint`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, given, answer = proxy.answer(Call(self.command, self.path, headers, body))
            self.send_response_only(status)
            for name, value in given.items():
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, value)
            length = given.get("Content-Length", given.get("content-length"))
            size = length if self.command == "HEAD" and length else str(len(answer))
            self.send_header("Content-Length", size)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer)

        def __getattr__(self, name: str) -> Callable[[], None]:
            """Handle all methods alike: do_GET, do_PUT and so on."""
            if name.startswith("do_"):
                return self._pass_on
            raise AttributeError(name)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        port = urlsplit(endpoint).port
        assert port
        proxy = S3Proxy(port, server)
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield proxy
        finally:
            server.shutdown()
