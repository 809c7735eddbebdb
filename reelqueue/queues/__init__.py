"""Queues: the one place that chooses between RQ's workers and rendering on this machine."""

from __future__ import annotations

from reelqueue.config import Settings
from reelqueue.jobs.ledger import Ledger
from reelqueue.queues.inline import InlineQueue
from reelqueue.queues.protocol import JobQueue
from reelqueue.storage import Store


def check_queue(settings: Settings) -> None:
    """Check the address of Redis, if there is one, without connecting.

    Raises:
        SettingsError: if it is none.
    """
    if settings.redis_url is not None:
        from reelqueue.queues.redis_connection import connect

        connect(settings).close()


def open_queue(settings: Settings, store: Store, ledger: Ledger) -> JobQueue:
    """Open RQ's queue if `REDIS_URL` is set, else the queue that renders in child processes."""
    if settings.redis_url is None:
        return InlineQueue(settings, store, ledger)
    # Imported here so that RQ and redis are loaded only where they are used.
    from reelqueue.queues.redis import RedisQueue

    return RedisQueue(settings)
