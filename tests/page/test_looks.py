"""Each state of the page looks as it is kept in tests/page/kept/, in four sizes and two themes.

In each of them it can also be used by all, as `access.py` has it. `make shots` keeps how it looks
now. A test that fails says where it has put both pictures.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browsing import rest
from tests.page.access import check_use, find_faults_of
from tests.page.conftest import Reach, opened
from tests.page.names import find_unnamed
from tests.page.pictures import differ, pack, show_difference, shrink, unpack
from tests.page.states import STATES, State
from tests.page.windows import SIZES, THEMES, resize, set_theme

KEPT = Path(__file__).parent / "kept"
FACTORS = {360: 2, 768: 3, 1440: 4, 2560: 5}
"""How many pixels become one, by the width of the window."""
TRIES = 20
DECODE = """async () => {
    const seen = [...document.images].filter((image) => image.checkVisibility());
    await Promise.all(seen.map((image) => image.decode().catch(() => {})));
}"""
CHANGE = """([selector, css]) => { document.querySelector(selector).style.cssText += css; }"""
# Moved by a quarter of its height; a line that is lost; another colour; a sign and a word gone.
SEEN = [
    ("#place-make .dropzone .file-button", "translate: 0 12px"),
    ("#place-make .dropzone .lead", "visibility: hidden"),
    ("#place-make .make-acts .primary", "background: #ff7a1f"),
    (".brand img", "visibility: hidden"),
    (".places [aria-current]", "color: var(--table)"),
]

# What a screen reader could not tell, and what is said of it.
UNTOLD = [
    ("<button></button>", "a button has no name"),
    ("<input>", "a textbox has no name"),
    ("<span tabindex=0></span>", "a generic has no name"),
    ("<img src=/static/icon.svg>", "a image has no name"),
    ("<button>Delete</button><button>Delete</button>", "2 of role button are named 'Delete'"),
    ("<a href=#a>More</a><a href=#b>More</a>", "2 of role link are named 'More'"),
    ("<main>Here too</main>", "2 main landmarks"),
    ("<h3>Deep</h3>", "heading 'Deep' of level 3 follows one of level 1"),
]
ADD = """([id, html]) => {
    document.querySelector('#workplace').insertAdjacentHTML('beforeend', `<p id=${id}></p>`);
    document.getElementById(id).innerHTML = html;
}"""


@dataclass(frozen=True)
class Seen:
    """A page in one of its states, after all windows and themes.

    `different` says which pictures of it differ from those that are kept, and `faults` who cannot
    use it in which window and theme.
    """

    page: Page
    state: State
    different: list[str]
    faults: dict[tuple[int, str], list[str]]
    unnamed: dict[int, list[str]]


@pytest.fixture(scope="module", params=STATES)
def seen(
    request: pytest.FixtureRequest,
    browser: Browser,
    reach_in: Callable[[BrowserContext, str], Page],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Seen]:
    """See a state in all windows and themes: it is reached once for all tests of it."""
    name, folder = request.param, tmp_path_factory.mktemp("different")
    with opened(browser) as context:
        seen = Seen(reach_in(context, name), STATES[name], [], {}, {})
        assert seen.page.evaluate("document.getAnimations().length") == 0  # as the user has asked
        for width, height in SIZES.items():
            resize(seen.page, seen.state, width, height)
            if unnamed := find_unnamed(seen.page):
                seen.unnamed[width] = unnamed
            for theme in THEMES:
                set_theme(seen.page, theme)
                path = KEPT / f"{name}-{width}-{theme}.webp"
                if request.config.getoption("--keep-shots"):
                    keep(seen.page, FACTORS[width], path)
                elif now := compare(seen.page, FACTORS[width], path, TRIES):
                    seen.different.append(tell(path, now, folder))
                if faults := find_faults_of(seen.page, theme):
                    seen.faults[width, theme] = faults
        yield seen


def test_page_looks_as_it_did(seen: Seen) -> None:
    assert seen.different == [], "if this is how it should look, say `make shots`"


def test_state_can_be_used_by_all(seen: Seen) -> None:
    assert seen.faults == {}
    check_use(seen.page, seen.state)


def test_state_is_told_to_screen_readers(seen: Seen) -> None:
    assert seen.unnamed == {}


def see(page: Page, factor: int) -> Image.Image:
    """Return a small picture of what is seen of the page."""
    page.evaluate(DECODE)
    rest(page)
    return shrink(Image.open(io.BytesIO(page.screenshot(type="jpeg", quality=95))), factor)


def keep(page: Page, factor: int, path: Path) -> None:
    """Keep a picture; one that looks the same stays as it is."""
    if path.exists() and not compare(page, factor, path):
        return
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(pack(see_at_rest(page, factor)))


def see_at_rest(page: Page, factor: int) -> Image.Image:
    """Return a small picture once nothing moves any more."""
    before = see(page, factor)
    for _ in range(TRIES):
        page.wait_for_timeout(100)
        now = see(page, factor)
        if before == now:
            break
        before = now
    return before


def compare(page: Page, factor: int, path: Path, tries: int = 1) -> Image.Image | None:
    """Return what is seen if it is not what is kept."""
    before = unpack(path.read_bytes()) if path.exists() else Image.new("RGB", (0, 0))
    for attempt in range(tries):
        page.wait_for_timeout(100 * attempt)
        now = unpack(pack(see(page, factor)))
        if not differ(before, now):
            return None
    return now


def tell(path: Path, now: Image.Image, folder: Path) -> str:
    """Return where it is shown how a picture differs from what is kept."""
    if not path.exists():
        return f"{path.name} is missing"
    return show_difference(folder, path.stem, unpack(path.read_bytes()), now)


def test_every_kept_picture_is_of_a_state() -> None:
    names = {
        f"{name}-{width}-{theme}.webp" for name in STATES for width in SIZES for theme in THEMES
    }
    assert {path.name for path in KEPT.iterdir()} == names


@pytest.mark.parametrize("width", SIZES)
def test_what_people_see_is_found(reach: Reach, width: int) -> None:
    page = reach("empty")
    resize(page, STATES["empty"], width, SIZES[width])

    def look() -> Image.Image:
        return unpack(pack(see_at_rest(page, FACTORS[width])))

    before = look()
    assert not differ(before, look())
    for selector, css in SEEN:
        page.evaluate(CHANGE, [selector, css])
        assert differ(before, look()), (selector, css)
        page.locator(selector).evaluate("element => element.removeAttribute('style')")
    set_theme(page, "dark")
    assert differ(before, look())


def test_what_screen_readers_are_not_told_is_found(reach: Reach) -> None:
    page = reach("empty")
    for html, fault in UNTOLD:
        page.evaluate(ADD, ["added", html])
        (found,) = find_unnamed(page)
        assert found.startswith(fault)
        page.locator("#added").evaluate("element => element.remove()")
    assert find_unnamed(page) == []
