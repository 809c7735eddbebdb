"""Each state of the page can be used by all: with every size, theme, colour and size of letters."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.axe import COLOURS, find_faults
from tests.browsing import rest
from tests.page.conftest import Reach
from tests.page.states import STATES, State
from tests.page.windows import SIZES, THEMES, WIDE, resize, set_theme

NARROWEST = 320
# What would be lost beyond the window's side, or is cut off where nothing says so.
LIST_CUT = """() => {
    const words = 'h1, h2, p, a, b, button, label, legend, summary, span';
    const seen = [...document.querySelectorAll(words)];
    const isCut = (element) => {
        const {overflowX, textOverflow} = getComputedStyle(element);
        const box = element.getBoundingClientRect();
        const isOut = box.left < -1 || box.right > innerWidth + 1;
        const isClipped = overflowX !== 'visible' && textOverflow !== 'ellipsis' &&
            element.scrollWidth > element.clientWidth + 1;
        return isOut || isClipped;
    };
    return seen.filter((element) => element.checkVisibility({visibilityProperty: true}))
        .filter((element) => !element.closest('.unseen') && element.textContent.trim())
        .filter((element) => element.offsetWidth > 1)  // some are for screen readers alone
        .filter(isCut).map((element) => element.outerHTML.slice(0, 120));
}"""
SMALLEST = 11  # of any letters, in pixels
WORDS = "h1, h2, p, a, b, button, label, li, td, th"
LIST_SMALL = """([words, least]) => [...document.querySelectorAll(words)]
    .filter((element) => element.checkVisibility() && element.textContent.trim())
    .filter((element) => parseFloat(getComputedStyle(element).fontSize) < least)
    .map((element) => element.outerHTML.slice(0, 120))"""
# With forced colours there are borders and outlines, but no backgrounds and shadows.
LIST_BLANK = """() => {
    const hasEdge = (element) => {
        const {borderStyle, outlineStyle, borderTopWidth} = getComputedStyle(element);
        return outlineStyle !== 'none' || (borderStyle !== 'none' && borderTopWidth !== '0px');
    };
    const marks = '.primary, [aria-expanded=true].chip, .option:has(:checked), .picked, .faulty,' +
        ' input:not([type=range], [type=radio], [type=checkbox], .unseen), select, textarea';
    return [...document.querySelectorAll(marks)]
        .filter((element) => element.checkVisibility() && !element.closest('.unseen'))
        .filter((element) => !hasEdge(element)).map((element) => element.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize("name", STATES)
def test_state_can_be_used_by_all(reach: Reach, name: str) -> None:
    page, state = reach(name), STATES[name]
    assert page.evaluate("document.getAnimations().length") == 0  # as the user has asked for
    assert list_faults(page, state) == {}
    check_edges(page)
    resize(page, state, NARROWEST, 640)
    check_width(page, NARROWEST)
    check_edges(page)
    session = page.context.new_cdp_session(page)
    session.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})  # 200 %
    resize(page, state, WIDE, SIZES[WIDE])
    page.wait_for_function("() => getComputedStyle(document.documentElement).fontSize === '32px'")
    check_width(page, WIDE)
    assert page.evaluate(LIST_SMALL, [WORDS, 2 * SMALLEST]) == []


def list_faults(page: Page, state: State) -> dict[tuple[int, str], list[str]]:
    """Return what axe-core finds: by all rules in each size, by those of colours in each theme."""
    faults = {}
    for width, height in SIZES.items():
        resize(page, state, width, height)
        for theme in THEMES:
            set_theme(page, theme)
            rules = () if theme == THEMES[0] else COLOURS
            faults[width, theme] = find_faults(page, *rules)
    return {at: found for at, found in faults.items() if found}


def check_edges(page: Page) -> None:
    """Check that what is chosen, pressed and filled in can be seen without backgrounds."""
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    rest(page)
    assert page.evaluate(LIST_BLANK) == []
    page.emulate_media(forced_colors="none", reduced_motion="reduce")


def check_width(page: Page, width: int) -> None:
    rest(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(LIST_CUT) == []
