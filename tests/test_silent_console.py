"""What is gone from the server while a page still knows it writes nothing to the console."""

from __future__ import annotations

from pathlib import Path

import httpx
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browsing import read_status, visit, wait_for
from tests.conftest import StartServer, find_files
from tests.test_page import (
    browser,  # noqa: F401  # a fixture
    choose_photos,
    find_bikes,
    go,
    make_slideshow,
)
from tests.test_places import (
    UNKNOWN,
    OpenTab,
    answer_late,
    complaints,  # noqa: F401  # a fixture
    context,  # noqa: F401  # a fixture
    list_cards,
    make_quick,
    open_tab,  # noqa: F401  # a fixture
    read_fragment,
    wait_for_draft,
)

READ_SESSION = "JSON.parse(localStorage['reelqueue.draft.' + location.hash.slice(4)]).session"
IS_GONE = "This video is not here any more"


def delete_job(page: Page, video: str) -> None:
    """Delete the job of a video's address, as a program does."""
    address = httpx.URL(page.url).join(f"/jobs/{video.rpartition('/')[2]}")
    assert page.request.delete(str(address)).ok


def order_without_worker(
    context: BrowserContext,  # noqa: F811  # the fixture
    address: str,
    paths: list[Path],
) -> Page:
    """Order a slideshow that waits, and return its page."""
    page = context.new_page()
    visit(page, address)
    choose_photos(page, paths)
    make_slideshow(page)
    return page


def test_video_that_is_deleted_while_it_is_made_is_said_to_be_gone(
    start_service: StartServer,
    redis_url: str,
    context: BrowserContext,  # noqa: F811  # the fixture
    photo_paths: list[Path],
) -> None:
    page = order_without_worker(context, start_service({"REDIS_URL": redis_url}), photo_paths[:2])
    expect(page.locator(".job").get_by_text("Waiting")).to_be_visible()
    delete_job(page, read_fragment(page))
    expect(page.get_by_role("heading", name=IS_GONE)).to_be_visible()


def test_video_that_another_tab_deletes_is_not_played_any_more(
    open_tab: OpenTab,  # noqa: F811  # the fixture
    photo_paths: list[Path],
) -> None:
    page = open_tab()
    make_quick(page, photo_paths[:2])
    other = open_tab("#/videos")
    other.bring_to_front()
    other.get_by_role("button", name="Delete: Slideshow: 2 photos").click()
    other.get_by_role("button", name="Delete it", exact=True).click()
    expect(list_cards(other)).to_have_count(0)
    expect(page.get_by_role("heading", name=IS_GONE)).to_be_visible()
    expect(page.locator(".job video")).to_have_count(0)


def test_video_that_another_tab_deletes_is_listed_no_more(
    open_tab: OpenTab,  # noqa: F811  # the fixture
    photo_paths: list[Path],
) -> None:
    page = open_tab()
    make_quick(page, photo_paths[:2])
    go(page, "My videos")
    other = open_tab("#/videos")
    for tab in (page, other):
        expect(list_cards(tab)).to_have_count(1)
    other.bring_to_front()
    other.get_by_role("button", name="Delete: Slideshow: 2 photos").click()
    other.get_by_role("button", name="Delete it", exact=True).click()
    expect(list_cards(page)).to_have_count(0)
    expect(page.get_by_text("The videos that you make are kept here.")).to_be_visible()


def test_player_says_that_its_video_was_deleted(
    open_tab: OpenTab,  # noqa: F811  # the fixture
    photo_paths: list[Path],
) -> None:
    page = open_tab()
    asked: list[Route] = []
    page.route("**/download/*", lambda route: asked.append(route))
    video = make_quick(page, photo_paths[:2])
    wait_for(page, lambda: bool(asked))  # it is asked for before, and answered after
    delete_job(page, video)
    for route in asked:
        route.continue_()
    expect(page.get_by_text("The video has been deleted. Make it again.")).to_be_visible()


def test_address_of_a_video_that_is_not_there_costs_one_request(
    open_tab: OpenTab,  # noqa: F811  # the fixture
    context: BrowserContext,  # noqa: F811  # the fixture
) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(httpx.URL(request.url).path))
    page = open_tab(f"#/v/{UNKNOWN}")
    expect(page.get_by_role("heading", name=IS_GONE)).to_be_visible()
    assert [path for path in asked if path.startswith("/job")] == [f"/job_status/{UNKNOWN}"]


def test_clip_whose_video_is_not_there_any_more_is_not_asked_for_it(
    open_tab: OpenTab,  # noqa: F811  # the fixture
    context: BrowserContext,  # noqa: F811  # the fixture
    live_server: str,
) -> None:
    page = open_tab("#/cut")
    page.get_by_label("Choose a video").set_input_files(find_bikes())
    expect(page.get_by_role("button", name="Make clip")).to_be_enabled()
    wait_for_draft(page)
    session = page.evaluate(READ_SESSION)
    assert page.request.delete(f"{live_server}/sessions/{session}").ok
    context.route("**/sessions/*", answer_late)
    page.reload()
    expect(page.get_by_text("No longer on the server: bikes.mp4")).to_be_visible()
    expect(page.locator("#place-cut video")).to_be_hidden()


def test_what_the_server_refuses_is_said_by_the_page_alone(
    open_tab: OpenTab,  # noqa: F811  # the fixture
    photo_paths: list[Path],
    tmp_path: Path,
) -> None:
    page = open_tab()
    half = tmp_path / "half.jpg"
    half.write_bytes(photo_paths[0].read_bytes()[:2000])
    choose_photos(page, [photo_paths[0], half])
    expect(page.get_by_role("list", name="Files that were not taken")).to_contain_text("half.jpg")
    expect(page.get_by_role("button", name="Make slideshow")).to_be_enabled()
    for path in find_files(tmp_path / "data", "media.json"):
        path.unlink()
    with page.expect_response("**/generate_video") as said:
        page.get_by_label("Seconds per photo").fill("2")
    assert read_status(said.value) == 404
    expect(page.get_by_role("button", name="Photo 1: There is no photo or video")).to_be_visible()


def test_large_file_that_is_no_video_is_said_by_the_page_alone(
    open_tab: OpenTab,  # noqa: F811  # the fixture
    tmp_path: Path,
) -> None:
    page = open_tab("#/cut")
    odd = tmp_path / "odd.mp4"
    odd.write_bytes(find_bikes().read_bytes()[:100_000])
    page.get_by_label("Choose a video").set_input_files(odd)
    refused = page.get_by_role("list", name="Files that were not taken")
    expect(refused).to_contain_text("odd.mp4")
    expect(refused).to_contain_text("it is damaged")


def test_video_that_a_program_deletes_cannot_be_shared(
    open_tab: OpenTab,  # noqa: F811  # the fixture
    photo_paths: list[Path],
) -> None:
    page = open_tab()
    delete_job(page, make_quick(page, photo_paths[:2]))
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_text("There is no job")).to_be_visible()


def test_video_that_a_program_deletes_cannot_be_tried_again(
    start_service: StartServer,
    redis_url: str,
    context: BrowserContext,  # noqa: F811  # the fixture
    photo_paths: list[Path],
) -> None:
    page = order_without_worker(context, start_service({"REDIS_URL": redis_url}), photo_paths[:2])
    page.get_by_role("button", name="Cancel").click()
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    delete_job(page, read_fragment(page))
    again.click()
    expect(page.get_by_role("heading", name=IS_GONE)).to_be_visible()
