"""What people do on a page with many photos, and how long the frames take meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browsing import measure, wait_for_frame
from tests.test_page import open_settings

LATE_MS = 20.0
PHOTO = "IMG_1005.jpg"
TEXT = "A day by the sea"
FRAMES = 60
_WATCH = """() => {
    window.times = [];
    const note = (now) => { window.times.push(now); window.request = requestAnimationFrame(note); };
    window.request = requestAnimationFrame(note);
}"""
_READ = "() => { cancelAnimationFrame(window.request); return window.times; }"


def make_photos(folder: Path, count: int) -> list[Path]:
    """Return small photos of many colours."""
    paths = [folder / f"IMG_{1000 + number}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        Image.new("RGB", (60, 40), (number % 256, 255 - number % 256, 120)).save(path)
    return paths


def watch(page: Page) -> None:
    """Look on while the stage plays."""
    for _ in range(FRAMES):
        wait_for_frame(page)


def carry(page: Page) -> None:
    """Carry a photo over the others, and put it down elsewhere."""
    box = measure(page.get_by_title("IMG_1002.jpg"))
    x, y = box["x"] + 40, box["y"] + 40
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(FRAMES):
        page.mouse.move(x + step % 20 * 25, y + 2 * step)
        wait_for_frame(page)
    page.mouse.up()
    expect(page.locator(".ghost")).to_have_count(0)


def open_caption(page: Page) -> None:
    """Open the settings of a photo, and go to its caption."""
    open_settings(page, PHOTO)
    page.get_by_role("dialog").get_by_label("Caption").click()


def open_and_close_settings(page: Page) -> None:
    """Open the settings of a photo, and close them."""
    open_settings(page, PHOTO)
    expect(page.get_by_role("dialog")).to_be_visible()
    close_settings(page)


def close_settings(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def write(page: Page) -> None:
    """Type a letter in each frame, at the field that has the focus."""
    for letter in TEXT:
        page.keyboard.type(letter)
        wait_for_frame(page)


def slow_down(page: Page, rate: int) -> None:
    """Have the page's processor work so many times slower, by Chromium's own means."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})


def time_frames(page: Page, act: Callable[[Page], object]) -> list[float]:
    """Return the milliseconds between frames while something is done."""
    page.evaluate(_WATCH)
    act(page)
    return list(np.diff(page.evaluate(_READ)))


def time_rest(page: Page) -> list[float]:
    """Return the milliseconds between frames while nothing is done for a second."""
    return time_frames(page, lambda page: page.wait_for_timeout(1000))


def time_carrying(page: Page) -> list[float]:
    """Return the milliseconds between frames while a photo is carried over the others."""
    page.evaluate("scrollTo(0, 0)")
    return time_frames(page, carry)


def time_writing(page: Page) -> list[float]:
    """Return the milliseconds between frames while a caption is written."""
    open_caption(page)
    spans = time_frames(page, write)
    close_settings(page)
    return spans
