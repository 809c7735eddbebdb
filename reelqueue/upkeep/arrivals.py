"""Arrivals: accept the rest of a batch whose acceptance was interrupted."""

from __future__ import annotations

import logging
import math
import time

from reelqueue.errors import UnavailableError, UnreadableRecordError
from reelqueue.outages import OUTAGES
from reelqueue.services import Services
from reelqueue.submission.batches.accept import complete_arrival
from reelqueue.upkeep.loop import repeat

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

STEP_SECONDS = 2.0
PATIENCE_SECONDS = 10.0
"""The web accepts the jobs of a batch in less time, unless it is killed."""


class Arrivals:
    """Looks for batches that arrive too slowly. Of all processes that try, one does it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._seen: dict[str, float] = {}  # when we first saw each, by our clock

    def watch(self) -> None:
        """Look every `STEP_SECONDS`, until this process ends."""
        repeat(self.step, STEP_SECONDS, log, "the search for interrupted batches failed")

    def step(self) -> None:
        """Look at all arrivals once, if this process is the leader."""
        if not self._services.queue.acquire_leadership():
            return
        moment = time.monotonic()
        arrivals = self._services.batches.list_arrivals()
        self._seen = {batch_id: self._seen.get(batch_id, moment) for batch_id in arrivals}
        for batch_id, since in self._seen.items():
            if moment - since > PATIENCE_SECONDS:
                self._complete(batch_id)

    def _complete(self, batch_id: str) -> None:
        try:
            complete_arrival(self._services, batch_id)
        except UnreadableRecordError as error:  # the version that wrote it goes on
            log.warning("batch %s: cannot be accepted here: %s", batch_id, error)
            self._seen[batch_id] = math.inf  # this process does not try again
        except UnavailableError:  # no other batch could be accepted, either
            raise
        except Exception:  # one batch must not stop the others
            log.exception("batch %s: its acceptance could not be completed", batch_id)
        else:
            log.warning("batch %s: its interrupted acceptance was completed", batch_id)
