"""The page in German and Spanish on a phone, and from right to left, in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from reelqueue.web.language.catalogues import read_catalogue
from scripts.languages import find_page_file
from tests.browsing import RENDER_MS, measure, measure_all, opened_silently, rest, visit
from tests.page.access import check_width
from tests.test_page import (
    browser,  # noqa: F401  # a fixture
    find_bikes,
)

LOCALES = {"de": "de-DE", "es": "es-ES"}
PHONE = {"width": 360, "height": 740}

READ_TEXTS = """() => {  // what is seen, and what is named for screen readers
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        if (element.closest('template, script, noscript, .languages')) continue;
        if (element.checkVisibility()) texts.push(node.data);
    }
    for (const element of document.querySelectorAll('[aria-label], [placeholder], [title]')) {
        if (!element.checkVisibility()) continue;
        for (const name of ['aria-label', 'placeholder', 'title', 'aria-valuetext']) {
            texts.push(element.getAttribute(name) ?? '');
        }
    }
    return texts.map((text) => text.trim().replace(/\\s+/g, ' ')).filter(Boolean);
}"""
OPEN_ALL = """() => {
    for (const part of document.querySelectorAll('details')) part.open = true;
}"""
FIND_CUT_OFF = """(buttons) => buttons.filter((button) => {
    const [outer, inner] = [button, button.querySelector('span')].map(
        (element) => element.getBoundingClientRect());
    const isInside = inner.left >= outer.left && inner.right <= outer.right;
    return !isInside || outer.left < 0 || outer.right > innerWidth;
}).map((button) => button.textContent)"""
FIND_CROOKED = """() => [...document.querySelectorAll('.pair')].flatMap((pair) => {
    const fields = [...pair.querySelectorAll('.field')].filter((field) => field.checkVisibility());
    const boxes = fields.map((field) => field.getBoundingClientRect());
    const feet = fields.map(
        (field) => field.querySelector('input, select').getBoundingClientRect().bottom);
    return fields.slice(1).filter((_, index) => {
        const isBeside = boxes[index + 1].top < boxes[index].bottom;
        return isBeside && Math.abs(feet[index + 1] - feet[index]) > 0.5;
    }).map((field) => field.textContent.trim());
})"""
# What is wider than its own box, such as the words of an option or a button.
LIST_SPILT = """() => [...document.querySelectorAll('.option, .quiet, .field, .draft > a, .sum')]
    .filter((element) => element.checkVisibility())
    .filter((element) => element.scrollWidth > element.clientWidth + 1)
    .map((element) => element.outerHTML.slice(0, 120))"""
IS_LARGE = "() => getComputedStyle(document.documentElement).fontSize === '32px'"
ENDED = "2026-07-14T12:00:00Z"
READ_WIDTHS = "[document.documentElement.scrollWidth, innerWidth]"

OpenPage = Callable[[str], Page]


@pytest.fixture
def open_page(browser: Browser, live_server: str) -> Iterator[OpenPage]:  # noqa: F811
    """Open the page on a phone whose owner reads a language; the consoles stay silent."""
    with ExitStack() as stack:

        def open_page(locale: str) -> Page:
            opened = opened_silently(browser, viewport=PHONE, locale=locale)
            page = stack.enter_context(opened).new_page()
            visit(page, live_server)
            return page

        yield open_page


@cache
def list_english(tag: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Return the English sentences that a language has other words for: whole, and as patterns."""
    catalogue: dict[str, Any] = json.loads(find_page_file(tag).read_text("utf-8"))
    server = {str(each.id): str(each.string) for each in read_catalogue(tag) if each.id}
    keys = {key for key, own in (server | catalogue).items() if own != key}
    same = {own for own in (server | catalogue).values() if isinstance(own, str)}
    whole = {key for key in keys if "{" not in key and "%" not in key} - same
    holed = [key for key in keys if len(re.findall(r"[a-z]{2,}", re.sub(r"\{\w+\}", "", key))) > 1]
    patterns = [
        re.compile(".+".join(map(re.escape, re.split(r"\{\w+\}", key))))
        for key in holed
        if "{" in key
    ]
    return frozenset(whole), tuple(patterns)


