"""Start programs as child processes, and make sure that they end; no other module starts programs.

A child has limits on memory, CPU time and file size. Its standard input is empty unless it gets
one. It dies with its parent, even when the parent is killed. When its block is left, it gets
SIGTERM, then SIGKILL. What opens the files of users runs in a sandbox: without network, secrets and
other files.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
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

_ROOT = Path(__file__).resolve().parents[2]
_LAUNCHER = (
    f"import sys; sys.path.append({str(_ROOT)!r}); "
    "from reelqueue.processes.exec import main; main(sys.argv[1:])"
)
# Programs and libraries, and what these read: no file here is a secret.
_SYSTEM = (
    *("/bin", "/lib", "/lib32", "/lib64", "/nix/store", "/usr/bin", "/usr/lib", "/usr/lib32"),
    *("/usr/lib64", "/usr/libexec", "/usr/local/bin", "/usr/local/lib", "/usr/share"),
    *("/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/localtime", "/dev/urandom"),
    "/sys/devices/system/cpu",
)
_HARMLESS = ("PATH", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "IMAGEIO_FFMPEG_EXE")
_HARMLESS_STARTS = ("LC_", "PYTHON")


@dataclass(frozen=True)
class Limits:
    """Limits of a child, in the order in which `exec.py` takes them; 0 is no limit."""

    memory_bytes: int = 0
    cpu_seconds: int = 0
    file_bytes: int = 0
    open_files: int = 0
    niceness: int = 0


@dataclass(frozen=True)
class Sandbox:
    """What a child may open, besides the programs and libraries of the system.

    It has no network either. See `landlock.py` and `seccomp.py` for what the kernel must have.

    Attributes:
        reads: files and folders to read, and to execute.
        writes: files and folders to read and to write.
        lists: folders whose names it may list.
    """

    reads: tuple[Path, ...] = ()
    writes: tuple[Path, ...] = ()
    lists: tuple[Path, ...] = ()


def build_python_sandbox(*writes: Path) -> Sandbox:
    """Return a sandbox in which our own modules run; it may write to some folders."""
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    given = [*sys.path, sys.prefix, sys.base_prefix, sys.exec_prefix, *libraries]
    given.append(os.environ.get("IMAGEIO_FFMPEG_EXE", ""))
    # In a checkout, the settings and the files of users lie beside the package.
    closed = {_ROOT, Path.cwd()} if (_ROOT / "app.py").exists() else {Path.cwd()}
    reads = {Path(path).absolute() for path in given if path} - closed
    return Sandbox((_ROOT / "reelqueue", *sorted(reads)), writes, (_ROOT,))


def pick_environment() -> dict[str, str]:
    """Return the variables of this process that any child may see: none of them is a secret."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in _HARMLESS or name.startswith(_HARMLESS_STARTS)
    }


@contextmanager
def running_child(
    command: Sequence[str | Path],
    *,
    limits: Limits = Limits(),
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    sandbox: Sandbox | None = None,
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
        sandbox: all that the child may open; None for a child that may open everything.
        own_group: make the child lead a process group, so that its children end with it. A child
            of an RQ job must stay in the job's group, because RQ ends a job by its group.
        stdin: where the child's input comes from, as for `subprocess.Popen`.
        stdout: where the child's output goes, as for `subprocess.Popen`.
        stderr: where the child's errors go, as for `subprocess.Popen`.
    """
    launcher = [sys.executable, "-I", "-S", "-B", "-c", _LAUNCHER, str(os.getpid())]
    process = subprocess.Popen(
        [*launcher, *list_bounds(limits, sandbox, command[0]), *(str(part) for part in command)],
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
    sandbox: Sandbox | None = None,
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
        sandbox=sandbox,
        own_group=True,
        stdout=PIPE,
        stderr=PIPE,
    ) as process:
        out, err = process.communicate(timeout=timeout)
        return process.returncode, out, err


def list_bounds(limits: Limits, sandbox: Sandbox | None, program: str | Path) -> list[str]:
    """Return the limits and the sandbox of a program, as `exec.py` takes them."""
    numbers = ",".join(str(limit) for limit in astuple(limits))
    if sandbox is None:
        return [numbers, "", "", ""]
    reads = (*_SYSTEM, program, *sandbox.reads)
    writes = (os.devnull, *sandbox.writes)
    lists = sandbox.lists
    return [numbers, *("".join(f"{path}\n" for path in paths) for paths in (reads, writes, lists))]


def reap_orphans(own: Collection[int]) -> None:
    """Wait for ended children that this process did not start, so that no zombies are left.

    The kernel makes process 1, which a worker in a container is, the parent of what the children of
    others leave behind.

    Args:
        own: the ids of the children that this process waits for itself.
    """
    with suppress(ChildProcessError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid in own:
                return
            os.waitpid(ended.si_pid, os.WNOHANG)


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
