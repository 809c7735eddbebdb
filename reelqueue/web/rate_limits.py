"""Rate limits for each owner and each address.

While Redis does not answer, or is full, each process counts by itself: requests go on.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple

from flask import Flask, Response, g, render_template, request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from reelqueue.config import Settings
from reelqueue.jobs.model import ANYONE
from reelqueue.outages import OUTAGES
from reelqueue.web.access import find_owner
from reelqueue.web.problems import answer_http_error
from reelqueue.web.rate_counts import Counts, SharedCounts, SharedWindow, open_counts
from reelqueue.web.serving.body import has_body

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

_FORMS = ("plain.order_slideshow", "plain.order_clip")  # which bring their files, too
_ORDERS = ("jobs.retry", "batches.post_batch", "batches.retry", *_FORMS)
_AWAY_SECONDS = 5.0
"""For so long Redis is not asked again after it did not answer."""
_NETWORK_BITS = 64  # of an IPv6 address: a customer has at least as many addresses (RFC 6177)


@dataclass(frozen=True)
class Limit:
    """So many of something a minute for each value of `by` that is not empty.

    Attributes:
        per_minute: how many; 0: there is no limit.
        what: the plural of what is counted.
        by: whose they are.
        is_for: which requests count.
        counts_first: whether each counts as one before it is answered.
        count_later: how many it counts as when it has been answered.
    """

    per_minute: int
    what: str
    by: Callable[[], str]
    is_for: Callable[[], bool] = lambda: True
    counts_first: bool = True
    count_later: Callable[[Response], int] = lambda _: 0


class Ask(NamedTuple):
    """What the counts are asked for a limit: the item, and the names of one of its counts."""

    limit: Limit
    item: RateLimitItem
    names: tuple[str, str]


class RateLimiter:
    """Refuses requests beyond some limits, of which the first that is exceeded counts."""

    def __init__(self, limits: Sequence[Limit], shared: SharedCounts | None) -> None:
        self._limits = [
            (limit, RateLimitItemPerMinute(limit.per_minute), _name_scope(limit))
            for limit in sorted(limits, key=lambda limit: limit.per_minute)
            if limit.per_minute
        ]
        self._own = FixedWindowRateLimiter(Counts())
        self._shared = SharedWindow(shared) if shared else self._own
        self._away_until = float("-inf")

    def check(self) -> AnyResponse | None:
        """Count this request; answer it if there were too many."""
        g.asked = []
        if request.endpoint == "static" or has_body(request.environ):
            return None  # an upload has been counted when its body has been received
        for limit, item, scope in self._limits:
            key = limit.by() if limit.is_for() else ""
            if not key:
                continue
            asked = Ask(limit, item, (key, scope))
            g.asked.append(asked)
            if not self._ask("hit" if limit.counts_first else "test", asked):
                return self._refuse(asked)
        return None

    def count_answer(self, response: Response) -> Response:
        """Count what only the answer tells."""
        for asked in g.pop("asked", ()):
            if cost := asked.limit.count_later(response):
                self._ask("hit", asked, cost=cost)
        return response

    def _ask(self, question: str, asked: Ask, **options: int) -> Any:
        """Ask the shared counts, or those of this process while the others are away."""
        if time.monotonic() >= self._away_until:
            try:
                return getattr(self._shared, question)(asked.item, *asked.names, **options)
            except Exception:  # whatever Redis does or holds, requests go on
                log.warning("each process counts requests by itself now", exc_info=True)
                self._away_until = time.monotonic() + _AWAY_SECONDS
        return getattr(self._own, question)(asked.item, *asked.names, **options)

    def _refuse(self, asked: Ask) -> AnyResponse:
        """Answer a request beyond a limit; say when the next one is taken."""
        reset = self._ask("get_window_stats", asked).reset_time
        seconds = max(1, math.ceil(reset - time.time()))
        sentence = f"There were too many {asked.limit.what}: try again in {seconds} s."
        if request.endpoint != "access.sign_in":
            return answer_http_error(TooManyRequests(sentence, retry_after=seconds))
        page = render_template("sign_in.html", error=sentence)
        return Response(page, TooManyRequests.code, headers={"Retry-After": str(seconds)})


def register_rate_limits(app: Flask, settings: Settings) -> None:
    """Count requests before anything else is done for them.

    This comes before access, so that a token or password is not even tried once there were too
    many wrong ones.
    """
    limiter = RateLimiter(_list_limits(settings), open_counts(settings))
    app.before_request(limiter.check)
    app.after_request(limiter.count_answer)


def _list_limits(settings: Settings) -> list[Limit]:
    guesses = Limit(
        settings.wrong_passwords_per_minute,
        "wrong tokens or passwords",
        _find_address,
        _has_credentials,
        counts_first=False,
        count_later=_was_refused,
    )
    limits = [Limit(settings.requests_per_minute, "requests", _find_address), guesses]
    uploads, orders = settings.uploads_per_minute, settings.orders_per_minute
    # Without tokens each new cookie is a new owner.
    for by in (_find_owner,) if settings.api_tokens else (_find_owner, _find_address):
        limits.append(Limit(uploads, "uploads", by, _is_upload))
        limits.append(Limit(orders, "orders", by, _is_order, count_later=_count_further_orders))
    return limits


def _name_scope(limit: Limit) -> str:
    return f"{limit.what.replace(' ', '-')}{limit.by.__name__}"


def _find_address() -> str:
    """Return the client's address, in IPv6 that of its network."""
    if "X-Forwarded-For" in request.headers and not request.environ.get("werkzeug.proxy_fix.orig"):
        _warn_of_proxy()
    return _name_network(request.remote_addr or "")


@lru_cache(4096)
def _name_network(text: str) -> str:
    try:
        address = ip_address(text)
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


def _was_refused(response: Response) -> int:
    return int(response.status_code == 401)


def count_orders(number: int) -> None:
    """Count a request that is accepted as so many orders; it is not refused for that."""
    g.orders = number


def _count_further_orders(response: Response) -> int:
    """Return how many orders a batch has beside the one that it was counted as before."""
    return g.get("orders", 1) - 1 if response.status_code == 202 else 0


def _is_upload() -> bool:
    is_sent = request.method in ("POST", "PATCH") and request.blueprint in ("uploads", "tus")
    return is_sent or request.endpoint in _FORMS


def _is_order() -> bool:
    endpoint = request.endpoint or ""
    return endpoint in _ORDERS or endpoint.startswith("order.")
