"""Music: which part of each track is played."""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator

from reelqueue.specs.base import Model
from reelqueue.specs.limits import LONGEST_MEDIA, SHORTEST_CLIP
from reelqueue.specs.ranges import check_range


class TrackRange(Model):
    """The part of a piece of music that is played."""

    start: float = Field(
        0.0,
        ge=0,
        le=LONGEST_MEDIA,
        strict=True,
        description="Second of the music at which it starts.",
    )
    end: float | None = Field(
        None,
        gt=0,
        le=LONGEST_MEDIA,
        strict=True,
        description="Second of the music at which it stops. Unset: the end of the music.",
    )

    @field_validator("end")
    @classmethod
    def _end_follows_start(cls, end: float | None, info: ValidationInfo) -> float | None:
        if end is not None and round(end - info.data.get("start", 0), 6) < SHORTEST_CLIP:
            raise ValueError(f"must be at least {SHORTEST_CLIP} seconds after start")
        return end

    def resolve_range(self, duration: float, path: str) -> tuple[float, float | None]:
        """Return `(start, end)` in seconds for music of `duration` seconds; an end of None is kept.

        Args:
            duration: of the music, in seconds.
            path: the track's path in the request, for the error.

        Raises:
            InvalidSpecError: if the range reaches beyond the end of the music.
        """
        check_range(self, duration, "music", path)
        return self.start, self.end and min(self.end, duration)
