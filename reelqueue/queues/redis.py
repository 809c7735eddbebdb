"""Rendering by RQ's workers: Redis hands out jobs, and never holds the only copy of one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import LockError, RedisError, ResponseError
from redis.retry import Retry as ConnectionRetry
from rq import Queue, Retry, Worker, get_current_job
from rq.command import send_stop_job_command
from rq.exceptions import DuplicateJobError, InvalidJobOperation, NoSuchJobError
from rq.job import Job as RQJob
from rq.job import JobStatus
from rq.serializers import JSONSerializer

from reelqueue.config import Settings
from reelqueue.errors import UnavailableError
from reelqueue.jobs.model import Liveness, LiveState, Record, Status, begin_attempt
from reelqueue.jobs.priorities import QUEUE_NAMES, Priority
from reelqueue.queues.protocol import Finding
from reelqueue.queues.rq_job import (
    OLDER_TASKS,
    RETRY_SECONDS,
    TASK,
    ReelJob,
    count_attempts,
    is_beating,
    name_run,
    open_rq_queue,
    read_live,
)
from reelqueue.queues.turns import take_turn

log = logging.getLogger(__name__)

STORAGES_KEY = "reelqueue:storages"
"""A Redis hash: worker name to the id of the storage that the worker saw at its start."""
LEADER_KEY = "reelqueue:recovery"
"""The lock of the leader, which does both recovery and retention, despite the lock's name."""
LEADER_SECONDS = 5
_STATUSES = {
    JobStatus.CREATED: Status.QUEUED,
    JobStatus.QUEUED: Status.QUEUED,
    JobStatus.READY_TO_ENQUEUE: Status.QUEUED,
    JobStatus.STARTED: Status.STARTED,
    JobStatus.FINISHED: Status.STARTED,  # a job finishes by its outcome, which is written next
    JobStatus.FAILED: Status.FAILED,
    JobStatus.STOPPED: Status.STOPPED,
    JobStatus.CANCELED: Status.CANCELED,
    JobStatus.SCHEDULED: Status.SCHEDULED,
    JobStatus.DEFERRED: Status.DEFERRED,
    JobStatus.RATE_LIMITED: Status.DEFERRED,
}

_GIVEN_UP_STATUSES = (JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED)


