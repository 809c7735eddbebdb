"""Slideshows: every choice that a user has, with its default and its limits.

The OpenAPI schema, the command line and the form are made from these models. The ledger stores
them, and `reelqueue.render` takes them.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import Literal, Self

from pydantic import Field

from reelqueue.specs.delivery import Delivery
from reelqueue.specs.formats import (
    FRAME_RATES,
    PREVIEW_SIDE,
    RESOLUTIONS,
    Fps,
    Resolution,
    parse_size,
    shrink_size,
)
from reelqueue.specs.limits import LARGEST_SEED
from reelqueue.specs.narration import NarrationCaptions, NarrationStyle, Voice
from reelqueue.specs.photo import (
    Motion,
    PhotoLook,
    PhotoSeconds,
    PhotoSpec,
    SlideSettings,
    Transition,
    TransitionSeconds,
)
from reelqueue.specs.text import CaptionStyle, TitleCard

RENDER_VERSION = 16
"""Raise this when the same spec gives other pictures or sound: stored results and drawn segments of
other versions are not used then."""


class Engine(StrEnum):
    """What draws and encodes a slideshow's frames.

    `still` writes the H.264 of frames that repeat or mix photos and encodes the rest, `x264`
    encodes every frame, and `moviepy` is the slow reference for tests.
    """

    STILL = "still"
    X264 = "x264"
    MOVIEPY = "moviepy"


OnBadPhoto = Literal["fail", "skip"]


class SlideshowSpec(PhotoLook, Delivery):
    """A slideshow: photos, transitions between them, and optional music, captions and titles."""

    duration: PhotoSeconds = Field(3.0, description="Seconds that each photo is shown.")
    transition: Transition = Field(
        Transition.FADE, description="Transition from each photo to the next."
    )
    transition_duration: TransitionSeconds = Field(
        1.0,
        description="Seconds of each transition, taken from the end of the photo's time; at most "
        "all of it.",
    )
    resolution: Resolution = Field(
        "1920x1080",
        description="Width x height of the video in pixels; odd numbers are rounded down. Or a "
        f"name: {', '.join(RESOLUTIONS)}.",
    )
    fps: Fps = Field(
        30,
        strict=True,
        description="Frames per second: " + ", ".join(f"{rate:g}" for rate in FRAME_RATES) + ".",
    )
    motion: Motion = Field(
        Motion.NONE,
        description="Camera move over each photo. Photos that move fill the frame, unless they are "
        "very long and narrow.",
    )
    seed: int = Field(
        0,
        ge=0,
        le=LARGEST_SEED,
        strict=True,
        description="Seed of the random transitions and camera moves: the same seed makes the same "
        "choices.",
    )
    on_bad_photo: OnBadPhoto = Field(
        "fail",
        description="When a photo cannot be read: `fail` stops the render, `skip` leaves it out.",
    )
    volume: float = Field(
        1.0,
        ge=0,
        le=2,
        strict=True,
        description="Volume of the music: 1 is a loudness of -14 LUFS, 0.5 half that amplitude, 0 "
        "silence.",
    )
    duck: bool = Field(
        True,
        strict=True,
        description="Turn the music down by 12 decibels while narration, or the sound of a video "
        "among the photos, is heard.",
    )
    fit_to_music: bool = Field(
        False,
        strict=True,
        description="Make the video as long as the music: photos share its time in proportion to "
        "their durations. Videos among them keep theirs, and so do photos with narration.",
    )
    title: TitleCard | None = Field(None, description="Title card before the first photo.")
    end_title: TitleCard | None = Field(None, description="Title card after the last photo.")
    caption_style: CaptionStyle = Field(CaptionStyle(), description="The look of all captions.")
    voice: Voice = Field(
        Voice(), description="The voice that speaks the `narration` of photos and title cards."
    )
    captions: NarrationCaptions | None = Field(
        None, description="`narration` shows what is spoken, and marks each word when it is."
    )
    narration_style: NarrationStyle = Field(
        NarrationStyle(), description="The look of the captions of `captions`."
    )

    @property
    def size(self) -> tuple[int, int]:
        """`(width, height)` of the video in pixels, both even."""
        size = parse_size(self.resolution)
        return shrink_size(size, PREVIEW_SIDE) if self.preview else size

    @property
    def frame_rate(self) -> Fraction:
        """Exact frames per second: 29.97 is 30000/1001."""
        return FRAME_RATES[self.fps]

    def for_photo(self, photo: PhotoSpec) -> Self:
        """Return this spec with the settings that a photo overrides."""
        overrides = {name: getattr(photo, name) for name in _OVERRIDES}
        chosen = {name: value for name, value in overrides.items() if value is not None}
        return self.model_copy(update=chosen) if chosen else self

    def drop_repeats(self, photo: PhotoSpec) -> PhotoSpec:
        """Return a photo's settings without those that only repeat the slideshow's."""
        repeats = [name for name in _OVERRIDES if getattr(photo, name) == getattr(self, name)]
        return photo.model_copy(update=dict.fromkeys(repeats)) if repeats else photo

    @property
    def cards(self) -> tuple[TitleCard | None, TitleCard | None]:
        """The title cards before and after the photos."""
        return self.title, self.end_title


_OVERRIDES = [name for name in SlideSettings.model_fields if name in SlideshowSpec.model_fields]
