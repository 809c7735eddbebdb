"""Resumable uploads: the tus protocol, its limits, and the same answers as forms have."""

from __future__ import annotations

import os
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from reelqueue.errors import UnavailableError
from reelqueue.jobs.model import now
from reelqueue.media.resumable.expiry import list_expired
from reelqueue.media.resumable.uploads import ResumableUploads
from reelqueue.storage import Entry, Store
from reelqueue.upkeep.retention.sweep import Retention
from tests.web.conftest import (
    UNKNOWN,
    OpenSite,
    Site,
    check_problem,
    make_photo,
    post_json,
    read_problem,
    send,
    send_one,
    upload,
)

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"


def encode(**values: str) -> str:
    return ",".join(
        f"{name} {b64encode(value.encode()).decode()}" for name, value in values.items()
    )


def begin(client: FlaskClient, size: int, kind: str = "photo", **values: str) -> TestResponse:
    metadata = encode(kind=kind, **({"filename": "red.jpg"} | values))
    headers = TUS | {"Upload-Length": str(size), "Upload-Metadata": metadata}
    return client.post("/uploads", headers=headers)


def open_upload(client: FlaskClient, size: int, kind: str = "photo", **values: str) -> str:
    """Begin an upload that is taken, and return its address."""
    response = begin(client, size, kind, **values)
    assert response.status_code == 201, response.text
    return response.headers["Location"]


def append(client: FlaskClient, url: str, offset: int, data: bytes, **headers: str) -> TestResponse:
    given = TUS | {"Upload-Offset": str(offset)} | headers
    return client.patch(url, data=data, content_type=BYTES, headers=given)


def ask_offset(client: FlaskClient, url: str) -> int:
    response = client.head(url, headers=TUS)
    assert response.status_code == 200
    return int(response.headers["Upload-Offset"])


def send_pieces(client: FlaskClient, data: bytes, kind: str, name: str, **values: str) -> str:
    """Send a file in three pieces, and return the address of the upload."""
    url = open_upload(client, len(data), kind, filename=name, **values)
    third = len(data) // 3 + 1
    for offset in range(0, len(data), third):
        answer = append(client, url, offset, data[offset : offset + third])
        assert answer.status_code == 204, answer.text
        assert int(answer.headers["Upload-Offset"]) == min(offset + third, len(data))
    return url


@pytest.fixture(params=["folder", "s3"])
def stored_site(
    request: pytest.FixtureRequest, open_site: OpenSite, monkeypatch: pytest.MonkeyPatch
) -> Site:
    """The product with each kind of storage."""
    if request.param == "folder":
        return open_site()
    environment: dict[str, str] = request.getfixturevalue("s3_environment")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return open_site(STORAGE_URL=environment["STORAGE_URL"], SECRET_KEY="a-key-of-this-test")


@pytest.mark.process
def test_photo_that_came_in_pieces_is_answered_like_one_of_a_form(stored_site: Site) -> None:
    client, photo = stored_site.open_client(), make_photo()
    form = upload(client, [("red.jpg", photo)])
    session_id = form["session_id"]
    url = send_pieces(client, photo, "photo", "red.jpg", session_id=session_id)
    assert url.startswith(f"/uploads/{session_id}/")
    answer = client.post(f"{url}/finish")
    assert answer.status_code == 201
    (image,) = (answer.json or {})["images"]
    media_id = url.rpartition("/")[2]
    thumbnail = f"/thumbnail/{session_id}/{media_id}"
    assert answer.json == form | {
        "images": [form["images"][0] | {"id": media_id, "thumbnail_url": thumbnail}]
    }
    assert client.get(image["thumbnail_url"]).status_code == 200
    keys = [key for key in stored_site.list_stored() if media_id in key]
    folder = keys[0].rpartition("/")[0]
    names = ("media.json", "original.jpeg", "thumb.jpg")
    assert keys == [f"{folder}/{name}" for name in names]
    assert stored_site.services.store.read(f"{folder}/original.jpeg") == photo
    again = client.post(f"{url}/finish")
    assert (again.status_code, again.json) == (201, answer.json)


