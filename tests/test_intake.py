"""Files on their way from the page to the server: folders, kinds, lost connections, and reloads."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Request, Response, Route, expect

from tests.browsing import (
    RENDER_MS,
    UNANSWERED,
    launched,
    measure,
    opened_silently,
    save_draft,
    visit,
    wait_for,
)
from tests.conftest import StartServer, _answers, find_free_port, started, wait_until
from tests.test_page import expect_photos, get_names, open_settings

MAKE = "Make slideshow"
OPEN_COPY = """(id) => {
    const other = crypto.randomUUID();
    const draft = JSON.parse(localStorage[`reelqueue.draft.${id}`]);
    const content = {...draft.content, photos: [], songs: []};
    localStorage[`reelqueue.draft.${other}`] = JSON.stringify({...draft, id: other, content});
    location.hash = `#/s/${other}`;
}"""
FUTURE = datetime(2100, 1, 1)
EMPTY: Any = {"content": {"photos": [], "songs": []}}  # before there is a draft


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[Page]:
    """Open the page; an error of a script, or a refused resource, fails the test."""
    size = {"width": 1280, "height": 900}
    with opened_silently(browser, *UNANSWERED, viewport=size) as context:
        page = context.new_page()
        visit(page, address)
        yield page


@pytest.fixture
def page(browser: Browser, live_server: str) -> Iterator[Page]:
    with opened(browser, live_server) as page:
        yield page


class Power:
    """A server that can be killed, and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self.port = find_free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._settings = {"STORAGE_URL": (folder / "data").as_uri(), "PORT": str(self.port)}
        self._server: Any = None
        self.on()

    def on(self) -> None:
        self._server = started([sys.executable, "-m", "gunicorn", "app:app"], self._settings)
        self._process = self._server.__enter__()
        wait_until(lambda: _answers(f"{self.address}/health"))

    def kill(self) -> None:
        """Kill all processes of the server at once."""
        arbiter = psutil.Process(self._process.pid)
        for process in (arbiter, *arbiter.children()):  # it would start others
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.off()

    def off(self) -> None:
        self._server.__exit__(None, None, None)


@pytest.fixture
def power(tmp_path: Path) -> Iterator[Power]:
    power = Power(tmp_path)
    yield power
    power.off()


@pytest.fixture(scope="module")
def large_photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of 27 MB."""
    path = tmp_path_factory.mktemp("large") / "panorama.tif"
    Image.frombytes("RGB", (3000, 3000), os.urandom(3000 * 3000 * 3)).save(path)
    return path


def make_photos(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (96, 64), (number * 7 % 256, 90, 120)).save(path, "JPEG")
    return paths


def drop(page: Page, *paths: Path) -> None:
    """Drop files and folders as a file manager does."""
    tools = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        tools.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})


def choose(page: Page, *paths: Path) -> None:
    page.get_by_label("Choose photos").set_input_files(list(paths))


def expect_ready(page: Page) -> None:
    expect(page.get_by_role("button", name=MAKE)).to_be_enabled(timeout=RENDER_MS)


class Network:
    """The network of a page: how fast it sends, and whether it is there."""

    def __init__(self, page: Page) -> None:
        self._tools = page.context.new_cdp_session(page)

    def set(self, bytes_per_second: int = -1, *, offline: bool = False) -> None:
        conditions = {
            "offline": offline,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": bytes_per_second,
        }
        self._tools.send("Network.emulateNetworkConditions", conditions)


def note_offsets(page: Page) -> list[int]:
    """Return a list that the offsets of all pieces will be in."""
    offsets: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            offsets.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    return offsets


def open_cut(page: Page) -> None:
    page.get_by_role("navigation", name="Places").get_by_role("link", name="Cut").click()


def read_draft(page: Page) -> Any:
    """Return what is stored of the draft whose address this is; None before there is one."""
    return page.evaluate(
        """JSON.parse(localStorage["reelqueue.draft." + location.hash.slice(4)] ?? null)"""
    )


def wait_for_draft(page: Page) -> str:
    """Wait until all is saved, and return the fragment of the draft's address."""
    page.wait_for_url("**/#/s/*")
    save_draft(page)
    return str(page.evaluate("location.hash"))


