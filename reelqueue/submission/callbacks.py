"""Callbacks: the addresses that orders name, to be told when their jobs have ended."""

from __future__ import annotations

from pydantic import HttpUrl

from reelqueue.config import Settings
from reelqueue.errors import InvalidSpecError
from reelqueue.specs.destinations import Destination, explain_refusal

_FIELD = "callback_url"


def check_callback(settings: Settings, url: HttpUrl | None) -> None:
    """Check that webhooks can be sent to an address, as far as it tells without being resolved.

    Raises:
        InvalidSpecError: if they cannot.
    """
    if url is None:
        return
    if not settings.webhook_secret:
        raise InvalidSpecError(
            f"{_FIELD}: this service sends no webhooks, as its WEBHOOK_SECRET is not set: leave it "
            "out, and poll the status.",
            _FIELD,
        )
    destination = Destination.from_url(url)
    refusal = explain_refusal(destination)
    if refusal and not destination.is_among(settings.webhook_hosts):
        raise InvalidSpecError(f"{_FIELD}: {refusal}.", _FIELD)
