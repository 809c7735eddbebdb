"""The windows that the page is looked at in."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests import browsing
from tests.page.states import SMALL, State

SIZES = {1440: 900, 2560: 1440, 768: 1024, 360: 800}
"""Their heights by their widths, in the order in which a test takes them."""
THEMES: list[Any] = ["light", "dark"]
WIDE = 1440


def resize(page: Page, state: State, width: int, height: int) -> None:
    """Show a state in a window of another size; a small one has a finger instead of a mouse."""
    browsing.resize(page, width, height)
    if width < SMALL:
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 1})
    state.fit(page, width < SMALL)
    page.mouse.move(0, 0)  # where nothing is


def set_theme(page: Page, theme: Any) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
