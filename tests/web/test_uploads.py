"""The routes of uploads: what is accepted, what is refused, and that no partial file remains."""

from __future__ import annotations

import hashlib
import re
import subprocess
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from zlib import crc32

import pytest
from PIL import ExifTags, Image

from reelqueue.errors import BusyError, UnavailableError
from reelqueue.processes.cores import count_cores
from reelqueue.processes.slots import Slots
from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.storage import Store
from tests.web.conftest import (
    PAGE,
    UNKNOWN,
    File,
    Finished,
    OpenSite,
    Site,
    make_photo,
    make_postcard,
    post_json,
    read_problem,
    send,
    send_one,
    upload,
)

ROUTES = [
    ("/upload_images", "images"),
    ("/upload_audio", "audio"),
    ("/upload_video", "video"),
    ("/upload_captions", "captions"),
]
MULTIPART = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="images"; filename="a.jpg"\r\n\r\n'


def make_bomb() -> bytes:
    """Return a PNG of a few bytes that says it is 30000 x 30000 pixels."""
    chunk = b"IHDR" + bytes.fromhex("00007530 00007530 01 00 00 00 00")
    return b"\x89PNG\r\n\x1a\n\0\0\0\r" + chunk + crc32(chunk).to_bytes(4, "big")


REFUSED_PHOTOS: dict[str, tuple[bytes, int]] = {
    "empty.jpg": (b"", 415),
    "text.jpg": (b"no picture at all", 415),
    "page.png": (PAGE, 415),
    "jpeg2000.png": (make_photo(kind="JPEG2000"), 415),
    "bmp.jpg": (make_photo(kind="BMP"), 415),
    "eps.png": (make_photo(kind="EPS"), 415),
    "raw.dng": (make_photo(kind="TIFF", tiffinfo={50706: b"\1\4\0\0"}), 415),
    "cut.heic": (make_photo(kind="HEIF")[:-300], 422),
    "cut.avif": (make_photo(kind="AVIF")[:-100], 422),
    "cut.tif": (make_photo(kind="TIFF")[:-300], 422),
    "drawing.png": (b'<svg xmlns:xlink="x"><image xlink:href="file:///etc/passwd"/></svg>', 415),
    "cut.jpg": (make_photo()[:-300], 422),
    "cut.png": (make_photo(kind="PNG")[:60], 422),
    "bomb.png": (make_bomb(), 422),
    "broken.png": (b"\x89PNG\r\n\x1a\n" + b"\xff" * 500, 422),
}
TAKEN_PHOTOS: dict[str, bytes] = {
    "png.jpg": make_photo(kind="PNG"),
    "phone.heic": make_photo(kind="HEIF"),
    "small.avif": make_photo(kind="AVIF"),
    "scan.tif": make_photo(kind="TIFF", compression="tiff_lzw"),
    "cmyk.jpg": make_photo(mode="CMYK"),
    "grey.png": make_photo(kind="PNG", mode="LA"),
    "deep.png": make_photo(kind="PNG", mode="I;16"),
    "bits.png": make_photo(kind="PNG", mode="1"),
    "palette.png": make_photo(kind="PNG", mode="P", transparency=0),
    "moving.gif": make_photo(
        kind="GIF", save_all=True, append_images=[Image.new("RGB", (96, 64))] * 40
    ),
    "wrong-exif.jpg": make_photo(exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"),
    "wrong-profile.jpg": make_photo(icc_profile=b"junk"),
}
REFUSED_MEDIA: dict[str, bytes] = {
    "empty.mp4": b"",
    "list.mp4": b"ffconcat version 1.0\nfile ../other.mp4\n",
    "stream.mp4": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\nhttp://169.254.169.254/\n",
    "dash.mp4": b'<?xml version="1.0"?><MPD><BaseURL>http://127.0.0.1/</BaseURL></MPD>',
    "session.mp4": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "script.vpy": b"import os; os.system('true')",
    "titles.mkv": b"[Script Info]\nScriptType: v4.00+\n",
    "photo.mp4": make_photo(),
}


def list_names(site: Site, job_id: str) -> list[str]:
    work = site.services.ledger.read(job_id).job.work
    return [photo["name"] for photo in work["photos"]]


def test_photos_keep_their_order_over_calls(queue_site: Site) -> None:
    client = queue_site.open_client()
    names = [f"{number * 7 % 15}.jpg" for number in range(15)]
    photo = make_photo()
    first = upload(client, [(name, photo) for name in names[:12]])
    session_id = first["session_id"]
    second = upload(client, [(name, photo) for name in names[12:]], session_id=session_id)
    answered = [image["filename"] for image in first["images"] + second["images"]]
    assert answered == names
    assert second["session_id"] == session_id
    job = post_json(client, "/generate_video", {"session_id": session_id})
    assert list_names(queue_site, job["job_id"]) == names


@pytest.mark.process
def test_upload_of_photos_answers_as_agreed(site: Site, photo_paths: list[Path]) -> None:
    client = site.open_client()
    path = photo_paths[1]
    answer = upload(client, [(path.name, path.read_bytes()), ("text.jpg", b"no picture")])
    (image,) = answer["images"]
    assert answer == {
        "success": True,
        "session_id": answer["session_id"],
        "images": [
            {
                "id": image["id"],
                "filename": "rocket.jpg",
                "width": 640,
                "height": 427,
                "thumbnail_url": f"/thumbnail/{answer['session_id']}/{image['id']}",
            }
        ],
        "rejected": [
            {
                "filename": "text.jpg",
                "error": "The photo is not in a supported format: send JPEG, PNG, WebP, AVIF, "
                "HEIC, TIFF or GIF.",
            }
        ],
    }
    thumbnail = client.get(image["thumbnail_url"])
    assert thumbnail.content_type == "image/jpeg"
    assert Image.open(BytesIO(thumbnail.data)).size == (320, 214)


@pytest.mark.process
def test_upload_says_when_a_photo_was_taken(site: Site) -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2025:08:09 10:11:12"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.OffsetTimeOriginal] = "+02:00"
    photos = [("a.jpg", make_photo(exif=exif)), ("IMG_20250809_101112.jpg", make_photo())]
    dated, named = upload(site.open_client(), photos)["images"]
    assert dated["taken_at"] == named["taken_at"] == "2025-08-09T10:11:12"
    assert (dated["utc_offset"], named.get("utc_offset")) == (120, None)


def test_upload_of_a_song_and_of_a_video_answer_as_agreed(
    site: Site, song_path: Path, video_path: Path
) -> None:
    client = site.open_client()
    song = send_one(client, "/upload_audio", "audio", song_path)
    session_id = song["session_id"]
    assert song == {
        "success": True,
        "session_id": session_id,
        "audio_id": song["audio_id"],
        "filename": "tune.mp3",
        "duration": pytest.approx(4, abs=0.1),
        "warnings": [],
    }
    video = send_one(client, "/upload_video", "video", video_path, session_id=session_id)
    assert video == {
        "success": True,
        "session_id": session_id,
        "source_id": video["source_id"],
        "filename": "holiday.mp4",
        "duration": pytest.approx(3, abs=0.1),
        "width": 320,
        "height": 240,
        "fps": 25.0,
        "has_audio": True,
        "sound_tracks": 1,
        "warnings": [],
    }


@pytest.mark.process
@pytest.mark.parametrize("name", ["text.jpg", "cut.jpg"])
def test_photo_that_is_refused_alone_is_a_problem(site: Site, name: str) -> None:
    data, status = REFUSED_PHOTOS[name]
    problem = read_problem(
        send(site.open_client(), "/upload_images", "images", [(name, data)]), status
    )
    assert problem["rejected"] == [{"filename": name, "error": problem["detail"]}]
    assert site.list_stored() == site.list_unfinished() == []


@pytest.mark.process
def test_photos_that_are_refused_do_not_keep_the_others_out(site: Site) -> None:
    """One call for all files: each call would start another child process."""
    files: list[File] = [("first.jpg", make_photo())]
    files += [(name, data) for name, (data, _) in REFUSED_PHOTOS.items()]
    files += [("last.jpg", make_photo())]
    answer = upload(site.open_client(), files)
    assert [image["filename"] for image in answer["images"]] == ["first.jpg", "last.jpg"]
    wrong_kind = re.compile("is not in a supported format|is a camera raw file")
    said = {item["filename"]: item["error"] for item in answer["rejected"]}
    assert {name: 415 if wrong_kind.search(error) else 422 for name, error in said.items()} == {
        name: status for name, (_, status) in REFUSED_PHOTOS.items()
    }
    assert len(site.list_stored()) == 2 * len(("original", "thumb", "media"))
    assert site.list_unfinished() == []


@pytest.mark.process
def test_photos_that_are_odd_are_taken(site: Site) -> None:
    answer = upload(site.open_client(), list(TAKEN_PHOTOS.items()))
    assert answer["rejected"] == []
    assert {(image["width"], image["height"]) for image in answer["images"]} == {(96, 64)}


@pytest.mark.process
def test_photo_is_measured_as_it_is_shown(site: Site) -> None:
    exif = Image.Exif()
    exif[274] = 6  # turned by a quarter
    (image,) = upload(site.open_client(), [("turned.jpg", make_photo(exif=exif))])["images"]
    assert (image["width"], image["height"]) == (64, 96)


@pytest.mark.process
def test_thumbnail_tells_no_place_and_is_no_page(site: Site) -> None:
    client = site.open_client()
    photo = make_postcard()
    assert b"at home" in photo
    assert Image.open(BytesIO(photo)).getexif().get_ifd(0x8825)
    answer = upload(client, [("home.jpg", photo)])
    response = client.get(answer["images"][0]["thumbnail_url"])
    assert response.content_type == "image/jpeg"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert dict(Image.open(BytesIO(response.data)).getexif()) == {}
    assert b"at home" not in response.data
    assert PAGE not in response.data


@pytest.mark.parametrize(
    ("url", "element"),
    [
        (f"/thumbnail/{UNKNOWN}/{UNKNOWN}", "image"),
        (f"/poster/{UNKNOWN}", "image"),
        (f"/media/{UNKNOWN}/{UNKNOWN}", "audio"),
        (f"/download/{UNKNOWN}", "video"),
        (f"/shared/{UNKNOWN}/signature/video", "video"),
    ],
)
def test_what_a_page_shows_may_be_gone_and_other_requests_are_told(
    finished: Finished, url: str, element: str
) -> None:
    answer = finished.browser.get(url, headers={"Sec-Fetch-Dest": element})
    assert (answer.status_code, answer.data) == (204, b"")
    read_problem(finished.browser.get(url, headers={"Sec-Fetch-Dest": "document"}), 404)


def test_thumbnail_of_another_browser_reads_as_if_there_were_none(finished: Finished) -> None:
    url = finished.photos["images"][0]["thumbnail_url"]
    assert finished.browser.get(url).status_code == 200
    session_id = finished.photos["session_id"]
    others = [finished.site.open_browser(), finished.site.open_client()]
    answers = [other.get(url) for other in others]
    answers += [
        finished.browser.get(f"/thumbnail/{first}/{second}")
        for first, second in [
            (session_id, UNKNOWN),
            (UNKNOWN, UNKNOWN),
            (session_id, ".."),
            ("..", ".."),
            (session_id, "%00"),
            (session_id, "x" * 5000),
        ]
    ]
    assert {read_problem(answer, 404)["detail"] for answer in answers} == {
        "There is no such photo."
    }


@pytest.mark.process
@pytest.mark.parametrize(("route", "field"), ROUTES[1:])
def test_media_of_other_kinds_are_refused(site: Site, route: str, field: str) -> None:
    client = site.open_client()
    for name, data in REFUSED_MEDIA.items():
        read_problem(send(client, route, field, [(name, data)]), 415)
    assert site.list_stored() == site.list_unfinished() == []


@pytest.mark.parametrize(("route", "field"), ROUTES[1:3])
def test_media_that_are_damaged_are_refused(
    site: Site, route: str, field: str, video_path: Path
) -> None:
    whole = video_path.read_bytes()
    files = [("a.mp4", whole[: len(whole) // 2])]  # its index stands at its end
    problem = read_problem(send(site.open_client(), route, field, files), 422)
    assert problem["field"] == field
    assert site.list_stored() == site.list_unfinished() == []


@pytest.mark.process
@pytest.mark.parametrize("seconds", [0.05, 18_000])
def test_song_that_lasts_no_time_or_too_long_is_refused_with_what_is_taken(
    site: Site, tmp_path: Path, seconds: float
) -> None:
    path = tmp_path / "silence.flac"
    source = ["-f", "lavfi", "-i", f"anullsrc=r=2000:cl=mono:d={seconds}"]
    subprocess.run([find_ffmpeg(), "-v", "error", *source, path], check=True)
    answer = send(site.open_client(), "/upload_audio", "audio", [(path.name, path.read_bytes())])
    problem = read_problem(answer, 422)
    assert problem["field"] == "audio"
    assert "between 0.1 seconds and 4 hours" in problem["detail"]
    assert site.list_stored() == []


def test_media_of_the_other_kind_are_refused(site: Site, song_path: Path) -> None:
    files = [("tune.mp4", song_path.read_bytes())]
    problem = read_problem(send(site.open_client(), "/upload_video", "video", files), 415)
    assert "sound file" in problem["detail"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"../../etc/passwd", "passwd"),
        (b"con.jpg", "con.jpg"),
        ("tür 🏖.jpg".encode(), "tür 🏖.jpg"),
        ("a\u202egpj.exe".encode(), "agpj.exe"),
        ("Küche.jpg".encode("latin-1"), "K\ufffdche.jpg"),
        ("写真.jpg".encode("shift-jis"), "\ufffdʐ^.jpg"),
        (b"a\0b.jpg", "ab.jpg"),
        (b"a%0D%0AX-Evil: 1.jpg", "a%0D%0AX-Evil: 1.jpg"),
        (b"x" * 300 + b".jpg", "x" * 120),
        (b"..", ".."),
        (b"/", "unnamed"),
        (b"%22><script>.jpg", '"><script>.jpg'),
    ],
)
@pytest.mark.usefixtures("pretended_probe")
def test_file_name_is_shown_and_never_used(site: Site, name: bytes, shown: str) -> None:
    body = PART.replace(b"a.jpg", name) + b"a photo\r\n--x--\r\n"
    response = site.open_client().post("/upload_images", data=body, content_type=MULTIPART)
    assert isinstance(response.json, dict)
    image = response.json["images"][0]
    assert image["filename"] == shown
    folder = f"sessions/anyone/{response.json['session_id']}/uploads/{image['id']}"
    assert site.list_stored() == [
        f"{folder}/media.json",
        f"{folder}/original.jpeg",
        f"{folder}/thumb.jpg",
    ]


@pytest.mark.parametrize(("route", "field"), ROUTES)
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "", 400),
        (b"x", "multipart/form-data", 400),
        (b"x", MULTIPART, 400),
        (b"--y\r\n\r\n--y--", MULTIPART, 400),
        (b"--x--\r\n", MULTIPART, 400),
        (b"--x--\r\n", "multipart/form-data; boundary=" + "x" * 5000, 400),
        (b"--x--\r\n", "multipart/form-data; boundary=\xe9", 400),
        (b"--x\r\nno header\r\n\r\n\r\n--x--\r\n", MULTIPART, 400),
        (PART + b"cut", MULTIPART, 400),
        (b"images=x", "application/x-www-form-urlencoded", 415),
        (b"{}", "application/json", 415),
        (b"\x1f\x8b", "application/octet-stream", 415),
    ],
)
def test_form_that_cannot_be_read_is_refused(
    site: Site, route: str, field: str, body: bytes, content_type: str, status: int
) -> None:
    response = site.open_client().post(route, data=body, content_type=content_type)
    assert field in read_problem(response, status)["detail"] or status == 415
    assert site.list_stored() == site.list_unfinished() == []