def test_song_and_video_that_came_in_pieces_are_answered_like_those_of_forms(
    site: Site, song_path: Path, video_path: Path
) -> None:
    client = site.open_client()
    for kind, path, name in (("audio", song_path, "audio_id"), ("video", video_path, "source_id")):
        form = send_one(client, f"/upload_{kind}", kind, path)
        url = send_pieces(client, path.read_bytes(), kind, path.name)
        answer = client.post(f"{url}/finish").json or {}
        own = {"session_id": url.split("/")[2], name: url.split("/")[3]}
        assert answer == form | own


@pytest.mark.process
def test_captions_that_came_in_pieces_are_answered_like_those_of_a_form(site: Site) -> None:
    client, text = site.open_client(), b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"
    form = send(client, "/upload_captions", "captions", [("a.srt", text)]).json or {}
    url = send_pieces(client, text, "captions", "a.srt")
    own = {"session_id": url.split("/")[2], "captions_id": url.split("/")[3]}
    assert client.post(f"{url}/finish").json == form | own


@pytest.mark.process
def test_slideshow_shows_a_photo_that_came_in_pieces(queue_site: Site) -> None:
    client, photo = queue_site.open_client(), make_photo()
    url = send_pieces(client, photo, "photo", "red.jpg")
    for _ in range(2):
        client.post(f"{url}/finish")
    order = post_json(client, "/generate_video", {"session_id": url.split("/")[2]})
    work = queue_site.services.ledger.read(order["job_id"]).job.work
    assert [entry["name"] for entry in work["photos"]] == ["red.jpg"]


@pytest.mark.process
@pytest.mark.parametrize(
    ("kind", "field", "data"),
    [
        ("photo", "images", b"no picture at all"),
        ("photo", "images", make_photo()[:-300]),
        ("photo", "images", b""),
        ("video", "video", b"no video"),
        ("audio", "audio", b"no song"),
        ("captions", "captions", b"no captions"),
    ],
)
def test_file_that_is_refused_is_answered_like_one_of_a_form(
    site: Site, kind: str, field: str, data: bytes
) -> None:
    client = site.open_client()
    form = send(client, f"/upload_{field}", field, [("a.jpg", data)])
    url = send_pieces(client, data, kind, "a.jpg")
    answers = [client.post(f"{url}/finish") for _ in range(2)]  # the first may be lost
    for answer in answers:
        assert read_problem(answer, form.status_code) == form.json
    assert [key for key in site.list_stored() if "/parts/" in key or "/uploads/" in key] == []
    assert client.delete(url, headers=TUS).status_code == 204
    assert site.list_stored() == site.list_unfinished() == []


def test_server_says_what_it_can_do(open_site: OpenSite) -> None:
    response = open_site(MAX_UPLOAD_BYTES="5000").open_client().options("/uploads")
    assert response.status_code == 204
    told = {name: response.headers[f"Tus-{name}"] for name in ("Version", "Extension", "Max-Size")}
    assert told == {
        "Version": "1.0.0",
        "Extension": "creation,expiration,termination",
        "Max-Size": "5000",
    }


def test_offset_and_metadata_are_told_and_not_cached(site: Site) -> None:
    client = site.open_client()
    url = open_upload(client, 10, filename="strände.jpg")
    append(client, url, 0, b"1234")
    response = client.head(url, headers=TUS)
    assert (response.status_code, response.data) == (200, b"")
    told = {name: response.headers[name] for name in ("Upload-Offset", "Upload-Length")}
    assert told == {"Upload-Offset": "4", "Upload-Length": "10"}
    assert response.headers["Upload-Metadata"] == encode(kind="photo", filename="strände.jpg")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Tus-Resumable"] == "1.0.0"
    left = parsedate_to_datetime(response.headers["Upload-Expires"]) - now()
    assert timedelta(hours=47) < left <= timedelta(hours=48)


def test_bytes_at_another_offset_are_refused_and_change_nothing(site: Site) -> None:
    client = site.open_client()
    url = open_upload(client, 10)
    append(client, url, 0, b"1234")
    stored = site.list_stored()
    for offset in (0, 3, 5, 10, 11):
        problem = read_problem(append(client, url, offset, b"x"), 409)
        assert "goes on at byte 4" in problem["detail"]
    assert site.list_stored() == stored
    assert append(client, url, 4, b"567890").headers["Upload-Offset"] == "10"


