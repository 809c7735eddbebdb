"""`python -m benchmarks.frames`: measure how smoothly the page with 200 photos is operated.

`tests/page/test_frames.py` does the same, and counts the work of each frame instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
from playwright.sync_api import Page, expect

from tests.browsing import RENDER_MS, launched
from tests.conftest import serving
from tests.page.test_frames import (
    carry,
    make_photos,
    open_and_close_settings,
    open_caption,
    write,
)
from tests.test_page import choose_photos

_SLOWDOWNS = (1, 4)
_LATE_MS = 20.0
_WATCH = """() => {
    window.times = [];
    const note = (now) => { window.times.push(now); window.request = requestAnimationFrame(note); };
    window.request = requestAnimationFrame(note);
}"""
_READ = "() => { cancelAnimationFrame(window.request); return window.times; }"


@click.command()
@click.option("--photos", default=200, show_default=True, help="How many photos are on the page.")
@click.option("--repeats", default=5, show_default=True, help="How often each thing is done.")
def main(photos: int, repeats: int) -> None:
    """Print how long frames take while a photo is carried and a caption is written."""
    with TemporaryDirectory() as name, launched() as browser:
        folder = Path(name)
        with serving({"STORAGE_URL": (folder / "data").as_uri()}) as address:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(RENDER_MS)
            page.goto(address)
            choose_photos(page, make_photos(folder, photos))
            ready = page.locator(".photo[data-state=ready]")
            expect(ready).to_have_count(photos, timeout=RENDER_MS)
            expect(page.get_by_text("made in about")).to_be_visible(timeout=RENDER_MS)
            print("| what | processor | frames | p50, ms | p95, ms | longest, ms | late |")
            print("| --- | --- | --- | --- | --- | --- | --- |")
            for slowdown in _SLOWDOWNS:
                _slow_down(page, slowdown)
                for what, measure in _ACTS.items():
                    spans = [span for _ in range(repeats) for span in measure(page)]
                    print(_format(what, slowdown, spans), flush=True)


def _slow_down(page: Page, rate: int) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})


def _measure(page: Page, act: Callable[[Page], object]) -> list[float]:
    """Return the milliseconds between frames while something is done."""
    page.evaluate(_WATCH)
    act(page)
    return list(np.diff(page.evaluate(_READ)))


def _rest(page: Page) -> list[float]:
    return _measure(page, lambda page: page.wait_for_timeout(1000))


def _carry(page: Page) -> list[float]:
    page.evaluate("scrollTo(0, 0)")
    return _measure(page, carry)


def _open_settings(page: Page) -> list[float]:
    return _measure(page, open_and_close_settings)


def _write_caption(page: Page) -> list[float]:
    open_caption(page)
    spans = _measure(page, write)
    page.keyboard.press("Escape")
    return spans


_ACTS = {
    "nothing": _rest,
    "carry a photo": _carry,
    "open and close settings": _open_settings,
    "write a caption": _write_caption,
}


def _format(what: str, slowdown: int, spans: Sequence[float]) -> str:
    middle, high = np.percentile(spans, (50, 95))
    speed = "as it is" if slowdown == 1 else f"{slowdown} times slower"
    late = np.mean(np.array(spans) > _LATE_MS)
    return (
        f"| {what} | {speed} | {len(spans)} | {middle:.1f} | {high:.1f} | {max(spans):.1f} "
        f"| {late:.1%} |"
    )


if __name__ == "__main__":
    main()
