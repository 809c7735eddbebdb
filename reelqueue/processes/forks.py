"""Children that are forked from a server: a process that has loaded what they need.

Python and its libraries take longer to start than a photo takes to check, and a server starts them
once. Each call is a child of its own all the same, with limits and a sandbox that it puts on before
it opens a file, and nothing of it is left for the next. See `fork_server.py` for the other side.

The server starts with the first call and ends some time after the last one, for its memory. It has
none of our secrets: it starts as every child does. It never opens a file of a user. When a signal
ended a child, later ones have a new server: else who made it crash could try again, and find
everything in the same places of the memory.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread
from typing import IO

from reelqueue.errors import UnavailableError
from reelqueue.processes.children import (
    GRACE_SECONDS,
    NICENESS,
    ChildTimeoutError,
    Limits,
    Sandbox,
    list_bounds,
    pick_environment,
    running_child,
)

IDLE_SECONDS = 30.0  # as a user chooses the next photos

_STANDARD_ERROR = 2
_OPEN_FILES = 1024  # of the server: its children close as many, one by one on old kernels
_ANSWER_BYTES = 16


@dataclass
class _Server:
    """Our end of the line to a server, and how many calls it answers now."""

    line: socket.socket
    calls: int = 0


class _StuckError(TimeoutError):
    """Raised when a server does not even kill a child."""


class Forks:
    """The children of one server, which all threads of this process share."""

    def __init__(self, module: str, cwd: Path, variables: Mapping[str, str]) -> None:
        """Name the server; the first call starts it.

        Args:
            module: runs as the server's main program, which calls `serve`.
            cwd: working directory of the server and of the children.
            variables: of their environment, besides those that any child may see.
        """
        self._module, self._cwd, self._variables = module, cwd, variables
        self._changed = Condition()
        self._server: _Server | None = None

    def run(
        self,
        arguments: Sequence[str | Path],
        *,
        timeout: float,
        limits: Limits,
        sandbox: Sandbox,
    ) -> tuple[int, bytes, bytes]:
        """Run a child to its end and return `(exit code, stdout, stderr)`.

        Args:
            arguments: what the child is to do.
            timeout: in seconds.
            limits: of the child; its niceness adds to the server's, `NICENESS`.
            sandbox: all that the child may open.

        Raises:
            ChildTimeoutError: if the child runs longer than `timeout` seconds; it has been killed.
            UnavailableError: if the server ends, and another one, too.
        """
        bounds = list_bounds(limits, sandbox, sys.executable)
        request = os.fsencode("\0".join([*bounds, *(str(part) for part in arguments)]))
        for _ in range(2):  # the kernel may have ended an idle server, whose memory it needed
            with _open_buffer() as out, _open_buffer() as err, self._using_server() as server:
                try:
                    code = _call(server.line, request, out, err, timeout)
                except TimeoutError as expired:
                    if isinstance(expired, _StuckError):
                        self._retire(server)
                    raise ChildTimeoutError(self._module, timeout, _read(out), _read(err)) from None
                if code is None or code < 0:
                    self._retire(server)
                if code is not None:
                    return code, _read(out), _read(err)
        raise UnavailableError("Files cannot be checked right now: try again later.")

    @contextmanager
    def _using_server(self) -> Iterator[_Server]:
        with self._changed:
            server = self._server = self._server or self._start()
            server.calls += 1
        try:
            yield server
        finally:
            with self._changed:
                server.calls -= 1
                self._changed.notify_all()

    def _retire(self, server: _Server) -> None:
        """Have the next call start another server; this one ends after its last call."""
        with self._changed:
            if self._server is server:
                self._server = None

    def _start(self) -> _Server:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        server = _Server(ours)
        # The kernel ends a child with the thread that started it, so one stays for the server.
        Thread(target=self._keep, args=(server, theirs), daemon=True).start()
        return server

    def _keep(self, server: _Server, theirs: socket.socket) -> None:
        """Run a server until it is idle or retired."""
        with (
            server.line,
            theirs,
            running_child(
                [sys.executable, "-m", self._module],
                limits=Limits(open_files=_OPEN_FILES, niceness=NICENESS),
                cwd=self._cwd,
                environment={**pick_environment(), **self._variables},
                own_group=True,
                stdin=theirs.fileno(),
                stderr=_STANDARD_ERROR,
            ),
            self._changed,
        ):
            theirs.close()
            is_used = True
            while server.calls or (is_used and self._server is server):
                is_used = self._changed.wait(IDLE_SECONDS)
            if self._server is server:
                self._server = None


def _call(
    line: socket.socket, request: bytes, out: IO[bytes], err: IO[bytes], timeout: float
) -> int | None:
    """Have a server run a child; return its exit code, None if the server ends before it.

    Raises:
        TimeoutError: if it takes longer than `timeout` seconds; it has been killed.
        _StuckError: if it takes longer, and could not be killed.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        with theirs:
            try:
                socket.send_fds(line, [request], [theirs.fileno(), out.fileno(), err.fileno()])
            except OSError:
                return None
        ours.settimeout(timeout)
        try:
            return _read_code(ours)
        except (TimeoutError, BlockingIOError):  # the latter without any time
            ours.settimeout(GRACE_SECONDS)
            ours.shutdown(socket.SHUT_WR)  # the server kills the child
            try:
                _read_code(ours)
            except TimeoutError:
                raise _StuckError from None
            raise TimeoutError from None


def _read_code(call: socket.socket) -> int | None:
    try:
        answer = call.recv(_ANSWER_BYTES)
    except ConnectionResetError:
        return None
    return int(answer) if answer else None


def _open_buffer() -> IO[bytes]:
    """Return a file in memory, which a child may fill up to its limit for files."""
    return open(os.memfd_create("output"), "r+b", buffering=0)


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
