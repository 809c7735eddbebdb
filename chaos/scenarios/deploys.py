"""The scenario of a deploy: replace the workers one after another while they render."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import NamedTuple

from chaos.orders import SMALL, draw_id
from chaos.site import Site, wait_until
from chaos.verdicts import Row, await_ends, expect_at_least, judge_attempts, judge_jobs

WORKERS = 3
DRAIN_SECONDS = {0: 0, 3: 1, 20: 15}
"""`DRAIN_SECONDS` for platforms that kill a worker this many seconds after SIGTERM."""
BUSY_SECONDS = 10
LAST_END_SECONDS = 120


class Deploy(NamedTuple):
    """The seconds of grace that the workers get, and the number of jobs."""

    graces: Sequence[int]
    drain: int
    jobs: int


FULL = [Deploy([grace] * WORKERS, drain, 18) for grace, drain in DRAIN_SECONDS.items()]
SHORT = [Deploy(list(DRAIN_SECONDS), DRAIN_SECONDS[3], 6)]


def deploy_under_load(folder: Path, random: Random, short: bool) -> list[Row]:
    """Replace all workers, and judge the ends of their jobs."""
    folder.mkdir()
    return [row for deploy in (SHORT if short else FULL) for row in _deploy(folder, random, deploy)]


def _deploy(folder: Path, random: Random, deploy: Deploy) -> list[Row]:
    name = " ".join(map(str, deploy.graces))
    jobs = {draw_id(random): SMALL for _ in range(deploy.jobs)}
    settings = {"DRAIN_SECONDS": str(deploy.drain)}
    with Site(folder / name.replace(" ", "-"), workers=WORKERS, settings=settings) as site:
        session = site.client.upload()
        for job, order in jobs.items():
            site.client.order(session, order, job)
        busy = sum(_replace(site, number, grace) for number, grace in enumerate(deploy.graces))
        ends = await_ends(site.client, jobs, LAST_END_SECONDS)
        rows = [
            expect_at_least("workers that were replaced at work", busy, WORKERS),
            *judge_jobs(site, jobs, ends),
            judge_attempts(ends),
        ]
        return [row._replace(what=f"{row.what} ({name} s of grace)") for row in rows]


def _replace(site: Site, number: int, grace: int) -> bool:
    """Restart a worker while it renders; tell whether it was rendering."""
    worker = site.workers[number]
    with suppress(TimeoutError):
        wait_until(worker.find_render, BUSY_SECONDS)
    busy = worker.find_render() is not None
    worker.stop(grace)
    worker.start()
    return busy
