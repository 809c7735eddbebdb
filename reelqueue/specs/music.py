"""Music: what is heard of it."""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator

from reelqueue.specs.base import Model
from reelqueue.specs.ranges import LONGEST_MEDIA, SHORTEST_CLIP, check_range


class TrackPart(Model):
    """What is heard of a piece of music."""

    start: float = Field(
        0.0, ge=0, le=LONGEST_MEDIA, strict=True, description="Seconds into the music."
    )
    end: float | None = Field(
        None, gt=0, le=LONGEST_MEDIA, strict=True, description="Seconds; unset: its end."
    )

    @field_validator("end")
    @classmethod
    def _end_follows_start(cls, end: float | None, info: ValidationInfo) -> float | None:
        if end is not None and round(end - info.data.get("start", 0), 6) < SHORTEST_CLIP:
            raise ValueError(f"must be at least {SHORTEST_CLIP} seconds after start")
        return end

    def resolve_range(self, duration: float, path: str) -> tuple[float, float | None]:
        """Return `(start, end)` within music of `duration` seconds; None is its own end.

        Raises:
            InvalidSpecError: naming its field below `path`, if it reaches beyond the music.
        """
        check_range(self, duration, "music", f"{path}.")
        return self.start, self.end and min(self.end, duration)
