"""The scenarios of a bucket: one that is overloaded at each step, and a slow one with a backlog."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random

from rq.job import Job as RQJob

from chaos.orders import LONG, SMALL, draw_id
from chaos.reaper import list_marked
from chaos.scenarios.killer import kill
from chaos.site import Site, wait_until
from chaos.verdicts import (
    Row,
    await_ends,
    expect_at_least,
    expect_at_most,
    expect_count,
    judge_attempts,
    judge_jobs,
    judge_monitor,
)
from reelqueue.jobs.priorities import Priority

OVERLOAD_SECONDS = 3
OVERLOADED_STEPS = 8
LATENCY_SECONDS = 0.02
BACKLOG, SHORT_BACKLOG = 5000, 200
WRITES_AT_ONCE = 8
TAKEOVER_SECONDS = 20
LAST_END_SECONDS = 240


def overload_bucket(folder: Path, random: Random, short: bool) -> list[Row]:
    """Let the bucket refuse the first requests of each kind for a while."""
    jobs = {draw_id(random): SMALL for _ in range(1 if short else 4)}
    with Site(folder, workers=1, has_bucket=True) as site:
        session = site.client.upload()
        site.bucket.set_faults(overload=OVERLOAD_SECONDS)
        for job, order in jobs.items():
            site.client.order(session, order, job)
        ends = await_ends(site.client, jobs, LAST_END_SECONDS)
        refused, steps = site.bucket.find_refused()
        site.bucket.set_faults()
        return [
            expect_at_least(
                f"steps refused for {OVERLOAD_SECONDS} s", len(steps), OVERLOADED_STEPS
            ),
            expect_at_least("requests refused", refused, OVERLOADED_STEPS),
            judge_attempts(ends),
            *judge_jobs(site, jobs, ends),
        ]


def pile_up(folder: Path, random: Random, short: bool) -> list[Row]:
    """Kill a worker while very many jobs wait, with a bucket that takes 20 ms for each request."""
    with Site(folder, workers=2, has_bucket=True) as site:
        session = site.client.upload()
        pattern, lost = draw_id(random), draw_id(random)
        site.client.order(session, SMALL, pattern)
        site.bucket.set_faults(latency=LATENCY_SECONDS)
        waiting = [draw_id(random) for _ in range(SHORT_BACKLOG if short else BACKLOG)]
        _enqueue(site, pattern, waiting)
        site.client.order(session, LONG, lost, "high")
        wait_until(lambda: any(site.find_job(worker) == lost for worker in site.workers), 60)
        victim = next(worker for worker in site.workers if site.find_job(worker) == lost)
        seconds = _kill(site, victim.list_processes()[0].pid, lost)
        ends = await_ends(site.client, [lost], LAST_END_SECONDS)
        queued = site.services.queue.describe_load()["jobs"]["queued"]
        return [
            expect_at_least("jobs that wait", queued, len(waiting) // 2),
            expect_at_most("until the job was passed on", seconds, TAKEOVER_SECONDS),
            expect_count("jobs passed on that finished in one attempt", _count_good(ends), 1),
            *judge_monitor(site),
        ]


def _enqueue(site: Site, pattern: str, jobs: list[str]) -> None:
    """Enqueue jobs like one that there is, at low priority, faster than by calls of the API."""
    services = site.services
    job = services.ledger.read(pattern).job

    def enqueue(job_id: str) -> None:
        copy = job.model_copy(update={"id": job_id, "priority": Priority.LOW})
        services.queue.submit(services.ledger.accept(copy)[0])

    with ThreadPoolExecutor(WRITES_AT_ONCE) as pool:
        list(pool.map(enqueue, jobs))


def _kill(site: Site, pid: int, job: str) -> float:
    """Kill the worker of a job; return the seconds until the job is passed on."""
    killed_at = time.monotonic()
    kill(next(process for process in list_marked(site.mark) if process.pid == pid))
    with suppress(TimeoutError):
        wait_until(lambda: RQJob.exists(f"{job}_1", site.connection), 3 * TAKEOVER_SECONDS)
        return time.monotonic() - killed_at
    return float("inf")


def _count_good(ends: dict[str, dict[str, object]]) -> int:
    return sum((end["status"], end["attempts"]) == ("finished", 1) for end in ends.values())
