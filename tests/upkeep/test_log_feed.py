"""The log feed: lines of a process and of its forks, published without secrets."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from threading import Thread

import pytest

from reelqueue.config import Settings
from reelqueue.errors import UnavailableError
from reelqueue.upkeep import log_feed
from reelqueue.upkeep.log_feed import LINES_KEPT, LogFeed
from tests.conftest import wait_until

log = logging.getLogger(__name__)


class Board:
    """Takes what is published, as the control of a queue does; at first it may be away."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.failures = 0

    def publish_log(self, name: str, lines: Sequence[str]) -> None:
        assert name == "worker"
        if self.failures:
            self.failures -= 1
            raise UnavailableError("The queue does not answer right now.")
        self.lines = list(lines)


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    """What a feed of this process publishes."""
    monkeypatch.setattr(log_feed, "PUBLISH_SECONDS", 0.02)
    before = {name: list(logging.getLogger(name).handlers) for name in (None, "gunicorn.error")}
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.INFO)
    board = Board()
    feed = LogFeed(
        Settings.from_env({"DASHBOARD_PASSWORD": "hush-hush", "STORAGE_URL": "file:///x"})
    )
    Thread(target=feed.watch, args=(board, "worker"), daemon=True).start()
    yield board
    for name, handlers in before.items():
        logging.getLogger(name).handlers[:] = handlers
    logging.getLogger().setLevel(level)


def test_lines_are_published_without_secrets(board: Board) -> None:
    log.info("signed in with %s", "hush-hush")
    wait_until(lambda: bool(board.lines))
    assert board.lines[-1].endswith("signed in with ***")


def test_lines_are_published_when_the_queue_is_back(board: Board) -> None:
    board.failures = 2
    log.info("one")
    wait_until(lambda: board.failures <= 1)
    log.info("two")
    wait_until(lambda: board.failures == 0)
    log.info("three")
    wait_until(lambda: len(board.lines) == 3)


def log_number(board: Board, number: int) -> None:
    """Log a line, and wait until it has come through the pipe."""
    log.info("line %s", number)
    wait_until(lambda: bool(board.lines) and board.lines[-1].endswith(f" {number}"))


def test_last_lines_are_kept(board: Board) -> None:
    for number in range(LINES_KEPT + 20):
        if number % 50 == 19:
            log_number(board, number)
        else:
            log.info("line %s", number)
    assert len(board.lines) == LINES_KEPT
    assert board.lines[0].endswith("line 20")


def test_traceback_is_published_line_by_line(board: Board) -> None:
    try:
        raise ValueError("torn" * 3000)
    except ValueError:
        log.exception("it failed")
    wait_until(lambda: len(board.lines) >= 4)
    assert board.lines[1] == "Traceback (most recent call last):"
    assert len(board.lines[-1]) < 4096


@pytest.mark.process
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="forking with threads warns from 3.12 on")
def test_lines_of_a_fork_are_published_too(board: Board) -> None:
    pid = os.fork()
    if pid == 0:
        log.info("from a render")
        os._exit(0)
    os.waitpid(pid, 0)
    wait_until(lambda: any(line.endswith("from a render") for line in board.lines))
