"""What is taken of something longer: a range of seconds, and its limits."""

from __future__ import annotations

from typing import Protocol

from reelqueue.errors import InvalidSpecError

SHORTEST_CLIP = 0.1
END_TOLERANCE = 0.1  # players round a video's length
LONGEST_MEDIA = 14_400  # seconds: four hours, as long as a file that is taken


class Part(Protocol):
    """What is taken of a longer whole, from `start` to `end` in seconds."""

    @property
    def start(self) -> float:
        """Seconds into the whole."""

    @property
    def end(self) -> float | None:
        """Seconds into the whole; None: its end."""


def check_range(choice: Part, duration: float, what: str, path: str = "") -> None:
    """Raise InvalidSpecError, naming its field below `path`, if a part reaches beyond the whole."""
    if choice.start > duration - SHORTEST_CLIP:
        raise InvalidSpecError(
            f"{path}start: must lie within the {what}, which lasts {duration:.2f} seconds.",
            f"{path}start",
        )
    if choice.end is not None and choice.end > duration + END_TOLERANCE:
        raise InvalidSpecError(
            f"{path}end: must be at most {duration:.2f}, where the {what} ends.", f"{path}end"
        )
