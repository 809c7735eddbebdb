"""Requests to other services: only to public addresses, and never for long."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from reelqueue.errors import DeliveryError
from reelqueue.upkeep import outgoing
from reelqueue.upkeep.outgoing import ANSWER_BYTES, post_json
from tests.conftest import PATIENCE_SECONDS
from tests.receiver import TAKEN, Receiver, misbehaving, receiving

PUBLIC, OTHER_PUBLIC = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
LOOPBACK = ["127.0.0.1"]
CERTIFICATE = Path(__file__).parent.parent / "queues" / "self_signed.pem"  # of localhost

Resolve = Callable[[dict[str, Any]], list[str]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 0.5)


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """Decide what names resolve to: a list, or an iterator of the lists of one time each.

    It returns a list of the names as they are asked for. Addresses resolve to themselves.
    """
    real = socket.getaddrinfo

    def decide(names: dict[str, Any]) -> list[str]:
        asked: list[str] = []

        def answer(host: str, port: int, *args: Any, **options: Any) -> Any:
            if host not in names:
                return real(host, port, *args, **options)
            asked.append(host)
            found = names[host]
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
                for address in (found if isinstance(found, list) else next(found))
            ]

        monkeypatch.setattr(socket, "getaddrinfo", answer)
        return asked

    return decide


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have every connection end on the loopback interface; note where it was to go."""
    real, wanted = socket.create_connection, []

    def connect(address: tuple[str, int], *args: Any) -> socket.socket:
        wanted.append(address[0])
        return real(("127.0.0.1", address[1]), *args)

    monkeypatch.setattr(socket, "create_connection", connect)
    return wanted


def test_allowed_host_gets_json_and_its_answer_is_returned(receiver: Receiver) -> None:
    receiver.answer = lambda _: (418, {"Retry-After": "7"}, b"tea")
    url = f"http://127.0.0.1:{receiver.port}/a%20b?c=d"
    reply = post_json(url, b'{"a": 1}', {"webhook-id": "x"}, allowed_hosts=["127.0.0.1"])
    assert (reply.status, reply.headers["retry-after"], reply.body) == (418, "7", b"tea")
    (call,) = receiver.calls
    assert (call.path, call.body) == ("/a%20b?c=d", b'{"a": 1}')
    assert call.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert call.headers["content-type"] == "application/json"
    assert call.headers["webhook-id"] == "x"


@pytest.mark.parametrize(
    ("allowed", "is_sent"),
    [
        ("localhost", True),
        ("LOCALHOST:{port}", True),
        ("localhost:1", False),
        ("127.0.0.1", False),
        ("host", False),
        (".localhost", True),
        (".host", False),
    ],
)
def test_hosts_are_allowed_by_name_port_or_domain(
    receiver: Receiver, allowed: str, is_sent: bool
) -> None:
    url, hosts = f"http://localhost:{receiver.port}/", [allowed.format(port=receiver.port)]
    if is_sent:
        assert post_json(url, b"{}", allowed_hosts=hosts).status == TAKEN[0]
    else:
        with pytest.raises(DeliveryError, match=r"no public name\.$"):
            post_json(url, b"{}", allowed_hosts=hosts)
    assert len(receiver.calls) == is_sent


def test_url_of_the_operator_may_be_private(receiver: Receiver) -> None:
    assert post_json(receiver.url, b"{}", allow_private=True).status == TAKEN[0]


def test_proxies_of_the_environment_are_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert post_json(receiver.url, b"{}", allow_private=True).status == TAKEN[0]


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "0x7f.0.0.1", "2130706433", "017700000001", "0", "10.0.0.5"),
        *("172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200"),
        *("192.0.0.192", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.2.3", "240.0.0.1"),
        *("255.255.255.255", "168.63.129.16", "[::]", "[::1]", "[::ffff:127.0.0.1]"),
        *("[::ffff:a9fe:a9fe]", "[::7f00:1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]"),
        *("[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001:0:53aa:64c::1]", "[2001:db8::1]"),
        *("[fe80::1]", "[fec0::1]", "[fd00:ec2::254]", "[ff02::1]", "[100::1]"),
        *("localhost", "localhost.", "x.localhost", "LOCALHOST", "printer.local", "redis"),
        *("metadata.google.internal", "router.home.arpa", "\uff11\uff12\uff17.0.0.1"),
    ],
)
def test_host_that_is_not_public_is_refused_by_its_name(
    receiver: Receiver, connected: list[str], host: str
) -> None:
    with pytest.raises(DeliveryError, match=r"no public (name|address)\.$"):
        post_json(f"http://{host}:{receiver.port}/", b"{}")
    assert (connected, receiver.calls) == ([], [])


