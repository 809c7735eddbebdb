"""The scenarios of a Redis that stalls: one that is stopped, and one that is full."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from random import Random

from chaos.orders import LONG, SMALL, draw_id
from chaos.service import Service
from chaos.site import Site, wait_until
from chaos.verdicts import (
    Row,
    await_ends,
    expect_at_least,
    expect_none,
    judge_attempts,
    judge_jobs,
    judge_takeovers,
)

WORKERS = 2
FULL_SECONDS = 40
SHORT_SECONDS = 12
"""Longer than a worker may go without a heartbeat."""
SMALL_JOBS = 4
LAST_END_SECONDS = 180


def stop_redis(folder: Path, random: Random, short: bool) -> list[Row]:
    """Stop Redis under renders, and let it go on."""
    with Site(folder, workers=WORKERS) as site:
        return _suffer(site, random, short, stopped(site))


def fill_redis(folder: Path, random: Random, short: bool) -> list[Row]:
    """Let Redis run out of memory under renders, and give it more."""
    with Site(folder, workers=WORKERS) as site:
        return _suffer(site, random, short, full(site))


def _suffer(
    site: Site, random: Random, short: bool, stalled: AbstractContextManager[None]
) -> list[Row]:
    session = site.client.upload()
    rendered = [draw_id(random) for _ in range(WORKERS)]
    waiting = [draw_id(random) for _ in range(SMALL_JOBS)]
    for job in rendered:
        site.client.order(session, LONG, job)
    wait_until(lambda: all(map(Service.find_render, site.workers)))
    for job in waiting:
        site.client.order(session, SMALL, job)
    with stalled:
        seconds = SHORT_SECONDS if short else FULL_SECONDS
        ends_at = time.monotonic() + seconds
        answer = site.client.send_order(session, SMALL)
        ended = 0
        while time.monotonic() < ends_at:
            time.sleep(1)
            ended = sum(bool(site.services.ledger.read(job).outcome) for job in rendered)
    jobs = dict.fromkeys(rendered, LONG) | dict.fromkeys(waiting, SMALL)
    ends = await_ends(site.client, jobs, LAST_END_SECONDS)
    refusal = f"{answer.status_code} {answer.json().get('detail', '')}"
    return [
        Row("an order meanwhile", "503", refusal, answer.status_code == 503),
        *([] if short else [expect_at_least("renders that ended meanwhile", ended, WORKERS)]),
        expect_none("requests without an answer", site.monitor.silences),
        judge_attempts(ends),
        judge_takeovers(site, ends),
        *judge_jobs(site, jobs, ends),
    ]


@contextmanager
def stopped(site: Site) -> Iterator[None]:
    """Stop Redis for the block: it answers nothing then, and closes no connection."""
    os.kill(site.redis.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(site.redis.process.pid, signal.SIGCONT)


@contextmanager
def full(site: Site) -> Iterator[None]:
    """Let Redis refuse for the block what needs memory."""
    site.connection.config_set("maxmemory", 1)
    try:
        yield
    finally:
        site.connection.config_set("maxmemory", 0)