def test_of_requests_for_the_same_offset_one_is_stored(open_site: OpenSite) -> None:
    """Each comes to an app of its own, as to several web processes."""
    clients = [open_site().open_client() for _ in range(6)]
    url = open_upload(clients[0], 4)
    pieces = [str(number).encode() * 4 for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda client, piece: append(client, url, 0, piece), clients, pieces)
        )
    winners = [index for index, answer in enumerate(answers) if answer.status_code == 204]
    assert len(winners) == 1
    assert sorted(answer.status_code for answer in answers) == [204, *[409] * 5]
    (part,) = (key for key in open_site().list_stored() if "/parts/" in key)
    assert open_site().services.store.read(part) == pieces[winners[0]]


@pytest.mark.parametrize(("offset", "data", "status"), [(0, b"x" * 11, 413), (4, b"x" * 7, 413)])
def test_more_bytes_than_announced_are_refused(
    site: Site, offset: int, data: bytes, status: int
) -> None:
    client = site.open_client()
    url = open_upload(client, 10)
    append(client, url, 0, b"1234"[:offset])
    read_problem(append(client, url, offset, data), status)
    assert ask_offset(client, url) == offset


def test_upload_in_far_too_many_parts_is_refused(site: Site) -> None:
    client = site.open_client()
    urls = [open_upload(client, size) for size in (501, 1 << 20)]
    for url in urls:
        name = next(key for key in site.list_stored() if url.split("/")[3] in key)
        for offset in range(500):
            key = f"{name.removesuffix('upload.json')}parts/{offset:020}"
            site.services.store.write(key, b"x")
    problem = read_problem(append(client, urls[0], 500, b"x"), 413)
    assert "far too many parts" in problem["detail"]
    assert append(client, urls[1], 500, b"x").status_code == 204


@pytest.mark.parametrize("what", ["upload", "session"])
def test_bytes_of_an_upload_that_is_deleted_while_they_come_are_not_kept(
    site: Site, what: str
) -> None:
    client, other = site.open_client(), site.open_client()
    url = open_upload(client, 20)
    append(client, url, 0, b"1234")
    address = url if what == "upload" else f"/sessions/{url.split('/')[2]}"

    class Body(BytesIO):
        """Bytes of which the last come after the upload was deleted."""

        def read(self, size: int | None = -1) -> bytes:
            if self.tell() == 0:
                assert other.delete(address, headers=TUS).status_code == 204
            return super().read(size)

    headers = TUS | {"Upload-Offset": "4", "Content-Length": "8"}
    answer = client.patch(url, input_stream=Body(b"x" * 8), content_type=BYTES, headers=headers)
    assert "begin it again" in read_problem(answer, 404)["detail"]
    assert site.list_stored() == site.list_unfinished() == []


def test_upload_of_another_owner_reads_as_if_there_were_none(site: Site) -> None:
    mine, other = site.open_browser(), site.open_browser()
    url = open_upload(mine, 4)
    append(mine, url, 0, b"12")
    session_id = url.split("/")[2]
    strange = [f"/uploads/{session_id}/{UNKNOWN}", f"/uploads/{UNKNOWN}/{UNKNOWN}"]
    strange += [f"/uploads/{session_id}/..", f"/uploads/{session_id}/%00"]
    for client, address in [(other, url), *((mine, address) for address in strange)]:
        assert client.head(address, headers=TUS).status_code == 404
        said = {
            read_problem(response, 404)["detail"]
            for response in (
                append(client, address, 2, b"34"),
                client.delete(address, headers=TUS),
                client.post(f"{address}/finish"),
            )
        }
        assert said == {"There is no such upload: begin it again."}
    assert ask_offset(mine, url) == 2


def test_session_of_another_owner_is_not_changed(site: Site) -> None:
    mine, other = site.open_browser(), site.open_browser()
    session_id = open_upload(mine, 4).split("/")[2]
    stored = site.list_stored()
    open_upload(other, 4, session_id=session_id)
    owner = stored[0].split("/")[1]
    assert [key for key in site.list_stored() if owner in key] == stored


