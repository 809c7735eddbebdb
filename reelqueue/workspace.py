"""Folders for work in progress that never outlive it.

Each is held by a lock that the kernel frees when its process dies, however it dies; what is left of
the dead is swept away by whoever opens the next one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = f"reelqueue-work-{os.getuid()}-"
_LOCK = ".lock"


@contextmanager
def open_workspace() -> Iterator[Path]:
    """Give a new empty folder that is gone after the block, or after this process."""
    _sweep_abandoned()
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder


def _sweep_abandoned() -> None:
    """Delete the folders whose process is dead."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        try:
            with path.open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path.parent, ignore_errors=True)
        except (BlockingIOError, FileNotFoundError):
            continue
