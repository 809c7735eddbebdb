"""Cores are counted by affinity and by the quotas of control groups, version 1 and 2."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from reelqueue.processes.cores import MAX_CORES, count_cores
from tests.conftest import ROOT

V2, V1 = Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/cpu")


class Machine:
    """What /proc and /sys/fs/cgroup say, in folders of our own."""

    def __init__(self, folder: Path) -> None:
        self.proc, self.mounted = folder / "proc", folder / "mounted"
        for made in (self.proc, self.mounted):
            made.mkdir()
        (self.proc / "mountinfo").write_text("22 1 0:20 / /proc rw - proc proc rw\n")
        (self.proc / "cgroup").write_text("")

    def mount(self, kind: str, root: str = "/", options: str = "rw,cpu,cpuacct") -> None:
        line = f"30 22 0:26 {root} {self.mounted} rw,nosuid shared:4 - {kind} {kind} {options}\n"
        with (self.proc / "mountinfo").open("a") as file:
            file.write(line)

    def join(self, *lines: str) -> None:
        (self.proc / "cgroup").write_text("".join(f"{line}\n" for line in lines))

    def write(self, group: str, **files: str) -> None:
        folder = self.mounted / group
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / f"cpu.{name}").write_text(f"{text}\n")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with 32 processors."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(32))
    return Machine(tmp_path)


@pytest.mark.parametrize("processors", [1, 3, 32])
def test_without_a_quota_the_affinity_counts_up_to_a_cap(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, processors: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(processors))
    assert count_cores(machine.proc) == min(processors, MAX_CORES)


@pytest.mark.parametrize(
    ("quota", "cores"),
    [
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("20000 100000", 1),
        ("75000 25000", 3),
        ("max 100000", MAX_CORES),
        ("9900000 100000", MAX_CORES),
    ],
)
def test_quota_of_version_2_counts(machine: Machine, quota: str, cores: int) -> None:
    machine.mount("cgroup2", options="rw,nsdelegate")
    machine.join("0::/")
    machine.write("", max=quota)
    assert count_cores(machine.proc) == cores


@pytest.mark.parametrize(("quota", "cores"), [("250000", 3), ("-1", MAX_CORES), ("1000", 1)])
def test_quota_of_version_1_counts(machine: Machine, quota: str, cores: int) -> None:
    machine.mount("cgroup")
    machine.join("4:memory:/", "3:cpu,cpuacct:/app", "0::/")
    machine.write("app", cfs_quota_us=quota, cfs_period_us="100000")
    assert count_cores(machine.proc) == cores


def test_smallest_quota_of_all_groups_around_counts(machine: Machine) -> None:
    machine.mount("cgroup2")
    machine.join("0::/pod/app")
    machine.write("", max="max 100000")
    machine.write("pod", max="300000 100000")
    machine.write("pod/app", max="600000 100000")
    assert count_cores(machine.proc) == 3


def test_container_sees_its_own_group_as_the_mount(machine: Machine) -> None:
    """Without a namespace of groups, the mount shows only the group, and its path is the host's."""
    machine.mount("cgroup", root="/docker/0a1b")
    machine.join("3:cpu,cpuacct:/docker/0a1b")
    machine.write("", cfs_quota_us="200000", cfs_period_us="100000")
    assert count_cores(machine.proc) == 2


@pytest.mark.parametrize("group", ["/elsewhere", "/../elsewhere"])
def test_group_that_is_not_mounted_is_taken_for_the_mount(machine: Machine, group: str) -> None:
    machine.mount("cgroup2")
    machine.join(f"0::{group}")
    machine.write("", max="200000 100000")
    assert count_cores(machine.proc) == 2


@pytest.mark.parametrize("text", ["", "nonsense", "4:cpu\n"])
def test_proc_that_says_nothing_leaves_the_affinity(machine: Machine, text: str) -> None:
    (machine.proc / "cgroup").write_text(text)
    assert count_cores(machine.proc) == MAX_CORES
    assert count_cores(machine.proc / "missing") == MAX_CORES


@pytest.fixture
def group() -> Iterator[Path]:
    """A real group of this machine."""
    parent = next(
        (
            folder
            for folder, name in ((V1, "cpu.cfs_quota_us"), (V2, "cgroup.subtree_control"))
            if (folder / name).exists() and os.access(folder, os.W_OK)
        ),
        None,
    )
    if parent is None:
        pytest.skip("only root can make groups, and not in a container")
    folder = parent / f"reelqueue-{uuid4()}"
    try:
        if parent == V2:
            (parent / "cgroup.subtree_control").write_text("+cpu")
        folder.mkdir()
    except OSError:
        pytest.skip("no group for processors can be made here")
    yield folder
    with suppress(OSError):
        folder.rmdir()


@pytest.mark.process
def test_process_in_a_group_with_a_quota_counts_its_cores(group: Path) -> None:
    if (group / "cpu.max").exists():
        (group / "cpu.max").write_text("100000 100000")
    else:
        (group / "cpu.cfs_period_us").write_text("100000")
        (group / "cpu.cfs_quota_us").write_text("100000")
    script = (
        "import os, pathlib, sys\n"
        "pathlib.Path(sys.argv[1], 'cgroup.procs').write_text(str(os.getpid()))\n"
        "from reelqueue.processes.cores import count_cores\n"
        "sys.stdout.write(str(count_cores()))\n"
    )
    command = [sys.executable, "-c", script, str(group)]
    assert subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout == b"1"