@pytest.mark.parametrize("version", [None, "0.2.2", "2.0.0"])
def test_client_of_another_version_is_told_ours(site: Site, version: str | None) -> None:
    client = site.open_client()
    url = open_upload(client, 4)
    headers = {"Tus-Resumable": version} if version else {}
    answers = [
        client.post("/uploads", headers=headers | {"Upload-Length": "4"}),
        client.patch(url, data=b"1234", content_type=BYTES, headers=headers),
        client.delete(url, headers=headers),
    ]
    for answer in answers:
        read_problem(answer, 412)
        assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
    assert client.head(url, headers=headers).status_code == 412
    assert ask_offset(client, url) == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "1e3"}, 400),
        ({"Upload-Length": "9" * 40}, 400),
        ({"Upload-Defer-Length": "1"}, 400),
        ({"Upload-Length": "4"}, 422),
        ({"Upload-Length": "4", "Upload-Metadata": encode(kind="program")}, 422),
        ({"Upload-Length": "4", "Upload-Metadata": "kind abcd"}, 422),  # Base64 of something else
        ({"Upload-Length": "4", "Upload-Metadata": "kind !"}, 400),
        ({"Upload-Length": "4", "Upload-Metadata": "kind ä"}, 400),
        ({"Upload-Length": "4", "Upload-Metadata": encode(kind="photo") + ",ä"}, 400),
        ({"Upload-Length": "4", "Upload-Metadata": encode(kind="photo", name="x" * 9000)}, 413),
        ({"Upload-Length": "4", "Upload-Metadata": encode(kind="photo", session_id="../x")}, 422),
        ({"Upload-Length": "5001", "Upload-Metadata": encode(kind="photo")}, 413),
    ],
)
def test_beginning_that_is_not_understood_or_too_large_is_refused(
    open_site: OpenSite, headers: dict[str, str], status: int
) -> None:
    site = open_site(MAX_UPLOAD_BYTES="5000")
    response = site.open_client().post("/uploads", headers=TUS | headers)
    read_problem(response, status)
    assert response.headers["Tus-Resumable"] == "1.0.0"
    assert site.list_stored() == site.list_unfinished() == []


def test_bytes_of_another_type_or_without_an_offset_are_refused(site: Site) -> None:
    client = site.open_client()
    url = open_upload(client, 4)
    typed = TUS | {"Upload-Offset": "0"}
    read_problem(client.patch(url, data=b"1234", content_type="image/jpeg", headers=typed), 415)
    read_problem(client.patch(url, data=b"1234", content_type=BYTES, headers=TUS), 400)
    assert ask_offset(client, url) == 0


def test_methods_that_a_client_cannot_send_are_named_in_a_header(site: Site) -> None:
    client = site.open_client()
    url = open_upload(client, 4)
    headers = TUS | {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0"}
    answer = client.post(url, data=b"12", content_type=BYTES, headers=headers)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "2")
    read_problem(client.post(url, headers=TUS), 400)
    answer = client.post(url, headers=TUS | {"X-HTTP-Method-Override": "DELETE"})
    assert answer.status_code == 204
    assert client.head(url, headers=TUS).status_code == 404


def test_upload_that_lacks_bytes_cannot_be_finished(site: Site) -> None:
    client = site.open_client()
    url = open_upload(client, 10)
    append(client, url, 0, b"1234")
    assert "6 bytes" in read_problem(client.post(f"{url}/finish"), 409)["detail"]
    assert ask_offset(client, url) == 4


def test_upload_that_is_given_up_is_deleted(site: Site) -> None:
    client = site.open_client()
    url = open_upload(client, 10)
    append(client, url, 0, b"1234")
    assert client.delete(url, headers=TUS).status_code == 204
    assert site.list_stored() == []
    check_problem(client.delete(url, headers=TUS).json or {}, 404)


