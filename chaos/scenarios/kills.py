"""The scenario of kills: kill processes at random while jobs come in on three queues."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

from chaos.orders import SMALL, draw_id
from chaos.receiver import Receiver, judge_told, name_events
from chaos.scenarios.killer import Killer
from chaos.site import Site
from chaos.verdicts import (
    Row,
    Status,
    await_ends,
    expect_at_least,
    expect_at_most,
    expect_none,
    judge_jobs,
)
from chaos.watch import ORPHAN_SECONDS, OrphanWatch, RecoveryWatch
from reelqueue.jobs.priorities import Priority
from reelqueue.upkeep.recovery import MAX_RENDERS_BEGUN

STUCK_SECONDS = 60
STEP_SECONDS = 0.1
AHEAD = 3
"""This many jobs are ordered ahead of their share of the kills."""
CROWD = 6
"""With more open jobs than this, the killer pauses: the machine may be slow."""


class Extent(NamedTuple):
    """The number of kills, `pause` seconds apart on average, and the number of jobs."""

    kills: int
    jobs: int
    pause: float


FULL = Extent(kills=200, jobs=60, pause=0.7)
SHORT = Extent(kills=25, jobs=8, pause=0.7)


def kill_at_random(folder: Path, random: Random, short: bool) -> list[Row]:
    """Kill renders, workers and web processes, and judge the ends of all jobs."""
    extent = SHORT if short else FULL
    jobs = {draw_id(random): SMALL for _ in range(extent.jobs)}
    with (
        Receiver() as receiver,
        Site(folder, workers=3, settings=receiver.settings) as site,
        OrphanWatch(site) as orphans,
    ):
        site.client.callback_url = receiver.url
        recoveries = RecoveryWatch(site.client)
        killer = Killer(site, random, recoveries)
        _rage(site, killer, recoveries, random, extent, list(jobs))
        last = datetime.now(UTC)
        recoveries.settle(STUCK_SECONDS)
        ends = await_ends(site.client, jobs, 2 * STUCK_SECONDS)
        return [
            Row(
                "kills",
                str(extent.kills),
                ", ".join(f"{count} {kind}" for kind, count in killer.strikes.items()),
                killer.strikes.total() == extent.kills,
            ),
            expect_at_least("kills that hit a render at work", killer.hits, extent.kills // 8),
            *judge_jobs(site, jobs, ends, poison_after=MAX_RENDERS_BEGUN),
            *judge_told(receiver, name_events(ends)),
            _judge_last_end(ends, len(jobs), last),
            *_judge_recoveries(recoveries),
            expect_none(f"orphans {ORPHAN_SECONDS:g} s after their parent", orphans.found),
        ]


def _rage(
    site: Site,
    killer: Killer,
    recoveries: RecoveryWatch,
    random: Random,
    extent: Extent,
    jobs: list[str],
) -> None:
    """Kill processes, and order each job in time for its share of the kills."""
    session, ledger = site.client.upload(), site.services.ledger
    with ThreadPoolExecutor(1) as clerk:  # it may have to wait for a killed web service
        orders: list[Future[None]] = []
        due = time.monotonic()
        while (strikes := killer.strikes.total()) < extent.kills:
            wanted = min(extent.jobs, AHEAD + strikes * extent.jobs // extent.kills)
            for job in jobs[len(orders) : wanted]:
                priority = random.choice(list(Priority))
                orders.append(clerk.submit(site.client.order, session, SMALL, job, priority))
            is_crowded = len(ledger.marks.list_open()) > CROWD
            if time.monotonic() >= due and not is_crowded and killer.strike():
                due = time.monotonic() + random.expovariate(1 / extent.pause)
            recoveries.look()
            time.sleep(STEP_SECONDS)
    for order in orders:
        order.result()


def _judge_last_end(ends: Mapping[str, Status], jobs: int, last: datetime) -> Row:
    what = "the last job's end, after the last kill"
    if len(ends) < jobs:
        return Row(what, f"at most {STUCK_SECONDS} s", "never", False)
    latest = max(datetime.fromisoformat(end["ended_at"]) for end in ends.values())
    return expect_at_most(what, max(0, (latest - last).total_seconds()), STUCK_SECONDS)


def _judge_recoveries(recoveries: RecoveryWatch) -> list[Row]:
    seconds = recoveries.seconds or [0.0]
    return [
        expect_none("renders that never went on", recoveries.waiting),
        expect_at_most("until a killed render goes on: median", median(seconds), 20),
        expect_at_most("until a killed render goes on: longest", max(seconds), 45),
    ]
