"""What operators see of RQ's workers and queues, and do to all of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from rq.suspension import resume, suspend
from rq.worker import BaseWorker

from reelqueue.errors import UnavailableError
from reelqueue.jobs.marks.runs import OpenRun
from reelqueue.jobs.model import Status
from reelqueue.queues.protocol import WorkerState
from reelqueue.queues.rq_heartbeats import list_beating, list_outlived
from reelqueue.queues.rq_job import ID_LENGTH, name_any_takeover, strip_takeover

_LOGS = "reelqueue:log:"
KEPT_SECONDS = 60
"""The log lines of a process that was killed are forgotten after this time."""


class RQControl:
    """Pauses and resumes RQ's workers, and describes them: https://python-rq.org/docs/workers/."""

    def __init__(self, connection: Redis, queues: Sequence[Queue]) -> None:
        self._connection = connection
        self._queues = queues

    def pause(self) -> None:
        """Do what `rq suspend` does."""
        with _available():
            suspend(self._connection)

    def resume(self) -> None:
        """Do what `rq resume` does."""
        with _available():
            resume(self._connection)

    def describe_workers(self) -> list[WorkerState]:
        """Read what RQ's workers have told of themselves."""
        with _available():
            workers = Worker.all(connection=self._connection, serializer=JSONSerializer)
            states = [self._describe_worker(worker) for worker in workers]
        return sorted(states, key=lambda state: state.name)

    def _describe_worker(self, worker: BaseWorker) -> WorkerState:
        held = cast(set[bytes], self._connection.smembers(worker.executions_key))
        return WorkerState(
            name=worker.name,
            state="draining" if worker.shutdown_requested_date else str(worker.get_state()),
            job_id=min(held).decode()[:ID_LENGTH] if held else None,
            since=worker.birth_date,
            heartbeat=worker.last_heartbeat,
        )

    def sort_runs(self, runs: Sequence[OpenRun]) -> dict[OpenRun, Status]:
        """Find the runs in RQ's registries and lists; one that is in none waits for recovery."""
        names = {name_any_takeover(run.job_id, run.run): run for run in reversed(runs)}
        places: list[tuple[Status, Callable[[Queue], Iterable[str]]]] = [
            (Status.STARTED, list_beating),
            (Status.STARTED, list_outlived),
            (Status.QUEUED, lambda queue: queue.get_job_ids()),
            (
                Status.SCHEDULED,
                lambda queue: queue.scheduled_job_registry.get_job_ids(cleanup=False),
            ),
        ]
        found: dict[OpenRun, Status] = {}
        with _available():
            for status, list_ids in places:
                for queue in self._queues:
                    held = list(map(strip_takeover, list_ids(queue)))
                    for name in _keep_order(held, names) if status is Status.STARTED else held:
                        if name in names:
                            found.setdefault(names[name], status)
        return found | {run: Status.QUEUED for run in names.values() if run not in found}

    def publish_log(self, name: str, lines: Sequence[str]) -> None:
        """Write the lines to Redis, where they expire."""
        with _available():
            self._connection.set(_LOGS + name, json.dumps(lines), ex=KEPT_SECONDS)

    def read_logs(self) -> dict[str, list[str]]:
        """Read the lines of all processes from Redis."""
        with _available():
            keys = sorted(self._connection.scan_iter(f"{_LOGS}*", count=1000))
            texts = [cast(bytes | None, self._connection.get(key)) for key in keys]
        names = [key.decode().removeprefix(_LOGS) for key in keys]
        return {name: json.loads(text) for name, text in zip(names, texts, strict=True) if text}


def _keep_order(held: Iterable[str], names: Iterable[str]) -> list[str]:
    """Return those of the names that are held, the oldest first: RQ's registry has no order."""
    some = set(held)
    return [name for name in names if name in some]


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise UnavailableError("The queue does not answer right now.") from error
