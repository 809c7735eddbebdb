"""What the leader does, each part in a thread of its own: none of them holds up another."""

from __future__ import annotations

from threading import Thread

from reelqueue.services import Services
from reelqueue.upkeep.arrivals import Arrivals
from reelqueue.upkeep.chores.periodic import Periodic
from reelqueue.upkeep.chores.table import list_chores
from reelqueue.upkeep.holding import Holding
from reelqueue.upkeep.observer import Observer
from reelqueue.upkeep.recovery import Recovery
from reelqueue.upkeep.retention.cleanup import Cleanup
from reelqueue.upkeep.webhooks.sender import Webhooks


def start_upkeep(services: Services) -> None:
    """Start all parts of the upkeep; they go on until this process ends."""
    parts = (
        *(Recovery(services), Holding(services), Arrivals(services), Webhooks(services)),
        *(Observer(services), Periodic(services, list_chores(services)), Cleanup(services)),
    )
    for part in parts:
        Thread(target=part.watch, daemon=True).start()
