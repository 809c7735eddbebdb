"""Forms are written as they arrive, within limits, and with few files open at once."""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Iterator
from io import FileIO
from itertools import pairwise
from pathlib import Path

import pytest

from reelqueue.errors import NoRoomError, TooLargeError
from reelqueue.web.serving import form as forms
from reelqueue.web.serving.form import Form, FormLimits

TYPE = "multipart/form-data; boundary=x"
TEXT = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
FILE = b'--x\r\nContent-Disposition: form-data; name="images"; filename="%s"\r\n\r\n%s\r\n'
END = b"--x--\r\n"
LIMITS = FormLimits(request_bytes=10_000_000, file_bytes=100_000, parts=1010, free_bytes=0)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def form() -> Iterator[Form]:
    form = Form(TYPE, LIMITS)
    yield form
    form.close()


def test_form_is_the_same_however_it_is_cut(temporary: Path) -> None:
    body = TEXT % (b"session_id", b"abc") + FILE % (b"a.jpg", b"\r\n--x\xff\r\n-") + END
    cuts = [
        *([cut] for cut in range(len(body))),
        *(range(0, len(body), size) for size in (1, 2, 7)),
    ]
    for cut in cuts:
        form = Form(TYPE, LIMITS)
        for start, stop in pairwise([0, *cut, len(body)]):
            form.write(body[start:stop])
        form.finish()
        assert (form.error, form.texts) == (None, {"session_id": "abc"})
        (file,) = form.files["images"]
        assert (file.name, file.path.read_bytes()) == ("a.jpg", b"\r\n--x\xff\r\n-")
        form.close()
        assert list(temporary.glob("*/work-*")) == []


def test_form_of_a_thousand_files_needs_few_open_files(form: Form) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 20, hard))
    try:
        for number in range(1000):
            form.write(FILE % (b"%d.jpg" % number, b"%d" % number))
        form.write(END)
        form.finish()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert form.error is None
    assert [file.path.read_text() for file in form.files["images"]] == [*map(str, range(1000))]


def test_file_beyond_its_limit_ends_the_form(form: Form) -> None:
    form.write(FILE % (b"a.jpg", b"x" * 100_001))
    assert isinstance(form.error, TooLargeError)


def test_disk_without_room_ends_the_form(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    form.write(FILE % (b"a.jpg", b"x"))
    monkeypatch.setattr(forms, "find_room", lambda *_: 3)
    form.write(b"1234")
    assert isinstance(form.error, NoRoomError)


def test_full_disk_ends_the_form(form: Form) -> None:
    """The kernel says so itself where others have filled the disk meanwhile."""
    form.write(FILE % (b"a.jpg", b"x"))
    part = form._part
    assert part is not None
    assert part.file is not None
    part.file.close()
    part.file = FileIO("/dev/full", "w")
    form.write(b"1234" * 100)
    assert isinstance(form.error, NoRoomError)


@pytest.mark.parametrize(
    "body", [b"", b"no form", b"--x\r\nno header\r\n\r\nx\r\n--x--", FILE[:40]]
)
def test_form_that_is_none_has_no_files(form: Form, body: bytes) -> None:
    form.write(body)
    form.finish()
    assert (form.error, dict(form.files)) == (None, {})


def test_name_that_is_not_utf_8_is_shown_as_far_as_it_can_be(form: Form) -> None:
    form.write(FILE % (b"K\xfcche.jpg", b"x") + END)
    form.finish()
    assert [file.name for file in form.files["images"]] == ["K\ufffdche.jpg"]


def test_name_of_a_megabyte_ends_the_form(form: Form) -> None:
    """A thousand of them would take gigabytes of memory, and minutes to read."""
    form.write(FILE % (b"x" * 250 + b".jpg", b"x"))
    assert form.error is None
    form.write(FILE % (b"x" * 700_000, b"x"))
    assert isinstance(form.error, TooLargeError)


def test_boundary_that_no_client_can_send_has_no_files() -> None:
    form = Form("multipart/form-data; boundary*=utf-8''%e2%82%ac", LIMITS)
    form.write(FILE % (b"a.jpg", b"x") + END)
    form.finish()
    assert (form.error, dict(form.files)) == (None, {})
    form.close()
