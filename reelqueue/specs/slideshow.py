"""Slideshows: every choice that a user has, with its default and its limits.

The OpenAPI schema, the command line and the form are made from these models. The ledger stores
them, and `reelqueue.render` takes them.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field

from reelqueue.specs.base import Model
from reelqueue.specs.delivery import Delivery
from reelqueue.specs.formats import (
    FRAME_RATES,
    PREVIEW_SIDE,
    RESOLUTIONS,
    Color,
    Fps,
    Resolution,
    parse_size,
    shrink_size,
)
from reelqueue.specs.limits import LARGEST_SEED, LONGEST_PHOTO, LONGEST_TRANSITION, SHORTEST_PHOTO
from reelqueue.specs.narration import NarrationCaptions, NarrationStyle, Voice
from reelqueue.specs.picture import Point, Rotation
from reelqueue.specs.text import CaptionStyle, NarrationText, Text, TitleCard

RENDER_VERSION = 14
"""Raise this when the same spec gives other pictures or sound: stored results and drawn segments of
other versions are not used then."""


class Transition(StrEnum):
    """The transition from one photo to the next.

    `none` cuts. `fade` mixes both photos (a cross dissolve), `dissolve` replaces the old photo
    grain by grain, and `fade_black` and `fade_white` go through a plain colour. `wipe` uncovers the
    next photo behind a moving edge, `slide` moves the next photo over the old one, and `push` moves
    both; the direction is that of the movement. `circle_open` shows the next photo in a growing
    circle, `circle_close` the old photo in a shrinking one. `zoom` goes into the old photo while it
    fades. `blur` goes out of focus and comes back with the next photo. `random` chooses another
    transition each time, but never `none`.
    """

    NONE = "none"
    FADE = "fade"
    DISSOLVE = "dissolve"
    FADE_BLACK = "fade_black"
    FADE_WHITE = "fade_white"
    WIPE_LEFT = "wipe_left"
    WIPE_RIGHT = "wipe_right"
    WIPE_UP = "wipe_up"
    WIPE_DOWN = "wipe_down"
    SLIDE_LEFT = "slide_left"
    SLIDE_RIGHT = "slide_right"
    SLIDE_UP = "slide_up"
    SLIDE_DOWN = "slide_down"
    PUSH_LEFT = "push_left"
    PUSH_RIGHT = "push_right"
    PUSH_UP = "push_up"
    PUSH_DOWN = "push_down"
    CIRCLE_OPEN = "circle_open"
    CIRCLE_CLOSE = "circle_close"
    ZOOM = "zoom"
    BLUR = "blur"
    RANDOM = "random"


class Fit(StrEnum):
    """How a photo of another shape fills the video.

    `blur` shows all of the photo in front of a dark, blurred copy of it, `contain` shows all of it
    between black bars, and `cover` fills the frame and crops the photo.
    """

    CONTAIN = "contain"
    COVER = "cover"
    BLUR = "blur"


class Motion(StrEnum):
    """The camera move over a photo; a direction is that of the camera.

    `kenburns` chooses a slow zoom for each photo, towards its focus or away from it.
    """

    NONE = "none"
    KENBURNS = "kenburns"
    ZOOM_IN = "zoom_in"
    ZOOM_OUT = "zoom_out"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    PAN_UP = "pan_up"
    PAN_DOWN = "pan_down"


class Engine(StrEnum):
    """What draws and encodes a slideshow's frames.

    `still` writes the H.264 of frames that repeat or mix photos and encodes the rest, `x264`
    encodes every frame, and `moviepy` is the slow reference for tests.
    """

    STILL = "still"
    X264 = "x264"
    MOVIEPY = "moviepy"


PhotoSeconds = Annotated[float, Field(ge=SHORTEST_PHOTO, le=LONGEST_PHOTO, strict=True)]
TransitionSeconds = Annotated[float, Field(ge=0, le=LONGEST_TRANSITION, strict=True)]
OnBadPhoto = Literal["fail", "skip"]


class PhotoLook(Model):
    """How a photo fills the video."""

    fit: Fit = Field(
        Fit.BLUR,
        description="How a photo of another shape fills the frame: `blur` shows all of it in front "
        "of a dark, blurred copy, `contain` adds black bars, `cover` crops the photo.",
    )
    focus: Point | None = Field(
        None,
        description="The point of a photo that `cover` keeps as near to the centre as possible. "
        "Unset: where the photo has most detail, of upright and square photos in their upper part.",
    )
    rotate: Rotation = Field(
        0,
        description="Degrees to turn photos clockwise, after their EXIF orientation: 0, 90, 180 or "
        "270.",
    )
    background: Color = Field(
        "#ffffff",
        description="Colour behind and around transparent photos, such as #203040.",
    )
    preview: bool = Field(
        False,
        strict=True,
        description="Render quickly and coarsely, with the shorter side of the video at most "
        f"{PREVIEW_SIDE} pixels.",
    )


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


class SlideSettings(Model):
    """Settings of one photo or video. What is unset follows the slideshow."""

    duration: PhotoSeconds | None = Field(
        None, description="Seconds that the photo is shown; a video plays from `start` to `end`."
    )
    transition: Transition | None = Field(
        None, description="Transition from this photo or video to the next."
    )
    transition_duration: TransitionSeconds | None = Field(
        None,
        description="Seconds of that transition, taken from the end of the photo's time. Before a "
        "video, it takes half of the video's time at most.",
    )
    fit: Fit | None = Field(None, description="How the photo fills a frame of another shape.")
    focus: Point | None = Field(
        None, description="The point that `cover` keeps as near to the centre as possible."
    )
    rotate: Rotation | None = Field(None, description="Degrees to turn the photo clockwise.")
    motion: Motion | None = Field(
        None, description="Camera move over the photo; there is none over a video."
    )
    caption: Text = Field("", description="Text over the photo or video.")
    narration: NarrationText = Field(
        "",
        description="What is spoken while the photo is shown, which then lasts as long as the "
        "words, and at least as long as its `duration`.",
    )


class VideoPart(Model):
    """The part of a video that plays in the place of a photo, in seconds of the video."""

    start: float
    end: float
    mute: bool = False  # or it has no sound


class PhotoSpec(SlideSettings):
    """Settings of one photo, or of the `video` that plays in its place."""

    video: VideoPart | None = None


_OVERRIDES = [name for name in SlideSettings.model_fields if name in SlideshowSpec.model_fields]