@pytest.mark.parametrize(("route", "field"), ROUTES)
def test_form_without_a_file_is_refused(site: Site, route: str, field: str) -> None:
    client = site.open_client()
    answers = [
        client.post(route, data={field: "text"}, content_type="multipart/form-data"),
        client.post(route, data={field: (BytesIO(b""), "")}),  # a form whose user chose nothing
        client.post(route, data={"other": (BytesIO(b"x"), "a.jpg")}),
        send(client, route, field, [("a", b"x")] * (2 if field != "images" else 1001)),
    ]
    details = {read_problem(answer, 400)["detail"] for answer in answers}
    assert len(details) == 1
    assert f"'{field}'" in details.pop()
    assert site.list_stored() == site.list_unfinished() == []


@pytest.mark.parametrize(
    "session_id", ["x", "..", UNKNOWN.upper(), UNKNOWN + "\n", f"{UNKNOWN}/..", "x" * 10_000, "é"]
)
def test_session_that_no_upload_answered_is_refused(site: Site, session_id: str) -> None:
    files = [("red.jpg", make_photo())]
    response = send(site.open_client(), "/upload_images", "images", files, session_id=session_id)
    assert read_problem(response, 422)["field"] == "session_id"
    assert site.list_stored() == site.list_unfinished() == []


