"""The page's forms as browsers send them without JavaScript: what is ordered, what is refused."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from reelqueue.web.plain import routes
from tests.web.conftest import UNKNOWN, File, OpenSite, Site, make_photo
from tests.web.test_own_jobs import find_owner, store_job

pytestmark = pytest.mark.process

PHOTO: File = ("red.jpg", make_photo())
FORM = {
    "duration": "2",
    "transition": "wipe_left",
    "transition_duration": "0.5",
    "resolution": "640x360",
    "fit": "contain",
    "background": "#ffffff",
    "motion": "none",
    "fps": "29.97",
    "quality": "standard",
    "place": "",
    "max_megabytes": "",
    "volume": "1",
    "title": " Our summer ",
    "title_subtitle": "2026",
    "end_title": "",
    "card_duration": "1.5",
    "card_backdrop": "color",
    "card_background": "#203040",
}


def send_form(
    client: FlaskClient, files: list[File], route: str = "/plain/slideshow", **form: str
) -> TestResponse:
    field = "images" if route == "/plain/slideshow" else "video"
    parts = [(BytesIO(data), name) for name, data in files]
    return client.post(
        route, data={**FORM, **form, field: parts}, content_type="multipart/form-data"
    )


def read_page(response: TestResponse, status: int, tag: str = "en") -> str:
    """Return the sentence of a page about an error."""
    assert response.status_code == status, response.text
    assert response.mimetype == "text/html"
    assert f'<html lang="{tag}"' in response.text
    assert '<a class="primary" href="/">' in response.text
    found = re.search(r'<p class="complaint">(.+?)</p>', response.text, re.DOTALL)
    assert found
    return found[1]


def read_job(site: Site, response: TestResponse) -> dict[str, Any]:
    """Return the work of the job that a form has ordered."""
    assert response.status_code == 303, response.text
    job_id = response.headers["Location"].rpartition("/")[2]
    return dict(site.services.ledger.read(job_id).job.work)


def list_links(page: TestResponse) -> list[str]:
    """Return the ids of the jobs that a page of jobs links to."""
    return re.findall(r'href="/plain/jobs/([0-9a-f-]{36})"', page.text)


def test_form_orders_what_it_says(any_site: Site) -> None:
    browser = any_site.open_browser()
    answer = send_form(browser, [PHOTO, ("blue.jpg", make_photo("blue"))])
    work = read_job(any_site, answer)
    spec = work["spec"]
    assert [photo["name"] for photo in work["photos"]] == ["red.jpg", "blue.jpg"]
    assert (spec["duration"], spec["transition"], spec["fps"]) == (2, "wipe_left", 29.97)
    assert (spec["resolution"], spec["fit"]) == ("640x360", "contain")
    title = {"text": "Our summer", "subtitle": "2026", "duration": 1.5}
    assert spec["title"] == {**title, "background": "#203040"}
    assert spec.get("end_title") is None
    page = browser.get(answer.headers["Location"])
    assert "Making your slideshow" in page.text
    assert '<meta http-equiv="refresh"' in page.text
    assert answer.headers["Location"] in browser.get("/plain/jobs").text


def test_order_that_is_rendered_at_once_waits_for_no_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "_HOLD", timedelta(hours=1))  # until the page has been read
    browser = site.open_browser()
    answer = send_form(browser, [PHOTO], title="", title_subtitle="")
    page = browser.get(answer.headers["Location"]).text
    assert "It begins in a moment." in page
    assert "Waiting for its time." not in page


def test_videos_are_listed_by_their_titles(queue_site: Site) -> None:
    browser = queue_site.open_browser()
    send_form(browser, [PHOTO])
    send_form(browser, [PHOTO], title="", title_subtitle="")
    page = browser.get("/plain/jobs").text
    names = re.findall(r"<span>(.+?)</span></a>", page)
    assert sorted(names) == ["Making your slideshow", "Our summer"]
    assert "Making your slideshow · 2" in page  # and the day


def test_target_chooses_what_was_left_as_it_is(queue_site: Site) -> None:
    usual = {"resolution": "1920x1080", "fps": "30"}
    answer = send_form(queue_site.open_browser(), [PHOTO], place="whatsapp", **usual)
    spec = read_job(queue_site, answer)["spec"]
    assert spec["target"] == "whatsapp"
    assert spec.get("resolution", "") != "1920x1080"


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({"duration": "long"}, 422, "Seconds per photo: must be a number."),
        ({"max_megabytes": "inf"}, 422, "Largest file, MB: must be a number."),
        ({"max_megabytes": "nan"}, 422, "Largest file, MB: must be a number."),
        ({"max_megabytes": "1e307"}, 422, "Largest file, MB: must be a number."),
        ({"max_megabytes": "9" * 400}, 422, "Largest file, MB: must be a number."),
        ({"max_megabytes": "1e99"}, 422, "max_bytes: must be"),
        ({"duration": "99"}, 422, "Seconds per photo: must be less than or equal to 60."),
        ({"transition": "explode"}, 422, "Transition: must be"),
    ],
)
def test_wrong_choice_is_a_page_with_the_sentence(
    queue_site: Site, form: dict[str, str], status: int, sentence: str
) -> None:
    answer = send_form(queue_site.open_browser(), [PHOTO], **form)
    assert read_page(answer, status).startswith(sentence)
    assert not [key for key in queue_site.list_stored() if key.endswith("media.json")]
    assert queue_site.count_jobs() == 0


@pytest.mark.parametrize(
    ("tag", "form", "sentence"),
    [
        ("en", {"start": "3"}, "End must be at least 0.1 seconds after start."),
        ("de", {"start": "3"}, "Das Ende muss mindestens 0,1 Sekunden nach dem Anfang liegen."),
        ("en", {"speed": "9"}, "Speed: must be less than or equal to 4."),
        (
            "en",
            {"title": "\u200b", "title_subtitle": ""},
            "Opening title: must have at least one visible character.",
        ),
        (
            "en",
            {"title": "", "title_subtitle": "2026"},
            "Smaller line at the start: needs a title above it: write one, or clear this line.",
        ),
    ],
)
def test_clip_is_refused_in_the_words_of_its_form(
    site: Site, video_path: Path, tag: str, form: dict[str, str], sentence: str
) -> None:
    browser = site.open_browser()
    browser.set_cookie("language", tag)
    video = [(video_path.name, video_path.read_bytes())]
    fields = {"start": "0", "end": "1.7", "fit": "crop", "resolution": ""} | form
    answer = send_form(browser, video, "/plain/clip", **fields)
    assert read_page(answer, 422, tag) == sentence


def test_file_that_is_not_taken_is_named_and_nothing_is_kept(site: Site) -> None:
    answer = send_form(site.open_browser(), [PHOTO, ("notes.jpg", b"no picture at all")])
    assert read_page(answer, 415).startswith("notes.jpg: ")
    assert not [key for key in site.list_stored() if key.endswith("media.json")]


def test_each_file_that_is_not_taken_has_its_reason_in_the_language_of_the_page(site: Site) -> None:
    browser = site.open_browser()
    browser.set_cookie("language", "de")
    parts = [(BytesIO(b"no picture"), f"my notes {number}.jpg") for number in range(8)]
    answer = browser.post("/plain/slideshow", data={**FORM, "images": parts})
    assert answer.status_code == 415
    assert answer.text.count("Das Foto hat kein unterstütztes Format") == 5
    assert "Und 3 weitere." in answer.text


def test_unreadable_photos_are_left_out_where_that_was_chosen(site: Site) -> None:
    browser = site.open_browser()
    files = [PHOTO, ("notes.jpg", b"no picture at all")]
    answer = send_form(browser, files, on_bad_photo="skip")
    assert [photo["name"] for photo in read_job(site, answer)["photos"]] == ["red.jpg"]
    assert "Left out: notes.jpg: " in browser.get(answer.headers["Location"]).text


def test_form_without_files_is_a_page_with_the_sentence(queue_site: Site) -> None:
    browser = queue_site.open_browser()
    for route in ("/plain/slideshow", "/plain/clip"):
        assert read_page(send_form(browser, [], route), 400).startswith("No file was chosen")


def test_other_site_cannot_send_a_form(queue_site: Site) -> None:
    parts = {**FORM, "images": [(BytesIO(PHOTO[1]), PHOTO[0])]}
    headers = {"Origin": "https://elsewhere.example"}
    answer = queue_site.open_browser().post("/plain/slideshow", data=parts, headers=headers)
    assert read_page(answer, 403) == "Requests from other sites are refused."
    assert queue_site.count_jobs() == 0


def test_limits_are_those_of_uploads_and_orders(open_site: OpenSite) -> None:
    site = open_site(MAX_UPLOAD_BYTES="100", MAX_PHOTOS="2")
    browser = site.open_browser()
    assert "at most" in read_page(send_form(browser, [PHOTO]), 413)
    small = [(f"{number}.jpg", b"small") for number in range(3)]
    assert read_page(send_form(browser, small), 400).startswith("Send at most 2 photos")
    for name in ("ORDERS_PER_MINUTE", "UPLOADS_PER_MINUTE"):
        limited = open_site(**{name: "1"}).open_browser()
        assert read_page(send_form(limited, []), 400)
        assert read_page(send_form(limited, []), 429).startswith("There were too many")


def test_job_of_another_browser_is_not_shown(queue_site: Site) -> None:
    address = send_form(queue_site.open_browser(), [PHOTO]).headers["Location"]
    other = queue_site.open_browser()
    assert read_page(other.get(address), 404).startswith("There is no job")
    assert read_page(other.get(f"/plain/jobs/{UNKNOWN}"), 404).startswith("There is no job")
    assert read_page(other.post(f"{address}/cancel"), 404).startswith("There is no job")
    assert address not in other.get("/plain/jobs").text


def test_page_of_analyses_and_previews_alone_is_passed_over(queue_site: Site) -> None:
    browser = queue_site.open_browser()
    browser.get("/")
    owner = find_owner(browser)
    old = [store_job(queue_site, owner, number) for number in range(3)]
    store_job(queue_site, owner, 10, work={"kind": "slideshow", "spec": {"preview": True}})
    for number in range(11, 15):
        store_job(queue_site, owner, number, "analysis")
    page = browser.get("/plain/jobs?per_page=2")
    assert list_links(page) == [old[2]]
    [older] = re.findall(r'href="([^"]*page=[^"]*)"', page.text)
    assert list_links(browser.get(unescape(older))) == [old[1], old[0]]


def test_no_request_looks_through_a_long_list_for_a_video(queue_site: Site) -> None:
    browser = queue_site.open_browser()
    browser.get("/")
    owner = find_owner(browser)
    old = store_job(queue_site, owner, 0)
    for number in range(1, 12):
        store_job(queue_site, owner, number, "analysis")
    page = browser.get("/plain/jobs?per_page=1")
    assert list_links(page) == []
    assert "The videos that you make are kept here." not in page.text
    [older] = re.findall(r'href="([^"]*page=[^"]*)"', page.text)
    assert list_links(browser.get(unescape(older))) == [old]


def test_page_without_any_video_says_so(queue_site: Site) -> None:
    browser = queue_site.open_browser()
    browser.get("/")
    store_job(queue_site, find_owner(browser), 1, "analysis")
    assert "The videos that you make are kept here." in browser.get("/plain/jobs").text


def test_browser_without_a_cookie_is_told_so_in_its_language(queue_site: Site) -> None:
    program = queue_site.open_client()
    answer = program.get("/plain/jobs", headers={"Accept-Language": "de"})
    assert answer.status_code == 403
    assert "Videos werden über ein Cookie gefunden" in answer.text
    assert "<title>Das hat nicht" in answer.text


def test_browser_without_a_token_is_led_to_the_sign_in(open_site: OpenSite) -> None:
    answer = send_form(open_site(API_TOKENS="first-token-of-all").open_client(), [PHOTO])
    assert answer.status_code == 401
    assert 'href="/sign_in"' in answer.text
