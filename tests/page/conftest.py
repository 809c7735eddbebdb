"""A browser that draws alike on all machines, and the page in each of its states."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browsing import UNANSWERED, launched, opened_silently, visit
from tests.conftest import serving_faster
from tests.page.states import NOW, STATES, Files

STEADY = ["--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb"]

# A browser without windows denies notices, which most people are asked for.
ASK = "Object.defineProperty(Notification, 'permission', {get: () => 'default'})"

OPERATOR = ("operator", "a-long-password")
AUTHORIZATION = f"Basic {b64encode(':'.join(OPERATOR).encode()).decode()}"

Reach = Callable[[str], Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched(*STEADY) as browser:
        yield browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The product without Redis: the address of its page."""
    settings = {"STORAGE_URL": (tmp_path_factory.mktemp("data") / "data").as_uri()}
    with serving_faster(settings) as address:
        yield address


@pytest.fixture(scope="module")
def desk_address(redis_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The product with Redis and an operators' page: its address."""
    settings = {
        "STORAGE_URL": (tmp_path_factory.mktemp("desk") / "data").as_uri(),
        "REDIS_URL": f"redis://127.0.0.1:{redis_port}/15",
        "DASHBOARD_USERNAME": OPERATOR[0],
        "DASHBOARD_PASSWORD": OPERATOR[1],
    }
    with serving_faster(settings) as address:
        yield address


@pytest.fixture(scope="module")
def files(
    photo_paths: list[Path], song_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Files:
    return Files(photo_paths, song_path, tmp_path_factory.mktemp("files"))


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of one person, for whom nothing moves and time stands still."""
    with opened(browser) as context:
        yield context


@contextmanager
def opened(browser: Browser) -> Iterator[BrowserContext]:
    with opened_silently(
        browser,
        *UNANSWERED,
        viewport={"width": 1440, "height": 900},
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    ) as context:
        context.add_init_script(ASK)
        yield context


@pytest.fixture(scope="module")
def reach_in(request: pytest.FixtureRequest, files: Files) -> Callable[[BrowserContext, str], Page]:
    """Open the page in one of its states, by name, in a person's browser."""

    def reach(context: BrowserContext, name: str) -> Page:
        page = context.new_page()
        page.clock.set_fixed_time(NOW)
        state = STATES[name]
        address = request.getfixturevalue("desk_address" if state.is_desk else "address")
        if state.is_desk:
            page.set_extra_http_headers({"Authorization": AUTHORIZATION})
        state.prepare(page)
        if state.is_desk or state.address == "sign_in":  # which has no scripts
            page.goto(f"{address}/{state.address}")
        else:
            visit(page, f"{address}/{state.address}")
        state.reach(page, files)
        return page

    return reach


@pytest.fixture
def reach(context: BrowserContext, reach_in: Callable[[BrowserContext, str], Page]) -> Reach:
    """Open the page in one of its states, by name."""
    return partial(reach_in, context)
