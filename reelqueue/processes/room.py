"""Room on a disk for more files."""

from __future__ import annotations

import os
from pathlib import Path

_SMALL_DISK_SHARE = 20


def find_room(folder: Path, free_bytes: int) -> int:
    """Return how many bytes may be written to the disk of a folder; less than 0 if it is too full.

    Args:
        folder: a folder on the disk.
        free_bytes: what must stay free; of a small disk, a twentieth of it.
    """
    disk = os.statvfs(folder)
    total, free = disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize
    return free - min(free_bytes, total // _SMALL_DISK_SHARE)
