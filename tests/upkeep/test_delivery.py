"""What comes of an attempt to send a webhook, and when the next one is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reelqueue.jobs.outbox import Attempt, Delivery, Event
from reelqueue.upkeep.outgoing import Reply
from reelqueue.upkeep.webhooks.delivery import DELAYS, JITTER, judge, read_wish
from reelqueue.upkeep.webhooks.sender import (
    DELIVERIES_AT_ONCE,
    DELIVERIES_OF_AN_OWNER,
    DELIVERIES_TO_A_HOST,
    choose_due,
)

START = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
NO_WISH = timedelta()


def make_event(
    number: int = 1, host: str = "example.com", due: timedelta = NO_WISH, owner: str = "me"
) -> Event:
    return Event(
        subject="job",
        id="5f0c6f6e-8d07-4c4f-9f8e-0f8f3c6f9a10",
        number=number,
        type="job.finished",
        occurred_at=START,
        url=f"https://{host}/hook",
        owner=owner,
        next_at=START + due,
    )


def test_attempts_follow_the_schedule_for_a_day() -> None:
    event, times = make_event(), []
    while event.next_at:
        times.append(str(event.next_at - START))
        event = judge(event, Attempt(at=event.next_at, status_code=500), NO_WISH, 0)
    assert times == [
        "0:00:00",
        "0:00:05",
        "0:05:05",
        "0:35:05",
        "2:35:05",
        "7:35:05",
        "17:35:05",
        "1 day, 0:00:00",
    ]
    assert event.state is Delivery.GIVEN_UP
    assert len(event.attempts) == len(times)


@pytest.mark.parametrize(
    ("attempt", "state"),
    [
        (Attempt(at=START, status_code=200), "delivered"),
        (Attempt(at=START, status_code=204), "delivered"),
        (Attempt(at=START, status_code=299), "delivered"),
        (Attempt(at=START, status_code=410), "gone"),
        (Attempt(at=START, status_code=301), "pending"),
        (Attempt(at=START, status_code=400), "pending"),
        (Attempt(at=START, status_code=429), "pending"),
        (Attempt(at=START, status_code=503), "pending"),
        (Attempt(at=START, error="It took longer than 10 seconds."), "pending"),
    ],
)
def test_status_decides(attempt: Attempt, state: str) -> None:
    event = judge(make_event(), attempt, NO_WISH, 0)
    assert event.state == state
    assert (event.next_at is None) == (state != "pending")
    assert event.attempts == (attempt,)


@pytest.mark.parametrize("luck", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("count", range(len(DELAYS)))
def test_delay_is_longer_by_a_part_that_luck_decides(count: int, luck: float) -> None:
    earlier = (Attempt(at=START, status_code=500),) * count
    event = make_event().model_copy(update={"attempts": earlier})
    after = judge(event, Attempt(at=START, status_code=500), NO_WISH, luck)
    assert after.next_at
    assert after.next_at - START == DELAYS[count] * (1 + JITTER * luck)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), ("1", 5), ("99999", 3600), ("9" * 5000, 5), ("-1", 5), ("soon", 5), ("٣", 5)],
)
def test_service_can_ask_for_more_time(text: str, seconds: int) -> None:
    wish = read_wish(Reply(503, {"retry-after": text}, b""))
    after = judge(make_event(), Attempt(at=START, status_code=503), wish, 0)
    assert after.next_at == START + timedelta(seconds=seconds)


def test_oldest_are_sent_first_and_few_to_one_host() -> None:
    hosts = [f"host{number}.example.com" for number in range(40)]
    events = [
        make_event(1, host, timedelta(seconds=-number), owner=host)
        for number, host in enumerate(hosts)
    ]
    many = [make_event(number, "busy.example.com") for number in range(50)]
    late = [make_event(1, "late.example.com", timedelta(seconds=1))]
    chosen = [event.url for event in choose_due([*many, *late, *events], [], START)]
    assert chosen == [event.url for event in events[: -DELIVERIES_AT_ONCE - 1 : -1]]
    chosen = [event.url for event in choose_due([*many, *late], many[:1], START)]
    assert len(chosen) == DELIVERIES_TO_A_HOST - 1
    assert choose_due(many, events[:16], START) == []


def test_one_owner_with_many_hosts_leaves_room_for_others() -> None:
    events = [
        make_event(number, f"host{number}.example.com", owner="greedy") for number in range(99)
    ]
    other = make_event(1, "good.example.com", owner="other")
    chosen = choose_due([*events, other], [], START)
    assert len(chosen) == DELIVERIES_OF_AN_OWNER + 1
    assert other in chosen
    assert choose_due(events, events[:DELIVERIES_OF_AN_OWNER], START) == []
