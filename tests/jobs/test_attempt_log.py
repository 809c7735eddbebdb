from __future__ import annotations

import logging
from pathlib import Path

import pytest

from reelqueue.errors import RenderCanceledError, RenderError, UnavailableError
from reelqueue.jobs.attempt_log import keep_failure_log
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.model import Record
from reelqueue.jobs.run_logs import LOG_BYTES
from reelqueue.storage import open_store
from tests.jobs.test_model import make_job

log = logging.getLogger("reelqueue.render.something")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(open_store(tmp_path.as_uri()))


@pytest.fixture
def record() -> Record:
    return Record(make_job(), 2, None)


def attempt(ledger: Ledger, record: Record, lines: list[str], error: Exception) -> None:
    with keep_failure_log(ledger, record):
        for line in lines:
            log.warning(line)
        raise error


def test_failed_attempt_leaves_its_log_its_traceback_and_what_ffmpeg_said(
    ledger: Ledger, record: Record
) -> None:
    error = RenderError("It broke.")
    error.add_note("ffmpeg exited with 1: no such stream")
    with pytest.raises(RenderError):
        attempt(ledger, record, ["every frame is encoded"], error)
    kept = ledger.logs.read("a", 2)
    assert kept.index("WARNING reelqueue.render.something: every frame") < kept.index("Traceback")
    assert kept.endswith("RenderError: It broke.\nffmpeg exited with 1: no such stream\n")


def test_log_of_a_talkative_attempt_is_cut_at_its_beginning(ledger: Ledger, record: Record) -> None:
    lines = [f"frame {number} is late" for number in range(1000)]
    with pytest.raises(RenderError):
        attempt(ledger, record, lines, RenderError("It broke."))
    kept = ledger.logs.read("a", 2)
    assert len(kept.encode()) <= LOG_BYTES
    assert "frame 999 is late" in kept
    assert "frame 1 is late" not in kept


def test_second_attempt_adds_to_the_log_of_the_first(ledger: Ledger, record: Record) -> None:
    for reason in ("first", "second"):
        with pytest.raises(RenderError):
            attempt(ledger, record, [], RenderError(reason))
    kept = ledger.logs.read("a", 2)
    assert kept.index("RenderError: first") < kept.index("RenderError: second")


def test_storage_that_is_away_does_not_hide_why_an_attempt_failed(
    record: Record, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = open_store(tmp_path.as_uri())

    def fail(*_: object) -> None:
        raise UnavailableError("The storage does not answer right now.")

    monkeypatch.setattr(store, "write", fail)
    with pytest.raises(RenderError, match=r"It broke\."):
        attempt(Ledger(store), record, [], RenderError("It broke."))


def test_attempt_that_has_not_failed_leaves_no_log(ledger: Ledger, record: Record) -> None:
    handlers = list(logging.getLogger().handlers)
    with keep_failure_log(ledger, record):
        log.warning("something")
    with pytest.raises(RenderCanceledError):
        attempt(ledger, record, ["something"], RenderCanceledError("cancelled"))
    assert ledger.logs.read("a", 2) == ""
    assert logging.getLogger().handlers == handlers
