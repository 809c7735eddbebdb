"""Replace this process by a program that has limits and dies with its parent.

Called as `main([PARENT_PID, LIMITS, READS, WRITES, LISTS, PROGRAM, ARGUMENT ...])`. The limits are
`memory,cpu,file,files,niceness`, with 0 for no limit. The paths, each with a line end, are those of
a sandbox, and all empty without one. This is a program and not a `preexec_fn`, because Python code
between fork and exec can deadlock in a process with threads, such as the web server. Each import
delays every child: that of `json` takes 7 ms, and that of `signal` or `contextlib` 5 ms.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys

from reelqueue.processes.landlock import restrict_files
from reelqueue.processes.seccomp import refuse_network

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38  # prctl(2)
_SIGKILL, _SIGPIPE, _SIGXFSZ = 9, 13, 25  # signal(7)

_OOM_SCORE = 500  # of 1000


def die_with_parent(parent: int) -> None:
    """Make the kernel kill this process when its parent dies (prctl(2), PR_SET_PDEATHSIG).

    Args:
        parent: process id of the parent.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, _SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # the parent died before the signal was armed


def kill_forks_with_parent() -> None:
    """Make every process that this one forks from now on die with the process that forked it."""
    forking: list[int] = [0]

    def remember() -> None:
        forking[0] = os.getpid()

    os.register_at_fork(before=remember, after_in_child=lambda: die_with_parent(forking[0]))


def hide_process() -> None:
    """Keep the memory and the environment of this process, and of its forks, from other processes.

    Its children run decoders under the same user. Only root can then attach a debugger or a
    profiler to it, and it leaves no core file (prctl(2), PR_SET_DUMPABLE).
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0)


def main(arguments: list[str]) -> None:
    """Set the limits of this process and replace it by the program."""
    parent, limits, reads, writes, lists, *program = arguments
    die_with_parent(int(parent))
    # Python ignores these two signals, and an ignored signal stays ignored after exec.
    for number in (_SIGPIPE, _SIGXFSZ):
        ctypes.CDLL(None).signal(number, None)
    confine_process(limits, reads, writes, lists)
    try:
        os.execvp(program[0], program)
    except OSError as error:
        sys.exit(f"cannot start {program[0]}: {error.strerror}")


def confine_process(limits: str, reads: str, writes: str, lists: str) -> None:
    """Give this process limits, and a sandbox if there are paths; both as `main` takes them."""
    _set_limits(*map(int, limits.split(",")))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if reads:
            restrict_files(*(paths.split("\n")[:-1] for paths in (reads, writes, lists)))
            refuse_network()


def _set_limits(memory: int, cpu: int, file_size: int, files: int, niceness: int) -> None:
    _lower_limit(resource.RLIMIT_AS, memory)
    _lower_limit(resource.RLIMIT_CPU, cpu, spare=1)  # SIGXCPU first, then SIGKILL
    _lower_limit(resource.RLIMIT_FSIZE, file_size)
    _lower_limit(resource.RLIMIT_NOFILE, files)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(niceness)
    _raise_oom_score("/proc/self/oom_score_adj")


def _raise_oom_score(path: str) -> None:
    """Have the kernel kill this process before its parent when memory runs out (proc(5))."""
    try:
        with open(path, "r+") as file:
            if int(file.read()) < _OOM_SCORE:
                file.seek(0)
                file.write(str(_OOM_SCORE))
    except OSError:
        return  # there is no /proc


def _lower_limit(kind: int, limit: int, spare: int = 0) -> None:
    """Lower a limit of this process, but never raise it; the hard one stays higher by `spare`."""
    if not limit:
        return
    soft, hard = resource.getrlimit(kind)
    soft, hard = (_least(limit, soft), _least(limit + spare, hard))
    resource.setrlimit(kind, (soft, hard))


def _least(limit: int, other: int) -> int:
    return limit if other == resource.RLIM_INFINITY else min(limit, other)
