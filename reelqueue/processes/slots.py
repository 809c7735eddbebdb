"""Slots that the processes of this machine share: each is a file that its holder has locked.

The kernel releases a lock when its process dies (flock(2)), so no slot is ever lost.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from reelqueue.errors import BusyError
from reelqueue.processes.workspace import open_private_folder

_POLL_SECONDS = 0.1


class Slots:
    """A number of slots under one name."""

    def __init__(self, name: str, total: int) -> None:
        self.total = total
        self._name = name

    @contextmanager
    def reserve(self, patience: float, busy: BusyError) -> Iterator[None]:
        """Hold a free slot for the block.

        One caller at a time looks for a slot: so a caller that takes one slot after another does
        not come before those that wait.

        Args:
            patience: seconds to wait for a slot.
            busy: raised if none gets free until then.
        """
        deadline = time.monotonic() + patience
        folder = self.open_folder()
        with ExitStack() as slot:
            with ExitStack() as turn:
                while not self._take(folder, ["turn"], turn):
                    _wait(deadline, busy)
                places = [f"place-{number}" for number in range(self.total)]
                while not self._take(folder, places, slot):
                    _wait(deadline, busy)
            yield

    def _take(self, folder: Path, names: Iterable[str], held: ExitStack) -> bool:
        """Lock one of some files for as long as `held` is open; tell whether one was free."""
        for name in names:
            file = (folder / name).open("w")
            if lock(file.fileno()):
                held.enter_context(file)
                return True
            file.close()
        return False

    def count_taken(self) -> int:
        """Return how many slots are held now."""
        taken = 0
        for path in self.open_folder().glob("place-*"):
            with path.open("w") as file:
                taken += not lock(file.fileno())
        return taken

    def open_folder(self) -> Path:
        """Return the folder of the lock files."""
        folder = open_private_folder() / self._name
        folder.mkdir(exist_ok=True)
        return folder


def _wait(deadline: float, busy: BusyError) -> None:
    """Wait a moment; raise `busy` once the deadline, of the monotonic clock, has passed."""
    if time.monotonic() > deadline:
        raise busy
    time.sleep(_POLL_SECONDS)


def lock(descriptor: int) -> bool:
    """Lock an open file for this process, unless another one holds it; tell whether it is ours."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def hold_for_good(path: Path) -> int | None:
    """Lock a file until this process ends; return its descriptor, None if another one holds it."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    if lock(descriptor):
        return descriptor
    os.close(descriptor)
    return None