def wait_until_kept(page: Page) -> None:
    """Wait until the draft of a clip finds the file of its video, which is not sent."""

    def is_kept() -> bool:
        draft = read_draft(page)
        return bool(draft and draft["content"]["video"]["kept"])

    wait_for(page, is_kept)


def get_refused(page: Page) -> Any:
    return page.get_by_role("list", name="Files that were not taken")


def test_folder_that_is_dropped_is_walked_in_the_order_of_names(
    page: Page, tmp_path: Path, song_path: Path
) -> None:
    folder = tmp_path / "Italy 2024"
    names = ["IMG_10.jpg", "IMG_2.jpg", "IMG_1.jpg", "Rome/b.jpg", "Rome/a.jpg"]
    make_photos(folder, *names)
    shutil.copy(song_path, folder / "song.mp3")
    (folder / "notes.txt").write_text("Dear all")
    (folder / ".DS_Store").write_text("x")
    (single,) = make_photos(tmp_path, "single.jpg")
    drop(page, single, folder)
    expect_ready(page)
    found = ["single.jpg", "IMG_1.jpg", "IMG_2.jpg", "IMG_10.jpg", "a.jpg", "b.jpg"]
    expect_photos(page, found)
    songs = page.get_by_role("list", name="Your music, in order").locator("b")
    expect(songs).to_have_text(["song.mp3"])
    expect(get_refused(page).get_by_role("listitem")).to_have_count(1)
    expect(get_refused(page)).to_contain_text("notes.txt")


def test_file_that_cannot_be_read_is_named_and_the_others_are_sent(
    page: Page, tmp_path: Path
) -> None:
    paths = make_photos(tmp_path, *(f"{number}.jpg" for number in range(4)))
    tries: list[str] = []

    def lose_first(route: Route) -> None:
        tries.append(route.request.url)
        if len(tries) == 1:
            paths[1].unlink()  # after it was chosen
            route.abort()
        else:
            route.continue_()

    page.route("**/upload_images", lose_first)
    choose(page, *paths)
    expect(get_refused(page)).to_contain_text("1.jpg")
    expect(get_refused(page)).to_contain_text("cannot be read")
    expect_ready(page)
    expect_photos(page, ["0.jpg", "2.jpg", "3.jpg"])


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_passing_error_keeps_the_photos_and_sends_them_again(
    page: Page, tmp_path: Path, status: int
) -> None:
    left = [status, status]
    # A refusal is told quietly, and anything else is of a server that fails.
    answered = (200, {"Problem-Status": str(status)}) if status < 500 else (status, {})
    problem = {"type": "/problems/x", "detail": "Not right now.", "success": False}

    def refuse_twice(route: Route) -> None:
        if left:
            left.pop()
            route.fulfill(
                status=answered[0], json=problem, headers={"Retry-After": "1"} | answered[1]
            )
        else:
            route.continue_()

    page.route("**/upload_images", refuse_twice)
    choose(page, *make_photos(tmp_path, "a.jpg", "b.jpg"))
    expect(page.get_by_text("2 photos did not get through yet; trying again.")).to_be_visible()
    expect(page.get_by_role("button", name=MAKE)).to_be_disabled()
    page.get_by_role("button", name="Send again").click()
    expect_ready(page)
    expect_photos(page, ["a.jpg", "b.jpg"])
    assert left == []
    expect(get_refused(page).get_by_role("listitem")).to_have_count(0)


