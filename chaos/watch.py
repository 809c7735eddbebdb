"""Who watches while things are killed: for orphans, and for how soon a render goes on."""

from __future__ import annotations

import time
from datetime import datetime
from threading import Event, Thread
from types import TracebackType
from typing import Self

import psutil

from chaos.client import Client
from chaos.service import is_alive
from chaos.site import Site

ORPHAN_SECONDS = 2.0
_LOOK_SECONDS = 0.25
_TIMES = ("started_at", "ended_at")


class OrphanWatch:
    """Looks at all processes of a site, and remembers which outlived their parent for too long."""

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
        """Look once: what was ours, lives, and is no longer below us has lost its parent.

        The mark in the environment finds what was started and orphaned between two looks; a
        program that gets no environment, such as ffmpeg, is known as a descendant only.
        """
        below = set(psutil.Process().children(recursive=True))
        known = self._known | below | set(self._site.list_marked())
        self._known = {process for process in known if is_alive(process)}
        now = time.monotonic()
        self._orphaned = {orphan: self._orphaned.get(orphan, now) for orphan in self._known - below}
        for orphan, since in self._orphaned.items():
            if now - since > ORPHAN_SECONDS and orphan not in self._found:
                self._found[orphan] = describe_process(orphan)


class RecoveryWatch:
    """Measures how long a job stands still after its render was killed."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._hit: dict[str, datetime] = {}
        self.seconds: list[float] = []

    @property
    def waiting(self) -> set[str]:
        """Return the jobs that have not gone on yet."""
        return set(self._hit)

    def note(self, job: str, moment: datetime) -> None:
        """Note that a job's render was killed."""
        self._look_at(job)
        if job in self._hit:  # it had gone on unseen, or could not have been hit again
            self.seconds.append((moment - self._hit[job]).total_seconds())
        self._hit[job] = moment

    def settle(self, seconds: float) -> None:
        """Wait until all jobs have gone on, or the time is up."""
        deadline = time.monotonic() + seconds
        while self._hit and time.monotonic() < deadline:
            self.look()
            time.sleep(_LOOK_SECONDS)

    def look(self) -> None:
        """See which of the jobs have gone on."""
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
        if later or "ended_at" in status:  # it may have ended just before it could be hit
            del self._hit[job]


def describe_process(process: psutil.Process) -> str:
    """Return a process's id and command line, as far as they are still there."""
    try:
        return f"{process.pid} {' '.join(process.cmdline())}"
    except psutil.NoSuchProcess:
        return str(process.pid)
