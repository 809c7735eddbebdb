"""RQ's worker, made to lose nothing: what `worker.py` runs."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.context import ForkProcess
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import InvalidJobOperation
from rq.executions import Execution
from rq.job import Job as RQJob
from rq.job import JobStatus
from rq.serializers import JSONSerializer
from rq.utils import now as utcnow
from rq.worker_registration import clean_worker_registry

from reelqueue.config import Settings
from reelqueue.jobs.model import TOO_LATE
from reelqueue.processes.children import NICENESS
from reelqueue.queues.redis import STORAGES_KEY
from reelqueue.queues.rq_job import (
    OLDER_TASKS,
    QUEUE_NAMES,
    TASK,
    ReelJob,
    forget_lapsed,
    open_rq_queue,
    read_live,
)
from reelqueue.services import Services, open_services
from reelqueue.upkeep.recovery import Holding, Recovery, end_failed, pass_on_killed
from reelqueue.upkeep.retention import Retention
from reelqueue.workers.attempt import run_job

log = logging.getLogger(__name__)

_FORK = multiprocessing.get_context("fork")

HEARTBEAT_SECONDS = 3
MAINTENANCE_SECONDS = 15
IDLE_SECONDS = 30


class RunnableJob(ReelJob):
    """An RQ job as a worker has it: it runs the one task and nothing else."""

    @property
    def func(self) -> Callable[..., Any]:
        """Return the task.

        Raises:
            PermissionError: if the job names anything else.
        """
        if self.func_name not in (TASK, *OLDER_TASKS.values()) or self.instance is not None:
            raise PermissionError(f"{self.func_name} is no task of Reelqueue")
        return run_job


@dataclass
class Stop:
    """Whether this process was told to stop, and until when its render may go on."""

    deadline: float | None = None

    @property
    def is_asked(self) -> bool:
        """Whether it was told to."""
        return self.deadline is not None

    @property
    def is_overdue(self) -> bool:
        """Whether the render should have ended by now."""
        return self.deadline is not None and time.monotonic() > self.deadline


class ReelWorker(Worker):
    """RQ's worker, which neither loses a job nor leaves one without its end.

    The storage's threads do not survive a fork. The worker itself, which forks every render, must
    never start them, and so has other processes read and write the ledger.
    """

    max_connection_wait_time = 4  # seconds between two looks for a Redis that is away

    def __init__(self, settings: Settings, stop: Stop, **options: Any) -> None:
        self._settings = settings
        self._stop = stop
        self._watch: ForkProcess | None = None
        super().__init__(
            [open_rq_queue(name, connect_worker(settings)) for name in QUEUE_NAMES],
            job_class=RunnableJob,
            serializer=JSONSerializer,
            job_monitoring_interval=HEARTBEAT_SECONDS,
            maintenance_interval=MAINTENANCE_SECONDS,
            worker_ttl=IDLE_SECONDS,
            **options,
        )

    def handle_job_failure(self, job: RQJob, queue: Queue, *rest: Any, **options: Any) -> None:
        """Let RQ retry or fail a job whose render said what is wrong; pass on one that was killed.

        A job that is not tried again gets its outcome.
        """
        if _is_deleted(job):  # it was cancelled while we took it: RQ must not bring it back to life
            self._let_go(job, options["execution"])
            return
        job.get_meta()  # the render wrote its progress there; RQ would save this older copy over it
        is_late = _is_late(job)
        if is_late:
            job.retries_left = 0
        elif not self.is_horse and self._stopped_job_id != job.id:
            self._pass_on(job, options["execution"])
            return
        super().handle_job_failure(job, queue, *rest, **options)
        if job.get_status() not in (JobStatus.FAILED, JobStatus.STOPPED):
            return
        error = TOO_LATE if is_late else None
        end = partial(end_failed, holding=Holding(*job.args), live=read_live(job), error=error)
        if self.is_horse:
            end(open_services(self._settings))
        else:
            run_aside(self._settings, end)

    def _pass_on(self, job: RQJob, execution: Execution) -> None:
        """Give a job whose render was killed to the next worker; if that fails, recovery will."""
        spent = not self._stop.is_asked
        give = partial(pass_on_killed, holding=Holding(*job.args), live=read_live(job), spent=spent)
        is_done = run_aside(self._settings, give)
        if is_done:
            with suppress(InvalidJobOperation):  # it is gone already
                job.delete()
        self._let_go(job, execution)

    def _let_go(self, job: RQJob, execution: Execution) -> None:
        """End an execution, and delete what was written of its job after the job itself."""
        with self.connection.pipeline() as pipeline:
            self.cleanup_execution(job, pipeline=pipeline, execution=execution)
            pipeline.execute()
        if _is_deleted(job):
            self.connection.delete(job.key)

    def check_for_suspension(self, burst: bool) -> None:
        """Take no more jobs once told to stop, also if that was while Redis was away."""
        self._stop_requested = self._stop_requested or self._stop.is_asked
        super().check_for_suspension(burst)

    def handle_warm_shutdown_request(self) -> None:
        """Give a render that runs its time to end; after that, somebody else gets the job."""
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
        self._stop.deadline = time.monotonic() + self._settings.drain_seconds
        patience = threading.Timer(self._settings.drain_seconds, self.kill_horse)
        patience.daemon = True
        patience.start()

    def set_shutdown_requested_date(self) -> None:
        """Tell the dashboard; a Redis that is away does not keep the worker from stopping."""
        with suppress(RedisError):
            super().set_shutdown_requested_date()  # type: ignore[no-untyped-call]  # as above

    def request_force_stop(self, *_: object) -> None:
        """End the render at once when told to stop for the second time."""
        self.kill_horse()

    def kill_horse(self, sig: signal.Signals = signal.SIGKILL) -> None:
        """End the render and all its children, if there is one.

        Just forked, it may be in our own process group still, which must not be ended.
        """
        pid = self.horse_pid
        with suppress(ProcessLookupError):
            if pid and os.getpgid(pid) == pid:
                os.killpg(pid, sig)
            elif pid:
                os.kill(pid, sig)

    def main_work_horse(self, job: RQJob, queue: Queue) -> None:
        """Render, leaving the processor to whatever serves users on this machine."""
        os.nice(NICENESS)
        super().main_work_horse(job, queue)

    def get_heartbeat_ttl(self, job: RQJob, working_time: float = 0.0) -> int:  # noqa: ARG002  # RQ's
        """Return after how many seconds without a heartbeat a job is taken from this worker."""
        return 3 * HEARTBEAT_SECONDS

    def clean_registries(self) -> None:
        """Let Redis forget what has ended long ago.

        RQ would also take jobs from workers that are gone. `reelqueue.upkeep.recovery` does that:
        it spends no attempt and cannot lose a job on the way.
        """
        for queue in self.queues:
            queue.finished_job_registry.cleanup()
            queue.failed_job_registry.cleanup()
            forget_lapsed(queue)
            clean_worker_registry(queue)
        self.last_cleaned_at = utcnow()  # type: ignore[assignment]  # RQ declares None

    def run_maintenance_tasks(self) -> None:
        """See to it that lost jobs are looked for, while this worker waits for work."""
        self._keep_watch()
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call]  # RQ leaves it untyped

    def maintain_heartbeats(self, job: RQJob, execution: Execution) -> None:
        """Say that this worker still renders; a Redis that is away does not end the render."""
        self._keep_watch()
        if _is_late(job) or self._stop.is_overdue:
            self.kill_horse()
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
        run_aside(self._settings, partial(announce_storage, worker_name=self.name))

    def teardown(self) -> None:
        """Leave nothing running, also where Redis is away and cannot be told."""
        if self._watch:
            self._watch.terminate()
        try:
            super().teardown()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
        except RedisError:
            if self.pubsub_thread:
                self.pubsub_thread.stop()
            raise

    def register_death(self) -> None:
        """Leave the list of workers, and what the doctor knew of this one."""
        super().register_death()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
        self.connection.hdel(STORAGES_KEY, self.name)


def watch_for_lost(settings: Settings) -> None:
    """Look for lost jobs and for old files; the worker's signals are not for this process."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    services = open_services(settings)
    threading.Thread(target=Retention(services).watch, daemon=True).start()
    Recovery(services).watch()


def run_aside(settings: Settings, call: Callable[[Services], None]) -> bool:
    """Have a process of its own make a call with the services; tell whether that went well."""
    process = _FORK.Process(target=lambda: call(open_services(settings)))
    process.start()
    process.join()
    return process.exitcode == 0


def announce_storage(services: Services, worker_name: str) -> None:
    """Write down which storage this worker sees."""
    storage_id = services.store.identify()
    connect_worker(services.settings).hset(STORAGES_KEY, worker_name, storage_id)


def _is_deleted(job: RQJob) -> bool:
    """Tell whether Redis has forgotten a job; signs of life may have been written there since."""
    try:
        job.get_status()
    except InvalidJobOperation:
        return True
    return False


def _is_late(job: RQJob) -> bool:
    """Tell whether a job has used up its time."""
    age = (utcnow() - job.started_at).total_seconds() if job.started_at else 0.0
    return age >= float(job.timeout or 0)


def connect_worker(settings: Settings) -> Redis:
    """Connect without a socket limit of our own: RQ sets one above the time it waits for jobs."""
    return Redis.from_url(str(settings.redis_url), socket_connect_timeout=5)
