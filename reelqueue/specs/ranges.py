"""Time ranges in seconds: a part of a video or of a piece of music."""

from __future__ import annotations

from typing import Protocol

from reelqueue.errors import InvalidSpecError
from reelqueue.specs.limits import SHORTEST_CLIP

END_TOLERANCE = 0.1  # players round a video's duration


class TimeRange(Protocol):
    """A part of a video or of a piece of music."""

    @property
    def start(self) -> float:
        """Seconds from the beginning of the media."""

    @property
    def end(self) -> float | None:
        """Seconds from the beginning of the media; None is its end."""


def check_range(time_range: TimeRange, duration: float, what: str, path: str = "") -> None:
    """Check that a range lies within media of `duration` seconds.

    Args:
        time_range: the range to check.
        duration: of the media, in seconds.
        what: the word for the media in the error, such as `video`.
        path: the range's path in the request, such as `tracks.0`; empty for the top level.

    Raises:
        InvalidSpecError: if the range starts or ends after the media's end.
    """
    prefix = f"{path}." if path else ""
    if round(duration - time_range.start, 6) < SHORTEST_CLIP:
        raise InvalidSpecError(
            f"{prefix}start: must lie within the {what}, which lasts {duration:.2f} seconds.",
            f"{prefix}start",
        )
    if time_range.end is not None and time_range.end > duration + END_TOLERANCE:
        raise InvalidSpecError(
            f"{prefix}end: must be at most {duration:.2f}, where the {what} ends.", f"{prefix}end"
        )
