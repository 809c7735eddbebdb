"""Who can use a state of the page: with every size, theme, colour and size of letters."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.axe import COLOURS, find_faults
from tests.browsing import rest
from tests.page.states import State
from tests.page.windows import SIZES, THEMES, WIDE, resize

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


def find_faults_of(page: Page, theme: Any) -> list[str]:
    """Return what axe-core finds: by all rules in the first theme, else by those of colours."""
    return find_faults(page, *(() if theme == THEMES[0] else COLOURS))


def check_use(page: Page, state: State) -> None:
    """Check that a state can be used in a narrow window, with large letters and few colours."""
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
