"""The logs of runs: the last lines of their failed attempts."""

from __future__ import annotations

import logging

from reelqueue.errors import UnavailableError
from reelqueue.jobs.keys import log_key
from reelqueue.storage import Store

log = logging.getLogger(__name__)

LOG_BYTES = 4096


class RunLogs:
    """The logs of all runs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, job_id: str, run: int, text: str) -> None:
        """Append to the log of a run's failed attempts; its last `LOG_BYTES` bytes are kept.

        If the storage is away or full the text is lost: the caller must still be able to write
        the run's outcome.
        """
        try:
            kept = (self.read(job_id, run) + text.rstrip() + "\n").encode(errors="replace")
            self._store.write(log_key(job_id, run), kept[-LOG_BYTES:])
        except UnavailableError:
            log.warning("job %s: its log could not be stored", job_id, exc_info=True)

    def read(self, job_id: str, run: int) -> str:
        """Return the last log lines of a run's failed attempts."""
        return (self._store.read(log_key(job_id, run)) or b"").decode(errors="ignore")
