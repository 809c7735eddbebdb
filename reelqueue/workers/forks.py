"""The forks of a worker that use the storage: the client's threads do not survive a fork."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.context import ForkProcess

from reelqueue.config import Settings
from reelqueue.errors import UnavailableError
from reelqueue.outages import OUTAGES
from reelqueue.services import Services, open_services
from reelqueue.upkeep.log_feed import open_feed
from reelqueue.upkeep.parts import start_upkeep
from reelqueue.upkeep.presence import Presence

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

FORK = multiprocessing.get_context("fork")


class Upkeep:
    """The process that does the upkeep, and announces the workers of these names."""

    def __init__(self, settings: Settings, worker_names: Sequence[str]) -> None:
        self._work = (settings, worker_names)
        self._process: ForkProcess | None = None

    def start_unless_alive(self) -> None:
        """Start the process, unless it runs."""
        if self._process is None or not self._process.is_alive():
            self._process = FORK.Process(target=run_upkeep, args=self._work, daemon=True)
            self._process.start()

    def end(self) -> None:
        """End the process."""
        if self._process:
            self._process.terminate()


def run_upkeep(settings: Settings, worker_names: Sequence[str]) -> None:
    """Do what the leader does if this process is it; announce workers, and publish their log.

    Ctrl-C is left to the workers.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # the parent of several workers blocks some
    services = open_services(settings)
    start_upkeep(services)
    publish_log = partial(open_feed(settings).watch, services.queue.control, worker_names[0])
    threading.Thread(target=publish_log, daemon=True).start()
    Presence(services, "worker", *worker_names).watch()


def run_in_fork(settings: Settings, call: Callable[[Services], None]) -> bool:
    """Call `call(services)` in a forked child; tell whether it raised nothing."""
    process = FORK.Process(target=_call, args=(settings, call))
    process.start()
    process.join()
    return process.exitcode == 0


def _call(settings: Settings, call: Callable[[Services], None]) -> None:
    try:
        call(open_services(settings))
    except UnavailableError:
        log.warning("a step of the worker failed", exc_info=True)
        sys.exit(1)
