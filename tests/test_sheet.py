"""The contact sheet and the form of slideshows in a real browser: by mouse, finger and keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, CDPSession, FloatRect, Page, Route, expect

from tests.axe import find_faults_of_themes
from tests.browsing import (
    RENDER_MS,
    measure,
    measure_all,
    opened_silently,
    resize,
    rest,
    visit,
    wait_for,
    wait_for_estimate,
    wait_for_frame,
)
from tests.test_page import (
    browser,
    choose_photos,
    expect_photos,
    get_names,
    note_orders,
    open_settings,
    page,
)

__all__ = ["browser", "page"]

LIST_COVERED = """(root) => {
    const seen = [...document.querySelector(root).querySelectorAll(
        'a[href], button, input, select, textarea, summary, [tabindex="0"]')].filter(
        (element) => !element.disabled && element.tabIndex >= 0 && element.checkVisibility());
    return seen.filter((element) => {
        element.focus();
        element.scrollIntoView({block: 'nearest'});
        const box = (element.closest('label') ?? element).getBoundingClientRect();
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        const top = document.elementFromPoint(x, Math.min(y, innerHeight - 1));
        const part = element.closest('label') ?? element;
        return !part.contains(top) && !top?.closest('label, .trim')?.contains(element);
    }).map((element) => element.outerHTML.slice(0, 120));
}"""
ROOM_IS_MADE = """before =>
    document.querySelectorAll('.frame')[1].getBoundingClientRect().left < before - 9"""
FUTURE = datetime(2100, 1, 1)
IS_LEFT_TO_BROWSER = """(key) => document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}))"""
COUNT_CHANGES = """() => {
    window.changed = new Set();
    new MutationObserver((records) => records.forEach(({target}) => {
        const element = target instanceof Element ? target : target.parentElement;
        window.changed.add(element.closest('.photo') ?? element);
    })).observe(document.querySelector('.sheet'),
        {attributes: true, childList: true, characterData: true, subtree: true});
}"""


COUNT_LINES = """(element) => {  // of its first word
    const range = document.createRange();
    range.selectNodeContents(element.firstChild);
    return range.getClientRects().length;
}"""


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Nine small photos, of different colours."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    paths = [folder / f"{name}.jpg" for name in "abcdefghi"]
    for number, path in enumerate(paths):
        Image.new("RGB", (60, 40), (25 * number, 120, 200)).save(path)
    return paths


KEYBOARD_TOP = 420
COVER = """(height) => {  // as Safari does
    Object.defineProperty(visualViewport, 'height', {value: height});
    visualViewport.dispatchEvent(new Event('resize'));
}"""


@pytest.fixture
def phone(browser: Browser, live_server: str) -> Iterator[Page]:
    """The page on a phone."""
    size = {"width": 360, "height": 740}
    with opened_silently(browser, viewport=size, has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        visit(page, live_server)
        yield page


def fill(page: Page, paths: list[Path]) -> None:
    """Upload photos, and wait until all are there."""
    choose_photos(page, paths)
    expect(page.locator(".photo[data-state=ready]")).to_have_count(len(paths), timeout=RENDER_MS)
    wait_for_estimate(page.locator("#place-make"))


def expect_order(page: Page, letters: str) -> None:
    """Wait until the photos are those with these names, in this order."""
    expect_photos(page, [f"{letter}.jpg" for letter in letters])


def read_own(page: Page, orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Order the slideshow, and return the settings that its photos have of their own."""
    page.get_by_role("button", name="Make slideshow").click()
    expect(page.get_by_role("heading", name=re.compile("your slideshow", re.I))).to_be_visible()
    return [{key: photo[key] for key in photo if key != "id"} for photo in orders[-1]["photos"]]


def find_box(page: Page, name: str) -> FloatRect:
    return measure(page.get_by_title(f"{name}.jpg"))


