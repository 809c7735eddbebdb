"""A connection to one client, in HTTP/1.1 (RFC 9112), which h11 parses and frames.

The loop of the process waits for all clients at once, and each wait has a deadline. So a client
that sends or takes nothing costs a little memory for a while, and holds no thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from threading import Event
from typing import Any

import h11

from reelqueue.web.problems import build_problem
from reelqueue.web.serving import patience
from reelqueue.web.serving.crowd import Crowd
from reelqueue.web.serving.incoming import Incoming, describe_fault
from reelqueue.web.serving.outgoing import Outgoing
from reelqueue.web.serving.patience import TOO_SLOW, ClientLeftError, Patience, TooSlowError

log = logging.getLogger(__name__)

Serve = Callable[["Connection", h11.Request], Awaitable[None]]


class Connection(asyncio.Protocol):
    """Reads the requests of one client, one after the other, and has each of them served.

    Attributes:
        ended: set when the client has left, or sends no more; for an answer without a known end
            also when the server stops. Threads that work for this client can wait for it.
        asks_for_head: whether the answer to the request has no body.
        outgoing: what is sent to the client.
    """

    def __init__(self, crowd: Crowd, serve: Serve, idle_seconds: float) -> None:
        self._crowd, self._serve, self._idle_seconds = crowd, serve, idle_seconds
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self.outgoing: Outgoing
        self._incoming = Incoming()
        self._task: asyncio.Task[None] | None = None
        self._patience = Patience()
        self._is_paused = self._is_lingering = self._is_streaming = False
        self.ended = Event()
        self.heard_at, self._linger_until = self._loop.time(), 0.0
        self.asks_for_head, self.held, self._in_work = False, 0, 0

    # --- called by the loop ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.outgoing = Outgoing(transport, self._incoming.parser, self._patience)
        self._patience.allow(patience.HEAD_SECONDS)
        self._crowd.add(self)

    def data_received(self, data: bytes) -> None:
        """Hand bytes to the request that is being served, or begin one with them."""
        self._crowd.note(self, self._loop.time(), len(data))
        if self._is_lingering:
            left = self._linger_until - self._loop.time()
            self._patience.allow(min(left, patience.LINGER_SECONDS))
            return
        is_new = self._task is None and not self._incoming.ahead
        self._incoming.receive(data)
        if self._task is None:
            self._begin(is_new=is_new)
        else:
            self._pause(self._incoming.is_far_ahead)
            if self._incoming.is_read:
                self.hold(self._in_work)
            self._patience.wake()

    def eof_received(self) -> bool:
        """Note that the client sends no more, which nearly always means that it has left.

        It may still read: so it is answered. Return whether to keep the connection open.
        """
        if self._is_lingering or (self._task is None and not self._incoming.ahead):
            return False
        self._incoming.receive(b"")
        self.ended.set()
        if self._task is None:
            self._begin(is_new=False)
        else:
            self._patience.wake()
        return True

    def pause_writing(self) -> None:
        """Note that the client is slower than the server."""
        self.outgoing.is_choked = True

    def resume_writing(self) -> None:
        """Note that the client has taken most of what was written."""
        self._crowd.note(self, self._loop.time())
        self.outgoing.is_choked = False
        if self._task is None:
            self.hold(0)
        self._patience.wake()

    def connection_lost(self, _error: Exception | None) -> None:
        """End what waits for this client."""
        self._patience.leave()
        self.ended.set()
        self._crowd.remove(self)

    # --- called by the crowd ---

    @property
    def deadline(self) -> float | None:
        """When the wait for this client ends; None while it waits for the server."""
        return self._patience.deadline

    def give_up(self) -> None:
        """End the wait: the client took too long, or others need its place."""
        self._patience.deadline = None
        if self._patience.is_awaited:
            self._patience.wake(TooSlowError())
        elif self._is_lingering or self.outgoing.held:
            self._transport.abort()
        elif self._incoming.ahead:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, TOO_SLOW)
        else:
            self._transport.close()

    def stop(self) -> None:
        """Serve no further request but one that may be on its way."""
        if self._is_streaming:
            self.ended.set()
        if self._task is None and not self._is_lingering:
            self._patience.allow(patience.STOPPING_SECONDS)

    def abort(self) -> None:
        """Close the connection at once; the task that serves it is told, and cleans up."""
        self._transport.abort()

    # --- called while a request is served ---

    @property
    def addresses(self) -> tuple[Any, Any]:
        """The client's address and the one that it has connected to, as `socket` has them."""
        tell = self._transport.get_extra_info
        return tell("peername"), tell("sockname")

    @property
    def is_last(self) -> bool:
        """Whether this connection ends with the request that is being served."""
        unread = (h11.SEND_BODY, h11.ERROR)
        return self._crowd.is_stopping or self._incoming.parser.their_state in unread

    async def read_body(self) -> AsyncIterator[bytes]:
        """Yield the body of the request as it comes.

        Raises:
            h11.RemoteProtocolError: if it is malformed or cut.
            TooSlowError: if it comes too slowly.
            ClientLeftError: if the client leaves.
        """
        begun, received = self._loop.time(), 0
        if self._incoming.parser.they_are_waiting_for_100_continue:
            self.outgoing.send(h11.InformationalResponse(status_code=100, headers=[]))
        while True:
            piece, is_whole = self._incoming.take_body()
            self._pause(self._incoming.is_far_ahead)
            if piece:
                received += len(piece)
                yield piece
                if self._incoming.has_more:
                    await asyncio.sleep(0)  # others come first
            if is_whole:
                return
            if not piece:
                expected = begun + patience.PIECE_SECONDS + received / patience.MIN_BYTES_PER_SECOND
                await self._patience.wait(min(patience.PIECE_SECONDS, expected - self._loop.time()))
            elif self._incoming.ahead:
                await asyncio.sleep(0)  # others have their turn

    def hold(self, size: int) -> None:
        """Note how many bytes of a body or an answer are in memory; what came early counts too."""
        self._in_work = size
        early = self._incoming.ahead if self._incoming.is_read else 0
        self._crowd.hold(self, size + early)

    async def await_calm(self) -> None:
        """Wait until no other clients wait to be taken in."""
        await self._crowd.calm.wait()

    async def begin_upload(self) -> bool:
        """Wait for a place to send a form; tell whether there is one."""
        return await self._crowd.begin_upload(self, self._patience)

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
            head = self._incoming.take_head()
        except h11.RemoteProtocolError as error:
            self._refuse(*describe_fault(error))
            return
        if isinstance(head, h11.Request):
            self._patience.deadline = None
            self.asks_for_head = head.method == b"HEAD"
            self._task = self._loop.create_task(self._run(head))
        elif head is not None:
            self._transport.close()
        elif is_new:
            self._patience.allow(patience.HEAD_SECONDS)
        self._in_work = 0
        self._crowd.hold(self, self._incoming.ahead)

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
            self.hold(self.outgoing.held)
        self._continue()

    def _continue(self) -> None:
        """Go on to the next request, or close the connection."""
        if self._transport.is_closing():
            return
        if self._crowd.is_stopping or not self._incoming.begin_next():
            self._linger()
            return
        self._pause(False)
        is_new = self._incoming.ahead > 0
        self._patience.allow(patience.HEAD_SECONDS if is_new else self._idle_seconds)
        if is_new or self._incoming.has_ended:
            self._begin(is_new=False)

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        """Answer a request whose head is wrong or does not come, and close the connection."""
        response = build_problem(status, sentence)
        headers = [*response.headers.items(), ("Connection", "close")]
        with suppress(h11.LocalProtocolError, ClientLeftError):
            self.outgoing.send(
                h11.Response(status_code=status, headers=headers, reason=status.phrase)
            )
            self.outgoing.send(h11.Data(data=response.get_data()))
            self.outgoing.send(h11.EndOfMessage())
        self._linger()

    def _linger(self) -> None:
        """Close the connection when the client has read the answer.

        If bytes of the client were not read, closing at once would make the kernel drop the answer
        (RFC 9112, section 9.6).
        """
        self._is_lingering = True
        self._pause(False)
        self._linger_until = self._loop.time() + patience.LONGEST_LINGER_SECONDS
        is_read = self._incoming.is_read
        self._patience.allow(patience.TAKING_SECONDS if is_read else patience.LINGER_SECONDS)
        self.outgoing.close(lingers=not is_read)

    def _pause(self, pause: bool) -> None:
        if pause is self._is_paused or self._transport.is_closing():
            return
        self._is_paused = pause
        (self._transport.pause_reading if pause else self._transport.resume_reading)()
