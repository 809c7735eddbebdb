"""Start programs as child processes, and make sure that they end; no other module starts programs.

A child has limits on memory, CPU time and file size. Its standard input is empty unless it gets
one. It dies with its parent, even when the parent is killed. When its block is left, it gets
SIGTERM, then SIGKILL.
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

GRACE_SECONDS = 2.0  # between SIGTERM and SIGKILL
NICENESS = 10
"""For processes that decode or render: the web server on the same machine must answer at once."""

DEVNULL, PIPE = subprocess.DEVNULL, subprocess.PIPE
Child = subprocess.Popen[bytes]
ChildTimeoutError = subprocess.TimeoutExpired
"""Raised when a wait takes too long; its `stdout` and `stderr` hold what was read until then."""

_LAUNCHER = Path(__file__).with_name("exec.py")


@dataclass(frozen=True)
class Limits:
    """Limits of a child, in the order of the arguments of `exec.py`; 0 is no limit."""

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
    stdin: int | IO[bytes] = DEVNULL,
    stdout: int | IO[bytes] = DEVNULL,
    stderr: int | IO[bytes] = DEVNULL,
) -> Iterator[Child]:
    """Start a child, and end it when the block is left, also by an exception.

    Args:
        command: the program and its arguments.
        limits: limits of the child, which its own children inherit.
        cwd: working directory of the child.
        environment: all environment variables of the child; None passes on those of this process.
        own_group: make the child lead a process group, so that its children end with it. A child
            of an RQ job must stay in the job's group, because RQ ends a job by its group.
        stdin: where the child's input comes from, as for `subprocess.Popen`.
        stdout: where the child's output goes, as for `subprocess.Popen`.
        stderr: where the child's errors go, as for `subprocess.Popen`.
    """
    launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid())]
    bounds = [str(limit) for limit in astuple(limits)]
    process = subprocess.Popen(
        [*launcher, *bounds, *(str(part) for part in command)],
        stdin=stdin,
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
            _end_child(process, own_group=own_group)
        finally:
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    with suppress(BrokenPipeError):
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
        ChildTimeoutError: if the child runs longer than `timeout` seconds; it has been killed.
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


def _end_child(process: Child, *, own_group: bool) -> None:
    """End a child, and the process group that it leads.

    The child is killed even if an exception, such as the timeout of a job, interrupts the wait.
    """
    try:
        _send_signal(process, signal.SIGTERM, own_group=own_group)
        process.wait(GRACE_SECONDS)
    except ChildTimeoutError:
        pass
    finally:
        _send_signal(process, signal.SIGKILL, own_group=own_group)
        process.wait()


def _send_signal(process: Child, number: signal.Signals, *, own_group: bool) -> None:
    if not own_group:
        process.send_signal(number)  # no effect on a child that has been waited for
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