@pytest.mark.usefixtures("pretended_probe")
def test_session_of_another_owner_is_not_changed(site: Site) -> None:
    mine, other = site.open_browser(), site.open_browser()
    session_id = upload(mine, [("mine.jpg", make_photo())])["session_id"]
    stored = site.list_stored()
    upload(other, [("other.jpg", make_photo())], session_id=session_id)
    owner = stored[0].split("/")[1]
    assert [key for key in site.list_stored() if owner in key] == stored


@pytest.mark.usefixtures("pretended_probe")
def test_file_may_be_as_large_as_the_limit_and_not_a_byte_larger(open_site: OpenSite) -> None:
    photo = make_photo()
    fits = open_site(MAX_UPLOAD_BYTES=str(len(photo)))
    upload(fits.open_client(), [("red.jpg", photo)])
    site = open_site(MAX_UPLOAD_BYTES=str(len(photo) - 1))
    stored = site.list_stored()
    problem = read_problem(
        send(site.open_client(), "/upload_images", "images", [("red.jpg", photo)]), 413
    )
    assert problem["type"] == "/problems/too-large"
    assert site.list_stored() == stored
    assert site.list_unfinished() == []


@pytest.mark.parametrize(
    ("limits", "form"),
    [
        ({"MAX_REQUEST_BYTES": "2000"}, {"text": "x" * 2001}),
        ({}, {f"text{number}": "x" for number in range(1100)}),
        ({"MAX_SESSION_BYTES": "500"}, {}),
    ],
)
def test_form_that_is_too_large_is_refused(
    open_site: OpenSite, limits: dict[str, str], form: dict[str, str]
) -> None:
    site = open_site(**limits)
    response = send(
        site.open_client(), "/upload_images", "images", [("red.jpg", make_photo())], **form
    )
    assert read_problem(response, 413)["type"] == "/problems/too-large"
    assert site.list_stored() == site.list_unfinished() == []


