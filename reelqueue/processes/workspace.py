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

_PREFIX = "work-"


@contextmanager
def open_workspace() -> Iterator[Path]:
    """Give a new empty folder that is gone after the block, or after this process."""
    home = open_private_folder()
    with _locked(home):  # as a folder that is new has no lock of its own yet
        _sweep_abandoned(home)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=home))
        held = os.open(folder, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def open_private_folder() -> Path:
    """Return the folder below the temporary one that is this user's alone.

    Raises:
        PermissionError: if somebody else has taken its name.
    """
    folder = Path(tempfile.gettempdir(), f"reelqueue-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.getuid() or status.st_mode & 0o077 or folder.is_symlink():
        raise PermissionError(f"{folder} is not a private folder of this user: remove it")
    return folder


def _sweep_abandoned(home: Path) -> None:
    """Delete the folders whose process is dead."""
    for folder in home.glob(f"{_PREFIX}*"):
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
