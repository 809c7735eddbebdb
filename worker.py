"""The worker: takes jobs from RQ, high before default before low, and renders them.

`python worker.py` runs until it is told to stop; start as many as there are cores to spare.
"""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.context import ForkProcess
from typing import Any

import click
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.executions import Execution
from rq.job import Job as RQJob
from rq.job import JobStatus
from rq.serializers import JSONSerializer
from rq.utils import current_timestamp
from rq.utils import now as utcnow
from rq.worker_registration import clean_worker_registry

from reelqueue.children import NICENESS
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
from reelqueue.recovery import Recovery
from reelqueue.services import open_services
from reelqueue.storage import open_store
from tasks import FINAL_ERRORS

log = logging.getLogger(__name__)

_FORK = multiprocessing.get_context("fork")

HEARTBEAT_SECONDS = 3
MAINTENANCE_SECONDS = 15
IDLE_SECONDS = 30
LAPSED_SECONDS = 60
"""So long after its last heartbeat, nobody asks any more who had a job."""
PRELOADED = ("reelqueue.render.slideshow", "reelqueue.render.clip")
"""Loaded once here, so that no render has to."""


class ReelWorker(Worker):
    """RQ's worker, which also writes down the end of a render that could not do so itself."""

    def __init__(self, settings: Settings, **options: Any) -> None:
        self._settings = settings
        self._watch: ForkProcess | None = None
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

    def main_work_horse(self, job: RQJob, queue: Queue) -> None:
        """Render, leaving the processor to whatever serves users on this machine."""
        os.nice(NICENESS)
        super().main_work_horse(job, queue)

    def get_heartbeat_ttl(self, job: RQJob, working_time: float = 0.0) -> int:  # noqa: ARG002  # RQ's
        """Return after how many seconds without a heartbeat a job is taken from this worker."""
        return 3 * HEARTBEAT_SECONDS

    def clean_registries(self) -> None:
        """Let Redis forget what has ended long ago.

        RQ would also take jobs from workers that are gone: that is for `reelqueue.recovery`, which
        takes no attempt from them and cannot lose them on the way.
        """
        for queue in self.queues:
            queue.finished_job_registry.cleanup()
            queue.failed_job_registry.cleanup()
            lapsed = current_timestamp() - LAPSED_SECONDS
            self.connection.zremrangebyscore(queue.started_job_registry.key, 0, lapsed)
            clean_worker_registry(queue)
        self.last_cleaned_at = utcnow()  # type: ignore[assignment]  # RQ declares None

    def run_maintenance_tasks(self) -> None:
        """See to it that lost jobs are looked for, while this worker waits for work."""
        self._keep_watch()
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call]  # RQ leaves it untyped

    def maintain_heartbeats(self, job: RQJob, execution: Execution) -> None:
        """Say that this worker still renders; a Redis that is away does not end the render."""
        self._keep_watch()
        try:
            super().maintain_heartbeats(job, execution)
        except RedisError:
            log.warning("job %s: no sign of life could be given", job.id, exc_info=True)

    def _keep_watch(self) -> None:
        """Have a process of its own look for lost jobs, as it speaks to the storage."""
        if self._watch is None or not self._watch.is_alive():
            self._watch = _FORK.Process(target=watch_for_lost, args=(self._settings,), daemon=True)
            self._watch.start()

    def register_birth(self) -> None:
        """Let the doctor know which storage this worker sees."""
        super().register_birth()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
        run_aside(announce_storage, self._settings, self.name)

    def register_death(self) -> None:
        """Leave the list of workers, and what the doctor knew of this one."""
        super().register_death()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
        self.connection.hdel(STORAGES_KEY, self.name)


def watch_for_lost(settings: Settings) -> None:
    """Look for lost jobs for ever; the worker's signals are not for this process."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Recovery(open_services(settings)).watch()


def run_aside(call: Callable[..., None], *arguments: Any) -> None:
    """Call a function in a process of its own and wait for its end."""
    process = _FORK.Process(target=call, args=arguments)
    process.start()
    process.join()


def announce_storage(settings: Settings, worker_name: str) -> None:
    """Write down which storage this worker sees."""
    storage_id = open_store(settings.storage_url).identify()
    connect_worker(settings).hset(STORAGES_KEY, worker_name, storage_id)


def write_failure(settings: Settings, job: RQJob, error: str) -> None:
    """Write the outcome of a job that RQ has given up, unless it has one."""
    job_id, run, takeovers = job.args
    ledger = open_services(settings).ledger
    record = ledger.read(job_id)
    if (record.run, record.takeovers) != (run, takeovers):
        return  # somebody else has it
    live = Live.model_validate(job.get_meta() or {})
    ledger.end(
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
