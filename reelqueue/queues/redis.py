"""Rendering by RQ's workers: Redis hands out jobs, and never holds the only copy of one."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import Any

from redis.exceptions import LockError, RedisError
from rq import Queue, Retry, Worker, get_current_job
from rq.command import send_stop_job_command
from rq.exceptions import DuplicateJobError, InvalidJobOperation, NoSuchJobError
from rq.job import Job as RQJob
from rq.job import JobStatus
from rq.serializers import JSONSerializer

from reelqueue.config import Settings
from reelqueue.errors import UnavailableError
from reelqueue.findings import Cause, Finding
from reelqueue.jobs.marks.runs import OpenRun
from reelqueue.jobs.model import LiveState, Record, RunClaim, Status, begin_attempt
from reelqueue.jobs.priorities import QUEUE_NAMES, Priority
from reelqueue.outages import OUTAGES
from reelqueue.queues.protocol import Liveness
from reelqueue.queues.redis_checkup import examine_redis, find_redis_fault, measure_clock
from reelqueue.queues.redis_connection import connect
from reelqueue.queues.redis_presence import (
    announce_service,
    forget_service,
    identify_redis,
    list_services,
)
from reelqueue.queues.rq_control import RQControl
from reelqueue.queues.rq_heartbeats import LEASE_SECONDS, Pulse, list_beating, list_silent
from reelqueue.queues.rq_job import (
    OLDER_TASKS,
    RETRY_SECONDS,
    TASK,
    ReelJob,
    count_attempts,
    list_earlier,
    name_any_takeover,
    name_claim,
    name_run,
    open_rq_queue,
    read_live,
    read_orphan,
    read_state,
    strip_takeover,
    write_live,
)
from reelqueue.queues.rq_load import describe_rq, examine_load, find_waiting, list_held
from reelqueue.queues.rq_statuses import GIVEN_UP
from reelqueue.queues.turns import stay_in_front, take_turn

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

LEADER_KEY = "reelqueue:recovery"
"""The lock of the leader, which does both recovery and retention, despite the lock's name."""
LEADER_SECONDS = 5


