"""The same tests for both kinds of storage: a local folder and a bucket of a real S3 server."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reelqueue.errors import NotFoundError, SettingsError, UnavailableError
from reelqueue.storage import CHUNK_BYTES, Store, open_store


@pytest.fixture(params=["file", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    if request.param == "file":
        return open_store((tmp_path / "a folder").as_uri())
    environment = request.getfixturevalue("s3_environment")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return open_store(environment["STORAGE_URL"])


def test_store_returns_what_was_written(store: Store) -> None:
    store.write("a/b.txt", b"first")
    store.write("a/b.txt", b"second")
    assert store.read("a/b.txt") == b"second"


def test_missing_key_is_none(store: Store) -> None:
    assert store.read("a/missing") is None
    assert store.find("a/missing") is None


def test_store_lets_only_the_first_creator_win(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        wins = list(pool.map(lambda n: store.create("race.json", str(n).encode()), range(24)))
    assert wins.count(True) == 1
    assert store.read("race.json") == str(wins.index(True)).encode()


def test_create_does_not_replace_a_written_key(store: Store) -> None:
    store.write("written", b"by write")
    assert not store.create("written", b"by create")
    assert store.read("written") == b"by write"


def test_large_file_comes_back_whole(store: Store, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    content = bytes(range(256)) * (3 * CHUNK_BYTES // 256) + b"and a rest"
    source.write_bytes(content)
    store.write("large", source)
    store.fetch("large", target)
    assert target.read_bytes() == content
    assert (entry := store.find("large")) is not None
    assert entry.size == len(content)


@pytest.mark.parametrize(("start", "end"), [(0, 1), (5, 9), (CHUNK_BYTES - 3, CHUNK_BYTES + 7)])
def test_store_streams_any_range(store: Store, start: int, end: int) -> None:
    content = bytes(range(256)) * (2 * CHUNK_BYTES // 256)
    store.write("ranges", content)
    assert b"".join(store.stream("ranges", start, end)) == content[start:end]


def test_fetch_says_that_a_file_is_deleted(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="deleted"):
        store.fetch("missing", tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_list_is_sorted_and_holds_one_folder_alone(store: Store) -> None:
    for key in ("jobs/2/a", "jobs/1/b", "jobs/1/a", "jobs/10/a"):
        store.write(key, b"x")
    assert [entry.key for entry in store.list("jobs/1")] == ["jobs/1/a", "jobs/1/b"]
    assert store.list("nothing/here") == []


def test_delete_ignores_missing_keys(store: Store) -> None:
    store.write("a", b"x")
    store.delete("a", "never/was")
    assert store.read("a") is None


def test_storage_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with pytest.raises(UnavailableError):
        open_store("s3://nowhere/prefix").read("a")


def test_missing_bucket_is_unavailable(
    s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3_environment.items():
        monkeypatch.setenv(name, value)
    missing = open_store("s3://never-made/prefix")
    for call in (lambda: missing.create("a", b"x"), lambda: missing.list("a")):
        with pytest.raises(UnavailableError):
            call()


@pytest.mark.parametrize("url", ["", "data", "http://x/y", "s3://", "gs://bucket/x"])
def test_open_store_refuses_other_addresses(url: str) -> None:
    with pytest.raises(SettingsError, match="STORAGE_URL"):
        open_store(url)


def test_delete_unfinished_deletes_only_old_files_of_interrupted_writes(
    tmp_path: Path,
) -> None:
    store = open_store(tmp_path.as_uri())
    for name in ("video.mp4", "photo #1.jpg", "photo#x"):
        store.write(name, b"x")
    for name in ("a/video.mp4#1", "video.mp4#23", "young.mp4#1"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    keys = [entry.key for entry in store.list("")]
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    for path in tmp_path.rglob("*"):
        if "young" not in path.name:
            os.utime(path, (0, 0))
    store.delete_unfinished(hour_ago)
    assert [entry.key for entry in store.list("")] == keys
    assert [path.name for path in tmp_path.rglob("*#[0-9]*") if path.suffix != ".jpg"] == [
        "young.mp4#1"
    ]


def test_delete_unfinished_leaves_a_bucket_alone(store: Store) -> None:
    store.write("a", b"x")
    store.delete_unfinished(datetime.now(UTC))
    assert store.read("a") == b"x"


def test_copy_is_independent_of_the_original(store: Store, tmp_path: Path) -> None:
    content = bytes(range(256)) * (2 * CHUNK_BYTES // 256)
    source = tmp_path / "source"
    source.write_bytes(content)
    store.write("first/video", source)
    for copy in ("second/video", "third/video"):
        store.copy("first/video", copy)
    store.write("first/video", b"another")
    assert store.read("second/video") == content
    store.delete("first/video", "second/video")
    assert store.read("third/video") == content


def test_copy_says_that_a_file_is_deleted(store: Store) -> None:
    with pytest.raises(NotFoundError, match="deleted"):
        store.copy("missing", "copy")
    assert store.find("copy") is None


def test_new_folder_is_closed_to_other_users(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        open_store((tmp_path / "some" / "data").as_uri()).write("photo", b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "some" / "data").stat().st_mode & 0o777 == 0o700
