"""Measure the product under load, group by group; each takes less than a minute."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import uuid4

from redis import Redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from benchmarks.load.client import Connection, poll
from benchmarks.load.site import TOKENS, Site, running_site
from benchmarks.material import make_photos
from benchmarks.measurement import Target

_SMALL = {"resolution": "160x90", "fps": 15, "transition_duration": 0.2}
_LONG = {"resolution": "1920x1080", "fps": 60, "duration": 60.0}
_CLIENTS = 8
_MOST_AT_BARE = 1.5
_numbers = count()


@dataclass(frozen=True)
class Extent:
    """How many orders, questions and seconds each group has."""

    orders: int
    small: int
    starts: int
    rate: int
    seconds: int
    many: int


FULL = Extent(orders=1000, small=50, starts=30, rate=1000, seconds=20, many=600)
QUICK = Extent(orders=12, small=4, starts=2, rate=50, seconds=1, many=20)


@dataclass
class Owner:
    """An owner with one photo, who orders slideshows that no one has ordered before."""

    site: Site
    token: str
    session: str

    def order(self, client: Connection, **spec: Any) -> str:
        """Order a slideshow; return the job's id.

        Raises:
            ConnectionError: if the order is not accepted.
        """
        different = {"duration": 0.5 + next(_numbers) / 1e5}
        body = {"session_id": self.session, **_SMALL, **different, **spec}
        status, answer = client.ask("POST", "/generate_video", json.dumps(body).encode())
        if status != 202:
            raise ConnectionError(f"the order was answered with {status}: {answer}")
        return str(answer["job_id"])

    def order_many(self, number: int) -> tuple[list[str], list[float]]:
        """Order by some clients at once; return the jobs, and how long each answer took."""

        def order_share(share: int) -> list[tuple[str, float]]:
            with Connection(self.site.port, self.token) as client:
                return [_time(lambda: self.order(client)) for _ in range(share)]

        shares = [len(range(first, number, _CLIENTS)) for first in range(_CLIENTS)]
        with ThreadPoolExecutor(_CLIENTS) as pool:
            done = [each for part in pool.map(order_share, shares) for each in part]
        return [job for job, _ in done], [seconds for _, seconds in done]


def measure_orders(extent: Extent, folder: Path) -> list[Target]:
    """Orders by eight clients at once, while a worker renders."""
    with _open(folder) as (site, owner, _):
        before, began = site.measure_web(), time.monotonic()
        jobs, taken = owner.order_many(extent.orders)
        seconds, used = time.monotonic() - began, site.measure_web() - before
        stored = [(site.folder / "data" / "jobs" / job / "job.json").exists() for job in jobs]
    return [
        Target(f"orders of {extent.orders} at once that were lost", stored.count(False), 0, False),
        Target("orders accepted a second", extent.orders / seconds, 50, True, extent.orders / used),
        Target("s for an answer to an order, p99", _find_p99(taken), 2, False),
    ]


def measure_small(extent: Extent, folder: Path) -> list[Target]:
    """100 small jobs a minute, one after the other."""
    with _open(folder) as (site, owner, client):
        waited = []
        for _ in range(extent.small):
            due = time.monotonic() + 0.6
            ordered = time.time()
            job = owner.order(client)
            waited.append(site.wait_for_start(job) - ordered)
            time.sleep(max(0.0, due - time.monotonic()))
    return [
        Target("s from an order to its render at 100 a minute, p50", median(waited), 0.3, False),
        Target("s from an order to its render at 100 a minute, p99", _find_p99(waited), 2, False),
    ]


def measure_starts(extent: Extent, folder: Path) -> list[Target]:
    """From the queue to the first line of a job, ours and bare RQ's in turns."""
    ours, bare = [], []
    with _open(folder) as (site, owner, client), Redis.from_url(site.bare_url) as connection:
        queue = Queue(connection=connection)
        for _ in range(extent.starts):
            job = owner.order(client)
            ours.append(site.wait_for_start(job) - _read_enqueued(site, job))
            time.sleep(0.3)  # the worker stores the video
            name, queued = str(uuid4()), time.time()
            queue.enqueue("noting.note", name)
            bare.append(site.wait_for_start(name) - queued)
            time.sleep(0.3)
    return [
        Target(
            "from the queue to the render, times that of bare RQ, median",
            median(ours) / median(bare),
            _MOST_AT_BARE,
            False,
        ),
        Target(
            "from the queue to the render, times that of bare RQ, shortest",
            min(ours) / min(bare),
            _MOST_AT_BARE,
            False,
        ),
        Target("ms from the queue to the render, median", 1000 * median(ours), 100, False),
    ]


