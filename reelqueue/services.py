"""The services that web, workers and command line share: each process opens them once."""

from __future__ import annotations

from dataclasses import dataclass

from reelqueue.config import Settings
from reelqueue.jobs.batches import Batches
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.outbox import Outbox
from reelqueue.media.quota import Quota
from reelqueue.media.resumable.expiry import choose_age
from reelqueue.media.resumable.uploads import ResumableUploads
from reelqueue.media.uploads import Uploads
from reelqueue.queues import check_queue, open_queue
from reelqueue.queues.protocol import JobQueue
from reelqueue.storage import BRIEF, Patience, Store, check_address, open_store
from reelqueue.text.fonts import use_fonts


@dataclass(frozen=True)
class Services:
    """The settings, and the services opened from them."""

    settings: Settings
    store: Store
    uploads: Uploads
    resumable: ResumableUploads
    quota: Quota
    ledger: Ledger
    outbox: Outbox
    batches: Batches
    queue: JobQueue


def check_services(settings: Settings) -> None:
    """Check what `open_services` checks, but open nothing: a process may fork after this.

    Raises:
        SettingsError: if a setting is invalid.
    """
    check_address(settings.storage_url)
    check_queue(settings)


def open_services(settings: Settings, patience: Patience = BRIEF) -> Services:
    """Open the services; neither storage nor queue is contacted yet.

    Args:
        settings: what to open.
        patience: how long to ask a busy bucket again.

    Raises:
        SettingsError: if a setting is invalid.
    """
    if settings.fonts_folder:
        use_fonts(settings.fonts_folder)
    store = open_store(settings.storage_url, patience)
    ledger = Ledger(store)
    return Services(
        settings=settings,
        store=store,
        uploads=Uploads(store),
        resumable=ResumableUploads(store, choose_age(settings.retention_hours)),
        quota=Quota(
            store,
            session_bytes=settings.max_session_bytes,
            owner_bytes=settings.max_owner_bytes,
            stored_bytes=settings.max_stored_bytes,
            free_bytes=settings.min_free_bytes,
        ),
        ledger=ledger,
        outbox=Outbox(store),
        batches=Batches(store),
        queue=open_queue(settings, store, ledger),
    )