def find_middle(page: Page, name: str) -> tuple[float, float]:
    box = find_box(page, name)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_selected_photos_are_moved_turned_and_removed_and_all_is_undone(
    page: Page, pictures: list[Path]
) -> None:
    fill(page, pictures[:6])
    bar = page.get_by_role("toolbar", name="Selected photos")
    expect(bar).to_be_hidden()
    page.get_by_title("b.jpg").click()
    page.get_by_title("d.jpg").click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 selected")
    page.get_by_title("c.jpg").click()
    expect(bar).to_contain_text("2 selected")
    bar.get_by_role("button", name="Move to").click()
    dialog = page.get_by_role("dialog", name="Move 2 photos")
    dialog.get_by_label("To place").fill("6")
    dialog.get_by_role("button", name="Move", exact=True).click()
    expect(dialog).to_be_visible()  # the second would be the seventh of six
    dialog.get_by_label("To place").fill("4")
    dialog.get_by_role("button", name="Move", exact=True).click()
    expect_order(page, "acebdf")
    expect(page.get_by_text("2 photos are now numbers 4 to 5 of 6.").last).to_be_visible()
    expect(page.get_by_role("button", name="Photo 4 of 6, b.jpg")).to_be_focused()
    bar.get_by_role("button", name="Turn").click()
    expect(page.get_by_role("button", name="b.jpg, with its own settings")).to_be_visible()
    bar.get_by_role("button", name="Remove").click()
    expect_order(page, "acef")
    expect(bar).to_be_hidden()
    page.get_by_role("button", name="Sort by name").click()
    page.get_by_role("button", name="Remove all").click()
    expect_order(page, "")
    expect(page.get_by_label("Choose photos")).to_be_focused()
    choose_photos(page, pictures[6:7])
    page.get_by_role("button", name="Undo").click()
    expect_order(page, "acefg")
    page.keyboard.press("Control+z")  # the sort
    page.keyboard.press("Control+z")  # the removal of two
    expect_order(page, "acebdfg")
    page.keyboard.press("Control+z")
    expect_order(page, "abcdefg")
    expect(page.get_by_role("button", name="b.jpg, with its own settings")).to_be_visible()
    expect(page.get_by_role("button", name="Make slideshow")).to_be_enabled()


def test_settings_are_given_to_several_photos_at_once(page: Page, pictures: list[Path]) -> None:
    orders = note_orders(page)
    fill(page, pictures[:3])
    open_settings(page, "a.jpg")
    page.get_by_role("dialog", name="a.jpg").get_by_label("Caption").fill("Sea")
    page.keyboard.press("Escape")
    for name in "ac":
        page.get_by_title(f"{name}.jpg").click()
    page.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="2 photos")
    expect(dialog.get_by_label("Caption")).to_have_value("")
    dialog.get_by_label("Seconds of each photo").fill("1.5")
    dialog.get_by_role("button", name="Done").click()
    own = [{"caption": "Sea", "duration": 1.5}, {}, {"duration": 1.5}]
    assert read_own(page, orders) == own


def test_photo_that_is_done_with_is_not_changed_with_the_next(
    phone: Page, pictures: list[Path]
) -> None:
    orders = note_orders(phone)
    fill(phone, pictures[:2])
    bar = phone.get_by_role("toolbar", name="Selected photos")
    for name, caption in (("a", "Sea"), ("b", "Sky")):
        phone.get_by_title(f"{name}.jpg").tap()
        expect(bar).to_contain_text("1 selected")
        bar.get_by_role("button", name="Edit").tap()
        dialog = phone.get_by_role("dialog", name=f"{name}.jpg")
        dialog.get_by_label("Caption").fill(caption)
        dialog.get_by_role("button", name="Done").tap()
        expect(bar).to_be_hidden()
        expect(phone.get_by_role("button", name=f"{name}.jpg")).to_be_focused()
    assert read_own(phone, orders) == [{"caption": "Sea"}, {"caption": "Sky"}]