def find_english(page: Page, tag: str) -> list[str]:
    """Return what the page shows in English."""
    whole, patterns = list_english(tag)
    texts = page.evaluate(READ_TEXTS)
    assert len(texts) > 10
    return [
        text
        for text in texts
        if text in whole or any(pattern.fullmatch(text) for pattern in patterns)
    ]


def check(page: Page, tag: str) -> None:
    """Check that the page speaks the language alone, and fits into the window."""
    rest(page)
    assert find_english(page, tag) == []
    width, window = page.evaluate(READ_WIDTHS)
    assert width <= window


@pytest.mark.browser
@pytest.mark.parametrize("tag", LOCALES)
def test_slideshow_is_made_in_a_language_on_a_phone(
    open_page: OpenPage, tag: str, photo_paths: list[Path], song_path: Path
) -> None:
    page = open_page(LOCALES[tag])
    assert page.evaluate("document.documentElement.lang") == tag
    check(page, tag)
    page.locator("[name=images]").set_input_files(photo_paths[:3])
    page.locator("#place-make [name=audio]").set_input_files(song_path)
    estimate = page.locator("#slideshow-estimate")
    expect(estimate).to_contain_text("MB" if tag == "de" else "", timeout=RENDER_MS)
    expect(estimate).not_to_be_empty(timeout=RENDER_MS)
    check(page, tag)
    for name in ("photos", "music", "look", "text"):
        page.locator(f"[popovertarget=drawer-{name}].chip").click()
        page.evaluate(OPEN_ALL)
        check(page, tag)
        page.locator(f"#drawer-{name} .drawer-close").click()
    page.locator(".sheet .frame").first.click()
    page.locator("[data-act=edit]").first.click()
    check(page, tag)
    page.keyboard.press("Escape")
    page.locator("#place-make [type=submit]").click()
    expect(page.locator(".job .player video")).to_be_visible(timeout=RENDER_MS)
    check(page, tag)
    page.locator(".places [data-place=videos]").click()
    expect(page.locator(".card")).to_have_count(1)
    check(page, tag)
    page.locator(".card [data-act=delete]").click()
    check(page, tag)


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["en-GB", *LOCALES.values()])
def test_words_of_the_bar_for_selected_photos_fit_into_its_buttons(
    open_page: OpenPage, locale: str, photo_paths: list[Path]
) -> None:
    page = open_page(locale)
    page.locator("[name=images]").set_input_files(photo_paths[:2])
    page.locator(".sheet .frame").first.click()
    buttons = page.locator(".picked-bar button")
    expect(buttons.last).to_be_visible()
    rest(page)
    assert buttons.evaluate_all(FIND_CUT_OFF) == []
    width, window = page.evaluate(READ_WIDTHS)
    assert width <= window


@pytest.mark.browser
@pytest.mark.parametrize("tag", LOCALES)
def test_fields_beside_each_other_stand_in_one_row(open_page: OpenPage, tag: str) -> None:
    page = open_page(LOCALES[tag])
    page.evaluate(OPEN_ALL)
    for name in ("look", "text"):
        page.locator(f"[popovertarget=drawer-{name}].chip").click()
        expect(page.locator(f"#drawer-{name}")).to_be_visible()
        rest(page)
        assert page.evaluate(FIND_CROOKED) == []
    page.keyboard.press("Escape")
    page.locator("[data-place=cut]").click()
    expect(page.locator("#place-cut")).to_be_visible()
    page.evaluate(OPEN_ALL)
    rest(page)
    assert page.evaluate(FIND_CROOKED) == []


