"""The scenario of schedules: orders for later, while workers are killed and Redis is emptied."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

from chaos.orders import TINY, draw_id
from chaos.receiver import Receiver, judge_told, name_events
from chaos.scenarios.killer import kill
from chaos.scenarios.outages import flush
from chaos.site import Site
from chaos.verdicts import Row, Status, await_ends, expect_at_most, expect_none, judge_jobs

FIRST_SECONDS = 4.0
LONGEST_SECONDS = 30.0
LAST_END_SECONDS = 90


class Extent(NamedTuple):
    """The number of orders, a second apart, and how many of them pass between two faults.

    An order usually begins within `usual` seconds of its time.
    """

    orders: int
    pause: int
    usual: float


FULL = Extent(orders=60, pause=6, usual=2.0)
SHORT = Extent(orders=8, pause=3, usual=LONGEST_SECONDS)  # on a machine that is busy


def order_for_later(folder: Path, random: Random, short: bool) -> list[Row]:
    """Order one job for each second to come; kill the leader, or empty Redis, again and again."""
    extent = SHORT if short else FULL
    begin = datetime.now(UTC) + timedelta(seconds=FIRST_SECONDS)
    moments = {draw_id(random): begin + timedelta(seconds=n) for n in range(extent.orders)}
    with Receiver() as receiver, Site(folder, workers=2, settings=receiver.settings) as site:
        site.client.callback_url = receiver.url
        session = site.client.upload()
        for job, moment in moments.items():
            site.client.order(session, TINY, job, run_at=moment.isoformat())
        _suffer(site, random, extent, begin)
        ends = await_ends(site.client, moments, LAST_END_SECONDS)
        return [
            *_judge_times(moments, ends, extent.usual),
            *judge_told(receiver, name_events(ends)),
            *judge_jobs(site, dict.fromkeys(moments, TINY), ends),
        ]


def _suffer(site: Site, random: Random, extent: Extent, begin: datetime) -> None:
    for number in range(extent.pause, extent.orders, extent.pause):
        due = begin + timedelta(seconds=number - 0.5)
        time.sleep(max(0, (due - datetime.now(UTC)).total_seconds()))
        if number // extent.pause % 2:
            for process in random.choice(site.workers).list_processes():
                kill(process)
        else:
            flush(site)


def _judge_times(
    moments: Mapping[str, datetime], ends: Mapping[str, Status], usual: float
) -> list[Row]:
    begun = {
        job: (datetime.fromisoformat(end["started_at"]) - moments[job]).total_seconds()
        for job, end in ends.items()
        if end.get("started_at")
    }
    waits = list(begun.values()) or [float("inf")]
    return [
        expect_none(
            "orders that began before their time", [job for job in begun if begun[job] < 0]
        ),
        expect_at_most("from its time until an order begins: median", median(waits), usual),
        expect_at_most("from its time until an order begins: longest", max(waits), LONGEST_SECONDS),
    ]
