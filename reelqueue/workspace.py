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


@contextmanager
def open_workspace() -> Iterator[Path]:
    """Give a new empty folder that is gone after the block, or after this process."""
    with _locked(Path(tempfile.gettempdir())):  # as a folder that is new has no lock of its own yet
        _sweep_abandoned()
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        held = os.open(folder, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _sweep_abandoned() -> None:
    """Delete the folders whose process is dead."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            with _locked(folder, fcntl.LOCK_NB):
                shutil.rmtree(folder, ignore_errors=True)
        except (BlockingIOError, FileNotFoundError):
            continue


@contextmanager
def _locked(folder: Path, patience: int = 0) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | patience)
        yield
    finally:
        os.close(descriptor)