@pytest.mark.browser
@pytest.mark.parametrize("tag", LOCALES)
def test_clip_is_cut_in_a_language_on_a_phone(open_page: OpenPage, tag: str) -> None:
    page = open_page(LOCALES[tag])
    page.locator(".places [data-place=cut]").click()
    check(page, tag)
    page.locator("[name=video]").set_input_files(find_bikes())
    expect(page.locator("#place-cut [type=submit]")).to_be_enabled(timeout=RENDER_MS)
    page.evaluate(OPEN_ALL)
    page.locator("[data-act=add-cue]").click()
    page.locator("#place-cut [name=end]").fill("4")
    page.locator("[data-act=add-part]").click()
    check(page, tag)
    page.locator("#place-cut [name=end]").fill("0")
    check(page, tag)


@pytest.mark.browser
def test_refusal_of_the_server_is_told_in_german_at_its_field(
    open_page: OpenPage, photo_paths: list[Path]
) -> None:
    page = open_page("de-DE")
    page.locator("[name=images]").set_input_files(photo_paths[:1])
    page.locator("[popovertarget=drawer-text].chip").click()
    page.locator("#drawer-text details").evaluate("part => { part.open = true; }")
    page.locator("#drawer-text [name=title]").fill("ᚠ")
    note = page.locator("#drawer-text .fault", has_text="Keine installierte Schrift hat ᚠ (U+16A0)")
    expect(note).to_be_visible(timeout=RENDER_MS)


@pytest.mark.browser
def test_english_texts_are_noticed(open_page: OpenPage) -> None:
    page = open_page("en-GB")
    expect(page.locator("#place-make [data-part=sum]")).to_have_text("Add at least one photo.")
    for tag in LOCALES:
        assert {"My videos", "Choose photos", "Add at least one photo."} <= set(
            find_english(page, tag)
        )


@pytest.mark.browser
def test_language_chosen_at_the_foot_keeps_the_place(open_page: OpenPage) -> None:
    page = open_page("en-GB")
    page.locator(".places [data-place=videos]").click()
    page.locator(".languages [hreflang=es]").click()
    expect(page.locator("#title-videos")).to_have_text("Mis vídeos")
    expect(page).to_have_url(re.compile("/#/videos$"))
    page.reload()
    expect(page.locator("#title-videos")).to_have_text("Mis vídeos")


@pytest.mark.browser
def test_page_goes_on_in_english_if_its_sentences_do_not_come(open_page: OpenPage) -> None:
    page = open_page("en-GB")
    page.route("**/languages/de.json", lambda route: route.fulfill(body="no JSON"))
    page.locator(".languages [hreflang=de]").click()
    expect(page.locator("#title-make")).to_have_text("Diashow erstellen")  # by the template
    expect(page.locator("#place-make [data-part=sum]")).to_have_text("Add at least one photo.")


ARABIC = {
    "Add at least one photo.": "أضف صورة واحدة على الأقل.",
    "{count} photos": {
        **dict.fromkeys(("zero", "many", "other"), "{count} صورة"),
        "one": "صورة واحدة",
        "two": "صورتان",
        "few": "{count} صور",
    },
    "{name} removed.": "تمت إزالة {name}.",
    "Undo": "تراجع",
}
READ_ORDER = """(element, [one, other]) => {  // whether a character stands left of another
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const node = walker.nextNode();
    const find = (letter) => {
        const range = document.createRange();
        const at = node.data.indexOf(letter);
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        return range.getBoundingClientRect().left;
    };
    return find(one) < find(other);
}"""


READ_SHARE = """() => {  // how much of the slideshow has been played
    const range = document.querySelector('.stage [type=range]');
    return range.value / range.max;
}"""


@pytest.fixture
def rtl_page(browser: Browser, live_server: str) -> Iterator[Page]:  # noqa: F811
    """The page on a phone as it is in a language from right to left, with a few sentences in it."""
    with opened_silently(browser, viewport=PHONE) as context:
        yield open_rtl(context.new_page(), live_server)


