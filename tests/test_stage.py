"""The stage shows before the render what the rendered video shows, in a real browser."""

from __future__ import annotations

import base64
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Response,
    Route,
    expect,
)

from tests.browsing import (
    UNANSWERED,
    launched,
    measure_all,
    opened_silently,
    resize,
    show_as,
    visit,
    wait_for,
    wait_for_estimate,
)
from tests.test_page import add_music, choose_photos, get_player, open_settings

Picture = NDArray[np.float64]

SIZE = (320, 180)  # in which pictures are compared
NEAR = 0.02  # of the frame's width and height
CAPTION = "Breakfast by the window, before all the others got up and went out to sea"
TIMES = [0.5, 1.3, 1.8, 2.6, 3.3, 3.7, 4.4, 5.2, 6.1, 6.9]

SET_FIELD = """([name, value]) => {
    const field = document.querySelector(`#place-make form`).elements[name];
    field.value = value;
    (field[0] ?? field).dispatchEvent(new Event('input', {bubbles: true}));
}"""
READ_FIELD = """name => {
    return document.querySelector('#place-make form').elements[name].value;
}"""
SEEK = """(range, frame) => {
    range.value = frame;
    range.dispatchEvent(new Event('input', {bubbles: true}));
}"""
IS_TALL = """() => {
    const {width, height} = document.querySelector('.stage canvas');
    return height > width;
}"""
NOTE_PLAYING = """() => {
    const stage = document.querySelector('.stage');
    window.played = new Promise((resolve) => {
        new MutationObserver(() => stage.classList.contains('playing') && resolve())
            .observe(stage, {attributeFilter: ['class']});
    });
}"""
SHOWS_LOOKS = """() => {  // with photos that are cropped, whole and tall
    const cards = [...document.querySelectorAll('.looks canvas')];
    return new Set(cards.map((card) => card.toDataURL())).size >= 3;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(params=["reduce"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser of someone who likes things to stand still, unless a test says otherwise."""
    size, motion = {"width": 1280, "height": 900}, request.param
    with opened_silently(browser, *UNANSWERED, viewport=size, reduced_motion=motion) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext, live_server: str) -> Page:
    """The page, freshly opened."""
    page = context.new_page()
    visit(page, live_server)
    return page


def set_fields(page: Page, **values: object) -> None:
    for name, value in values.items():
        page.evaluate(SET_FIELD, [name, str(value)])


def set_choices(page: Page, name: str, **values: str) -> None:
    """Give a photo its own settings."""
    open_settings(page, name)
    dialog = page.get_by_role("dialog", name=name)
    for key, value in values.items():
        field = dialog.locator(f"[name={key}]")
        if key == "caption":
            field.fill(value)
        else:
            field.select_option(value)
    dialog.get_by_role("button", name="Done").click()


def read_order(response: Response) -> dict[str, Any]:
    """Return the order of all that is chosen that a response answers: not that of a look's card."""
    is_order = response.url.endswith("/generate_video")
    order = (response.request.post_data_json or {}) if is_order else {}
    return order if "fps" in order else {}


def wait_for_plan(page: Page) -> None:
    """Wait until the stage shows what is chosen now."""
    expect(page.get_by_role("button", name="Make slideshow")).to_be_enabled()
    wait_for_estimate(page.locator("#place-make"))
    expect(page.locator(".stage canvas")).to_have_attribute("data-frame", re.compile(r"\d"))


def see_stage(page: Page, frame: int) -> Image.Image:
    page.get_by_label("Time in the preview").evaluate(SEEK, frame)
    canvas = page.locator(".stage canvas")
    expect(canvas).to_have_attribute("data-frame", str(frame))
    address: str = canvas.evaluate("canvas => canvas.toDataURL('image/png')")
    return Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGB")


def read_frames(path: Path, numbers: list[int]) -> list[Image.Image]:
    with av.open(str(path)) as video:
        return [
            Image.fromarray(frame.to_ndarray(format="rgb24"))
            for number, frame in enumerate(video.decode(video=0))
            if number in numbers
        ]


def to_grey(picture: Image.Image) -> Picture:
    return np.asarray(picture.convert("L").resize(SIZE, Image.Resampling.BOX), np.float64)


