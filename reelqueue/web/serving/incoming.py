"""What a client sends: bytes in, the heads and bodies of its requests out (RFC 9112, by h11)."""

from __future__ import annotations

from http import HTTPStatus

import h11

HEAD_BYTES = 32_768
_AHEAD_BYTES = 1 << 18
_PIECES = 256
"""Parts of a body that are taken at once: h11 needs some 10 µs for each, even of one byte."""
_CHUNK_BYTES, _CREDIT_BYTES = 64, 640_000
"""A chunk must have so many bytes on average, except the first 10,000 of a body."""

_FAULTS = {
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The head of the request is too large: send fewer "
    "or shorter headers.",
    HTTPStatus.NOT_IMPLEMENTED: "The only Transfer-Encoding that is supported is chunked.",
}


def describe_fault(error: h11.RemoteProtocolError) -> tuple[HTTPStatus, str]:
    """Return the status and the sentence for a request that cannot be read."""
    status = HTTPStatus(error.error_status_hint)
    return status, _FAULTS.get(status, f"The request cannot be read: {explain_fault(error)}.")


def explain_fault(error: h11.RemoteProtocolError) -> str:
    """Return what h11 found wrong, without the bytes that it shows."""
    return str(error).partition(": bytearray")[0]


class Incoming:
    """The requests of one client, one after the other.

    Attributes:
        parser: h11's side of the connection, which also frames the answers.
        ahead: bytes that were received and not taken.
        has_more: whether more small parts of a body have come than were taken at once.
    """

    def __init__(self) -> None:
        self.parser = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)
        self.ahead, self.has_more = 0, False
        self._fault: h11.RemoteProtocolError | None = None
        self._credit = _CREDIT_BYTES

    def receive(self, data: bytes) -> None:
        """Take bytes from the client; none at its end."""
        self.ahead += len(data)
        self.parser.receive_data(data)

    @property
    def is_far_ahead(self) -> bool:
        """Whether more has come than is worth keeping."""
        return self.ahead > _AHEAD_BYTES

    @property
    def has_ended(self) -> bool:
        """Whether the client sends no more."""
        return self.parser.trailing_data[1]

    @property
    def is_read(self) -> bool:
        """Whether nothing is left of the request that the client may still send."""
        done = (h11.DONE, h11.MUST_CLOSE, h11.CLOSED)
        return self.parser.their_state in done or self.has_ended

    def take_head(self) -> h11.Request | h11.ConnectionClosed | None:
        """Return the head of the next request, None while it has not come.

        Raises:
            h11.RemoteProtocolError: if it is malformed or too large.
        """
        event = self.parser.next_event()
        if isinstance(event, h11.ConnectionClosed):
            return event
        if not isinstance(event, h11.Request):
            return None
        if (
            sum(len(name) + len(value) + 4 for name, value in event.headers.raw_items())
            > HEAD_BYTES
        ):
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise h11.RemoteProtocolError("too many headers", error_status_hint=status)
        return event

    def take_body(self) -> tuple[bytes, bool]:
        """Return the next bytes that have come of the body, and whether the body ends there.

        Nothing is returned if nothing has come.

        Raises:
            h11.RemoteProtocolError: if it is malformed or cut, after what came before that; or if
                its chunks are too small.
        """
        self.has_more = False
        if self._fault is not None:
            raise self._fault
        pieces: list[bytes] = []
        size = 0
        while size < _AHEAD_BYTES and len(pieces) < _PIECES:
            try:
                event = self.parser.next_event()
            except h11.RemoteProtocolError as error:
                if not pieces:
                    raise
                self._fault = error
                break
            if not isinstance(event, h11.Data):
                self.ahead = 0
                return b"".join(pieces), isinstance(event, h11.EndOfMessage)
            pieces.append(event.data)
            size += len(event.data)
            self._charge(event)
        self.has_more = len(pieces) == _PIECES
        return b"".join(pieces), False

    def _charge(self, part: h11.Data) -> None:
        """Note a fault if the chunks of a body are so small that reading them takes too long."""
        cost = _CHUNK_BYTES if part.chunk_start else 0
        self._credit = min(self._credit + len(part.data) - cost, _CREDIT_BYTES)
        if self._credit < 0:
            self._fault = h11.RemoteProtocolError("its chunks are too small, send larger ones")

    def begin_next(self) -> bool:
        """Make ready for the next request; return False if there can be none."""
        if (self.parser.our_state, self.parser.their_state) != (h11.DONE, h11.DONE):
            return False
        self.parser.start_next_cycle()
        self.ahead = len(self.parser.trailing_data[0])
        self._credit = _CREDIT_BYTES
        return True
