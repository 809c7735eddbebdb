"""The places of the page, its drafts and its list of videos, in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Request,
    Route,
    expect,
)

from tests.axe import find_faults_of_themes
from tests.browsing import (
    RENDER_MS,
    check_width,
    listen,
    measure,
    measure_all,
    open_context,
    resize,
    rest,
    save_draft,
    show_as,
    visit,
    wait_for,
)
from tests.conftest import StartServer, find_files
from tests.test_page import (
    READ_DURATION,
    STATUS,
    browser,  # noqa: F401  # a fixture
    choose_photos,
    expect_photos,
    find_bikes,
    hold_status,
    make_slideshow,
    open_clip,
    open_settings,
    route_orders,
)

FUTURE = datetime(2100, 1, 1)
ENDED = "2026-11-26T15:00:00Z"
TOKEN = "a-token-that-is-long-enough-0123456789"
OTHER_TOKEN = "another-token-that-is-long-0123456789"
UNKNOWN = "5f0c6f6e-8d07-4c4f-9f8e-0f8f3c6f9a10"

COPY_DRAFT = """() => {
    const key = Object.keys(localStorage).find((each) => each.startsWith('reelqueue.draft.'));
    const draft = JSON.parse(localStorage.getItem(key));
    const copy = {...draft, id: 'copy', revision: 1, changed: draft.changed + 1000};
    localStorage.setItem('reelqueue.draft.copy', JSON.stringify(copy));
}"""
LIST_KEPT = (
    """() => Object.keys(localStorage).filter((key) => key.startsWith('reelqueue.draft.'))"""
)
ARE_KEPT = """(count) => new Promise((resolve) => {
    indexedDB.open('reelqueue').onsuccess = ({target: {result: database}}) => {
        database.transaction('unsent').objectStore('unsent').count().onsuccess =
            ({target}) => { database.close(); resolve(target.result === count); };
    };
})"""
READ_PICTURES = """() => {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith('reelqueue.draft.'));
    return keys.flatMap((key) => JSON.parse(localStorage.getItem(key)).picture ?? []);
}"""

OpenTab = Callable[..., Page]


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the consoles of all tabs say, which fails the test."""
    complaints: list[str] = []
    yield complaints
    assert complaints == []


@pytest.fixture
def context(
    browser: Browser,  # noqa: F811  # the fixture
    complaints: list[str],
) -> Iterator[BrowserContext]:
    """A browser of one person."""
    context = open_context(browser, viewport={"width": 1280, "height": 900})
    listen(context, complaints)
    yield context
    context.close()


@pytest.fixture
def open_tab(live_server: str, context: BrowserContext) -> OpenTab:  # tabs are closed first
    """Open a tab at an address of the page."""

    def open_tab(fragment: str = "") -> Page:
        page = context.new_page()
        visit(page, live_server + fragment)
        return page

    return open_tab


def go(page: Page, place: str) -> None:
    page.get_by_role("navigation", name="Places").get_by_role("link", name=place).click()


def choose_quick(page: Page) -> None:
    page.get_by_label("Seconds per photo").fill("0.5")
    page.get_by_label("Transition seconds").fill("0.2")
    page.get_by_role("radio", name="Draft").check()
    expect(page.get_by_role("button", name="Make slideshow")).to_be_enabled()


def read_fragment(page: Page) -> str:
    return str(page.evaluate("location.hash"))


def expect_address(page: Page, fragment: str) -> None:
    expect(page).to_have_url(re.compile(re.escape(fragment) + "$"))


def wait_for_draft(page: Page) -> str:
    """Wait until the address is that of a draft, and return its fragment."""
    page.wait_for_url(re.compile(r"#/s/"))
    save_draft(page)
    return read_fragment(page)


def wait_for_video(page: Page) -> str:
    expect(page.get_by_role("heading", name="is ready")).to_be_visible(timeout=RENDER_MS)
    return read_fragment(page)


def make_quick(page: Page, paths: list[Path]) -> str:
    """Make a short slideshow and return the fragment of its address."""
    choose_photos(page, paths)
    choose_quick(page)
    make_slideshow(page)
    return wait_for_video(page)


def list_cards(page: Page) -> Locator:
    videos = page.get_by_role("list", name="Videos, the newest first")
    return videos.locator("> li")


# --- addresses ----------------------------------------------------------------------------------


def test_no_address_scrolls_the_head_out_of_sight(open_tab: OpenTab) -> None:
    for fragment in ("", "#slideshow", "#clip", "#/make", "#/videos", "#/nowhere"):
        page = open_tab(fragment)
        for _ in range(2):
            expect(page.locator(".places [aria-current=page]")).to_be_in_viewport()
            rest(page)
            assert page.evaluate("scrollY") == 0, fragment
            page.reload()
        page.close()


def test_earlier_bookmark_of_clips_leads_to_cut(open_tab: OpenTab) -> None:
    expect(open_tab("#clip").get_by_label("Choose a video")).to_be_attached()
    expect(open_tab("#clip").get_by_role("region", name="Cut a clip")).to_be_visible()


def test_back_and_forward_lead_through_places_drafts_and_videos(
    open_tab: OpenTab, photo_paths: list[Path]
) -> None:
    page = open_tab()
    video = make_quick(page, photo_paths[:2])
    page.go_back()
    expect(page.get_by_role("button", name="Make slideshow")).to_be_visible()
    draft = wait_for_draft(page)
    expect(page.locator(".photo")).to_have_count(2)
    go(page, "Cut")
    go(page, "My videos")
    expect(list_cards(page)).to_have_count(1)
    page.go_back()
    expect(page.get_by_role("region", name="Cut a clip")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="Make slideshow")).to_be_visible()
    expect_address(page, draft)
    page.go_forward()
    page.go_forward()
    expect(list_cards(page)).to_have_count(1)
    page.get_by_role("link", name="Slideshow: 2 photos", exact=True).click()
    expect(page.get_by_role("heading", name="Your slideshow is ready")).to_be_focused()
    expect_address(page, video)


