"""Several workers under one parent, which starts each again when it ends.

The parent forks them, so they share the memory of all that it has imported. They also share one
upkeep process. All of them die with the parent.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.context import ForkProcess

from reelqueue.processes.children import reap_orphans
from reelqueue.upkeep.presence import name_process
from reelqueue.workers.forks import FORK, run_upkeep
from reelqueue.workers.loop import RECYCLED, WorkerOptions, prepare_process, work
from reelqueue.workers.stop_request import STOP_SIGNALS

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
STABLE_SECONDS = 60.0
"""A process that lived for so long and then died is started again at once."""
_STEP_SECONDS = 1.0
_SIGNALS = (*STOP_SIGNALS, signal.SIGCHLD)


def run_workers(options: WorkerOptions, processes: int) -> int:
    """Run so many workers until a signal says stop; return the exit code.

    Raises:
        SettingsError: if `REDIS_URL` is unset, or a setting is invalid.
    """
    prepare_process(options.settings)
    if processes > 1 or options.settings.worker_max_jobs:
        return Pool(options, processes).run()
    work(options)
    return 0


@dataclass
class _Place:
    """What one of the processes does, and how it went so far.

    `code` is the exit code of the latest process. The next may start at `due`, a time of
    `time.monotonic()`.
    """

    name: str
    call: Callable[[], int | None]
    process: ForkProcess | None = None
    code: int = 0
    started: float = 0.0
    pause: float = 0.0
    due: float = 0.0

    def start(self) -> None:
        """Start the process."""
        self.started = time.monotonic()
        self.process = FORK.Process(target=_run, args=(self.call,), name=self.name)
        self.process.start()

    def note_end(self, code: int) -> None:
        """Note that the process has ended; if it died soon after its start, the next must wait."""
        self.process, self.code = None, code
        lived = time.monotonic() - self.started
        if code in (0, RECYCLED):
            self.pause = 0.0
        else:
            longer = min(2 * self.pause or FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
            self.pause = 0.0 if lived > STABLE_SECONDS else longer
            log.error("%s died (%s): it starts again in %g s", self.name, code, self.pause)
        self.due = time.monotonic() + self.pause


class Pool:
    """Workers, and the upkeep that they share."""

    def __init__(self, options: WorkerOptions, processes: int) -> None:
        own = name_process()
        names = [f"{own}.{number}" for number in range(1, processes + 1)]
        self._workers = [_Place(name, partial(work, options, name)) for name in names]
        self._upkeep = _Place("upkeep", partial(run_upkeep, options.settings, names))
        self._is_burst = options.burst
        self._is_stopping = False

    def run(self) -> int:
        """Keep the workers running until a signal says stop; return the exit code.

        Each stop signal is passed on, so a second one ends the renders at once.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            while self._start_due():
                received = signal.sigtimedwait(_SIGNALS, _STEP_SECONDS)
                if received and received.si_signo in STOP_SIGNALS:
                    self._stop_workers()
                self._note_ends()
        finally:
            for process in self._list_processes():
                process.kill()
                process.join()
        return int(any(worker.code not in (0, RECYCLED) for worker in self._workers))

    def _start_due(self) -> bool:
        """Start what should run and does not; tell whether there is a worker to wait for."""
        wanted = [worker for worker in self._workers if self._is_wanted(worker)]
        for place in (*wanted, self._upkeep) if wanted else ():
            if place.process is None and time.monotonic() >= place.due:
                place.start()
        return bool(wanted)

    def _is_wanted(self, worker: _Place) -> bool:
        has_emptied = self._is_burst and worker.started > 0 and worker.code == 0
        return worker.process is not None or not (self._is_stopping or has_emptied)

    def _stop_workers(self) -> None:
        self._is_stopping = True
        for worker in self._workers:
            if worker.process:
                os.kill(worker.process.pid or 0, signal.SIGTERM)
            else:
                worker.code = 0  # it waited for its next start

    def _note_ends(self) -> None:
        for place in (*self._workers, self._upkeep):
            code = place.process.exitcode if place.process else None
            if code is not None:
                place.note_end(code)
        reap_orphans({process.pid or 0 for process in self._list_processes()})

    def _list_processes(self) -> list[ForkProcess]:
        places = (*self._workers, self._upkeep)
        return [place.process for place in places if place.process]


def _run(call: Callable[[], int | None]) -> None:
    """Do the work of a place, apart from the terminal: its Ctrl-C goes to the parent alone."""
    os.setpgid(0, 0)
    raise SystemExit(call())
