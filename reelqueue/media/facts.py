"""What is known of a file after looking at it: the values that `reelqueue.render` answers with.

They cross process borders as JSON, so they are models and hold nothing but plain values.
"""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

RenderStage = Literal["preparing", "rendering", "audio", "saving"]


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PhotoFacts(_Facts):
    """A photo as it is shown: `width` and `height` in pixels, after its EXIF turn.

    `taken_at` is what the camera's clock said, where the photo tells it.
    """

    kind: Literal["photo"] = "photo"
    width: int
    height: int
    format: str
    taken_at: datetime | None = None


class AudioFacts(_Facts):
    """A piece of music: `duration` in seconds."""

    kind: Literal["audio"] = "audio"
    duration: float
    format: str


class VideoFacts(_Facts):
    """A video as it is shown: turned upright, `duration` in seconds, `fps` frames a second."""

    kind: Literal["video"] = "video"
    duration: float
    width: int
    height: int
    fps: float
    has_audio: bool
    format: str

    @property
    def frame_rate(self) -> Fraction:
        """The exact frames a second: 29.97 is 30000/1001."""
        return Fraction(self.fps).limit_denominator(1001)


class RenderFacts(_Facts):
    """A finished video: `duration` in seconds, `file_size` in bytes.

    `skipped_photos` are the names of those left out of a slideshow; a clip has none to leave out.
    """

    duration: float
    width: int
    height: int
    fps: float
    frames: int
    file_size: int
    skipped_photos: tuple[str, ...] | None = None


class OnProgress(Protocol):
    """Told how much exact work is done; may raise to stop the render."""

    def __call__(self, done: int, total: int, stage: RenderStage) -> None:
        """Take note of `done` of `total` frames."""
