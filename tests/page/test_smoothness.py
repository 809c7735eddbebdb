"""With 200 photos and a slow processor, frames come in time while one carries a photo or writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import RENDER_MS
from tests.page.frames import (
    LATE_MS,
    make_photos,
    slow_down,
    time_carrying,
    time_rest,
    time_writing,
)
from tests.test_page import choose_photos

COUNT = 200
SLOWDOWN = 4
REPEATS = 3
TRIES = 3


@pytest.fixture(scope="module")
def page(
    browser: Browser, address: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """The page with many photos, on a slow processor."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(RENDER_MS)
    page.goto(address)
    choose_photos(page, make_photos(tmp_path_factory.mktemp("many"), COUNT))
    ready = page.locator(".photo[data-state=ready]")
    expect(ready).to_have_count(COUNT, timeout=RENDER_MS)
    expect(page.get_by_text("made in about")).to_be_visible(timeout=RENDER_MS)
    slow_down(page, SLOWDOWN)
    yield page
    page.context.close()


@pytest.mark.alone
@pytest.mark.parametrize("act", [time_carrying, time_writing])
def test_nineteen_of_twenty_frames_come_in_time(
    page: Page, act: Callable[[Page], list[float]]
) -> None:
    """What is timed counts only if the frames of a page at rest are in time, before and after.

    Even then something else may have run meanwhile: so one try in time is enough, and all have to
    count for the others to fail it.
    """
    told: list[float] = []
    for _ in range(TRIES):
        told += try_once(page, act)
        if told and told[-1] <= LATE_MS:
            return
    if len(told) < TRIES:
        pytest.skip("Something else runs on this machine.")
    pytest.fail(f"19 of 20 frames take up to {min(told):.1f} ms.")


def try_once(page: Page, act: Callable[[Page], list[float]]) -> Iterator[float]:
    """Yield how long 19 of 20 frames take at most, in milliseconds, unless something else runs."""
    before = time_rest(page)
    spans = [span for _ in range(REPEATS) for span in act(page)]
    if max(find_p95(before), find_p95(time_rest(page))) <= LATE_MS:
        yield find_p95(spans)


def find_p95(spans: list[float]) -> float:
    return float(np.percentile(spans, 95))
