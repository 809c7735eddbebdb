"""The page in a browser without JavaScript, or before its scripts have come."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from reelqueue.render.ffmpeg.probe import probe_video
from tests.browsing import RENDER_MS, launched, open_context, save_draft, wait_for
from tests.conftest import StartServer

SCRIPTS = "**/page*.js"
END_WAITS = "() => document.getAnimations().forEach((animation) => animation.finish())"
MADE_OR_MAKING = re.compile("^(Making your slideshow|Your slideshow is ready)")  # as is the machine

OpenPage = Callable[[str], Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open a page without JavaScript; give its address."""
    context = open_context(
        browser, java_script_enabled=False, viewport={"width": 360, "height": 800}
    )

    def open_page(address: str) -> Page:
        page = context.new_page()
        page.goto(address)
        return page

    yield open_page
    context.close()


def fill_slideshow(page: Page, photos: list[Path]) -> None:
    page.get_by_label("Choose photos").set_input_files(photos)
    page.get_by_label("Seconds per photo").fill("0.5")
    page.get_by_label("Transition seconds").fill("0.2")
    page.locator("#place-make").get_by_label("Draft 640").check()


def save_video(page: Page, path: Path) -> Path:
    """Wait for the video, which the page shows by itself, and download it."""
    link = page.get_by_role("link", name="Download")
    expect(link).to_be_visible(timeout=RENDER_MS)
    with page.expect_download() as download:
        link.click()
    download.value.save_as(path)
    return path


def test_slideshow_is_made_without_scripts(
    open_page: OpenPage, live_server: str, photo_paths: list[Path], song_path: Path, tmp_path: Path
) -> None:
    page = open_page(live_server)
    fill_slideshow(page, photo_paths[:3])
    page.locator("#place-make").get_by_label("Add music").set_input_files(song_path)
    page.get_by_text("Titles and captions").click()
    page.locator("#place-make").get_by_label("Title at the start").fill("Our summer")
    page.get_by_role("button", name="Make slideshow").click()
    expect(page.get_by_role("heading", name=MADE_OR_MAKING)).to_be_visible()
    facts = probe_video(save_video(page, tmp_path / "slideshow.mp4"))
    assert (facts.width, facts.height, facts.has_audio) == (640, 360, True)
    assert facts.duration == pytest.approx(3 * 0.5 + 3, abs=0.1)
    page.get_by_role("link", name="My videos").click()
    page.get_by_role("link", name="Our summer").click()
    expect(page.get_by_label("Your video")).to_be_visible()


def test_worker_makes_a_slideshow_that_was_ordered_without_scripts(
    open_page: OpenPage,
    start_service: StartServer,
    fork_worker: Callable[..., None],
    redis_url: str,
    photo_paths: list[Path],
    tmp_path: Path,
) -> None:
    page = open_page(start_service({"REDIS_URL": redis_url}))
    fill_slideshow(page, photo_paths[:2])
    page.get_by_role("button", name="Make slideshow").click()
    expect(page.get_by_text("Waiting for a worker. Number 1 in the queue.")).to_be_visible()
    fork_worker({"REDIS_URL": redis_url})  # the page looks again by itself
    facts = probe_video(save_video(page, tmp_path / "slideshow.mp4"))
    assert facts.duration == pytest.approx(2 * 0.5, abs=0.1)


def test_clip_is_cut_without_scripts(
    open_page: OpenPage, live_server: str, video_path: Path, tmp_path: Path
) -> None:
    page = open_page(live_server)
    page.get_by_label("Choose a video").set_input_files(video_path)
    page.get_by_label("Start, seconds").fill("0.5")
    page.get_by_label("End, seconds").fill("1.7")
    page.locator("#place-cut").get_by_label("Square 1:1").check()
    page.get_by_role("button", name="Make clip").click()
    facts = probe_video(save_video(page, tmp_path / "clip.mp4"))
    assert facts.width == facts.height
    assert facts.duration == pytest.approx(1.2, abs=0.1)


def test_form_without_scripts_has_no_choice_that_nothing_is_made_of(
    open_page: OpenPage, live_server: str
) -> None:
    page = open_page(live_server)
    page.get_by_text("Titles and captions").click()
    expect(page.locator("#place-make").get_by_label("Title at the end")).to_be_visible()
    language = page.locator('[name="voice_language"]')
    expect(language).to_have_count(1)  # with JavaScript there is narration to choose one for
    expect(language).to_be_hidden()
    expect(page.locator('[name="narration_captions"]')).to_be_hidden()


