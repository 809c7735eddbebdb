from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reelqueue.errors import ConflictError, NotFoundError, ReusedKeyError
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.model import (
    EndStatus,
    Job,
    LiveState,
    Outcome,
    Record,
    Status,
    now,
)
from reelqueue.jobs.output import Output, OutputFile
from reelqueue.jobs.priorities import Priority
from reelqueue.jobs.run_logs import LOG_BYTES
from reelqueue.jobs.status import JobStatus, describe_job
from reelqueue.storage import open_store

END_STATUSES: list[EndStatus] = [Status.FINISHED, Status.FAILED, Status.CANCELED]


def make_job(job_id: str = "a", owner: str = "me", request_hash: str = "h") -> Job:
    return Job(
        id=job_id,
        owner=owner,
        created_at=now(),
        priority=Priority.DEFAULT,
        request_hash=request_hash,
        estimated_seconds=1,
        work={"kind": "slideshow", "spec": {}, "photos": [{"key": "k", "name": "n"}]},
    )


def make_outcome(status: EndStatus = Status.FAILED, error: str | None = None) -> Outcome:
    facts = {"duration": 1.0, "frames": 30, "file_size": 9}
    files = {"video": OutputFile(key="v", size=9), "poster": OutputFile(key="p", size=2)}
    output = Output(files=files, facts=facts)
    return Outcome(
        status=status,
        ended_at=now(),
        attempts=1,
        progress=100 if status is Status.FINISHED else 40,
        output=output if status is Status.FINISHED else None,
        error=error,
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(open_store(tmp_path.as_uri()))


def test_ledger_reads_back_what_it_accepted(ledger: Ledger) -> None:
    job = make_job()
    assert ledger.accept(job) == (Record(job, 1, None), True)
    assert ledger.read(job.id) == Record(job, 1, None)


def test_ledger_does_not_know_other_jobs(ledger: Ledger) -> None:
    with pytest.raises(NotFoundError):
        ledger.read("never-accepted")


def test_ledger_gives_the_first_job_for_the_same_request_again(ledger: Ledger) -> None:
    first, _ = ledger.accept(make_job())
    again = make_job().model_copy(update={"created_at": now() + timedelta(seconds=5)})
    assert ledger.accept(again) == (first, False)


@pytest.mark.parametrize("change", [{"owner": "you"}, {"request_hash": "other"}])
def test_ledger_refuses_another_request_under_the_same_id(
    ledger: Ledger, change: dict[str, str]
) -> None:
    ledger.accept(make_job())
    with pytest.raises(ReusedKeyError):
        ledger.accept(make_job(**change))


def test_ledger_forgets_a_job_that_no_queue_took(ledger: Ledger) -> None:
    record, _ = ledger.accept(make_job())
    ledger.withdraw(record)
    with pytest.raises(NotFoundError):
        ledger.read(record.job.id)


def test_ledger_keeps_one_outcome_of_many_at_once(ledger: Ledger) -> None:
    ledger.accept(make_job())
    outcomes = [make_outcome(error=str(number)) for number in range(16)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda outcome: ledger.end("a", 1, outcome), outcomes))
    assert len({answer.error for answer in answers}) == 1
    assert ledger.read("a").outcome == answers[0]


def test_ledger_opens_a_new_run_that_the_old_one_cannot_end(ledger: Ledger) -> None:
    ledger.accept(make_job())
    ledger.end("a", 1, make_outcome(Status.CANCELED))
    second = ledger.start_again(ledger.read("a"))
    ledger.end("a", 1, make_outcome(Status.FINISHED))
    assert ledger.read("a") == second == Record(second.job, 2, None)


def test_ledger_starts_a_job_again_once(ledger: Ledger) -> None:
    ledger.accept(make_job())
    ledger.end("a", 1, make_outcome())
    record = ledger.read("a")
    ledger.start_again(record)
    with pytest.raises(ConflictError, match="already running"):
        ledger.start_again(record)


def test_ledger_counts_takeovers_though_an_earlier_one_is_handed_back_late(
    ledger: Ledger,
) -> None:
    record, _ = ledger.accept(make_job())
    first = ledger.take_over(record, LiveState(progress=10))
    assert first
    assert ledger.take_over(first, LiveState(progress=30))
    ledger.hand_back(first)  # its process had waited long for a queue that did not answer
    latest = ledger.read("a")
    assert (latest.takeovers, latest.reached.progress) == (2, 30)
    assert ledger.take_over(latest, LiveState())


def test_ledger_withdraws_only_the_run_that_was_not_taken(ledger: Ledger) -> None:
    ledger.accept(make_job())
    ended = ledger.end("a", 1, make_outcome())
    ledger.withdraw(ledger.start_again(ledger.read("a")))
    assert ledger.read("a").outcome == ended


