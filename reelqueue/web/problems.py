"""Problems: the answer to every error, as problem details (RFC 9457)."""

from __future__ import annotations

import errno
import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, json, request
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wrappers import Response as AnyResponse

from reelqueue import errors
from reelqueue.errors import InvalidSpecError, NotFoundError, ReelqueueError, UnavailableError
from reelqueue.outages import OUTAGES
from reelqueue.web.answers import Problem
from reelqueue.web.language.sentences import translate_answer

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

_STATUSES: dict[type[ReelqueueError], tuple[HTTPStatus, str]] = {
    errors.MalformedRequestError: (HTTPStatus.BAD_REQUEST, "malformed-request"),
    errors.InvalidSpecError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-spec"),
    errors.UnsupportedMediaError: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media"),
    errors.UnreadableMediaError: (HTTPStatus.UNPROCESSABLE_ENTITY, "unreadable-media"),
    errors.TooLargeError: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large"),
    errors.NotFoundError: (HTTPStatus.NOT_FOUND, "not-found"),
    errors.ConflictError: (HTTPStatus.CONFLICT, "conflict"),
    errors.ReusedKeyError: (HTTPStatus.UNPROCESSABLE_ENTITY, "reused-key"),
    errors.NotSignedInError: (HTTPStatus.UNAUTHORIZED, "not-signed-in"),
    errors.ForbiddenError: (HTTPStatus.FORBIDDEN, "forbidden"),
    errors.BusyError: (HTTPStatus.SERVICE_UNAVAILABLE, "busy"),
    errors.UnreadableRecordError: (HTTPStatus.SERVICE_UNAVAILABLE, "other-version"),
    errors.NoRoomError: (HTTPStatus.SERVICE_UNAVAILABLE, "no-room"),
    errors.UnavailableError: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
}

_SLUGS = {400: "malformed-request", 413: "too-large", 500: "internal-error"}
"""Problem types of these HTTP errors, as for our own errors; others get the name of the status."""

_ELEMENTS = {"image", "audio", "video"}
"""Of pages, as browsers name them in Sec-Fetch-Dest (Fetch Metadata, section 2.1)."""

_SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not allow that method: see /openapi.json.",
    412: "The file is not the one that If-Match names: ask again without that header.",
    413: "The request is larger than this service allows: send less at once.",
    500: "Something went wrong on our side, and we have logged it. Please try again.",
}


def register_problems(app: Flask) -> None:
    """Have the app answer every error with problem details."""
    app.register_error_handler(ReelqueueError, _answer_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(SecurityError, _answer_unknown_host)
    app.register_error_handler(Exception, _answer_fault)


def make_problem(error: ReelqueueError, **members: Any) -> Response:
    """Return the answer to one of our errors; `members` are added to its JSON object."""
    status, slug = _STATUSES[type(error)]
    if isinstance(error, InvalidSpecError) and error.field:
        members["field"] = error.field
    response = _build(status, slug, str(error), members)
    if isinstance(error, UnavailableError):
        response.headers["Retry-After"] = str(error.retry_after)
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def build_problem(status: HTTPStatus, detail: str | None = None) -> Response:
    """Return the answer to an error of HTTP itself. Needs no context of Flask.

    Args:
        status: of HTTP.
        detail: a sentence; unset: our own for that status.
    """
    slug = _SLUGS.get(status, HTTP_STATUS_CODES[status].lower().replace(" ", "-"))
    return _build(status, slug, detail or _SENTENCES[status], {})


def _answer_error(error: ReelqueueError) -> Response:
    # Pages remember files that may be gone: a browser writes each 404 into its console.
    if isinstance(error, NotFoundError) and request.headers.get("Sec-Fetch-Dest") in _ELEMENTS:
        return Response(status=HTTPStatus.NO_CONTENT)
    if isinstance(error, UnavailableError):
        cause = error.__cause__  # None for BusyError, which is not a fault
        log.warning("%s %s: %s", request.method, request.path, error, exc_info=cause)
    return make_problem(error)


def answer_http_error(error: HTTPException) -> AnyResponse:
    """Answer Werkzeug's error with its status and headers; return redirects unchanged."""
    original = error.get_response()
    if original.status_code < 400:
        return original
    status = HTTPStatus(original.status_code)
    detail = _SENTENCES.get(status, error.description or status.phrase)
    response = build_problem(status, detail)
    for name in ("Allow", "WWW-Authenticate", "Retry-After", "Content-Range"):
        if name in original.headers:
            response.headers[name] = original.headers[name]
    return response


def _answer_unknown_host(_: SecurityError) -> Response:
    return make_problem(
        errors.MalformedRequestError(
            "This service does not answer to this host name: use another, or add it to "
            "TRUSTED_HOSTS."
        )
    )


def _answer_fault(error: Exception) -> Response:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _answer_error(errors.NoRoomError())
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return build_problem(HTTPStatus.INTERNAL_SERVER_ERROR)


def _build(status: HTTPStatus, slug: str, detail: str, members: dict[str, Any]) -> Response:
    problem = Problem(
        type=f"/problems/{slug}",
        title=status.phrase,
        status=int(status),
        detail=detail,
        **members,
    )
    body = problem.model_dump(mode="json", exclude_none=True)
    return Response(
        json.dumps(translate_answer(body)), int(status), content_type="application/problem+json"
    )
