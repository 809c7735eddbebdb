"""What is cut out of something longer: clips of videos, with their captions, and parts of music."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Protocol, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from reelqueue.errors import InvalidSpecError
from reelqueue.formats import scale_size
from reelqueue.model import Model

SHORTEST_CLIP = 0.1
END_TOLERANCE = 0.1  # players round a video's length
MAX_CUES = 1000
LONGEST_MEDIA = 14_400  # seconds: four hours, as long as a file that is taken
LONGEST_SIDE = 1920
HIGHEST_FPS = 60


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


_SIZES = {
    Aspect.PORTRAIT: (1080, 1920),
    Aspect.SQUARE: (1080, 1080),
    Aspect.LANDSCAPE: (1920, 1080),
}


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


class Part(Protocol):
    """What is taken of a longer whole, from `start` to `end` in seconds."""

    @property
    def start(self) -> float:
        """Seconds into the whole."""

    @property
    def end(self) -> float | None:
        """Seconds into the whole; None: its end."""


@dataclass(frozen=True)
class Cut:
    """What of a video becomes the clip: `frames` frames from `start` seconds on."""

    start: float
    frames: int
    fps: Fraction
    size: tuple[int, int]

    @property
    def duration(self) -> float:
        """The clip's seconds."""
        return float(self.frames / self.fps)


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

    def plan_cut(self, duration: float, fps: Fraction, size: tuple[int, int]) -> Cut:
        """Return the exact frames of the clip.

        Args:
            duration: of the video, in seconds.
            fps: its frames a second.
            size: its `(width, height)` as it is shown.

        Raises:
            InvalidSpecError: for a start or end beyond the video.
        """
        start, end = self.resolve_range(duration)
        # 120 becomes 60 and 119.88 becomes 59.94: each kept frame lasts as long as the others.
        fps = max(Fraction(1), fps / max(1, math.ceil(fps / HIGHEST_FPS)))
        frames = max(1, round((Fraction(end) - Fraction(start)) * fps))
        return Cut(start, frames, fps, choose_size(self.aspect, size))


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


def choose_size(aspect: Aspect, source: tuple[int, int]) -> tuple[int, int]:
    """Return the clip's size; a video in its original shape is only ever made smaller."""
    if aspect in _SIZES:
        return _SIZES[aspect]
    return scale_size(source, min(Fraction(LONGEST_SIDE, max(source)), Fraction(1)))


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
