"""Which parts of a video a clip is made of, how they are joined, and how fast they play."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from reelqueue.errors import InvalidSpecError
from reelqueue.specs.base import Model
from reelqueue.specs.clips.reframe import Focus
from reelqueue.specs.limits import (
    FASTEST_SPEED,
    LONGEST_JOIN,
    MAX_SEGMENTS,
    SHORTEST_CLIP,
    SLOWEST_SPEED,
)
from reelqueue.specs.ranges import check_range


class Join(StrEnum):
    """How a segment follows the one before: at once, or by a crossfade of picture and sound."""

    NONE = "none"
    FADE = "fade"


class Silences(StrEnum):
    """What becomes of the pauses in a clip: they are kept, or cut out but for a moment."""

    KEEP = "keep"
    CUT = "cut"


class Trim(Model):
    """Where a part of a video starts and ends, in its seconds."""

    start: float = Field(
        0.0, ge=0, strict=True, description="Second of the video at which it starts."
    )
    end: float | None = Field(
        None,
        gt=0,
        strict=True,
        description="Second of the video at which it ends. Unset: the end of the video.",
    )

    @model_validator(mode="after")
    def _end_follows_start(self) -> Self:
        if self.end is not None and round(self.end - self.start, 6) < SHORTEST_CLIP:
            raise ValueError(f"end must be at least {SHORTEST_CLIP} seconds after start")
        return self


class Segment(Trim):
    """A part of a video, and what a crop keeps of it."""

    focus: Focus | None = Field(
        None,
        description="What `crop` keeps in this segment: a point, or `auto`. Unset: as the clip's "
        "`focus` says.",
    )

    def resolve(self, duration: float, path: str = "") -> Segment:
        """Return the segment with its end, for a video of `duration` seconds.

        Raises:
            InvalidSpecError: if it reaches beyond the end of the video; the error names `path`.
        """
        check_range(self, duration, "video", path)
        return self.model_copy(update={"end": min(self.end or duration, duration)})


class Segments(Trim):
    """The segments of a clip: those of a list, or the one from `start` to `end`."""

    segments: tuple[Segment, ...] = Field(
        (),
        max_length=MAX_SEGMENTS,
        fail_fast=True,
        description="The parts of the video that the clip consists of, in the order of the video. "
        "They replace `start` and `end`.",
    )
    transition: Join = Field(
        Join.NONE,
        description="How a segment follows the one before: `none` joins them hard, `fade` "
        "crossfades picture and sound.",
    )
    transition_duration: float = Field(
        0.5,
        gt=0,
        le=LONGEST_JOIN,
        strict=True,
        description="Seconds of the crossfade. The clip becomes shorter by it at each join.",
    )
    silences: Silences = Field(
        Silences.KEEP,
        description="What becomes of pauses: `keep` keeps them, `cut` cuts out those of at least "
        "half a second, but for 0.2 seconds of each.",
    )
    speed: float = Field(
        1.0,
        ge=SLOWEST_SPEED,
        le=FASTEST_SPEED,
        strict=True,
        description="How fast the video plays; 2 is twice as fast. The pitch of the sound stays.",
    )

    @property
    def parts(self) -> tuple[Trim, ...]:
        """The parts of the video, as they are given."""
        return self.segments or (self,)

    def resolve_segments(self, duration: float) -> list[Segment]:
        """Return the segments with their ends, for a video of `duration` seconds.

        Raises:
            InvalidSpecError: if one reaches beyond the end of the video or overlaps another, or if
                `start` or `end` is given as well.
        """
        if not self.segments:
            return [Segment(start=self.start, end=self.end).resolve(duration)]
        if self.start or self.end is not None:
            raise InvalidSpecError("segments: leave out start and end beside them.", "segments")
        resolved: list[Segment] = []
        for number, segment in enumerate(self.segments):
            path = f"segments.{number}"
            before = resolved[-1].end if resolved else None
            if before is not None and segment.start < before:
                raise InvalidSpecError(
                    f"{path}.start: must be at least {before:.2f}, where the segment before it "
                    "ends: segments are in the order of the video, and none overlaps another.",
                    f"{path}.start",
                )
            resolved.append(segment.resolve(duration, path))
        return resolved

    def check_overlap(self, longest: float) -> None:
        """Check that the crossfade is no longer than `longest`, in seconds of the clip.

        Raises:
            InvalidSpecError: if it is.
        """
        if self.transition_duration > longest:
            raise InvalidSpecError(
                f"transition_duration: must be at most {longest:.2f}, which is half of the "
                "shortest segment.",
                "transition_duration",
            )
