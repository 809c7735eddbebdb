"""Large bodies, which views receive as they come: forms with files, parts of resumable uploads."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from reelqueue.errors import NoRoomError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FORM_TYPE = "multipart/form-data"
PARTS_TYPE = "application/offset+octet-stream"
"""The type of what is appended to an upload (tus 1.0.0, PATCH)."""
LARGE_TYPES = (FORM_TYPE, PARTS_TYPE)
SLOT = "reelqueue.body"
"""In an environ: a `BodySlot` of a server that receives large bodies itself."""
_PIECE_BYTES = 1 << 18


class Body(Protocol):
    """A body that is being received.

    Attributes:
        error: why it is refused; what comes after that is thrown away.
    """

    error: Exception | None

    def write(self, piece: bytes) -> None:
        """Take the next bytes; `error` says whether it is worth sending more."""

    def finish(self) -> None:
        """Note that the body has come to its end."""

    def close(self) -> None:
        """Release what is held, whether or not the body has come to its end."""


@dataclass
class BodySlot:
    """Where a view puts the body that it is ready to receive, and finds it when it has come."""

    body: Body | None = None


def has_body(environ: WSGIEnvironment) -> bool:
    """Tell whether this is the second call for a request, as its body has been received."""
    slot: BodySlot | None = environ.get(SLOT)
    return slot is not None and slot.body is not None


def read_body(body: Body, environ: WSGIEnvironment) -> None:
    """Receive a whole body from a server that leaves this to the app."""
    stream = environ["wsgi.input"]
    while body.error is None and (piece := stream.read(_PIECE_BYTES)):
        body.write(piece)
    body.finish()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise NoRoomError where the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoRoomError from error
        raise
