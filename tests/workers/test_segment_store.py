"""Parts of videos in the storage: kept for renders to come, and never in the way of this one."""

from __future__ import annotations

from pathlib import Path

import pytest

from reelqueue.storage import Store, open_store
from reelqueue.workers.segment_store import open_parts
from tests.test_storage import store

__all__ = ["store"]


def test_parts_are_found_by_whoever_they_were_kept_for(store: Store, tmp_path: Path) -> None:
    with open_parts(store, "ann", tmp_path / "first") as parts:
        assert parts.find(["a"]) == {}
        parts.keep("a", b"drawn")
        parts.keep("b", b"drawn too")
    with open_parts(store, "ann", tmp_path / "second") as parts:
        found = parts.find(["a", "b", "c"])
        assert {name: path.read_bytes() for name, path in found.items()} == {
            "a": b"drawn",
            "b": b"drawn too",
        }
        assert list(parts.find(["b"])) == ["b"]
    with open_parts(store, "anna", tmp_path / "third") as parts:
        assert parts.find(["a"]) == {}


def test_render_goes_on_where_its_parts_cannot_be_stored(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = open_store((tmp_path / "data").as_uri())
    (tmp_path / "data" / "parts").write_text("no folder")
    with open_parts(broken, "ann", tmp_path / "parts") as parts:
        assert parts.find(["a"]) == {}
        parts.keep("a", b"drawn")
    assert "part a could not be stored" in caplog.text


def test_no_more_parts_wait_than_fit_into_memory(tmp_path: Path) -> None:
    """What is too much for a slow storage is drawn again another time."""
    store = open_store((tmp_path / "data").as_uri())
    names, data = [str(number) for number in range(500)], bytes(4 << 20)
    with open_parts(store, "ann", tmp_path / "parts") as parts:
        for name in names:
            parts.keep(name, data)
    with open_parts(store, "ann", tmp_path / "again") as parts:
        assert 16 <= len(parts.find(names)) < 500


def test_render_that_fails_does_not_wait_for_its_parts(tmp_path: Path) -> None:
    store = open_store((tmp_path / "data").as_uri())
    names, data = [str(number) for number in range(16)], bytes(16 << 20)

    def fail() -> None:
        with open_parts(store, "ann", tmp_path / "parts") as parts:
            for name in names:
                parts.keep(name, data)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()
    with open_parts(store, "ann", tmp_path / "again") as parts:
        assert len(parts.find(names)) < 16