def test_captions_are_written_one_after_another(phone: Page, pictures: list[Path]) -> None:
    orders = note_orders(phone)
    open_text = phone.get_by_role("button", name="Text", exact=True)
    write = phone.get_by_role("button", name="Write captions")
    open_text.tap()
    expect(write).to_be_disabled()  # there is nothing to write them for
    phone.keyboard.press("Escape")
    fill(phone, pictures[:3])
    open_text.tap()
    write.tap()
    expect(phone.get_by_role("heading", name="Text", exact=True)).to_be_hidden()
    for name, caption in (("a", "Sea"), ("b", "Sky"), ("c", "Sun")):
        dialog = phone.get_by_role("dialog", name=f"{name}.jpg")
        expect(dialog.get_by_label("Caption")).to_be_focused()
        expect(dialog.get_by_label("Caption")).to_have_value("")
        phone.keyboard.type(caption)
        if name != "c":
            dialog.get_by_role("button", name="Next photo").press("Enter")
    expect(dialog.get_by_role("button", name="Next photo")).to_be_hidden()
    dialog.get_by_role("button", name="Done").tap()
    expect(phone.get_by_role("button", name="c.jpg")).to_be_focused()
    assert read_own(phone, orders) == [{"caption": each} for each in ("Sea", "Sky", "Sun")]


@pytest.mark.parametrize("covers", [True, False], ids=["covers the window", "makes it lower"])
def test_next_photo_is_in_reach_over_the_keyboard_of_a_phone(
    phone: Page, pictures: list[Path], covers: bool
) -> None:
    fill(phone, pictures[:3])
    open_settings(phone, "a.jpg")
    dialog = phone.get_by_role("dialog")
    dialog.get_by_label("Caption").tap()
    if covers:
        phone.evaluate(COVER, KEYBOARD_TOP)
    else:
        resize(phone, 360, KEYBOARD_TOP)
    dialog.get_by_role("button", name="Next photo").tap()
    expect(dialog.get_by_label("Caption")).to_be_focused()
    *buttons, caption = measure_all(
        dialog.get_by_role("button", name="Next photo"),
        dialog.get_by_role("button", name="Done"),
        dialog.get_by_label("Caption"),
    )
    for box in buttons:
        assert box["y"] + box["height"] <= KEYBOARD_TOP
        assert caption["y"] + caption["height"] <= box["y"]


@pytest.mark.parametrize(
    ("size", "covers"), [((360, 420), False), ((360, 420), True), ((740, 360), False)]
)
def test_photo_and_its_number_are_seen_beside_the_caption_over_a_keyboard(
    phone: Page, pictures: list[Path], size: tuple[int, int], covers: bool
) -> None:
    fill(phone, pictures[:3])
    phone.get_by_role("button", name="Text", exact=True).tap()
    phone.get_by_role("button", name="Write captions").tap()
    if covers:
        phone.evaluate(COVER, size[1])
    else:
        resize(phone, *size)
    dialog = phone.get_by_role("dialog")
    for number in (2, 3):
        dialog.get_by_role("button", name="Next photo").tap()
        expect(dialog.get_by_label("Caption")).to_be_focused()
        place, picture, caption, done = measure_all(
            dialog.get_by_text(f"Photo {number} of 3"),
            dialog.locator(".focus-picker img"),
            dialog.get_by_label("Caption"),
            dialog.get_by_role("button", name="Done"),
        )
        assert 0 <= place["y"] < place["y"] + place["height"] <= picture["y"]
        assert picture["y"] + picture["height"] <= caption["y"]
        assert caption["y"] + caption["height"] <= done["y"]
    dialog.get_by_label("Seconds of this photo").focus()
    place = measure(dialog.get_by_text("Photo 3 of 3"))
    assert place["y"] >= 0


def test_whole_row_of_photos_is_in_sight_on_a_phone_on_its_side(
    phone: Page, pictures: list[Path]
) -> None:
    fill(phone, pictures[:3])
    canvas, last = phone.locator(".stage canvas"), phone.locator(".photo").last
    resize(phone, 740, 360)
    expect(canvas).to_be_hidden()
    photo, dock = measure_all(last, phone.locator("#place-make .make"))
    assert photo["y"] + photo["height"] <= dock["y"]
    expect(last).to_be_in_viewport(ratio=1)
    phone.get_by_role("button", name="Show", exact=True).tap()
    expect(canvas).to_be_visible()
    resize(phone, 360, 740)
    expect(canvas).to_be_visible()


def test_preview_that_was_folded_or_shown_by_hand_stays_so_when_the_phone_is_turned(
    phone: Page, pictures: list[Path]
) -> None:
    upright, on_its_side = (360, 740), (740, 360)
    fill(phone, pictures[:1])
    canvas, fold = phone.locator(".stage canvas"), phone.locator("[data-act=stage-fold]")
    fold.tap()
    for size in (on_its_side, upright):
        resize(phone, *size)
        expect(canvas).to_be_hidden()
    fold.tap()
    for size in (on_its_side, upright):
        resize(phone, *size)
        expect(canvas).to_be_visible()