def test_large_file_goes_on_where_it_stopped_when_the_server_is_killed_and_comes_back(
    browser: Browser, power: Power, large_photo: Path
) -> None:
    with opened(browser, power.address) as page:
        offsets = note_offsets(page)
        Network(page).set(6_000_000)
        choose(page, large_photo)
        expect(page.get_by_text("MB/s")).to_be_visible()
        wait_for(page, lambda: len(offsets) >= 2)
        power.kill()
        expect(page.get_by_text("The connection was lost.")).to_be_visible()
        expect(page.get_by_role("button", name=MAKE)).to_be_disabled()
        power.on()
        expect_ready(page)
        assert offsets.count(0) == 1
        expect_photos(page, [large_photo.name])


def test_large_file_goes_on_where_it_stopped_when_the_connection_comes_back(
    page: Page, large_photo: Path
) -> None:
    offsets = note_offsets(page)
    network = Network(page)
    network.set(6_000_000)
    choose(page, large_photo)
    wait_for(page, lambda: len(offsets) >= 2)
    network.set(offline=True)
    expect(page.get_by_text("The connection was lost.")).to_be_visible()
    network.set()
    expect_ready(page)
    assert offsets.count(0) == 1


def test_reload_in_the_middle_of_an_upload_loses_nothing(
    page: Page, large_photo: Path, tmp_path: Path
) -> None:
    offsets = note_offsets(page)
    photos = make_photos(tmp_path, *(f"{number}.jpg" for number in range(20)))
    page.route("**/upload_images", lambda route: route.abort())
    network = Network(page)
    network.set(6_000_000)
    choose(page, *photos[:10], large_photo, *photos[10:])
    wait_for(page, lambda: len(offsets) >= 2)
    expect(get_names(page)).to_have_count(21)
    names = get_names(page).all_text_contents()
    page.unroute("**/upload_images")
    page.reload()
    network.set()
    expect_ready(page)
    expect_photos(page, names)
    assert offsets.count(0) == 1
    page.reload()
    expect_ready(page)
    expect_photos(page, names)


def test_song_that_is_not_sent_is_there_after_a_reload(page: Page, song_path: Path) -> None:
    page.route("**/upload_audio", lambda route: route.abort())
    page.get_by_label("Add music").first.set_input_files(song_path)
    songs = page.get_by_role("list", name="Your music, in order")
    expect(songs).to_contain_text("The music did not get through yet; trying again.")
    wait_for(page, lambda: bool(read_draft(page)))
    assert [bool(song["kept"]) for song in read_draft(page)["content"]["songs"]] == [True]
    page.unroute("**/upload_audio")
    page.reload()
    expect(songs).to_contain_text("0:04")
    expect(songs.locator("b")).to_have_text(["tune.mp3"])


def test_video_of_a_clip_is_there_after_a_reload_and_is_sent_once(
    page: Page, video_path: Path
) -> None:
    offsets = note_offsets(page)
    open_cut(page)
    page.get_by_label("Choose a video").set_input_files(video_path)
    expect(page.get_by_role("button", name="Make clip")).to_be_enabled(timeout=RENDER_MS)
    page.wait_for_url("**/#/s/*")
    page.reload()
    expect(page.get_by_role("button", name="Make clip")).to_be_enabled(timeout=RENDER_MS)
    expect(page.get_by_text(f"{video_path.name}: 0:03, 320")).to_be_visible()
    assert offsets == [0]


def test_video_of_a_clip_goes_on_after_a_reload(page: Page, video_path: Path) -> None:
    page.route("**/uploads/*/*", lambda route: route.abort())
    open_cut(page)
    page.get_by_label("Choose a video").set_input_files(video_path)
    wait_until_kept(page)
    expect(page.get_by_role("button", name="Waiting to send the video")).to_be_visible()
    page.unroute("**/uploads/*/*")
    page.reload()
    expect(page.get_by_role("button", name="Make clip")).to_be_enabled(timeout=RENDER_MS)


