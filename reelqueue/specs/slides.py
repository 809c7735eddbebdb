"""What a user chooses for one slide of a slideshow: a photo, or a video that plays in its place."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from reelqueue.errors import InvalidSpecError
from reelqueue.specs.limits import LONGEST_MEDIA, SHORTEST_PHOTO
from reelqueue.specs.photo import PhotoSpec, SlideSettings, VideoPart
from reelqueue.specs.ranges import check_range

_FOR_VIDEOS = ("start", "end", "mute")
_FOR_PHOTOS = ("duration", "motion")


class _Range(NamedTuple):
    start: float
    end: float | None


class SlideChoice(SlideSettings):
    """The settings of one photo or video, before it is known which of them it is."""

    start: float | None = Field(
        None,
        ge=0,
        le=LONGEST_MEDIA,
        strict=True,
        description="For a video: the second at which it starts. Unset: its beginning.",
    )
    end: float | None = Field(
        None,
        gt=0,
        le=LONGEST_MEDIA,
        strict=True,
        description="For a video: the second at which it ends. Unset: its end.",
    )
    mute: bool | None = Field(
        None, strict=True, description="For a video: whether its sound is left out."
    )

    def for_photo(self, path: str) -> PhotoSpec:
        """Return the settings of a photo.

        Args:
            path: of the photo in the request, for the error.

        Raises:
            InvalidSpecError: if a setting is for videos.
        """
        self._refuse(_FOR_VIDEOS, path, "this is a photo, which has no {}: leave it out.")
        return PhotoSpec.model_validate(self._dump_settings())

    def for_video(self, duration: float, path: str, *, has_sound: bool) -> PhotoSpec:
        """Return the settings of a video of `duration` seconds.

        Args:
            duration: of the video, in seconds.
            path: of the video in the request, for the error.
            has_sound: whether it has sound that can be heard.

        Raises:
            InvalidSpecError: if a setting is for photos, or the part that plays is too short or
                reaches beyond the end of the video.
        """
        self._refuse(_FOR_PHOTOS, path, "this is a video, which has no {}: leave it out.")
        if self.narration:
            raise InvalidSpecError(
                f"{path}.narration: this is a video, which has its own time and sound: give the "
                "narration to a photo or a title card.",
                f"{path}.narration",
            )
        part = _Range(self.start or 0.0, self.end)
        check_range(part, duration, "video", path)
        end = duration if part.end is None else min(part.end, duration)
        if round(end - part.start, 6) < SHORTEST_PHOTO:
            raise InvalidSpecError(
                f"{path}.end: must be at least {SHORTEST_PHOTO} seconds after start.", f"{path}.end"
            )
        video = VideoPart(start=part.start, end=end, mute=bool(self.mute) or not has_sound)
        return PhotoSpec.model_validate({**self._dump_settings(), "video": video})

    def _dump_settings(self) -> dict[str, object]:
        return self.model_dump(include=set(SlideSettings.model_fields), exclude_defaults=True)

    def _refuse(self, names: tuple[str, ...], path: str, sentence: str) -> None:
        for name in names:
            if getattr(self, name) is not None:
                raise InvalidSpecError(f"{path}.{name}: {sentence.format(name)}", f"{path}.{name}")
