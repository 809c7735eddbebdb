"""What the page looks like for everyone: contrast, letters, what is off, and the room it uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import RENDER_MS, measure, opened_silently, rest, visit
from tests.conftest import ROOT
from tests.test_page import (
    browser,  # noqa: F401  # a fixture
    choose_photos,
    go,
)

STANDS_OUT = 3.0  # WCAG 2.2, 1.4.11
CONFUSING = [
    *("Line below that", "Captions have a", "Captions stand at", "Turned", "as the others"),
    *("Like the others", "Make another", 'placeholder="none"', ">Words<"),
]
READ_EDGE = """element => {
    let around = element.parentElement;
    const clear = 'rgba(0, 0, 0, 0)';
    while (around && getComputedStyle(around).backgroundColor === clear) {
        around = around.parentElement;
    }
    const own = getComputedStyle(element);
    return [own.borderTopColor, getComputedStyle(around ?? document.body).backgroundColor];
}"""
READ_LETTERS = """() => [...document.querySelectorAll('body *')].flatMap((element) => {
    const texts = [...element.childNodes].filter(({nodeType}) => nodeType === Node.TEXT_NODE);
    const isText = texts.some(({data}) => data.trim());
    if (!isText || !element.getClientRects().length) return [];
    return [[element.outerHTML.slice(0, 80), parseFloat(getComputedStyle(element).fontSize)]];
})"""
READ_LOOK = """button => {
    const {color, backgroundColor, borderTopStyle, cursor} = getComputedStyle(button);
    return [color, backgroundColor + borderTopStyle, cursor];
}"""


@pytest.fixture
def page(browser: Browser, live_server: str) -> Iterator[Page]:  # noqa: F811  # the fixture
    size = {"width": 1440, "height": 900}
    with opened_silently(browser, viewport=size, reduced_motion="reduce") as context:
        page = context.new_page()
        visit(page, live_server)
        yield page


def measure_light(color: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [float(part) / 255 for part in re.findall(r"[\d.]+", color)[:3]]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(part * share for part, share in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def measure_contrast(one: str, other: str) -> float:
    lights = sorted((measure_light(one), measure_light(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def test_edges_of_what_is_filled_in_stand_out(page: Page, photo_paths: list[Path]) -> None:
    themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    choose_photos(page, photo_paths[:1])
    for place in ("Make", "Cut"):
        go(page, place)
        rest(page)  # what the other place shows is not seen any more
        for summary in page.locator("summary").filter(visible=True).all():
            summary.click()
        fields = "select, textarea, input:is([type=number], [type=text]), .dropzone, .music-pick"
        seen = page.locator(fields).filter(visible=True).all()
        assert len(seen) > 5
        for theme in themes:
            page.emulate_media(color_scheme=theme)
            rest(page)
            for field in seen:
                contrast = measure_contrast(*field.evaluate(READ_EDGE))
                assert contrast >= STANDS_OUT, field.evaluate("element => element.outerHTML")


def test_all_letters_grow_with_the_browser_s_own(page: Page, photo_paths: list[Path]) -> None:
    choose_photos(page, photo_paths[:2])
    expect(page.get_by_role("button", name="Make slideshow")).to_be_enabled()
    page.locator("summary").filter(visible=True).first.click()
    before = page.evaluate(READ_LETTERS)
    page.evaluate("document.documentElement.style.fontSize = '150%'")
    after = dict(map(tuple, page.evaluate(READ_LETTERS)))
    assert len(before) > 30
    assert [name for name, size in before if after.get(name, size * 2) <= size * 1.2] == []


def test_no_letters_have_a_size_in_pixels() -> None:
    styles = [path for path in (ROOT / "static").rglob("*.css") if "admin" not in path.parts]
    sizes = re.compile(r"font(?:-size)?:[^;]*(?<![/\d.])\d+(?:\.\d+)?px")  # not those of lines
    assert [path.name for path in styles if sizes.search(path.read_text())] == []


def test_button_that_is_off_looks_off(page: Page, photo_paths: list[Path]) -> None:
    names = ("Make slideshow", "Preview")
    buttons = [page.get_by_role("button", name=name, exact=True) for name in names]
    off = [button.evaluate(READ_LOOK) for button in buttons]
    choose_photos(page, photo_paths[:1])
    for button, look in zip(buttons, off, strict=True):
        expect(button).to_be_enabled()
        assert all(
            one != other for one, other in zip(button.evaluate(READ_LOOK), look, strict=True)
        )


def test_wide_window_is_used(page: Page, photo_paths: list[Path]) -> None:
    page.set_viewport_size({"width": 2560, "height": 1300})
    choose_photos(page, photo_paths[:3])
    expect(page.get_by_role("button", name="Make slideshow")).to_be_enabled()
    assert measure(page.locator("main"))["width"] > 1600
    assert measure(page.locator(".photo").first)["width"] >= 200
    page.get_by_label("Seconds per photo").fill("0.5")
    page.get_by_label("Transition seconds").fill("0.2")
    page.get_by_role("radio", name="Draft").check()
    page.get_by_role("button", name="Make slideshow").click()
    expect(page.get_by_role("heading", name="is ready")).to_be_visible(timeout=RENDER_MS)
    assert measure(page.locator(".job .player"))["width"] > 1200


def test_tall_video_has_what_is_said_of_it_at_its_side(page: Page, photo_paths: list[Path]) -> None:
    choose_photos(page, photo_paths[:1])
    page.get_by_label("Seconds per photo").fill("0.5")
    page.get_by_label("Transition seconds").fill("0.2")
    page.get_by_role("radio", name=re.compile("^Phone")).check()
    page.get_by_role("button", name="Make slideshow").click()
    expect(page.get_by_role("heading", name="is ready")).to_be_visible(timeout=RENDER_MS)
    player, download = (
        measure(page.locator(name)) for name in (".job .player", '.job [data-part="download"]')
    )
    assert player["height"] > player["width"]
    assert download["x"] >= player["x"] + player["width"]
    assert download["y"] < player["y"] + player["height"]


def test_words_that_stopped_readers_are_gone(page: Page) -> None:
    text = page.content()
    assert [words for words in CONFUSING if words in text] == []