def test_large_photo_that_is_removed_is_not_sent_any_longer(
    page: Page, large_photo: Path, tmp_path: Path
) -> None:
    offsets = note_offsets(page)
    network = Network(page)
    network.set(3_000_000)
    choose(page, large_photo)
    wait_for(page, lambda: len(offsets) >= 1)
    page.get_by_role("button", name=f"Photo 1 of 1, {large_photo.name}").press("Delete")
    expect_photos(page, [])
    count = len(offsets)
    network.set()
    choose(page, *make_photos(tmp_path, "later.jpg"))
    expect_ready(page)
    assert len(offsets) == count


class Away:
    """A server that some requests do not reach."""

    def __init__(self, page: Page, pattern: str) -> None:
        self.page, self.pattern = page, pattern
        self.page.route(pattern, lambda route: route.abort())

    def end(self) -> None:
        self.page.unroute(self.pattern)


def note_uploads(page: Page) -> list[Response]:
    """Return a list that all answers of the server to photos and songs that it took will be in."""
    taken: list[Response] = []

    def note(response: Response) -> None:
        if "/upload_" in response.url and response.ok:
            taken.append(response)

    page.on("response", note)
    return taken


def count_files(taken: list[Response]) -> int:
    return sum(len(answer.json().get("images", ["the song"])) for answer in taken)


def caption(page: Page, name: str, words: str) -> None:
    open_settings(page, name)
    page.get_by_role("dialog").get_by_label("Caption").fill(words)
    page.get_by_role("button", name="Done").click()


def read_captions(page: Page) -> list[str]:
    photos = read_draft(page)["content"]["photos"]
    return [photo["choice"].get("caption", "") for photo in photos]


def test_what_is_being_sent_is_sent_once_after_a_reload_with_its_order_and_settings(
    page: Page, tmp_path: Path, song_path: Path
) -> None:
    taken = note_uploads(page)
    away = Away(page, "**/upload_*")
    choose(page, *make_photos(tmp_path, "a.jpg", "b.jpg", "c.jpg"))
    page.get_by_label("Add music").first.set_input_files(song_path)
    page.get_by_label("Seconds per photo").fill("1.5")
    caption(page, "c.jpg", "The sea")
    page.get_by_role("button", name="Photo 1 of 3, a.jpg").press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Photo 3 of 3, c.jpg").press("Delete")
    page.get_by_role("button", name="Undo").click()
    expect_photos(page, ["b.jpg", "a.jpg", "c.jpg"])
    wait_for(page, lambda: read_draft(page) is not None)
    wait_for(page, lambda: len(read_draft(page)["content"]["photos"]) == 3)
    wait_for(page, lambda: len(read_draft(page)["content"]["songs"]) == 1)
    away.end()
    page.reload()
    expect_ready(page)
    expect_photos(page, ["b.jpg", "a.jpg", "c.jpg"])
    assert read_captions(page) == ["", "", "The sea"]
    expect(page.get_by_label("Seconds per photo")).to_have_value("1.5")
    assert count_files(taken) == 4


def test_other_draft_is_opened_while_files_are_sent_and_nothing_is_lost_or_mixed(
    page: Page, tmp_path: Path, song_path: Path
) -> None:
    away = Away(page, "**/upload_*")
    choose(page, *make_photos(tmp_path, "a.jpg", "b.jpg"))
    page.get_by_label("Add music").first.set_input_files(song_path)
    wait_for(page, lambda: len((read_draft(page) or EMPTY)["content"]["songs"]) == 1)
    page.get_by_role("button", name="Photo 1 of 2, a.jpg").press("Delete")
    first = wait_for_draft(page)
    page.evaluate(OPEN_COPY, first.removeprefix("#/s/"))
    expect_photos(page, [])
    away.end()
    page.keyboard.press("Control+z")
    page.wait_for_timeout(1000)
    expect_photos(page, [])
    page.evaluate("(first) => { location.hash = first; }", first)
    expect_ready(page)
    expect_photos(page, ["b.jpg"])
    songs = page.get_by_role("list", name="Your music, in order")
    expect(songs.locator("b")).to_have_text([song_path.name])
    expect(get_refused(page).get_by_role("listitem")).to_have_count(0)


