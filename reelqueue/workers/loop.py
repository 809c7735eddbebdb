"""The worker: takes jobs from RQ, high before default before low, and renders them."""

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
from reelqueue.errors import FINAL_ERRORS, SettingsError
from reelqueue.processes.exec import kill_forks_with_parent
from reelqueue.queues.rq_job import count_attempts
from reelqueue.workers.rq_worker import ReelWorker, Stop

log = logging.getLogger(__name__)

RESTART_SECONDS = 1.0


def spare_hopeless_retries(job: RQJob, kind: type[BaseException], *_: object) -> bool:
    """Spend a job's retries where another attempt would only repeat the fault."""
    is_second = count_attempts(job) > 1
    if issubclass(kind, FINAL_ERRORS) or (issubclass(kind, MemoryError) and is_second):
        job.retries_left = 0
    return True


def run_worker(settings: Settings, *, burst: bool) -> None:
    """Render jobs from Redis until told to stop, with `burst` until none is left.

    Raises:
        SettingsError: if no Redis is set.
    """
    if settings.redis_url is None:
        raise SettingsError("REDIS_URL: a worker needs it; without it the web renders itself.")
    logging.basicConfig(level=settings.log_level, stream=sys.stderr)
    kill_forks_with_parent()  # renders and RQ's scheduler end with this worker, however it ends
    _work(settings, burst=burst)


def _work(settings: Settings, *, burst: bool) -> None:
    """Render until told to stop, whatever becomes of Redis meanwhile."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)  # RQ has its own as soon as Redis answers
    stop = Stop()
    for pause in chain((0.0,), repeat(RESTART_SECONDS)):
        try:
            time.sleep(pause)
            worker = ReelWorker(settings, stop, exception_handlers=[spare_hopeless_retries])
            worker.work(burst=burst, with_scheduler=True, logging_level=settings.log_level)
        except StopRequested:
            return
        except RedisError:
            log.warning("Redis does not answer: trying again", exc_info=True)
        if burst or stop.is_asked:
            return


def _leave(*_: object) -> None:
    raise StopRequested
