"""The compression of texts that are sent, as the client takes it."""

from __future__ import annotations

import gzip
from typing import Literal

import brotli
from flask import Response, request

Coding = Literal["br", "gzip"]
"""A content coding (RFC 9110, section 8.4.1): Brotli (RFC 7932) or gzip (RFC 1952)."""

_CODINGS: tuple[Coding, ...] = ("br", "gzip")
_BEST, _FAST = 11, 5  # of Brotli: the best takes 60 times as long as the fast


def make_page(text: str) -> Response:
    """Return an answer with a page of HTML, compressed."""
    coding = choose_coding()
    response = Response(compress(text.encode(), coding, is_kept=False), mimetype="text/html")
    mark_coding(response, coding)
    return response


def mark_coding(response: Response, coding: Coding | None) -> None:
    """Say in the headers of an answer which coding was chosen for it, and by what."""
    if coding:
        response.headers["Content-Encoding"] = coding
    response.vary.add("Accept-Encoding")


def choose_coding() -> Coding | None:
    """Return the best coding that the client of this request takes, None if it takes neither."""
    accepted = request.accept_encodings
    return next((coding for coding in _CODINGS if accepted.quality(coding) > 0), None)


def compress(data: bytes, coding: Coding | None, *, is_kept: bool) -> bytes:
    """Return a text in a coding, as it is without one.

    Args:
        data: the text.
        coding: the coding.
        is_kept: whether it is sent more often than it is compressed.
    """
    if coding == "br":
        return bytes(brotli.compress(data, brotli.MODE_TEXT, _BEST if is_kept else _FAST))
    return gzip.compress(data, mtime=0) if coding else data
