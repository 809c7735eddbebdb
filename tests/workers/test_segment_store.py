"""Segments in storage: kept for later renders, and never in the way of this one."""

from __future__ import annotations

from pathlib import Path

import pytest

from reelqueue.storage import Store, open_store
from reelqueue.workers.segment_store import open_segments
from tests.storage.test_store import store

__all__ = ["store"]


def test_segments_are_found_in_their_scope_only(store: Store, tmp_path: Path) -> None:
    with open_segments(store, "ann", tmp_path / "first") as segments:
        assert segments.find(["a"]) == {}
        segments.keep("a", b"drawn")
        segments.keep("b", b"drawn too")
    with open_segments(store, "ann", tmp_path / "second") as segments:
        found = segments.find(["a", "b", "c"])
        assert {name: path.read_bytes() for name, path in found.items()} == {
            "a": b"drawn",
            "b": b"drawn too",
        }
        assert list(segments.find(["b"])) == ["b"]
    with open_segments(store, "anna", tmp_path / "third") as segments:
        assert segments.find(["a"]) == {}


def test_render_goes_on_if_its_segments_cannot_be_stored(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = open_store((tmp_path / "data").as_uri())
    (tmp_path / "data" / "parts").write_text("no folder")
    with open_segments(broken, "ann", tmp_path / "parts") as segments:
        assert segments.find(["a"]) == {}
        segments.keep("a", b"drawn")
    assert "segment a could not be stored" in caplog.text


def test_no_more_segments_wait_than_fit_into_memory(tmp_path: Path) -> None:
    """Segments that a slow storage cannot take are dropped, and drawn again later."""
    store = open_store((tmp_path / "data").as_uri())
    names, data = [str(number) for number in range(500)], bytes(4 << 20)
    with open_segments(store, "ann", tmp_path / "parts") as segments:
        for name in names:
            segments.keep(name, data)
    with open_segments(store, "ann", tmp_path / "again") as segments:
        assert 16 <= len(segments.find(names)) < 500


def test_render_that_fails_does_not_wait_for_its_segments(tmp_path: Path) -> None:
    store = open_store((tmp_path / "data").as_uri())
    names, data = [str(number) for number in range(16)], bytes(16 << 20)

    def fail() -> None:
        with open_segments(store, "ann", tmp_path / "parts") as segments:
            for name in names:
                segments.keep(name, data)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()
    with open_segments(store, "ann", tmp_path / "again") as segments:
        assert len(segments.find(names)) < 16
