"""Outgoing requests: JSON for other services, only to public addresses, and with limits.

The name of a host is resolved once. All its addresses are checked, and the connection goes to one
of exactly these: a name that resolves to something else a moment later changes nothing. Redirects
are not followed, and no proxy of the environment is used.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import httpcore
from pydantic import TypeAdapter, ValidationError

from reelqueue import __version__
from reelqueue.errors import DeliveryError
from reelqueue.specs.destinations import Destination, WebUrl, explain_refusal, is_public

SECONDS = 10.0
"""How long a request may take in all: resolving, connecting, sending and reading."""
ANSWER_BYTES = 64 * 1024
"""How much of an answer is read, head and body together."""
_URL: TypeAdapter[Any] = TypeAdapter(WebUrl)


@dataclass(frozen=True)
class Reply:
    """What another service answered; `body` is cut off at the limit of bytes or of time.

    The names of headers are in lower case.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


def post_json(
    url: str,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    *,
    allowed_hosts: Sequence[str] = (),
    allow_private: bool = False,
) -> Reply:
    """Send JSON to another service; return its answer, whatever its status.

    Args:
        url: http or https.
        body: the JSON, as it is sent.
        headers: more headers.
        allowed_hosts: those that may have any address and port, see `Destination.is_among`.
        allow_private: whether all hosts may; for a URL that an operator has set.

    Raises:
        DeliveryError: if the service may not be asked, or does not answer in time.
    """
    destination = _parse(url)
    is_free = allow_private or destination.is_among(allowed_hosts)
    if not is_free and (refusal := explain_refusal(destination)):
        raise DeliveryError(f"Nothing is sent there: {refusal}.")
    backend = _GuardedBackend(_Deadline(time.monotonic() + SECONDS), is_free)
    sent = {
        "Host": destination.authority,
        "User-Agent": f"reelqueue/{__version__}",
        "Content-Type": "application/json",
        "Connection": "close",
        **(headers or {}),
    }
    address = httpcore.URL(
        scheme=destination.scheme.encode(),
        host=destination.name.encode(),
        port=destination.port,
        target=destination.target.encode(),
    )
    with (
        _explained(),
        httpcore.HTTPConnection(address.origin, _make_context(), network_backend=backend) as wire,
        wire.stream("POST", address, headers=[*sent.items()], content=body) as response,
    ):
        return _read_reply(response)


def _parse(url: str) -> Destination:
    try:
        return Destination.from_url(_URL.validate_python(url))
    except ValidationError as error:
        raise DeliveryError(f"The address is wrong: {error.errors()[0]['msg']}.") from None


def _read_reply(response: httpcore.Response) -> Reply:
    """Read an answer; its head says whether the request was taken, so the rest may be late."""
    body = bytearray()
    try:
        for chunk in response.iter_stream():
            body += chunk
    except (OSError, httpcore.ProtocolError):
        pass
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in response.headers}
    return Reply(response.status, headers, bytes(body[:ANSWER_BYTES]))


@contextmanager
def _explained() -> Iterator[None]:
    """Raise every fault of a connection as DeliveryError, with a sentence."""
    try:
        yield
    except TimeoutError:
        raise DeliveryError(f"It took longer than {SECONDS:.0f} seconds.") from None
    except socket.gaierror as error:
        raise DeliveryError(f"Its name is not found: {error.strerror}.") from None
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or error.reason
        raise DeliveryError(f"There is no secure connection: {reason}.") from None
    except (OSError, httpcore.WriteError) as error:
        raise DeliveryError(f"The connection failed: {error}.") from None
    except httpcore.ProtocolError as error:
        raise DeliveryError(f"The answer is no HTTP: {error}.") from None


@cache
def _make_context() -> ssl.SSLContext:
    """Return what checks certificates: by those of the system, and by Mozilla's from certifi."""
    return httpcore.default_ssl_context()


@dataclass(frozen=True)
class _Deadline:
    """The moment, on the monotonic clock, by which all must be done."""

    moment: float

    def measure_rest(self) -> float:
        """Return the seconds that are left.

        Raises:
            TimeoutError: if there are none.
        """
        rest = self.moment - time.monotonic()
        if rest <= 0:
            raise TimeoutError
        return rest


class _GuardedBackend(httpcore.NetworkBackend):
    """Connects to the addresses of a host if all of them may be reached.

    The timeouts that httpcore passes are those of single steps; the deadline is for all of them.
    """

    def __init__(self, deadline: _Deadline, is_free: bool) -> None:
        self._deadline = deadline
        self._is_free = is_free

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers.

        Raises:
            DeliveryError: if one of them is not public.
            OSError: if none answers.
        """
        addresses = _resolve(host, port, self._deadline)
        if not self._is_free:
            for address in addresses:
                if not is_public(ip_address(address)):
                    raise DeliveryError(f"Nothing is sent there: {address} is no public address.")
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                seconds = self._deadline.measure_rest() / left
                connected = socket.create_connection((address, port), seconds)
            except OSError:
                if left == 1:
                    raise
            else:
                return _TimedStream(connected, self._deadline)
        raise OSError("no address")


class _TimedStream(httpcore.NetworkStream):
    """A connection on which nothing takes longer than the deadline, or reads beyond the limit."""

    def __init__(self, connected: socket.socket, deadline: _Deadline) -> None:
        self._socket = connected
        self._deadline = deadline
        self._bytes_left = ANSWER_BYTES

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """Read what has come; nothing once the limit is reached, as if the service had hung up."""
        if not self._bytes_left:
            return b""
        self._socket.settimeout(self._deadline.measure_rest())
        data = self._socket.recv(min(max_bytes, self._bytes_left))
        self._bytes_left -= len(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Write all bytes.

        Raises:
            httpcore.WriteError: if the service takes no more; it may have answered before.
        """
        rest = memoryview(buffer)
        while rest:
            self._socket.settimeout(self._deadline.measure_rest())
            try:
                rest = rest[self._socket.send(rest) :]
            except ConnectionError as error:
                raise httpcore.WriteError(error) from None

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Shake hands, and check the certificate for the host's name."""
        self._socket.settimeout(self._deadline.measure_rest())
        try:
            secured = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except BaseException:
            self.close()
            raise
        return _TimedStream(secured, self._deadline)


def _resolve(host: str, port: int, deadline: _Deadline) -> list[str]:
    """Return the addresses of a host, each once.

    The system's resolver has no time limit of ours, so a thread waits for it, and may be left.

    Raises:
        OSError: if there is no such name.
        TimeoutError: if that is not known in time.
    """
    found: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put(list(dict.fromkeys(str(info[4][0]) for info in infos)))
        except (OSError, UnicodeError) as error:
            found.put(error if isinstance(error, OSError) else OSError("the name is wrong"))

    Thread(target=ask, daemon=True).start()
    try:
        answer = found.get(timeout=deadline.measure_rest())
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise answer
    return answer
