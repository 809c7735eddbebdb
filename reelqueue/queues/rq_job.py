"""A job as RQ stores it.

There is one RQ job for each run, and one for each takeover of it. An RQ job has four values, as
JSON: the name of the one task, the job's id, the number of its run, and the number of takeovers.
See https://python-rq.org/docs/jobs/.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from redis import Redis
from rq import Queue
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.executions import Execution
from rq.job import Job as RQJob
from rq.job import JobStatus
from rq.serializers import JSONSerializer
from rq.utils import now, utcformat

from reelqueue.jobs.model import LiveState, Record, RunClaim
from reelqueue.jobs.priorities import QUEUE_NAMES
from reelqueue.queues.rq_statuses import STATUSES

TASK = "tasks.run_job"
OLDER_TASKS = {"slideshow": "tasks.render_slideshow_job", "clip": "tasks.render_clip_job"}
"""Version 0.1's names for that task, by job kind.

Jobs of these kinds are still queued under these names, so that workers of version 0.1 can run them
during a deploy or after a rollback.
"""
RETRY_SECONDS = [60, 120, 240]
_TAKEOVER = "_"
_TAKEN_OVER = re.compile(rf"(.+){_TAKEOVER}([0-9]{{1,9}})")
_READ_AT_ONCE = 1000
_CLAIMS_READ = 10
"""Of how many earlier claims on a run a render is looked for: more follow only a broken Redis."""
ID_LENGTH = 36
"""Of a job's id, a UUID, with which RQ's id of each of its runs begins."""
ORPHAN_SECONDS = 60
"""How long the progress of an RQ job that Redis has lost is kept after the render's last report."""


class ReelJob(RQJob):
    """An RQ job that runs no function named in Redis, which is not trusted to choose one."""

    @property
    def func(self) -> Callable[..., Any]:
        """Raise PermissionError: only the worker's subclass runs the task."""
        raise PermissionError(f"{self.func_name} must not run in this process")

    def restore(self, raw_data: dict[Any, Any]) -> Any:
        """Read the job, and drop the callbacks and webhooks it names: we never set any.

        Raises:
            NoSuchJobError: also if what Redis holds under the job's name is no job of ours.
        """
        try:
            restored = super().restore(raw_data)
        except Exception as error:  # RQ raises many kinds, even AssertionError
            raise NoSuchJobError(f"{self.key} cannot be read") from error
        if self.origin not in QUEUE_NAMES:
            raise NoSuchJobError(f"{self.key} waits in no queue of ours")
        self._success_callback_name = self._failure_callback_name = None
        self._stopped_callback_name = None
        self.webhooks = []
        return restored

    def delete(self, *rest: Any, **options: Any) -> None:
        """Delete the job; RQ's own method fails if the record of an execution has expired."""
        with self.connection.pipeline() as pipeline:
            for number in self.execution_registry.get_execution_ids():
                Execution(number, self.id, self.connection).delete(self, pipeline)
            pipeline.execute()
        super().delete(*rest, **options)


def open_rq_queue(name: str, connection: Redis) -> Queue:
    """Open one of our queues, which hold JSON only."""
    return Queue(name, connection=connection, serializer=JSONSerializer, job_class=ReelJob)


def read_state(connection: Redis, name: str) -> tuple[str, LiveState] | None:
    """Return the queue and the state of an RQ job; None if Redis has no such job.

    Status polls call this very often, so the rest of the job is not read.
    """
    found = connection.hmget(RQJob.key_for(name), "data", "origin", "status", "meta")
    data, *texts = (value if isinstance(value, bytes) else b"" for value in found)
    origin, status, meta = (text.decode(errors="replace") for text in texts)
    if not data or origin not in QUEUE_NAMES:
        return None
    try:
        known = STATUSES[JobStatus(status or JobStatus.CREATED)]
        live = LiveState.from_json(json.loads(meta or "{}"))
    except ValueError:  # another program has spoiled it
        return None
    return origin, live.model_copy(update={"status": known})


def read_live(job: RQJob) -> LiveState:
    """Return the progress that a render wrote into the meta of its RQ job."""
    return LiveState.from_json(job.meta)


