"""Facts about media files and renders, as `reelqueue.render` returns them.

Processes exchange them as JSON, so they are models of plain values.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict

from reelqueue.media.moments import Moment
from reelqueue.specs.picture import Point

MediaKind = Literal["photo", "audio", "video", "captions"]
NAMES: Mapping[str, str] = {
    "photo": "photo",
    "audio": "sound file",
    "video": "video",
    "captions": "file of captions",
}
"""What a file of each kind is called in sentences for users."""
DERIVED_FILES: Mapping[str, str] = {
    "photo": "thumb.jpg",
    "captions": "cues.json",
    "video": "cues.json",
}
"""The names of the files that a probe makes, by the kind of the file that it probes.

That of a video is made only if it has subtitles.
"""
LARGE_THUMBNAIL = "thumb.large.jpg"
"""The name of a second, larger thumbnail of a photo; small photos, and old ones, have none."""
LARGE_SIDE = 960
"""Pixels of the longer side of a larger thumbnail."""
TRANSCRIPT = "transcript.json"
"""The name of what the captions of a file were made of, if that is a transcript with words."""
RenderStage = Literal["preparing", "transcribing", "narrating", "rendering", "audio", "saving"]


def find_large_path(thumbnail: Path) -> Path:
    """Return where the probe of a photo writes the larger one of two thumbnails."""
    return thumbnail.with_suffix(".large.jpg")


def find_transcript_path(cues: Path) -> Path:
    """Return where the probe of captions writes the transcript that they were made of."""
    return cues.with_suffix(f".{TRANSCRIPT}")


class Facts(BaseModel):
    """What was found in a file, or in a finished video."""

    model_config = ConfigDict(frozen=True, defer_build=True)  # a later version may have stored more


class Texture(Facts):
    """How much there is to encode in a photo that is shown with `side` pixels on its longer side.

    `fine` and `coarse` are the bytes a pixel of JPEGs with fine and with coarse quantizers, and
    `loss` the mean square error, in levels of luma, of moving the photo by half a sample and back.
    """

    side: int
    fine: float
    coarse: float
    loss: float


class PhotoFacts(Facts):
    """A photo: `width` and `height` in pixels as it is shown, after its EXIF orientation.

    `taken_at` is the time on the camera's clock, and `utc_offset` says how many minutes this clock
    is ahead of UTC, if the photo has it. `detail` is where it has most detail, about, and
    `turned_details` where in the photo turned by 90, 180 and 270 degrees; None in records of
    earlier versions, which have no `textures` either: these are for some sizes, the smallest first.
    """

    kind: Literal["photo"] = "photo"
    width: int
    height: int
    format: str
    taken_at: datetime | None = None
    utc_offset: int | None = None
    detail: Point | None = None
    turned_details: tuple[Point, Point, Point] | None = None
    textures: tuple[Texture, ...] = ()

    @property
    def moment(self) -> Moment | None:
        """When the photo was taken."""
        return Moment(self.taken_at, self.utc_offset) if self.taken_at else None


class AudioFacts(Facts):
    """A sound file: `duration` in seconds.

    `warnings` are sentences for its owner about what of it cannot be used.
    """

    kind: Literal["audio"] = "audio"
    duration: float
    format: str
    warnings: tuple[str, ...] = ()


class SubtitleFacts(Facts):
    """The subtitles that a video has as a track: how many they are, and their `language`.

    `language` is what the file calls it. `warnings` are sentences about what was left out or
    changed. `problem` says why they cannot be used; the count is then 0.
    """

    count: int = 0
    language: str | None = None
    warnings: tuple[str, ...] = ()
    problem: str | None = None


class VideoFacts(Facts):
    """A video: `width` and `height` in pixels as it is shown, `duration` in seconds.

    `sound_tracks` is how many tracks of sound it has; None in records of earlier versions.
    `warnings` are sentences for its owner about what of it cannot be used. `subtitles` are None if
    it has none, or was probed before they were looked for.
    """

    kind: Literal["video"] = "video"
    duration: float
    width: int
    height: int
    fps: float
    has_audio: bool
    sound_tracks: int | None = None
    format: str
    warnings: tuple[str, ...] = ()
    subtitles: SubtitleFacts | None = None

    @property
    def frame_rate(self) -> Fraction:
        """Exact frames per second: 29.97 is 30000/1001."""
        return Fraction(self.fps).limit_denominator(1001)


class CaptionsFacts(Facts):
    """A file of captions: how many they are, and `language` as a BCP 47 tag, if the file has it.

    `warnings` are sentences for its owner about what was left out or changed. `has_transcript`
    tells whether what they were made of is kept beside them; earlier versions kept none.
    """

    kind: Literal["captions"] = "captions"
    count: int
    language: str | None = None
    warnings: tuple[str, ...] = ()
    format: str
    has_transcript: bool = False


MediaFacts = PhotoFacts | AudioFacts | VideoFacts | CaptionsFacts


class Span(Facts):
    """A part of a video, in seconds."""

    start: float
    end: float


class RenderFacts(Facts):
    """A finished video: `duration` in seconds, `file_size` in bytes.

    `skipped_photos` are the names of the photos left out of a slideshow; None for a clip.
    `copied_frames` of a clip were copied from its video as they are coded; None if none were.
    `copied_sound` is True if its sound was copied like them, else None. `pauses` are the parts of
    its video that were cut out of the clip as silent, the longest if they are many; None if they
    were to stay.
    `warnings` are sentences about what the video lacks or shows differently.
    """

    duration: float
    width: int
    height: int
    fps: float
    frames: int
    file_size: int
    copied_frames: int | None = None
    copied_sound: bool | None = None
    pauses: tuple[Span, ...] | None = None
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