def test_two_tabs_send_the_files_of_a_draft_once_and_both_have_them(
    page: Page, tmp_path: Path
) -> None:
    away = Away(page, "**/upload_*")
    choose(page, *make_photos(tmp_path, "a.jpg", "b.jpg"))
    wait_for(page, lambda: len((read_draft(page) or EMPTY)["content"]["photos"]) == 2)
    draft = wait_for_draft(page)
    other = page.context.new_page()
    taken = [note_uploads(each) for each in (page, other)]
    visit(other, page.url)
    expect(other.locator(".photo")).to_have_count(2)
    away.end()
    page.bring_to_front()
    page.get_by_role("button", name="Send again").click()
    for each in (page, other):
        expect_ready(each)
        expect_photos(each, ["a.jpg", "b.jpg"])
        assert wait_for_draft(each) == draft
    assert [count_files(each) for each in taken] == [2, 0]


def test_draft_that_two_tabs_changed_at_once_is_sent_once_for_both(
    page: Page, tmp_path: Path, song_path: Path
) -> None:
    page.clock.install()
    away = Away(page, "**/upload_*")
    choose(page, *make_photos(tmp_path, "a.jpg", "b.jpg"))
    page.get_by_label("Add music").first.set_input_files(song_path)
    wait_for(page, lambda: len((read_draft(page) or EMPTY)["content"]["photos"]) == 2)
    wait_for(page, lambda: len((read_draft(page) or EMPTY)["content"]["songs"]) == 1)
    draft = wait_for_draft(page)
    other = page.context.new_page()
    taken = [note_uploads(each) for each in (page, other)]
    visit(other, page.url)
    expect(other.locator(".photo")).to_have_count(2)
    page.get_by_label("Seconds per photo").fill("1.5")
    expect(other.get_by_label("Seconds per photo")).to_have_value("1.5")  # it follows now
    page.clock.pause_at(FUTURE)  # so that both change it before either saves it
    page.get_by_label("Seconds per photo").fill("2")
    other.get_by_label("Seconds per photo").fill("4")
    save_draft(page)
    wait_for(other, lambda: read_draft(other)["content"]["form"]["duration"] == "2")
    page.clock.resume()
    expect(other.get_by_text("You are going on with a copy of your own.")).to_be_visible()
    away.end()
    page.bring_to_front()
    page.get_by_role("button", name="Send again").click()
    for each in (page, other):
        expect_ready(each)
        expect_photos(each, ["a.jpg", "b.jpg"])
        expect(each.locator(".song b")).to_have_text([song_path.name])
    assert wait_for_draft(page) == draft
    assert wait_for_draft(other) != draft
    assert [count_files(each) for each in taken] == [3, 0]


def test_large_file_goes_on_where_it_stopped_when_its_draft_was_left_for_long(
    page: Page, large_photo: Path
) -> None:
    page.clock.install()
    offsets = note_offsets(page)
    network = Network(page)
    network.set(8_000_000)
    choose(page, large_photo)
    wait_for(page, lambda: len(offsets) >= 2)
    wait_for(page, lambda: bool((read_draft(page) or EMPTY)["content"]["photos"]))
    first = wait_for_draft(page)
    page.evaluate(OPEN_COPY, first.removeprefix("#/s/"))
    expect_photos(page, [])
    page.clock.run_for(60_000)
    count = len(offsets)
    page.evaluate("(first) => { location.hash = first; }", first)
    wait_for(page, lambda: len(offsets) > count)
    assert offsets[count] >= offsets[1] > 0
    network.set()
    expect_ready(page)