def test_keyboard_does_not_fold_the_preview(phone: Page, pictures: list[Path]) -> None:
    resize(phone, 600, 960)
    fill(phone, pictures[:1])
    canvas = phone.locator(".stage canvas")
    resize(phone, 600, 470)
    expect(canvas).to_be_visible()
    resize(phone, 600, 960)
    resize(phone, 740, 360)
    expect(canvas).to_be_hidden()
    resize(phone, 740, 200)
    expect(canvas).to_be_hidden()
    resize(phone, 740, 800)
    expect(canvas).to_be_visible()


def test_settings_of_a_photo_end_when_it_is_refused(
    page: Page, pictures: list[Path], tmp_path: Path
) -> None:
    fill(page, pictures[:1])
    held: list[Route] = []
    page.route("**/upload_images", lambda route: held.append(route))
    letters = [tmp_path / f"letter{number}.jpg" for number in (1, 2)]
    for letter in letters:
        letter.write_text("no picture")
    choose_photos(page, letters)
    page.get_by_role("button", name="letter1.jpg").dblclick()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Photo 2 of 3")).to_be_visible()
    wait_for(page, lambda: bool(held))
    held[0].continue_()
    expect(dialog).to_be_hidden()
    refused = page.get_by_role("list", name="Files that were not taken")
    expect(refused).to_contain_text("2 files")
    expect(page.get_by_role("button", name="Photo 1 of 1, a.jpg")).to_be_focused()


def test_settings_of_several_photos_go_on_without_the_refused_one(
    page: Page, pictures: list[Path], tmp_path: Path
) -> None:
    orders = note_orders(page)
    fill(page, pictures[:1])
    held: list[Route] = []
    page.route("**/upload_images", lambda route: held.append(route))
    letter = tmp_path / "letter.jpg"
    letter.write_text("no picture")
    choose_photos(page, [letter])
    for name in ("a.jpg", "letter.jpg"):
        page.get_by_role("button", name=name).press("Enter")
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("dialog", name="2 photos")).to_be_visible()
    wait_for(page, lambda: bool(held))
    held[0].continue_()
    dialog = page.get_by_role("dialog", name="a.jpg")
    expect(dialog.get_by_text("Photo 1 of 1")).to_be_visible()
    dialog.get_by_label("Caption").fill("Sea")
    dialog.get_by_role("button", name="Done").click()
    assert read_own(page, orders) == [{"caption": "Sea"}]


def test_next_photo_waits_for_a_number_that_is_wrong_and_ends_the_selection_with_the_rest(
    page: Page, pictures: list[Path]
) -> None:
    fill(page, pictures[:2])
    page.get_by_title("a.jpg").click()
    page.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    seconds, following = (
        dialog.get_by_label("Seconds of this"),
        dialog.get_by_role("button", name="Next"),
    )
    seconds.fill("99")
    following.click()
    expect(seconds).to_be_focused()
    expect(dialog).to_have_accessible_name("a.jpg")
    seconds.fill("9")
    following.click()
    expect(dialog).to_have_accessible_name("b.jpg")
    expect(seconds).to_have_value("")
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_role("toolbar", name="Selected photos")).to_be_hidden()
    expect(page.get_by_role("button", name="b.jpg")).to_be_focused()


