"""The worker that gunicorn starts in each of its processes: it listens, and ends gracefully."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from gunicorn.workers.base import Worker as BaseWorker

from reelqueue.web.serving.connection import Connection
from reelqueue.web.serving.crowd import Crowd
from reelqueue.web.serving.exchange import Exchange, Sent
from reelqueue.web.serving.lanes import Lanes
from reelqueue.web.serving.share import Share

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_SWITCH_SECONDS = 0.0001
"""The loop takes turns with the threads; Python's default lets each of them run for 5 ms."""
_TICK_SECONDS = 1.0
_DRAIN_SECONDS = 0.1
_CLEANUP_SECONDS = 2.0
"""Of gunicorn's graceful timeout: for what requests leave behind that have not ended by then."""
_TAKEN_AT_ONCE, _LEFT_AT_ONCE = 64, 8
"""Clients; fewer where another process has fewer, and still leaves them."""
_COURTESY_SECONDS = 0.002
"""For a process that has fewer connections to take a client."""
_MOST_FILES = 65_536
_MOST_CONNECTIONS = 10_000
_MOST_UPLOADS = 100
_MOST_BYTES = 128 << 20


def raise_file_limit() -> int:
    """Let this process open as many files as it may, and return how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


class Worker(BaseWorker):  # type: ignore[misc]  # gunicorn ships no types
    """Serves a WSGI app from one loop and a few threads.

    Attributes:
        share: its connections among those of all processes.
    """

    def __init__(self, age: int, ppid: int, *rest: object) -> None:
        super().__init__(age, ppid, *rest)
        self.share = Share(ppid, age)

    def init_process(self) -> None:
        """Prepare this process, and serve until it is told to stop."""
        self._files = raise_file_limit()
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._connecting: set[asyncio.Task[object]] = set()
        super().init_process()

    def run(self) -> None:
        """Serve; called by `init_process`."""
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stopping.set)
        # A connection takes one file, an upload two more; children and the storage take the rest.
        crowd = Crowd(
            most=min(_MOST_CONNECTIONS, self._files // 2),
            most_uploads=min(_MOST_UPLOADS, self._files // 16),
            most_bytes=_MOST_BYTES,
            share=self.share,
        )
        lanes = Lanes(self.cfg.threads)
        serve = Exchange(self.wsgi, lanes, self._log_access).serve
        connect = partial(Connection, crowd, serve, self.cfg.keepalive)
        listeners = [listener.sock for listener in self.sockets]
        for listener in listeners:
            listener.setblocking(False)
            self._listen(listener, crowd, connect)
        # gunicorn's own handler clears `alive`: the signal may come before ours is there.
        while self.alive and not stopping.is_set() and self.ppid == os.getppid():
            if self.nr >= self.max_requests:
                break
            await self._tick(crowd, stopping)
        for listener in listeners:
            loop.remove_reader(listener)
        await self._drain(crowd)
        lanes.close()

    async def _tick(self, crowd: Crowd, stopping: asyncio.Event) -> None:
        """Tell gunicorn that this process lives, end waits that take too long, and rest."""
        self.notify()
        crowd.sweep(asyncio.get_running_loop().time())
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), _TICK_SECONDS)

    async def _drain(self, crowd: Crowd) -> None:
        """Let the requests that are being served come to their end, and break off the others."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.cfg.graceful_timeout - _CLEANUP_SECONDS
        crowd.stop()
        while len(crowd) and loop.time() < until:
            self.notify()
            crowd.sweep(loop.time())
            await asyncio.sleep(_DRAIN_SECONDS)
        crowd.abort()
        if tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(tasks, timeout=_CLEANUP_SECONDS)

    def _listen(
        self, listener: socket.socket, crowd: Crowd, connect: Callable[[], Connection]
    ) -> None:
        if not crowd.is_stopping:
            loop = asyncio.get_running_loop()
            loop.add_reader(listener, self._greet, listener, crowd, connect)

    def _greet(
        self, listener: socket.socket, crowd: Crowd, connect: Callable[[], Connection]
    ) -> None:
        """Take clients, unless a process that has fewer takes them in a moment."""
        if not self._is_fuller(crowd):
            self._accept(listener, crowd, connect, stop=lambda: self._is_fuller(crowd))
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(listener)
        loop.call_later(_COURTESY_SECONDS, self._accept_left, listener, crowd, connect)

    def _is_fuller(self, crowd: Crowd) -> bool:
        return self.share.is_exceeded(len(crowd) + len(self._connecting))

    def _accept_left(
        self, listener: socket.socket, crowd: Crowd, connect: Callable[[], Connection]
    ) -> None:
        """Take the clients that no other process has taken."""
        self._listen(listener, crowd, connect)
        if not crowd.is_stopping:
            self._accept(listener, crowd, connect, _LEFT_AT_ONCE)

    def _accept(
        self,
        listener: socket.socket,
        crowd: Crowd,
        connect: Callable[[], Connection],
        most: int = _TAKEN_AT_ONCE,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Take some clients, until `stop`, so that the processes share a rush of them."""
        loop = asyncio.get_running_loop()
        for _ in range(most):
            try:
                client, _address = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                crowd.calm.note(more_wait=False)
                return
            except OSError:  # too many open files
                crowd.drop_slowest()
                loop.remove_reader(listener)
                loop.call_later(_DRAIN_SECONDS, self._listen, listener, crowd, connect)
                return
            client.setblocking(False)
            task = loop.create_task(loop.connect_accepted_socket(connect, client))
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)
            if stop():
                return
        crowd.calm.note(more_wait=True)

    def _log_access(self, sent: Sent, environ: WSGIEnvironment, seconds: timedelta) -> None:
        self.nr += 1
        if not self.log.access_log_enabled:
            return
        headers = {
            name.removeprefix("HTTP_").replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        self.log.access(sent, headers, environ, seconds)
