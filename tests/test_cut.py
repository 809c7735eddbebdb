"""Cut in a real browser: the screen, the parts on their strip, captions and suggestions."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Response, Route, expect

from tests.axe import find_faults_of_themes
from tests.browsing import (
    RENDER_MS,
    measure,
    measure_all,
    opened_silently,
    read_status,
    rest,
    save_draft,
    visit,
    wait_for_estimate,
)
from tests.test_page import (
    browser,  # noqa: F401  # a fixture
    expect_values,
    find_bikes,
    get_place,
    get_player,
    go,
    open_clip,
    order_clip,
    page,  # noqa: F401  # a fixture
    with_model,  # noqa: F401  # a fixture
)

BIKES = 640 / 272
TALL = 9 / 16
SPEECH_MS = 4 * RENDER_MS  # to write down 44 seconds of it on a busy machine


def crop(page: Page) -> Locator:  # noqa: F811  # the fixture
    """Open a wide video, crop it to a tall clip, and return the frame on the screen."""
    clip = open_clip(page, find_bikes())
    order_clip(page, clip.locator("label", has_text="Fill and crop").click)
    return clip.get_by_role("slider", name="Crop")


# --- the screen ---------------------------------------------------------------------------------


def test_crop_is_shown_on_the_screen_and_dragged_there(page: Page) -> None:  # noqa: F811
    frame = crop(page)
    screen = measure(page.locator(".screen"))
    own = measure(frame)
    assert screen["width"] / screen["height"] == pytest.approx(BIKES, rel=0.01)
    assert own["width"] / own["height"] == pytest.approx(TALL, rel=0.01)
    assert own["x"] + own["width"] / 2 == pytest.approx(screen["x"] + screen["width"] / 2, abs=1)
    middle = own["x"] + own["width"] / 2, own["y"] + own["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + screen["width"] / 4, middle[1] - 30, steps=4)
    order = order_clip(page, page.mouse.up)
    assert order["focus"]["x"] == pytest.approx(0.75, abs=0.005)
    assert order["focus"]["y"] == 0.5
    moved = measure(frame)
    assert moved["x"] - own["x"] == pytest.approx(screen["width"] / 4, abs=2)
    expect(page.get_by_role("button", name="Play the video")).to_be_visible()  # it was no click
    page.get_by_text("Size, rotation and crop").click()
    expect(page.get_by_role("combobox", name="Crop")).to_have_value("point")
    page.get_by_label("Point, % from the left").fill("20")
    expect(frame).to_have_attribute("aria-valuetext", "20 % from the left")


def test_crop_is_moved_by_the_keys_and_stays_within_the_video(page: Page) -> None:  # noqa: F811
    frame = crop(page)
    frame.focus()
    page.keyboard.press("Shift+ArrowRight")
    order = order_clip(page, lambda: page.keyboard.press("ArrowLeft"))
    assert order["focus"] == {"x": 0.59, "y": 0.5}
    expect(frame).to_have_attribute("aria-valuenow", "59")
    page.keyboard.press("Home")
    screen = measure(page.locator(".screen"))
    assert measure(frame)["x"] == pytest.approx(screen["x"], abs=1)
    page.keyboard.press("ArrowLeft")
    assert measure(frame)["x"] == pytest.approx(screen["x"], abs=1)


def test_crop_that_follows_faces_says_so_until_it_is_dragged(page: Page) -> None:  # noqa: F811
    frame = crop(page)
    page.get_by_text("Size, rotation and crop").click()
    choice = page.get_by_role("combobox", name="Crop")
    order = order_clip(page, lambda: choice.select_option("auto"))
    assert order["focus"] == "auto"
    expect(page.locator(".screen").get_by_text("Follows faces")).to_be_visible()
    expect(frame).to_have_attribute("aria-valuetext", "It follows faces, or what moves")
    frame.focus()
    order = order_clip(page, lambda: page.keyboard.press("ArrowRight"))
    assert order["focus"] == {"x": 0.51, "y": 0.5}
    expect(page.locator(".screen").get_by_text("Follows faces")).to_be_hidden()


def order_until(
    page: Page,  # noqa: F811
    change: Callable[[], object],
    holds: Callable[[dict[str, Any]], object],
) -> dict[str, Any]:
    """Return the order after a change for which something holds, which the server takes."""

    def is_meant(response: Response) -> bool:
        is_order = response.url.endswith("/generate_clip")
        return is_order and bool(holds(response.request.post_data_json or {}))

    with page.expect_response(is_meant, timeout=RENDER_MS) as said:
        change()
    assert read_status(said.value) == 200, said.value.text()
    return said.value.request.post_data_json or {}


def cut_in_two(clip: Locator) -> None:
    """Have seconds 1 to 3 and 6 to 8 as parts, of which the second is edited."""
    clip.get_by_label("Start, seconds").fill("1")
    clip.get_by_label("End, seconds").fill("3")
    clip.get_by_role("button", name="Add another part").click()
    clip.get_by_label("Start, seconds").fill("6")
    clip.get_by_label("End, seconds").fill("8")


def test_part_has_a_crop_of_its_own(page: Page, tmp_path: Path) -> None:  # noqa: F811
    frame = crop(page)
    clip = get_place(page, "Cut a clip")
    own = clip.get_by_role("combobox", name=re.compile("Crop of part"))
    expect(own).to_be_hidden()  # the only part is all of them
    cut_in_two(clip)
    frame.focus()
    order = order_until(page, lambda: page.keyboard.press("Home"), lambda order: "focus" in order)
    left = order["focus"]
    assert left["x"] < 0.2
    assert [list(part) for part in order["segments"]] == [["start", "end"]] * 2
    expect(own).to_have_accessible_name("Crop of part 2")
    own.select_option("This part only")
    frame.focus()
    right = {"x": pytest.approx(1 - left["x"], abs=0.002), "y": 0.5}
    order = order_until(
        page,
        lambda: page.keyboard.press("End"),
        lambda order: order["segments"][1].get("focus") == right,
    )
    assert order["focus"] == left
    assert order["segments"][0] == {"start": 1, "end": 3}
    expect(clip.get_by_role("button", name="Part 2: 0:06 to 0:08, own crop")).to_be_visible()
    at_right = str(frame.get_attribute("aria-valuetext"))
    seek(page, 2)  # the frame is that of the part that is shown
    expect(own).to_have_accessible_name("Crop of part 1")
    expect(own).to_have_value("")
    expect(frame).not_to_have_attribute("aria-valuetext", at_right)
    save_draft(page)
    page.reload(timeout=RENDER_MS)
    expect(own).to_have_accessible_name("Crop of part 2")
    expect(own).to_have_value("own")
    expect(frame).to_have_attribute("aria-valuetext", at_right)
    clip.get_by_role("button", name="Make clip").click()
    frames = save_frames(page, tmp_path)
    for number, second, middle in ((25, 2, left["x"]), (75, 7, 1 - left["x"])):
        found = find_crop(frames[number], read_frame(find_bikes(), second))
        assert found == pytest.approx(middle, abs=0.02)


def test_own_crop_of_the_last_part_becomes_that_of_the_clip(page: Page) -> None:  # noqa: F811
    frame = crop(page)
    clip = get_place(page, "Cut a clip")
    cut_in_two(clip)
    own = clip.get_by_role("combobox", name="Crop of part 2")
    order_until(
        page,
        lambda: own.select_option("Follow faces, or what moves"),
        lambda order: order.get("segments", [{}])[-1].get("focus") == "auto",
    )
    expect(page.locator(".screen").get_by_text("Follows faces")).to_be_visible()
    frame.focus()
    moved = {"x": 0.51, "y": 0.5}
    order = order_until(
        page,
        lambda: page.keyboard.press("ArrowRight"),
        lambda order: order["segments"][1]["focus"] == moved,
    )
    expect(own).to_have_value("own")
    assert "focus" not in order
    remove = clip.get_by_role("button", name="Remove part 1")
    order = order_until(page, remove.click, lambda order: "segments" not in order)
    assert (order["start"], order["focus"]) == (6, moved)
    expect(own).to_be_hidden()


@pytest.fixture
def touched(browser: Browser, live_server: str) -> Iterator[Page]:  # noqa: F811
    """The page on a phone."""
    size = {"width": 360, "height": 780}
    with opened_silently(browser, viewport=size, has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        visit(page, live_server)
        yield page


def drag_by_finger(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:  # noqa: F811
    session = page.context.new_cdp_session(page)
    for step in range(6):
        kind = "touchMove" if step else "touchStart"
        point = {"x": start[0] + by[0] * step / 5, "y": start[1] + by[1] * step / 5}
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_crop_is_dragged_by_a_finger_and_the_page_still_scrolls(touched: Page) -> None:
    frame = crop(touched)
    touched.evaluate("scrollTo(0, 0)")
    own, screen = measure(frame), measure(touched.locator(".screen"))
    middle = own["x"] + own["width"] / 2, own["y"] + own["height"] / 2
    order = order_clip(touched, lambda: drag_by_finger(touched, middle, (-60, 0)))
    assert order["focus"]["x"] == pytest.approx(0.5 - 60 / screen["width"], abs=0.01)
    own = measure(frame)
    middle = own["x"] + own["width"] / 2, own["y"] + own["height"] / 2
    drag_by_finger(touched, middle, (0, -60))
    touched.wait_for_function("() => scrollY > 20")


def test_screen_has_the_shape_of_the_clip_around_an_uncut_picture(page: Page) -> None:  # noqa: F811
    clip = open_clip(page, find_bikes())
    screen, video = measure(page.locator(".screen")), measure(clip.get_by_label("Your video"))
    assert screen["width"] / screen["height"] == pytest.approx(TALL, rel=0.01)
    assert video["width"] / video["height"] == pytest.approx(BIKES, rel=0.02)
    assert video["y"] - screen["y"] == pytest.approx(
        screen["y"] + screen["height"] - video["y"] - video["height"], abs=1.5
    )
    expect(clip.get_by_role("slider", name="Crop")).to_be_hidden()
    page.get_by_text("Size, rotation and crop").click()
    page.get_by_label("Rotation").locator("visible=true").select_option("90")
    turned = measure(clip.get_by_label("Your video"))
    assert turned["height"] / turned["width"] == pytest.approx(BIKES, rel=0.02)


def test_screen_plays_and_is_gone_through_by_its_controls(page: Page) -> None:  # noqa: F811
    clip = open_clip(page, find_bikes())
    video, time = clip.get_by_label("Your video"), clip.get_by_label("Time of the video")
    time.focus()
    page.keyboard.press("PageUp")
    expect(time).to_have_attribute("aria-valuetext", "0:05 of 0:10")
    page.keyboard.press("Space")
    expect(clip.get_by_role("button", name="Pause the video")).to_be_visible()
    page.wait_for_function("() => document.querySelector('#place-cut video').currentTime > 5.2")
    page.locator(".screen").click()
    assert video.evaluate("video => video.paused")
    sound = clip.get_by_role("button", name="Sound while it plays here")
    sound.click()
    expect(sound).to_have_attribute("aria-pressed", "false")
    assert video.evaluate("video => video.muted")
    controls, screen = measure(page.locator(".screen-controls")), measure(page.locator(".screen"))
    assert controls["y"] >= screen["y"] + screen["height"]  # the shade around a crop is not on them


def test_what_an_app_covers_is_shown_on_tall_clips(page: Page) -> None:  # noqa: F811
    clip = open_clip(page, find_bikes())
    covers = page.locator(".safe-areas span")
    expect(covers).to_have_count(0)
    for name in ("TikTok", "Instagram Reels", "YouTube Shorts"):
        clip.get_by_label("Show what an app covers").select_option(name)
        screen = measure(page.locator(".screen"))
        top, bottom = measure(covers.nth(0)), measure(covers.nth(1))
        assert top["height"] / screen["height"] == pytest.approx(0.14, abs=0.005)
        assert bottom["height"] / screen["height"] == pytest.approx(0.2, abs=0.005)
        buttons = measure(covers.filter(has_text="Buttons"))
        assert buttons["width"] / screen["width"] == pytest.approx(120 / 1080, abs=0.005)
        assert buttons["y"] >= screen["y"] + screen["height"] / 2 - 1
    expect(covers.filter(has_text="In ads")).to_have_count(0)
    clip.locator("label", has_text="Square").click()
    expect(covers).to_have_count(0)
    expect(page.get_by_text("These apps cover only tall clips")).to_be_visible()


def test_place_of_a_clip_shows_what_its_app_covers(page: Page) -> None:  # noqa: F811
    go(page, "Cut")
    page.locator("#place-cut [name=place]").select_option("TikTok")  # before there is a video
    clip = open_clip(page, find_bikes())
    place, app = clip.get_by_label("Where it goes"), clip.get_by_label("Show what an app covers")
    covers = page.locator(".safe-areas span")
    expect(app).to_have_value("tiktok")
    expect(covers).not_to_have_count(0)
    place.select_option("E-mail")
    expect(app).to_have_value("")
    expect(covers).to_have_count(0)
    app.select_option("Instagram Reels")
    place.select_option("YouTube")
    expect(app).to_have_value("instagram")  # it was chosen
    app.select_option("Nothing")
    clip.locator("label", has_text="Square").click()
    place.select_option("TikTok")
    expect(app).to_have_value("")
    clip.locator("label", has_text="Tall").click()
    place.select_option("Instagram")
    expect(app).to_have_value("instagram")
    app.select_option("Nothing")
    save_draft(page)
    page.reload()
    expect(place).to_have_value("instagram")
    expect(app).to_have_value("")


def test_button_says_that_the_video_is_sent_and_then_that_it_is_checked(
    page: Page,  # noqa: F811
) -> None:
    go(page, "Cut")
    expect(get_place(page, "Cut a clip")).to_be_visible()
    held: list[Route] = []
    page.route("**/uploads/**", lambda route: held.append(route))
    submit = page.locator("#place-cut [type=submit]")
    page.get_by_label("Choose a video").set_input_files(find_bikes())
    expect(submit).to_have_text("Sending the video")
    wait_for(page, lambda: [route.request.method for route in held] == ["PATCH"])
    held.pop().continue_()
    wait_for(page, lambda: [route.request.url.split("/")[-1] for route in held] == ["finish"])
    expect(submit).to_have_text("Checking the video")
    expect(page.get_by_text("Checking the video.")).to_be_visible()
    held.pop().continue_()
    expect(submit).to_have_text("Make clip")


def wait_for(page: Page, holds: Callable[[], bool]) -> None:  # noqa: F811
    deadline = time.monotonic() + RENDER_MS / 1000
    while not holds():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


# --- captions -----------------------------------------------------------------------------------

READ_WORDS = """canvas => {
    const {width, height} = canvas;
    const copy = new OffscreenCanvas(width, height);
    const context = copy.getContext('2d', {willReadFrequently: true});
    context.drawImage(canvas, 0, 0);
    const {data} = context.getImageData(0, 0, width, height);
    let [left, top, right, bottom, yellow] = [1, 1, 0, 0, 0];
    for (let index = 0; index < width * height; index += 1) {
        if (data[4 * index + 3] < 60) continue;
        const [x, y] = [index % width / width, Math.floor(index / width) / height];
        [left, right] = [Math.min(left, x), Math.max(right, x)];
        [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
        const [red, green, blue] = data.slice(4 * index, 4 * index + 3);
        if (red > 200 && green > 180 && blue < 80) yellow += 1;
    }
    return right ? {left, top, right, bottom, yellow} : null;
}"""


def seek(page: Page, seconds: float) -> None:  # noqa: F811
    video = page.get_by_label("Your video")
    video.evaluate(
        """(video, seconds) => new Promise((resolve) => {
            video.addEventListener('seeked', () => requestAnimationFrame(resolve), {once: true});
            video.currentTime = seconds;
        })""",
        seconds,
    )


def test_captions_are_shown_on_the_screen_at_their_time_and_in_their_style(
    page: Page,  # noqa: F811
) -> None:
    clip = open_clip(page, find_bikes())
    seek(page, 2)
    page.get_by_text("Captions optional").click()
    clip.get_by_role("button", name="Add a line").click()
    line = clip.get_by_label("Text", exact=True)
    order_clip(page, lambda: line.fill("Here they come at last"))
    words = page.locator(".screen-words")
    wait_for_words = "canvas => (" + READ_WORDS + ")(canvas) !== null"
    page.wait_for_function(wait_for_words, arg=words.element_handle())
    plain = words.evaluate(READ_WORDS)
    assert plain["left"] + plain["right"] == pytest.approx(1, abs=0.02)
    assert 0.6 < plain["top"] < plain["bottom"] <= 0.8 + 0.01  # clear of what apps cover
    assert plain["yellow"] == 0
    seek(page, 1)
    assert words.evaluate(READ_WORDS) is None
    seek(page, 2.2)
    order_clip(page, lambda: clip.get_by_label("Style").select_option("Phrase"))
    page.wait_for_function(
        "canvas => (" + READ_WORDS + ")(canvas)?.yellow > 0", arg=words.element_handle()
    )
    order_clip(page, lambda: clip.get_by_role("combobox", name="Place").select_option("Top"))
    page.wait_for_function(
        "canvas => (" + READ_WORDS + ")(canvas)?.bottom < 0.4", arg=words.element_handle()
    )


MOMENTS = (2.2, 2.6, 3.4)  # seconds of the video
SEEN = (180, 320)  # pixels, in which both pictures are compared


def save_frames(page: Page, folder: Path) -> list[Image.Image]:  # noqa: F811
    """Return the frames of the clip that is being made."""
    get_player(page, "clip")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download").click()
    path = folder / "clip.mp4"
    saved.value.save_as(path)
    with av.open(str(path)) as video:
        return [to_picture(frame) for frame in video.decode(video=0)]


def read_frame(path: Path, seconds: float) -> Image.Image:
    """Return what a video shows at a time."""
    with av.open(str(path)) as video:
        times = (frame for frame in video.decode(video=0) if (frame.time or 0) >= seconds - 0.001)
        return to_picture(next(times))


def to_picture(frame: av.VideoFrame) -> Image.Image:
    return Image.fromarray(frame.to_ndarray(format="rgb24"))


def find_crop(made: Image.Image, whole: Image.Image) -> float:
    """Return where the middle of a crop of full height lies, as a share of the width."""
    height = 90
    width = round(height * made.width / made.height)
    small = whole.convert("L").resize((round(height * whole.width / whole.height), height))
    seen = np.asarray(made.convert("L").resize((width, height)), np.float64)
    pixels = np.asarray(small, np.float64)
    places = range(small.width - width + 1)
    off = [np.abs(pixels[:, left : left + width] - seen).mean() for left in places]
    assert min(off) < 8, "it is nowhere in the video"
    return (int(np.argmin(off)) + width / 2) / small.width


def to_grey(picture: Image.Image) -> Any:
    """Return a picture without its edge, on which the screen has the frame's outline and grips."""
    across, down = picture.width // 20, picture.height // 20
    inner = picture.crop((across, down, picture.width - across, picture.height - down))
    return np.asarray(inner.convert("L").resize(SEEN, Image.Resampling.BOX), np.float64)


def find_yellow(picture: Image.Image) -> list[float]:
    """Return where the spoken word is, as shares of the picture."""
    pixels = np.asarray(picture.convert("RGB")).astype(int)
    is_yellow = (pixels[..., 0] > 200) & (pixels[..., 1] > 170) & (pixels[..., 2] < 90)
    across, down = picture.width // 20, picture.height // 20
    is_yellow[:, :across] = is_yellow[:, -across:] = False  # the frame's outline and grips
    is_yellow[:down] = is_yellow[-down:] = False
    rows, columns = np.flatnonzero(is_yellow.any(1)), np.flatnonzero(is_yellow.any(0))
    edges = (*columns[[0, -1]] / picture.width, *rows[[0, -1]] / picture.height)
    return [float(edge) for edge in edges]


def test_screen_shows_what_the_rendered_clip_shows(
    page: Page,  # noqa: F811
    tmp_path: Path,
) -> None:
    page.set_viewport_size({"width": 1600, "height": 1200})
    frame = crop(page)
    clip = get_place(page, "Cut a clip")
    frame.focus()
    page.keyboard.press("Shift+ArrowRight")
    clip.get_by_label("Start, seconds").fill("2")
    clip.get_by_label("End, seconds").fill("4")
    page.get_by_text("Captions optional").click()
    clip.get_by_role("button", name="Add a line").click()
    clip.get_by_label("From, seconds").fill("2")
    clip.get_by_label("To, seconds").fill("3.8")
    clip.get_by_label("Text", exact=True).fill("Look who comes")
    clip.get_by_role("combobox", name="Letters").select_option("large")
    order_clip(page, lambda: clip.get_by_label("Style").select_option("Phrase"))
    page.evaluate("() => document.fonts.ready.then(() => {})")
    page.evaluate("() => document.activeElement.blur()")
    page.evaluate("() => scrollTo(0, 0)")
    shots = []
    for moment in MOMENTS:
        seek(page, moment + 0.02)  # in the middle of a frame
        page.wait_for_timeout(200)
        box = page.locator(".screen-frame").bounding_box()
        assert box
        shots.append(Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB"))
    clip.get_by_role("button", name="Make clip").click()
    frames = save_frames(page, tmp_path)
    for moment, shot in zip(MOMENTS, shots, strict=True):
        made = frames[round((moment - 2) * 25)]
        likeness = np.corrcoef(to_grey(shot).ravel(), to_grey(made).ravel())[0, 1]
        assert likeness > 0.93, moment  # browsers make videos smaller by rules of their own
        seen, drawn = find_yellow(shot), find_yellow(made)
        assert seen == pytest.approx(drawn, abs=0.03), moment


def test_page_says_that_the_place_of_captions_that_avoid_faces_is_found_later(
    page: Page,  # noqa: F811
) -> None:
    captions = open_clip(page, find_bikes()).locator(".captions")
    captions.locator("summary").click()
    place, line = captions.get_by_label("Place"), captions.get_by_text("clear of faces")
    expect(place).to_be_visible()
    expect(line).to_be_hidden()
    place.select_option("auto")
    expect(line).to_be_visible()


def test_caption_of_the_moment_is_edited_below_the_screen(page: Page) -> None:  # noqa: F811
    clip = open_clip(page, find_bikes())
    now = clip.get_by_label("Caption at this moment")
    seek(page, 3)
    order = order_clip(page, lambda: now.fill("Look there"))
    assert order["captions"]["cues"] == [{"start": 3, "end": 5, "text": "Look there"}]
    now.blur()
    seek(page, 6)
    expect(now).to_have_value("")
    seek(page, 1)
    now.fill("At first")
    now.blur()
    page.get_by_text("Captions 2 lines").click()
    lines = clip.get_by_label("Text", exact=True)
    expect_values(lines, "At first", "Look there")
    rows = clip.get_by_role("list", name="Caption lines").get_by_role("listitem")
    expect(rows.nth(0)).to_have_attribute("aria-current", "true")
    seek(page, 3.5)
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    expect(now).to_have_value("Look there")
    lines.nth(0).focus()
    expect(now).to_have_value("At first")  # the screen goes to the line that is edited
    order = order_clip(page, lambda: now.fill("At the very first"))
    assert order["captions"]["cues"][0]["text"] == "At the very first"


# --- parts --------------------------------------------------------------------------------------


def test_ends_of_all_parts_are_dragged_on_the_strip(page: Page) -> None:  # noqa: F811
    clip = open_clip(page, find_bikes())
    clip.get_by_label("Start, seconds").fill("1")
    clip.get_by_label("End, seconds").fill("3")
    clip.get_by_role("button", name="Add another part").click()
    clip.get_by_label("Start, seconds").fill("6")
    order_clip(page, lambda: clip.get_by_label("End, seconds").fill("8"))
    strip = page.locator(".trim")
    strip.scroll_into_view_if_needed()

    def drag(start: float, end: float) -> None:
        box = measure(strip)
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] * start / 10, middle)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * end / 10, middle, steps=5)
        page.mouse.up()

    order = order_clip(page, lambda: drag(3, 4))  # of the part that is not edited
    first, second = order["segments"]
    assert (first["start"], second) == (1, {"start": 6, "end": 8})
    assert first["end"] == pytest.approx(4, abs=0.05)
    expect(clip.get_by_role("button", name="Part 1:")).to_have_attribute("aria-current", "true")
    expect(clip.get_by_label("End of part 1, in seconds")).to_be_focused()
    order = order_clip(page, lambda: drag(4, 9.5))  # no farther than the next part
    assert [part["end"] for part in order["segments"]] == [6, 8]
    drag(7, 7.1)
    expect(clip.get_by_role("button", name="Part 2:")).to_have_attribute("aria-current", "true")
    at = page.get_by_label("Your video").evaluate("video => video.currentTime")
    assert at == pytest.approx(7.1, abs=0.1)
    order = order_clip(page, lambda: clip.get_by_label("End of part 2").press("ArrowLeft"))
    assert order["segments"][1]["end"] == pytest.approx(7.9, abs=0.01)