def test_settings_in_which_photos_differ_say_so_and_stay_unless_they_are_written(
    page: Page, pictures: list[Path]
) -> None:
    orders = note_orders(page)
    fill(page, pictures[:2])
    open_settings(page, "a.jpg")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Caption").fill("Sea")
    dialog.get_by_label("Seconds of this photo").fill("1.5")
    dialog.get_by_label("Rotation").select_option("90")
    dialog.get_by_label("Around the picture").select_option("blur")
    expect(dialog.get_by_label("Caption")).to_have_js_property("placeholder", "")
    dialog.get_by_role("button", name="Done").click()

    page.get_by_title("a.jpg").click()
    page.get_by_title("b.jpg").click(modifiers=["Shift"])
    edit = page.get_by_role("button", name="Edit")
    edit.click()
    caption, seconds = dialog.get_by_label("Caption"), dialog.get_by_label("Seconds of each photo")
    rotation, motion = dialog.get_by_label("Rotation"), dialog.get_by_label("Motion")
    expect(caption).to_have_attribute("placeholder", "different captions")
    expect(seconds).to_have_attribute("placeholder", "different")
    expect(rotation.locator("option:checked")).to_have_text("Different")
    expect(motion.locator("option:checked")).to_have_text("Same as all")
    page.keyboard.press("Escape")
    expect(page.get_by_text("2 selected", exact=True)).to_be_visible()  # nothing was done

    edit.click()
    seconds.fill("2")
    rotation.select_option("")
    expect(rotation.locator("option:checked")).to_have_text("None")
    expect(seconds).to_have_attribute("placeholder", "same as all")
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_role("toolbar", name="Selected photos")).to_be_hidden()
    own = [{"caption": "Sea", "duration": 2, "fit": "blur"}, {"duration": 2}]
    assert read_own(page, orders) == own


def test_photos_are_walked_and_carried_by_keys(page: Page, pictures: list[Path]) -> None:
    fill(page, pictures)
    resize(page, 360, 740)  # three in a row
    expect(page.locator(".sheet [tabindex='0']")).to_have_count(1)
    page.get_by_role("button", name="Photo 1 of 9").focus()
    for key, name in (
        ("ArrowRight", "b"),
        ("ArrowDown", "e"),
        ("End", "i"),
        ("ArrowUp", "f"),
        ("ArrowLeft", "e"),
    ):
        page.keyboard.press(key)
        expect(page.get_by_role("button", name=f"{name}.jpg")).to_be_focused()
    said = page.locator("#announcer")
    page.keyboard.press("Space")
    expect(said).to_contain_text("e.jpg lifted.")
    assert page.evaluate(IS_LEFT_TO_BROWSER, "F5")
    page.keyboard.press("ArrowDown")
    expect(said).to_have_text("e.jpg is now number 8 of 9.")
    expect_order(page, "abcdfghei")
    page.keyboard.press("Escape")
    expect_order(page, "abcdefghi")
    page.keyboard.press("Space")
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    expect_order(page, "eabcdfghi")
    expect(page.get_by_role("button", name="Photo 1 of 9, e.jpg")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    expect_order(page, "ebcdfghi")
    expect(page.get_by_role("button", name="Photo 2 of 8, b.jpg")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(page.get_by_label("Choose photos")).to_be_focused()
    page.keyboard.press("Control+z")
    expect_order(page, "ebcdfghi")


def test_mouse_carries_a_photo_and_the_others_make_room(page: Page, pictures: list[Path]) -> None:
    fill(page, pictures[:5])
    page.mouse.move(*find_middle(page, "a"))
    page.mouse.down()
    before = find_box(page, "b")["x"]
    page.mouse.move(*find_middle(page, "c"), steps=4)
    expect(page.locator(".ghost")).to_be_visible()
    page.wait_for_function(ROOM_IS_MADE, arg=before)
    page.mouse.up()
    expect_order(page, "bcade")
    expect(page.locator(".ghost")).to_have_count(0)
    expect(page.get_by_role("toolbar", name="Selected photos")).to_be_hidden()  # it was no click
    page.mouse.move(*find_middle(page, "a"))
    page.mouse.down()
    page.mouse.move(*find_middle(page, "e"), steps=4)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect_order(page, "bcade")
    page.mouse.move(*find_middle(page, "c"))
    page.mouse.down()
    page.mouse.move(*find_middle(page, "e"), steps=4)
    page.keyboard.press("Control+z")  # what is carried is put back
    expect_order(page, "abcde")
    expect(page.locator(".ghost")).to_have_count(0)
    page.mouse.up()
    expect_order(page, "abcde")
    page.mouse.move(*find_middle(page, "a"))
    page.mouse.down()
    page.mouse.move(*find_middle(page, "d"), steps=4)
    page.mouse.up()
    expect_order(page, "bcdae")
    page.get_by_title("e.jpg").click()
    page.get_by_title("b.jpg").click()
    page.mouse.move(*find_middle(page, "e"))
    page.mouse.down()
    page.mouse.move(*find_middle(page, "c"), steps=4)
    expect(page.locator(".ghost")).to_have_attribute("data-count", "2")
    page.mouse.up()
    expect_order(page, "becda")


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    spots = [{"x": x, "y": y} for x, y in points]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})