def open_rtl(page: Page, address: str) -> Page:
    def answer(route: Route) -> None:
        answer = route.fetch()
        link = '<link rel="preload" as="fetch" crossorigin href="/ar.json" data-catalogue>'
        head = answer.text().replace('lang="en" dir="ltr">', 'lang="ar" dir="rtl">', 1)
        route.fulfill(response=answer, body=head.replace("<link", f"{link}<link", 1))

    page.route(f"{address}/", answer)
    page.route("**/ar.json", lambda route: route.fulfill(json=ARABIC))
    visit(page, address)
    expect(page.locator("#place-make [data-part=sum]")).to_have_text("أضف صورة واحدة على الأقل.")
    return page


def read_box(page: Page, selector: str) -> tuple[float, float]:
    """Return the left and the right edge of an element."""
    box = measure(page.locator(selector))
    return box["x"], box["x"] + box["width"]


@pytest.mark.browser
def test_photos_run_from_right_to_left(rtl_page: Page, photo_paths: list[Path]) -> None:
    page = rtl_page
    page.locator("[name=images]").set_input_files(photo_paths[:3])
    frames = page.locator(".sheet .frame")
    expect(frames).to_have_count(3)
    total = page.locator("#place-make [data-part=sum]")
    expect(total).to_contain_text("صور", timeout=RENDER_MS)
    assert total.evaluate(READ_ORDER, ["\u00d7", "s"])  # what has no translation does not turn
    lefts = [box["x"] for box in measure_all(*frames.all())]
    assert lefts == sorted(lefts, reverse=True)
    frames.first.focus()
    page.keyboard.press("ArrowLeft")
    expect(frames.nth(1)).to_be_focused()
    page.keyboard.press("Delete")
    name = photo_paths[1].name
    expect(page.locator(".toast")).to_contain_text(f"تمت إزالة \u2068{name}\u2069.")
    width, window = page.evaluate(READ_WIDTHS)
    assert width <= window


@pytest.mark.browser
def test_time_of_the_stage_runs_to_the_right_on_a_page_from_right_to_left(
    rtl_page: Page, photo_paths: list[Path]
) -> None:
    page = rtl_page
    page.locator("[name=images]").set_input_files(photo_paths[:2])
    scrubber = page.locator(".stage [type=range]")
    expect(scrubber).not_to_have_attribute("max", "0", timeout=RENDER_MS)
    play = page.locator("[data-act=stage-play]")
    if play.get_attribute("aria-label") == "Pause the slideshow":
        play.click()
    scrubber.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(scrubber).not_to_have_value("0")
    left, right = read_box(page, ".stage-scrub")
    head = sum(read_box(page, ".stage-scrub .playhead")) / 2
    share = page.evaluate(READ_SHARE)
    assert head == pytest.approx(left + share * (right - left), abs=3)
    assert read_box(page, "[data-act=stage-play]")[1] <= left
    middle = page.locator(".stage-scrub .strip").bounding_box()
    assert middle
    page.mouse.click(left + 0.75 * (right - left), middle["y"] + middle["height"] / 2)
    assert page.evaluate(READ_SHARE) == pytest.approx(0.75, abs=0.05)
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(READ_SHARE) < 0.75


@pytest.mark.browser
def test_part_of_a_song_lies_under_its_handles_on_a_page_from_right_to_left(
    rtl_page: Page, song_path: Path
) -> None:
    page = rtl_page
    page.locator("#place-make [name=audio]").set_input_files(song_path)
    handle = page.locator("[data-part=start-slider]")
    expect(handle).not_to_have_attribute("max", "1", timeout=RENDER_MS)
    page.locator("[popovertarget=drawer-music].chip").click()
    page.locator(".song summary").click()
    expect(handle).to_be_visible()
    handle.press("ArrowRight")
    expect(page.locator(".song [data-part=start]")).to_have_value("0.1")
    shade = page.locator(".wave").evaluate("wave => getComputedStyle(wave, '::after').direction")
    assert shade == "ltr"


