"""Receiving large bodies: checked by the request's head, then written to disk as they arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from flask import Request, Response, abort, request
from werkzeug.exceptions import RequestEntityTooLarge

from reelqueue.errors import MalformedRequestError, UnsupportedMediaError
from reelqueue.web.context import get_owner, get_services
from reelqueue.web.serving.body import FORM_TYPE, SLOT, Body, BodySlot, read_body
from reelqueue.web.serving.exchange import ENDED
from reelqueue.web.serving.form import Form, FormLimits

AnyBody = TypeVar("AnyBody", bound=Body)


class FormRequest(Request):
    """A request whose form with files, if it has one, is read by `receive_form` alone."""

    def _load_form_data(self) -> None:
        if self.mimetype == FORM_TYPE:
            raise MalformedRequestError("This address accepts no files.")
        super()._load_form_data()


@contextmanager
def receive_body(open_body: Callable[[], AnyBody]) -> Iterator[AnyBody]:
    """Receive the body of this request; what it is written to lasts as long as the block.

    A server that can wait for bodies without a thread calls the app twice. In the first call there
    is no body yet: this checks all that can be told without it, and ends the call with status 100.
    In the second call the body is there. Another server calls once; then the body is read here.

    Args:
        open_body: makes the checks, and room for the body.

    Raises:
        InputError: if the body is not accepted.
        NoRoomError: if the disk has no room for it.
    """
    slot: BodySlot | None = request.environ.get(SLOT)
    if slot is not None and slot.body is not None:  # the server closes it
        _raise_error(slot.body)
        yield cast("AnyBody", slot.body)
        return
    body = open_body()
    if slot is not None:
        slot.body = body
        abort(Response(status=100))
    try:
        read_body(body, request.environ)
        _raise_error(body)
        yield body
    finally:
        body.close()


@contextmanager
def receive_form(parts: int) -> Iterator[Form]:
    """Receive the form of this request, as `receive_body` does.

    Args:
        parts: most parts that the form may have.
    """
    with receive_body(lambda: _open_form(parts)) as form:
        yield form


def _open_form(parts: int) -> Form:
    """Make room for the form, before any of it is received."""
    if request.mimetype not in ("", FORM_TYPE):
        raise UnsupportedMediaError("Send files as a form, with Content-Type multipart/form-data.")
    services = get_services()
    settings = services.settings
    length = request.content_length  # None if it comes in chunks
    if length is not None and length > settings.max_request_bytes:
        raise RequestEntityTooLarge
    services.quota.check_room(length or 0)
    limits = FormLimits(
        request_bytes=settings.max_request_bytes,
        file_bytes=settings.max_upload_bytes,
        parts=parts,
        free_bytes=settings.min_free_bytes,
    )
    form = Form(request.content_type or "", limits)
    size = settings.max_request_bytes if length is None else length
    try:
        form.resources.enter_context(services.quota.reserve_owner(get_owner(), size))
    except BaseException:
        form.close()
        raise
    return form


def _raise_error(body: Body) -> None:
    if body.error is not None:
        raise body.error


def has_left() -> bool:
    """Tell whether the client of this request has left, where the server says so."""
    ended = request.environ.get(ENDED)
    return ended is not None and ended.is_set()
