"""Videos for the tests of a clip's look."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.render.conftest import Make
from tests.render.look.seen import HEIGHT, TAGS, WIDTH, X264


@pytest.fixture(scope="session")
def gray(make_media: Make) -> Path:
    """Three seconds of luma 126, without chroma."""
    source = f"color=gray:s={WIDTH}x{HEIGHT}:r=25:d=3,format=yuv420p,lutyuv=y=126:u=128:v=128"
    return make_media("gray.mp4", "-f", "lavfi", "-i", source, *X264)


@pytest.fixture(scope="session")
def tinted(make_media: Make) -> Path:
    """A second of two halves: luma 60 and 200, both with the chroma 100 and 160."""
    size = f"nullsrc=s={WIDTH}x{HEIGHT}:r=25:d=1,format=yuv420p"
    halves = f"geq='if(lt(X,{WIDTH // 2}),60,200)':cb=100:cr=160"
    return make_media("tinted.mp4", "-f", "lavfi", "-i", f"{size},{halves},{TAGS}", *X264)


@pytest.fixture(scope="session")
def noisy(make_media: Make) -> Path:
    """A second of grey with noise, as of a dark room."""
    source = f"color=gray:s={WIDTH}x{HEIGHT}:r=25:d=1,noise=alls=8:allf=t:all_seed=5"
    return make_media("noisy.mp4", "-f", "lavfi", "-i", source, *X264)