class RedisQueue:
    """Hands jobs to RQ's workers through the queues `high`, `default` and `low`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.connection = connect(settings)
        self._queues = [open_rq_queue(name, self.connection) for name in QUEUE_NAMES]
        self._leader_lock = self.connection.lock(
            LEADER_KEY, timeout=LEADER_SECONDS, blocking=False, thread_local=False
        )

    def reserve_slot(self) -> AbstractContextManager[None]:
        """Hold nothing: a queue in Redis always has room."""
        return nullcontext()

    def submit(self, record: Record, reached: LiveState) -> None:
        """Enqueue a run: only once if called twice, and at the front if it was taken over."""
        meta = {"progress": reached.progress, "given_up": reached.attempts}
        # A run that had begun has waited for its turn already, whatever its priority.
        queue = self._find_queue(Priority.HIGH if reached.started_at else record.job.priority)
        with _available():
            try:
                self._enqueue(queue, record, meta)
            except DuplicateJobError:
                log.info("job %s: was already enqueued", record.job.id)
                if self._has_ended(record):  # it was withdrawn after a worker had taken it
                    self._forget(record)
                    self._enqueue(queue, record, meta)
            before = replace(record, takeovers=record.takeovers - 1)
            was_taken = record.takeovers > 0 and self._forget(before)  # else Redis lost it
            if not (was_taken or reached.started_at):
                take_turn(queue, record)

    def find_live(self, record: Record) -> LiveState:
        """Return what RQ knows: the status, the progress in the meta, the place in the queue."""
        with _available():
            try:
                job = self._fetch(record)
            except NoSuchJobError:
                return LiveState()
            status = _STATUSES[job.get_status(refresh=False)]
            live = read_live(job).model_copy(update={"status": status})
            if status in (Status.SCHEDULED, Status.DEFERRED):
                return live.model_copy(update={"stage": "queued"})
            if status is Status.QUEUED:
                place = self._count_ahead(job) + 1
                return live.model_copy(update={"stage": "queued", "queue_position": place})
            return live

    def stop(self, record: Record) -> None:
        """Remove a waiting job from its queue; kill the render of a running one."""
        with _available():
            try:
                job = self._fetch(record)
                if job.get_status(refresh=False) is JobStatus.STARTED:
                    send_stop_job_command(self.connection, job.id, serializer=JSONSerializer)
                else:
                    job.delete()  # RQ's cancel() would leave it in Redis for ever
            except (NoSuchJobError, InvalidJobOperation):
                log.info("job %s: left the queue before it could be stopped", record.job.id)

    def acquire_leadership(self) -> bool:
        """Hold or renew a lock in Redis; it expires `LEADER_SECONDS` after its holder dies."""
        try:
            with suppress(LockError):  # we do not hold it, or no longer
                self._leader_lock.reacquire()
                return True
            return bool(self._leader_lock.acquire())
        except RedisError:
            return False

    def check_liveness(self, record: Record) -> Liveness:
        """Check that the run is where its RQ status says: queue, registry, or a live worker."""
        with _available():
            try:
                job = self._fetch(record)
            except NoSuchJobError:
                return Liveness.UNSEEN
            status = job.get_status(refresh=False)
            queue = self._find_queue(job.origin)
            if status is JobStatus.QUEUED:
                waits = self.connection.lpos(queue.key, job.id) is not None
                return Liveness.ALIVE if waits else Liveness.UNSEEN
            if status is JobStatus.SCHEDULED:
                waits = job.id in queue.scheduled_job_registry
                return Liveness.ALIVE if waits else Liveness.UNSEEN
            is_held = is_beating(queue, job.id) if status is JobStatus.STARTED else False
            return Liveness.ALIVE if is_held or status in _GIVEN_UP_STATUSES else Liveness.LOST

    def drop_result(self) -> None:
        """Have RQ delete its job, with the result, as soon as the render returns."""
        job = get_current_job()
        if job:
            job.result_ttl = 0

    def begin_attempt(self, record: Record) -> LiveState:  # noqa: ARG002  # RQ's job knows
        """Begin an attempt, numbered by RQ's retries."""
        job = get_current_job()
        if job is None:
            return begin_attempt(LiveState(), 1)
        return begin_attempt(read_live(job), count_attempts(job))

    def report_progress(self, record: Record, live: LiveState) -> None:
        """Write the progress to the RQ job's meta; the render goes on if Redis is away."""
        job = get_current_job()
        if job is None:
            return
        job.meta = live.model_dump(mode="json", exclude={"status", "queue_position", "is_stale"})
        try:
            job.save_meta()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
        except RedisError:
            log.warning("job %s: progress could not be written", record.job.id, exc_info=True)

    def describe_load(self) -> dict[str, Any]:
        """Return the counts of workers and jobs; `ok` is False while Redis does not answer."""
        try:
            jobs = {
                "queued": sum(queue.count for queue in self._queues),
                "started": sum(queue.started_job_registry.count for queue in self._queues),
                "scheduled": sum(queue.scheduled_job_registry.count for queue in self._queues),
                "failed": sum(queue.failed_job_registry.count for queue in self._queues),
            }
            workers = Worker.count(connection=self.connection)
        except RedisError:
            return {"mode": "redis", "ok": False, "workers": 0, "jobs": {}}
        return {"mode": "redis", "ok": True, "workers": workers, "jobs": jobs}

    def examine(self, storage_id: str) -> Iterator[Finding]:
        """Check Redis, its memory policy, and which storage each worker uses."""
        load = self.describe_load()
        if not load["ok"]:
            yield Finding("problem", "queue", "Redis does not answer at REDIS_URL.")
            return
        yield Finding("ok", "queue", "Redis answers.")
        yield self._examine_memory()
        workers = Worker.all(connection=self.connection, serializer=JSONSerializer)
        if not workers:
            yield Finding(
                "warning", "workers", "No worker is running: start `python -m reelqueue worker`."
            )
        for worker in workers:
            seen = self.connection.hget(STORAGES_KEY, worker.name)
            if seen is None:
                yield Finding(
                    "warning", "workers", f"{worker.name} could not reach its storage at its start."
                )
            elif seen == storage_id.encode():
                yield Finding("ok", "workers", f"{worker.name} uses the same storage.")
            else:
                yield Finding(
                    "problem",
                    "workers",
                    f"{worker.name} uses another storage: give it the same STORAGE_URL; "
                    "if the services share no disk, make that an S3 bucket.",
                )

    def _examine_memory(self) -> Finding:
        try:
            policy = self.connection.config_get("maxmemory-policy").get("maxmemory-policy")
        except ResponseError:
            return Finding("warning", "redis memory", "Redis does not show its maxmemory-policy.")
        if policy == "noeviction":
            return Finding("ok", "redis memory", "A full Redis refuses new jobs and drops none.")
        text = f"maxmemory-policy is {policy}, so a full Redis drops jobs: set it to noeviction."
        return Finding("problem", "redis memory", text)

    def _find_queue(self, name: str) -> Queue:
        return self._queues[QUEUE_NAMES.index(name)]

    def _enqueue(self, queue: Queue, record: Record, meta: dict[str, int]) -> None:
        job = record.job
        queue.enqueue(
            OLDER_TASKS.get(job.kind, TASK),
            job.id,
            record.run,
            record.takeovers,
            job_id=name_run(record),
            unique=True,
            description=f"{job.kind} {job.id}",
            job_timeout=self._settings.job_kill_seconds,
            result_ttl=self._settings.result_ttl_seconds,
            failure_ttl=self._settings.failure_ttl_seconds,
            retry=Retry(max=len(RETRY_SECONDS), interval=RETRY_SECONDS),
            at_front=record.takeovers > 0,
            meta=meta,
        )

    def _has_ended(self, record: Record) -> bool:
        status = self._fetch(record).get_status(refresh=False)
        return status in (*_GIVEN_UP_STATUSES, JobStatus.FINISHED)

    def _forget(self, record: Record) -> bool:
        """Delete the RQ job of a run; tell whether there was one."""
        try:
            self._fetch(record).delete()
        except (NoSuchJobError, InvalidJobOperation):
            return False
        return True

    def _fetch(self, record: Record) -> RQJob:
        return ReelJob.fetch(
            name_run(record), connection=self.connection, serializer=JSONSerializer
        )

    def _count_ahead(self, job: RQJob) -> int:
        """Return how many jobs the workers take before this one."""
        level = QUEUE_NAMES.index(job.origin)
        return sum(queue.count for queue in self._queues[:level]) + (job.get_position() or 0)


def connect(settings: Settings) -> Redis:
    """Connect with short timeouts: a web request finds out within 2 s that Redis is away."""
    return Redis.from_url(
        str(settings.redis_url),
        socket_connect_timeout=0.5,
        socket_timeout=0.5,
        retry=ConnectionRetry(NoBackoff(), 1),
        health_check_interval=30,
    )


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise UnavailableError("The queue does not answer right now.") from error
