"""The scenario of races: cancel jobs as they finish; send many calls with one idempotency key."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import NamedTuple

from redis import Redis

from chaos.orders import ID_LENGTH, TINY, draw_id
from chaos.site import Site, wait_until
from chaos.verdicts import (
    Row,
    Status,
    expect_at_least,
    expect_count,
    expect_none,
    judge_jobs,
    list_jobs,
)

RACERS = 4
FIRST_PAUSE_SECONDS = 0.5
LEARNING = 1.2
SETTLE_SECONDS = 10
AGREEING = {"finished": [{"finished"}], "canceled": [set(), {"canceled"}, {"stopped"}]}
"""The RQ statuses that agree with each outcome; RQ may have deleted a cancelled job."""


class Extent(NamedTuple):
    """The number of cancelled jobs, and the number of simultaneous calls."""

    races: int
    calls: int


FULL = Extent(races=500, calls=100)
SHORT = Extent(races=20, calls=20)


def race_ends(folder: Path, random: Random, short: bool) -> list[Row]:
    """Cancel jobs as they finish, and check that web, ledger and RQ agree on each outcome."""
    extent = SHORT if short else FULL
    with Site(folder, workers=2, settings={"RENDER_ENGINE": "still"}) as site:
        session = site.client.upload()
        ends = Races(site, session, random).run(extent.races)
        wins = Counter(str(end["status"]) for end in ends.values())
        return [
            expect_at_least("cancels that won", wins["canceled"], extent.races // 10),
            expect_at_least("cancels that came too late", wins["finished"], extent.races // 10),
            *judge_jobs(site, dict.fromkeys(ends, TINY), ends),
            expect_none("jobs of which RQ says otherwise", await_agreement(site.connection, ends)),
            *call_at_once(site, session, draw_id(random), extent.calls),
        ]


class Races:
    """Cancels jobs at about the moment they finish; it adapts the moment to earlier races."""

    def __init__(self, site: Site, session: str, random: Random) -> None:
        self._client, self._session, self._random = site.client, session, random
        self._pause = FIRST_PAUSE_SECONDS

    def run(self, count: int) -> dict[str, Status]:
        """Run races, several at a time; return the statuses in the answers to the cancels."""
        jobs = [draw_id(self._random) for _ in range(count)]
        factors = [self._random.uniform(0.5, 1.5) for _ in jobs]
        with ThreadPoolExecutor(RACERS) as pool:
            return dict(zip(jobs, pool.map(self._race, jobs, factors), strict=True))

    def _race(self, job: str, factor: float) -> Status:
        self._client.order(self._session, TINY, job)
        time.sleep(self._pause * factor)
        end = self._client.cancel(job)
        # The side that lost gets a little more time in later races.
        self._pause *= LEARNING if end["status"] == "canceled" else 1 / LEARNING
        return end


def await_agreement(connection: Redis, ends: Mapping[str, Status]) -> list[str]:
    """Return the jobs on which RQ still disagrees after a while, each with RQ's statuses."""

    def list_others() -> list[str]:
        said = list_rq_statuses(connection)
        return [
            f"{job} ({end['status']}, RQ: {' '.join(said[job]) or 'nothing'})"
            for job, end in ends.items()
            if said[job] not in AGREEING[end["status"]]
        ]

    with suppress(TimeoutError):
        wait_until(lambda: not list_others(), SETTLE_SECONDS)
    return list_others()


def list_rq_statuses(connection: Redis) -> defaultdict[str, set[str]]:
    """Return the statuses that RQ has of each job, one for each time it was enqueued."""
    statuses: defaultdict[str, set[str]] = defaultdict(set)
    for key in connection.scan_iter("rq:job:*", count=1000, _type="hash"):
        status = connection.hget(key, "status")
        if isinstance(status, bytes):
            statuses[key.decode().removeprefix("rq:job:")[:ID_LENGTH]].add(status.decode())
    return statuses


def call_at_once(site: Site, session: str, key: str, calls: int) -> list[Row]:
    """Send the same order many times at once, like a client that got no answer."""
    before = list_jobs(site)

    def call(_: int) -> tuple[bool, str]:
        response = site.client.send_order(session, TINY, {"Idempotency-Key": key})
        return response.is_success, response.json().get("job_id", "")

    with ThreadPoolExecutor(calls) as pool:
        answers = list(pool.map(call, range(calls)))
    return [
        expect_count("calls at once that were answered", sum(good for good, _ in answers), calls),
        expect_count("jobs that they were told", len({job for good, job in answers if good}), 1),
        expect_count("jobs that they made", len(list_jobs(site) - before), 1),
    ]
