from __future__ import annotations

import multiprocessing
import subprocess
from pathlib import Path

import av
import pytest

from reelqueue.processes.children import Limits, Sandbox
from reelqueue.processes.forks import Forks
from tests.marks import MARKS


def test_unmarked_test_cannot_start_a_process() -> None:
    with pytest.raises(pytest.fail.Exception, match="starts true: mark it"):
        subprocess.run(["true"], check=True)
    with pytest.raises(pytest.fail.Exception, match="starts a process: mark it"):
        multiprocessing.get_context("fork").Process(target=int).start()


def test_unmarked_test_cannot_have_a_child_forked(tmp_path: Path) -> None:
    forks = Forks("server", tmp_path, {})
    with pytest.raises(pytest.fail.Exception, match="fork a child: mark it"):
        forks.run([], timeout=1, limits=Limits(), sandbox=Sandbox())


def test_unmarked_test_cannot_write_a_video(tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match="writes a video: mark it"):
        av.open(str(tmp_path / "video.mp4"), "w")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.process
def test_marked_test_can() -> None:
    subprocess.run(["true"], check=True)


@pytest.mark.parametrize("queue", ["inline", "redis"])
@pytest.mark.usefixtures("song_path")
def test_fixture_and_parameter_bring_their_marks(
    request: pytest.FixtureRequest, queue: str
) -> None:
    marks = {mark.name for mark in request.node.iter_markers()} & set(MARKS)
    assert marks == ({"render", "redis"} if queue == "redis" else {"render"})
