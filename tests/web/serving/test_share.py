"""Tests of how the processes of the web service share their clients."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from statistics import median

import pytest

from reelqueue.web.serving.share import Share
from reelqueue.web.serving.worker import Worker
from tests.conftest import PATIENCE_SECONDS, ROOT, find_free_port, started, wait_until
from tests.web.serving.server import read_all

CLIENTS = 32
TELLING = """
import os

def app(environ, start_response):
    told = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(told)))])
    return [told]
"""
arbiters = count(-1, -1)  # none that a process has


@pytest.mark.parametrize(
    ("other", "mine", "is_more"),
    [(0, 0, False), (0, 1, True), (1, 1, False), (3, 2, False), (16, 18, False), (16, 19, True)],
)
def test_process_exceeds_another_by_more_than_an_eighth(
    other: int, mine: int, is_more: bool
) -> None:
    arbiter = next(arbiters)
    first, second, _not_yet_listening = (Share(arbiter, age) for age in (1, 2, 3))
    second.set(other)
    assert first.is_exceeded(mine) is is_more


def test_process_that_has_left_is_not_waited_for() -> None:
    arbiter = next(arbiters)
    first, second = Share(arbiter, 1), Share(arbiter, 2)
    second.set(0)
    second.leave()
    assert not first.is_exceeded(100)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Two processes, which tell their ids."""
    (tmp_path / "telling.py").write_text(TELLING)
    port = find_free_port()
    worker = f"{Worker.__module__}.{Worker.__name__}"
    gunicorn = [sys.executable, "-m", "gunicorn", "--workers", "2", "--worker-class", worker]
    command = [*gunicorn, "--bind", f"127.0.0.1:{port}", "telling:app"]
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    with started(command, {"PYTHONPATH": paths}, tmp_path):
        wait_until(lambda: len(set(ask_many(port))) == 2)
        yield port


@pytest.mark.process
def test_processes_have_about_as_many_clients(port: int) -> None:
    smaller = []
    for _ in range(5):  # on a busy machine, one process may not come to its turn
        told = Counter(ask_many(port)).values()
        smaller.append(min(told) if len(told) == 2 else 0)
    assert median(smaller) >= CLIENTS * 0.4, smaller


def ask_many(port: int) -> list[str]:
    """Return which processes answer so many clients that stay; nothing if none listens yet."""
    with ExitStack() as stack:
        clients = []
        for _ in range(CLIENTS):
            with suppress(ConnectionRefusedError):
                client = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
                clients.append(stack.enter_context(client))
            time.sleep(0.01)
        for client in clients:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return [read_all(client).rpartition(b"\r\n")[2].decode() for client in clients]