# --- suggestions --------------------------------------------------------------------------------


def test_moments_are_found_played_and_used(page: Page) -> None:  # noqa: F811
    clip = open_clip(page, find_bikes())
    clip.get_by_label("Length, at most").select_option("1 minute")
    find = clip.get_by_role("button", name="Find moments")
    find.click()
    moments = clip.get_by_role("list", name="Moments").get_by_role("listitem")
    expect(moments).to_have_count(1, timeout=RENDER_MS)
    expect(find).to_be_enabled()
    expect(moments).to_contain_text("0:00 to 0:10")
    assert 0 <= float(moments.get_by_role("meter").get_attribute("value") or -1) <= 1
    assert len(moments.locator("[data-part=why]").inner_text()) > 10
    clip.get_by_label("Start, seconds").fill("2")
    clip.get_by_label("End, seconds").fill("4")
    moments.get_by_role("button", name="Add as a part").click()
    expect(moments.get_by_role("alert")).to_have_text("Part 1 has some of it already.")
    moments.get_by_role("button", name="Play 0:00").click()
    page.wait_for_function("() => document.querySelector('#place-cut video').currentTime > 0.2")
    expect(clip.get_by_role("button", name="Pause the video")).to_be_visible()
    order = order_clip(page, moments.get_by_role("button", name="Use as the clip").click)
    assert (order["start"], "end" in order) == (0, False)
    clip.get_by_text("scenes", exact=False).locator("visible=true").first.click()
    scenes = clip.get_by_role("list", name="Scenes").get_by_role("listitem")
    assert scenes.count() > 1
    expect(scenes.nth(1)).to_contain_text(f"Scene 2 of {scenes.count()}")
    order = order_clip(page, scenes.nth(1).get_by_role("button", name="Use as the clip").click)
    assert order["start"] > 0
    order = order_clip(page, scenes.nth(0).get_by_role("button", name="Add as a part").click)
    assert len(order["segments"]) == 2
    clip.get_by_label("Choose a video").set_input_files(find_bikes())
    expect(moments).to_have_count(0)


