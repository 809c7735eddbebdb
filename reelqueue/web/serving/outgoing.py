"""What a client is sent: the parts of answers in, bytes out, no faster than it takes them."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import h11

from reelqueue.web.serving import patience
from reelqueue.web.serving.patience import ClientLeftError, Patience

WRITE_BYTES = 1 << 17  # written before the client has taken more; in the kernel as many again


class Outgoing:
    """The answers to one client.

    Attributes:
        is_choked: whether the client is slower than the server.
    """

    def __init__(
        self, transport: asyncio.Transport, parser: h11.Connection, wait: Patience
    ) -> None:
        self._transport, self._parser, self._wait = transport, parser, wait
        self._loop = asyncio.get_running_loop()
        self._unsent: list[bytes] = []
        self.is_choked = False
        transport.set_write_buffer_limits(high=WRITE_BYTES)
        with suppress(OSError):  # a Unix socket
            client = transport.get_extra_info("socket")
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, WRITE_BYTES)

    @property
    def held(self) -> int:
        """How many bytes wait in memory for the client."""
        return self._transport.get_write_buffer_size()

    def send(self, event: h11.Event) -> None:
        """Send a part of the answer. The head goes out together with what comes next.

        Raises:
            ClientLeftError: if there is no client any more.
        """
        if self._transport.is_closing():  # even before `connection_lost` tells
            raise ClientLeftError
        self._unsent.extend(self._parser.send_with_data_passthrough(event) or ())
        if not isinstance(event, h11.Response):
            # Early Pythons 3.12 and 3.13 never pause after `writelines` (python/cpython#127655).
            self._transport.write(b"".join(self._unsent))
            self._unsent.clear()

    async def drain(self) -> None:
        """Wait until the client has taken most of what was sent.

        Raises:
            TooSlowError: if it takes nothing for too long.
            ClientLeftError: if the client leaves.
        """
        until = self._loop.time() + patience.TAKING_SECONDS
        while self.is_choked:
            await self._wait.wait(until - self._loop.time())

    def close(self, *, lingers: bool) -> None:
        """Send no more; close the connection, unless what it still receives is to be read."""
        if not lingers or not self._transport.can_write_eof():
            self._transport.close()
        else:
            with suppress(OSError):  # the client has just left
                self._transport.write_eof()