def test_address_of_a_video_opens_it_without_anything_kept_in_the_browser(
    open_tab: OpenTab, photo_paths: list[Path]
) -> None:
    page = open_tab()
    video = make_quick(page, photo_paths[:1])
    page.evaluate("localStorage.clear()")
    page.close()
    other = open_tab(video)
    wait_for_video(other)
    player = other.get_by_label("Your slideshow", exact=True)
    assert player.evaluate(READ_DURATION) == pytest.approx(0.5, abs=0.1)
    expect(other.get_by_role("button", name="Back to editing")).to_be_hidden()


def test_draft_that_is_not_there_is_said(open_tab: OpenTab) -> None:
    page = open_tab(f"#/s/{UNKNOWN}")
    expect(page.get_by_text("This draft is not in this browser")).to_be_visible()
    expect(page.get_by_text("Choose photos")).to_be_visible()


# --- drafts -------------------------------------------------------------------------------------


def test_draft_survives_a_reload_and_a_closed_tab_with_all_its_settings(
    open_tab: OpenTab, photo_paths: list[Path], song_path: Path
) -> None:
    page = open_tab()
    choose_photos(page, photo_paths[:3])
    choose_quick(page)
    page.get_by_role("region", name="Make").get_by_label("Add music").set_input_files(song_path)
    page.get_by_label("End with the music").check()
    page.get_by_role("radio", name="Other", exact=True).check()
    page.get_by_role("radio", name="Zoom", exact=True).check()
    page.get_by_label("Motion").first.select_option("kenburns")
    page.get_by_text("Titles and captions").click()
    page.get_by_label("Title at the start").fill("Our summer")
    open_settings(page, photo_paths[1].name)
    page.get_by_role("dialog").get_by_label("Caption").fill("The sea")
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name=f"Photo 1 of 3, {photo_paths[0].name}").press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    names = [photo_paths[number].name for number in (1, 0, 2)]
    expect_photos(page, names)
    draft = wait_for_draft(page)

    def check(shown: Page) -> None:
        expect(shown.get_by_role("button", name="Make slideshow")).to_be_enabled()
        expect_photos(shown, names)
        expect(shown.get_by_label("End with the music")).to_be_checked()
        expect(shown.locator("[name=transition][value=zoom]")).to_be_checked()
        expect(shown.get_by_role("radio", name="Draft")).to_be_checked()
        expect(shown.get_by_label("Motion").first).to_have_value("kenburns")
        expect(shown.locator("#place-make [name=title]")).to_have_value("Our summer")
        expect(shown.locator(".songs").first.locator("b")).to_have_text(["tune.mp3"])
        open_settings(shown, photo_paths[1].name)
        expect(shown.get_by_role("dialog").get_by_label("Caption")).to_have_value("The sea")
        shown.get_by_role("button", name="Done").click()

    page.reload()
    check(page)
    page.close()
    later = open_tab()
    expect(later.get_by_text("You have a draft: Our summer, today.")).to_be_visible()
    expect_photos(later, [])
    later.get_by_role("link", name="Continue").click()
    check(later)
    expect_address(later, draft)
    expect(later.get_by_text("You have a draft")).to_be_hidden()


def test_draft_is_deleted_after_a_question(open_tab: OpenTab, photo_paths: list[Path]) -> None:
    page = open_tab()
    choose_photos(page, photo_paths[:1])
    wait_for_draft(page)
    go(page, "My videos")
    draft = page.get_by_role("list", name="Drafts").get_by_role("listitem")
    delete = draft.get_by_role("button", name="Delete: the draft")
    keep = draft.get_by_role("button", name="Keep it")
    delete.click()
    expect(draft.get_by_text("Delete this draft for good?")).to_be_visible()
    expect(keep).to_be_focused()
    other = open_tab()
    other.evaluate(COPY_DRAFT)
    expect(draft).to_have_count(2)
    expect(keep).to_be_focused()
    other.evaluate("() => localStorage.removeItem('reelqueue.draft.copy')")
    expect(draft).to_have_count(1)
    other.close()
    page.bring_to_front()
    keep.click()
    expect(delete).to_be_focused()
    expect(keep).to_be_hidden()
    delete.click()
    draft.get_by_role("button", name="Delete it").click()
    expect(draft).to_have_count(0)
    assert page.evaluate(LIST_KEPT) == []


def test_draft_of_a_clip_survives_with_its_video_cut_captions_and_settings(
    open_tab: OpenTab, song_path: Path
) -> None:
    page = open_tab("#/cut")
    clip = page.get_by_role("region", name="Cut a clip")
    page.get_by_label("Choose a video").set_input_files(find_bikes())
    expect(page.get_by_role("button", name="Make clip")).to_be_enabled()
    page.get_by_label("Start, seconds").fill("1")
    page.get_by_label("End, seconds").fill("2")
    page.get_by_role("button", name="Add another part").click()
    page.get_by_label("Start, seconds").fill("4")
    page.get_by_label("End, seconds").fill("5.5")
    page.get_by_role("radio", name="Square").check()
    clip.get_by_label("Add music").set_input_files(song_path)
    clip.get_by_label("Music volume").fill("0.25")
    page.get_by_text("Captions optional").click()
    page.get_by_role("button", name="Add a line").click()
    page.get_by_role("textbox", name="Text", exact=True).fill("Here they come")
    wait_for_draft(page)
    with page.expect_response("**/generate_clip") as said:
        page.get_by_label("To, seconds").last.fill("5")
    before = said.value.request.post_data_json
    save_draft(page)
    page.close()
    later = open_tab("#/cut")
    with later.expect_response("**/generate_clip") as said:
        later.get_by_role("link", name="Continue").click()
    expect(later.get_by_role("button", name="Make clip")).to_be_enabled()
    assert said.value.request.post_data_json == before
    video = later.get_by_label("Your video")
    expect(video).to_be_visible()
    assert video.evaluate(READ_DURATION) == pytest.approx(10, abs=0.2)
    parts = later.get_by_role("list", name="Parts of the clip").get_by_role("listitem")
    expect(parts).to_have_text(["Part 1: 0:01 to 0:02", "Part 2: 0:04 to 0:05.5"])