def test_moments_are_still_there_after_a_reload(page: Page) -> None:  # noqa: F811
    clip = open_clip(page, find_bikes())
    clip.get_by_role("button", name="Find moments").click()
    moments = clip.get_by_role("list", name="Moments").get_by_role("listitem")
    expect(moments.first).to_be_visible(timeout=RENDER_MS)
    found = moments.all_inner_texts()
    scenes = page.locator(".trim-scenes span")
    count = scenes.count()
    save_draft(page)
    page.reload(timeout=RENDER_MS)
    expect(moments).to_have_count(len(found))
    assert moments.all_inner_texts() == found
    expect(scenes).to_have_count(count)
    expect(clip.get_by_role("button", name="Find moments")).to_be_enabled()
    play = moments.first.get_by_role("button", name="Play 0:")
    expect(play).to_have_css("background-image", re.compile("^url"))
    clip.get_by_label("Choose a video").set_input_files(find_bikes())
    expect(moments).to_have_count(0)


COPY_DRAFT = """(id) => {
    const [key] = Object.keys(localStorage).filter((name) => name.startsWith('reelqueue.draft.'));
    const draft = JSON.parse(localStorage.getItem(key));
    localStorage.setItem(`reelqueue.draft.${id}`, JSON.stringify({...draft, id}));
    return draft.id;
}"""
OTHER = "5f0c6f6e-8d07-4c4f-9f8e-0f8f3c6f9a12"


