"""One photo of a slideshow, or a video among them: how it is shown."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from reelqueue.specs.base import Model
from reelqueue.specs.formats import PREVIEW_SIDE, Color
from reelqueue.specs.limits import LONGEST_PHOTO, LONGEST_TRANSITION, SHORTEST_PHOTO
from reelqueue.specs.picture import Point, Rotation
from reelqueue.specs.text import NarrationText, Text


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


PhotoSeconds = Annotated[float, Field(ge=SHORTEST_PHOTO, le=LONGEST_PHOTO, strict=True)]
TransitionSeconds = Annotated[float, Field(ge=0, le=LONGEST_TRANSITION, strict=True)]


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