def measure_status(extent: Extent, folder: Path) -> list[Target]:
    """Questions for the status of jobs while one of them is rendered."""
    with _open(folder, engine="x264") as (site, owner, client):
        ended = owner.order(client)
        site.wait_for_start(ended)
        running = owner.order(client, **_LONG)
        site.wait_for_start(running)
        paths = [f"/job_status/{job}" for job in (ended, running)]
        poll(site.port, owner.token, paths, extent.rate / 10, 1)
        time.sleep(1)  # the server sees that these clients have left
        before = site.measure_web()
        taken = poll(site.port, owner.token, paths, extent.rate, extent.seconds)
        used = site.measure_web() - before
        _, status = client.ask("GET", paths[1])
        if status["status"] != "started":
            raise RuntimeError("the render ended before the measurement")
    return [
        Target(
            f"ms for a status, {extent.rate} a second, p99", 1000 * _find_p99(taken), 100, False
        ),
        Target(f"ms for a status, {extent.rate} a second, p50", 1000 * median(taken), 20, False),
        Target("ms of processor time for a status", 1000 * used / len(taken), 1, False),
    ]


def measure_fairness(extent: Extent, folder: Path) -> list[Target]:
    """The one order of an owner after the many of another."""
    with _open(folder) as (site, owner, _):
        owner.order_many(extent.many)
        other = _open_owner(site, TOKENS[1], folder)
        with Connection(site.port, other.token) as client:
            before, ordered = len(site.read_starts()), time.time()
            job = other.order(client)
            began = site.wait_for_start(job, 60)
        overtaken = [at for at in site.read_starts().values() if ordered < at < began]
    what = f"jobs of an owner with {extent.many - before} waiting that begin before another's first"
    return [Target(what, len(overtaken), 2, False)]


GROUPS: dict[str, Callable[[Extent, Path], Sequence[Target]]] = {
    "orders": measure_orders,
    "small": measure_small,
    "starts": measure_starts,
    "status": measure_status,
    "fairness": measure_fairness,
}


@contextmanager
def _open(folder: Path, engine: str = "still") -> Iterator[tuple[Site, Owner, Connection]]:
    """Yield a site of its own, an owner, and a connection of that owner."""
    with running_site(folder / str(uuid4()), engine=engine) as site:
        owner = _open_owner(site, TOKENS[0], folder)
        with Connection(site.port, owner.token) as client:
            yield site, owner, client


def _open_owner(site: Site, token: str, folder: Path) -> Owner:
    (photo,) = make_photos(folder, 1)
    mark = "the-line-between-parts"
    disposition = f'Content-Disposition: form-data; name="images"; filename="{photo.path.name}"'
    body = f"--{mark}\r\n{disposition}\r\n\r\n".encode() + photo.path.read_bytes()
    body += f"\r\n--{mark}--\r\n".encode()
    with Connection(site.port, token) as client:
        kind = f"multipart/form-data; boundary={mark}"
        _, answer = client.ask("POST", "/upload_images", body, kind)
    return Owner(site, token, answer["session_id"])


def _read_enqueued(site: Site, job: str) -> float:
    """Return when a job was queued, by RQ's record of it."""
    with Redis.from_url(site.redis_url) as connection:
        found = Job.fetch(job, connection, JSONSerializer)
    assert found.enqueued_at
    return found.enqueued_at.timestamp()


def _time(call: Callable[[], str]) -> tuple[str, float]:
    began = time.perf_counter()
    return call(), time.perf_counter() - began


def _find_p99(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=100, method="inclusive")[-1]