@pytest.mark.browser
def test_part_lies_under_its_handles_on_a_page_from_right_to_left(rtl_page: Page) -> None:
    page = rtl_page
    page.locator(".places [data-place=cut]").click()
    page.locator("[name=video]").set_input_files(find_bikes())
    expect(page.locator("#place-cut [type=submit]")).to_be_enabled(timeout=RENDER_MS)
    page.locator("#place-cut [name=start]").fill("2")
    page.locator("#place-cut [name=end]").fill("5")
    duration = float(page.locator("[name=end_slider]").get_attribute("max") or 0)
    left, right = read_box(page, ".trim .strip")
    start, end = read_box(page, ".trim-range")
    assert start == pytest.approx(left + 2 / duration * (right - left), abs=4)
    assert end == pytest.approx(left + 5 / duration * (right - left), abs=4)
    slider = page.locator("[name=start_slider]")
    slider.focus()
    page.keyboard.press("ArrowRight")  # time runs to the right on the film of a video
    assert read_box(page, ".trim-range")[0] > start
    strip = measure(page.locator(".trim .strip"))
    page.mouse.click(left + 0.75 * (right - left), strip["y"] + strip["height"] / 2)
    time = page.locator("#place-cut video").evaluate("video => video.currentTime")
    assert time == pytest.approx(0.75 * duration, abs=0.2)


def answer_finished(route: Route) -> None:
    """Tell of one finished video."""
    result = {"duration": 12.5, "width": 1080, "height": 1920, "file_size": 4_200_000}
    job = {"job_id": "video-1", "kind": "slideshow", "status": "finished", "created_at": ENDED}
    links = {"download_url": "/download/video-1", "poster_url": ""}
    route.fulfill(json={"jobs": [job | {"ended_at": ENDED, "result": result | links}], "total": 1})


def check_large(page: Page) -> None:
    """Check that nothing leaves the phone or its own box, with letters of twice the size."""
    check_width(page, PHONE["width"])
    assert page.evaluate(LIST_SPILT) == []


@pytest.mark.parametrize("locale", ["en-GB", *LOCALES.values()])
def test_large_letters_stay_within_a_phone(
    open_page: OpenPage, locale: str, photo_paths: list[Path], song_path: Path
) -> None:
    page = open_page(locale)
    page.route("**/jobs?page=*", answer_finished)
    session = page.context.new_cdp_session(page)
    session.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})  # 200 %
    page.wait_for_function(IS_LARGE)
    check_large(page)
    page.locator("[name=images]").set_input_files(photo_paths[:2])
    page.locator("#place-make [name=audio]").set_input_files(song_path)
    expect(page.locator("[data-act=caption-photos]")).to_be_enabled(timeout=RENDER_MS)
    page.evaluate(OPEN_ALL)
    for name in ("photos", "music", "look", "text"):
        page.locator(f"[popovertarget=drawer-{name}].chip").click()
        check_large(page)
        page.locator(f"#drawer-{name} .drawer-close").click()
    page.locator(".sheet .frame").first.click()
    for act in ("edit", "move-to"):
        page.locator(f".picked-bar [data-act={act}]").click()
        expect(page.locator("dialog[open]")).to_be_visible()
        check_large(page)
        page.keyboard.press("Escape")
    page.locator("[data-place=videos]").click()
    expect(page.locator(".draft, .card")).to_have_count(2)
    for button in page.locator(":is(.draft, .card) [data-act=delete]").all():
        button.click()
    check_large(page)
    page.locator("[data-place=cut]").click()
    check_large(page)
    page.locator("[name=video]").set_input_files(find_bikes())
    expect(page.locator("#place-cut [type=submit]")).to_be_enabled(timeout=RENDER_MS)
    page.evaluate(OPEN_ALL)
    page.locator("[data-act=add-cue]").click()
    page.locator("#place-cut [name=end]").fill("4")
    page.locator("[data-act=add-part]").click()
    check_large(page)
    assert page.evaluate(IS_LARGE)