@pytest.mark.parametrize(("upload_bytes", "request_bytes"), [("9000", "8000"), ("8000", "9000")])
def test_page_knows_how_much_may_be_sent_at_once(
    open_site: OpenSite, upload_bytes: str, request_bytes: str
) -> None:
    site = open_site(MAX_UPLOAD_BYTES=upload_bytes, MAX_REQUEST_BYTES=request_bytes)
    assert 'data-max-upload-bytes="8000"' in site.open_client().get("/").text


def test_form_with_a_huge_text_is_refused(site: Site) -> None:
    text = b'--x\r\nContent-Disposition: form-data; name="session_id"\r\n\r\n'
    body = text + b"x" * (1 << 21) + b"\r\n--x--\r\n"
    response = site.open_client().post("/upload_images", data=body, content_type=MULTIPART)
    read_problem(response, 413)
    assert site.list_stored() == site.list_unfinished() == []


@pytest.mark.usefixtures("pretended_probe")
def test_session_holds_no_more_than_its_limit(open_site: OpenSite) -> None:
    photo = make_photo()
    site = open_site(MAX_SESSION_BYTES=str(3 * len(photo)))
    client = site.open_client()
    session_id = upload(client, [("red.jpg", photo)])["session_id"]
    stored = site.list_stored()
    files = [("blue.jpg", photo)] * 2
    response = send(client, "/upload_images", "images", files, session_id=session_id)
    assert "start a new session" in read_problem(response, 413)["detail"]
    assert site.list_stored() == stored
    upload(client, files)