def test_settings_of_a_clip_survive_before_its_video_is_chosen(
    open_tab: OpenTab, photo_paths: list[Path]
) -> None:
    page = open_tab("#/cut")
    place = page.get_by_role("region", name="Cut a clip").get_by_label("Where it goes")
    place.select_option("instagram")
    draft = wait_for_draft(page)
    go(page, "Make")
    choose_photos(page, photo_paths[:1])  # which brings a session
    wait_for(page, lambda: read_fragment(page) != draft)
    wait_for_draft(page)
    page.reload()
    expect(page.locator(".photo[data-state=ready]")).to_have_count(1)
    go(page, "Cut")
    expect(place).to_have_value("instagram")
    place.select_option("")
    save_draft(page)
    expect_address(page, "#/cut")
    go(page, "My videos")
    expect(page.get_by_role("link", name="1 photo")).to_be_visible()
    expect(page.get_by_role("link", name="0 videos")).to_be_hidden()


def test_draft_of_a_clip_is_seen_as_it_begins(open_tab: OpenTab) -> None:
    page = open_tab("#/cut")
    page.get_by_label("Choose a video").set_input_files(find_bikes())
    expect(page.get_by_role("button", name="Make clip")).to_be_enabled()
    strip = page.locator(".trim .strip span[style]")
    expect(strip).to_have_count(12)
    frames = strip.evaluate_all("frames => frames.map((frame) => frame.style.backgroundImage)")

    def check(frame: int) -> None:
        wait_for_draft(page)
        save_draft(page)
        go(page, "My videos")
        address = frames[frame].removeprefix('url("').removesuffix('")')
        expect(page.locator(".draft img")).to_have_attribute("src", address)

    check(0)
    page.go_back()
    page.get_by_label("Start, seconds").fill("4")
    check(5)  # of twelve, the first in the part


def test_tabs_do_not_overwrite_each_other_s_drafts_and_videos(
    open_tab: OpenTab, photo_paths: list[Path]
) -> None:
    one, other = open_tab(), open_tab()
    first = make_quick(one, photo_paths[:1])
    second = make_quick(other, photo_paths[1:3])
    assert first != second
    for page, count, fragment in ((one, 1, first), (other, 2, second)):
        page.reload()
        wait_for_video(page)
        expect_address(page, fragment)
        page.get_by_role("button", name="Back to editing").click()
        expect(page.locator(".photo")).to_have_count(count)
    go(one, "My videos")
    expect(list_cards(one)).to_have_count(2)
    drafts = one.get_by_role("list", name="Drafts").get_by_role("listitem")
    expect(drafts).to_have_count(0)  # each is seen as its video


def read_stored(page: Page, draft: str) -> str:
    """Return what a tab knows of a draft that is stored."""
    key = draft.replace("#/s/", "reelqueue.draft.")
    return str(page.evaluate("key => localStorage[key]", key))


def test_draft_in_two_tabs_is_followed_and_what_both_change_becomes_two(
    open_tab: OpenTab, context: BrowserContext, photo_paths: list[Path]
) -> None:
    context.clock.install()
    one = open_tab()
    choose_photos(one, photo_paths[:2])
    choose_quick(one)
    draft = wait_for_draft(one)
    other = open_tab(draft)
    expect(other.locator(".photo")).to_have_count(2)
    one.get_by_label("Seconds per photo").fill("1.5")
    expect(other.get_by_label("Seconds per photo")).to_have_value("1.5")
    # Both change it before either can know of the other's change: for both, time stands still.
    context.clock.pause_at(FUTURE)
    one.get_by_label("Seconds per photo").fill("2")
    other.get_by_label("Seconds per photo").fill("4")
    save_draft(one)
    wait_for(other, lambda: '"duration":"2"' in read_stored(other, draft))
    context.clock.resume()
    expect(other.get_by_text("You are going on with a copy of your own.")).to_be_visible()
    copy = wait_for_draft(other)
    assert copy != draft
    for fragment, seconds in ((draft, "2"), (copy, "4")):
        shown = open_tab(fragment)
        expect(shown.get_by_label("Seconds per photo")).to_have_value(seconds)


def answer_late(route: Route) -> None:
    """Have an answer come after the page would ask for an estimate."""
    time.sleep(1)
    route.continue_()


def test_uploads_that_were_cleared_are_named_and_do_not_block_the_draft(
    open_tab: OpenTab, photo_paths: list[Path], tmp_path: Path
) -> None:
    page = open_tab()
    choose_photos(page, photo_paths[:3])
    choose_quick(page)
    wait_for_draft(page)
    for path in find_files(tmp_path / "data", "media.json")[:2]:
        path.unlink()
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    page.route("**/sessions/*", answer_late)
    page.reload()
    expect(page.get_by_text("No longer on the server:")).to_be_visible()
    expect(page.locator(".photo")).to_have_count(1)
    choose_photos(page, photo_paths[:1])
    expect(page.locator(".photo")).to_have_count(2)
    make_slideshow(page)
    wait_for_video(page)


def test_whole_session_that_was_cleared_is_begun_again(
    open_tab: OpenTab, photo_paths: list[Path], live_server: str
) -> None:
    page = open_tab()
    choose_photos(page, photo_paths[:2])
    choose_quick(page)
    draft = wait_for_draft(page)
    session = page.evaluate(
        "JSON.parse(localStorage['reelqueue.draft.' + location.hash.slice(4)]).session"
    )
    page.goto("about:blank")  # so that the page asks for nothing meanwhile
    assert page.request.delete(f"{live_server}/sessions/{session}").ok
    visit(page, f"{live_server}/{draft}")
    expect(page.get_by_text(f"No longer on the server: {photo_paths[0].name}")).to_be_visible()
    expect(page.locator(".photo")).to_have_count(0)
    choose_photos(page, photo_paths[:1])
    make_slideshow(page)
    wait_for_video(page)


# --- jobs ---------------------------------------------------------------------------------------


