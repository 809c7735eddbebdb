"""Become another program, under limits, that dies with the process which asked for it.

Run as `python -I -S launch.py PARENT_PID MEMORY CPU_SECONDS FILE_BYTES PROGRAM [ARGUMENT ...]`,
with 0 for no limit. A program of its own, and not `preexec_fn`, because Python code between fork
and exec can deadlock in a process that has threads, as the web server does.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)


def main(arguments: list[str]) -> None:
    """Set the limits on this process and replace it by the program."""
    parent, memory, cpu, file_size = (int(argument) for argument in arguments[:4])
    program = arguments[4:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            return  # the parent died before the signal was armed: nobody waits for the result
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: cpu,
        resource.RLIMIT_FSIZE: file_size,
    }
    for kind, limit in limits.items():
        if limit:
            resource.setrlimit(kind, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.execvp(program[0], program)


if __name__ == "__main__":
    main(sys.argv[1:])
