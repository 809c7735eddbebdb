"""Counting from the ledger's marks: each job and each end exactly once, whatever is killed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.config import Settings
from reelqueue.errors import UnavailableError
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.marks.statistics import RunEnd, mark_sent
from reelqueue.jobs.model import EndStatus, LiveState, Outcome, Record, Status, now
from reelqueue.jobs.output import Output, OutputFile
from reelqueue.services import Services, open_services
from reelqueue.storage import Store, open_store
from reelqueue.upkeep.recovery import Recovery
from reelqueue.upkeep.statistics.fold import NEVER_ACCEPTED, fold
from reelqueue.upkeep.statistics.tallies import (
    HOURS_KEPT,
    SECONDS,
    Histogram,
    Tally,
    Totals,
    fold_marks,
    list_hours,
)
from tests.upkeep.test_recovery import make_record

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
OPERATIONS = ("list", "read", "find", "write", "create", "delete")


class Killed(BaseException):
    """What a process is told instead of being killed; nothing catches it."""


class FragileStore(Store):
    """A storage before or after whose nth operation something happens, such as a kill."""

    def __init__(self, url: str) -> None:
        super().__init__(open_store(url)._objects)
        self.happen: Callable[[], None] = lambda: None
        self.at = -1.0
        self._count = 0.0
        self._lock = Lock()
        for name in OPERATIONS:
            setattr(self, name, self._wrap(getattr(super(), name)))

    def arm(self, at: float, happen: Callable[[], None]) -> None:
        """Have something happen before operation `at`, or after it if that has .5."""
        self._count, self.at, self.happen = 0.0, at, happen

    def _wrap(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            with self._lock:
                count = self._count
                self._count += 1
            if count == self.at:
                self.happen()
            answer = original(*arguments, **options)
            if count + 0.5 == self.at:
                self.happen()
            return answer

        return wrapped


@pytest.fixture
def url(tmp_path: Path) -> str:
    return (tmp_path / "data").as_uri()


@pytest.fixture
def services(url: str) -> Services:
    return open_services(Settings.from_env({"STORAGE_URL": url}))


@pytest.fixture
def fragile(services: Services, url: str) -> Services:
    """Another process on the same storage."""
    store = FragileStore(url)
    return replace(services, store=store, ledger=Ledger(store))


def kill() -> None:
    raise Killed


@contextmanager
def armed(services: Services, at: float, happen: Callable[[], None]) -> Iterator[None]:
    assert isinstance(services.store, FragileStore)
    services.store.arm(at, happen)
    with suppress(Killed):
        yield
    services.store.arm(-1, kill)


def make_outcome(status: EndStatus = Status.FINISHED, seconds: float = 2.0) -> Outcome:
    started_at = now()
    facts = {"duration": 10.0}
    output = Output(files={"video": OutputFile(key="k", size=1)}, facts=facts)
    return Outcome(
        status=status,
        started_at=started_at,
        ended_at=started_at + timedelta(seconds=seconds),
        attempts=1,
        output=output if status is Status.FINISHED else None,
    )


def count(totals: Totals) -> tuple[int, int]:
    """Return how many jobs were accepted and how many runs ended."""
    tallies = totals.kinds.values()
    return sum(each.accepted for each in tallies), sum(sum(each.ended.values()) for each in tallies)


def settle(services: Services) -> tuple[int, int]:
    """Let a new leader do what is left; return what is counted then."""
    recovery = Recovery(services)
    for run in services.ledger.marks.list_open():
        recovery._examine(run)  # closes the runs that have ended
    fold(services)
    totals = fold(services)
    left = [entry.key for entry in services.store.list("statistics")]
    assert [key for key in left if "totals" not in key] == []
    return count(totals)


# --- exactly once -------------------------------------------------------------------------------


def test_ends_are_counted_with_their_times(services: Services) -> None:
    make_record(services, "a")
    make_record(services, "b")
    services.ledger.end("a", 1, make_outcome())
    services.ledger.end("b", 1, Outcome(status=Status.FAILED, ended_at=now(), attempts=3))
    mark_sent(services.store, "delivered", "x-1")
    totals = fold(services)
    (tally,) = totals.kinds.values()
    assert (tally.accepted, tally.retries) == (2, 2)
    assert tally.ended == {Status.FINISHED: 1, Status.FAILED: 1}
    assert tally.queues == {"default": tally.ended}
    assert tally.rendering.counts == {"2.5": 1}
    assert tally.speed.counts == {"7.0": 1}
    assert {queue: waits.count() for queue, waits in tally.waits.items()} == {"default": 1}
    assert totals.sent == {"delivered": 1}
    assert totals.count_minutes(now() + timedelta(seconds=3), 15).failed == 1
    assert fold(services) == totals


def test_reused_result_took_no_time(services: Services) -> None:
    make_record(services, "a")
    output = Output(files={"video": OutputFile(key="k")}, facts={"duration": 9.0})
    ended = Outcome.from_live(LiveState(), Status.FINISHED, output=output)
    services.ledger.end("a", 1, ended)
    (tally,) = fold(services).kinds.values()
    assert (tally.ended, tally.rendering.count()) == ({Status.FINISHED: 1}, 0)


def test_takeovers_are_counted_as_the_run_ends(services: Services) -> None:
    record: Record | None = make_record(services, "a")
    for _ in range(2):
        assert record
        record = services.ledger.take_over(record, LiveState())
    services.ledger.end("a", 1, make_outcome())
    (tally,) = fold(services).kinds.values()
    assert (tally.takeovers, tally.waits) == (2, {})


def test_order_that_no_queue_took_is_not_counted(services: Services) -> None:
    services.ledger.withdraw(make_record(services, "a"))
    assert count(fold(services)) == (0, 0)
    assert services.store.list("statistics") == []


def test_order_that_was_never_accepted_is_forgotten(services: Services) -> None:
    services.store.write("statistics/accepted/clip/never", b"")
    assert count(fold(services)) == (0, 0)
    assert services.store.list("statistics/accepted")
    with time_machine.travel(now() + NEVER_ACCEPTED * 1.1):
        fold(services)
    assert not services.store.list("statistics/accepted")


def test_job_that_was_deleted_before_it_was_counted_is_counted(services: Services) -> None:
    record = make_record(services, "a")
    services.ledger.end("a", 1, make_outcome())
    services.ledger.forget(services.ledger.read(record.job.id))
    assert count(fold(services)) == (1, 1)


def test_job_with_the_id_of_a_deleted_one_stays_open(services: Services) -> None:
    make_record(services, "a")
    services.ledger.end("a", 1, make_outcome())
    services.ledger.forget(services.ledger.read("a"))
    services.store.delete(*(entry.key for entry in services.store.list("jobs")))
    make_record(services, "a")
    fold(services)
    assert [run[:2] for run in services.ledger.marks.list_open()] == [("a", 1)]


def test_run_is_counted_once_if_it_is_marked_again_late(services: Services) -> None:
    make_record(services, "a")
    outcome = make_outcome()
    services.ledger.end("a", 1, outcome)
    fold(services)
    services.ledger.settle("a", 1, outcome)
    assert settle(services) == (1, 1)


def test_mark_of_another_version_is_kept_for_it(services: Services) -> None:
    services.store.write("statistics/ended/a/1", b'{"status": "paused"}')
    assert count(fold(services)) == (0, 0)
    assert services.store.find("statistics/ended/a/1")


@pytest.mark.parametrize("status", [Status.FINISHED, Status.FAILED])
def test_process_killed_at_any_point_of_a_job_costs_no_count(
    services: Services, fragile: Services, status: EndStatus
) -> None:
    """Whether the job was accepted and has ended is asked of the ledger."""
    accepted = ended = 0
    for step in range(40):
        job_id = f"job-{step}"
        with armed(fragile, step / 2, kill):
            make_record(fragile, job_id)
            fragile.ledger.end(job_id, 1, make_outcome(status))
        accepted += services.store.find(f"jobs/{job_id}/job.json") is not None
        ended += services.ledger.find_outcome(job_id, 1) is not None
    assert 10 < ended < accepted < 40
    with time_machine.travel(now() + NEVER_ACCEPTED * 1.1):
        assert settle(services) == (accepted, ended)


def test_leader_killed_at_any_point_of_a_count_counts_nothing_twice(
    services: Services, fragile: Services
) -> None:
    """Each count is cut off one operation later; new jobs come and end all the time."""
    for step in range(80):
        make_record(services, f"job-{step}")
        services.ledger.end(f"job-{step}", 1, make_outcome())
        with armed(fragile, step / 2, kill):
            fold(fragile)
    assert settle(services) == (80, 80)


def test_two_leaders_at_a_time_count_nothing_twice(services: Services, fragile: Services) -> None:
    """One is held up at each operation in turn, while the other counts on and on."""

    def go_on(step: int) -> None:
        for number in range(5):
            make_record(services, f"job-{step}-{number}")
            services.ledger.end(f"job-{step}-{number}", 1, make_outcome())
            with suppress(UnavailableError):  # says that there are two
                fold(services)
        make_record(services, f"job-{step}-last")  # which only the other may see
        services.ledger.end(f"job-{step}-last", 1, make_outcome())

    for step in range(80):
        make_record(services, f"job-{step}")
        services.ledger.end(f"job-{step}", 1, make_outcome())
        happened = False

        def happen(step: int = step) -> None:
            nonlocal happened
            happened = True
            go_on(step)

        with armed(fragile, step / 2, happen), suppress(UnavailableError):
            fold(fragile)
        if not happened:
            go_on(step)
    assert settle(services) == (7 * 80, 7 * 80)


# --- arithmetic ---------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 20_000), min_size=1), st.sampled_from([0.5, 0.95]))
def test_estimate_lies_in_the_bucket_of_the_true_quantile(
    values: list[float], share: float
) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value, SECONDS)
    estimate = histogram.estimate(share, SECONDS)
    true = sorted(values)[math.ceil(share * len(values)) - 1]
    assert estimate is not None
    bounds = [0.0, *SECONDS]
    place = next((index for index, bound in enumerate(SECONDS) if true <= bound), len(SECONDS))
    last = bounds[min(place + 1, len(SECONDS))]
    assert bounds[place] <= estimate <= last + 1e-9
    assert histogram.list_cumulative(SECONDS)[-1] == ("+Inf", len(values))


@given(
    st.lists(st.tuples(st.sampled_from(["clip", "slideshow"]), st.integers(0, 100)), max_size=30)
)
def test_hours_and_totals_agree_and_stay_bounded(ends: list[tuple[str, int]]) -> None:
    totals = Totals()
    for number, (kind, ago) in enumerate(ends):
        moment = NOON - timedelta(hours=ago)
        end = RunEnd(kind=kind, status=Status.FINISHED, ended_at=moment, rendered=ago)
        totals = fold_marks(totals, {f"{number}/1": end}, [], NOON)
        totals = Totals.model_validate_json(totals.to_json())
    assert len(totals.hours) <= HOURS_KEPT
    assert sum(tally.ended[Status.FINISHED] for tally in totals.kinds.values()) == len(ends)
    recent = totals.sum_hours(list_hours(NOON, 24))
    for kind in ("clip", "slideshow"):
        ours = [ago for each, ago in ends if (each, ago < 24) == (kind, True)]
        assert recent.get(kind, Tally()).rendering.count() == len(ours)
        assert recent.get(kind, Tally()).rendering.total == sum(ours)
