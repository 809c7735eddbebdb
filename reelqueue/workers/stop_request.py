"""The request to a worker to stop, by a signal."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass
class StopRequest:
    """Whether this worker was told to stop, and how long its render may go on.

    `deadline` is a time of `time.monotonic()`, None while the worker was not told to stop.
    """

    deadline: float | None = None

    @property
    def is_asked(self) -> bool:
        """Whether the worker was told to stop."""
        return self.deadline is not None

    @property
    def is_overdue(self) -> bool:
        """Whether the render should have ended by now."""
        return self.deadline is not None and time.monotonic() > self.deadline
