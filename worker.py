"""The worker: takes jobs from RQ, high before default before low, and renders them.

`python worker.py` runs until it is told to stop; start as many as there are cores to spare.
"""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import sys
from collections.abc import Callable
from typing import Any

import click
from redis import Redis
from rq import Queue, Worker
from rq.job import Job as RQJob
from rq.job import JobStatus
from rq.serializers import JSONSerializer
from rq.utils import now as utcnow

from reelqueue.config import Settings
from reelqueue.errors import SettingsError
from reelqueue.jobs import GIVEN_UP, TOO_LATE, Live, Outcome, Status, now
from reelqueue.launch import bind_forks
from reelqueue.queues.redis import (
    QUEUE_NAMES,
    STORAGES_KEY,
    ReelJob,
    count_attempts,
    open_rq_queue,
)
from reelqueue.services import open_services
from reelqueue.storage import open_store
from tasks import FINAL_ERRORS

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 5
MAINTENANCE_SECONDS = 15
IDLE_SECONDS = 30
PRELOADED = ("reelqueue.render.slideshow", "reelqueue.render.clip")
"""Loaded once here, so that no render has to."""


class ReelWorker(Worker):
    """RQ's worker, which also writes down the end of a render that could not do so itself."""

    def __init__(self, settings: Settings, **options: Any) -> None:
        self._settings = settings
        super().__init__(
            [open_rq_queue(name, connect_worker(settings)) for name in QUEUE_NAMES],
            job_class=ReelJob,
            serializer=JSONSerializer,
            **options,
        )

    def handle_job_failure(self, job: RQJob, queue: Queue, *rest: Any, **options: Any) -> None:
        """Let RQ retry or fail the job; a job that is not retried gets its outcome.

        The storage's threads do not survive a fork. The worker itself, which forks every render,
        must never start them, and so has another process write.
        """
        job.get_meta()  # the render wrote its progress there; RQ would save this older copy over it
        error = GIVEN_UP
        if job.started_at and (utcnow() - job.started_at).total_seconds() >= float(
            job.timeout or 0
        ):
            job.retries_left, error = 0, TOO_LATE
        super().handle_job_failure(job, queue, *rest, **options)
        if job.get_status() not in (JobStatus.FAILED, JobStatus.STOPPED):
            return
        if self.is_horse:
            write_failure(self._settings, job, error)
        else:
            run_aside(write_failure, self._settings, job, error)

    def register_birth(self) -> None:
        """Let the doctor know which storage this worker sees."""
        super().register_birth()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
        run_aside(announce_storage, self._settings, self.name)

    def register_death(self) -> None:
        """Leave the list of workers, and what the doctor knew of this one."""
        super().register_death()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
        self.connection.hdel(STORAGES_KEY, self.name)


def run_aside(call: Callable[..., None], *arguments: Any) -> None:
    """Call a function in a process of its own and wait for its end."""
    process = multiprocessing.get_context("fork").Process(target=call, args=arguments)
    process.start()
    process.join()


def announce_storage(settings: Settings, worker_name: str) -> None:
    """Write down which storage this worker sees."""
    storage_id = open_store(settings.storage_url).identify()
    connect_worker(settings).hset(STORAGES_KEY, worker_name, storage_id)


def write_failure(settings: Settings, job: RQJob, error: str) -> None:
    """Write the outcome of a job that RQ has given up, unless it has one."""
    job_id, run = job.args
    live = Live.model_validate(job.get_meta() or {})
    open_services(settings).ledger.end(
        job_id,
        run,
        Outcome(
            status=Status.FAILED,
            ended_at=now(),
            started_at=live.started_at,
            attempts=live.attempts or count_attempts(job),
            progress=live.progress,
            error=error,
        ),
    )


def connect_worker(settings: Settings) -> Redis:
    """Connect without a socket limit of our own: RQ sets one above the time it waits for jobs."""
    return Redis.from_url(str(settings.redis_url), socket_connect_timeout=5)


def spare_hopeless_retries(job: RQJob, kind: type[BaseException], *_: object) -> bool:
    """Spend a job's retries where another attempt would only repeat the fault."""
    if issubclass(kind, FINAL_ERRORS):
        job.retries_left = 0
    return True


@click.command()
@click.option("--burst", is_flag=True, help="End when no job is left.")
def main(burst: bool) -> None:
    """Render jobs from Redis until told to stop."""
    try:
        settings = Settings.from_env()
        if settings.redis_url is None:
            raise SettingsError("REDIS_URL: a worker needs it; without it the web renders itself.")
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    logging.basicConfig(level=settings.log_level, stream=sys.stderr)
    bind_forks()  # renders and RQ's scheduler end with this worker, however it ends
    for module in PRELOADED:
        importlib.import_module(module)
    worker = ReelWorker(
        settings,
        exception_handlers=[spare_hopeless_retries],
        job_monitoring_interval=HEARTBEAT_SECONDS,
        maintenance_interval=MAINTENANCE_SECONDS,
        worker_ttl=IDLE_SECONDS,
    )
    worker.work(burst=burst, with_scheduler=True, logging_level=settings.log_level)


if __name__ == "__main__":
    main()
