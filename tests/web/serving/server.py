"""A server in this process, on a free port: small limits, and any WSGI app."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import Any

from reelqueue.web.serving.connection import Connection
from reelqueue.web.serving.crowd import Crowd
from reelqueue.web.serving.exchange import Exchange
from reelqueue.web.serving.lanes import Lanes
from reelqueue.web.serving.share import Share
from tests.conftest import PATIENCE_SECONDS

App = Callable[..., Any]
SWEEP_SECONDS = 0.02


@dataclass
class Server:
    """A running server and its parts."""

    port: int
    crowd: Crowd
    loop: asyncio.AbstractEventLoop

    def connect(self, request: bytes = b"") -> socket.socket:
        """Connect, and send the beginning of a request."""
        connection = socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS)
        connection.sendall(request)
        return connection

    def stop(self) -> None:
        """Have all connections end with the request that they serve."""
        self.loop.call_soon_threadsafe(self.crowd.stop)


@contextmanager
def serving(
    app: App, *, most: int = 100, uploads: int = 10, held: int = 1 << 24, idle_seconds: float = 75
) -> Iterator[Server]:
    """Serve an app in a thread."""
    loop = asyncio.new_event_loop()
    crowd, lanes = Crowd(most, uploads, held, Share(os.getpid(), 1)), Lanes(4)
    exchange = Exchange(app, lanes, lambda *_: None)
    connect = partial(Connection, crowd, exchange.serve, idle_seconds)

    async def begin() -> asyncio.Server:
        sweeps.append(loop.create_task(sweep()))
        return await loop.create_server(connect, "127.0.0.1")

    async def sweep() -> None:
        while True:
            crowd.sweep(loop.time())
            await asyncio.sleep(SWEEP_SECONDS)

    async def end() -> None:
        listener.close()
        sweeps[0].cancel()
        crowd.abort()
        await asyncio.sleep(0)  # the loop tells them
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)

    sweeps: list[asyncio.Task[None]] = []
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        listener = asyncio.run_coroutine_threadsafe(begin(), loop).result()
        yield Server(listener.sockets[0].getsockname()[1], crowd, loop)
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(PATIENCE_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        lanes.close()
        loop.close()


def read_all(connection: socket.socket) -> bytes:
    """Return all that comes until the server closes the connection."""
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)
