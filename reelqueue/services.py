"""The services that web, workers and command line share: each process opens them once."""

from __future__ import annotations

from dataclasses import dataclass

from reelqueue.config import Settings
from reelqueue.jobs.ledger import Ledger
from reelqueue.media.quota import Quota
from reelqueue.media.uploads import Uploads
from reelqueue.queues import open_queue
from reelqueue.queues.protocol import JobQueue
from reelqueue.storage import Store, open_store
from reelqueue.text.fonts import use_fonts


@dataclass(frozen=True)
class Services:
    """The settings, and the services opened from them."""

    settings: Settings
    store: Store
    uploads: Uploads
    quota: Quota
    ledger: Ledger
    queue: JobQueue


def open_services(settings: Settings) -> Services:
    """Open the services; neither storage nor queue is contacted yet.

    Raises:
        SettingsError: if a setting is invalid.
    """
    if settings.fonts_folder:
        use_fonts(settings.fonts_folder)
    store = open_store(settings.storage_url)
    ledger = Ledger(store)
    return Services(
        settings=settings,
        store=store,
        uploads=Uploads(store),
        quota=Quota(
            store,
            session_bytes=settings.max_session_bytes,
            owner_bytes=settings.max_owner_bytes,
            stored_bytes=settings.max_stored_bytes,
            free_bytes=settings.min_free_bytes,
        ),
        ledger=ledger,
        queue=open_queue(settings, store, ledger),
    )
