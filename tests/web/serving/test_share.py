"""Tests of how the processes of the web service share their clients."""

from __future__ import annotations

import socket
import time
from collections import Counter
from contextlib import ExitStack
from itertools import count

import psutil
import pytest

from reelqueue.web.serving.share import Share
from tests.conftest import PATIENCE_SECONDS, StartServer

CLIENTS = 32
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


def test_processes_have_about_as_many_clients(start_service: StartServer) -> None:
    port = int(start_service().rpartition(":")[2])
    shares = []
    for _ in range(5):  # on a busy machine, one process may not come to its turn
        with ExitStack() as stack:
            for _ in range(CLIENTS):
                stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                time.sleep(0.01)
            shares.append(sorted(count_clients(port).values()))
        if len(shares[-1]) == 2 and shares[-1][0] >= CLIENTS * 0.4:
            return
    pytest.fail(f"the processes had {shares} of {CLIENTS} clients")


def count_clients(port: int) -> Counter[int]:
    """Return how many clients each process of a server has, once all are taken in."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        found = Counter(
            each.pid
            for each in psutil.net_connections("tcp")
            if each.pid and each.raddr and each.laddr and each.laddr.port == port
        )
        if found.total() >= CLIENTS:
            return found
        time.sleep(0.05)
    raise TimeoutError("not all clients were taken in")