def test_order_asks_for_nothing_that_is_not_there(
    open_tab: OpenTab, photo_paths: list[Path]
) -> None:
    page = open_tab()
    codes: list[int] = []
    page.on("response", lambda response: codes.append(response.status))
    make_quick(page, photo_paths[:2])
    assert max(codes) < 400


def order_long(page: Page, paths: list[Path]) -> None:
    """Order a slideshow that takes long to render."""
    choose_photos(page, paths)
    page.get_by_label("Seconds per photo").fill("60")
    page.get_by_label("Motion").first.select_option("kenburns")
    page.get_by_role("radio", name=re.compile("^Phone")).check()
    expect(page.get_by_role("button", name="Make slideshow")).to_be_enabled()
    make_slideshow(page)
    expect(page.get_by_role("heading", name="Making your slideshow")).to_be_visible()


def order_in_tray(page: Page) -> None:
    """Order a short slideshow of which the page does not hear that it is ready, and edit on."""
    choose_quick(page)
    hold_status(page)
    make_slideshow(page)
    page.get_by_role("button", name="Back to editing").click()


def test_job_goes_on_in_the_tray_while_one_edits(
    open_tab: OpenTab, photo_paths: list[Path]
) -> None:
    page = open_tab()
    order_long(page, photo_paths[:2])
    tray = page.get_by_role("complementary", name="Videos in the making")
    expect(tray).to_be_hidden()
    page.get_by_role("button", name="Back to editing").click()
    expect(tray.get_by_role("link", name="Making your slideshow")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\d+ % · Reelqueue$"))
    go(page, "Cut")
    expect(tray).to_be_visible()
    other = open_tab("#/videos")
    expect(other.get_by_role("complementary").get_by_role("link")).to_have_count(1)
    tray.get_by_role("link", name="Making your slideshow").click()
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_role("heading", name="Your slideshow was cancelled")).to_be_visible()
    expect(page.locator(".reel")).to_be_visible()  # what was cancelled
    expect(page.locator(".job").get_by_text("2 photos")).to_be_visible()
    expect(tray).to_be_hidden()
    expect(list_cards(other)).to_contain_text(["Cancelled"])


def test_video_that_gets_ready_while_one_edits_is_told(
    open_tab: OpenTab, photo_paths: list[Path]
) -> None:
    page = open_tab()
    choose_photos(page, photo_paths[:2])
    order_in_tray(page)
    show_as(page, "hidden")
    page.unroute(STATUS)
    tray = page.get_by_role("complementary", name="Videos in the making")
    expect(tray).to_contain_text("Your slideshow is ready", timeout=RENDER_MS)
    expect(tray.get_by_text("Watch", exact=True)).to_be_visible()
    assert tray.get_by_role("link").first.evaluate(READ_LINE) == "none"  # no progress goes on
    expect(page).to_have_title("Your slideshow is ready · Reelqueue")
    show_as(page, "visible")
    expect(page).to_have_title("Reelqueue")
    tray.get_by_role("link", name="Your slideshow is ready").click()
    wait_for_video(page)
    expect(tray).to_be_hidden()


def test_video_that_is_put_away_leaves_the_focus_on_the_page(
    open_tab: OpenTab, photo_paths: list[Path]
) -> None:
    page = open_tab()
    choose_photos(page, photo_paths[:1])
    order_in_tray(page)
    failed = {"status": "failed", "error": "A photo is damaged."}
    page.unroute(STATUS)
    page.route(STATUS, lambda route: route.fulfill(json=failed))
    tray = page.get_by_role("complementary", name="Videos in the making")
    tray.get_by_role("button", name="Put away").press("Enter")
    expect(tray).to_be_hidden()
    expect(page.get_by_role("heading", name="Make a slideshow")).to_be_focused()


def test_focus_stays_in_the_form_when_a_draft_is_continued(
    open_tab: OpenTab, photo_paths: list[Path]
) -> None:
    page = open_tab()
    choose_photos(page, photo_paths[:1])
    wait_for_draft(page)
    page.close()
    later = open_tab()
    later.get_by_role("link", name="Continue").press("Enter")
    expect(later.locator(".photo")).to_have_count(1)
    expect(later.get_by_role("heading", name="Make a slideshow")).to_be_focused()
    expect(later.get_by_text("made in about")).to_be_visible()
    later.wait_for_load_state("networkidle")  # the looks ask for their samples


READ_LINE = "link => getComputedStyle(link, '::after').display"
COVERS = """item => {  // what is drawn over the middle of an element
    const {x, y, width, height} = item.getBoundingClientRect();
    const top = document.elementFromPoint(x + width / 2, y + height / 2);
    return item.contains(top) ? '' : (top?.className ?? 'out of sight');
}"""


def test_small_targets_have_room_for_a_finger(
    open_tab: OpenTab, photo_paths: list[Path], song_path: Path
) -> None:
    page = open_tab()
    choose_photos(page, photo_paths[:1])
    page.locator("#place-make").get_by_label("Add music").set_input_files(song_path)
    music = page.locator("#place-make .music")
    part, volume = measure_all(music.get_by_text("Only a part"), music.get_by_label("Volume"))
    choose_quick(page)
    make_slideshow(page)
    wait_for_video(page)
    go(page, "My videos")
    title = measure(list_cards(page).get_by_role("heading").get_by_role("link"))
    assert min(box[side] for box in (part, volume, title) for side in ("width", "height")) >= 24


def test_tray_leaves_room_for_the_form_and_its_drawers(
    open_tab: OpenTab, photo_paths: list[Path]
) -> None:
    page = open_tab()
    choose_photos(page, photo_paths[:2])
    order_in_tray(page)
    tray = page.get_by_role("complementary", name="Videos in the making")
    expect(tray).to_be_visible()
    page.locator("#place-make .panel").evaluate("panel => panel.scrollTo(0, 400)")
    panel, foot = measure_all(page.locator("#place-make .panel"), tray)
    assert panel["y"] + panel["height"] <= foot["y"]
    resize(page, 360, 740)
    page.get_by_role("button", name="Music", exact=True).click()
    expect(page.get_by_role("heading", name="Music")).to_be_visible()
    rest(page)  # the drawer rises
    assert {chip.evaluate(COVERS) for chip in page.locator(".chip").all()} == {""}


