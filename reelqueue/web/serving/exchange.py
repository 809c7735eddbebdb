"""One request and its answer: the body is received, the app is called, the answer is sent."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from email.utils import formatdate
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

import h11
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header

from reelqueue.errors import BusyError, MalformedRequestError, ReelqueueError
from reelqueue.web.problems import build_problem, make_problem
from reelqueue.web.serving.body import LARGE_TYPES, SLOT, BodySlot
from reelqueue.web.serving.connection import Connection
from reelqueue.web.serving.incoming import explain_fault
from reelqueue.web.serving.lanes import Lane, Lanes
from reelqueue.web.serving.outgoing import WRITE_BYTES
from reelqueue.web.serving.patience import TOO_SLOW, ClientLeftError, TooSlowError
from reelqueue.web.serving.quiet import is_hushed, list_quiet_headers
from reelqueue.web.serving.wsgi import Answer, to_environ

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment
    from werkzeug.wrappers import Response

log = logging.getLogger(__name__)

ENDED = "reelqueue.ended"
"""In an environ: a `threading.Event`, set when it is useless to work on for this client."""
BODY_BYTES = 2_000_000
"""The largest body that no view receives as it comes."""


class Sent(NamedTuple):
    """What an access log tells of an answer."""

    status: str
    headers: list[tuple[str, str]]
    sent: int


LogAccess = Callable[[Sent, "WSGIEnvironment", timedelta], None]


class Exchange:
    """Serves requests with a WSGI app. No thread waits for a client."""

    def __init__(self, app: WSGIApplication, lanes: Lanes, log_access: LogAccess) -> None:
        self._app, self._lanes, self._log_access = app, lanes, log_access

    async def serve(self, connection: Connection, request: h11.Request) -> None:
        """Serve one request.

        Raises:
            ClientLeftError: if the client leaves before it has the whole answer.
        """
        begun = time.monotonic()
        environ: WSGIEnvironment = {"REQUEST_METHOD": request.method.decode("ascii")}
        slot = BodySlot()
        try:
            try:
                environ |= to_environ(request, *connection.addresses)
                environ[ENDED] = connection.ended
                lane = self._lanes.choose(environ["REQUEST_METHOD"], environ["PATH_INFO"])
                if not lane.is_urgent:
                    await connection.await_calm()
                answer = await self._ask(connection, environ, lane, slot)
            except Exception as error:
                lane = self._lanes.disk
                answer = Answer(_to_problem(error), environ)  # at once: it is only a text
            sent = await _send(connection, answer, lane, environ.get("HTTP_PREFER", ""))
        finally:
            if slot.body is not None:
                await self._lanes.disk.run(slot.body.close)
        if "PATH_INFO" in environ:
            seconds = timedelta(seconds=time.monotonic() - begun)
            self._log_access(
                Sent(f"{answer.status} {answer.reason}", answer.headers, sent), environ, seconds
            )

    async def _ask(
        self, connection: Connection, environ: WSGIEnvironment, lane: Lane, slot: BodySlot
    ) -> Answer:
        """Receive the body, and return the app's answer."""
        if lane.is_full:
            raise BusyError("The service has too much to do right now: try again later.")
        if parse_options_header(environ.get("CONTENT_TYPE"))[0] in LARGE_TYPES:
            environ[SLOT] = slot
            refusal = await self._receive_large(connection, environ, slot)
            if refusal is not None:
                return refusal
        else:
            await _receive_body(connection, environ)
        return await lane.run(Answer, self._app, environ)

    async def _receive_large(
        self, connection: Connection, environ: WSGIEnvironment, slot: BodySlot
    ) -> Answer | None:
        """Ask the app by the request's head, then receive the body; return the app's refusal.

        If the app would take the body, it leaves one in the slot. Then it is called again with it.
        """
        ask, run = self._lanes.asks.run, self._lanes.disk.run
        if not await connection.begin_upload():
            raise BusyError("Too many files are being received right now: try again later.")
        try:
            answer = await ask(Answer, self._app, environ.copy())
            body = slot.body
            if body is None:
                return answer
            await ask(answer.close)
            async for piece in connection.read_body():
                await run(body.write, piece)
                if body.error is not None:
                    return None
            await run(body.finish)
        finally:
            connection.end_upload()
        return None


async def _receive_body(connection: Connection, environ: WSGIEnvironment) -> None:
    """Put the body into the environ.

    Raises:
        RequestEntityTooLarge: if it has more than `BODY_BYTES`.
    """
    if int(environ.get("CONTENT_LENGTH") or 0) > BODY_BYTES:
        raise RequestEntityTooLarge
    body = bytearray()
    async for piece in connection.read_body():
        body += piece
        if len(body) > BODY_BYTES:
            raise RequestEntityTooLarge
        connection.hold(len(body))
    if body:
        environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def _to_problem(error: Exception) -> Response:
    """Return the answer to an error outside the app; raise again if there is no client."""
    match error:
        case TooSlowError():
            return build_problem(HTTPStatus.REQUEST_TIMEOUT, TOO_SLOW)
        case ClientLeftError():
            raise error
        case h11.RemoteProtocolError():
            sentence = f"The body cannot be read: {explain_fault(error)}."
            return make_problem(MalformedRequestError(sentence))
        case RequestEntityTooLarge():
            return build_problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        case ReelqueueError():
            return make_problem(error)
    log.error("a request failed outside the app", exc_info=error)
    return build_problem(HTTPStatus.INTERNAL_SERVER_ERROR)


async def _send(connection: Connection, answer: Answer, lane: Lane, prefer: str) -> int:
    """Send an answer as its client prefers it, and return how many bytes its body had."""
    status, reason, headers = answer.status, answer.reason, [*answer.headers]
    if is_hushed(status, prefer):
        headers += list_quiet_headers(status)
        status, reason = HTTPStatus.OK, HTTPStatus.OK.phrase
    if not any(name.lower() == "date" for name, _ in headers):  # answers with files have it
        headers.append(("Date", formatdate(usegmt=True)))
    if connection.is_last:
        headers.append(("Connection", "close"))
    head = h11.Response(status_code=status, headers=headers, reason=reason)
    sent, has_body = 0, answer.status not in (204, 304) and not connection.asks_for_head
    try:
        connection.outgoing.send(head)
        if answer.length is None and not answer.is_whole:
            connection.begin_stream()
        piece = answer.first
        while True:
            if piece and has_body:
                sent += len(piece)
                await _send_piece(connection, piece)
            if answer.is_whole:
                break
            piece = await lane.run(answer.read)
        connection.outgoing.send(h11.EndOfMessage())
    finally:
        if not answer.is_closed:
            await lane.run(answer.close)
    return sent


async def _send_piece(connection: Connection, piece: bytes) -> None:
    view = memoryview(piece)
    connection.hold(len(piece))
    for start in range(0, len(piece), WRITE_BYTES):
        connection.outgoing.send(h11.Data(data=view[start : start + WRITE_BYTES]))  # type: ignore[arg-type]  # any bytes-like object, says h11's documentation
        await connection.outgoing.drain()
    connection.hold(0)
