"""Watch a site while its processes are killed: for orphans, and for slow recoveries."""

from __future__ import annotations

import time
from datetime import datetime
from threading import Event, Thread
from types import TracebackType
from typing import Self

import psutil

from chaos.client import Client
from chaos.reaper import is_alive, list_marked
from chaos.site import Site

ORPHAN_SECONDS = 2.0
_LOOK_SECONDS = 0.25
_TIMES = ("started_at", "ended_at")


class OrphanWatch:
    """Finds processes of a site that outlive their parent by more than `ORPHAN_SECONDS`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._known: set[psutil.Process] = set()
        self._orphaned: dict[psutil.Process, float] = {}
        self._found: dict[psutil.Process, str] = {}
        self._done = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    @property
    def found(self) -> list[str]:
        """Return the command lines of the orphans."""
        return list(self._found.values())

    def _watch(self) -> None:
        while not self._done.wait(_LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        """Look for orphans once: living processes of the site that are not our descendants.

        The mark in the environment finds processes that were started and orphaned between two
        looks. A program without that environment, such as ffmpeg, is known only if an earlier look
        saw it as a descendant.
        """
        below = set(psutil.Process().children(recursive=True))
        known = self._known | below | set(list_marked(self._site.mark))
        self._known = {process for process in known if is_alive(process)}
        now = time.monotonic()
        self._orphaned = {orphan: self._orphaned.get(orphan, now) for orphan in self._known - below}
        for orphan, since in self._orphaned.items():
            if now - since > ORPHAN_SECONDS and orphan not in self._found:
                self._found[orphan] = describe_process(orphan)


class RecoveryWatch:
    """Measures how long a job makes no progress after its render was killed."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._hit: dict[str, datetime] = {}
        self.seconds: list[float] = []

    @property
    def waiting(self) -> set[str]:
        """Return the jobs that have not resumed yet."""
        return set(self._hit)

    def note(self, job: str, moment: datetime) -> None:
        """Note that a job's render was killed."""
        self._look_at(job)
        if job in self._hit:  # it must have resumed unseen, or it could not have been killed again
            self.seconds.append((moment - self._hit[job]).total_seconds())
        self._hit[job] = moment

    def settle(self, seconds: float) -> None:
        """Wait until all jobs have resumed, or the time is up."""
        deadline = time.monotonic() + seconds
        while self._hit and time.monotonic() < deadline:
            self.look()
            time.sleep(_LOOK_SECONDS)

    def look(self) -> None:
        """Check which of the jobs have resumed."""
        for job in list(self._hit):
            self._look_at(job)

    def _look_at(self, job: str) -> None:
        status = self._client.find_status(job) if job in self._hit else None
        if status is None:
            return
        moment = self._hit[job]
        times = [datetime.fromisoformat(status[name]) for name in _TIMES if name in status]
        later = [time for time in times if time > moment]
        if later:
            self.seconds.append((min(later) - moment).total_seconds())
        if later or "ended_at" in status:  # it may have ended just before the kill
            del self._hit[job]


def describe_process(process: psutil.Process) -> str:
    """Return a process's id and command line; only the id if the process has ended."""
    try:
        return f"{process.pid} {' '.join(process.cmdline())}"
    except psutil.NoSuchProcess:
        return str(process.pid)