def measure_difference(one: Picture, other: Picture, across: int = 0, down: int = 0) -> float:
    """Return the mean difference of two pictures, one of which is moved by so many pixels."""
    height, width = one.shape
    moved = other[max(-down, 0) : height - max(down, 0), max(-across, 0) : width - max(across, 0)]
    kept = one[max(down, 0) : height + min(down, 0), max(across, 0) : width + min(across, 0)]
    return float(np.abs(moved - kept).mean())


def find_shift(one: Picture, other: Picture) -> tuple[float, float]:
    """Return by which shares of its width and height a picture is moved to match another best."""
    shifts = [(across, down) for across in range(-14, 15) for down in range(-8, 9)]
    across, down = min(shifts, key=lambda shift: measure_difference(one, other, *shift))
    return across / SIZE[0], down / SIZE[1]


def find_letters(picture: Image.Image, box: list[float]) -> list[float]:
    """Return where the white letters in a box begin and end, as shares of the frame."""
    left, top, width, height = box
    place = np.multiply((left, top, left + width, top + height), picture.size * 2)
    first, above, last, below = map(int, place)
    bright = np.asarray(picture.convert("L").crop((first, above, last, below))) > 170
    rows, columns = np.flatnonzero(bright.any(1)), np.flatnonzero(bright.any(0))
    edges = (*columns[[0, -1]] / picture.width, *rows[[0, -1]] / picture.height)
    return [float(edge) for edge in edges]


def test_stage_shows_what_the_rendered_video_shows(page: Page, photo_paths: list[Path]) -> None:
    plans: list[dict[str, Any]] = []
    page.on(
        "response",
        lambda response: plans.append(response.json()) if read_order(response) else None,
    )
    choose_photos(page, photo_paths[:3])
    set_fields(page, duration=2, transition_duration=0.8, transition="push_left")
    set_fields(page, resolution="640x360", title="Summer", card_duration=1.4)
    set_choices(page, photo_paths[0].name, caption=CAPTION)
    set_choices(page, photo_paths[1].name, transition="circle_open")
    set_choices(page, photo_paths[2].name, motion="zoom_in")
    wait_for_plan(page)
    frames = [round(seconds * 30) for seconds in TIMES]
    staged = [see_stage(page, frame) for frame in frames]
    box = plans[-1]["timeline"]["slides"][1]["words"][0]["box"]
    page.get_by_role("button", name="Make slideshow").click()
    get_player(page, "slideshow")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    rendered = read_frames(download.value.path(), frames)

    pairs = [(to_grey(one), to_grey(other)) for one, other in zip(staged, rendered, strict=True)]
    for seconds, (one, other) in zip(TIMES, pairs, strict=True):
        shift = find_shift(one, other)
        assert max(map(abs, shift)) <= NEAR, f"at {seconds} s"
        assert measure_difference(one, other) < 12, f"at {seconds} s"
    alone = [number for number, seconds in enumerate(TIMES) if seconds in (0.5, 1.8, 4.4, 6.1)]
    for number in alone:
        matches = [measure_difference(pairs[number][0], pairs[other][1]) for other in alone]
        assert min(matches) == matches[alone.index(number)], "another photo"
    lines = [find_letters(pictures[2], box) for pictures in (staged, rendered)]
    assert lines[0] == pytest.approx(lines[1], abs=NEAR)


def test_stage_plays_and_steps_by_keys_and_never_by_itself_where_motion_is_unwanted(
    page: Page, photo_paths: list[Path], song_path: Path
) -> None:
    choose_photos(page, photo_paths[:2])
    add_music(page, "Slideshow", song_path)
    set_fields(page, duration=1)
    wait_for_plan(page)
    expect(page.locator(".stage.playing")).to_have_count(0)
    time = page.get_by_label("Time in the preview")
    expect(time).to_have_value("0")
    play = page.get_by_role("button", name="Play the slideshow")
    play.focus()
    page.evaluate(NOTE_PLAYING)
    page.keyboard.press("Space")
    page.evaluate("window.played")
    expect(play).to_be_focused()  # it has come to the end by itself
    expect(time).to_have_value("59")
    page.keyboard.press("ArrowLeft")
    expect(time).to_have_value("29")
    page.keyboard.press("Shift+ArrowRight")
    expect(time).to_have_value("30")
    page.keyboard.press("PageUp")
    expect(time).to_have_value("0")
    expect(page.get_by_role("img", name=f"Photo 1 of 2, {photo_paths[0].name}")).to_be_visible()
    time.press("End")
    expect(time).to_have_attribute("aria-valuetext", re.compile("^0:01 of 0:02. Photo 2 of 2"))
    page.reload()
    expect(page.locator(".stage canvas")).to_have_attribute("data-frame", re.compile(r"\d"))
    with page.expect_request(re.compile("/media/")):
        play.click()
    expect(play).to_be_visible()  # it has come to the end


