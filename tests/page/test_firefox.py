"""A slideshow and a clip are made in Firefox, where it is installed (Debian: firefox-esr)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import find_files
from tests.page.firefox import Firefox, find_firefox, running_firefox
from tests.test_page import find_bikes

pytestmark = [pytest.mark.browser, pytest.mark.render]

SET = """
const [place, values] = arguments;
const {elements} = document.querySelector(`#place-${place} form`);
for (const [name, value] of Object.entries(values)) {
    elements[name].value = value;
    const field = elements[name][0] ?? elements[name];
    for (const kind of ['input', 'change']) {
        field.dispatchEvent(new Event(kind, {bubbles: true}));
    }
}"""
IS_READY = "document.querySelector('#place-{} [data-part=estimate]').textContent.includes('made')"
IS_MADE = "document.querySelector('.job h1')?.textContent === 'Your {} is ready'"
WIDTHS = "return [document.documentElement.scrollWidth, innerWidth]"


@pytest.fixture
def firefox(tmp_path: Path, live_server: str) -> Iterator[Firefox]:
    """The page in Firefox."""
    program = find_firefox()
    if program is None:
        pytest.skip("Firefox is not installed")
    with running_firefox(program, tmp_path / "profile") as firefox:
        firefox.open(live_server)
        yield firefox


def test_slideshow_and_clip_are_made_in_firefox(
    firefox: Firefox, photo_paths: list[Path], song_path: Path, tmp_path: Path
) -> None:
    firefox.choose("#place-make [name=images]", photo_paths[:2])
    firefox.wait(IS_READY.format("make"))
    firefox.choose("#place-make [name=audio]", [song_path])
    firefox.wait("document.querySelector('.song [data-part=line]')?.textContent === '0:04'")
    firefox.click(".photo:nth-child(2) .frame")
    firefox.click("[data-act=edit]")
    firefox.type("#photo-choices [name=caption]", "Off to the moon")
    firefox.click("#photo-choices [type=submit]")
    firefox.wait("document.querySelector('.photo:nth-child(2)').classList.contains('chosen')")
    firefox.run(
        SET, "make", {"duration": "0.5", "resolution": "640x360", "transition_duration": "0.2"}
    )
    firefox.wait(IS_READY.format("make"))
    firefox.wait("document.querySelector('.stage canvas').dataset.frame !== ''")
    firefox.click("#place-make [type=submit]")
    firefox.wait(IS_MADE.format("slideshow"))
    firefox.click("[data-place=cut]")
    firefox.choose("#place-cut [name=video]", [find_bikes()])
    firefox.wait(IS_READY.format("cut"))
    firefox.run(SET, "cut", {"start": "1", "end": "2"})
    firefox.wait(IS_READY.format("cut"))
    firefox.click("#place-cut [type=submit]")
    firefox.wait(IS_MADE.format("clip"))
    assert len(find_files(tmp_path / "data", "*.mp4")) >= 2
    firefox.resize(500, 800)
    firefox.click("[data-place=videos]")
    firefox.wait("document.querySelectorAll('.card').length === 2")
    content, window = firefox.run(WIDTHS)
    assert content <= window
