"""The end of a run in which ffmpeg has to start a graph again."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from reelqueue.render.ffmpeg.loopback import stays_alike
from reelqueue.render.ffmpeg.run import FfmpegError, run_ffmpeg
from tests.conftest import PATIENCE_SECONDS
from tests.render.conftest import Make, find_ffmpegs

pytestmark = pytest.mark.render

NOWHERE = ("-f", "null", "-")


@pytest.fixture
def changing(make_media: Make, tmp_path: Path) -> Path:
    """One second of small pictures, and one of larger ones."""
    small, large = (
        make_media(f"{side}.h264", "-f", "lavfi", "-i", f"color=s={side}x{side}:r=10:d=1")
        for side in (32, 64)
    )
    both = tmp_path / "both.h264"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    return both


def test_run_ends_when_the_pictures_change(changing: Path) -> None:
    """Else it would go on for ever."""
    endless = ("-stream_loop", "-1", "-i", str(changing), *NOWHERE)
    assert not stays_alike(partial(run_ffmpeg, endless, timeout=PATIENCE_SECONDS))
    assert not find_ffmpegs()


def test_pictures_that_stay_alike_are_run_to_their_end(make_media: Make) -> None:
    source = make_media("alike.h264", "-f", "lavfi", "-i", "color=s=32x32:r=10:d=1")
    counted: list[int] = []
    run = partial(run_ffmpeg, timeout=PATIENCE_SECONDS, on_progress=counted.append)
    assert stays_alike(partial(run, ("-i", str(source), *NOWHERE)))
    assert counted[-1] == 10


def test_other_error_of_ffmpeg_is_raised(tmp_path: Path) -> None:
    missing = ("-i", str(tmp_path / "missing.h264"), *NOWHERE)
    with pytest.raises(FfmpegError):
        stays_alike(partial(run_ffmpeg, missing, timeout=PATIENCE_SECONDS))
