"""All connections of one process: how many there may be, and which one is closed to make room."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from reelqueue.web.serving import patience
from reelqueue.web.serving.patience import Patience
from reelqueue.web.serving.share import Share

_STALL_SECONDS = 1.0
_RUSH_SECONDS, _CALM_SECONDS = 1.0, 0.2
"""The longest that a rush holds others up, and how long it does not after that."""
_HURRY_SECONDS, _HURRY_BYTES_PER_SECOND = 5.0, 20_000
"""A client is dropped for another form if it has sent nothing for so long, or if it sends its form
so slowly on average, after so long."""


class Member(Protocol):
    """What the crowd knows of a connection.

    Attributes:
        heard_at: when the client last sent or took something, on the loop's clock.
        held: bytes in memory that wait for the client.
    """

    heard_at: float
    held: int

    @property
    def deadline(self) -> float | None:
        """When the wait for the client ends; None while the client waits for the server."""

    def give_up(self) -> None:
        """End the wait for the client."""

    def stop(self) -> None:
        """Serve no further request."""

    def abort(self) -> None:
        """Close the connection at once."""


@dataclass
class _Upload:
    """A form that is being received: since when, and how many bytes of it have come."""

    begun: float
    received: int = 0

    def measure_pace(self, moment: float) -> float:
        """Return the bytes a second, infinite as long as it is too early to tell."""
        seconds = moment - self.begun
        return self.received / seconds if seconds > _HURRY_SECONDS else math.inf


class Calm:
    """Whether no clients wait to be taken in: what is not urgent is served then.

    In a rush of clients, those that only ask how things are would otherwise wait for all before
    them.
    """

    def __init__(self) -> None:
        self._is_calm = asyncio.Event()
        self._is_calm.set()
        self._ends_at = 0.0

    async def wait(self) -> None:
        """Wait for the end of a rush."""
        await self._is_calm.wait()

    def note(self, *, more_wait: bool) -> None:
        """Note whether more clients wait. A rush ends after a while all the same."""
        loop = asyncio.get_running_loop()
        if not more_wait:
            self._is_calm.set()
        elif loop.time() > self._ends_at + _CALM_SECONDS:
            self._ends_at = loop.time() + _RUSH_SECONDS
            self._is_calm.clear()
            loop.call_at(self._ends_at, self._is_calm.set)


class Crowd:
    """The connections of a process, in the order in which their clients last did something.

    Where there are too many, the one is dropped whose client has done nothing for longest. So
    clients that open connections and do nothing make room for those that do something.

    Args:
        most: connections that may be open at once.
        most_uploads: forms that may be received at once.
        most_bytes: bytes that may wait in memory for slow clients.
        share: where the other processes see how many there are.
    """

    def __init__(self, most: int, most_uploads: int, most_bytes: int, share: Share) -> None:
        self._most, self._most_uploads, self._most_bytes = most, most_uploads, most_bytes
        self._members: OrderedDict[Member, None] = OrderedDict()
        self._uploads: OrderedDict[Member, _Upload] = OrderedDict()
        self._held = 0
        self._share = share
        self.is_stopping = False
        self.calm = Calm()
        self._tell_size()

    def __len__(self) -> int:
        return len(self._members)

    def add(self, member: Member) -> None:
        """Take a connection in, and drop another if there are too many."""
        self._members[member] = None
        self._tell_size()
        if len(self._members) > self._most:
            self.drop_slowest()

    def remove(self, member: Member) -> None:
        """Forget a connection that has been closed."""
        self._members.pop(member, None)
        self._tell_size()
        self._uploads.pop(member, None)
        self.hold(member, 0)

    def _tell_size(self) -> None:
        if not self.is_stopping:
            self._share.set(len(self))

    def note(self, member: Member, moment: float, received: int = 0) -> None:
        """Note that a client has just sent or taken something, and how many bytes it has sent."""
        member.heard_at = moment
        if member in self._members:
            self._members.move_to_end(member)
        if member in self._uploads:
            self._uploads.move_to_end(member)
            self._uploads[member].received += received

    def hold(self, member: Member, size: int) -> None:
        """Note how many bytes wait in memory for a client, and drop one if there are too many."""
        self._held += size - member.held
        member.held = size
        if size and self._held > self._most_bytes:
            _give_up_first(other for other in self._members if other.held)

    async def begin_upload(self, member: Member, wait: Patience) -> bool:
        """Wait until a client may begin to send a form; tell whether it may.

        Raises:
            ClientLeftError: if the client leaves.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + patience.PLACE_SECONDS
        while not self._admit_upload(member, loop.time()):
            if loop.time() > until:
                return False
            with suppress(TimeoutError):
                left = wait.wait(patience.PLACE_SECONDS)
                await asyncio.wait_for(left, patience.PLACE_POLL_SECONDS)
        return True

    def _admit_upload(self, member: Member, moment: float) -> bool:
        """Give a client a place if there is one, or if another client is too slow."""
        if len(self._uploads) >= self._most_uploads:
            dropped = _give_up_first(self._list_slow(moment))
            if dropped is None:
                return False
            self.end_upload(dropped)
        self._uploads[member] = _Upload(moment)
        return True

    def _list_slow(self, moment: float) -> Iterator[Member]:
        """Yield the clients that have stalled, and then the others that are slow, slowest first."""
        before = moment - _STALL_SECONDS
        yield from (member for member in self._uploads if member.heard_at < before)
        paces = {member: form.measure_pace(moment) for member, form in self._uploads.items()}
        slow = [member for member, pace in paces.items() if pace < _HURRY_BYTES_PER_SECOND]
        yield from sorted(slow, key=lambda member: paces[member])

    def end_upload(self, member: Member) -> None:
        """Note that a form has been received, or given up."""
        self._uploads.pop(member, None)

    def drop_slowest(self) -> None:
        """Give up the client that has kept the server waiting for longest."""
        _give_up_first(self._members)

    def sweep(self, moment: float) -> None:
        """Give up all clients that have kept the server waiting for too long."""
        late = [member for member in self._members if (member.deadline or moment) < moment]
        for member in late:
            member.give_up()

    def stop(self) -> None:
        """Have all connections end with the request that they serve."""
        self.is_stopping = True
        self._share.leave()
        for member in list(self._members):
            member.stop()

    def abort(self) -> None:
        """Close all connections at once, whatever is being sent or received."""
        for member in list(self._members):
            member.abort()


def _give_up_first(members: Iterable[Member]) -> Member | None:
    """Give up the first client that the server waits for; return it, None if there is none."""
    for member in members:
        if member.deadline is not None:
            member.give_up()
            return member
    return None