class RedisQueue:
    """Hands jobs to RQ's workers through the queues `high`, `default` and `low`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.connection = connect(settings)
        self._queues = [open_rq_queue(name, self.connection) for name in QUEUE_NAMES]
        self.control = RQControl(self.connection, self._queues)
        self._pulse = Pulse(self.connection)
        self._leader_lock = self.connection.lock(
            LEADER_KEY, timeout=LEADER_SECONDS, blocking=False, thread_local=False
        )

    def reserve_slot(self) -> AbstractContextManager[None]:
        """Hold nothing: a queue in Redis always has room."""
        return nullcontext()

    def submit(self, record: Record) -> None:
        """Enqueue a run: only once if called twice, and at the front if it was taken over."""
        meta = {"progress": record.reached.progress, "given_up": record.reached.given_up}
        has_begun = record.reached.started_at is not None
        # A run that had begun has waited for its turn already, whatever its priority.
        queue = self._find_queue(Priority.HIGH if has_begun else record.job.priority)
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
            if was_taken or has_begun:
                stay_in_front(queue, record)
            else:
                take_turn(queue, record)

    def find_live(self, record: Record) -> LiveState:
        """Return what RQ knows: the status, the progress in the meta, the place in the queue."""
        name = name_run(record)
        with _available():
            if (found := read_state(self.connection, name)) is None:
                return self._find_orphan(record)
            queue, live = found
            if live.status not in (Status.QUEUED, Status.SCHEDULED, Status.DEFERRED):
                return live
            if going := read_orphan(self.connection, list_earlier(name)):
                return going.model_copy(update={"status": Status.STARTED})
            place = self._find_place(queue, name) if live.status is Status.QUEUED else None
            return live.model_copy(update={"stage": "queued", "queue_position": place})

    def stop(self, record: Record) -> None:
        """Remove a waiting job from its queue; kill the render of a running one."""
        self._stop(name_run(record))

    def forget(self, claim: RunClaim) -> None:
        """Do the same for one of the RQ jobs of a deleted job."""
        self._stop(name_claim(claim))

    def _stop(self, name: str) -> None:
        with _available():
            try:
                job = self._fetch(name)
                if job.get_status(refresh=False) is JobStatus.STARTED:
                    send_stop_job_command(self.connection, job.id, serializer=JSONSerializer)
                else:
                    job.delete()  # RQ's cancel() would leave it in Redis for ever
            except (NoSuchJobError, InvalidJobOperation):
                log.info("job %s: is not in the queue", name)

    def acquire_leadership(self) -> bool:
        """Hold or renew a lock in Redis; it expires `LEADER_SECONDS` after its holder dies."""
        try:
            self._pulse.measure()
            with suppress(LockError):  # we do not hold it, or no longer
                self._leader_lock.reacquire()
                return True
            return bool(self._leader_lock.acquire())
        except RedisError:
            return False

    def find_silent(self) -> list[OpenRun]:
        """Look at the jobs that RQ knows as started."""
        with _available():
            names = set().union(*map(list_silent, self._queues))
            jobs = ReelJob.fetch_many(list(names), self.connection, JSONSerializer)
        return [OpenRun(*job.args[:2]) for job in jobs if job]

    def find_doubtful(self, runs: Sequence[OpenRun]) -> list[OpenRun]:
        """Leave out the runs that wait in a list of RQ's, or whose worker is alive."""
        with _available():
            held = set(map(strip_takeover, list_held(self._queues)))
        return [run for run in runs if name_any_takeover(run.job_id, run.run) not in held]

    def find_waiting(self, runs: Sequence[OpenRun]) -> dict[str, list[OpenRun]]:
        """Look into the lists of RQ's queues."""
        with _available():
            return find_waiting(self._queues, runs)

    def check_liveness(self, record: Record) -> Liveness:
        """Check that the run is where its RQ status says: queue, registry, or a live worker."""
        with _available():
            try:
                job = self._fetch(name_run(record))
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
            if status is JobStatus.STARTED:
                is_held = job.id in list_beating(queue) or self._pulse.measure() < LEASE_SECONDS
                return Liveness.ALIVE if is_held else Liveness.LOST
            return Liveness.ALIVE if status in GIVEN_UP else Liveness.LOST

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

    def report_progress(self, record: Record, live: LiveState) -> bool:
        """Write the progress to the RQ job's meta; the render goes on if Redis is away."""
        job = get_current_job()
        if job is None:
            return True
        try:
            write_live(self.connection, job, live)
        except RedisError as error:
            log.warning("job %s: progress could not be written: %s", record.job.id, error)
            return False
        return True

    def describe_load(self) -> dict[str, Any]:
        """Return the counts of workers and jobs; `ok` is False while Redis does not answer."""
        return describe_rq(self.connection, self._queues)

    def find_fault(self) -> Cause | None:
        """Try to write to Redis."""
        return find_redis_fault(self.connection)

    def examine(self) -> Iterator[Finding]:
        """Use Redis as the queue does, and look at its state."""
        yield from examine_redis(self.connection)
        yield from examine_load(self.describe_load())

    def identify(self) -> str:
        """Return the id that is kept in Redis."""
        with _available():
            return identify_redis(self.connection)

    def measure_clock(self) -> float:
        """Compare this machine's clock with that of Redis."""
        with _available():
            return measure_clock(self.connection)

    def announce(self, name: str, facts: dict[str, Any]) -> None:
        """Write to Redis what a service runs with."""
        with _available():
            announce_service(self.connection, name, facts)

    def retract(self, name: str) -> None:
        """Delete from Redis what a service runs with."""
        with _available():
            forget_service(self.connection, name)

    def list_services(self) -> dict[str, dict[str, Any]]:
        """Read what the running services have written."""
        with _available():
            return list_services(self.connection)

    def list_workers(self) -> list[str]:
        """Return the names of RQ's workers."""
        with _available():
            workers = Worker.all(connection=self.connection, serializer=JSONSerializer)
        return [worker.name for worker in workers]

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
        status = self._fetch(name_run(record)).get_status(refresh=False)
        return status in (*GIVEN_UP, JobStatus.FINISHED)

    def _forget(self, record: Record) -> bool:
        """Delete the RQ job of a run; tell whether there was one."""
        try:
            self._fetch(name_run(record)).delete()
        except (NoSuchJobError, InvalidJobOperation):
            return False
        return True

    def _fetch(self, name: str) -> RQJob:
        return ReelJob.fetch(name, self.connection, JSONSerializer)

    def _find_orphan(self, record: Record) -> LiveState:
        """Return how far a run is whose RQ job is lost: its render may go on, and report."""
        name = name_run(record)
        live = read_orphan(self.connection, [name, *list_earlier(name)])
        if live is None:
            return record.reached.model_copy(update={"is_stale": record.renders_begun > 0})
        return live.model_copy(update={"status": Status.STARTED})

    def _find_place(self, queue: str, name: str) -> int:
        """Return the place of a job among those that wait, from 1."""
        *earlier, own = [each.key for each in self._queues[: QUEUE_NAMES.index(queue) + 1]]
        with self.connection.pipeline(transaction=False) as pipeline:
            for key in earlier:
                pipeline.llen(key)
            pipeline.lpos(own, name)
            return 1 + sum(count or 0 for count in pipeline.execute())


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise UnavailableError("The queue does not answer right now.") from error
