"""Queues: the one place that chooses between RQ's workers and rendering on this machine."""

from __future__ import annotations

from reelqueue.config import Settings
from reelqueue.jobs.ledger import Ledger
from reelqueue.queues.inline import InlineQueue
from reelqueue.queues.protocol import JobQueue
from reelqueue.storage.store import Store


def open_queue(settings: Settings, store: Store, ledger: Ledger) -> JobQueue:
    """Open RQ's queue if `REDIS_URL` is set, else the queue that renders in child processes."""
    if settings.redis_url is None:
        return InlineQueue(settings, store, ledger)
    # Imported here so that RQ and redis are loaded only where they are used.
    from reelqueue.queues.redis import RedisQueue

    return RedisQueue(settings)
