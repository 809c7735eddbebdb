"""`python -m benchmarks.frames`: measure how smoothly the page with 200 photos is operated.

`tests/page/test_smoothness.py` holds this to a limit, and `tests/page/test_frames.py` counts the
work of each frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
from playwright.sync_api import Page, expect

from tests.browsing import RENDER_MS, launched
from tests.conftest import serving
from tests.page.frames import (
    LATE_MS,
    make_photos,
    open_and_close_settings,
    slow_down,
    time_carrying,
    time_frames,
    time_rest,
    time_writing,
)
from tests.test_page import choose_photos

_SLOWDOWNS = (1, 4)


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
                slow_down(page, slowdown)
                for what, measure in _ACTS.items():
                    spans = [span for _ in range(repeats) for span in measure(page)]
                    print(_format(what, slowdown, spans), flush=True)


def _time_settings(page: Page) -> list[float]:
    return time_frames(page, open_and_close_settings)


_ACTS = {
    "nothing": time_rest,
    "carry a photo": time_carrying,
    "open and close settings": _time_settings,
    "write a caption": time_writing,
}


def _format(what: str, slowdown: int, spans: Sequence[float]) -> str:
    middle, high = np.percentile(spans, (50, 95))
    speed = "as it is" if slowdown == 1 else f"{slowdown} times slower"
    late = np.mean(np.array(spans) > LATE_MS)
    return (
        f"| {what} | {speed} | {len(spans)} | {middle:.1f} | {high:.1f} | {max(spans):.1f} "
        f"| {late:.1%} |"
    )


if __name__ == "__main__":
    main()
