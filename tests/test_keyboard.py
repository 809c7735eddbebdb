"""A slideshow made, played and found again by keys alone, as Chromium names what has the focus."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Error, FileChooser, Page, expect

from tests.browsing import RENDER_MS, opened_silently, rest, visit, wait_for
from tests.test_page import browser  # noqa: F401  # a fixture

STOPS = 60  # of Tab, more than the way through any place has
# What is in focus is in sight and says so; some controls are drawn by their label.
IS_SEEN = """() => {
    const focused = document.activeElement;
    const drawn = focused.closest('label') ?? focused;
    const {top, left, bottom, right} = drawn.getBoundingClientRect();
    const isInside = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
    return focused.matches(':focus-visible') && drawn.checkVisibility() && isInside;
}"""
IS_PLAYING = "() => document.activeElement.currentTime > 0"


class Hands:
    """Hands on a keyboard, and ears that hear what Chromium tells a screen reader."""

    def __init__(self, page: Page) -> None:
        """Take the keyboard of a page."""
        self.page = page
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.choosers: list[FileChooser] = []
        page.on("filechooser", lambda chooser: self.choosers.append(chooser))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Replace what a field has."""
        self.press("Control+a")
        self.page.keyboard.type(text)

    def hear(self) -> str:
        """Return the role and the name of what has the focus; the role of nothing is `none`."""
        place = self.session.send("Runtime.evaluate", {"expression": "document.activeElement"})
        query = {"objectId": place["result"]["objectId"], "fetchRelatives": False}
        (node,) = self.session.send("Accessibility.getPartialAXTree", query)["nodes"]
        return f"{node['role']['value']}: {node.get('name', {}).get('value', '')}"

    def go(self, wanted: str, key: str = "Tab") -> None:
        """Press Tab until the focus is on what has a role and a name that begins so."""
        passed = []
        for _ in range(STOPS):
            self.press(key)
            heard = self.hear()
            if heard != "none: ":  # the window's own controls are a stop
                self.expect_seen(heard)
            if heard.startswith(wanted):
                return
            passed.append(heard)
        pytest.fail(f"{key} does not lead to {wanted!r}, but to {passed}")

    def expect_seen(self, heard: str) -> None:
        """Wait until what has the focus is in sight, and marked."""
        try:
            self.page.wait_for_function(IS_SEEN)
        except Error:
            pytest.fail(f"{heard!r} has the focus where nobody sees it")

    def choose(self, *paths: Path) -> None:
        """Press Enter on a control that asks for files, and give them."""
        self.press("Enter")
        wait_for(self.page, lambda: bool(self.choosers))
        self.choosers.pop().set_files(paths)


@pytest.fixture
def page(browser: Browser, live_server: str) -> Iterator[Page]:  # noqa: F811  # the fixture
    """The page of one person for whom nothing moves; its console stays silent."""
    size = {"width": 1280, "height": 900}
    options = {"viewport": size, "reduced_motion": "reduce", "locale": "en-GB"}
    with opened_silently(browser, **options) as context:
        page = context.new_page()
        visit(page, live_server)
        yield page


def test_slideshow_is_made_played_and_found_by_keys_alone(
    page: Page, photo_paths: list[Path], song_path: Path
) -> None:
    hands = Hands(page)
    hands.go("button: Drop your photos here")
    hands.choose(*photo_paths[:3])
    expect(page.locator(".photo[data-state=ready]")).to_have_count(3, timeout=RENDER_MS)

    hands.go("button: Photo 1 of 3, coffee.png")
    hands.press("Space", "ArrowRight", "Space")
    names = page.get_by_role("list", name="Your photos, in order").locator(".edge-name")
    expect(names).to_have_text(["rocket.jpg", "coffee.png", "chelsea.png"])
    assert hands.hear().startswith("button: Photo 2 of 3, coffee.png")
    hands.press("Enter")  # which selects it
    hands.go("button: Edit")
    hands.press("Enter")
    hands.go("textbox: Caption")
    hands.write("Breakfast by the window")
    hands.go("button: Done")
    hands.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)

    hands.go("button: Add music")
    hands.choose(song_path)
    expect(page.get_by_role("list", name="Your music, in order")).to_contain_text("0:04")

    hands.go("radio: Plain")  # what is set at first; the looks go round
    hands.press("ArrowRight", "ArrowRight")
    assert hands.hear().startswith("radio: Album")  # which has cuts
    hands.go("spinbutton: Seconds per photo")
    hands.write("0.5")
    hands.go("radio: Full HD")
    hands.press(*["ArrowRight"] * 4)
    assert hands.hear().startswith("radio: Draft")

    hands.go("button: Make slideshow")
    hands.press("Enter")
    heading = page.get_by_role("heading", name="Your slideshow is ready")
    expect(heading).to_be_focused(timeout=RENDER_MS)
    address = page.url
    hands.go("Video: Your slideshow")
    hands.press("Space")
    page.wait_for_function(IS_PLAYING)

    hands.go("link: My videos", "Shift+Tab")
    hands.press("Enter")
    expect(page.locator(".card")).to_have_count(1)
    rest(page)
    hands.go("link: Slideshow")
    hands.press("Enter")
    expect(page).to_have_url(re.compile(re.escape(address) + "$"))
    expect(page.get_by_role("heading", name="Your slideshow is ready")).to_be_visible()
