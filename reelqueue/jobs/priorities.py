"""The priorities of jobs: numbers from 0 to 10, or names for some of them.

Each name is that of a queue in Redis, too. A queue holds the jobs of several numbers.
"""

from __future__ import annotations

from enum import StrEnum


class Priority(StrEnum):
    """The queue that a job waits in; workers empty the queues in this order."""

    HIGH = "high"
    DEFAULT = "default"
    LOW = "low"


QUEUE_NAMES = [str(priority) for priority in Priority]
NUMBERS = {Priority.HIGH: 8, Priority.DEFAULT: 5, Priority.LOW: 2}
"""The numbers that the names stand for.

Those of `default` and `low` are the greatest in their queues: without leave to choose `high`, an
owner can let others go first, but not push in before them.
"""
LOWEST, HIGHEST = 0, 10


def find_priority(number: int) -> Priority:
    """Return the queue of a number from `LOWEST` to `HIGHEST`."""
    if number > NUMBERS[Priority.DEFAULT]:
        return Priority.HIGH
    return Priority.DEFAULT if number > NUMBERS[Priority.LOW] else Priority.LOW
