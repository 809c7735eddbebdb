"""Replace this process by a program that has limits and dies with its parent.

Run as `python -I -S exec.py PARENT_PID MEMORY CPU_SECONDS FILE_BYTES OPEN_FILES NICENESS PROGRAM
[ARGUMENT ...]`, with 0 for no limit. This is a program and not a `preexec_fn`, because Python code
between fork and exec can deadlock in a process with threads, such as the web server.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent(parent: int) -> None:
    """Make the kernel kill this process when its parent dies (prctl(2), PR_SET_PDEATHSIG).

    Args:
        parent: process id of the parent.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # the parent died before the signal was armed


def kill_forks_with_parent() -> None:
    """Make every process that this one forks from now on die with the process that forked it."""
    forking: list[int] = [0]

    def remember() -> None:
        forking[0] = os.getpid()

    os.register_at_fork(before=remember, after_in_child=lambda: die_with_parent(forking[0]))


def main(arguments: list[str]) -> None:
    """Set the limits of this process and replace it by the program."""
    parent, memory, cpu, file_size, files, niceness = (int(argument) for argument in arguments[:6])
    program = arguments[6:]
    die_with_parent(parent)
    # Python ignores these two signals, and an ignored signal stays ignored after exec.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    _lower_limit(resource.RLIMIT_AS, memory)
    _lower_limit(resource.RLIMIT_CPU, cpu)
    _lower_limit(resource.RLIMIT_FSIZE, file_size)
    _lower_limit(resource.RLIMIT_NOFILE, files)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(niceness)
    try:
        os.execvp(program[0], program)
    except OSError as error:
        sys.exit(f"cannot start {program[0]}: {error.strerror}")


def _lower_limit(kind: int, limit: int) -> None:
    """Lower a limit of this process, but never raise it."""
    if not limit:
        return
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(kind, (limit, limit))


if __name__ == "__main__":
    main(sys.argv[1:])
