"""Facts about media files and renders, as `reelqueue.render` returns them.

Processes exchange them as JSON, so they are models of plain values.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict

from reelqueue.media.moments import Moment

MediaKind = Literal["photo", "audio", "video", "captions"]
DERIVED_FILES: Mapping[str, str] = {"photo": "thumb.jpg", "captions": "cues.json"}
"""The names of the files that a probe makes, by the kind of the file that it probes."""
RenderStage = Literal["preparing", "transcribing", "rendering", "audio", "saving"]


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True)  # a later version may have stored more


class PhotoFacts(_Facts):
    """A photo: `width` and `height` in pixels as it is shown, after its EXIF orientation.

    `taken_at` is the time on the camera's clock, and `utc_offset` says how many minutes this clock
    is ahead of UTC, if the photo has it.
    """

    kind: Literal["photo"] = "photo"
    width: int
    height: int
    format: str
    taken_at: datetime | None = None
    utc_offset: int | None = None

    @property
    def moment(self) -> Moment | None:
        """When the photo was taken."""
        return Moment(self.taken_at, self.utc_offset) if self.taken_at else None


class AudioFacts(_Facts):
    """A sound file: `duration` in seconds.

    `warnings` are sentences for its owner about what of it cannot be used.
    """

    kind: Literal["audio"] = "audio"
    duration: float
    format: str
    warnings: tuple[str, ...] = ()


class VideoFacts(_Facts):
    """A video: `width` and `height` in pixels as it is shown, `duration` in seconds.

    `warnings` are sentences for its owner about what of it cannot be used.
    """

    kind: Literal["video"] = "video"
    duration: float
    width: int
    height: int
    fps: float
    has_audio: bool
    format: str
    warnings: tuple[str, ...] = ()

    @property
    def frame_rate(self) -> Fraction:
        """Exact frames per second: 29.97 is 30000/1001."""
        return Fraction(self.fps).limit_denominator(1001)


class CaptionsFacts(_Facts):
    """A file of captions: how many they are, and `language` as a BCP 47 tag, if the file has it.

    `warnings` are sentences for its owner about what was left out or changed.
    """

    kind: Literal["captions"] = "captions"
    count: int
    language: str | None = None
    warnings: tuple[str, ...] = ()
    format: str


MediaFacts = PhotoFacts | AudioFacts | VideoFacts | CaptionsFacts


class RenderFacts(_Facts):
    """A finished video: `duration` in seconds, `file_size` in bytes.

    `skipped_photos` are the names of the photos left out of a slideshow; None for a clip.
    `warnings` are sentences about what the video lacks or shows differently.
    """

    duration: float
    width: int
    height: int
    fps: float
    frames: int
    file_size: int
    skipped_photos: tuple[str, ...] | None = None
    warnings: tuple[str, ...] | None = None

    def add_warnings(self, warnings: tuple[str, ...]) -> Self:
        """Return the facts with more warnings."""
        both = (*(self.warnings or ()), *warnings)
        return self.model_copy(update={"warnings": both or None})


class OnProgress(Protocol):
    """A callback for the progress of a render; it can raise an exception to stop the render."""

    def __call__(self, done: int, total: int, stage: RenderStage) -> None:
        """Report that `done` of `total` frames are finished."""
