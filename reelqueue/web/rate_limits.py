"""Rate limits for each owner and each address: https://flask-limiter.readthedocs.io.

The counts are in Redis if there is one, else in each web process. While Redis does not answer, or
is full, each process counts by itself: requests go on.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from functools import cache, partial
from ipaddress import ip_address, ip_network
from threading import Lock
from typing import Any

from flask import Flask, Response, render_template, request
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded
from limits.storage import MemoryStorage
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from reelqueue.config import Settings
from reelqueue.jobs.model import ANYONE
from reelqueue.web.access import find_owner
from reelqueue.web.problems import answer_http_error
from reelqueue.web.serving.form import has_form

log = logging.getLogger(__name__)

_PREFIX = "reelqueue:limits"
_NETWORK_BITS = 64  # of an IPv6 address: a customer has at least as many addresses (RFC 6177)


class Counts(MemoryStorage):
    """Counts in memory, one at a time: threads that count at once could start a timer twice."""

    STORAGE_SCHEME = ["counts"]  # noqa: RUF012  # of the base class

    def __init__(self, uri: str | None = None, **options: Any) -> None:
        self._lock = Lock()
        super().__init__(uri, **options)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a count, and return it."""
        with self._lock:
            return super().incr(key, expiry, amount)


def register_rate_limits(app: Flask, settings: Settings) -> None:
    """Count requests before anything else is done for them.

    This comes before access, so that a token or password is not even tried once there were too
    many wrong ones.
    """
    uploads = partial(_limit, settings.uploads_per_minute, "uploads", when=_is_upload)
    orders = partial(_limit, settings.orders_per_minute, "orders", when=_is_order)
    guesses = partial(_limit, settings.wrong_passwords_per_minute, "wrong tokens or passwords")
    limits = [
        _limit(settings.requests_per_minute, "requests", by=_find_address),
        guesses(by=_find_address, when=_has_credentials, deduct_when=_was_refused),
        uploads(by=_find_owner),
        orders(by=_find_owner),
    ]
    if not settings.api_tokens:  # then each new cookie is a new owner
        limits += [uploads(by=_find_address), orders(by=_find_address)]
    limiter = Limiter(
        _find_address,
        app=app,
        application_limits=[limit for limit in limits if limit],
        strategy="fixed-window",
        request_identifier=_name_request,
        in_memory_fallback_enabled=True,
        swallow_errors=True,
        **_choose_storage(settings),
    )
    app.register_error_handler(RateLimitExceeded, partial(_refuse, limiter))


def _limit(
    per_minute: int,
    what: str,
    *,
    by: Callable[[], str],
    when: Callable[[], bool] = lambda: True,
    **options: Any,
) -> ApplicationLimit | None:
    """Return a limit of `what` for each value of `by` that is not empty; None if there is none."""
    if not per_minute:
        return None
    return ApplicationLimit(
        limit_provider=f"{per_minute} per minute",
        key_function=by,
        scope=f"{what.replace(' ', '-')}{by.__name__}",
        error_message=what,
        exempt_when=lambda: not (when() and by()),
        **options,
    )


def _choose_storage(settings: Settings) -> dict[str, Any]:
    if settings.redis_url is None:
        return {"storage_uri": "counts://"}
    from reelqueue.queues.redis_connection import (
        connect,  # RQ and redis are loaded only where they are used
    )

    pool = connect(settings).connection_pool
    options = {"connection_pool": pool, "key_prefix": _PREFIX}
    return {"storage_uri": "redis://", "storage_options": options}


def _refuse(limiter: Limiter, refused: RateLimitExceeded) -> AnyResponse:
    seconds = _count_seconds(limiter)
    sentence = f"There were too many {refused.description}: try again in {seconds} s."
    if request.endpoint != "access.sign_in":
        return answer_http_error(TooManyRequests(sentence, retry_after=seconds))
    page = render_template("sign_in.html", error=sentence)
    return Response(page, TooManyRequests.code, headers={"Retry-After": str(seconds)})


def _count_seconds(limiter: Limiter) -> int:
    """Return the seconds until the next request is taken."""
    limit = limiter.current_limit
    assert limit
    try:
        return max(1, math.ceil(limit.window.reset_time - time.time()))
    except Exception:  # the storage went away, which raises errors of all kinds
        log.warning("the rate limits cannot be read", exc_info=True)
        return limit.limit.get_expiry()


def _name_request() -> str:
    """Name the request so that the limiter leaves none out.

    It leaves out those of no endpoint, and those whose last part is "static", as the dashboard's.
    An upload has been counted when its form has been received.
    """
    is_counted = request.endpoint == "static" or has_form(request.environ)
    return "static" if is_counted else "any"


def _find_address() -> str:
    """Return the client's address, in IPv6 that of its network."""
    if "X-Forwarded-For" in request.headers and not request.environ.get("werkzeug.proxy_fix.orig"):
        _warn_of_proxy()
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ip_network((address, _NETWORK_BITS), strict=False))
    return str(address)


@cache
def _warn_of_proxy() -> None:
    log.warning(
        "A proxy stands in front, and TRUSTED_PROXIES is 0: all its users count as one address."
    )


def _find_owner() -> str:
    """Return the owner; none for clients that share one, as only their addresses differ."""
    owner = find_owner()
    return "" if owner in (None, ANYONE) else str(owner)


def _has_credentials() -> bool:
    return "Authorization" in request.headers or request.endpoint == "access.sign_in"


def _was_refused(response: Response) -> bool:
    return response.status_code == 401


def _is_upload() -> bool:
    return request.method == "POST" and request.blueprint == "uploads"


def _is_order() -> bool:
    return request.endpoint == "jobs.retry" or (request.endpoint or "").startswith("order.")
