"""What is cut out of something longer: clips of videos, with their captions, and parts of music."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from reelqueue.specs.base import Model
from reelqueue.specs.ranges import LONGEST_MEDIA, SHORTEST_CLIP, check_range

MAX_CUES = 1000


class ClipFit(StrEnum):
    """How a video that has another shape than the clip fills it."""

    BLUR = "blur"
    CROP = "crop"
    PAD = "pad"


class Aspect(StrEnum):
    """The shape of a clip."""

    PORTRAIT = "9:16"
    SQUARE = "1:1"
    LANDSCAPE = "16:9"
    ORIGINAL = "original"


class Cue(Model):
    """A line of text shown from `start` to `end`, in seconds of the finished clip."""

    start: float = Field(ge=0, le=LONGEST_MEDIA, strict=True)
    end: float = Field(gt=0, le=LONGEST_MEDIA, strict=True)
    text: str = Field(min_length=1, max_length=500)

    @model_validator(mode="after")
    def _end_follows_start(self) -> Self:
        if self.end <= self.start:
            raise ValueError("end must be greater than start")
        return self


class ClipSpec(Model):
    """A piece of a video, cut to time and to shape."""

    start: float = Field(0.0, ge=0, strict=True, description="Seconds into the video.")
    end: float | None = Field(None, gt=0, strict=True, description="Seconds; unset: its end.")
    aspect: Aspect = Field(Aspect.PORTRAIT, description="The clip's shape.")
    fit: ClipFit = Field(ClipFit.BLUR, description="How the video fills that shape.")
    captions: tuple[Cue, ...] = Field((), max_length=MAX_CUES, description="Text over the clip.")

    @model_validator(mode="after")
    def _end_follows_start(self) -> Self:
        if self.end is not None and self.end - self.start < SHORTEST_CLIP:
            raise ValueError(f"end must be at least {SHORTEST_CLIP} seconds after start")
        return self

    def resolve_range(self, duration: float) -> tuple[float, float]:
        """Return `(start, end)` within a video of `duration` seconds.

        Raises:
            InvalidSpecError: if the range reaches beyond it.
        """
        check_range(self, duration, "video")
        return self.start, min(self.end or duration, duration)
