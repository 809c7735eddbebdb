"""With 200 photos, a frame costs what it costs with a few: while one plays, carries or writes.

The work of each frame is counted, in elements that are styled and laid out again: the seconds that
it takes are those of the machine and of what else runs on it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browsing import RENDER_MS, save_draft
from tests.page.conftest import Reach, opened
from tests.page.frames import (
    TEXT,
    carry,
    close_settings,
    make_photos,
    open_and_close_settings,
    open_caption,
    watch,
    write,
)
from tests.test_page import choose_photos

COUNT = 200
MOST = 120  # elements in 19 of 20 frames; the page has more than 2,000
MOST_OF_A_LETTER = 25
MOST_OF_A_DIALOG = 1700  # each photo far from the window would add 8
LATER = "2026-07-14T12:01:00Z"  # than the browser thinks that it is
# How often a form is read, and which drafts are stored
COUNT_WORK = """() => {
    const work = window.work = {reads: 0, drafts: []};
    window.FormData = class extends FormData {
        constructor(...args) {
            super(...args);
            work.reads += 1;
        }
    };
    const {setItem} = Storage.prototype;
    Storage.prototype.setItem = function (key, text) {
        if (key.startsWith('reelqueue.draft.')) work.drafts.push(text);
        return setItem.call(this, key, text);
    };
}"""
CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline"]


@pytest.fixture(scope="module")
def page(
    browser: Browser,
    reach_in: Callable[[BrowserContext, str], Page],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Page]:
    """The page with many photos, for someone who likes things to move: they are sent once."""
    with opened(browser) as context:
        page = reach_in(context, "empty")
        choose_photos(page, make_photos(tmp_path_factory.mktemp("many"), COUNT))
        ready = page.locator(".photo[data-state=ready]")
        expect(ready).to_have_count(COUNT, timeout=RENDER_MS)
        expect(page.get_by_text("made in about")).to_be_visible(timeout=RENDER_MS)
        page.emulate_media(reduced_motion="no-preference")
        yield page


def trace(browser: Browser, page: Page, act: Callable[[], object]) -> list[dict[str, Any]]:
    """Return the events of the browser while something is done."""
    browser.start_tracing(page=page, categories=CATEGORIES)
    act()
    events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    return events


def count_styled(events: list[dict[str, Any]]) -> list[int]:
    """Return how many elements were styled each time."""
    styled = [event for event in events if event["name"] == "UpdateLayoutTree"]
    return [event["args"]["elementCount"] for event in styled if "elementCount" in event["args"]]


def count_laid_out(events: list[dict[str, Any]]) -> list[int]:
    """Return how many boxes had to be laid out each time."""
    layouts = [event["args"] for event in events if event["name"] == "Layout"]
    return [args["beginData"]["dirtyObjects"] for args in layouts if "beginData" in args]


def check(events: list[dict[str, Any]], most: int = MOST) -> None:
    for counts in (count_styled(events), count_laid_out(events)):
        assert len(counts) > 5
        assert np.percentile(counts, 95) <= most, sorted(counts)


def test_work_of_a_frame_does_not_grow_with_the_photos(browser: Browser, page: Page) -> None:
    page.get_by_role("button", name="Play the slideshow").click()
    expect(page.locator(".stage.playing")).to_be_visible()
    check(trace(browser, page, lambda: watch(page)))
    check(trace(browser, page, lambda: carry(page)))
    open_caption(page)
    check(trace(browser, page, lambda: write(page)), MOST_OF_A_LETTER)
    close_settings(page)


def test_dialog_has_no_photo_styled_that_is_far_away(browser: Browser, page: Page) -> None:
    """What a dialog is opened over cannot be used, so the browser styles it again."""
    counts = count_styled(trace(browser, page, lambda: open_and_close_settings(page)))
    assert counts
    assert max(counts) <= MOST_OF_A_DIALOG, sorted(counts)


@pytest.mark.parametrize("state", ["settings", "text"])
def test_what_is_typed_is_read_and_kept_once_it_is_whole(reach: Reach, state: str) -> None:
    page = reach(state)
    field = page.locator("dialog [name=caption], #place-make [name=title]").locator("visible=true")
    field.fill("")
    save_draft(page)
    page.clock.pause_at(LATER)
    page.evaluate(COUNT_WORK)
    page.keyboard.type(TEXT)
    assert page.evaluate("window.work") == {"reads": 0, "drafts": []}
    page.clock.resume()
    page.wait_for_function("() => window.work.drafts.length > 0")
    work = page.evaluate("window.work")
    assert work["reads"] > 0
    (draft,) = work["drafts"]
    assert TEXT in draft
