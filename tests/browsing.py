"""How tests treat a real browser: with patience, and they read boxes while nothing moves."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from playwright.sync_api import (
    Browser,
    BrowserContext,
    FloatRect,
    Locator,
    Page,
    Response,
    expect,
    sync_playwright,
)

from tests.conftest import find_chromium, wait_until

PATIENCE_MS = 120_000  # with the page, on a machine that has other things to do
RENDER_MS = 300_000  # with a render, which a busy machine makes when it can
expect.set_options(timeout=PATIENCE_MS)

OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The letters that Debian installs first. They are wide: where they have room, others have.
DEJAVU = Path("/usr/share/fonts/truetype/dejavu")
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{folder}</dir>
  <cachedir>{folder}/cache</cachedir>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
"""

# At rest nothing glides or scrolls; what turns for ever, as a sign of waiting does, may go on.
REST = """async (elements) => {
    const isPassing = (animation) => {
        const {endTime} = animation.effect?.getComputedTiming() ?? {};
        return animation.playState === 'running' && endTime !== Infinity;
    };
    const isComing = (image) => !image.complete && image.loading !== 'lazy';
    const read = () => elements.map((element) => {
        if (!element.isConnected) throw new Error('an element has left the page');
        const {x, y, width, height} = element.getBoundingClientRect();
        return {x, y, width, height};
    });
    const note = () => JSON.stringify([scrollX, scrollY, innerWidth, innerHeight,
        document.documentElement.scrollHeight, read()]);
    for (let last = '', frames = 0; frames < 3;) {
        await new Promise(requestAnimationFrame);
        const now = note();
        const isMoving = now !== last || document.getAnimations().some(isPassing) ||
            [...document.images].some(isComing);
        frames = isMoving ? 0 : frames + 1;
        last = now;
    }
    return read();
}"""
SHOW_AS = """(state) => {
    Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
    document.dispatchEvent(new Event('visibilitychange', {bubbles: true}));
}"""
UNANSWERED = (  # what a console says of the failures that a test makes
    "error: Failed to load resource: net::",
    "error: Failed to load resource: the server responded with a status of 5",
)
REFUSED = {"Problem-Status": "422"}  # the header of a refusal that a page is told quietly
HAS_SIZE = "([width, height]) => innerWidth === width && innerHeight === height"


@contextmanager
def launched(*options: str) -> Iterator[Browser]:
    """Launch a browser that knows the same fonts on all machines."""
    with TemporaryDirectory(prefix="fonts-") as folder, sync_playwright() as playwright:
        for name in ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono", "DejaVuSansMono-Bold"):
            path = DEJAVU / f"{name}.ttf"
            (Path(folder) / path.name).symlink_to(path)
        settings = Path(folder) / "fonts.conf"
        settings.write_text(FONTS.format(folder=folder))
        browser = playwright.chromium.launch(
            executable_path=find_chromium(),
            args=[*OPTIONS, *options],
            env={**os.environ, "FONTCONFIG_FILE": str(settings)},
        )
        yield browser
        browser.close()


def open_context(browser: Browser, **options: Any) -> BrowserContext:
    """Open a browser of one person; `options` are those of `Browser.new_context`."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    return context


@contextmanager
def opened_silently(browser: Browser, *expected: str, **options: Any) -> Iterator[BrowserContext]:
    """Open a browser of one person; what the consoles of its tabs say fails the test in the end.

    `expected` are beginnings of what they may say. `options` are those of `Browser.new_context`.
    """
    context = open_context(browser, **options)
    said: list[str] = []
    listen(context, said)
    yield context
    context.close()
    assert [text for text in said if not text.startswith(expected)] == []


def listen(context: BrowserContext, said: list[str]) -> None:
    """Note in a list what the consoles of a person's tabs say from now on."""
    context.on("weberror", lambda error: said.append(error.error.message))
    context.on("console", lambda message: said.append(f"{message.type}: {message.text}"))


def visit(page: Page, address: str) -> None:
    """Open our page, and wait until its scripts run: what is done before is not always heard."""
    lost: list[str] = []
    page.on("requestfailed", lambda request: lost.append(f"{request.failure}: {request.url}"))
    page.goto(address)
    try:
        expect(page.locator(".places [aria-current]")).to_be_visible()
    except AssertionError:
        raise AssertionError(f"the scripts have not run; what did not come: {lost}") from None


def read_status(response: Response) -> int:
    """Return the status of an answer, also of a refusal that the page was told quietly."""
    return int(response.headers.get("problem-status", response.status))


def rest(page: Page) -> None:
    """Wait until nothing moves on a page."""
    page.evaluate(REST, [])


def wait_for_frame(page: Page) -> None:
    """Wait until a page has done what it was told, and draws."""
    page.evaluate("() => new Promise(requestAnimationFrame)")


def measure_all(*places: Locator) -> list[FloatRect]:
    """Return the boxes of elements, all as they are at one moment at which nothing moves."""
    for place in places:
        expect(place).to_be_visible()
    elements = [place.element_handle() for place in places]
    boxes: list[FloatRect] = places[0].page.evaluate(REST, elements)
    return boxes


def measure(place: Locator) -> FloatRect:
    """Return the box of an element once nothing moves."""
    (box,) = measure_all(place)
    return box


def resize(page: Page, width: int, height: int) -> None:
    """Show a page in a window of another size, and wait until it is laid out there."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function(HAS_SIZE, arg=[width, height])
    rest(page)


def check_width(page: Page, width: int) -> None:
    """Show a page in a window of a width, and check that it has no more."""
    resize(page, width, 800)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def wait_for(page: Page, condition: Callable[[], bool]) -> None:
    """Wait while a page goes on, and while what it asks for is told to the test."""

    def check() -> bool:
        page.wait_for_timeout(50)
        return condition()

    wait_until(check)


def show_as(page: Page, state: Literal["visible", "hidden"]) -> None:
    """Have a page know that it is looked at again, or that another tab is."""
    page.evaluate(SHOW_AS, state)


def save_draft(page: Page) -> None:
    """Have the page keep what has changed, as it does a moment later, or when it is hidden."""
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))")


def wait_for_estimate(place: Locator) -> None:
    """Wait until a form has been told what its order comes to, as it stands now."""
    expect(place.locator("[data-part=estimate]")).to_have_attribute("aria-busy", "false")