@pytest.mark.parametrize("host", [PUBLIC, f"[{OTHER_PUBLIC}]", "[64:ff9b::5db8:d70e]"])
def test_public_address_is_connected_to(
    receiver: Receiver, connected: list[str], host: str
) -> None:
    assert post_json(f"http://{host}:{receiver.port}/", b"{}").status == TAKEN[0]
    assert connected == [host.strip("[]")]
    assert receiver.calls[0].headers["host"] == f"{host}:{receiver.port}"


@pytest.mark.parametrize(
    "addresses",
    [LOOPBACK, [PUBLIC, "10.0.0.1"], ["169.254.169.254"], ["::ffff:127.0.0.1"], ["fe80::1%lo"]],
)
def test_name_with_one_address_that_is_not_public_is_refused(
    receiver: Receiver, resolve: Resolve, connected: list[str], addresses: list[str]
) -> None:
    resolve({"hooks.example.com": addresses})
    with pytest.raises(DeliveryError, match=r"is no public address\.$"):
        post_json(f"http://hooks.example.com:{receiver.port}/", b"{}")
    assert (connected, receiver.calls) == ([], [])


def test_name_that_is_bound_to_another_address_is_not_followed(
    receiver: Receiver, resolve: Resolve, connected: list[str]
) -> None:
    answers = iter([[PUBLIC, OTHER_PUBLIC], *repeat(LOOPBACK, 9)])
    asked = resolve({"hooks.example.com": answers})
    reply = post_json(f"http://hooks.example.com:{receiver.port}/", b"{}")
    assert reply.status == TAKEN[0]
    assert (asked, connected) == (["hooks.example.com"], [PUBLIC])
    assert receiver.calls[0].headers["host"] == f"hooks.example.com:{receiver.port}"
    with pytest.raises(DeliveryError, match="no public address"):
        post_json(f"http://hooks.example.com:{receiver.port}/", b"{}")


def test_next_address_is_tried_if_the_first_does_not_answer(
    receiver: Receiver, resolve: Resolve
) -> None:
    resolve({"hooks.example.com": ["127.0.0.2", "127.0.0.1"]})
    url = f"http://hooks.example.com:{receiver.port}/"
    assert post_json(url, b"{}", allowed_hosts=["hooks.example.com"]).status == TAKEN[0]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.com:25/", "port 25"),
        ("https://example.com:22/", "port 22"),
        ("https://user:secret@example.com/", "user name or password"),
        ("https://example.com/#top", "after #"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://example.com/", "scheme"),
        ("/hook", "valid URL"),
    ],
)
def test_url_of_another_form_is_refused(connected: list[str], url: str, reason: str) -> None:
    with pytest.raises(DeliveryError, match=reason) as raised:
        post_json(url, b"{}")
    assert "secret" not in str(raised.value)
    assert connected == []


@pytest.mark.parametrize("target", ["http://169.254.169.254/latest/meta-data/", "/elsewhere"])
def test_redirect_is_not_followed(receiver: Receiver, connected: list[str], target: str) -> None:
    receiver.answer = lambda _: (307, {"Location": target}, b"")
    assert post_json(receiver.url, b"{}", allow_private=True).status == 307
    assert (len(receiver.calls), connected) == (1, LOOPBACK)


