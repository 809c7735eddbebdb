"""A killer of random processes: its seed chooses the victims, the clock the moments."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from random import Random

import psutil

from chaos.service import Service
from chaos.site import Site
from chaos.watch import RecoveryWatch

KINDS = ("render", "worker", "both", "web")
PATIENCE_SECONDS = 5


class Killer:
    """Sends SIGKILL to a render, a worker, both at once, or a web process."""

    def __init__(self, site: Site, random: Random, recoveries: RecoveryWatch) -> None:
        self._site = site
        self._random = random
        self._recoveries = recoveries
        self.strikes: Counter[str] = Counter()
        self._draw()
        self.hits = 0
        """The number of kills that hit a running render."""

    def strike(self) -> bool:
        """Kill the chosen victim if it runs; tell whether it did.

        If it does not, it stays the victim for `PATIENCE_SECONDS`: a render may soon begin.
        """
        if self._kind == "web":
            is_done = self._strike_web()
        else:
            is_done = self._strike_worker(self._random.choice(self._site.workers))
        if is_done:
            self.strikes[self._kind] += 1
        if is_done or time.monotonic() - self._drawn_at > PATIENCE_SECONDS:
            self._draw()
        return is_done

    def _draw(self) -> None:
        self._kind = self._random.choice(KINDS)
        self._drawn_at = time.monotonic()

    def _strike_web(self) -> bool:
        processes = self._site.web.list_processes()
        if processes:
            kill(self._random.choice(processes))
        return bool(processes)

    def _strike_worker(self, worker: Service) -> bool:
        processes, render = worker.list_processes(), worker.find_render()
        if not processes or (render is None and self._kind != "worker"):
            return False
        job = self._site.find_job(worker) if render else None
        moment = datetime.now(UTC)
        if self._kind != "render":
            kill(processes[0])
        if render and self._kind != "worker":
            kill(render)
        if job:
            self.hits += 1
            self._recoveries.note(job, moment)
        return True


def kill(process: psutil.Process) -> None:
    """Send SIGKILL; ignore that the process has just ended."""
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
