"""How many cores this process may use: a container often has fewer than its machine.

A container's share of the machine is a quota of its control group: processor time for each period.
Version 2 writes it as `cpu.max` (Documentation/admin-guide/cgroup-v2.rst of Linux), version 1 as
`cpu.cfs_quota_us` and `cpu.cfs_period_us` (Documentation/scheduler/sched-bwc.rst).
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

MAX_CORES = 8  # each thread needs memory

_PROC = Path("/proc/self")


class _Mount(NamedTuple):
    """A mounted hierarchy of control groups: the group that is mounted, and where."""

    is_v2: bool
    root: PurePosixPath
    point: Path


def count_cores(proc: Path = _PROC) -> int:
    """Return on how many cores this process may run at once: 1 to `MAX_CORES`.

    That is the least of its affinity, the quotas of all groups around it, and `MAX_CORES`.

    Args:
        proc: the folder with `cgroup` and `mountinfo` of this process (proc(5)).
    """
    quotas = [math.ceil(quota) for quota in _list_quotas(proc)]
    return max(1, min(len(os.sched_getaffinity(0)), MAX_CORES, *quotas))


def _list_quotas(proc: Path) -> Iterator[float]:
    """Yield the quotas of this process's group and of the groups around it, in cores."""
    with suppress(OSError, ValueError):  # no /proc, or not as we know it: only the affinity counts
        groups = _read_groups(proc / "cgroup")
        for mount in _list_mounts(proc / "mountinfo"):
            if mount.is_v2 in groups:
                for folder in _list_folders(mount, groups[mount.is_v2]):
                    yield from _read_quota(folder, is_v2=mount.is_v2)


def _read_groups(path: Path) -> dict[bool, PurePosixPath]:
    """Return this process's group in version 2, and its group for processors in version 1."""
    groups = {}
    for line in path.read_text().splitlines():
        number, controllers, group = line.split(":", 2)
        if number == "0" and not controllers:
            groups[True] = PurePosixPath(group)
        elif "cpu" in controllers.split(","):
            groups[False] = PurePosixPath(group)
    return groups


def _list_mounts(path: Path) -> Iterator[_Mount]:
    """Yield the mounted hierarchies that can hold quotas of processors."""
    for line in path.read_text().splitlines():
        mount, _, kind = line.partition(" - ")
        root, point = mount.split(" ")[3:5]
        filesystem, _, options = kind.split(" ")[:3]
        is_v2 = filesystem == "cgroup2"
        if is_v2 or (filesystem == "cgroup" and "cpu" in options.split(",")):
            yield _Mount(is_v2, PurePosixPath(root), Path(point))


def _list_folders(mount: _Mount, group: PurePosixPath) -> Iterator[Path]:
    """Yield the folders of a group and of those around it, as far out as they are mounted."""
    # In a container the group can lie outside of what is mounted: then the mount itself is ours.
    inner = group.relative_to(mount.root) if group.is_relative_to(mount.root) else PurePosixPath()
    folder = mount.point / inner if ".." not in inner.parts else mount.point
    while folder != mount.point:
        yield folder
        folder = folder.parent
    yield mount.point


def _read_quota(folder: Path, *, is_v2: bool) -> Iterator[float]:
    """Yield the quota of a group in cores, if it has one."""
    with suppress(FileNotFoundError):
        if is_v2:
            quota, period = (folder / "cpu.max").read_text().split()
        else:
            quota = (folder / "cpu.cfs_quota_us").read_text()
            period = (folder / "cpu.cfs_period_us").read_text()
        if quota != "max" and int(quota) > 0:  # version 1 says -1 for none
            yield int(quota) / int(period)
