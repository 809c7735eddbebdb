"""The marks of runs: one that changes its mark meanwhile is seen by the old or the new one."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import pytest

from reelqueue.jobs.marks.runs import RunMarks
from reelqueue.jobs.model import Status
from reelqueue.storage import Entry, Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path.as_uri())


def test_run_that_is_released_while_marks_are_listed_is_seen(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks, list_entries, lock = RunMarks(store), store.list, Lock()
    listed: list[str] = []
    marks.hold("a", 1)

    def list_in_turn(prefix: str) -> list[Entry]:
        with lock:
            entries = list_entries(prefix)
            if not listed:
                marks.release("a", 1)
            listed.append(prefix)
            return entries

    monkeypatch.setattr(store, "list", list_in_turn)
    assert marks.list_live() == {"a"}


def test_run_that_fails_while_marks_are_listed_is_not_taken_for_a_finished_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks, list_entries, lock = RunMarks(store), store.list, Lock()
    marks.open("a", 1)
    listed: list[str] = []

    def list_in_turn(prefix: str) -> list[Entry]:
        with lock:
            entries = list_entries(prefix)
            listed.append(prefix)
            if len(listed) == 2:
                marks.add_end("a", 1, Status.FAILED)
                marks.close("a", 1)
            return entries

    monkeypatch.setattr(store, "list", list_in_turn)
    assert marks.list_doubtful(Status.FINISHED) == {"a": "failed"}


def test_what_changes_while_notes_are_heeded_leaves_a_note_of_its_own(store: Store) -> None:
    marks = RunMarks(store)
    marks.hold("a", 1)
    heeded = marks.list_held_changes()
    marks.unhold("a", 1)
    marks.forget_held_changes(heeded)
    assert [(change.job_id, change.run) for change in marks.list_held_changes()] == [("a", 1)]
    assert marks.find_held(("a", 1)) is None