def test_moments_are_looked_for_when_their_draft_is_left_at_once(page: Page) -> None:  # noqa: F811
    clip = open_clip(page, find_bikes())
    save_draft(page)
    draft = page.evaluate(COPY_DRAFT, OTHER)
    orders: list[Route] = []
    page.route("**/analyze/*", lambda route: orders.append(route))
    find = clip.get_by_role("button", name="Find moments")
    find.click()
    wait_for(page, lambda: bool(orders))
    page.evaluate("(id) => { location.hash = `#/s/${id}`; }", OTHER)
    expect(page).to_have_url(re.compile(OTHER))
    expect(find).to_be_enabled()
    orders[0].continue_()
    page.evaluate("(id) => { location.hash = `#/s/${id}`; }", draft)
    moments = clip.get_by_role("list", name="Moments").get_by_role("listitem")
    expect(moments.first).to_be_visible(timeout=RENDER_MS)


def test_service_that_cannot_listen_says_so_beside_the_captions(page: Page) -> None:  # noqa: F811
    clip = open_clip(page, find_bikes())
    page.get_by_text("Captions optional").click()
    clip.get_by_role("button", name="Write captions").click()
    said = clip.locator(".captions").get_by_role("alert").filter(visible=True)
    expect(said).to_have_text("This video has no sound, so no speech: leave it out.")


