"""Clips of copied pictures in a browser: each is seen where it belongs."""

from __future__ import annotations

import base64
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Page

from tests.render.conftest import Make
from tests.render.engines.test_still_playback import (
    MAX_DIFFERENCE,
    OPEN,
    PLAY,
    page,  # noqa: F401  # a fixture
    show,
)
from tests.render.test_segments import order
from tests.render.test_smart_cut import cut, make_talk

pytestmark = pytest.mark.browser


def test_browser_plays_and_seeks_in_copied_pictures(
    make_media: Make,
    tmp_path: Path,
    page: Page,  # noqa: F811  # the fixture
) -> None:
    source = make_talk(make_media, "played.mp4", "-bf", "3", "-x264-params", "b-pyramid=normal")
    clip = tmp_path / "clip.mp4"
    facts = cut(source, clip, segments=order((0.3, 1.8), (2.2, 4.0)))
    assert (facts.copied_frames or 0) > facts.frames / 2
    with av.open(str(clip)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]

    opened = page.evaluate(OPEN, base64.b64encode(clip.read_bytes()).decode())
    assert opened[:2] == [facts.width, facts.height]
    assert opened[2] == pytest.approx(facts.duration, abs=0.03)
    for number in (0, 98, 47, 3, *range(5, 99, 6)):  # back and forth
        picture = show(page, (number + 0.5) / 30, (facts.width, facts.height))
        difference = np.abs(picture.astype(int) - frames[number]).mean()
        assert difference <= MAX_DIFFERENCE, number
    assert page.evaluate(PLAY)[1] == 0