def test_video_that_is_not_sent_keeps_its_cut_over_a_reload(page: Page, video_path: Path) -> None:
    away = Away(page, "**/uploads/*/*")
    open_cut(page)
    page.get_by_label("Choose a video").set_input_files(video_path)
    page.get_by_label("Start, seconds").fill("0.5")
    page.get_by_label("End, seconds").fill("2")
    wait_until_kept(page)
    page.reload()
    expect(page.get_by_label("End, seconds")).to_have_value("2")
    away.end()
    page.reload()
    expect(page.get_by_role("button", name="Make clip")).to_be_enabled(timeout=RENDER_MS)
    expect(page.get_by_label("Start, seconds")).to_have_value("0.5")
    expect(page.get_by_label("End, seconds")).to_have_value("2")


def test_photos_over_the_limit_are_refused_together(
    browser: Browser, start_service: StartServer, tmp_path: Path
) -> None:
    photos = make_photos(tmp_path, *(f"{number}.jpg" for number in range(5)))
    with opened(browser, start_service({"MAX_PHOTOS": "2"})) as page:
        choose(page, *photos)
        (refused,) = [get_refused(page).locator("> li")]
        expect(refused).to_have_count(1)
        expect(refused).to_contain_text("3 files")
        expect(refused).to_contain_text("a slideshow takes up to 2 photos")
        expect(page.get_by_text("4.jpg")).to_be_hidden()
        page.get_by_role("button", name="Show the names of 3 files").click()
        expect(page.get_by_text("4.jpg")).to_be_visible()
        page.get_by_role("button", name="Dismiss the message about 3 files").click()
        expect(refused).to_have_count(0)
        expect_ready(page)


def test_clip_takes_a_video_and_names_the_photos_that_were_dropped_with_it(
    page: Page, tmp_path: Path, video_path: Path
) -> None:
    open_cut(page)
    drop(page, *make_photos(tmp_path, "a.jpg", "b.jpg"), video_path)
    expect(page.get_by_role("button", name="Make clip")).to_be_enabled(timeout=RENDER_MS)
    refused = get_refused(page).locator("> li")
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text("2 files")
    expect(refused).to_contain_text("A clip is cut from a video")


def test_file_that_is_nothing_for_a_slideshow_is_named_before_it_is_sent(
    page: Page, tmp_path: Path
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    film = tmp_path / "film.avi"
    film.write_bytes(b"RIFF\0\0\0\0AVI LIST" + bytes(9_000_000))
    captions = tmp_path / "talk.srt"
    captions.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    drop(page, film, captions)
    expect(get_refused(page).locator("> li")).to_have_count(2)
    expect(get_refused(page)).to_contain_text("film.avi")
    expect(get_refused(page)).to_contain_text("Captions belong to a clip")
    assert [line for line in asked if line.startswith(("POST", "PATCH"))] == []


def test_files_that_are_dropped_on_a_job_go_to_the_form(
    page: Page, tmp_path: Path, photo_paths: list[Path]
) -> None:
    choose(page, photo_paths[0])
    page.get_by_label("Seconds per photo").fill("1")
    page.get_by_role("radio", name="Draft").check()
    expect_ready(page)
    page.get_by_role("button", name=MAKE).click()
    ready = page.get_by_role("heading", name="Your slideshow is ready")
    expect(ready).to_be_visible(timeout=RENDER_MS)
    drop(page, *make_photos(tmp_path, "late.jpg"))
    expect(page.get_by_role("region", name="Make")).to_be_visible()
    expect_ready(page)
    expect_photos(page, [photo_paths[0].name, "late.jpg"])


def test_video_of_a_clip_waits_for_the_server_and_says_so(
    browser: Browser, power: Power, video_path: Path
) -> None:
    with opened(browser, power.address) as page:
        open_cut(page)
        power.kill()
        page.get_by_label("Choose a video").set_input_files(video_path)
        expect(page.get_by_text("The video did not get through yet; trying again.")).to_be_visible()
        expect(page.get_by_role("button", name="Waiting to send the video")).to_be_disabled()
        again = measure(page.get_by_role("button", name="Send again"))
        assert again["width"] < 200
        power.on()
        expect(page.get_by_role("button", name="Make clip")).to_be_enabled(timeout=RENDER_MS)
