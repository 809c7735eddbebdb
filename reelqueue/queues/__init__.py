"""Who renders: the one place that chooses between RQ and this machine."""

from __future__ import annotations

from reelqueue.config import Settings
from reelqueue.jobs.ledger import Ledger
from reelqueue.queues.inline import InlineQueue
from reelqueue.queues.protocol import JobQueue
from reelqueue.storage import Store


def open_queue(settings: Settings, store: Store, ledger: Ledger) -> JobQueue:
    """Open RQ's queue if there is a Redis, else the one that renders in child processes."""
    if settings.redis_url is None:
        return InlineQueue(settings, store, ledger)
    # RQ and Redis stay unloaded without a Redis.
    from reelqueue.queues.redis import RedisQueue

    return RedisQueue(settings)