def test_finger_scrolls_and_carries_what_it_has_held(phone: Page, pictures: list[Path]) -> None:
    phone.clock.install()
    for path in pictures:
        for number in range(2):
            Image.open(path).save(path.with_name(f"{path.stem}{number}.jpg"))
    fill(phone, sorted(pictures[0].parent.iterdir()))
    before = get_names(phone).all_text_contents()
    session = phone.context.new_cdp_session(phone)
    x, y = find_middle(phone, "b0")
    phone.clock.pause_at(FUTURE)  # a slow machine holds nothing for long
    touch(session, "touchStart", (x, y))
    for step in range(1, 12):
        touch(session, "touchMove", (x, y - 20 * step))
    touch(session, "touchEnd")
    phone.clock.resume()
    phone.wait_for_function("() => scrollY > 100")
    rest(phone)  # a page that still glides takes no touch for itself
    expect_photos(phone, before)
    phone.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    x, y = find_middle(phone, "a")
    touch(session, "touchStart", (x, y))
    expect(phone.locator(".ghost")).to_be_visible()  # after it has been held
    for step in range(1, 9):
        touch(session, "touchMove", (x, y + step * (560 - y) / 8))  # to just above the dock
        wait_for_frame(phone)  # a browser that gets no answer in time scrolls by itself
    phone.wait_for_function("() => scrollY > 300")
    touch(session, "touchEnd")
    names = get_names(phone)
    wait_for(phone, lambda: names.all_text_contents().index("a.jpg") > 6)
    assert sorted(names.all_text_contents()) == sorted(before)
    phone.get_by_role("button", name="Undo").tap()
    expect_photos(phone, before)


def test_phone_has_three_photos_in_a_row_and_the_rest_in_drawers(
    phone: Page, pictures: list[Path]
) -> None:
    make = phone.get_by_role("button", name="Make slideshow")
    expect(make).to_be_in_viewport()
    fill(phone, pictures)
    tops = [box["y"] for box in measure_all(*phone.locator(".photo").all()[:4])]
    assert tops[0] == tops[1] == tops[2] < tops[3]
    sum_line = phone.get_by_text("9 photos \u00d7 3\u00a0s = 0:27")
    for chip, control in (
        ("Music", phone.get_by_text("Add music").first),
        ("Look", phone.get_by_label("Seconds per photo")),
        ("Text", phone.locator("#place-make").get_by_label("Title at the start")),
    ):
        button = phone.locator(".chip", has_text=chip)
        expect(control).not_to_be_in_viewport()
        button.tap()
        expect(control).to_be_in_viewport()
        expect(sum_line).to_be_in_viewport(ratio=1)
        expect(make).to_be_in_viewport(ratio=1)
        phone.keyboard.press("Escape")
        expect(control).not_to_be_in_viewport()
        expect(button).to_be_focused()
    phone.locator(".chip", has_text="Photos").tap()
    phone.get_by_role("button", name="Remove all").tap()
    expect_order(phone, "")
    phone.get_by_role("button", name="Undo").tap()
    phone.get_by_title("a.jpg").tap()
    phone.get_by_title("c.jpg").tap()
    bar = phone.get_by_role("toolbar", name="Selected photos")
    expect(bar).to_be_in_viewport(ratio=1)
    expect(make).to_be_in_viewport(ratio=1)
    bar.get_by_role("button", name="Remove").tap()
    expect_order(phone, "bdefghi")


