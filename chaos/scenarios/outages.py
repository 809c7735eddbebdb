"""The scenario of Redis outages: kill Redis, restart it with or without its data, empty it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import NamedTuple

from chaos.orders import SMALL, draw_id
from chaos.receiver import Receiver, judge_told, name_events
from chaos.site import Site
from chaos.verdicts import Row, await_ends, judge_jobs

PERIOD_SECONDS = 5
AWAY_SECONDS = 1
LAST_END_SECONDS = 180


class Extent(NamedTuple):
    """The number of outages of each kind, and the number of jobs ordered before each."""

    restarts: int
    orders: int


FULL = Extent(restarts=24, orders=1)
SHORT = Extent(restarts=1, orders=2)


def lose_redis(folder: Path, random: Random, short: bool) -> list[Row]:
    """Kill and empty Redis repeatedly while jobs come in, and judge the ends of all jobs."""
    extent = SHORT if short else FULL
    faults = [restart] * extent.restarts + [restart_empty] * extent.restarts + [flush]
    jobs = {draw_id(random): SMALL for _ in range(extent.orders * len(faults))}
    with Receiver() as receiver, Site(folder, workers=2, settings=receiver.settings) as site:
        site.client.callback_url = receiver.url
        _suffer(site, faults, list(jobs), extent.orders)
        ends = await_ends(site.client, jobs, LAST_END_SECONDS)
        done = f"{extent.restarts} restarts with data, {extent.restarts} without, one FLUSHALL"
        return [
            Row("losses of Redis", done, done, holds=True),
            *judge_jobs(site, jobs, ends),
            *judge_told(receiver, name_events(ends)),
        ]


def restart(site: Site) -> None:
    """Kill Redis, and start it with the data that it had written to disk."""
    site.redis.leave()
    time.sleep(AWAY_SECONDS)
    site.start_redis()


def restart_empty(site: Site) -> None:
    """Kill Redis and start it without its data."""
    site.redis.leave()
    site.forget_redis()
    time.sleep(AWAY_SECONDS)
    site.start_redis()


def flush(site: Site) -> None:
    """Empty Redis while it is in use."""
    site.connection.flushall()


def _suffer(
    site: Site, faults: Sequence[Callable[[Site], None]], jobs: list[str], orders: int
) -> None:
    """Order some jobs before each fault; repeat each order until it is accepted."""
    session = site.client.upload()
    with ThreadPoolExecutor(orders) as clerks:
        calls: list[Future[None]] = []
        for number, fault in enumerate(faults):
            due = time.monotonic() + PERIOD_SECONDS
            due_jobs = jobs[number * orders : (number + 1) * orders]
            calls += [clerks.submit(site.client.order, session, SMALL, job) for job in due_jobs]
            time.sleep(PERIOD_SECONDS - AWAY_SECONDS)
            fault(site)
            time.sleep(max(0, due - time.monotonic()))
    for call in calls:
        call.result()
