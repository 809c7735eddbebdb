"""The states of the page: how each is reached, and what holds it still."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, Response, Route, expect

from tests.browsing import RENDER_MS, rest, wait_for_estimate
from tests.page import desk
from tests.test_page import (
    add_music,
    choose_photos,
    find_bikes,
    get_place,
    go,
    route_orders,
)

NOW = "2026-07-14T12:00:00Z"
MANY = 36
SMALL = 56.25 * 16  # pixels of a window's width, below which the panel's parts are drawers

SEEK = """(range, frame) => {
    range.value = frame;
    range.dispatchEvent(new Event('input', {bubbles: true}));
}"""
# What browsers draw over a video is their business, and changes as they load it.
LOAD = """video => new Promise((resolve) => {
    video.controls = false;
    video.preload = 'auto'; // or it may stop before the first frame
    if (video.readyState >= 2) resolve();
    video.addEventListener('loadeddata', () => resolve());
})"""
# What a video shows: machines decode it differently, and draw its strip when they can.
HIDE_VIDEO = """place => {
    for (const each of place.querySelectorAll('video, .screen-sides, .trim .strip')) {
        each.style.visibility = 'hidden';
    }
}"""
# Letters that no font here has.
RUNES = "\u16a0\u16a2\u16a6"
FAILED = {
    "status": "failed",
    "progress": 37,
    "stage": "rendering",
    "message": "The photo coffee.png is damaged, and the slideshow cannot be made with it.",
    "error": "The photo coffee.png is damaged, and the slideshow cannot be made with it.",
}
WAITING = {"status": "queued", "progress": 0, "stage": "queued", "queue_position": 3}
RENDERING = {"status": "started", "progress": 42, "stage": "rendering", "eta_seconds": 75}


@dataclass(frozen=True)
class Files:
    """What is given to the page."""

    photos: list[Path]
    song: Path
    folder: Path  # for files that a state makes

    def make_many(self) -> list[Path]:
        """Return many small photos."""
        paths = [self.folder / f"IMG_{4000 + number}.jpg" for number in range(MANY)]
        for number, path in enumerate(paths):
            with Image.open(self.photos[number % len(self.photos)]) as photo:
                photo.convert("RGB").reduce(2).save(path)
        return paths


@dataclass(frozen=True)
class State:
    """A state of the page.

    Attributes:
        reach: brings the freshly opened page there, in a window of 1440 pixels.
        fit: does what is left to do in a window of another size.
        address: within the site.
        prepare: does what has to be done before the page is opened.
        is_desk: whether it is a state of the operators' page.
    """

    reach: Callable[[Page, Files], object] = lambda _page, _files: None
    fit: Callable[[Page, bool], object] = lambda _page, _is_small: None
    address: str = ""
    prepare: Callable[[Page], object] = lambda _page: None
    is_desk: bool = False


def fill(page: Page, paths: list[Path]) -> None:
    """Upload photos, and wait until the page knows what comes of them."""
    choose_photos(page, paths)
    expect(page.locator(".photo[data-state=ready]")).to_have_count(len(paths), timeout=RENDER_MS)
    expect(page.get_by_text("made in about")).to_be_visible(timeout=RENDER_MS)
    wait_for_estimate(page.locator("#place-make"))


def fill_some(page: Page, files: Files) -> None:
    fill(page, files.photos)


def is_estimate(response: Response) -> bool:
    """Tell whether a response says what comes of all that is chosen, not of a look alone."""
    return response.url.endswith("/generate_video") and "fps" in (
        response.request.post_data_json or {}
    )


def send(page: Page, files: Files) -> None:
    """Have two photos arrive, and two more on their way for ever."""
    fill(page, files.photos[:2])
    page.route("**/upload_images", lambda _route: None)
    choose_photos(page, files.photos[2:])
    expect(page.get_by_role("button", name="Sending files")).to_be_visible()


def fill_many(page: Page, files: Files) -> None:
    fill(page, files.make_many())
    page.get_by_title("IMG_4005.jpg").click()
    page.get_by_title("IMG_4007.jpg").click(modifiers=["Shift"])


def open_sheet(page: Page, name: str) -> None:
    """Open the settings of a photo without scrolling to it: all are in sight."""
    rest(page)
    page.get_by_title(name).dblclick()


def edit(page: Page, files: Files) -> None:
    fill(page, files.photos)
    open_sheet(page, "rocket.jpg")
    with page.expect_response(is_estimate):
        page.get_by_role("dialog").get_by_label("Caption").fill("Off to the moon, at last")
    page.get_by_role("dialog").get_by_label("Seconds of this photo").focus()


def seek(page: Page, files: Files) -> None:
    """Have the stage show the middle of a transition, with a caption."""
    fill(page, files.photos)
    open_sheet(page, "coffee.png")
    with page.expect_response(is_estimate):
        page.get_by_role("dialog").get_by_label("Caption").fill("Breakfast by the window")
    page.keyboard.press("Escape")
    page.get_by_label("Time in the preview").evaluate(SEEK, 78)
    expect(page.locator(".stage canvas")).to_have_attribute("data-frame", "78")


def add_song(page: Page, files: Files) -> None:
    fill(page, files.photos)
    add_music(page, "Make a slideshow", files.song)
    music = page.get_by_role("list", name="Your music, in order")
    expect(music).to_contain_text("0:04")
    page.get_by_text("Only a part", exact=True).first.click()
    with page.expect_response(is_estimate):
        page.get_by_label("To, seconds").first.fill("3")


def write_words(page: Page, files: Files) -> None:
    fill(page, files.photos)
    page.get_by_text("Titles and captions", exact=True).click()
    page.get_by_label("Title at the start").first.fill("Our summer")
    with page.expect_response(is_estimate):
        page.get_by_label("Smaller line at the start").first.fill("Norway, 2026")


def open_more(page: Page, files: Files) -> None:
    fill(page, files.photos)
    with page.expect_response(is_estimate):
        page.get_by_role("radio", name="Wipe").check()
    get_place(page, "Make a slideshow").get_by_text("More", exact=True).click()
    page.get_by_label("Colour behind transparent photos").scroll_into_view_if_needed()


def refuse(page: Page, files: Files) -> None:
    """Give files that are not taken."""
    letter, torn = files.folder / "letter.txt", files.folder / "torn.jpg"
    letter.write_text("Dear all")
    torn.write_bytes(b"no picture at all")
    fill(page, files.photos[:2])
    choose_photos(page, [letter, torn])
    expect(get_refused(page)).to_contain_text("torn.jpg")
    expect(get_refused(page)).to_contain_text("letter.txt")
    expect(page.get_by_text("made in about")).to_be_visible()


def get_refused(page: Page) -> Any:
    return page.get_by_role("list", name="Files that were not taken")


def write_runes(page: Page, files: Files) -> None:
    """Write a caption that no font has the letters of."""
    fill(page, files.photos)
    open_sheet(page, "rocket.jpg")
    page.get_by_role("dialog").get_by_label("Caption").fill(RUNES)
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("No installed font")
    page.keyboard.press("Escape")


def write_number(page: Page, files: Files) -> None:
    """Write a number that is too large."""
    fill(page, files.photos)
    page.get_by_label("Seconds per photo").fill("99")
    page.get_by_label("Seconds per photo").blur()


def order(status: dict[str, Any]) -> Callable[[Page, Files], None]:
    """Return what orders a slideshow that stays in a status for ever."""

    def answer(route: Route, job_id: str) -> None:
        told = {"job_id": job_id, "kind": "slideshow", "created_at": NOW, "result": None, **status}
        route.fulfill(json=told)

    def reach(page: Page, files: Files) -> None:
        fill(page, files.photos)

        def accept(route: Route) -> None:
            job_id = str((route.request.post_data_json or {})["job_id"])
            page.route("**/job_status/*", lambda route: answer(route, job_id))
            answer(route, job_id)

        route_orders(page, accept)
        page.get_by_role("button", name="Make slideshow").click()
        state = "failed" if status["status"] == "failed" else status["status"]
        expect(page.locator(f".job[data-state={state}]")).to_be_visible()

    return reach


def make(size: str) -> Callable[[Page, Files], None]:
    """Return what makes a short slideshow of a size."""

    def reach(page: Page, files: Files) -> None:
        fill(page, files.photos[:2])
        make_short(page, size)

    return reach


def make_short(page: Page, size: str) -> None:
    page.get_by_label("Seconds per photo").fill("0.5")
    page.get_by_label("Transition seconds").fill("0.2")
    page.get_by_role("radio", name=size, exact=True).check()
    page.get_by_role("button", name="Make slideshow").click()
    heading = page.get_by_role("heading", name="Your slideshow is ready")
    expect(heading).to_be_visible(timeout=RENDER_MS)
    page.locator(".job video").evaluate(LOAD)


def collect(page: Page, files: Files) -> None:
    """Make two videos, and begin a draft."""
    page.route(re.compile("/jobs[?]"), date_jobs)
    fill(page, files.photos[:2])
    make_short(page, "Draft 640\u00d7360")
    page.get_by_role("button", name="Back to editing").click()
    page.get_by_text("Titles and captions", exact=True).click()
    page.get_by_label("Title at the start").first.fill("A day at the sea")
    make_short(page, "Square 1080\u00d71080")
    go(page, "My videos")
    expect(page.locator(".card")).to_have_count(2)


def date_jobs(route: Route) -> None:
    """Have all jobs come from one moment."""
    answer = route.fetch().json()
    for job in answer["jobs"]:
        job.update({key: NOW for key in ("created_at", "ended_at") if key in job})
    route.fulfill(json=answer)


def cut(page: Page, files: Files) -> None:
    video = shutil.copy(find_bikes(), files.folder / "bikes.mp4")
    page.get_by_label("Choose a video").set_input_files(video)
    expect(page.get_by_role("button", name="Make clip")).to_be_enabled(timeout=RENDER_MS)
    page.get_by_label("Start, seconds").fill("2")
    page.get_by_label("End, seconds").fill("6")
    expect(page.get_by_text("made in about")).to_be_visible(timeout=RENDER_MS)
    show_cut(page)


def cut_parts(page: Page, files: Files) -> None:
    """Cut two parts, of which the second has a crop of its own."""
    cut(page, files)
    page.locator("#place-cut label", has_text="Fill and crop").click()
    page.get_by_role("button", name="Add another part").click()
    page.get_by_label("End, seconds").fill("8")
    page.get_by_label("Crop of part 2").select_option("This part only")
    page.get_by_role("slider", name="Crop").press("End")
    expect(page.get_by_text("made in about")).to_be_visible(timeout=RENDER_MS)
    page.get_by_role("slider", name="Crop").blur()
    show_cut(page)


def show_cut(page: Page) -> None:
    """Show the head of Cut, without what the video shows."""
    page.locator("#place-cut video").evaluate(LOAD)
    page.locator("#place-cut").evaluate(HIDE_VIDEO)
    page.get_by_label("End, seconds").blur()
    page.evaluate("scrollTo(0, 0)")


def pass_screen(page: Page, is_small: bool) -> None:
    """Scroll to the end of a window that keeps the screen in sight."""
    if is_small:
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        expect(page.locator(".screen-slot.passed")).to_be_attached()


def open_drawer(name: str) -> Callable[[Page, bool], None]:
    """Return what opens a drawer where the window has drawers."""

    def fit(page: Page, is_small: bool) -> None:
        drawer = page.locator(f"#drawer-{name}")
        if is_small and not drawer.evaluate("drawer => drawer.matches(':popover-open')"):
            page.locator(f"[popovertarget=drawer-{name}].chip").click()

    return fit


def show_desk(*, is_busy: bool) -> State:
    """Return a state of the operators' page."""
    return State(
        lambda page, _files: desk.await_all(page),
        address="admin",
        prepare=lambda page: desk.tell(page, is_busy=is_busy),
        is_desk=True,
    )


