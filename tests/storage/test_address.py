"""Addresses of a storage: what is refused, with which sentence, and what is not printed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from reelqueue.errors import SettingsError
from reelqueue.storage import open_store
from reelqueue.storage.address import find_style_fault
from tests.conftest import PATIENCE_SECONDS, ROOT, find_free_port

SECRET = "hush-hush"
NOBODY = 65534


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Give up root's rights for the block, if these tests have them."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("", "must be file:///a/folder or s3://bucket/prefix"),
        ("data", "must be file:///a/folder"),
        ("http://x/y", "must be file:///a/folder"),
        ("gs://bucket/x", "must be file:///a/folder"),
        (f"https://me:{SECRET}@x/y", "must be file:///a/folder"),
        ("file:x", "absolute path"),
        ("file:", "absolute path"),
        ("file://", "absolute path"),
        ("file:///", "absolute path"),
        ("file://data/x", "file:///data/x"),
        ("file://server", "three slashes"),
        (f"file://me:{SECRET}@server/x", "three slashes"),
        ("file:///x#1", "write %23"),
        ("file:///x?y", "write %3F"),
        ("file:///a%00b", "cannot be used"),
        ("file:///proc/version/x", "cannot be used"),
        ("s3://", "a bucket's name"),
        ("s3:///x", "a bucket's name"),
        ("s3://bucket:9000/x", "a bucket's name"),
        (f"s3://me:{SECRET}@bucket/x", "AWS_SECRET_ACCESS_KEY"),
        (f"s3://{SECRET}@bucket/x", "AWS_SECRET_ACCESS_KEY"),
        ("s3://bucket/x#1", "write %23"),
        ("file://[x/y", "STORAGE_URL"),
    ],
)
def test_address_is_refused_with_a_remedy(url: str, text: str) -> None:
    with pytest.raises(SettingsError, match=r"^STORAGE_URL: .+\.$") as caught:
        open_store(url)
    assert text in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("form", ["file://{}", "file:{}", "file://localhost{}"])
def test_every_form_of_an_absolute_address_leads_to_its_folder(form: str, tmp_path: Path) -> None:
    folder = tmp_path / "a #1 folder?"
    store = open_store(form.format(folder.as_uri().removeprefix("file://")))
    store.write("key", b"x")
    assert (folder / "key").read_bytes() == b"x"


@pytest.mark.parametrize("is_there", [True, False])
def test_folder_that_this_user_may_not_write_to_is_refused(is_there: bool) -> None:
    with TemporaryDirectory() as above:
        folder = Path(above, "data")
        if is_there:
            folder.mkdir(mode=0o555)
        os.chmod(above, 0o555)
        with as_ordinary_user(), pytest.raises(SettingsError, match="STORAGE_URL") as caught:
            open_store(folder.as_uri())
        os.chmod(above, 0o755)
    user = NOBODY if os.geteuid() == 0 else os.geteuid()
    assert f"{folder} cannot be used" in str(caught.value)
    assert f"number {user}" in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_ENDPOINT_URL", "minio:9000"),
        ("AWS_ENDPOINT_URL", "127.0.0.1:9000"),
        ("AWS_ENDPOINT_URL", "//minio"),
        ("AWS_ENDPOINT_URL", "s3://minio"),
        ("AWS_ENDPOINT_URL", "https://"),
        ("AWS_ENDPOINT", "minio"),
        ("AWS_ACCESS_KEY_ID", "key\n"),
        ("AWS_SECRET_ACCESS_KEY", f" {SECRET}"),
        ("AWS_REGION", "us-east-1\r"),
        ("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "perhaps"),
    ],
)
def test_bad_variable_of_a_bucket_is_refused(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=r"^(AWS_\w+|AWS_\*): .+\.$") as caught:
        open_store("s3://bucket/x")
    assert SECRET not in str(caught.value)


def test_empty_variable_of_a_bucket_counts_as_unset(
    s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3_environment.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "")
    open_store(s3_environment["STORAGE_URL"]).write("key", b"x")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    open_store(s3_environment["STORAGE_URL"])  # Amazon's own


@pytest.mark.parametrize(
    ("endpoint", "virtual", "remedy"),
    [
        ("https://storage.example.com", "true", "write https://reels.HOST"),
        ("https://reels.storage.example.com", "false", "REQUEST to true"),
        ("https://reels.storage.example.com", "", "REQUEST to true"),
        ("https://reels.storage.example.com", "true", None),
        ("https://storage.example.com", "false", None),
        ("", "true", None),
    ],
)
def test_style_of_an_endpoint_that_does_not_fit_is_named(
    endpoint: str, virtual: str, remedy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", virtual)
    fault = find_style_fault("s3://reels/x")
    assert (remedy is None) == (fault is None)
    assert remedy is None or (fault and remedy in fault)


@pytest.mark.process
@pytest.mark.parametrize(
    ("variable", "value"),
    [("STORAGE_URL", "file://data/x"), ("REDIS_URL", "redis://127.0.0.1/0?nonsense=1")],
)
@pytest.mark.parametrize("command", [["gunicorn", "app:app"], ["worker"]])
def test_service_does_not_start_with_a_bad_address_and_says_why(
    command: list[str], variable: str, value: str, tmp_path: Path
) -> None:
    environment = {
        "STORAGE_URL": tmp_path.as_uri(),
        "REDIS_URL": f"redis://127.0.0.1:{find_free_port()}/0",
        "PORT": str(find_free_port()),
        variable: value,
    }
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode != 0
    assert done.stderr.startswith(f"Error: {variable}: ")
    assert done.stderr.count("\n") == 1
