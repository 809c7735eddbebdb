"""Lines that are read from right to left look as they do in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from reelqueue.render.images.text import draw_block, measure_text
from reelqueue.text.fonts import BUNDLED, split_runs
from reelqueue.text.line_breaking import Block, Line, fit_text
from tests.conftest import find_chromium

SIZE = 40
WIDTH = 620
TEXTS = [
    "مرحبا (بكم)، 123 شخص!",
    "הטיול הגדול שלנו לצפון הארץ בשנת אלפיים ועשר WhatsApp ו-Waze הראו לנו את הדרך, תודה!",
    "אנחנו עם Google Maps (beta) ו-[v2.0] באילת, 50% הנחה!",
    "قال: «شاهد هذا (Look!)» ثم ذهب إلى www.example.com, ولم يعد.",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(browser: Browser) -> Page:
    page = browser.new_page(viewport={"width": WIDTH + 40, "height": 100})
    page.goto(BUNDLED.as_uri())  # from where a font may be loaded
    return page


@pytest.mark.parametrize("text", TEXTS)
def test_wrapped_lines_are_ordered_as_in_a_browser(page: Page, text: str) -> None:
    block = fit_text(text, WIDTH, 900, (SIZE, SIZE), measure_text)
    assert len(block.lines) > 1 or text == TEXTS[0]
    for line in block.lines:
        ours = draw_ours(line)
        theirs = draw_theirs(page, line.text)
        assert np.corrcoef(ours, theirs)[0, 1] > 0.9, line.text


def draw_ours(line: Line) -> NDArray[np.float64]:
    picture = draw_block(Block((line,), SIZE), (WIDTH + 40, 80))
    return measure_ink(picture.getchannel("A"))


def draw_theirs(page: Page, text: str) -> NDArray[np.float64]:
    """Draw a line of a paragraph whose direction is from right to left, in the same fonts."""
    runs = split_runs(text)
    faces = {path: f"font{number}" for number, path in enumerate({run.font.path for run in runs})}
    style = "".join(
        f"@font-face {{ font-family: {name}; src: url('{path.as_uri()}') }}"
        for path, name in faces.items()
    )
    look = f"margin: 20px; white-space: nowrap; color: white; font-size: {SIZE}px"
    words = "".join(
        f"<span style='font-family: {faces[run.font.path]}'>{escape(run.text)}</span>"
        for run in runs
    )
    html = f"<style>{style}</style><body style='background: black'>"
    page.set_content(f"{html}<p dir=rtl style='{look}'>{words}</p>")
    page.evaluate("document.fonts.ready")
    picture = Image.open(BytesIO(page.screenshot())).convert("L")
    return measure_ink(picture)


def measure_ink(picture: Image.Image) -> NDArray[np.float64]:
    """Return the ink of 300 equal columns of what is drawn, a little blurred."""
    columns = np.asarray(picture, float).sum(axis=0)
    inked = np.flatnonzero(columns > 200)
    drawn = columns[inked[0] : inked[-1] + 1]
    places = np.linspace(0, len(drawn) - 1, 300)
    even = np.interp(places, np.arange(len(drawn)), drawn)
    return np.convolve(even, np.ones(7) / 7, "same")
