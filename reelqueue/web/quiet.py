"""Quiet refusals: those that a page expects, without a line in the browser's console.

A browser writes every answer with an error status there. A page asks with `Prefer: quiet` (RFC
7240), and a refusal has the status 200 then, with the true one in the header `Problem-Status`.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.http import parse_dict_header

STATUS_HEADER = "Problem-Status"


def register_quiet(app: Flask) -> None:
    """Have the app answer quietly who prefers it. Call this before all that reads statuses."""
    app.after_request(_hush_refusal)  # what is registered first is called last


def _hush_refusal(response: Response) -> Response:
    if 400 <= response.status_code < 500 and _prefers_quiet():
        response.headers[STATUS_HEADER] = str(response.status_code)
        response.headers["Preference-Applied"] = "quiet"
        response.status_code = HTTPStatus.OK
    return response


def _prefers_quiet() -> bool:
    return "quiet" in parse_dict_header(request.headers.get("Prefer", ""))
