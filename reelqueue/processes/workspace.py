"""Temporary folders that are deleted even if their process is killed.

Each process holds a lock on its folder, and the kernel frees the lock when the process dies. Each
process that opens workspaces deletes the folders whose lock is free: at first and once a minute.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "work-"
_SWEEP_SECONDS = 60.0
_swept_at: dict[Path, float] = {}


@contextmanager
def open_workspace() -> Iterator[Path]:
    """Create an empty folder, and delete it when the block is left or after the process dies."""
    home = open_private_folder()
    with _locked(home):  # keeps others from deleting a folder that is not locked yet
        if time.monotonic() > _swept_at.get(home, -_SWEEP_SECONDS) + _SWEEP_SECONDS:
            _sweep(home)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=home))
        held = os.open(folder, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def sweep_workspaces() -> None:
    """Delete the folders whose process has died; a process that is forked soon need not do it."""
    home = open_private_folder()
    with _locked(home):
        _sweep(home)


def open_private_folder() -> Path:
    """Return the folder of this user, closed to others, in the folder for temporary files.

    Raises:
        PermissionError: if the folder belongs to another user or is open to others.
    """
    folder = Path(tempfile.gettempdir(), f"reelqueue-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.getuid() or status.st_mode & 0o077 or folder.is_symlink():
        raise PermissionError(f"{folder} is not a private folder of this user: delete it")
    return folder


@contextmanager
def hold_lock(name: str) -> Iterator[None]:
    """Let one thread at a time, of all processes of this user, run the block."""
    descriptor = os.open(open_private_folder() / name, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sweep(home: Path) -> None:
    _swept_at[home] = time.monotonic()
    for folder in home.glob(f"{_PREFIX}*"):
        try:
            with _locked(folder, fcntl.LOCK_NB):
                shutil.rmtree(folder, ignore_errors=True)
        except (BlockingIOError, FileNotFoundError):
            continue


@contextmanager
def _locked(folder: Path, flags: int = 0) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | flags)
        yield
    finally:
        os.close(descriptor)
