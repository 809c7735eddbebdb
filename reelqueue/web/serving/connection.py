"""A connection to one client, in HTTP/1.1 (RFC 9112), which h11 parses and frames.

The loop of the process waits for all clients at once, and each wait has a deadline. So a client
that sends or takes nothing costs a little memory for a while, and holds no thread.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from threading import Event
from typing import Any

import h11

from reelqueue.web.problems import build_problem
from reelqueue.web.serving.crowd import Crowd

log = logging.getLogger(__name__)

HEAD_SECONDS = 20.0
"""For a whole request head, from its first byte on; for the first one, from the connection on."""
PIECE_SECONDS = 30.0
"""For the next bytes of a body."""
TAKING_SECONDS = 60.0
"""For a client to take what was written."""
STOPPING_SECONDS = 2.0
"""For a request that is on its way on an open connection when the server stops."""
LINGER_SECONDS = 5.0
"""For a client to read an answer that came before it had sent all of its request."""
PLACE_SECONDS = 10.0
"""For a place among those that send forms."""
_PLACE_POLL_SECONDS = 0.5
MIN_BYTES_PER_SECOND = 500
"""A body must come at least this fast on average, after its first `PIECE_SECONDS`."""
HEAD_BYTES = 32_768
_AHEAD_BYTES = 1 << 18  # read ahead of what is being handled
_WRITE_BYTES = 1 << 17  # written before the client has taken what was written before
_UNSENT_BYTES = 1 << 17  # in the kernel's buffer

TOO_SLOW = "The request came too slowly: send it again over a faster connection."
_FAULTS = {
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The head of the request is too large: send fewer "
    "or shorter headers.",
    HTTPStatus.NOT_IMPLEMENTED: "The only Transfer-Encoding that is supported is chunked.",
}

Serve = Callable[["Connection", h11.Request], Awaitable[None]]


class ClientLeftError(Exception):
    """Raised in a wait for a client that has closed its connection, or that was given up."""


class TooSlowError(ClientLeftError):
    """Raised in a wait for a client that has sent or taken nothing for too long."""


class Connection(asyncio.Protocol):
    """Reads the requests of one client, one after the other, and has each of them served.

    Attributes:
        ended: set when the client has left, or sends no more; for an answer without a known end
            also when the server stops. Threads that work for this client can wait for it.
        asks_for_head: whether the answer to the request has no body.
    """

    def __init__(self, crowd: Crowd, serve: Serve, idle_seconds: float) -> None:
        self._crowd, self._serve, self._idle_seconds = crowd, serve, idle_seconds
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._parser = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)
        self._task: asyncio.Task[None] | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._unsent: list[bytes] = []
        self._ahead = 0  # bytes that were read and not handled
        self._is_paused = self._is_choked = self._is_lingering = self._is_streaming = False
        self._has_left = False
        self.ended = Event()
        self.asks_for_head = False
        self.deadline: float | None = None
        self.heard_at = self._loop.time()
        self.held = 0

    # --- called by the loop ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=_WRITE_BYTES)
        with suppress(OSError):  # a Unix socket
            transport.get_extra_info("socket").setsockopt(
                socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES
            )
        self._allow(HEAD_SECONDS)
        self._crowd.add(self)

    def data_received(self, data: bytes) -> None:
        """Hand bytes to the request that is being served, or begin one with them."""
        self._crowd.note(self, self._loop.time())
        if self._is_lingering:
            return
        is_new = self._task is None and not self._ahead
        self._ahead += len(data)
        self._parser.receive_data(data)
        if self._task is None:
            self._begin(is_new=is_new)
            return
        if self._ahead > _AHEAD_BYTES:
            self._pause(True)
        self._wake()

    def eof_received(self) -> bool:
        """Note that the client sends no more, which nearly always means that it has left.

        It may still read: so it is answered. Return whether to keep the connection open.
        """
        if self._is_lingering or (self._task is None and not self._ahead):
            return False
        self._parser.receive_data(b"")
        self.ended.set()
        if self._task is None:
            self._begin(is_new=False)
        else:
            self._wake()
        return True

    def pause_writing(self) -> None:
        """Note that the client is slower than the server."""
        self._is_choked = True

    def resume_writing(self) -> None:
        """Note that the client has taken most of what was written."""
        self._crowd.note(self, self._loop.time())
        self._is_choked = False
        if self._task is None:
            self.hold(0)
        self._wake()

    def connection_lost(self, _error: Exception | None) -> None:
        """End what waits for this client."""
        self._has_left = True
        self.deadline = None
        self.ended.set()
        self._wake(ClientLeftError())
        self._crowd.remove(self)

    # --- called by the crowd ---

    def give_up(self) -> None:
        """End the wait for the client: it took too long, or others need its place."""
        self.deadline = None
        if self._waiter is not None:
            self._wake(TooSlowError())
        elif self._is_lingering or self._transport.get_write_buffer_size():
            self._transport.abort()
        elif self._ahead:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, TOO_SLOW)
        else:
            self._transport.close()

    def stop(self) -> None:
        """Serve no further request but one that may be on its way."""
        if self._is_streaming:
            self.ended.set()
        if self._task is None and not self._is_lingering:
            self._allow(STOPPING_SECONDS)

    # --- called while a request is served ---

    @property
    def address(self) -> Any:
        """The client's address, as `socket.accept` returned it; None if it has none."""
        return self._transport.get_extra_info("peername")

    @property
    def own_address(self) -> Any:
        """The address that the client has connected to."""
        return self._transport.get_extra_info("sockname")

    @property
    def is_last(self) -> bool:
        """Whether this connection ends with the request that is being served."""
        return self._crowd.is_stopping or self._parser.their_state is h11.SEND_BODY

    async def read_body(self) -> AsyncIterator[bytes]:
        """Yield the body of the request as it comes.

        Raises:
            h11.RemoteProtocolError: if it is malformed or cut.
            TooSlowError: if it comes too slowly.
            ClientLeftError: if the client leaves.
        """
        begun, received = self._loop.time(), 0
        if self._parser.they_are_waiting_for_100_continue:
            self.send(h11.InformationalResponse(status_code=100, headers=[]))
        while True:
            piece, is_whole = self._take_body()
            if piece:
                received += len(piece)
                yield piece
            if is_whole:
                return
            if not piece:
                expected = begun + PIECE_SECONDS + received / MIN_BYTES_PER_SECOND
                await self._wait(min(PIECE_SECONDS, expected - self._loop.time()))

    def _take_body(self) -> tuple[bytes, bool]:
        """Return what has come of the body, and whether that is all of it."""
        pieces, size = [], 0
        while size < _AHEAD_BYTES:
            event = self._parser.next_event()
            if not isinstance(event, h11.Data):
                break
            pieces.append(event.data)
            size += len(event.data)
        else:
            return b"".join(pieces), False
        self._ahead = 0
        self._pause(False)
        return b"".join(pieces), isinstance(event, h11.EndOfMessage)

    def send(self, event: h11.Event) -> None:
        """Send a part of the answer. The head goes out together with what comes next.

        Raises:
            ClientLeftError: if there is no client any more.
        """
        if self._has_left:
            raise ClientLeftError
        self._unsent.extend(self._parser.send_with_data_passthrough(event) or ())
        if not isinstance(event, h11.Response):
            self._transport.writelines(self._unsent)
            self._unsent.clear()

    async def drain(self) -> None:
        """Wait until the client has taken most of what was sent.

        Raises:
            TooSlowError: if it takes nothing for too long.
            ClientLeftError: if the client leaves.
        """
        if self._has_left:
            raise ClientLeftError
        until = self._loop.time() + TAKING_SECONDS
        while self._is_choked:
            await self._wait(until - self._loop.time())

    def hold(self, size: int) -> None:
        """Note how many bytes wait in memory for this client."""
        self._crowd.hold(self, size)

    async def begin_upload(self) -> bool:
        """Wait until this client may send a form; tell whether it may.

        Raises:
            ClientLeftError: if the client leaves.
        """
        until = self._loop.time() + PLACE_SECONDS
        while not self._crowd.admit_upload(self, self._loop.time()):
            if self._loop.time() > until:
                return False
            await asyncio.sleep(_PLACE_POLL_SECONDS)
            await self.drain()
        return True

    def end_upload(self) -> None:
        """Note that the form has been received, or given up."""
        self._crowd.end_upload(self)

    def begin_stream(self) -> None:
        """Note that the answer has no known end."""
        self._is_streaming = True
        if self._crowd.is_stopping:
            self.ended.set()

    # --- from one request to the next ---

    def _begin(self, *, is_new: bool) -> None:
        """Begin to serve the next request if its head has come."""
        try:
            event = self._parser.next_event()
        except h11.RemoteProtocolError as error:
            status = HTTPStatus(error.error_status_hint)
            self._refuse(status, _FAULTS.get(status, f"The request cannot be read: {error}."))
            return
        if isinstance(event, h11.Request):
            self.deadline = None
            if sum(len(name) + len(value) + 4 for name, value in event.headers) > HEAD_BYTES:
                status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                self._refuse(status, _FAULTS[status])
                return
            self.asks_for_head = event.method == b"HEAD"
            self._task = self._loop.create_task(self._run(event))
        elif isinstance(event, h11.ConnectionClosed):
            self._transport.close()
        elif is_new:
            self._allow(HEAD_SECONDS)

    async def _run(self, request: h11.Request) -> None:
        try:
            await self._serve(self, request)
        except ClientLeftError:
            self._transport.abort()
        except Exception:
            log.exception("an answer broke off")
            self._transport.abort()
        finally:
            self._task, self._is_streaming = None, False
            self.hold(self._transport.get_write_buffer_size())
        self._continue()

    def _continue(self) -> None:
        """Go on to the next request, or close the connection."""
        if self._has_left or self._transport.is_closing():
            return
        states = (self._parser.our_state, self._parser.their_state)
        if states != (h11.DONE, h11.DONE) or self._crowd.is_stopping:
            self._linger()
            return
        self._parser.start_next_cycle()
        self._ahead = len(self._parser.trailing_data[0])
        self._pause(False)
        self._allow(HEAD_SECONDS if self._ahead else self._idle_seconds)
        if self._ahead or self._parser.trailing_data[1]:
            self._begin(is_new=False)

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        """Answer a request whose head is wrong or does not come, and close the connection."""
        response = build_problem(status, sentence)
        headers = [*response.headers.items(), ("Connection", "close")]
        with suppress(h11.LocalProtocolError, ClientLeftError):
            self.send(h11.Response(status_code=status, headers=headers, reason=status.phrase))
            self.send(h11.Data(data=response.get_data()))
            self.send(h11.EndOfMessage())
        self._linger()

    def _linger(self) -> None:
        """Close the connection when the client has read the answer.

        If bytes of the client were not read, closing at once would make the kernel drop the answer
        (RFC 9112, section 9.6).
        """
        self._is_lingering = True
        self._pause(False)
        is_read = self._parser.their_state in (h11.DONE, h11.MUST_CLOSE, h11.CLOSED)
        self._allow(TAKING_SECONDS if is_read else LINGER_SECONDS)
        if is_read or not self._transport.can_write_eof():
            self._transport.close()
        else:
            with suppress(OSError):  # the client has just left
                self._transport.write_eof()

    # --- waits ---

    def _allow(self, seconds: float) -> None:
        self.deadline = self._loop.time() + seconds

    async def _wait(self, seconds: float) -> None:
        """Wait until the client sends or takes something."""
        self._waiter = self._loop.create_future()
        self._allow(seconds)
        try:
            await self._waiter
        finally:
            self._waiter = self.deadline = None

    def _wake(self, error: ClientLeftError | None = None) -> None:
        waiter = self._waiter
        if waiter is None or waiter.done():
            return
        if error is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(error)

    def _pause(self, pause: bool) -> None:
        if pause is self._is_paused or self._transport.is_closing():
            return
        self._is_paused = pause
        if pause:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()