def test_large_letters_leave_the_names_of_drawers_whole_and_the_page_where_it_is(
    phone: Page, pictures: list[Path]
) -> None:
    phone.context.new_cdp_session(phone).send(
        "Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}}
    )
    choose = phone.get_by_text("Choose photos", exact=True).locator("visible=true")
    choose.scroll_into_view_if_needed()
    rest(phone)
    before = phone.evaluate("scrollY")
    with phone.expect_file_chooser() as chooser:
        choose.tap()
    chooser.value.set_files(pictures)
    expect(phone.locator(".photo[data-state=ready]")).to_have_count(len(pictures))
    wait_for_estimate(phone.locator("#place-make"))
    rest(phone)
    assert phone.evaluate("scrollY") == before
    names = phone.locator(".chip span").all()
    assert [name.evaluate(COUNT_LINES) for name in names] == [1, 1, 1, 1]
    assert [name.evaluate("name => name.scrollWidth > name.clientWidth") for name in names] == (
        [False] * 4
    )


def test_nothing_that_has_the_focus_is_covered(page: Page, pictures: list[Path]) -> None:
    fill(page, pictures)
    for size in ((360, 740), (768, 1024), (1366, 650), (1440, 900)):
        resize(page, *size)
        # On a phone, what is done with a selected photo takes the place of the chips.
        page.get_by_title("b.jpg").click()
        for summary in page.locator("details:not([open]) > summary").filter(visible=True).all():
            summary.click()
        rest(page)
        assert page.evaluate(LIST_COVERED, "body") == [], size
        page.get_by_role("button", name="Deselect").click()
        for chip in page.locator(".chip:enabled").filter(visible=True).all():
            chip.click()
            rest(page)
            assert page.evaluate(LIST_COVERED, ":popover-open") == [], size
            page.keyboard.press("Escape")


def test_what_would_be_refused_stands_at_its_photo(page: Page, pictures: list[Path]) -> None:
    make = page.get_by_role("button", name="Make slideshow")
    fill(page, pictures[:3])
    open_settings(page, "b.jpg")
    caption = page.get_by_role("dialog").get_by_label("Caption")
    caption.fill("\u16a0\u16a2\u16a6")
    fault = page.get_by_role("dialog").get_by_role("alert")
    expect(fault).to_contain_text("No installed font has")
    expect(make).to_be_disabled()
    page.keyboard.press("Escape")
    photo = page.get_by_role("button", name="Photo 2 of 3, b.jpg")
    expect(photo).to_have_accessible_name(re.compile("needs a change: No installed font has"))
    page.get_by_role("button", name="Photo 2: No installed font has").click()
    expect(caption).to_be_focused()
    expect(caption).to_have_accessible_description(re.compile("No installed font has"))
    caption.fill("Summer")
    expect(make).to_be_enabled()
    expect(fault).to_be_hidden()
    page.keyboard.press("Escape")
    page.get_by_text("Titles and captions", exact=True).click()
    title = page.get_by_label("Title at the start")
    title.fill("\u16a0")
    why = page.get_by_role("button", name="Title at the start: No installed font has")
    expect(why).to_be_visible()
    expect(make).to_be_disabled()
    title.fill("Summer")
    expect(why).to_be_hidden()
    expect(make).to_be_enabled()


@pytest.mark.parametrize("end", ["start", "end"])
def test_smaller_line_without_a_title_says_what_it_lacks(
    phone: Page, pictures: list[Path], end: str
) -> None:
    make = phone.get_by_role("button", name="Make slideshow")
    fill(phone, pictures[:2])
    phone.locator(".chip", has_text="Text").tap()
    title, line = (phone.get_by_label(f"{name} at the {end}") for name in ("Title", "Smaller line"))
    line.locator("visible=true").fill("Norway, 2026")
    expect(line.locator("visible=true")).to_have_accessible_description(
        "Needs a title above it: write one, or clear this line."
    )
    expect(make).to_be_disabled()
    phone.keyboard.press("Escape")
    phone.get_by_role("button", name=f"Smaller line at the {end}: Needs a title").tap()
    expect(line.locator("visible=true")).to_be_focused()
    title.locator("visible=true").fill("Our summer")
    expect(make).to_be_enabled()
    expect(phone.get_by_text("2 photos \u00d7 3\u00a0s + 1 title")).to_be_visible()