def write_live(connection: Redis, job: RQJob, live: LiveState) -> None:
    """Write the progress of a render into the meta of its RQ job.

    If Redis has lost the job, what is written expires. RQ would delete it with the next heartbeat
    if it had no such field itself.

    Args:
        connection: the one to use; the job's own waits long for an answer.
        job: the RQ job.
        live: the progress.
    """
    job.meta = live.model_dump(mode="json", exclude={"status", "queue_position", "is_stale"})
    meta = json.dumps(job.meta)
    if connection.hexists(job.key, "created_at"):
        connection.hset(job.key, "meta", meta)
        return
    with connection.pipeline() as pipeline:
        pipeline.hset(job.key, "meta", meta)
        pipeline.hset(job.key, "last_heartbeat", utcformat(now()))
        pipeline.expire(job.key, ORPHAN_SECONDS)
        pipeline.execute()


def read_orphan(connection: Redis, names: Sequence[str]) -> LiveState | None:
    """Return the progress written for the first of some RQ jobs that Redis has lost.

    None if it was written for none of them.
    """
    found = find_orphans(connection, names)
    meta = next((found[name] for name in names if name in found), None)
    return None if meta is None else LiveState.from_json(json.loads(meta))


def find_orphans(connection: Redis, names: Sequence[str]) -> dict[str, bytes]:
    """Return the meta written for those of some RQ jobs that Redis has lost.

    A job that another program has spoiled is not lost: it still has its other fields. What does not
    expire was written as Redis lost the job, and its render may have ended since.
    """
    found: list[Any] = []
    for first in range(0, len(names), _READ_AT_ONCE):
        with connection.pipeline(transaction=False) as pipeline:
            for name in names[first : first + _READ_AT_ONCE]:
                pipeline.hmget(RQJob.key_for(name), "meta", "created_at")
                pipeline.ttl(RQJob.key_for(name))
            found += pipeline.execute()
    return {
        name: meta
        for name, (meta, created_at), seconds in zip(names, found[::2], found[1::2], strict=True)
        if created_at is None and isinstance(meta, bytes) and seconds >= 0
    }


def is_deleted(job: RQJob) -> bool:
    """Tell whether a job was deleted from Redis; a heartbeat may have rewritten part of it."""
    try:
        job.get_status()
    except InvalidJobOperation:
        return True
    return False


def is_late(job: RQJob) -> bool:
    """Tell whether a job has run for longer than its timeout."""
    age = (now() - job.started_at).total_seconds() if job.started_at else 0.0
    return age >= float(job.timeout or 0)


def count_attempts(job: RQJob) -> int:
    """Return the number of an RQ job's current attempt, from 1."""
    left = len(RETRY_SECONDS) if job.retries_left is None else job.retries_left
    return len(RETRY_SECONDS) - left + 1


def name_run(record: Record) -> str:
    """Return RQ's id for a run.

    Each run has its own id: RQ may still be removing a stopped run when the next begins. Each
    takeover has its own too, so that the earlier worker cannot end the run for the next one.
    """
    return name_claim(RunClaim(record.job.id, record.run, record.takeovers))


def name_claim(claim: RunClaim) -> str:
    """Return RQ's id for the claim of one worker on a run."""
    name = name_any_takeover(claim.job_id, claim.run)
    return f"{name}{_TAKEOVER}{claim.takeovers}" if claim.takeovers else name


def name_any_takeover(job_id: str, run: int) -> str:
    """Return the part of RQ's id of a run that all its takeovers share."""
    return job_id if run == 1 else f"{job_id}-{run}"


def list_earlier(name: str) -> list[str]:
    """Return RQ's ids for the claims before that of RQ's id, the latest first.

    Only the latest `_CLAIMS_READ`, and none that another program gave a large number in our queues.
    """
    found = _TAKEN_OVER.fullmatch(name)
    if not found:
        return []
    run, takeovers = found[1], int(found[2])
    names = [f"{run}{_TAKEOVER}{number}" for number in range(takeovers - 1, 0, -1)[:_CLAIMS_READ]]
    return [*names, run][:_CLAIMS_READ]


def strip_takeover(name: str) -> str:
    """Return that part of RQ's id of a run."""
    return name.partition(_TAKEOVER)[0]
