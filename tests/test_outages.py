"""The log while a part of the service is away."""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from reelqueue import outages
from reelqueue.config import Settings
from reelqueue.errors import NoRoomError, UnavailableError
from reelqueue.jobs.model import Job, LiveState, Record, now
from reelqueue.jobs.priorities import Priority
from reelqueue.outages import OutageFilter
from reelqueue.services import open_services


@pytest.fixture
def log() -> logging.Logger:
    log = logging.Logger("test")  # of this test alone
    log.addFilter(OutageFilter())
    return log


def warn(log: logging.Logger, job: str, error: Exception) -> None:
    try:
        raise error
    except type(error):
        log.warning("job %s: no answer", job, exc_info=True)


def catch(log: logging.Logger) -> list[logging.LogRecord]:
    handler = logging.handlers.BufferingHandler(capacity=100)
    log.addHandler(handler)
    return handler.buffer


@pytest.mark.parametrize("error", [RedisConnectionError("refused"), UnavailableError("refused")])
def test_outage_is_logged_once_a_minute_in_one_line(
    log: logging.Logger, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = catch(log)
    for job in "abc":
        warn(log, job, error)
        log.warning("retrying after: %s", error)
    assert [record.getMessage() for record in records] == [
        "job a: no answer: refused",
        "retrying after: refused",
    ]
    assert not any(record.exc_info for record in records)
    monkeypatch.setattr(outages, "QUIET_SECONDS", 0)
    warn(log, "d", error)
    assert records[-1].getMessage() == "job d: no answer: refused"


def test_outages_of_different_parts_are_both_logged(log: logging.Logger) -> None:
    records = catch(log)
    for error in (UnavailableError("away"), NoRoomError("full"), UnavailableError("away")):
        warn(log, "a", error)
    assert [record.getMessage() for record in records] == [
        "job a: no answer: away",
        "job a: no answer: full",
    ]


def test_render_without_redis_says_once_that_the_storage_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outages.OUTAGES, "_logged", {})
    services = open_services(Settings.from_env({"STORAGE_URL": (tmp_path / "data").as_uri()}))
    (tmp_path / "data" / "jobs").write_text("no folder")
    job = Job(
        id="a",
        owner="me",
        created_at=now(),
        priority=Priority.DEFAULT,
        request_hash="",
        estimated_seconds=1,
        work={"kind": "slideshow"},
    )
    for _ in range(3):
        assert not services.queue.report_progress(Record(job, 1, None), LiveState())
    (said,) = caplog.records
    assert said.getMessage().startswith("job a: progress could not be noted: ")
    assert said.exc_info is None


@pytest.mark.parametrize("error", [ResponseError("WRONGTYPE"), ValueError("a bug")])
def test_fault_of_ours_is_logged_each_time_with_its_traceback(
    log: logging.Logger, error: Exception
) -> None:
    records = catch(log)
    for _ in range(3):
        warn(log, "a", error)
    assert len(records) == 3
    assert all(record.exc_info for record in records)
