"""A worker that is killed at a crash point.

It is the real worker with one wrapped function. Before or after the call of that function, the
worker and the calling process are killed.
"""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable
from typing import Any

from rq import Queue

from reelqueue.cli.commands import worker
from reelqueue.jobs.ledger import Ledger
from reelqueue.workers import attempt
from reelqueue.workers.rq_worker import ReelWorker

POINTS: dict[str, tuple[Any, str]] = {
    "pop": (Queue, "dequeue_any"),
    "registry": (ReelWorker, "prepare_execution"),
    "start": (ReelWorker, "prepare_job_execution"),
    "commit": (attempt, "_store_output"),
    "outcome": (Ledger, "end"),
    "cleanup": (ReelWorker, "cleanup_execution"),
}
MOMENTS = ("before", "after")


def work_until(point: str, moment: str) -> None:
    """Be a worker that is killed before or after a crash point."""
    arm(point, moment)
    worker([])


def crash(worker_id: int) -> None:
    """Kill the worker, and this process if it is a child of the worker."""
    os.kill(worker_id, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str, moment: str) -> None:
    """Wrap the function at a crash point of this process, the worker."""
    worker_id = os.getpid()
    owner, name = POINTS[point]
    original: Callable[..., Any] = getattr(owner, name)

    @functools.wraps(original)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        if moment == "before":
            crash(worker_id)
        result = original(*arguments, **options)
        if result is not None or point != "pop":  # which returns nothing where nothing waits
            crash(worker_id)
        return result

    setattr(owner, name, wrapped)
