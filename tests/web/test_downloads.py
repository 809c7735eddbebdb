"""Finished videos over HTTP: whole, in ranges, cached, and only for whom they are."""

from __future__ import annotations

import random
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.web.conftest import (
    PAGE,
    SMALL,
    UNKNOWN,
    Finished,
    Site,
    make_photo,
    post_json,
    read_problem,
    upload,
)


def get_range(finished: Finished, value: str, **headers: str) -> tuple[int, str | None, bytes]:
    response = finished.browser.get(finished.url, headers={"Range": value, **headers})
    return response.status_code, response.headers.get("Content-Range"), response.data


def test_download_is_the_whole_video_with_its_facts(finished: Finished) -> None:
    response = finished.browser.get(finished.url)
    assert response.status_code == 200
    assert response.data == finished.video
    assert finished.video[4:8] == b"ftyp"
    assert response.content_length == len(finished.video) == finished.answer["result"]["file_size"]
    assert response.content_type == "video/mp4"
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("query", "disposition"), [("", "attachment"), ("?inline=1", "inline"), ("?inline=2", None)]
)
def test_download_is_saved_or_played(
    finished: Finished, query: str, disposition: str | None
) -> None:
    name = f"reelqueue-{finished.job_id[:8]}.mp4"
    header = finished.browser.head(f"{finished.url}{query}").headers["Content-Disposition"]
    assert header == f"{disposition or 'attachment'}; filename={name}"


@pytest.mark.render
@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Our summer", 'filename="Our summer.mp4"'),
        (
            '../Été: "Süd"\n1',
            "filename=\"Ete Sud 1.mp4\"; filename*=UTF-8''%C3%89t%C3%A9%20S%C3%BCd%201.mp4",
        ),
        ("夏", "filename=reelqueue-{id}.mp4; filename*=UTF-8''%E5%A4%8F.mp4"),
        ("* ? *", "filename=reelqueue-{id}.mp4"),
    ],
)
def test_download_is_named_by_the_title(site: Site, title: str, name: str) -> None:
    browser = site.open_browser()
    session = upload(browser, [("red.jpg", make_photo())])["session_id"]
    spec = {"session_id": session, **SMALL, "title": {"text": title, "duration": 0.5}}
    job_id = post_json(browser, "/generate_video", spec)["job_id"]
    link = post_json(browser, f"/jobs/{job_id}/share", {})["share_url"]
    for url in (f"/download/{job_id}", f"{link}/video"):
        header = browser.head(url).headers["Content-Disposition"]
        assert header == f"attachment; {name.format(id=job_id[:8])}"