@pytest.mark.parametrize(
    ("settings", "status", "sentence"),
    [
        ({"MAX_SESSION_BYTES": "50000"}, 413, "start a new session"),
        ({"MAX_OWNER_BYTES": "50000"}, 413, "older ones have been deleted"),
        ({"MAX_STORED_BYTES": "50000"}, 503, "no room"),
    ],
)
def test_quotas_are_checked_before_anything_is_sent_and_with_each_piece(
    open_site: OpenSite, settings: dict[str, str], status: int, sentence: str
) -> None:
    site = open_site(**settings)
    client = site.open_client()
    assert sentence in read_problem(begin(client, 50_001), status)["detail"]
    assert site.list_stored() == []
    urls = [open_upload(client, 9000)]
    session_id = urls[0].split("/")[2]
    urls += [open_upload(client, 9000, session_id=session_id) for _ in range(9)]
    answers = [append(client, url, 0, b"x" * 9000) for url in urls]
    refused = next(answer for answer in answers if answer.status_code != 204)
    assert sentence in read_problem(refused, status)["detail"]
    assert sum(entry.size for entry in site.services.store.list("sessions")) <= 50_000
    assert [key for key in site.list_stored() if key.startswith("reserved/")] == []


def test_disk_that_is_nearly_full_takes_no_upload(
    monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    client = site.open_client()
    url = open_upload(client, 400)
    append(client, url, 0, b"x" * 100)
    monkeypatch.setattr("reelqueue.media.quota.find_room", lambda *_: 199)
    for answer in (begin(client, 200), append(client, url, 100, b"x" * 200)):
        assert "no room" in read_problem(answer, 503)["detail"]
        assert int(answer.headers["Retry-After"]) > 0
    assert ask_offset(client, url) == 100


def test_pieces_count_as_uploads_for_the_rate_limit(open_site: OpenSite) -> None:
    client = open_site(UPLOADS_PER_MINUTE="3").open_browser()
    url = open_upload(client, 10)
    assert [append(client, url, offset, b"x").status_code for offset in (0, 1)] == [204, 204]
    refused = append(client, url, 2, b"x")
    assert "too many uploads" in read_problem(refused, 429)["detail"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert ask_offset(client, url) == 2  # asking goes on


@pytest.mark.usefixtures("pretended_probe")
@pytest.mark.parametrize("name", ["original.jpeg", "thumb.jpg", "media.json"])
def test_end_that_storage_does_not_take_can_be_repeated(
    monkeypatch: pytest.MonkeyPatch, site: Site, name: str
) -> None:
    write = Store.write

    def fail_late(self: Store, key: str, data: bytes | Path) -> None:
        if key.endswith(name):
            raise UnavailableError("The storage does not answer right now.")
        write(self, key, data)

    client, photo = site.open_client(), make_photo()
    url = send_pieces(client, photo, "photo", "red.jpg")
    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", fail_late)
        read_problem(client.post(f"{url}/finish"), 503)
    assert ask_offset(client, url) == len(photo)
    assert client.post(f"{url}/finish").status_code == 201
    assert len([key for key in site.list_stored() if key.endswith("media.json")]) == 1
    assert [key for key in site.list_stored() if "/resumable/" in key] == []
    assert site.list_unfinished() == []


@pytest.mark.usefixtures("pretended_probe")
def test_end_that_was_killed_before_it_tidied_up_can_be_repeated(
    monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    client = site.open_client()
    url = send_pieces(client, make_photo(), "photo", "red.jpg")
    with monkeypatch.context() as patch:
        patch.setattr("reelqueue.media.resumable.uploads.ResumableUploads.delete", lambda *_: None)
        first = client.post(f"{url}/finish")
    assert any("/parts/" in key for key in site.list_stored())
    assert client.post(f"{url}/finish").json == first.json
    assert not any("/resumable/" in key for key in site.list_stored())


@pytest.mark.usefixtures("pretended_probe")
def test_ends_asked_for_at_once_are_copied_a_few_at_a_time(
    monkeypatch: pytest.MonkeyPatch, open_site: OpenSite
) -> None:
    clients = [open_site().open_client() for _ in range(6)]
    url = send_pieces(clients[0], make_photo(), "photo", "red.jpg")
    gather, running, seen = ResumableUploads.gather, list[int](), list[int]()

    def gather_slowly(*arguments: Any) -> None:
        running.append(1)
        time.sleep(0.2)
        seen.append(len(running))
        try:
            gather(*arguments)
        finally:
            running.pop()

    monkeypatch.setattr(ResumableUploads, "gather", gather_slowly)
    monkeypatch.setattr("reelqueue.media.resumable.completion.count_cores", lambda: 1)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda client: client.post(f"{url}/finish"), clients))
    assert {answer.status_code for answer in answers} == {201}
    assert max(seen) <= 2


def test_end_leaves_the_disk_as_much_room_as_it_must(
    monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    """Others fill the disk while the parts are copied."""
    client, photo = site.open_client(), make_photo()
    url = send_pieces(client, photo, "photo", "red.jpg")
    room = iter([len(photo) * 2] * 2 + [0] * 20)
    monkeypatch.setattr("reelqueue.media.quota.find_room", lambda *_: next(room))
    assert "no room" in read_problem(client.post(f"{url}/finish"), 503)["detail"]
    assert site.list_unfinished() == []
    assert ask_offset(client, url) == len(photo)


def make_older(site: Site, by: timedelta) -> None:
    moment = time.time() - by.total_seconds()
    for path in site.storage.rglob("*"):
        if path.is_file():
            os.utime(path, (moment, moment))


@pytest.mark.parametrize(("hours", "retention"), [(48, "168"), (48, "0"), (12, "12")])
def test_upload_that_is_given_up_expires(open_site: OpenSite, hours: int, retention: str) -> None:
    site = open_site(RETENTION_HOURS=retention)
    client = site.open_client()
    url = open_upload(client, 10)
    append(client, url, 0, b"1234")
    make_older(site, timedelta(hours=hours - 0.1))
    assert ask_offset(client, url) == 4
    append(client, url, 4, b"5")  # this starts its time again
    Retention(site.services).sweep()
    assert ask_offset(client, url) == 5
    make_older(site, timedelta(hours=hours + 0.1))
    assert client.head(url, headers=TUS).status_code == 404
    read_problem(append(client, url, 5, b"6"), 404)
    make_older(site, timedelta(hours=hours + 1.1))
    Retention(site.services).sweep()
    assert site.list_stored() == []


def test_expired_uploads_are_listed_and_no_others() -> None:
    def list_files(age: float, *names: str) -> list[Entry]:
        return [
            Entry(f"sessions/o/s/{name}", 1, now() - timedelta(hours=age), None) for name in names
        ]

    old = list_files(60, "resumable/a/parts/0", "resumable/a/upload.json", "uploads/a/original.jpg")
    done = list_files(60, "resumable/b/refusal.json", "uploads/b/media.json", "uploads/b/thumb.jpg")
    young = list_files(60, "resumable/c/upload.json") + list_files(1, "resumable/c/parts/0")
    others = list_files(60, "uploads/d/original.jpg", "leaving")
    entries = sorted([*old, *done, *young, *others], key=lambda entry: entry.key)
    assert list(list_expired(entries, timedelta(hours=48))) == [
        "sessions/o/s/resumable/a/upload.json",  # first: from then on there is no such upload
        "sessions/o/s/resumable/a/parts/0",
        "sessions/o/s/uploads/a/original.jpg",
        "sessions/o/s/resumable/b/refusal.json",
    ]


def test_many_expired_uploads_are_listed_in_seconds() -> None:
    old = now() - timedelta(hours=60)
    keys = [f"sessions/o/{number:06}/resumable/{number:06}/upload.json" for number in range(30_000)]
    begun = time.process_time()
    found = list(list_expired([Entry(key, 1, old, None) for key in keys], timedelta(hours=48)))
    assert found == keys
    assert time.process_time() - begun < 5


def test_session_is_deleted_with_what_has_begun_to_come(site: Site) -> None:
    client = site.open_client()
    url = open_upload(client, 10)
    append(client, url, 0, b"1234")
    assert client.delete(f"/sessions/{url.split('/')[2]}").status_code == 204
    assert client.head(url, headers=TUS).status_code == 404
    assert site.list_stored() == []
