"""The forks of a worker that use the storage: the client's threads do not survive a fork."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable

from reelqueue.config import Settings
from reelqueue.errors import UnavailableError
from reelqueue.outages import OUTAGES
from reelqueue.services import Services, open_services
from reelqueue.upkeep.presence import Presence
from reelqueue.upkeep.recovery import Recovery
from reelqueue.upkeep.retention import Retention

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

FORK = multiprocessing.get_context("fork")


def run_upkeep(settings: Settings, worker_name: str) -> None:
    """Recover lost runs, delete old files and announce the worker, without end.

    Ctrl-C is left to the worker.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    services = open_services(settings)
    presence = Presence(services, "worker", worker_name)
    for watch in (Retention(services).watch, presence.watch):
        threading.Thread(target=watch, daemon=True).start()
    Recovery(services).watch()


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
