"""RQ's worker, changed so that it loses no job: https://python-rq.org/docs/workers/."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from multiprocessing import active_children
from typing import Any

from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import InvalidJobOperation, StopRequested
from rq.executions import Execution
from rq.job import Job as RQJob
from rq.job import JobStatus
from rq.serializers import JSONSerializer
from rq.suspension import is_suspended
from rq.utils import now as utcnow
from rq.worker import WorkerStatus
from rq.worker_registration import register

from reelqueue.config import Settings
from reelqueue.errors import TOOK_TOO_LONG
from reelqueue.jobs.attempt_log import describe_fault
from reelqueue.jobs.model import RunClaim
from reelqueue.jobs.priorities import QUEUE_NAMES
from reelqueue.outages import OUTAGES
from reelqueue.processes.children import NICENESS, reap_orphans
from reelqueue.processes.workspace import sweep_workspaces
from reelqueue.queues.redis_connection import connect_worker
from reelqueue.queues.redis_presence import forget_service
from reelqueue.queues.rq_heartbeats import HEARTBEAT_SECONDS, LEASE_SECONDS
from reelqueue.queues.rq_job import is_deleted, is_late, open_rq_queue, read_live
from reelqueue.services import open_services
from reelqueue.upkeep.presence import Presence
from reelqueue.upkeep.recovery import fail_run, requeue_killed_run
from reelqueue.workers.forks import Upkeep, run_in_fork
from reelqueue.workers.registries import Registries
from reelqueue.workers.runnable_job import RunnableJob
from reelqueue.workers.scheduler import ReelScheduler
from reelqueue.workers.stop_request import StopRequest

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)
MAINTENANCE_SECONDS = 15
IDLE_SECONDS = 30
WAIT_SECONDS = 5


class ReelWorker(Worker):
    """An RQ worker that loses no job, and ends each with an outcome.

    This process forks for every render, and the storage client's threads do not survive a fork. So
    this process opens the storage, but never uses it: forked children read and write the ledger.
    """

    max_connection_wait_time = 4  # seconds between two attempts to reach Redis

    def __init__(
        self,
        settings: Settings,
        stop: StopRequest,
        queue_names: Sequence[str] = QUEUE_NAMES,
        name: str | None = None,
        **options: Any,
    ) -> None:
        """Make a worker.

        Args:
            settings: of the service.
            stop: says when to stop.
            queue_names: the queues to empty, in this order.
            name: a name of its own, which an earlier process may have had; its parent does the
                upkeep then. None: RQ chooses one.
            options: for RQ.
        """
        self.jobs_done = 0
        self._settings = settings
        self._stop = stop
        connections = {queue: connect_worker(settings) for queue in QUEUE_NAMES}
        self._all_queues = [open_rq_queue(*each) for each in connections.items()]
        self._registries = Registries(self._all_queues)
        super().__init__(
            [open_rq_queue(queue, connections[queue]) for queue in queue_names],
            name=name,
            job_class=RunnableJob,
            serializer=JSONSerializer,
            job_monitoring_interval=HEARTBEAT_SECONDS,
            maintenance_interval=MAINTENANCE_SECONDS,
            worker_ttl=IDLE_SECONDS,
            **options,
        )
        self._upkeep = None if name else Upkeep(settings, [self.name])

    def handle_job_failure(self, job: RQJob, queue: Queue, *rest: Any, **options: Any) -> None:
        """Let RQ retry or fail a job whose render raised; requeue one whose render was killed.

        A job that is not tried again gets its outcome. (RQ's "horse" is the forked render.)
        """
        fault = sys.exception()
        if fault:
            options["exc_string"] = describe_fault(fault)
        if is_deleted(job):  # cancelled while we took it; RQ would write it to Redis again
            self._release_job(job, options["execution"])
            return
        job.get_meta()  # the render wrote progress there; RQ would overwrite it with our old copy
        was_late = is_late(job)
        if was_late:
            job.retries_left = 0
        elif not self.is_horse and self._stopped_job_id != job.id:
            self._requeue_run(job, options["execution"])
            return
        super().handle_job_failure(job, queue, *rest, **options)
        if job.get_status() not in (JobStatus.FAILED, JobStatus.STOPPED):
            return
        error = TOOK_TOO_LONG if was_late else None
        fail = partial(fail_run, claim=RunClaim(*job.args), live=read_live(job), error=error)
        if self.is_horse:
            fail(open_services(self._settings))
        else:
            run_in_fork(self._settings, fail)

    def _requeue_run(self, job: RQJob, execution: Execution) -> None:
        """Requeue a job whose render was killed; if that fails, recovery will do it."""
        requeue = partial(
            requeue_killed_run,
            claim=RunClaim(*job.args),
            live=read_live(job),
            is_attempt=not self._stop.is_asked,
        )
        if run_in_fork(self._settings, requeue):
            with suppress(InvalidJobOperation):  # it was deleted already
                job.delete()
        self._release_job(job, execution)

    def _release_job(self, job: RQJob, execution: Execution) -> None:
        """End an execution; if its job was deleted, delete what was written for it since."""
        with self.connection.pipeline() as pipeline:
            self.cleanup_execution(job, pipeline=pipeline, execution=execution)
            pipeline.execute()
        if is_deleted(job) and self.connection.ttl(job.key) < 0:  # else recovery needs its progress
            self.connection.delete(job.key)

    def check_for_suspension(self, burst: bool) -> None:
        """Wait while suspended; take no more jobs after a stop signal, even one without Redis."""
        self._look_after_children()
        with suppress(OSError):  # renders tell of it
            sweep_workspaces()  # here, so that the next render begins at once
        self._stop_requested = self._stop_requested or self._stop.is_asked
        super().check_for_suspension(burst)

    def handle_warm_shutdown_request(self) -> None:
        """Give a running render `DRAIN_SECONDS` to end; then kill it and requeue its job."""
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
        self._stop.deadline = time.monotonic() + self._settings.drain_seconds
        timer = threading.Timer(self._settings.drain_seconds, self.kill_horse)
        timer.daemon = True
        timer.start()

    def set_shutdown_requested_date(self) -> None:
        """Tell the dashboard that this worker stops, which it also does without Redis."""
        with suppress(RedisError):
            super().set_shutdown_requested_date()  # type: ignore[no-untyped-call]  # as above

    def request_force_stop(self, *_: object) -> None:
        """Kill the render at once: a second stop signal came."""
        self.kill_horse()

    def kill_horse(self, sig: signal.Signals = signal.SIGKILL) -> None:
        """Kill the render, if there is one, with all its children.

        Right after the fork it may still be in our own process group, which must not be killed.
        """
        pid = self.horse_pid
        with suppress(ProcessLookupError):
            if pid and os.getpgid(pid) == pid:
                os.killpg(pid, sig)
            elif pid:
                os.kill(pid, sig)

    def prepare_job_execution(self, job: RQJob, *rest: Any, **options: Any) -> None:
        """Tell Redis that a render begins, then lower its priority: the web must stay fast.

        A busy machine would let it wait for each answer of Redis if the priority were low before.
        """
        super().prepare_job_execution(job, *rest, **options)
        os.nice(NICENESS)

    def execute_job(self, job: RQJob, queue: Queue) -> None:
        """Have a job rendered, and count it."""
        super().execute_job(job, queue)
        self.jobs_done += 1

    def get_heartbeat_ttl(self, job: RQJob, working_time: float = 0.0) -> int:  # noqa: ARG002  # RQ's
        """Return the seconds without a heartbeat after which this worker loses its job."""
        return LEASE_SECONDS

    def clean_registries(self) -> None:
        """Delete old entries from RQ's registries.

        RQ's own method also fails or retries the jobs of dead workers. Here
        `reelqueue.upkeep.recovery` requeues them: that counts no attempt, and loses no job if it is
        interrupted.
        """
        self._registries.clean()
        self.last_cleaned_at = utcnow()  # type: ignore[assignment]  # RQ declares None

    def _start_scheduler(self, burst: bool = False, *rest: Any, **options: Any) -> None:
        """Start a scheduler that outlives an outage of Redis; a burst needs it only once."""
        if burst:
            super()._start_scheduler(burst, *rest, **options)
            return
        self.scheduler = ReelScheduler(
            self._all_queues,
            connection=self.connection,
            logging_level=self._settings.log_level,
            serializer=self.serializer,
        )
        self.scheduler.acquire_locks(auto_start=True)  # type: ignore[no-untyped-call]  # as above

    @property
    def dequeue_timeout(self) -> int:
        """Seconds of one wait for a job; after each there is a heartbeat."""
        return WAIT_SECONDS

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Tell Redis that this worker lives.

        Raises:
            StopRequested: if a signal said so while no job was rendered. RQ raises it at the signal
                itself, but Python ignores what is raised while an object is deleted.
        """
        if self._stop.is_asked and self.get_state() is WorkerStatus.IDLE:
            raise StopRequested
        super().heartbeat(timeout, pipeline)
        if not self.connection.sismember(self.redis_workers_keys, self.key):
            self._register_again(pipeline)

    def _register_again(self, pipeline: Pipeline | None) -> None:
        """Register in a Redis that has lost its data, so that this worker is counted again."""
        connection = self.connection if pipeline is None else pipeline
        connection.hset(self.key, mapping={**self.serialize(), "state": self.get_state()})
        if self._shutdown_requested_date:
            self.set_shutdown_requested_date()
        register(self, pipeline)

    @property
    def should_run_maintenance_tasks(self) -> bool:
        """Whether it is time; also if workers were paused, which RQ asks only between two jobs."""
        return bool(super().should_run_maintenance_tasks or is_suspended(self.connection))

    def run_maintenance_tasks(self) -> None:
        """Keep the upkeep process running while this worker waits for jobs; wait out a pause."""
        self.check_for_suspension(burst=False)
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call]  # RQ leaves it untyped

    def maintain_heartbeats(self, job: RQJob, execution: Execution) -> None:
        """Send a heartbeat; kill a render that is overdue. Without Redis the render goes on."""
        self._look_after_children()
        if is_late(job) or self._stop.is_overdue:
            self.kill_horse()
        try:
            super().maintain_heartbeats(job, execution)
        except RedisError:
            log.warning("job %s: the heartbeat could not be written", job.id, exc_info=True)

    def _look_after_children(self) -> None:
        """Start the upkeep process unless it runs: it uses the storage, which we must not.

        As process 1 of a container we also get what a killed render leaves.
        """
        reap_orphans({self.horse_pid, *(child.pid or 0 for child in active_children())})
        if self._upkeep:
            self._upkeep.start_unless_alive()

    def register_birth(self) -> None:
        """Register in Redis, and tell `reelqueue doctor` what this worker runs with.

        What Redis still has under the worker's name is of an earlier process that was killed, or of
        this one before Redis was away.
        """
        self.connection.delete(self.key, self.executions_key)
        super().register_birth()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
        run_in_fork(
            self._settings, lambda services: Presence(services, "worker", self.name).announce()
        )

    def teardown(self) -> None:
        """Stop all processes and threads of this worker, even if Redis does not answer."""
        if self._upkeep:
            self._upkeep.end()
        try:
            super().teardown()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
        except RedisError:
            if self.pubsub_thread:
                self.pubsub_thread.stop()
            raise

    def register_death(self) -> None:
        """Remove this worker, and what it told of itself, from Redis."""
        super().register_death()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
        forget_service(self.connection, self.name)
