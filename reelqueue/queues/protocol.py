"""What a queue is: the one interface between accepted jobs and those who render them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from reelqueue.jobs.model import Live, Record, Whereabouts


@dataclass(frozen=True)
class Finding:
    """What one check of the installation found, as a sentence."""

    level: Literal["ok", "warning", "problem"]
    what: str
    text: str


class JobQueue(Protocol):
    """Takes accepted jobs to whoever renders them.

    The ledger says what was accepted and how it ended; a queue only knows what happens in between.
    """

    def place(self) -> AbstractContextManager[None]:
        """Hold what a new run needs before anybody is told that it is accepted.

        Raises:
            BusyError: if nothing is free.
        """

    def submit(self, record: Record, reached: Live) -> None:
        """Have a run rendered, within a `place`; it may have ended when this returns.

        Args:
            reached: what was known of the run, if it was taken over from somebody.

        Raises:
            UnavailableError: if it cannot be taken now; then nothing of it is left in the queue.
        """

    def find(self, record: Record) -> Live:
        """Return what is going on with a run that has not ended."""

    def stop(self, record: Record) -> None:
        """Stop a run that the ledger calls ended; the render's processes end with it."""

    def lead(self) -> bool:
        """Be, or stay, the one of all processes that looks for runs that were lost."""

    def locate(self, record: Record) -> Whereabouts:
        """Tell whether somebody renders a run that has not ended, or is going to."""

    def begin_attempt(self, record: Record) -> Live:
        """Return, inside a render that begins, its attempt and what earlier ones had reached."""

    def report(self, record: Record, live: Live) -> None:
        """Note, from inside a render, how far it is; never raises for a fault of the queue."""

    def abandon(self) -> None:
        """Leave no end in the queue of the render that we are in: the run's outcome is another."""

    def describe_load(self) -> dict[str, Any]:
        """Return `mode`, whether it answers (`ok`), `workers`, and jobs by state (`jobs`)."""

    def examine(self, storage_id: str) -> Iterator[Finding]:
        """Check that it works, and that who renders sees the storage of this id."""
