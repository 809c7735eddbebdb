"""Room for uploads is reserved before they come, for a session, an owner and all owners."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from reelqueue.errors import NoRoomError, ReelqueueError, TooLargeError
from reelqueue.media import quota as quotas
from reelqueue.media.quota import Quota
from reelqueue.storage import Entry, Store, open_store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return open_store((tmp_path / "data").as_uri())


def make_quota(store: Store, stored_bytes: int | None = None, free_bytes: int = 0) -> Quota:
    return Quota(
        store,
        session_bytes=100,
        owner_bytes=300,
        stored_bytes=stored_bytes,
        free_bytes=free_bytes,
    )


def test_of_uploads_at_the_same_time_only_those_that_fit_get_room(store: Store) -> None:
    begin, end = Barrier(8), Barrier(8)

    def upload(number: int) -> bool:
        begin.wait()
        with ExitStack() as held:
            try:
                held.enter_context(make_quota(store).reserve_owner("me", 100 + number))
            except TooLargeError:
                return False
            finally:
                end.wait()
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(upload, range(8))) == 2  # 100 + 107 bytes fit, a third one does not
    assert store.list("reserved") == []


def test_what_is_stored_counts_for_its_owner_and_session(store: Store) -> None:
    store.write("sessions/me/first/uploads/a/original.jpeg", b"x" * 60)
    store.write("sessions/me/second/uploads/b/original.jpeg", b"x" * 60)
    quota = make_quota(store)
    with quota.reserve_session("me", "first", 40), quota.reserve_session("me", "third", 100):
        pass
    with quota.reserve_owner("me", 180), quota.reserve_owner("other", 300):
        pass
    with pytest.raises(TooLargeError, match="start a new session"):
        quota.reserve_session("me", "first", 41).__enter__()
    with pytest.raises(TooLargeError, match="older ones"):
        quota.reserve_owner("me", 181).__enter__()
    assert store.list("reserved") == []


def test_folder_that_takes_long_to_list_is_not_listed_for_each_upload(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As that of an owner of many thousand files, which would take a second each time."""
    monkeypatch.setattr(quotas, "_SLOW_SECONDS", 0.0)
    monkeypatch.setattr(quotas, "_REST", 1e9)
    list_folder, listed = store.list, list[str]()

    def list_and_count(folder: str) -> Sequence[Entry]:
        listed.append(folder)
        return list_folder(folder)

    monkeypatch.setattr(store, "list", list_and_count)
    quota = make_quota(store)
    for number in range(4):
        with quota.reserve_owner("me", 50):
            store.write(f"sessions/me/first/uploads/{number}/original.jpeg", b"x" * 50)
    assert listed.count("sessions/me") == 1
    with quota.reserve_owner("me", 100):
        assert listed.count("sessions/me") == 2  # half of the limit is passed
    with pytest.raises(TooLargeError):
        quota.reserve_owner("me", 101).__enter__()


def test_all_owners_together_may_be_bounded(store: Store) -> None:
    quota = make_quota(store, stored_bytes=500)
    store.write("sessions/first/s/uploads/a/original.jpeg", b"x" * 150)
    with quota.reserve_owner("second", 300):
        with pytest.raises(NoRoomError, match="no room for new files right now: try again later"):
            quota.reserve_owner("third", 51).__enter__()
        with quota.reserve_owner("third", 50):
            pass


def test_reservation_of_a_killed_process_expires(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write("reserved/owners/me/300-1b4e28ba", b"")
    quota = make_quota(store)
    with pytest.raises(TooLargeError):
        quota.reserve_owner("me", 1).__enter__()
    monkeypatch.setattr(quotas, "_STALE_AGE", timedelta(seconds=0.05))
    time.sleep(0.1)
    with quota.reserve_owner("me", 300):
        assert quota.list_stale() == ["reserved/owners/me/300-1b4e28ba"]


def test_request_that_would_leave_too_little_free_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "find_room", lambda *_: 1000)
    make_quota(store).check_room(500)  # temporary files and storage share a disk
    with pytest.raises(ReelqueueError, match="try again later"):
        make_quota(store).check_room(501)