def test_way_back_from_a_refusal_keeps_what_was_filled_in(
    open_page: OpenPage, live_server: str, video_path: Path
) -> None:
    page = open_page(live_server)
    cut = page.locator("#place-cut")
    cut.get_by_label("Choose a video").set_input_files(video_path)
    cut.get_by_label("Start, seconds").fill("3")
    cut.get_by_label("End, seconds").fill("1.7")
    cut.get_by_label("Square 1:1").check()
    cut.get_by_role("button", name="Make clip").click()
    expect(page.get_by_text("End must be at least 0.1 seconds after start.")).to_be_visible()
    expect(page.get_by_text("what you filled in is still there")).to_be_visible()
    page.go_back()
    expect(cut.get_by_label("Start, seconds")).to_have_value("3")
    expect(cut.get_by_label("Square 1:1")).to_be_checked()
    expect(cut.get_by_label("Choose a video")).to_have_value(re.compile(re.escape(video_path.name)))


def test_form_without_a_file_leads_back_to_the_form(open_page: OpenPage, live_server: str) -> None:
    page = open_page(live_server)
    page.get_by_role("button", name="Make slideshow").click()
    expect(page.get_by_text("No file was chosen: go back and choose one.")).to_be_visible()
    page.get_by_role("link", name="Back to the form").click()
    expect(page.get_by_label("Choose photos")).to_be_visible()


def test_job_is_cancelled_without_scripts(
    open_page: OpenPage, start_service: StartServer, redis_url: str, photo_paths: list[Path]
) -> None:
    page = open_page(start_service({"REDIS_URL": redis_url}))
    fill_slideshow(page, photo_paths[:1])
    page.get_by_role("button", name="Make slideshow").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Your slideshow was cancelled")).to_be_visible()


@pytest.mark.parametrize("width", [320, 360, 1440])
def test_plain_form_is_as_wide_as_the_window(
    browser: Browser, live_server: str, width: int
) -> None:
    context = open_context(
        browser, java_script_enabled=False, viewport={"width": width, "height": 800}
    )
    page = context.new_page()
    page.goto(live_server)
    picture = page.screenshot(full_page=True)
    assert Image.open(BytesIO(picture)).width == width  # it is as wide as what it shows
    expect(page.locator("#place-make")).to_be_visible()
    expect(page.locator("#place-cut")).to_be_visible()
    context.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = open_context(browser, viewport={"width": 1280, "height": 900})
    yield context
    context.close()


def test_scripts_that_come_late_take_over_what_was_chosen_before(
    context: BrowserContext, live_server: str, photo_paths: list[Path], song_path: Path
) -> None:
    page = context.new_page()
    held: list[Route] = []
    page.route(SCRIPTS, lambda route: held.append(route))
    page.goto(live_server, wait_until="commit")
    make = page.locator("#place-make")
    page.get_by_label("Choose photos").set_input_files(photo_paths[:2])
    make.get_by_label("Add music").set_input_files(song_path)
    make.get_by_label("Seconds per photo").fill("2.5")
    make.locator("label", has_text="Push").click()
    make.get_by_label("Motion").select_option("Zoom in")
    make.get_by_text("Titles and captions").click()
    make.get_by_label("Title at the start").fill("Our summer")
    wait_for(page, lambda: bool(held))
    expect(page.locator(".photo")).to_have_count(0)
    for route in held:
        route.continue_()
    page.unroute(SCRIPTS)

    def check() -> None:
        expect(page.locator(".photo[data-state=ready]")).to_have_count(2, timeout=RENDER_MS)
        expect(page.get_by_role("list", name="Your music, in order")).to_contain_text("0:0")
        expect(make.get_by_label("Seconds per photo")).to_have_value("2.5")
        expect(make.get_by_role("radio", name="Push")).to_be_checked()
        expect(make.get_by_label("Motion")).to_have_value("zoom_in")
        expect(make.get_by_label("Title at the start")).to_have_value("Our summer")
        expect(make.locator("[data-part=sum]")).to_contain_text("2 photos")

    check()
    expect(page.locator("#late-note")).to_have_count(0)
    save_draft(page)
    expect(page).to_have_url(re.compile("#/s/"))
    page.reload()
    check()  # it is in the draft


def test_scripts_that_do_not_come_are_told_of_and_not_needed(
    context: BrowserContext, live_server: str, photo_paths: list[Path]
) -> None:
    page = context.new_page()
    page.route(SCRIPTS, lambda route: route.abort())
    page.goto(live_server)
    note = page.get_by_text("This page has not loaded completely.")
    expect(note).to_be_hidden()  # they may still come
    page.evaluate(END_WAITS)
    expect(note).to_be_visible()
    fill_slideshow(page, photo_paths[:1])
    page.get_by_role("button", name="Make slideshow").click()
    expect(page.get_by_role("heading", name=MADE_OR_MAKING)).to_be_visible()