@pytest.mark.usefixtures("pretended_probe")
def test_upload_is_told_to_come_back_while_all_cores_check_others(
    monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    monkeypatch.setattr("reelqueue.media.probing._PATIENCE_SECONDS", 0.0)
    client, cores = site.open_client(), count_cores()
    with ExitStack() as stack:
        for _ in range(cores):
            stack.enter_context(Slots("probes", cores).reserve(0, BusyError("taken")))
        response = send(client, "/upload_images", "images", [("red.jpg", make_photo())])
    assert "try again later" in read_problem(response, 503)["detail"]
    assert int(response.headers["Retry-After"]) > 0
    assert site.list_stored() == []
    upload(client, [("red.jpg", make_photo())])


@pytest.mark.usefixtures("pretended_probe")
def test_owner_stores_no_more_than_the_limit_in_all_sessions(open_site: OpenSite) -> None:
    photo = make_photo()
    site = open_site(MAX_OWNER_BYTES=str(3 * len(photo)))
    browser, other = site.open_browser(), site.open_browser()
    upload(browser, [("red.jpg", photo)] * 2)
    stored = site.list_stored()
    response = send(browser, "/upload_images", "images", [("blue.jpg", photo)] * 2)
    assert "older ones have been deleted" in read_problem(response, 413)["detail"]
    assert site.list_stored() == stored
    upload(other, [("blue.jpg", photo)] * 2)


@pytest.mark.usefixtures("pretended_probe")
def test_all_owners_store_no_more_than_the_limit(open_site: OpenSite) -> None:
    photo = make_photo()
    site = open_site(MAX_STORED_BYTES=str(3 * len(photo)))
    upload(site.open_browser(), [("red.jpg", photo)] * 2)
    response = send(site.open_browser(), "/upload_images", "images", [("blue.jpg", photo)] * 2)
    problem = read_problem(response, 503)
    assert problem["detail"] == "There is no room for new files right now: try again later."
    assert problem["type"] == "/problems/no-room"
    assert int(response.headers["Retry-After"]) > 0
    assert site.list_unfinished() == []


@pytest.mark.usefixtures("pretended_probe")
def test_disk_that_is_nearly_full_takes_no_upload(
    monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    photo = make_photo()
    for room, taken in ((0, False), (len(photo), False), (100 * len(photo), True)):
        with monkeypatch.context() as patch:
            patch.setattr("reelqueue.media.quota.find_room", lambda *_, room=room: room)
            response = send(site.open_client(), "/upload_images", "images", [("a.jpg", photo)])
        assert (response.status_code == 201) is taken
        if not taken:
            assert "no room" in read_problem(response, 503)["detail"]
            assert site.list_stored() == site.list_unfinished() == []


@pytest.mark.usefixtures("pretended_probe")
@pytest.mark.parametrize("name", ["original.jpeg", "thumb.jpg", "media.json"])
def test_upload_that_storage_does_not_take_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, site: Site, name: str
) -> None:
    write = Store.write

    def fail_late(self: Store, key: str, data: bytes | Path) -> None:
        if key.endswith(name):
            raise UnavailableError("The storage does not answer right now.")
        write(self, key, data)

    client = site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    stored = site.list_stored()
    monkeypatch.setattr(Store, "write", fail_late)
    files = [("blue.jpg", make_photo())]
    response = send(client, "/upload_images", "images", files, session_id=session_id)
    read_problem(response, 503)
    assert int(response.headers["Retry-After"]) > 0
    assert site.list_unfinished() == []
    assert site.list_stored() == stored


def test_inputs_of_a_job_say_what_their_files_hold(queue_site: Site, song_path: Path) -> None:
    client = queue_site.open_client()
    photo = make_photo()
    session_id = upload(client, [("red.jpg", photo)])["session_id"]
    song = send_one(client, "/upload_audio", "audio", song_path, session_id=session_id)
    spec = {"session_id": session_id, "audio_id": song["audio_id"]}
    job_id = post_json(client, "/generate_video", spec)["job_id"]
    inputs = queue_site.services.ledger.read(job_id).job.inputs
    assert [source.digest for source in inputs] == [
        hashlib.sha256(data).hexdigest() for data in (photo, song_path.read_bytes())
    ]


def test_uploads_and_jobs_of_0_1_are_read(queue_site: Site) -> None:
    """Their files have no digests."""
    client, store = queue_site.open_client(), queue_site.services.store
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    spec = {"session_id": session_id, "job_id": UNKNOWN}
    (key,) = (key for key in queue_site.list_stored() if key.endswith("media.json"))
    stored = (store.read(key) or b"").decode()
    old = re.sub(r'"digest":"[0-9a-f]*",', "", stored)
    assert old != stored
    store.write(key, old.encode())
    post_json(client, "/generate_video", spec)
    (photo,) = queue_site.services.ledger.read(UNKNOWN).job.inputs
    assert (photo.name, photo.digest) == ("red.jpg", "")
    assert client.get(f"/job_status/{UNKNOWN}").status_code == 200


@pytest.mark.render
def test_video_and_song_are_played_by_their_owner_alone(
    site: Site, song_path: Path, video_path: Path
) -> None:
    browser = site.open_browser()
    video = send_one(browser, "/upload_video", "video", video_path)
    session_id = video["session_id"]
    song = send_one(browser, "/upload_audio", "audio", song_path, session_id=session_id)
    photos = upload(browser, [("red.jpg", make_photo())], session_id=session_id)
    url = f"/media/{session_id}/{video['source_id']}"
    whole = browser.get(url)
    assert (whole.data, whole.content_type) == (video_path.read_bytes(), "video/mp4")
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    part = browser.get(url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    played = browser.get(f"/media/{session_id}/{song['audio_id']}")
    assert (played.data, played.content_type) == (song_path.read_bytes(), "audio/mpeg")
    read_problem(browser.get(f"/media/{session_id}/{photos['images'][0]['id']}"), 404)
    read_problem(site.open_browser().get(url), 404)
    read_problem(browser.get(f"/media/{session_id}/..%2Fleaving"), 404)
