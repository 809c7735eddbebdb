"""Child processes that end when they should: the only place that starts any.

A child dies with its parent (also when that is killed), is bounded in memory, processor time and
file size, sees no standard input, and is ended in `finally`: SIGTERM, then SIGKILL.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import IO

GRACE_SECONDS = 2.0
NICENESS = 10
"""Of whoever decodes or renders, as a whole: the web beside it must answer at once."""
PIPE = subprocess.PIPE
Child = subprocess.Popen[bytes]
ChildTimeoutError = subprocess.TimeoutExpired
"""Raised by a wait that lasted too long; `stdout` and `stderr` are what was read by then."""
_LAUNCHER = Path(__file__).with_name("exec.py")


@dataclass(frozen=True)
class Limits:
    """What a child may use, in the order in which `exec.py` is told it; 0 is no limit."""

    memory_bytes: int = 0
    cpu_seconds: int = 0
    file_bytes: int = 0
    open_files: int = 0
    niceness: int = 0


@contextmanager
def running_child(
    command: Sequence[str | Path],
    *,
    limits: Limits = Limits(),
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    own_group: bool = False,
    stdout: int | IO[bytes] = subprocess.DEVNULL,
    stderr: int | IO[bytes] = subprocess.DEVNULL,
) -> Iterator[Child]:
    """Start a child and end it when the block is left, however it is left.

    Args:
        environment: all that the child sees; None hands on this process's own.
        own_group: lead a process group, so that its own children are ended with it. RQ ends a
            render by its process group, so what runs below a worker must stay in that group.
    """
    launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid())]
    bounds = [str(limit) for limit in astuple(limits)]
    process = subprocess.Popen(
        [*launcher, *bounds, *(str(part) for part in command)],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        cwd=cwd,
        env=environment,
        process_group=0 if own_group else None,
    )
    try:
        yield process
    finally:
        try:
            _end(process, own_group=own_group)
        finally:
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()


def run_child(
    command: Sequence[str | Path],
    *,
    timeout: float,
    limits: Limits = Limits(),
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[int, bytes, bytes]:
    """Run a child to its end and return `(exit code, stdout, stderr)`.

    Raises:
        ChildTimeoutError: if it runs longer than `timeout` seconds; it is dead by then.
    """
    with running_child(
        command,
        limits=limits,
        cwd=cwd,
        environment=environment,
        own_group=True,
        stdout=PIPE,
        stderr=PIPE,
    ) as process:
        out, err = process.communicate(timeout=timeout)
        return process.returncode, out, err


def _end(process: Child, *, own_group: bool) -> None:
    """End a child, and with it its group where it leads one.

    An exception that arrives while we wait, such as a job's timeout, does not spare the child.
    """
    try:
        _signal(process, signal.SIGTERM, own_group=own_group)
        process.wait(GRACE_SECONDS)
    except ChildTimeoutError:
        pass
    finally:
        _signal(process, signal.SIGKILL, own_group=own_group)
        process.wait()


def _signal(process: Child, number: signal.Signals, *, own_group: bool) -> None:
    if not own_group:
        process.send_signal(number)  # does nothing once the child was waited for
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
