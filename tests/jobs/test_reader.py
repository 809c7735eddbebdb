"""Records that are kept in memory: asked for cheaply, and never out of date in another process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reelqueue.errors import NotFoundError
from reelqueue.jobs import reader
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.model import EndStatus, Job, LiveState, Outcome, Status, now
from reelqueue.jobs.priorities import Priority
from reelqueue.storage import Store, open_store

ENDS: list[EndStatus] = [Status.FINISHED, Status.FAILED, Status.CANCELED]


class CountingStore:
    """A storage that counts what it is asked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        method: Callable[..., Any] = getattr(self._store, name)

        def count(*arguments: Any) -> Any:
            self.asked.append(name)
            return method(*arguments)

        return count


@pytest.fixture(params=["file", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    if request.param == "file":
        return open_store(tmp_path.as_uri())
    environment = request.getfixturevalue("s3_environment")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return open_store(environment["STORAGE_URL"])


def make_job(job_id: str = "a", **work: Any) -> Job:
    return Job(
        id=job_id,
        owner="owner",
        created_at=now(),
        priority=Priority.DEFAULT,
        request_hash="hash",
        estimated_seconds=1,
        work={"kind": "slideshow", **work},
    )


def end(ledger: Ledger, job_id: str, status: EndStatus) -> None:
    ledger.end(job_id, ledger.read(job_id).run, Outcome.from_live(LiveState(), status))


def watch(store: Store) -> tuple[Ledger, list[str]]:
    """Return the ledger of another process, and the list of what it asks the storage."""
    counting = CountingStore(store)
    return Ledger(counting), counting.asked  # type: ignore[arg-type]  # it has the same methods


@pytest.mark.parametrize(
    ("status", "asks"),
    [(None, ["list"]), (Status.FINISHED, ["find"]), (Status.FAILED, ["find", "find"])],
)
def test_known_job_costs_few_questions(
    store: Store, status: EndStatus | None, asks: list[str]
) -> None:
    ledger = Ledger(store)
    ledger.accept(make_job())
    if status:
        end(ledger, "a", status)
    other, asked = watch(store)
    first = other.read("a")
    assert len(asked) <= 3
    asked.clear()
    assert other.read("a") == first
    assert asked == asks


@pytest.mark.parametrize("status", [None, *ENDS])
def test_deletion_is_seen_at_once(store: Store, status: EndStatus | None) -> None:
    ledger, (other, _) = Ledger(store), watch(store)
    job = make_job()
    ledger.accept(job)
    if status:
        end(ledger, "a", status)
    assert other.read("a").job == job
    ledger.deletions.announce("a")
    ledger.deletions.delete(job)
    with pytest.raises(NotFoundError):
        other.read("a")


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELED])
def test_next_run_and_its_end_are_seen_at_once(store: Store, status: EndStatus) -> None:
    ledger, (other, _) = Ledger(store), watch(store)
    ledger.accept(make_job())
    end(ledger, "a", status)
    ended = other.read("a")
    assert ended.outcome
    started = ledger.start_again(ended)
    assert (other.read("a").run, other.read("a").outcome) == (2, None)
    ledger.withdraw(started)  # no queue took it
    assert other.read("a") == ended
    ledger.start_again(ended)
    assert other.read("a").run == 2
    end(ledger, "a", Status.FINISHED)
    outcome = other.read("a").outcome
    assert outcome
    assert outcome.status is Status.FINISHED


def test_takeovers_of_a_run_are_seen_at_once(store: Store) -> None:
    ledger, (other, _) = Ledger(store), watch(store)
    record, _ = ledger.accept(make_job())
    assert other.read("a").takeovers == 0
    ledger.mark_begun(record)
    ledger.take_over(record, LiveState(progress=40))
    found = other.read("a")
    assert (found.takeovers, found.renders_begun, found.reached.progress) == (1, 1, 40)


@pytest.mark.parametrize("status", ENDS)
def test_job_that_retention_deleted_is_not_taken_for_the_next_of_its_id(
    store: Store, status: EndStatus
) -> None:
    ledger, (other, _) = Ledger(store), watch(store)
    ledger.accept(make_job())
    end(ledger, "a", status)
    assert other.read("a").outcome
    ledger.forget(ledger.read("a"))
    store.delete(*(entry.key for entry in store.list("jobs/a")))
    later = make_job(spec={"duration": 2})
    ledger.accept(later)
    assert (other.read("a").job, other.read("a").outcome) == (later, None)


def test_records_that_are_kept_do_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "KEPT_BYTES", 20_000)
    store = open_store(tmp_path.as_uri())
    ledger, (other, asked) = Ledger(store), watch(store)
    for number in range(40):
        ledger.accept(make_job(str(number), text="x" * 1000))
        end(ledger, str(number), Status.FINISHED)
    for number in range(40):
        other.read(str(number))
    asked.clear()
    for number in range(40):
        assert other.read(str(number)).job.id == str(number)
    assert "read" in asked  # not all are known any more
