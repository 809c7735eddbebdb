"""The counts of rate limits, in Redis or in a process, by https://limits.readthedocs.io."""

from __future__ import annotations

import time
from threading import Lock
from typing import Any

from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter

from reelqueue.config import Settings

_PREFIX = "reelqueue:limits"
_UNUSED_SECONDS = 5.0
_MOST_KEPT = 10_000
_SHARE = 1000
"""Redis is told of hits together, once they are one of so many parts of their limit."""


class Counts(MemoryStorage):
    """Counts in memory, one at a time: threads that count at once could start a timer twice."""

    def __init__(self) -> None:
        self._lock = Lock()
        super().__init__()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a count, and return it."""
        with self._lock:
            return super().incr(key, expiry, amount)


class SharedCounts(RedisStorage):
    """Counts in Redis, which is not asked again for some seconds after it knew nothing of a count.

    Only counts of wrong guesses are asked for without adding to them. If another process has added
    to one meanwhile, this process lets one guess more pass: its own guess makes it ask again.
    """

    def __init__(self, pool: Any) -> None:
        """Take the pool of connections."""
        self._unused: dict[str, float] = {}
        super().__init__("redis://", connection_pool=pool, key_prefix=_PREFIX)

    def get(self, key: str) -> int:
        """Return a count."""
        asked = self._unused.get(key)
        if asked is not None and time.monotonic() - asked < _UNUSED_SECONDS:
            return 0
        count = super().get(key)
        if not count:
            if len(self._unused) >= _MOST_KEPT:
                self._unused.clear()
            self._unused[key] = time.monotonic()
        return count

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a count, and return it."""
        self._unused.pop(key, None)
        return super().incr(key, expiry, amount)


class SharedWindow(FixedWindowRateLimiter):
    """Counts in Redis, which is told of many hits at once if the limit is that high.

    So each process may let pass a thousandth of such a limit that the others do not know of.
    """

    def __init__(self, counts: SharedCounts) -> None:
        super().__init__(counts)
        self._untold: dict[str, int] = {}

    def hit(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        """Count something; tell whether it is within its limit."""
        share, key = item.amount // _SHARE, item.key_for(*identifiers)
        untold = self._untold.pop(key, None)  # None: it was beyond the limit, or is not known
        if untold is not None and untold + cost < share:
            self._untold[key] = untold + cost
            return True
        is_within = super().hit(item, *identifiers, cost=(untold or 0) + cost)
        if is_within and share > 1:
            if len(self._untold) >= _MOST_KEPT:
                self._untold.clear()
            self._untold[key] = 0
        return is_within


def open_counts(settings: Settings) -> SharedCounts | None:
    """Return the counts that all processes share, None without Redis."""
    if settings.redis_url is None:
        return None
    from reelqueue.queues.redis_connection import (
        connect,  # RQ and redis are loaded only where they are used
    )

    return SharedCounts(connect(settings).connection_pool)
