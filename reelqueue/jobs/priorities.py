"""The priorities of jobs. Each is the name of a queue in Redis, too."""

from __future__ import annotations

from enum import StrEnum


class Priority(StrEnum):
    """The queue that a job waits in; workers empty the queues in this order."""

    HIGH = "high"
    DEFAULT = "default"
    LOW = "low"


QUEUE_NAMES = [str(priority) for priority in Priority]