@pytest.mark.usefixtures("with_model")
def test_captions_are_written_and_corrected_before_the_clip_is_made(
    page: Page,  # noqa: F811
    reading_path: Path,
) -> None:
    clip = open_clip(page, reading_path)
    page.get_by_text("Captions optional").click()
    clip.get_by_label("Spoken language").select_option("en")
    clip.get_by_role("button", name="Write captions").click()
    line = clip.get_by_label("Text", exact=True).first
    expect(line).to_be_focused(timeout=SPEECH_MS)
    heard = line.input_value()
    assert "best of times" in heard
    order = order_clip(page, lambda: line.fill(heard.replace("best", "very best")))
    assert "very best of times" in order["captions"]["segments"][0]["text"]
    clip.get_by_role("button", name="Write captions").click()
    replace = clip.get_by_role("button", name="Replace my lines with these")
    expect(replace).to_be_visible(timeout=SPEECH_MS)
    assert "very best" in line.input_value()
    replace.click()
    expect(line).to_have_value(heard)


# --- what the server refuses --------------------------------------------------------------------


def test_what_is_refused_is_said_at_its_place_with_the_way_there(page: Page) -> None:  # noqa: F811
    clip = open_clip(page, find_bikes())
    make = clip.get_by_role("button", name="Make clip")
    page.get_by_text("Captions optional").click()
    clip.get_by_role("button", name="Add a line").click()
    line = clip.get_by_label("Text", exact=True)
    line.fill("fine")
    clip.get_by_role("button", name="Add a line").click()
    line.nth(1).fill("ᚠᚢᚦ")
    wrong = clip.get_by_role("alert").filter(has_text="ᚠ")
    expect(wrong).to_be_visible()
    expect(line.nth(1)).to_have_attribute("aria-invalid", "true")
    expect(make).to_be_disabled()
    page.get_by_text("Captions 2 lines").click()
    clip.get_by_role("button", name="Caption:").click()
    expect(line.nth(1)).to_be_focused()
    line.nth(1).fill("letters")
    expect(make).to_be_enabled()
    expect(wrong).to_have_count(0)
    place = clip.get_by_label("Where it goes")
    place.select_option("Instagram")
    clip.get_by_label("End, seconds").fill("1")
    expect(clip.get_by_role("alert").filter(has_text="3 ").first).to_be_visible()
    expect(make).to_be_disabled()
    clip.get_by_label("End, seconds").fill("5")
    expect(make).to_be_enabled()


