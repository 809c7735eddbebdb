"""The daily report: written once for each day, sent until it is taken, and kept for a month."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from reelqueue.errors import DeliveryError
from reelqueue.upkeep.chores.periodic import Periodic, read_state
from reelqueue.upkeep.chores.reports import list_reports, write_report
from reelqueue.upkeep.chores.table import list_chores
from reelqueue.upkeep.observer import Observer
from reelqueue.upkeep.statistics.usage import measure_usage
from tests.receiver import Receiver
from tests.upkeep.test_alerts import Open, open_process, receiver
from tests.upkeep.test_fold import make_outcome
from tests.upkeep.test_recovery import make_record

__all__ = ["open_process", "receiver"]

DAY = datetime(2026, 11, 25, 14, tzinfo=UTC)
NEXT = datetime(2026, 11, 26, 0, 10, tzinfo=UTC)


def test_report_has_the_figures_of_the_day_before(open_process: Open, receiver: Receiver) -> None:
    services = open_process(REPORT_URL=receiver.url)
    with time_machine.travel(DAY, tick=False):
        make_record(services, "a")
        services.ledger.end("a", 1, make_outcome(seconds=4))
        assert Observer(services).step()
    with time_machine.travel(NEXT - timedelta(minutes=5), tick=False):
        make_record(services, "b")
        services.ledger.end("b", 1, make_outcome())  # is of the next day
        assert Observer(services).step()
    services.store.write("uploads/a/film", bytes(11_400_000))
    measure_usage(services.store)
    with time_machine.travel(NEXT, tick=False):
        text = write_report(services)
        write_report(services)
    assert text.startswith("Reelqueue, 2026-11-25: ")
    assert ", 1 finished, 0 failed, 0 cancelled." in text
    assert text.endswith(" 11.4 MB are stored.")
    ((report, sent),) = list_reports(services.store)
    assert (report.text, sent) == (text, True)
    assert report.kinds["slideshow"]["rendering"]["mean"] == 4
    (call,) = receiver.calls
    assert json.loads(call.body)["text"] == text


def test_report_that_was_not_taken_is_sent_again(open_process: Open, receiver: Receiver) -> None:
    services = open_process(REPORT_URL=receiver.url)
    receiver.answer = lambda _: (503, {}, b"")
    (chore,) = [chore for chore in list_chores(services) if chore.name == "report"]
    periodic = Periodic(services, [chore])
    for minutes, answer in ((-60, 503), (0, 503), (5, 200), (10, 200)):
        receiver.answer = lambda _, answer=answer: (answer, {}, b"")  # type: ignore[misc]  # bound early
        with time_machine.travel(NEXT + timedelta(minutes=minutes), tick=False):
            periodic.step()
            periodic.join()
    assert len(receiver.calls) == 2
    assert [sent for _, sent in list_reports(services.store)] == [True]
    state = read_state(services.store, chore)
    assert (state.ok, state.due_at) == (True, NEXT + timedelta(days=1))


def test_report_says_why_it_was_not_taken(open_process: Open, receiver: Receiver) -> None:
    receiver.answer = lambda _: (404, {}, b"")
    with pytest.raises(DeliveryError, match="404"):
        write_report(open_process(REPORT_URL=receiver.url))