def test_video_stays_in_sight_while_the_clip_is_set(open_tab: OpenTab) -> None:
    page = open_tab("#/cut")
    page.get_by_label("Choose a video").set_input_files(find_bikes())
    page.get_by_text("Captions optional").click()
    page.get_by_role("button", name="Add a line").click()
    page.get_by_role("textbox", name="Text").fill("Here they come")
    page.get_by_label("As a track that viewers can switch off").check()
    expect(page.locator("#place-cut video")).to_be_in_viewport(ratio=1)
    make = page.get_by_role("button", name="Make clip")
    expect(make).to_be_in_viewport(ratio=1)
    expect(make).to_be_enabled()


def test_video_is_deleted_after_a_question_and_its_address_says_so(
    open_tab: OpenTab, photo_paths: list[Path]
) -> None:
    page = open_tab()
    video = make_quick(page, photo_paths[:1])
    go(page, "My videos")
    card = list_cards(page)
    expect(card).to_contain_text(["kept until"])
    expect(card.locator("img")).to_be_visible()
    with page.expect_download() as download:
        card.get_by_role("link", name="Download").click()
    assert download.value.path().read_bytes()[4:8] == b"ftyp"
    card.get_by_role("button", name="Delete").click()
    card.get_by_role("button", name="Keep it").click()
    card.get_by_role("button", name="Delete").click()
    card.get_by_role("button", name="Delete it").click()
    expect(card).to_have_count(0)
    expect(page.get_by_text("The videos that you make are kept here.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("The videos that you make are kept here.")).to_be_visible()
    page.evaluate("(hash) => { location.hash = hash; }", video)
    expect(page.get_by_role("heading", name="This video is not here any more")).to_be_visible()


def list_videos(page: Page, count: int) -> None:
    """Have the server tell of so many videos, and delete them."""
    jobs: list[dict[str, Any]] = [
        {"job_id": f"video-{number}", "kind": "clip", "status": "canceled", "ended_at": ENDED}
        for number in range(count)
    ]

    def answer(route: Route) -> None:
        number, size = map(int, re.findall(r"=(\d+)", route.request.url))
        shown = jobs[(number - 1) * size : number * size]
        route.fulfill(json={"jobs": shown, "total": len(jobs)})

    def delete(route: Route) -> None:
        jobs.remove(next(job for job in jobs if route.request.url.endswith(f"/{job['job_id']}")))
        route.fulfill(status=204)

    page.route("**/jobs?page=*", answer)
    page.route("**/jobs/*", delete)


def test_older_videos_are_all_listed_also_after_one_is_deleted(open_tab: OpenTab) -> None:
    page = open_tab()
    list_videos(page, 26)
    go(page, "My videos")
    cards = list_cards(page)
    expect(cards).to_have_count(24)
    cards.first.get_by_role("button", name="Delete").click()
    cards.first.get_by_role("button", name="Delete it").click()
    expect(cards.first.get_by_role("link", name="Clip")).to_be_focused()
    expect(cards).to_have_count(24)
    older = page.get_by_role("button", name="Show older videos")
    expect(older).to_be_enabled()
    older.press("Enter")
    expect(cards).to_have_count(25)
    expect(cards.last.get_by_role("link", name="Clip")).to_be_focused()
    expect(older).to_be_hidden()


def test_order_is_edited_again_as_it_was(open_tab: OpenTab, photo_paths: list[Path]) -> None:
    page = open_tab()
    make_quick(page, photo_paths[:2])
    page.get_by_role("button", name="Back to editing").click()
    page.get_by_label("Seconds per photo").fill("9")
    draft = wait_for_draft(page)
    go(page, "My videos")
    page.get_by_role("button", name="Edit again: Slideshow: 2 photos").click()
    expect(page.get_by_label("Seconds per photo")).to_have_value("0.5")
    expect(page.locator(".photo")).to_have_count(2)
    assert wait_for_draft(page) != draft
    page.go_back()
    page.get_by_role("link", name="Slideshow: 2 photos", exact=True).click()
    page.get_by_role("button", name="New slideshow").click()
    expect(page.get_by_text("Choose photos")).to_be_visible()
    expect_photos(page, [])


def test_draft_whose_video_is_made_is_seen_as_that_video_until_it_is_changed(
    open_tab: OpenTab, photo_paths: list[Path]
) -> None:
    page = open_tab()
    make_quick(page, photo_paths[:2])
    go(page, "My videos")
    drafts = page.get_by_role("list", name="Drafts").get_by_role("listitem")
    expect(list_cards(page)).to_have_count(1)
    expect(drafts).to_have_count(0)
    fresh = open_tab()  # which offers no draft either
    expect(fresh.get_by_text("Choose photos")).to_be_visible()
    expect(fresh.get_by_text("You have a draft")).to_be_hidden()
    page.get_by_role("button", name="Edit again: Slideshow: 2 photos").click()
    draft = wait_for_draft(page)
    page.get_by_label("Seconds per photo").fill("9")
    save_draft(page)
    go(page, "My videos")
    expect(drafts).to_have_count(1)
    page.get_by_role("button", name="Edit again: Slideshow: 2 photos").click()
    copy = wait_for_draft(page)
    assert copy != draft
    go(page, "My videos")
    expect(drafts).to_have_count(1)  # the copy is what the video was made of
    page.get_by_role("button", name="Edit again: Slideshow: 2 photos").click()
    assert wait_for_draft(page) == copy
    go(page, "My videos")
    page.get_by_role("button", name="Delete: Slideshow: 2 photos").click()
    page.get_by_role("button", name="Delete it", exact=True).click()
    expect(drafts).to_have_count(2)  # without its video it is a draft again


def test_draft_whose_video_has_expired_is_a_draft_again(
    open_tab: OpenTab, live_server: str, photo_paths: list[Path]
) -> None:
    page = open_tab()
    made = make_quick(page, photo_paths[:2])
    go(page, "My videos")
    expect(list_cards(page)).to_have_count(1)
    drafts = page.get_by_role("list", name="Drafts").get_by_role("listitem")
    expect(drafts).to_have_count(0)
    page.request.delete(f"{live_server}/jobs/{made.rpartition('/')[2]}")
    page.reload()
    expect(drafts).to_have_count(1)
    expect(list_cards(page)).to_have_count(0)


def test_picture_of_a_draft_that_could_not_be_read_is_asked_for_again(
    open_tab: OpenTab, photo_paths: list[Path]
) -> None:
    page = open_tab()
    choose_photos(page, photo_paths[:2])
    expect(page.locator(".photo[data-state=ready]")).to_have_count(2)
    wait_for_draft(page)
    wait_for(page, lambda: bool(page.evaluate(READ_PICTURES)))
    other = open_tab()
    url = f"**{page.evaluate(READ_PICTURES)[0]}"
    other.route(url, lambda route: route.fulfill(body=b"", content_type="image/webp"))
    picture = other.get_by_role("list", name="Drafts").locator("img")
    with other.expect_response(url):
        go(other, "My videos")
    expect(picture).to_be_hidden()
    other.unroute(url)
    go(other, "Make")
    go(other, "My videos")
    expect(picture).to_be_visible()


def test_cancelled_video_shows_what_was_cancelled(
    start_service: StartServer,
    redis_url: str,
    context: BrowserContext,
    photo_paths: list[Path],
) -> None:
    page = context.new_page()
    visit(page, start_service({"REDIS_URL": redis_url}))
    choose_photos(page, photo_paths[:2])
    choose_quick(page)
    make_slideshow(page)
    page.get_by_role("button", name="Cancel").click()
    job = page.get_by_role("region", name="Video")
    expect(job.get_by_role("heading", name="Your slideshow was cancelled")).to_be_visible()
    expect(job.get_by_text("2 photos")).to_be_visible()
    expect(job.locator(".strip span")).to_have_count(2)
    expect(job.locator(".strip")).to_be_visible()
    expect(job.get_by_role("button", name="Back to editing")).to_be_visible()
    go(page, "My videos")
    expect(list_cards(page).get_by_role("heading", name="Slideshow: 2 photos")).to_be_visible()
    expect(list_cards(page).get_by_text("Cancelled")).to_be_visible()


def test_video_that_is_cancelled_before_its_order_arrives_keeps_its_name(
    start_service: StartServer,
    redis_url: str,
    context: BrowserContext,
    photo_paths: list[Path],
) -> None:
    """Neither its answer nor the list of videos has told the page yet that the order arrived."""
    page = context.new_page()
    visit(page, start_service({"REDIS_URL": redis_url}))
    choose_photos(page, photo_paths[:2])
    choose_quick(page)
    held: list[Route] = []
    route_orders(page, held.append)
    make_slideshow(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Your slideshow was cancelled")).to_be_visible()
    wait_for(page, lambda: bool(held))
    with page.expect_response("**/job_cancel/*"):
        held.pop().continue_()
    page.reload()
    expect(page.get_by_role("heading", name="Your slideshow was cancelled")).to_be_visible()
    expect(page.get_by_role("region", name="Video").get_by_text("2 photos")).to_be_visible()
    go(page, "My videos")
    expect(list_cards(page).get_by_role("heading", name="Slideshow: 2 photos")).to_be_visible()
    expect(list_cards(page).get_by_text("Cancelled")).to_be_visible()


def test_order_that_is_cancelled_and_never_arrives_is_said_to_be_cancelled(
    open_tab: OpenTab, photo_paths: list[Path], complaints: list[str]
) -> None:
    page = open_tab()
    choose_photos(page, photo_paths[:2])
    choose_quick(page)
    held: list[Route] = []
    route_orders(page, held.append)
    make_slideshow(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Your slideshow was cancelled")).to_be_visible()
    wait_for(page, lambda: bool(held))
    held.pop().abort()
    sentence = page.get_by_text("It was cancelled before it was sent.")
    for _ in range(2):  # the second reload finds what the first has left
        expect(sentence).to_be_visible()
        expect(page.get_by_role("heading", name="Your slideshow was cancelled")).to_be_visible()
        expect(page.get_by_role("button", name="Back to editing")).to_be_visible()
        page.reload()
    expect(sentence).to_be_visible()
    complaints[:] = [said for said in complaints if "ERR_FAILED" not in said]  # the order's


def test_head_has_room_to_sign_out(start_service: StartServer, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(start_service({"API_TOKENS": TOKEN}))
    page.get_by_label("Your access token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    out = page.get_by_role("button", name="Sign out")
    for width in (320, 360, 1440):
        check_width(page, width)
        expect(out).to_be_in_viewport(ratio=1)
    out.click()
    expect(page.get_by_label("Your access token")).to_be_visible()


def test_head_is_one_line_on_a_phone_in_every_language(
    start_service: StartServer, context: BrowserContext
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 740})
    address = start_service({"API_TOKENS": TOKEN})
    page.goto(address)
    page.get_by_label("Your access token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    for tag, name in (("en", "Sign out"), ("de", "Abmelden"), ("es", "Cerrar sesión")):
        page.goto(f"{address}/?language={tag}")
        out = page.get_by_role("button", name=name, exact=True)
        expect(out).to_be_in_viewport(ratio=1)
        places, button = measure_all(page.locator("nav.places"), out)
        assert button["y"] < places["y"] + places["height"], tag


def test_drafts_are_removed_when_their_user_signs_out_unless_they_are_to_stay(
    start_service: StartServer, context: BrowserContext, photo_paths: list[Path]
) -> None:
    address = start_service({"API_TOKENS": TOKEN})

    def sign_in(page: Page, photos: int) -> None:
        page.get_by_label("Your access token").fill(TOKEN)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator(".photo[data-state=ready]")).to_have_count(photos)
        if not photos:
            expect(page.get_by_role("button", name="Make slideshow")).to_be_disabled()

    page = context.new_page()
    page.goto(address, timeout=RENDER_MS)
    sign_in(page, 0)
    choose_photos(page, photo_paths[:2])
    wait_for_draft(page)
    other = context.new_page()
    other.goto(address, timeout=RENDER_MS)
    page.bring_to_front()
    out = page.locator(".sign-out button")
    out.click()
    expect(page.get_by_role("button", name="Keep them and sign out")).to_be_focused()
    page.get_by_role("button", name="Stay signed in").click()
    out.click()
    page.get_by_role("button", name="Keep them and sign out").click()
    expect(page.get_by_label("Your access token")).to_be_visible()
    expect(other.get_by_label("Your access token")).to_be_visible()
    sign_in(page, 2)
    out.click()
    page.get_by_role("button", name="Remove them and sign out").click()
    expect(page.get_by_label("Your access token")).to_be_visible()
    assert page.evaluate(LIST_KEPT) == []
    sign_in(page, 0)
    out.click()  # there is nothing to ask about
    expect(page.get_by_label("Your access token")).to_be_visible()


def open_signed_in(context: BrowserContext, address: str, token: str = TOKEN) -> Page:
    """Open the page in a browser, with a token."""
    page = context.new_page()
    page.goto(address)
    page.get_by_label("Your access token").fill(token)
    page.get_by_role("button", name="Sign in").click()
    # Before the scripts run, the button orders the simple way.
    expect(page.get_by_role("button", name="Make slideshow")).to_be_disabled()
    return page


def leave(page: Page, choice: str = "Keep") -> None:
    """Sign out of the page, and keep what is in it, or "Remove" it."""
    page.locator(".sign-out button").click()
    page.get_by_role("button", name=f"{choice} them and sign out").click()
    expect(page.get_by_label("Your access token")).to_be_visible()
    page.close()


def test_drafts_and_unsent_files_that_are_kept_are_there_for_their_owner_only(
    start_service: StartServer,
    browser: Browser,  # noqa: F811  # the fixture
    photo_paths: list[Path],
) -> None:
    address = start_service({"API_TOKENS": f"{TOKEN},{OTHER_TOKEN}"})
    person = open_context(browser)
    sent: list[Route] = []

    def lose(route: Route) -> None:
        sent.append(route)
        route.abort()

    page = open_signed_in(person, address)
    page.route("**/upload_images", lose)
    page.get_by_label("Choose photos").set_input_files(photo_paths[:2])
    wait_for(page, lambda: bool(sent))
    page.wait_for_function(ARE_KEPT, arg=2)
    draft = wait_for_draft(page)
    leave(page)

    sent.clear()
    page = open_signed_in(person, address, OTHER_TOKEN)
    page.route("**/upload_images", lose)
    page.goto(f"{address}/{draft}")
    expect(page.get_by_text("This draft is not in this browser")).to_be_visible()
    go(page, "My videos")
    expect(page.get_by_role("heading", name="Drafts")).to_be_hidden()
    assert sent == []
    page.unroute("**/upload_images")
    go(page, "Make")
    choose_photos(page, photo_paths[2:3])
    wait_for_draft(page)
    leave(page, "Remove")

    page = open_signed_in(person, address)
    page.goto(f"{address}/{draft}")
    expect(page.locator(".photo[data-state=ready]")).to_have_count(2)
    person.close()


def test_order_that_waits_for_its_connection_goes_out_under_its_own_token_only(
    start_service: StartServer,
    browser: Browser,  # noqa: F811  # the fixture
    photo_paths: list[Path],
) -> None:
    address = start_service({"API_TOKENS": f"{TOKEN},{OTHER_TOKEN}"})
    person = open_context(browser)
    tried: list[Route] = []

    def lose(route: Route) -> None:
        tried.append(route)
        route.abort()

    page = open_signed_in(person, address)
    choose_photos(page, photo_paths[:1])
    choose_quick(page)
    route_orders(page, lose)
    make_slideshow(page)
    wait_for(page, lambda: bool(tried))
    video = read_fragment(page)
    leave(page)

    tried.clear()
    page = open_signed_in(person, address, OTHER_TOKEN)
    route_orders(page, lose)
    page.goto(f"{address}/{video}")
    expect(page.get_by_role("heading", name="This video is not here any more")).to_be_visible()
    expect(page.get_by_role("complementary", name="Videos in the making")).to_be_hidden()
    assert tried == []
    page.locator(".sign-out button").click()  # what the first person kept is not asked about
    expect(page.get_by_label("Your access token")).to_be_visible()
    page.close()

    page = open_signed_in(person, address)
    page.goto(f"{address}/{video}")
    wait_for_video(page)
    person.close()


def add_settings(route: Route) -> None:
    """Have an order say what only programs say."""
    answer = route.fetch().json()
    answer["order"].update(seed=7, resolution="720x900", rotate=90)
    route.fulfill(json=answer)


def is_dry_run(request: Request) -> bool:
    """Tell whether a request asks about all of a slideshow."""
    order = request.post_data_json if request.url.endswith("/generate_video") else None
    return bool(order and order.get("dry_run") and len(order["photos"]) == 2 and "fps" in order)


def test_video_that_another_browser_ordered_is_edited_again_with_the_same_token(
    start_service: StartServer, context: BrowserContext, photo_paths: list[Path]
) -> None:
    page = open_signed_in(context, start_service({"API_TOKENS": TOKEN}))
    choose_photos(page, photo_paths[:2])
    page.get_by_label("Seconds per photo").fill("0.5")
    page.get_by_role("radio", name="Wipe").check()
    choose_quick(page)
    make_slideshow(page)
    wait_for_video(page)
    page.evaluate("localStorage.clear()")
    visit(page, page.url.partition("#")[0] + "?another#/videos")
    page.route("**/jobs/*/order", add_settings)
    with page.expect_request(is_dry_run) as asked:
        page.get_by_role("button", name=re.compile("^Edit again")).click()
    draft = wait_for_draft(page)
    sent = asked.value.post_data_json or {}
    assert [photo["rotate"] for photo in sent["photos"]] == [90, 90]
    assert (sent["seed"], sent["resolution"]) == (7, "720x900")
    expect(page.get_by_role("radio", name="Own size")).to_be_checked()
    expect_photos(page, [path.name for path in photo_paths[:2]])
    expect(page.get_by_role("radio", name="Wipe")).to_be_checked()
    expect(page.get_by_label("Seconds per photo")).to_have_value("0.5")
    expect(page.get_by_role("button", name="Make slideshow")).to_be_enabled()
    go(page, "My videos")
    page.get_by_role("button", name=re.compile("^Edit again")).click()
    assert wait_for_draft(page) == draft


def make_clip(page: Page) -> tuple[dict[str, Any], str]:
    """Make the clip of Cut; return its order, without the job's id, and that id."""

    def is_order(request: Request) -> bool:
        order = request.post_data_json if request.url.endswith("/generate_clip") else None
        return bool(order and not order.get("dry_run"))

    with page.expect_request(is_order) as sent:
        page.get_by_role("button", name="Make clip").click()
    wait_for_video(page)
    order = sent.value.post_data_json or {}
    return order, str(order.pop("job_id"))


def test_clip_that_another_browser_ordered_is_edited_again_and_is_the_same(
    start_service: StartServer,
    context: BrowserContext,
    browser: Browser,  # noqa: F811  # the fixture
    song_path: Path,
) -> None:
    address = start_service({"API_TOKENS": TOKEN})
    page = open_signed_in(context, address)
    clip = open_clip(page, find_bikes())
    clip.locator("label", has_text="Fill and crop").click()
    clip.get_by_label("Start, seconds").fill("1")
    clip.get_by_label("End, seconds").fill("3")
    clip.get_by_role("button", name="Add another part").click()
    clip.get_by_label("Start, seconds").fill("6")
    clip.get_by_label("End, seconds").fill("8")
    clip.get_by_role("combobox", name="Crop of part 2").select_option("This part only")
    clip.get_by_role("slider", name="Crop").press("End")
    clip.get_by_text("Captions optional").click()
    clip.get_by_role("button", name="Add a line").click()
    clip.get_by_label("From, seconds").last.fill("6.5")
    clip.get_by_label("To, seconds").last.fill("7.5")
    clip.get_by_role("textbox", name="Text", exact=True).fill("Here they come")
    clip.get_by_label("Place").select_option("top")
    clip.get_by_label("Add music").set_input_files(song_path)
    clip.get_by_label("Music volume").fill("0.25")
    clip.get_by_label("Where it goes").select_option("instagram")
    expect(page.get_by_role("button", name="Make clip")).to_be_enabled()
    order, _ = make_clip(page)
    assert {"segments", "captions", "caption_style", "tracks", "target"} <= order.keys()
    assert order["segments"][1]["focus"] != order.get("focus")

    stranger = open_context(browser)
    page = open_signed_in(stranger, address)
    go(page, "My videos")
    page.get_by_role("button", name=re.compile("^Edit again")).click()
    draft = wait_for_draft(page)
    clip = page.get_by_role("region", name="Cut a clip")
    parts = clip.get_by_role("list", name="Parts of the clip").get_by_role("listitem")
    expect(parts).to_have_text(["Part 1: 0:01 to 0:03", "Part 2: 0:06 to 0:08, own crop"])
    expect(clip.get_by_role("radio", name="Fill and crop")).to_be_checked()
    clip.get_by_text("Captions 1 line").click()
    expect(clip.get_by_role("textbox", name="Text", exact=True)).to_have_value("Here they come")
    expect(clip.get_by_text(song_path.name)).to_be_visible()
    expect(clip.get_by_label("Music volume")).to_have_value("0.25")
    expect(clip.get_by_label("Where it goes")).to_have_value("instagram")
    video = clip.get_by_label("Your video")
    assert video.evaluate(READ_DURATION) == pytest.approx(10, abs=0.2)
    save_draft(page)  # with what the player has found out by now
    go(page, "My videos")
    page.get_by_role("button", name=re.compile("^Edit again")).click()
    assert wait_for_draft(page) == draft
    again, job = make_clip(page)
    assert again == order
    assert page.request.get(f"{address}/job_status/{job}").json()["result"]["reused"] is True
    stranger.close()


def test_link_of_a_video_is_copied_and_opens_for_others(
    open_tab: OpenTab,
    context: BrowserContext,
    browser: Browser,  # noqa: F811  # the fixture
    photo_paths: list[Path],
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = open_tab()
    make_quick(page, photo_paths[:1])
    resize(page, 360, 420)
    share = page.get_by_role("button", name="Share")
    share.evaluate("button => button.scrollIntoView({block: 'end'})")
    share.click()
    expect(page.get_by_text("The link is copied.")).to_be_in_viewport(ratio=1)
    link = page.evaluate("navigator.clipboard.readText()")
    stranger = open_context(browser)
    other = stranger.new_page()
    other.goto(link)
    assert other.locator("video").evaluate(READ_DURATION) == pytest.approx(0.5, abs=0.1)
    stranger.close()


def test_places_can_be_used_by_all_and_fit_all_windows(
    open_tab: OpenTab, photo_paths: list[Path]
) -> None:
    page = open_tab("#/videos")
    page.emulate_media(reduced_motion="reduce")
    check_place(page)
    go(page, "Make")
    make_quick(page, photo_paths[:1])
    check_place(page)
    page.get_by_role("button", name="Back to editing").click()
    choose_photos(page, photo_paths[1:3])
    order_in_tray(page)
    expect(page.get_by_role("complementary")).to_be_visible()
    go(page, "My videos")
    expect(list_cards(page)).to_have_count(2)
    list_cards(page).last.get_by_role("button", name="Delete").click()
    check_place(page)


def check_place(page: Page) -> None:
    for width in (320, 360, 768, 1280, 2560):
        check_width(page, width)
    assert find_faults_of_themes(page) == []
