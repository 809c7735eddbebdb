"""The worker loop: take jobs from RQ, one queue before the next, and render them."""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from redis.exceptions import RedisError
from rq.exceptions import StopRequested
from rq.job import Job as RQJob

from reelqueue.config import Settings
from reelqueue.errors import FINAL_ERRORS, RenderMemoryError, SettingsError
from reelqueue.jobs.priorities import QUEUE_NAMES
from reelqueue.outages import OUTAGES
from reelqueue.processes.exec import hide_process, kill_forks_with_parent
from reelqueue.queues.rq_job import count_attempts
from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.services import check_services
from reelqueue.upkeep.log_feed import open_feed
from reelqueue.workers.attempt import open_ahead
from reelqueue.workers.rq_worker import ReelWorker
from reelqueue.workers.stop_request import STOP_SIGNALS, StopRequest

log = logging.getLogger(__name__)
for _name in (__name__, "rq.worker", "rq.scheduler"):
    logging.getLogger(_name).addFilter(OUTAGES)

RESTART_SECONDS = 1.0
RECYCLED = 3
"""The exit code of a worker that has done its jobs, and wants a new process in its place."""


def drop_useless_retries(job: RQJob, kind: type[BaseException], *_: object) -> bool:
    """Remove a job's retries if another attempt would only repeat the failure.

    This is an RQ exception handler: True lets RQ go on with the next one
    (https://python-rq.org/docs/exceptions/).
    """
    is_repeated = issubclass(kind, MemoryError | RenderMemoryError) and count_attempts(job) > 1
    if issubclass(kind, FINAL_ERRORS) or is_repeated:
        job.retries_left = 0
    return True


@dataclass(frozen=True)
class WorkerOptions:
    """What workers do: with `burst` they end when no job is left in these queues."""

    settings: Settings
    burst: bool = False
    queue_names: Sequence[str] = tuple(QUEUE_NAMES)


def prepare_process(settings: Settings) -> None:
    """Check the settings, and prepare this process for workers.

    Raises:
        SettingsError: if `REDIS_URL` is unset, or a setting is invalid.
    """
    if settings.redis_url is None:
        raise SettingsError(
            "REDIS_URL: a worker needs it; without it the web service renders the jobs itself."
        )
    check_services(settings)
    logging.basicConfig(level=settings.log_level, stream=sys.stderr)
    open_feed(settings)
    hide_process()
    kill_forks_with_parent()  # what a worker starts dies with it
    find_ffmpeg()  # the search starts ffmpeg, so that it is not left to each render
    open_ahead()


def work(options: WorkerOptions, name: str | None = None) -> int:
    """Render jobs until a signal says stop; while Redis is away, try again every second.

    Args:
        options: what to do.
        name: of this worker, whose parent does the upkeep; None for a worker on its own.

    Returns:
        The exit code: `RECYCLED` after `WORKER_MAX_JOBS` jobs.
    """
    stop = StopRequest()
    settings, limit = options.settings, options.settings.worker_max_jobs

    def raise_stop(*_: object) -> None:
        stop.deadline = time.monotonic()
        raise StopRequested

    for number in STOP_SIGNALS:
        signal.signal(number, raise_stop)  # until RQ installs its own handlers
    for pause in chain((0.0,), repeat(RESTART_SECONDS)):
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, ())  # the parent of several blocks some
            time.sleep(pause)
            handlers = [drop_useless_retries]
            worker = ReelWorker(
                settings, stop, options.queue_names, name, exception_handlers=handlers
            )
            worker.work(
                burst=options.burst,
                with_scheduler=True,
                logging_level=settings.log_level,
                max_jobs=limit or None,
            )
            if limit and worker.jobs_done >= limit:
                return RECYCLED
        except StopRequested:
            return 0
        except RedisError:
            log.warning("Redis does not answer: trying again", exc_info=True)
        if options.burst or stop.is_asked:
            return 0
    raise AssertionError("this loop has no end")
