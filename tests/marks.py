"""What a test needs besides this process: its marks, and a guard that keeps them true.

`make quick` runs the tests that have none of these marks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import av
import pytest

from reelqueue.processes.forks import Forks

MARKS = {
    "alone": "measures how long something takes; `make test` runs these when nothing else runs",
    "browser": "drives a real browser",
    "process": "starts the product, one of its commands or another program",
    "redis": "talks to a real redis-server",
    "render": "makes or reads a video, or draws many large pictures",
}
NAMES = {
    "browser": "browser",
    "finished": "render",
    "fork_worker": "process",
    "queue_site": "redis",
    "reading_path": "render",
    "redis": "redis",
    "redis_port": "redis",
    "redis_site": "redis",
    "s3": "process",
    "s3_endpoint": "process",
    "small_disk": "process",
    "song_path": "render",
    "start_server": "process",
    "start_service": "process",
    "start_worker": "process",
    "video_path": "render",
    "whisper_model": "process",
    "wire": "process",
}
"""The mark that a fixture brings to all tests that use it, also through others, and so does a
parameter of that value."""
_running: list[pytest.Item] = []


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known, and begin to guard them."""
    for mark, meaning in MARKS.items():
        config.addinivalue_line("markers", f"{mark}: {meaning}")
    sys.addaudithook(_guard)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its fixtures and parameters; what is left has its marks in its file."""
    for item in items:
        assert isinstance(item, pytest.Function)
        parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
        for name in {*item.fixturenames, *(text for text in parameters if isinstance(text, str))}:
            if name in NAMES:
                item.add_marker(NAMES[name])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Note which test runs."""
    _running.append(item)
    try:
        return (yield)
    finally:
        _running.remove(item)


@pytest.fixture(autouse=True)
def _guarded_av(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse to write a video in a test that is not marked."""
    open_any: Any = av.open

    def open_guarded(file: Any, mode: str = "r", **options: Any) -> Any:
        if mode == "w":
            _refuse("writes a video")
        return open_any(file, mode, **options)

    monkeypatch.setattr(av, "open", open_guarded)


@pytest.fixture(autouse=True)
def _guarded_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse to have a child forked in a test that is not marked, even if its server runs."""
    run: Any = Forks.run

    def run_guarded(*arguments: Any, **options: Any) -> Any:
        _refuse("has a server fork a child")
        return run(*arguments, **options)

    monkeypatch.setattr(Forks, "run", run_guarded)


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse to start a process in a test that is not marked (PEP 578)."""
    if event in ("os.fork", "os.posix_spawn", "subprocess.Popen"):
        _refuse(f"starts {arguments[0] if arguments else 'a process'}")


def _refuse(what: str) -> None:
    if _running and not any(_running[-1].get_closest_marker(mark) for mark in MARKS):
        pytest.fail(f"This test {what}: mark it with what it needs, see tests/marks.py.")
