"""How long the server waits for a client, and for what."""

from __future__ import annotations

import asyncio

HEAD_SECONDS = 20.0
"""For a whole request head, from its first byte on; for the first one, from the connection on."""
PIECE_SECONDS = 30.0
"""For the next bytes of a body."""
TAKING_SECONDS = 60.0
"""For a client to take what was written."""
STOPPING_SECONDS = 2.0
"""For a request that is on its way on an open connection when the server stops."""
LINGER_SECONDS, LONGEST_LINGER_SECONDS = 5.0, 30.0
"""For a client to read an answer that came early; longer while it still sends its request."""
PLACE_SECONDS = 10.0
"""For a place among those that send forms."""
PLACE_POLL_SECONDS = 0.5
MIN_BYTES_PER_SECOND = 500
"""A body must come at least this fast on average, after its first `PIECE_SECONDS`."""

TOO_SLOW = "The request came too slowly: send it again over a faster connection."


class ClientLeftError(Exception):
    """Raised in a wait for a client that has closed its connection, or that was given up."""


class TooSlowError(ClientLeftError):
    """Raised in a wait for a client that has sent or taken nothing for too long."""


class Patience:
    """The wait for one client.

    Attributes:
        deadline: when it ends, on the loop's clock; None while the client waits for the server.
        has_left: whether the client has closed the connection: it is not waited for any more.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] | None = None
        self.deadline: float | None = None
        self.has_left = False

    @property
    def is_awaited(self) -> bool:
        """Whether `wait` is being awaited."""
        return self._waiter is not None

    def allow(self, seconds: float) -> None:
        """Set the deadline."""
        self.deadline = self._loop.time() + seconds

    async def wait(self, seconds: float) -> None:
        """Wait until the client does something. Raises the error that `wake` is given.

        Raises:
            ClientLeftError: at once if the client has left.
        """
        if self.has_left:
            raise ClientLeftError
        self._waiter = self._loop.create_future()
        self.allow(seconds)
        try:
            await self._waiter
        finally:
            self._waiter = self.deadline = None

    def wake(self, error: ClientLeftError | None = None) -> None:
        """End the wait, if there is one."""
        if self._waiter is None or self._waiter.done():
            return
        if error is None:
            self._waiter.set_result(None)
        else:
            self._waiter.set_exception(error)

    def end(self) -> None:
        """Note that the client has left, and end the wait, if there is one."""
        self.has_left, self.deadline = True, None
        self.wake(ClientLeftError())
