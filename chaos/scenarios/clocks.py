"""The scenario of clocks: workers on machines whose clocks are 30 s ahead and 30 s behind."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import NamedTuple

from chaos.orders import LONG, SMALL, draw_id
from chaos.scenarios.killer import kill
from chaos.service import Service
from chaos.site import Site, wait_until
from chaos.verdicts import (
    Row,
    await_ends,
    expect_at_least,
    expect_at_most,
    judge_attempts,
    judge_jobs,
    judge_takeovers,
)

CLOCKS = (30, -30)
TAKEOVER_SECONDS = 20
LAST_END_SECONDS = 240


class Extent(NamedTuple):
    """The number of long and of small jobs, and how often each worker is killed."""

    long: int
    small: int
    kills: int


FULL = Extent(long=6, small=12, kills=3)
SHORT = Extent(long=2, small=2, kills=1)


def skew_clocks(folder: Path, random: Random, short: bool) -> list[Row]:
    """Render with workers that disagree on the time, then kill each; judge what became of all."""
    extent = SHORT if short else FULL
    with Site(folder, workers=len(CLOCKS), clocks=CLOCKS) as site:
        session = site.client.upload()
        calm = {draw_id(random): LONG for _ in range(extent.long)}
        calm |= {draw_id(random): SMALL for _ in range(extent.small)}
        for job, order in calm.items():
            site.client.order(session, order, job)
        ends = await_ends(site.client, calm, LAST_END_SECONDS)
        rows = [judge_attempts(ends), judge_takeovers(site, ends)]

        hit = [draw_id(random) for _ in range(extent.kills * len(CLOCKS))]
        seconds = [
            _kill_at_work(site, session, worker, job)
            for job, worker in zip(hit, site.workers * extent.kills, strict=True)
        ]
        found = [second for second in seconds if second is not None]
        jobs = calm | dict.fromkeys(hit, LONG)
        ends |= await_ends(site.client, hit, LAST_END_SECONDS)
        return [
            *rows,
            expect_at_least("jobs whose worker was killed", len(found), len(hit)),
            expect_at_most("until the latest was passed on", max(found or [0]), TAKEOVER_SECONDS),
            *judge_jobs(site, jobs, ends),
        ]


def _kill_at_work(site: Site, session: str, worker: Service, job: str) -> float | None:
    """Kill a worker that renders a job; return the seconds until the job is passed on."""
    ledger = site.services.ledger
    site.client.order(session, LONG, job, "high")
    with suppress(TimeoutError):
        wait_until(lambda: any(site.find_job(each) == job for each in site.workers))
    victim = next((each for each in site.workers if site.find_job(each) == job), worker)
    held = site.find_job(victim)
    processes = victim.list_processes()
    if held is None or not processes:
        return None
    before = ledger.read(held).takeovers
    killed_at = time.monotonic()
    kill(processes[0])
    with suppress(TimeoutError):
        wait_until(lambda: ledger.read(held).takeovers > before, 2 * TAKEOVER_SECONDS)
        return time.monotonic() - killed_at
    return float("inf")