def test_download_of_head_has_the_headers_and_no_body(finished: Finished) -> None:
    whole = finished.browser.get(finished.url)
    head = finished.browser.head(finished.url, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers == whole.headers


@pytest.mark.parametrize("value", ["bytes=0-0", "bytes=5-9", "bytes=-1", "bytes=7-", "bytes=0-"])
def test_range_is_answered_with_just_that_part(finished: Finished, value: str) -> None:
    first, last = value.removeprefix("bytes=").split("-")
    size = len(finished.video)
    start = int(first) if first else size - int(last)
    stop = int(last) + 1 if first and last else size
    status, content_range, data = get_range(finished, value)
    assert status == 206
    assert content_range == f"bytes {start}-{stop - 1}/{size}"
    assert data == finished.video[start:stop]


def test_suffix_longer_than_the_video_is_all_of_it(finished: Finished) -> None:
    """RFC 9110, section 14.1.2."""
    size = len(finished.video)
    for length in (size, size + 1, 99_999_999_999):
        status, content_range, data = get_range(finished, f"bytes=-{length}")
        assert (status, content_range) == (206, f"bytes 0-{size - 1}/{size}")
        assert data == finished.video


def test_range_that_ends_behind_the_video_ends_with_it(finished: Finished) -> None:
    size = len(finished.video)
    status, content_range, data = get_range(finished, f"bytes={size - 3}-{size + 99}")
    assert (status, content_range) == (206, f"bytes {size - 3}-{size - 1}/{size}")
    assert data == finished.video[-3:]


@pytest.mark.parametrize("start", [0, 99])
def test_range_behind_the_video_is_not_satisfiable(finished: Finished, start: int) -> None:
    size = len(finished.video)
    wanted = {"Range": f"bytes={size + start}-"}
    response = finished.browser.get(finished.url, headers=wanted)
    assert "range" in read_problem(response, 416)["detail"]
    assert response.headers["Content-Range"] == f"bytes */{size}"


@pytest.mark.parametrize(
    "value",
    [
        "bytes=5-2",
        "bytes=abc",
        "bytes=",
        "bytes",
        "items=0-5",
        "bytes=--5",
        "bytes=0-0,2-3",
        "bytes=0-9,5-12",
        "bytes=" + ",".join(f"{number * 10}-{number * 10 + 1}" for number in range(50)),
        "bytes=99999999999999999999999999-0",
    ],
)
def test_range_that_is_none_or_several_gets_the_whole_video(finished: Finished, value: str) -> None:
    assert get_range(finished, value) == (200, None, finished.video)


def test_random_ranges_together_are_the_video(finished: Finished) -> None:
    size = len(finished.video)
    cuts = sorted(random.Random(5).sample(range(1, size), 99))
    pieces = zip([0, *cuts], [*cuts, size], strict=True)
    parts = [get_range(finished, f"bytes={start}-{stop - 1}") for start, stop in pieces]
    assert {status for status, _, _ in parts} == {206}
    assert b"".join(data for _, _, data in parts) == finished.video


def test_etag_is_strong_and_saves_a_second_download(finished: Finished) -> None:
    etag = finished.browser.head(finished.url).headers["ETag"]
    assert etag.startswith('"')
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        response = finished.browser.get(finished.url, headers={"If-None-Match": known})
        assert (response.status_code, response.data) == (304, b"")
        assert response.headers["ETag"] == etag
    response = finished.browser.get(finished.url, headers={"If-None-Match": '"other"'})
    assert response.data == finished.video


def test_range_of_a_changed_video_is_not_mixed_with_the_old_one(finished: Finished) -> None:
    etag = finished.browser.head(finished.url).headers["ETag"]
    assert get_range(finished, "bytes=0-9", **{"If-Range": etag})[0] == 206
    for stale in ('"other"', f"W/{etag}", "Sat, 01 Jan 2000 00:00:00 GMT"):
        assert get_range(finished, "bytes=0-9", **{"If-Range": stale})[0] == 200


def test_download_of_another_file_than_expected_is_refused(finished: Finished) -> None:
    etag = finished.browser.head(finished.url).headers["ETag"]
    for ranged in ({}, {"Range": "bytes=0-9"}):
        for known in ("*", etag, f'"other", {etag}'):
            response = finished.browser.get(finished.url, headers={"If-Match": known, **ranged})
            assert response.status_code == (206 if ranged else 200)
            assert response.data == (finished.video[:10] if ranged else finished.video)
        for stale in ('"other"', f"W/{etag}"):
            response = finished.browser.get(finished.url, headers={"If-Match": stale, **ranged})
            problem = read_problem(response, 412)
            assert problem["type"] == "/problems/precondition-failed"
            assert response.content_length == len(response.data)


def test_poster_is_a_picture_and_nothing_else(finished: Finished) -> None:
    response = finished.browser.get(finished.answer["result"]["poster_url"])
    assert response.content_type == "image/jpeg"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    poster = Image.open(BytesIO(response.data))
    assert (poster.format, poster.size, dict(poster.getexif())) == ("JPEG", (64, 64), {})


def test_video_and_poster_tell_nothing_that_the_photos_told(finished: Finished) -> None:
    poster = finished.browser.get(finished.answer["result"]["poster_url"]).data
    for told in (b"at home", PAGE, b"red.jpg"):
        assert told not in finished.video + poster


def test_video_that_is_not_made_yet_is_a_conflict(queue_site: Site) -> None:
    client = queue_site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    job_id = post_json(client, "/generate_video", {"session_id": session_id})["job_id"]
    for url in (f"/download/{job_id}", f"/poster/{job_id}"):
        assert "still being made" in read_problem(client.get(url), 409)["detail"]
    client.post(f"/job_cancel/{job_id}")
    assert "cancelled" in read_problem(client.get(f"/download/{job_id}"), 409)["detail"]


@pytest.mark.process
def test_video_that_was_deleted_is_not_found(site: Site) -> None:
    client = site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    answer = post_json(client, "/generate_video", {"session_id": session_id, **SMALL})
    outputs = [key for key in site.list_stored() if "/outputs/" in key]
    site.services.store.delete(*outputs)
    read_problem(client.get(answer["result"]["download_url"]), 404)


@pytest.mark.parametrize("prefix", ["/download", "/poster"])
def test_video_of_somebody_else_reads_as_if_there_were_none(
    finished: Finished, prefix: str
) -> None:
    def ask(client: FlaskClient, job_id: str) -> str:
        problem = read_problem(client.get(f"{prefix}/{job_id}"), 404)
        return str(problem).replace(job_id, "ID")

    other, program = finished.site.open_browser(), finished.site.open_client()
    foreign = {ask(client, finished.job_id) for client in (other, program)}
    assert foreign == {ask(other, UNKNOWN)}