def test_ledger_lists_the_failed_until_they_run_again(ledger: Ledger) -> None:
    ends: dict[str, EndStatus] = {"a": Status.FAILED, "b": Status.CANCELED, "c": Status.FAILED}
    for name, status in ends.items():
        ledger.accept(make_job(name))
        ledger.end(name, 1, make_outcome(status))
    assert ledger.marks.list_failed() == ["c", "a"]
    again = ledger.start_again(ledger.read("c"))
    assert ledger.marks.list_failed() == ["a"]
    ledger.withdraw(again)
    assert ledger.marks.list_failed() == ["c", "a"]


def test_ledger_lists_no_job_as_failed_whose_end_was_another(ledger: Ledger) -> None:
    ledger.accept(make_job())
    ledger.end("a", 1, make_outcome(Status.FINISHED))
    ledger.end("a", 1, make_outcome(Status.FAILED))
    assert ledger.marks.list_failed() == []


def test_ledger_keeps_the_end_of_the_log(ledger: Ledger) -> None:
    assert ledger.logs.read("a", 1) == ""
    ledger.logs.add("a", 1, "first\n")
    ledger.logs.add("a", 1, "second")
    assert ledger.logs.read("a", 1) == "first\nsecond\n"
    ledger.logs.add("a", 1, "ä" * LOG_BYTES)
    assert len(ledger.logs.read("a", 1).encode()) <= LOG_BYTES
    assert ledger.logs.read("a", 1).endswith("ä\n")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(steps=st.lists(st.sampled_from(["finish", "fail", "cancel", "again"]), max_size=12))
def test_ledger_never_changes_how_a_run_ended(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    """In any order of calls, each run gets one outcome, and a finished job stays finished."""
    ledger = Ledger(open_store(tmp_path_factory.mktemp("ledger").as_uri()))
    ledger.accept(make_job())
    ends: dict[int, Outcome] = {}
    for step in steps:
        record = ledger.read("a")
        assert record.outcome == ends.get(record.run)
        if step == "again":
            allowed = record.outcome and record.outcome.status is not Status.FINISHED
            if allowed:
                ledger.start_again(record)
            else:
                with pytest.raises(ConflictError):
                    ledger.start_again(record)
        else:
            status = END_STATUSES[["finish", "fail", "cancel"].index(step)]
            answer = ledger.end("a", record.run, make_outcome(status))
            assert ends.setdefault(record.run, answer) == answer


def test_describe_job_that_waits_says_where_it_stands() -> None:
    status = describe_job(Record(make_job(), 1, None), LiveState(queue_position=3))
    assert status | {"created_at": ""} == {
        "job_id": "a",
        "kind": "slideshow",
        "status": "queued",
        "stage": "queued",
        "progress": 0,
        "message": "Waiting for a worker.",
        "queue_position": 3,
        "attempts": 0,
        "created_at": "",
    }


@given(
    st.dictionaries(
        st.sampled_from([*LiveState.model_fields, "other"]),
        st.one_of(
            st.integers(),
            st.floats(),
            st.text(),
            st.sampled_from([*Status, "rendering", "completed", "0001-01-01T00:00", "9999-12-31Z"]),
            st.lists(st.none(), max_size=1),
        ),
    )
    | st.lists(st.integers())
    | st.text()
)
@example({"status": "started", "progress": 50, "started_at": "2026-01-01T00:00:00"})
@example({"status": "started", "progress": 10**9, "started_at": "2026-01-01T00:00:00Z"})
@example({"queue_position": -1, "attempts": 10**4000})
def test_describe_job_gives_a_status_whatever_the_queue_says_of_its_progress(meta: object) -> None:
    status = describe_job(Record(make_job(), 1, None), LiveState.from_json(meta))
    assert JobStatus.model_validate(status).job_id == "a"


def test_describe_job_that_runs_says_how_long_it_will_take() -> None:
    live = LiveState(
        status=Status.STARTED,
        stage="rendering",
        progress=25,
        attempts=1,
        started_at=now() - timedelta(seconds=10),
    )
    status = describe_job(Record(make_job(), 1, None), live)
    assert (status["status"], status["stage"], status["progress"]) == ("started", "rendering", 25)
    assert status["eta_seconds"] == pytest.approx(30, abs=1)
    assert "queue_position" not in status


def test_describe_job_that_finished_carries_its_result() -> None:
    record = Record(make_job(), 1, make_outcome(Status.FINISHED))
    status = describe_job(record, LiveState())
    assert (status["status"], status["stage"], status["progress"]) == ("finished", "completed", 100)
    assert status["result"]["success"] is True
    assert status["result"]["download_url"] == f"/download/{status['result']['video_id']}"
    assert status["result"]["frames"] == 30
    assert "error" not in status


def test_describe_job_that_failed_carries_its_error_and_how_far_it_came() -> None:
    record = Record(make_job(), 1, make_outcome(Status.FAILED, "It broke."))
    status = describe_job(record, LiveState())
    assert (status["status"], status["error"], status["progress"]) == ("failed", "It broke.", 40)
    assert "result" not in status
