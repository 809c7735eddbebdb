"""The worker loop: take jobs from RQ, high before default before low, and render them."""

from __future__ import annotations

import logging
import signal
import sys
import time
from itertools import chain, repeat

from redis.exceptions import RedisError
from rq.exceptions import StopRequested
from rq.job import Job as RQJob

from reelqueue.config import Settings
from reelqueue.errors import FINAL_ERRORS, RenderMemoryError, SettingsError
from reelqueue.outages import OUTAGES
from reelqueue.processes.exec import hide_process, kill_forks_with_parent
from reelqueue.queues.rq_job import count_attempts
from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.services import check_services
from reelqueue.workers.rq_worker import ReelWorker
from reelqueue.workers.stop_request import StopRequest

log = logging.getLogger(__name__)
for _name in (__name__, "rq.worker", "rq.scheduler"):
    logging.getLogger(_name).addFilter(OUTAGES)

RESTART_SECONDS = 1.0


def drop_useless_retries(job: RQJob, kind: type[BaseException], *_: object) -> bool:
    """Remove a job's retries if another attempt would only repeat the failure.

    This is an RQ exception handler: True lets RQ go on with the next one
    (https://python-rq.org/docs/exceptions/).
    """
    is_repeated = issubclass(kind, MemoryError | RenderMemoryError) and count_attempts(job) > 1
    if issubclass(kind, FINAL_ERRORS) or is_repeated:
        job.retries_left = 0
    return True


def run_worker(settings: Settings, *, burst: bool) -> None:
    """Render jobs from Redis until a signal says stop; with `burst`, until no job is left.

    Raises:
        SettingsError: if `REDIS_URL` is unset, or a setting is invalid.
    """
    if settings.redis_url is None:
        raise SettingsError(
            "REDIS_URL: a worker needs it; without it the web service renders the jobs itself."
        )
    check_services(settings)
    logging.basicConfig(level=settings.log_level, stream=sys.stderr)
    hide_process()
    kill_forks_with_parent()  # renders and the scheduler die with this worker
    find_ffmpeg()  # the search starts ffmpeg, so that it is not left to each render
    _work(settings, burst=burst)


def _work(settings: Settings, *, burst: bool) -> None:
    """Render until a signal says stop; while Redis is away, try again every second."""
    stop = StopRequest()

    def raise_stop(*_: object) -> None:
        stop.deadline = time.monotonic()
        raise StopRequested

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, raise_stop)  # until RQ installs its own handlers
    for pause in chain((0.0,), repeat(RESTART_SECONDS)):
        try:
            time.sleep(pause)
            worker = ReelWorker(settings, stop, exception_handlers=[drop_useless_retries])
            worker.work(burst=burst, with_scheduler=True, logging_level=settings.log_level)
        except StopRequested:
            return
        except RedisError:
            log.warning("Redis does not answer: trying again", exc_info=True)
        if burst or stop.is_asked:
            return
