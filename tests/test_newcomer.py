"""What a person does on a phone the first time, with a finger and what is seen, and a day later."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browsing import RENDER_MS, open_context, opened_silently, visit
from tests.test_page import READ_DURATION, browser  # noqa: F401  # a fixture
from tests.test_places import go, list_cards

pytestmark = pytest.mark.browser

CAPTIONS = ["Ready to fly", "Coffee first"]


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:  # noqa: F811  # the fixture
    with opened_silently(
        browser,
        viewport={"width": 360, "height": 740},
        has_touch=True,
        is_mobile=True,
        permissions=["clipboard-read", "clipboard-write"],
    ) as context:
        yield context


def test_moving_slideshow_with_music_and_captions_is_made_found_a_day_later_and_shared(
    live_server: str,
    phone: BrowserContext,
    browser: Browser,  # noqa: F811  # the fixture
    photo_paths: list[Path],
    song_path: Path,
) -> None:
    page = phone.new_page()
    visit(page, live_server)
    with page.expect_file_chooser() as chooser:
        page.get_by_text("Choose photos", exact=True).locator("visible=true").tap()
    chooser.value.set_files(photo_paths[:2])
    open_drawer(page, "Music")
    with page.expect_file_chooser() as chooser:
        page.get_by_text("Add music").locator("visible=true").tap()
    chooser.value.set_files(song_path)
    open_drawer(page, "Look")
    page.locator("#drawer-look").get_by_role("radio", name="photos move slowly").tap()
    open_drawer(page, "Text")
    page.get_by_role("button", name="Write captions").locator("visible=true").tap()
    page.get_by_label("Caption", exact=True).fill(CAPTIONS[0])
    page.get_by_role("button", name="Next photo").tap()
    page.get_by_label("Caption", exact=True).fill(CAPTIONS[1])
    page.get_by_role("button", name="Done").tap()
    is_order = re.compile("/generate_video$")
    with page.expect_request(
        lambda sent: bool(is_order.search(sent.url)) and not is_dry(sent.post_data)
    ) as ordered:
        page.get_by_role("button", name="Make slideshow").tap()
    order = json.loads(ordered.value.post_data or "{}")
    assert order["motion"] == "kenburns"
    assert len(order["tracks"]) == 1
    assert [photo["caption"] for photo in order["photos"]] == CAPTIONS
    expect(page.get_by_role("heading", name="is ready")).to_be_visible(timeout=RENDER_MS)
    page.close()

    page = phone.new_page()
    page.clock.set_fixed_time(datetime.now() + timedelta(days=1))
    visit(page, live_server)
    go(page, "My videos")
    card = list_cards(page)
    expect(card.get_by_text("Yesterday")).to_be_visible()
    card.get_by_role("button", name="Share").tap()
    expect(page.get_by_text("The link is copied.")).to_be_visible()
    link = str(page.evaluate("navigator.clipboard.readText()"))
    other = open_context(browser)
    shared = other.new_page()
    shared.goto(link)
    assert read_duration(shared) > 2
    other.close()


def open_drawer(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).locator("visible=true").tap()


def is_dry(body: str | None) -> bool:
    return bool(json.loads(body or "{}").get("dry_run"))


def read_duration(page: Page) -> float:
    return float(page.locator("video").evaluate(READ_DURATION))
