"""The interface of a queue: it takes accepted jobs to the workers that render them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import Enum, auto
from typing import Any, NamedTuple, Protocol

from reelqueue.findings import Cause, Finding
from reelqueue.jobs.marks.runs import OpenRun
from reelqueue.jobs.model import LiveState, Record, RunClaim, Status

INLINE = "inline"
"""The id of every queue that renders without Redis."""


class Liveness(Enum):
    """Whether a run without an outcome will get one."""

    ALIVE = auto()  # it waits in a queue, or a worker has it
    UNSEEN = auto()  # neither queue nor worker has it; it may be on its way between the two
    LOST = auto()  # the worker that had it is gone


class WorkerState(NamedTuple):
    """What a worker does: `state` in RQ's words, such as idle, busy or suspended.

    `draining` is one that was told to stop, and that ends its render first.
    `since` and `heartbeat` are when it started, and when it last said that it lives.
    """

    name: str
    state: str
    job_id: str | None = None
    since: datetime | None = None
    heartbeat: datetime | None = None


class QueueControl(Protocol):
    """What operators see of a queue's processes, and do to all of them."""

    def pause(self) -> None:
        """Have the workers take no more jobs; the renders that they have go on.

        Raises:
            ConflictError: if this queue has no workers that could be told.
            UnavailableError: if the queue does not answer.
        """

    def resume(self) -> None:
        """Have the workers take jobs again.

        Raises:
            ConflictError: if this queue has no workers that could be told.
            UnavailableError: if the queue does not answer.
        """

    def describe_workers(self) -> list[WorkerState]:
        """Return the state of each worker, by name.

        Raises:
            UnavailableError: if the queue does not answer.
        """

    def sort_runs(self, runs: Sequence[OpenRun]) -> dict[OpenRun, Status]:
        """Return the status of open runs: first those that run, then those that wait, by turn.

        Args:
            runs: the newest first, as the ledger lists them.

        Raises:
            UnavailableError: if the queue does not answer.
        """

    def publish_log(self, name: str, lines: Sequence[str]) -> None:
        """Let the other processes read the last log lines of this one, for about a minute.

        Raises:
            UnavailableError: if the queue does not answer.
        """

    def read_logs(self) -> dict[str, list[str]]:
        """Return the last log lines of the running processes, by name.

        Raises:
            UnavailableError: if the queue does not answer.
        """


class JobQueue(Protocol):
    """Takes accepted jobs to the workers that render them.

    The ledger knows what was accepted and how it ended; a queue only knows what happens between.
    """

    @property
    def control(self) -> QueueControl:
        """What operators see and do."""

    def reserve_slot(self) -> AbstractContextManager[None]:
        """Hold a free slot for a new run while the block accepts and submits it.

        Raises:
            BusyError: if no slot is free.
        """

    def submit(self, record: Record) -> None:
        """Have a run rendered, inside `reserve_slot`; it may have ended when this returns.

        Raises:
            UnavailableError: if the queue cannot take it now; it then keeps nothing of the run.
        """

    def find_live(self, record: Record) -> LiveState:
        """Return the state of a run that has not ended.

        Raises:
            UnavailableError: if the queue does not answer.
        """

    def stop(self, record: Record) -> None:
        """Stop the render of a run whose outcome is written, and its child processes; forget it.

        Raises:
            UnavailableError: if the queue does not answer.
        """

    def forget(self, claim: RunClaim) -> None:
        """Do the same for a claim on a run whose job is being deleted, or is gone.

        Raises:
            UnavailableError: if the queue does not answer.
        """

    def acquire_leadership(self) -> bool:
        """Become, or stay, the one process that does the upkeep; tell whether this one is it."""

    def find_silent(self) -> list[OpenRun]:
        """Return the runs whose worker sends no heartbeats, quickly even if very many wait.

        Raises:
            UnavailableError: if the queue does not answer.
        """

    def find_doubtful(self, runs: Sequence[OpenRun]) -> list[OpenRun]:
        """Return those of the runs that may be lost; the queue surely has the others.

        Raises:
            UnavailableError: if the queue does not answer.
        """

    def find_waiting(self, runs: Sequence[OpenRun]) -> dict[str, list[OpenRun]]:
        """Return those of the runs that wait for a worker, by the name of their queue.

        They keep their order.

        Raises:
            UnavailableError: if the queue does not answer.
        """

    def check_liveness(self, record: Record) -> Liveness:
        """Tell whether a run that has not ended still waits or is rendered, or was lost.

        Raises:
            UnavailableError: if the queue does not answer.
        """

    def begin_attempt(self, record: Record) -> LiveState:
        """Return the state in which a new attempt begins; called inside the render."""

    def report_progress(self, record: Record, live: LiveState) -> bool:
        """Note the progress of a render; called inside it. Tell whether the queue took it.

        This takes about a second at most: a render does not wait for a queue that is away.
        """

    def drop_result(self) -> None:
        """Drop the queue's own result of this render: another process wrote the outcome."""

    def describe_load(self) -> dict[str, Any]:
        """Return `mode`, `workers`, `jobs` by state, and `queues`: both for each of them.

        `ok` tells whether the queue answers, and `suspended` whether an operator stopped it.
        `unserved` names the queues whose jobs wait and are taken by no worker.
        """

    def find_fault(self) -> Cause | None:
        """Return why the queue takes no jobs right now, None if it does."""

    def examine(self) -> Iterator[Finding]:
        """Use the queue, and yield findings on its state."""

    def identify(self) -> str:
        """Return the unique id of this queue, `INLINE` for one that renders on this machine.

        Raises:
            UnavailableError: if the queue does not answer.
        """

    def measure_clock(self) -> float:
        """Return how many seconds this machine's clock is ahead of that of the queue.

        Raises:
            UnavailableError: if the queue does not answer.
        """

    def announce(self, name: str, facts: dict[str, Any]) -> None:
        """Tell the services that share the queue what this one runs with, for about a minute.

        Raises:
            UnavailableError: if the queue does not answer.
        """

    def retract(self, name: str) -> None:
        """Take back what was told of a service that ends.

        Raises:
            UnavailableError: if the queue does not answer.
        """

    def list_services(self) -> dict[str, dict[str, Any]]:
        """Return what the running services have told of themselves, by name.

        Raises:
            UnavailableError: if the queue does not answer.
        """

    def list_workers(self) -> list[str]:
        """Return the names of the workers that take jobs from the queue.

        Raises:
            UnavailableError: if the queue does not answer.
        """