def test_place_and_quality_are_chosen_beside_the_estimate(page: Page) -> None:  # noqa: F811
    clip = open_clip(page, find_bikes())
    estimate = clip.locator("[data-part=estimate]")

    def read_size() -> float:
        found = re.search(r"About ([\d.]+) (kB|MB)", estimate.inner_text())
        assert found
        return float(found[1]) * (1000 if found[2] == "MB" else 1)

    standard = read_size()
    order = order_clip(page, lambda: clip.get_by_label("Quality").select_option("small"))
    assert order["quality"] == "small"
    expect(estimate).not_to_be_empty()
    wait_for_estimate(clip)
    assert read_size() < standard
    order = order_clip(page, lambda: clip.get_by_label("Where it goes").select_option("WhatsApp"))
    assert order["target"] == "whatsapp"
    expect(estimate).to_contain_text(re.compile("720 . 1280"))


# --- in a small window --------------------------------------------------------------------------

FIND_COVERED = """() => {
    const film = document.querySelector('.screen-film');
    const dock = document.querySelector('#place-cut .make');
    const rooms = [...document.querySelectorAll(
        '#place-cut :is(a, button, input, select, textarea, summary)'
    )].filter(each => each.checkVisibility() && !each.disabled && each.tabIndex >= 0);
    const covered = [];
    for (const each of [...rooms, ...rooms.reverse()]) {
        each.focus();
        const box = (each.closest('label') ?? each).getBoundingClientRect();
        const over = film.getBoundingClientRect();
        const isFixed = getComputedStyle(film).position === 'fixed';
        if (isFixed && !film.contains(each) && box.top < over.bottom) covered.push(each.outerHTML);
        if (dock.contains(each)) continue;
        if (box.bottom > dock.getBoundingClientRect().top) covered.push(each.outerHTML);
    }
    return [rooms.length, covered];
}"""


