"""Rendering by RQ's workers: Redis hands the jobs out and is never their only copy."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import Any, cast

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
from rq.utils import current_timestamp

from reelqueue.config import Settings
from reelqueue.errors import UnavailableError
from reelqueue.jobs.model import Live, Priority, Record, Status, Whereabouts, begin_attempt
from reelqueue.queues.protocol import Finding
from reelqueue.queues.rq_job import (
    OLDER_TASKS,
    QUEUE_NAMES,
    RETRY_SECONDS,
    TASK,
    ReelJob,
    count_attempts,
    open_rq_queue,
    read_live,
)

log = logging.getLogger(__name__)

STORAGES_KEY = "reelqueue:storages"
"""A hash of the storage's id that each worker saw at its start, by the worker's name."""
LEADER_KEY = "reelqueue:recovery"
LEAD_SECONDS = 5
_STATUSES = {
    JobStatus.CREATED: Status.QUEUED,
    JobStatus.QUEUED: Status.QUEUED,
    JobStatus.READY_TO_ENQUEUE: Status.QUEUED,
    JobStatus.STARTED: Status.STARTED,
    JobStatus.FINISHED: Status.STARTED,  # only an outcome makes a job finished
    JobStatus.FAILED: Status.FAILED,
    JobStatus.STOPPED: Status.STOPPED,
    JobStatus.CANCELED: Status.CANCELED,
    JobStatus.SCHEDULED: Status.SCHEDULED,
    JobStatus.DEFERRED: Status.DEFERRED,
    JobStatus.RATE_LIMITED: Status.DEFERRED,
}

_GIVEN_UP = (JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED)


class RedisQueue:
    """Hands jobs to RQ's workers through the queues `high`, `default` and `low`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.connection = connect(settings)
        self._queues = [open_rq_queue(name, self.connection) for name in QUEUE_NAMES]
        self._leadership = self.connection.lock(
            LEADER_KEY, timeout=LEAD_SECONDS, blocking=False, thread_local=False
        )

    def place(self) -> AbstractContextManager[None]:
        """A queue has room for all."""
        return nullcontext()

    def submit(self, record: Record, reached: Live) -> None:
        """Enqueue a run; the same run twice is enqueued once, and a lost one before all others."""
        meta = {"progress": reached.progress, "given_up": reached.attempts}
        # What has begun already had its turn, whatever its priority is.
        queue = self._find_queue(Priority.HIGH if reached.started_at else record.job.priority)
        with _available():
            try:
                self._enqueue(queue, record, meta)
            except DuplicateJobError:
                log.info("job %s: was enqueued already", record.job.id)
                if self._has_ended(record):  # it was withdrawn when a worker had it already
                    self._forget(record)
                    self._enqueue(queue, record, meta)
            if record.takeovers:
                self._forget(replace(record, takeovers=record.takeovers - 1))

    def find(self, record: Record) -> Live:
        """Return what RQ knows: its status, the progress in its meta, the place in the queue."""
        with _available():
            try:
                job = self._fetch(record)
            except NoSuchJobError:
                return Live()
            status = _STATUSES[job.get_status(refresh=False)]
            live = read_live(job).model_copy(update={"status": status})
            if status in (Status.SCHEDULED, Status.DEFERRED):
                return live.model_copy(update={"stage": "queued"})
            if status is Status.QUEUED:
                place = self._count_ahead(job) + 1
                return live.model_copy(update={"stage": "queued", "queue_position": place})
            return live

    def stop(self, record: Record) -> None:
        """Take a job that waits out of its queue; kill the render of one that runs."""
        with _available():
            try:
                job = self._fetch(record)
                if job.get_status(refresh=False) is JobStatus.STARTED:
                    send_stop_job_command(self.connection, job.id, serializer=JSONSerializer)
                else:
                    job.delete()  # a cancelled one would stay in Redis for ever
            except (NoSuchJobError, InvalidJobOperation):
                log.info("job %s: had left the queue before it was stopped", record.job.id)

    def lead(self) -> bool:
        """Hold a lock in Redis that its holder renews; a dead one's is free after seconds."""
        try:
            with suppress(LockError):  # it is not ours, or no longer
                self._leadership.reacquire()
                return True
            return bool(self._leadership.acquire())
        except RedisError:
            return False

    def locate(self, record: Record) -> Whereabouts:
        """Look for a run where its status says that it is: queue, registry, or a worker's hands."""
        with _available():
            try:
                job = self._fetch(record)
            except NoSuchJobError:
                return Whereabouts.UNSEEN
            status = job.get_status(refresh=False)
            queue = self._find_queue(job.origin)
            if status is JobStatus.QUEUED:
                waits = self.connection.lpos(queue.key, job.id) is not None
                return Whereabouts.HELD if waits else Whereabouts.UNSEEN
            if status is JobStatus.SCHEDULED:
                waits = job.id in queue.scheduled_job_registry
                return Whereabouts.HELD if waits else Whereabouts.UNSEEN
            is_held = _is_beating(queue, job.id) if status is JobStatus.STARTED else False
            return Whereabouts.HELD if is_held or status in _GIVEN_UP else Whereabouts.LOST

    def abandon(self) -> None:
        """Have RQ delete the job as soon as its render has returned."""
        job = get_current_job()
        if job:
            job.result_ttl = 0

    def begin_attempt(self, record: Record) -> Live:  # noqa: ARG002  # RQ's job knows
        """Count the attempt by RQ's retries."""
        job = get_current_job()
        if job is None:
            return begin_attempt(Live(), 1)
        return begin_attempt(read_live(job), count_attempts(job))

    def report(self, record: Record, live: Live) -> None:
        """Write the progress to the RQ job's meta; rendering goes on if Redis is away."""
        job = get_current_job()
        if job is None:
            return
        job.meta = live.model_dump(mode="json", exclude={"status", "queue_position", "is_stale"})
        try:
            job.save_meta()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
        except RedisError:
            log.warning("job %s: progress could not be noted", record.job.id, exc_info=True)

    def describe_load(self) -> dict[str, Any]:
        """Count workers and jobs; `ok` is false while Redis does not answer."""
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
        """Check Redis, its memory policy, and the workers with the storage that they see."""
        load = self.describe_load()
        if not load["ok"]:
            yield Finding("problem", "queue", "Redis does not answer at REDIS_URL.")
            return
        yield Finding("ok", "queue", "Redis answers.")
        yield self._examine_memory()
        workers = Worker.all(connection=self.connection, serializer=JSONSerializer)
        if not workers:
            yield Finding(
                "warning", "workers", "None is running: start `python -m reelqueue worker`."
            )
        for worker in workers:
            seen = self.connection.hget(STORAGES_KEY, worker.name)
            if seen is None:
                yield Finding(
                    "warning", "workers", f"{worker.name} reached no storage at its start."
                )
            elif seen == storage_id.encode():
                yield Finding("ok", "workers", f"{worker.name} sees the same storage.")
            else:
                yield Finding(
                    "problem",
                    "workers",
                    f"{worker.name} sees another storage: give it the same STORAGE_URL, "
                    "and a bucket where the services share no disk.",
                )

    def _examine_memory(self) -> Finding:
        try:
            policy = self.connection.config_get("maxmemory-policy").get("maxmemory-policy")
        except ResponseError:
            return Finding("warning", "redis memory", "Redis does not tell its maxmemory-policy.")
        if policy == "noeviction":
            return Finding("ok", "redis memory", "A full Redis refuses jobs and forgets none.")
        return Finding(
            "problem", "redis memory", f"maxmemory-policy is {policy}: set it to noeviction."
        )

    def _find_queue(self, name: str) -> Queue:
        return self._queues[QUEUE_NAMES.index(name)]

    def _enqueue(self, queue: Queue, record: Record, meta: dict[str, int]) -> None:
        job = record.job
        queue.enqueue(
            OLDER_TASKS.get(job.kind, TASK),
            job.id,
            record.run,
            record.takeovers,
            job_id=_name_run(record),
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
        return status in (*_GIVEN_UP, JobStatus.FINISHED)

    def _forget(self, record: Record) -> None:
        """Delete what RQ knows of a run that somebody else has now."""
        with suppress(NoSuchJobError, InvalidJobOperation):
            self._fetch(record).delete()

    def _fetch(self, record: Record) -> RQJob:
        return ReelJob.fetch(
            _name_run(record), connection=self.connection, serializer=JSONSerializer
        )

    def _count_ahead(self, job: RQJob) -> int:
        """Count the jobs that workers take before this one."""
        level = QUEUE_NAMES.index(job.origin)
        return sum(queue.count for queue in self._queues[:level]) + (job.get_position() or 0)


def connect(settings: Settings) -> Redis:
    """Connect with short limits, so that a web request learns within 2 s that Redis is away."""
    return Redis.from_url(
        str(settings.redis_url),
        socket_connect_timeout=0.5,
        socket_timeout=0.5,
        retry=ConnectionRetry(NoBackoff(), 1),
        health_check_interval=30,
    )


def _is_beating(queue: Queue, job_id: str) -> bool:
    """Tell whether some worker's heartbeat for a job has not lapsed."""
    started = queue.started_job_registry.key
    beating = queue.connection.zrangebyscore(started, current_timestamp(), "+inf")
    return any(entry.startswith(f"{job_id}:".encode()) for entry in cast(list[bytes], beating))


def _name_run(record: Record) -> str:
    """Return RQ's id for a run: a stopped one may still be cleared away while the next begins.

    After a takeover it is another one, so that whoever had the run cannot end it for its successor.
    """
    run = "" if record.run == 1 else f"-{record.run}"
    return record.job.id + run + (f"_{record.takeovers}" if record.takeovers else "")


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise UnavailableError("The queue does not answer right now.") from error