def test_stage_pauses_with_its_music_when_another_tab_is_looked_at(
    page: Page, photo_paths: list[Path], song_path: Path
) -> None:
    choose_photos(page, photo_paths[:2])
    add_music(page, "Slideshow", song_path)
    set_fields(page, duration=60)
    wait_for_plan(page)
    with page.expect_request(re.compile("^blob:")):
        page.get_by_role("button", name="Play the slideshow").click()
    show_as(page, "hidden")
    expect(page.get_by_role("button", name="Play the slideshow")).to_be_visible()
    expect(page.get_by_label("Time in the preview")).not_to_have_value("3599")


def test_look_sets_all_choices_and_plays_on_the_first_photos(
    page: Page, photo_paths: list[Path]
) -> None:
    choose_photos(page, photo_paths[:2])
    looks = page.locator(".looks")
    expect(looks.get_by_role("radio", name="Plain")).to_be_checked()
    story = looks.get_by_role("radio", name="Story")
    with page.expect_response(lambda response: read_order(response).get("transition") == "push_up"):
        story.check()
    chosen = {"motion": "kenburns", "fit": "cover", "resolution": "1080x1920"}
    for name, value in {**chosen, "card_background": "#1d3557"}.items():
        assert page.evaluate(READ_FIELD, name) == value
    page.wait_for_function(IS_TALL)
    page.wait_for_function(SHOWS_LOOKS)
    looks.get_by_role("radio", name="Film").check()
    assert page.evaluate(READ_FIELD, "resolution") == "1920x1080"
    with page.expect_response(lambda response: "title" in read_order(response)) as answer:
        set_fields(page, title="The end of summer")
    assert read_order(answer.value)["title"]["background"] == "#000000"
    set_fields(page, transition="blur")
    expect(looks.locator(":checked")).to_have_count(0)


@pytest.mark.parametrize("context", ["no-preference"], indirect=True)
def test_stage_plays_at_once_until_something_else_is_done_and_shows_what_is_chosen(
    page: Page, photo_paths: list[Path]
) -> None:
    choose_photos(page, photo_paths[:2])
    set_fields(page, duration=20)
    pause = page.get_by_role("button", name="Pause the slideshow")
    expect(pause).to_be_visible()
    page.get_by_role("radio", name="Draft").check()  # by a click beside the stage
    expect(pause).to_be_hidden()
    time = page.get_by_label("Time in the preview")
    expect(time).to_have_attribute("max", "1199")
    page.evaluate(NOTE_PLAYING)
    set_fields(page, transition="wipe_left")
    page.evaluate("window.played")  # the transition alone, which takes one second
    expect(pause).to_be_hidden()
    assert 600 <= int(time.input_value()) <= 650


@pytest.mark.parametrize("context", ["no-preference"], indirect=True)
def test_stage_plays_by_itself_only_where_it_is_seen(page: Page, photo_paths: list[Path]) -> None:
    resize(page, 740, 360)  # a phone on its side
    page.evaluate(NOTE_PLAYING)
    page.evaluate("void window.played.then(() => { window.hasPlayed = true; })")
    choose_photos(page, photo_paths[:2])
    set_fields(page, duration=20)
    wait_for_plan(page)
    set_fields(page, transition="wipe_left")
    wait_for_plan(page)
    assert not page.evaluate("window.hasPlayed")
    fold = page.locator("[data-act=stage-fold]")
    pause = page.get_by_role("button", name="Pause the slideshow")
    fold.click()
    expect(pause).to_be_visible()
    fold.click()
    expect(pause).to_be_hidden()
    page.evaluate(NOTE_PLAYING)
    set_fields(page, transition="wipe_right")
    wait_for_plan(page)
    fold.click()
    page.evaluate("window.played")  # the transition alone
    expect(pause).to_be_hidden()
    assert 600 <= int(page.get_by_label("Time in the preview").input_value()) <= 650


