"""Room on a disk for more files."""

from __future__ import annotations

import os
from pathlib import Path

_SMALL_DISK_SHARE = _FILES_SHARE = 20


def find_room(folder: Path, free_bytes: int) -> int:
    """Return how many bytes may be written to the disk of a folder; less than 0 if it is too full.

    It is also too full if under a twentieth of the files that it can hold are left: very small ones
    take up all of these long before its bytes.

    Args:
        folder: a folder on the disk.
        free_bytes: what must stay free; of a small disk, a twentieth of it.
    """
    disk = os.statvfs(folder)
    if disk.f_favail < disk.f_files // _FILES_SHARE:  # both 0 where there is no such limit
        return -1
    total, free = disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize
    return free - min(free_bytes, total // _SMALL_DISK_SHARE)


def measure_disk(folder: Path) -> tuple[int, int]:
    """Return the bytes that are free on the disk of a folder for this user, and all of them."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
