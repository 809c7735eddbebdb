"""Slots that the processes of this machine share: each is a file that its holder has locked.

The kernel releases a lock when its process dies (flock(2)), so no slot is ever lost.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reelqueue.errors import BusyError
from reelqueue.processes.workspace import open_private_folder

_POLL_SECONDS = 0.25


class Slots:
    """A number of slots under one name."""

    def __init__(self, name: str, total: int) -> None:
        self.total = total
        self._name = name

    @contextmanager
    def reserve(self, patience: float, busy: BusyError) -> Iterator[None]:
        """Hold a free slot for the block.

        Args:
            patience: seconds to wait for a slot.
            busy: raised if none gets free until then.
        """
        folder = self.open_folder()
        deadline = time.monotonic() + patience
        while True:
            for number in range(self.total):
                with (folder / f"place-{number}").open("w") as file:
                    if lock(file.fileno()):
                        yield
                        return
            if time.monotonic() > deadline:
                raise busy
            time.sleep(_POLL_SECONDS)

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