def confirm(page: Page, _files: Files) -> None:
    """Have the operators' page ask whether it is to clean up."""
    desk.await_all(page)
    page.get_by_role("button", name="Clean up").click()
    expect(page.get_by_role("dialog")).to_be_visible()


STATES = {
    "empty": State(),
    "sending": State(send),
    "photos": State(fill_some),
    "photos-drawer": State(fill_some, fit=open_drawer("photos")),
    "many": State(fill_many),
    "settings": State(edit),
    "stage": State(seek),
    "music": State(add_song, fit=open_drawer("music")),
    "look": State(fill_some, fit=open_drawer("look")),
    "more": State(open_more, fit=open_drawer("look")),
    "text": State(write_words, fit=open_drawer("text")),
    "refused": State(refuse),
    "faults": State(write_runes),
    "number": State(write_number, fit=open_drawer("look")),
    "waiting": State(order(WAITING)),
    "rendering": State(order(RENDERING)),
    "failed": State(order(FAILED)),
    "finished-wide": State(make("Draft 640\u00d7360")),
    "finished-tall": State(make("Phone 1080\u00d71920")),
    "videos-empty": State(address="#/videos"),
    "videos": State(collect),
    "cut-empty": State(address="#/cut"),
    "cut": State(cut, address="#/cut"),
    "cut-parts": State(cut_parts, address="#/cut", fit=pass_screen),
    "sign-in": State(address="sign_in"),
    "desk": show_desk(is_busy=True),
    "desk-quiet": show_desk(is_busy=False),
    "desk-confirm": replace(show_desk(is_busy=True), reach=confirm),
}