def pass_screen(page: Page) -> None:  # noqa: F811
    """Scroll down to the end of the form."""
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")


def test_screen_stays_in_sight_of_a_phone_and_covers_nothing_in_focus(touched: Page) -> None:
    frame = crop(touched)
    clip = get_place(touched, "Cut a clip")
    large = measure(touched.locator(".screen-film"))
    for summary in clip.locator("summary").filter(visible=True).all():
        summary.click()
    height = touched.evaluate("document.documentElement.scrollHeight")
    pass_screen(touched)
    expect(touched.locator(".screen-slot.passed")).to_be_attached()
    small = measure(touched.locator(".screen-film"))
    assert (small["x"], small["y"], small["width"]) == (0, 0, 360)
    assert small["height"] <= 0.23 * 780 < large["height"] + 40
    assert touched.evaluate("document.documentElement.scrollHeight") == height  # nothing jumps
    own, screen = measure(frame), measure(touched.locator(".screen"))
    assert own["height"] == pytest.approx(screen["height"], abs=1)  # the crop is shown in it
    wait_for_estimate(clip)
    rest(touched)
    count, covered = touched.evaluate(FIND_COVERED)
    assert count > 40
    assert covered == []
    touched.evaluate("scrollTo(0, 0)")
    expect(touched.locator(".screen-slot.passed")).to_have_count(0)
    assert measure(touched.locator(".screen-film"))["y"] > 0
    touched.set_viewport_size({"width": 780, "height": 360})
    pass_screen(touched)
    touched.wait_for_timeout(300)
    assert measure(touched.locator(".screen-film"))["y"] < -100  # there it would fill the window


