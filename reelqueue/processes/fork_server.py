"""The server of `forks.py`: it loads what its children need, and forks one for each call.

A call comes by standard input: a message with the call's own line and the two files for its output.
Its answer is the exit code of the child. Who hangs up has the child killed.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NoReturn

from reelqueue.processes.exec import confine_process, die_with_parent, hide_process

_MESSAGE_BYTES = 1 << 18  # more than a socket takes by default (net.core.wmem_default)
_FILES = 3  # in a message
_BOUNDS = 4  # what `confine_process` takes comes first in a message

Work = Callable[[list[str]], None]


def serve(load: Work, work: Work) -> None:
    """Fork children until standard input is closed; those that still run end with this process.

    Args:
        load: loads what a child with these arguments needs, which all later children have, too.
        work: what a child does.
    """
    hide_process()  # from its children: where there is no Landlock, one could leave something here
    calls = socket.socket(fileno=0)
    ended, wake = socket.socketpair()
    wake.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # else it wakes nobody
    signal.set_wakeup_fd(wake.fileno())
    lines: dict[int, socket.socket] = {}  # of the running children
    while True:
        ready, _, _ = select.select([calls, ended, *lines.values()], [], [])
        for child in [child for child, line in lines.items() if line in ready]:
            _end_child(child, lines.pop(child))
        if ended in ready:
            ended.recv(_MESSAGE_BYTES)
            for child in _find_ended():
                _end_child(child, lines.pop(child))
        if calls in ready:
            message, files, _, _ = socket.recv_fds(calls, _MESSAGE_BYTES, _FILES)
            if not message:
                return
            request = os.fsdecode(message).split("\0")
            try:
                line, *outputs = files
                load(request[_BOUNDS:])
                call = socket.socket(fileno=os.dup(line))
                lines[_fork_child(request, outputs, work)] = call
            except Exception:  # what cannot start must not end the children that run
                traceback.print_exc()
            for file in files:  # so the caller learns that no child has them
                os.close(file)


def _find_ended() -> Iterator[int]:
    """Yield one child after the other that has ended; the caller waits for each."""
    with suppress(ChildProcessError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            yield ended.si_pid


def _end_child(child: int, line: socket.socket) -> None:
    """Kill a child, if it still runs, and what it has started; answer its call."""
    os.kill(child, signal.SIGKILL)
    with suppress(ProcessLookupError):  # it has left its group
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with line, suppress(OSError):  # who called has left
        line.send(str(os.waitstatus_to_exitcode(status)).encode())


def _fork_child(request: list[str], files: list[int], work: Work) -> int:
    """Fork a child that leads a process group of its own; return its id."""
    parent = os.getpid()
    child = os.fork()
    if not child:
        _be_child(parent, request, files, work)
    with suppress(ProcessLookupError):
        os.setpgid(child, child)
    return child


def _be_child(parent: int, request: list[str], files: list[int], work: Work) -> NoReturn:
    """Do the work of a child in its bounds, with its files and no others, and end."""
    code = 1
    try:
        die_with_parent(parent)
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), *files)):
            os.dup2(file, number)
        os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        confine_process(*request[:_BOUNDS])
        work(request[_BOUNDS:])
        sys.stdout.flush()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)
