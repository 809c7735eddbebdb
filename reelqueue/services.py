"""What the web, the workers and the command line share, opened from the settings once a process."""

from __future__ import annotations

from dataclasses import dataclass

from reelqueue.config import Settings
from reelqueue.jobs.ledger import Ledger
from reelqueue.media.uploads import Uploads
from reelqueue.queues import open_queue
from reelqueue.queues.protocol import JobQueue
from reelqueue.storage import Store, open_store
from reelqueue.text.fonts import use_fonts


@dataclass(frozen=True)
class Services:
    """The opened parts of the product."""

    settings: Settings
    store: Store
    uploads: Uploads
    ledger: Ledger
    queue: JobQueue


def open_services(settings: Settings) -> Services:
    """Open storage and queue; neither is spoken to before it is needed."""
    if settings.fonts_folder:
        use_fonts(settings.fonts_folder)
    store = open_store(settings.storage_url)
    ledger = Ledger(store)
    return Services(
        settings=settings,
        store=store,
        uploads=Uploads(store, settings.max_session_bytes),
        ledger=ledger,
        queue=open_queue(settings, store, ledger),
    )
