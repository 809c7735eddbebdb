"""The scenario of batches: jobs that use each other's results, while everything is killed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from chaos.media import count_frames
from chaos.orders import SMALL, TINY, draw_id
from chaos.receiver import Receiver, judge_told, name_events
from chaos.scenarios.killer import Killer
from chaos.scenarios.outages import flush
from chaos.site import Site
from chaos.verdicts import (
    POLL_SECONDS,
    Row,
    Status,
    count_outcomes,
    expect_count,
    expect_none,
    is_poison,
    judge_answers,
    list_jobs,
)
from chaos.watch import ORPHAN_SECONDS, OrphanWatch, RecoveryWatch
from reelqueue.upkeep.recovery import MAX_RENDERS_BEGUN

LAST_END_SECONDS = 600
STEP_SECONDS = 0.1
NEEDS = {"two": ["one"], "three": ["one"], "four": ["two", "three"], "five": ["four"]}


class Extent(NamedTuple):
    """The number of batches, of kills, `pause` seconds apart on average, and of emptied Redis."""

    batches: int
    kills: int
    flushes: int
    pause: float


FULL = Extent(batches=20, kills=60, flushes=4, pause=3)
SHORT = Extent(batches=2, kills=4, flushes=1, pause=2)


def make_jobs(session: str, number: int) -> list[dict[str, Any]]:
    """Return five jobs of which each but the first needs others; the last is named first.

    No two batches order the same, so no result is reused.
    """
    show = {"kind": "slideshow", "session_id": session}
    cut = {"kind": "clip", "session_id": session, "from": "one", "fit": "blur", "aspect": "1:1"}
    seed = {"seed": number}
    parts = [{"from": "two"}, {"from": "three"}]
    return [
        {**show, **TINY.spec, **seed, "name": "five", "depends_on": NEEDS["five"]},
        {**show, "resolution": "160x90", "name": "four", "photos": parts},
        {**cut, "name": "two", "end": 1.0},
        {**cut, "name": "three", "start": 1.0, "end": 1.5},
        {**show, **SMALL.spec, **seed, "name": "one"},
    ]


def run_workflows(folder: Path, random: Random, short: bool) -> list[Row]:
    """Order batches while renders, workers, the web and Redis are harmed; judge how all end."""
    extent = SHORT if short else FULL
    batches = [draw_id(random) for _ in range(extent.batches)]
    with (
        Receiver() as receiver,
        Site(folder, workers=2, settings=receiver.settings) as site,
        OrphanWatch(site) as orphans,
    ):
        site.client.callback_url = receiver.url
        killer = Killer(site, random, RecoveryWatch(site.client))
        jobs = _rage(site, killer, random, extent, batches)
        ends = _await_ends(site, batches)
        return [
            expect_count("kills", killer.strikes.total(), extent.kills),
            expect_count("batches that ended", len(ends), len(batches)),
            *judge_told(receiver, name_events(ends, "batch")),
            *judge_members(site, [job for end in ends.values() for job in end["jobs"]], jobs),
            expect_none(f"orphans {ORPHAN_SECONDS:g} s after their parent", orphans.found),
        ]


def _rage(
    site: Site, killer: Killer, random: Random, extent: Extent, batches: Sequence[str]
) -> set[str]:
    """Order the batches one after the other meanwhile; return the ids of all jobs."""
    session = site.client.upload()
    flushes = sorted(random.sample(range(1, extent.kills), extent.flushes))
    with ThreadPoolExecutor(1) as clerk:  # it may have to wait for a killed web service
        orders: list[Future[list[str]]] = []
        due = time.monotonic()
        while (strikes := killer.strikes.total()) < extent.kills:
            for batch_id in batches[len(orders) : 1 + strikes * extent.batches // extent.kills]:
                jobs = make_jobs(session, len(orders))
                orders.append(clerk.submit(site.client.order_batch, batch_id, jobs))
            if flushes and strikes >= flushes[0]:
                flushes.pop(0)
                flush(site)
            if time.monotonic() >= due and killer.strike():
                due = time.monotonic() + random.expovariate(1 / extent.pause)
            time.sleep(STEP_SECONDS)
    return {job for order in orders for job in order.result()}


def _await_ends(site: Site, batches: Sequence[str]) -> dict[str, Status]:
    """Return the statuses of the batches that end within `LAST_END_SECONDS`."""
    ends: dict[str, Status] = {}
    deadline = time.monotonic() + LAST_END_SECONDS
    while len(ends) < len(batches) and time.monotonic() < deadline:
        for batch_id in [batch_id for batch_id in batches if batch_id not in ends]:
            status = site.client.read_batch(batch_id)
            if "ended_at" in status:
                ends[batch_id] = status
        time.sleep(POLL_SECONDS)
    return ends


def judge_members(site: Site, statuses: Sequence[Status], ordered: set[str]) -> Iterator[Row]:
    """Judge the jobs of all batches, by their statuses."""
    latest = {status["job_id"]: status for status in statuses}
    finished = [status for status in statuses if status["status"] == "finished"]
    others = [status for status in statuses if status["status"] != "finished"]
    excused = {s["job_id"] for s in others if _is_excused(s)}
    yield expect_count("jobs with one outcome", count_outcomes(site, latest), len(ordered))
    yield expect_none("jobs without an order", list_jobs(site) - ordered)
    # A render that is killed when Redis has just lost its data takes its progress with it.
    yield from judge_answers(site)
    yield Row(
        f"jobs given up after {MAX_RENDERS_BEGUN} renders, and those that need them",
        "any",
        str(len(excused)),
        holds=True,
    )
    yield expect_none(
        "other jobs that failed",
        (f"{s['job_id']} ({s.get('error')})" for s in others if s["job_id"] not in excused),
    )
    yield expect_none(
        "jobs that began before what they need had finished", list_hasty(site, statuses)
    )
    yield expect_none("marks of runs that are held or open", _list_marks(site))
    yield expect_count(
        f"of {len(finished)} videos, those that decode to their exact frames",
        sum(count_frames(site.client.download(s)) == s["result"]["frames"] for s in finished),
        len(finished),
    )


def _is_excused(status: Status) -> bool:
    """Tell whether a job was given up after enough kills, or because of another one."""
    error = str(status.get("error"))
    return is_poison(status, MAX_RENDERS_BEGUN) or error.startswith("It needs ")


def list_hasty(site: Site, statuses: Sequence[Status]) -> list[str]:
    """Return the jobs of which a render began before a job that they need had its outcome."""
    ids = {(status["batch_id"], status["name"]): status["job_id"] for status in statuses}
    return [
        f"{job} ({name} before {need})"
        for (batch_id, name), job in ids.items()
        for need in NEEDS.get(name, [])
        if find_time(site, job, "begun") < find_time(site, ids[batch_id, need], "outcome.json")
    ]


def find_time(site: Site, job: str, name: str) -> datetime:
    """Return when the first file of this name, or in a folder of this name, was stored."""
    files = site.services.store.list(f"jobs/{job}/runs/1")
    times = [file.modified for file in files if name in file.key.split("/")]
    return min(times, default=datetime.max.replace(tzinfo=UTC))


def _list_marks(site: Site) -> list[str]:
    services = site.services
    runs = [*services.ledger.marks.list_held(), *services.ledger.marks.list_open()]
    return [run.job_id for run in runs] + services.batches.list_arrivals()