@pytest.fixture
def secured(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Receiver, list[str | None]]]:
    """A service whose certificate for localhost is trusted, and the names it is asked for."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    context.sni_callback = lambda _, name, __: names.append(name)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    outgoing._make_context.cache_clear()
    with receiving(context) as receiver:
        yield receiver, names
    outgoing._make_context.cache_clear()


def test_certificate_is_checked_for_the_name_and_not_for_the_address(
    secured: tuple[Receiver, list[str | None]], resolve: Resolve
) -> None:
    receiver, names = secured
    resolve({"hooks.example.com": LOOPBACK})
    hosts = ["localhost", "hooks.example.com", "127.0.0.1"]
    url = "https://{}:" + f"{receiver.port}/"
    assert post_json(url.format("localhost"), b"{}", allowed_hosts=hosts).status == TAKEN[0]
    for host in hosts[1:]:
        with pytest.raises(DeliveryError, match=r"no secure connection: .*mismatch"):
            post_json(url.format(host), b"{}", allowed_hosts=hosts)
    assert names == ["localhost", "hooks.example.com", None]
    assert len(receiver.calls) == 1


def test_certificate_that_is_not_trusted_is_refused(
    secured: tuple[Receiver, list[str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver, _ = secured
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(DeliveryError, match="no secure connection: self-signed"):
        post_json(f"https://localhost:{receiver.port}/", b"{}", allow_private=True)
    assert receiver.calls == []


def drip(connection: socket.socket, head: bytes = b"") -> None:
    connection.sendall(head)
    while True:
        connection.sendall(b"a")
        time.sleep(0.05)


def flood(connection: socket.socket, head: bytes = b"") -> None:
    connection.sendall(head)
    while True:
        connection.sendall(b"a" * 10_000)


def stay_silent(connection: socket.socket) -> None:
    while connection.recv(1 << 20):
        pass


def take_little(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    for _ in range(30):
        connection.recv(100)
        time.sleep(0.05)


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize(
    ("behave", "body"),
    [
        (stay_silent, b"{}"),
        (drip, b"{}"),
        (lambda connection: drip(connection, b"HTTP/1.1 200 OK\r\nx: "), b"{}"),
        (lambda connection: drip(connection, b"HTTP/1.1 103 Early Hints\r\n\r\n"), b"{}"),
        (take_little, b" " * 20_000_000),
    ],
)
def test_service_that_takes_too_long_is_left(
    behave: Callable[[socket.socket], None], body: bytes
) -> None:
    with (
        misbehaving(behave) as url,
        pytest.raises(DeliveryError, match=r"longer than \d+ seconds"),
    ):
        post_json(url, body, allow_private=True)


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFF\r\n"


@pytest.mark.usefixtures("brief")
def test_answer_whose_body_drips_counts_by_its_head() -> None:
    with misbehaving(lambda connection: drip(connection, CHUNKED)) as url:
        reply = post_json(url, b"{}", allow_private=True)
    assert reply.status == 200
    assert set(reply.body) == set(b"a")


@pytest.mark.parametrize("head", [CHUNKED, OK + b"\r\n", OK + b"Content-Length: 99999999\r\n\r\n"])
def test_endless_body_is_cut_off(head: bytes) -> None:
    with misbehaving(lambda connection: flood(connection, head)) as url:
        reply = post_json(url, b"{}", allow_private=True)
    assert reply.status == 200
    assert ANSWER_BYTES - 200 < len(reply.body) <= ANSWER_BYTES


@pytest.mark.parametrize("head", [b"", OK, OK + b"x: ", b"HTTP/1.1 100 C\r\n\r\n", b"SSH-2.0\r\n"])
def test_answer_that_is_no_http_is_a_fault(head: bytes) -> None:
    with (
        misbehaving(lambda connection: flood(connection, head)) as url,
        pytest.raises(DeliveryError, match=r"^The answer is no HTTP: "),
    ):
        post_json(url, b"{}", allow_private=True)


def test_service_that_hangs_up_is_a_fault() -> None:
    with (
        misbehaving(lambda connection: connection.close()) as url,
        pytest.raises(DeliveryError, match=r"^The (connection failed|answer is no HTTP): "),
    ):
        post_json(url, b"{}", allow_private=True)


def test_name_that_does_not_exist_is_a_fault() -> None:
    with pytest.raises(DeliveryError, match="name is not found"):
        post_json("http://nothing.invalid/", b"{}", allow_private=True)


@pytest.mark.usefixtures("brief")
def test_resolver_that_does_not_answer_is_left(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = Event()

    def hang(*_: object, **__: object) -> list[Any]:
        answered.wait(PATIENCE_SECONDS)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with pytest.raises(DeliveryError, match="longer than"):
        post_json(receiver.url, b"{}", allow_private=True)
    answered.set()