def test_sum_and_button_are_in_reach_wherever_a_phone_is_scrolled(touched: Page) -> None:
    crop(touched)
    sum_line, make = (
        touched.locator("#place-cut .sum"),
        touched.get_by_role("button", name="Make clip"),
    )
    expect(sum_line).to_contain_text("0:")
    touched.evaluate("scrollTo(0, 0)")
    at_top = measure(make)
    for place in (sum_line, make):
        expect(place).to_be_in_viewport(ratio=1)
    pass_screen(touched)
    assert measure(make) == at_top
    dock, last = measure_all(
        touched.locator("#place-cut .make"), touched.locator("#place-cut .panel > .delivery")
    )
    assert last["y"] + last["height"] <= dock["y"]


def test_part_that_is_added_on_a_phone_shows_its_fields(touched: Page) -> None:
    crop(touched)
    film, start = touched.locator(".screen-film"), touched.get_by_label("Start, seconds")
    add = touched.get_by_role("button", name="Add another part")
    touched.get_by_label("End, seconds").fill("4")
    add.evaluate("button => scrollBy(0, button.getBoundingClientRect().top - 200)")
    above, field = measure_all(film, start)
    assert field["y"] < above["y"] + above["height"]  # it is out of sight
    add.click()
    expect(start).to_have_value("4")
    above, field = measure_all(film, start)
    assert field["y"] >= above["y"] + above["height"]
    expect(touched.get_by_label("End, seconds")).to_be_in_viewport(ratio=1)


# --- for everyone -------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [320, 1440])
def test_cut_with_all_that_it_offers_has_no_fault_for_axe(
    page: Page,  # noqa: F811
    width: int,
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    crop(page)
    clip = get_place(page, "Cut a clip")
    assert find_faults_of_themes(page) == []
    clip.get_by_label("End, seconds").fill("3")
    clip.get_by_role("button", name="Add another part").click()
    clip.get_by_label("Show what an app covers").select_option("instagram")
    for summary in clip.locator("summary").filter(visible=True).all():
        summary.click()
    clip.get_by_role("button", name="Add a line").click()
    clip.get_by_label("Text", exact=True).fill("Look")
    clip.get_by_role("button", name="Find moments").click()
    moments = clip.get_by_role("list", name="Moments").get_by_role("listitem")
    expect(moments.first).to_be_visible(timeout=RENDER_MS)
    clip.locator(".scene-box summary").click()
    assert find_faults_of_themes(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate(
        """() => [...document.querySelectorAll(
            '#place-cut :is(.screen-controls, .finder, .parts-box, .times, .cue-acts) button'
        )].filter(button => button.offsetParent && button.offsetHeight < 44)
          .map(button => button.outerHTML)"""
    )
    assert small == []
