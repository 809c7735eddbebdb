"""What operators see where the web service renders by itself; there is nothing to pause.

Its processes are all on this machine, and leave their log lines in a folder that they share.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from reelqueue.errors import ConflictError
from reelqueue.jobs.marks.runs import OpenRun
from reelqueue.jobs.model import Status
from reelqueue.processes.slots import Slots
from reelqueue.queues.protocol import WorkerState

KEPT_SECONDS = 60
"""The log lines of a process that was killed are forgotten after this time."""


class InlineControl:
    """Describes the renders of this machine."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots

    def pause(self) -> None:
        """Refuse: each order is rendered while its caller waits."""
        raise ConflictError(
            "Without Redis there are no workers to pause: each order is rendered while its caller "
            "waits. Set REDIS_URL and start workers."
        )

    def resume(self) -> None:
        """Refuse, as above."""
        raise ConflictError("Without Redis there are no workers, so none is paused.")

    def describe_workers(self) -> list[WorkerState]:
        """Return one for this machine: it is busy if all its slots are taken."""
        taken = self._slots.count_taken()
        state = "busy" if taken == self._slots.total else "idle"
        return [WorkerState(socket.gethostname(), state)]

    def sort_runs(self, runs: Sequence[OpenRun]) -> dict[OpenRun, Status]:
        """Return all as started: none waits here."""
        return dict.fromkeys(reversed(runs), Status.STARTED)

    def publish_log(self, name: str, lines: Sequence[str]) -> None:
        """Write the lines to a file, and delete those of processes that are gone."""
        for path in self._list_logs():
            with suppress(FileNotFoundError):  # another process has deleted it
                if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                    path.unlink()
        part = self._slots.open_folder() / f"{name}.part"
        part.write_text(json.dumps(list(lines)))
        part.replace(part.with_suffix(".log"))

    def read_logs(self) -> dict[str, list[str]]:
        """Read the files of all processes."""
        found: dict[str, list[str]] = {}
        for path in self._list_logs():
            with suppress(FileNotFoundError):
                found[path.stem] = json.loads(path.read_text())
        return found

    def _list_logs(self) -> list[Path]:
        return sorted(self._slots.open_folder().glob("*.log"))