def test_wrong_number_in_a_drawer_is_named_and_led_to(phone: Page, pictures: list[Path]) -> None:
    fill(phone, pictures[:2])
    phone.locator(".chip", has_text="Look").tap()
    seconds = phone.get_by_label("Seconds per photo")
    seconds.fill("99")
    phone.keyboard.press("Escape")
    expect(seconds).not_to_be_in_viewport()
    phone.get_by_role("button", name="Correct \u201cSeconds per photo\u201d.").tap()
    expect(seconds).to_be_focused()
    expect(seconds).to_be_in_viewport(ratio=1)
    seconds.fill("2")
    expect(phone.get_by_role("button", name="Make slideshow")).to_be_enabled()


def test_transition_is_chosen_by_family_and_direction(page: Page, pictures: list[Path]) -> None:
    orders = note_orders(page)
    fill(page, pictures[:2])
    push = page.get_by_role("radio", name="Push")
    page.get_by_role("radio", name="Wipe").check()
    page.get_by_role("radio", name="Up").filter(visible=True).check()
    push.check()
    page.get_by_role("radio", name="Right").filter(visible=True).check()
    page.get_by_role("radio", name="Cut").check()
    expect(page.get_by_role("radio", name="Right").filter(visible=True)).to_have_count(0)
    expect(page.get_by_label("Transition seconds")).to_be_disabled()
    push.check()
    expect(page.get_by_role("radio", name="Right").filter(visible=True)).to_be_checked()
    page.get_by_role("button", name="Make slideshow").click()
    expect(page.get_by_role("heading", name=re.compile("your slideshow", re.I))).to_be_visible()
    assert orders[0]["transition"] == "push_right"


def test_a_key_redraws_one_frame_of_the_sheet(page: Page, pictures: list[Path]) -> None:
    fill(page, pictures)
    open_settings(page, "d.jpg")
    caption = page.get_by_role("dialog").get_by_label("Caption")
    caption.press_sequentially("A")  # from now on the photo has a setting of its own
    page.evaluate(COUNT_CHANGES)
    caption.press_sequentially("bc")
    assert page.evaluate("window.changed.size") == 0
    page.get_by_role("dialog").get_by_label("Rotation").select_option("90")
    page.wait_for_function("window.changed.size > 0")
    rest(page)
    assert page.evaluate("window.changed.size") == 1


@pytest.mark.parametrize("width", [360, 1440])
def test_sheet_has_no_fault_that_keeps_people_out(
    page: Page, pictures: list[Path], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    states: list[Callable[[], object]] = [
        lambda: fill(page, pictures),
        page.get_by_title("b.jpg").click,
        page.get_by_role("button", name="Edit").click,
        lambda: page.keyboard.press("Escape"),
        page.get_by_role("button", name="Move to").click,
        lambda: page.keyboard.press("Escape"),
        page.get_by_role("button", name="Remove", exact=True).click,
    ]
    for reach in states:
        reach()
        assert find_faults_of_themes(page) == []
    for chip in page.locator(".chip:enabled").filter(visible=True).all():
        chip.click()
        assert find_faults_of_themes(page) == []


def test_chosen_and_selected_are_seen_in_forced_colours(page: Page, pictures: list[Path]) -> None:
    page.emulate_media(forced_colors="active")
    fill(page, pictures[:2])
    page.get_by_title("b.jpg").click()
    rest(page)
    chosen = page.locator(".option:has(:checked)").filter(visible=True)
    others = page.locator(".option:not(:has(:checked))").filter(visible=True)
    widths = "elements => elements.map(element => getComputedStyle(element).outlineStyle)"
    assert set(chosen.evaluate_all(widths)) == {"solid"}
    assert set(others.evaluate_all(widths)) == {"none"}
    frames = page.locator(".photo").evaluate_all(widths)
    assert frames == ["none", "solid"]
    make = page.get_by_role("button", name="Make slideshow")
    assert make.evaluate("button => getComputedStyle(button).borderStyle") == "solid"


@pytest.mark.parametrize("size", [(1280, 600), (360, 640)])
def test_button_that_ends_the_settings_of_a_photo_is_in_sight(
    page: Page, pictures: list[Path], size: tuple[int, int]
) -> None:
    resize(page, *size)
    fill(page, pictures[:1])
    open_settings(page, "a.jpg")
    expect(page.get_by_role("dialog").get_by_label("Caption")).to_be_in_viewport()
    done = page.get_by_role("dialog").get_by_role("button", name="Done")
    expect(done).to_be_in_viewport(ratio=1)
