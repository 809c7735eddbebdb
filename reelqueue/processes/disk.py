"""How full a disk is."""

from __future__ import annotations

import shutil
from pathlib import Path

SCARCE_BYTES = 100_000_000
_SMALL_DISK_SHARE = 20


def measure_free(folder: Path) -> int:
    """Return how many bytes are free on the disk of a folder.

    Raises:
        OSError: if the folder is not there.
    """
    return shutil.disk_usage(folder).free


def is_full(folder: Path) -> bool:
    """Tell whether under 100 MB are free on the disk of a folder; of a small disk, a twentieth.

    Raises:
        OSError: if the folder is not there.
    """
    disk = shutil.disk_usage(folder)
    return disk.free < min(SCARCE_BYTES, disk.total // _SMALL_DISK_SHARE)