@pytest.mark.parametrize("context", ["no-preference"], indirect=True)
def test_stage_is_silent_by_itself_also_after_it_was_heard(
    page: Page, photo_paths: list[Path]
) -> None:
    set_fields(page, duration=60)
    choose_photos(page, photo_paths[:3])
    pause = page.get_by_role("button", name="Pause the slideshow")
    pause.click()
    page.get_by_role("button", name="Play the slideshow").click()
    page.get_by_role("button", name="Remove all").click()
    choose_photos(page, photo_paths[:3])
    expect(pause).to_be_visible()
    page.get_by_role("radio", name="Draft").check()
    expect(pause).to_be_hidden()  # as what is heard would go on


def test_part_of_a_song_is_dragged_on_its_waveform(page: Page, song_path: Path) -> None:
    add_music(page, "Slideshow", song_path)
    expect(page.get_by_text("0:04", exact=True)).to_be_visible()
    page.get_by_text("Only a part", exact=True).first.click()
    expect(page.locator(".wave[data-drawn]")).to_be_visible()
    start = page.get_by_label("Where the music starts")
    start.press("PageUp")
    field = page.get_by_label("From, seconds").first
    expect(field).to_have_value(start.input_value())
    assert float(start.input_value()) > 0
    page.get_by_label("To, seconds").first.fill("2")
    expect(page.get_by_label("Where the music ends")).to_have_value("2")
    page.get_by_label("Where the music ends").press("Home")  # not before the start
    end = float(page.get_by_label("To, seconds").first.input_value())
    assert end == pytest.approx(float(start.input_value()) + 0.1)


def test_photos_that_are_here_are_shown_while_others_are_sent(
    page: Page, photo_paths: list[Path], tmp_path: Path
) -> None:
    held: list[Route] = []
    sent = iter((True, False))

    def send(route: Route) -> None:
        if next(sent):
            route.continue_()
        else:
            held.append(route)

    page.route("**/upload_images", send)
    last = Path(shutil.copy(photo_paths[0], tmp_path / "last.png"))
    choose_photos(page, photo_paths)
    choose_photos(page, [last])
    picture = page.get_by_role("img", name=f"Photo 1 of 4, {photo_paths[0].name}")
    expect(picture).to_be_visible()
    wait_for(page, lambda: bool(held))
    held[0].continue_()
    expect(page.get_by_role("img", name=f"Photo 1 of 5, {photo_paths[0].name}")).to_be_visible()


def test_stage_has_the_shape_of_the_video_with_nothing_beside_it(
    page: Page, photo_paths: list[Path]
) -> None:
    choose_photos(page, photo_paths[:1])
    wait_for_plan(page)
    for size, ratio in (("Full HD 1920\u00d71080", 16 / 9), ("Phone 1080\u00d71920", 9 / 16)):
        resize(page, 1440, 800)
        page.get_by_role("radio", name=size, exact=True).check()
        wait_for_plan(page)
        for width in (1440, 360):
            resize(page, width, 800)
            screen, canvas = measure_all(
                page.locator(".stage-screen"), page.locator(".stage canvas")
            )
            assert screen == pytest.approx(canvas, abs=1), width
            assert screen["width"] / screen["height"] == pytest.approx(ratio, rel=0.02), width


def test_first_photo_is_seen_before_any_is_sent(page: Page, photo_paths: list[Path]) -> None:
    held: list[Route] = []
    page.route("**/upload_images", lambda route: held.append(route))
    choose_photos(page, photo_paths)
    first = page.locator(".stage-first")
    expect(first).to_be_visible()
    screen, seen = measure_all(page.locator(".stage-screen"), first)
    assert seen["height"] == pytest.approx(screen["height"], abs=2)
    expect(page.get_by_text("Sending 1 of 4", exact=True)).to_be_visible()
    wait_for(page, lambda: bool(held))
    held[0].continue_()
    expect(page.get_by_role("img", name=f"Photo 1 of 4, {photo_paths[0].name}")).to_be_visible()
    expect(first).to_be_hidden()
    expect(page.get_by_text("Sending 1 of 4", exact=True)).to_be_hidden()


def test_photo_that_is_selected_is_shown_on_the_stage(page: Page, photo_paths: list[Path]) -> None:
    choose_photos(page, photo_paths[:3])
    set_fields(page, title="Our summer")
    wait_for_plan(page)
    for number in (2, 0):
        page.get_by_title(photo_paths[number].name).click()
        shown = f"Photo {number + 1} of 3, {photo_paths[number].name}"
        expect(page.get_by_role("img", name=shown)).to_be_visible()
