"""What a render is: every choice a user has, with its default and its limits.

The models here are the only description of a render. The API's OpenAPI schema, the command line and
the form are made from them, the ledger stores them, and `reelqueue.render` is given them.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import (
    Field,
    StringConstraints,
)

from reelqueue.specs.base import Model
from reelqueue.specs.formats import (
    FRAME_RATES,
    PREVIEW_SIDE,
    RESOLUTIONS,
    Fps,
    Resolution,
    parse_size,
    shrink_size,
)
from reelqueue.specs.text import CaptionStyle, Text, TitleCard

SHORTEST_PHOTO = 0.2
LARGEST_SEED = 2**31 - 1

RENDERERS = 1
"""To be raised by whoever changes the pictures or the sound that the same spec gives."""


class Transition(StrEnum):
    """How one photo gives way to the next; directions are the way the edge moves.

    A fade mixes both photos (a cross dissolve), a dissolve replaces one grain by grain. A wipe
    uncovers the next photo, a slide moves it over the old one, a push moves both. A circle opens
    with the next photo in it, or closes around the old one. Random is another one at each change.
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
    """How a photo that has another shape than the video fills it."""

    CONTAIN = "contain"
    COVER = "cover"
    BLUR = "blur"


class Motion(StrEnum):
    """How a photo moves while it is seen; directions are the way the view goes over the photo.

    Ken Burns is a calm way for each photo, towards its busiest point or back from there.
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
    """What draws and encodes a slideshow's frames."""

    STILL = "still"
    X264 = "x264"
    MOVIEPY = "moviepy"


PhotoSeconds = Annotated[float, Field(ge=0.2, le=60, strict=True)]
ChangeSeconds = Annotated[float, Field(ge=0, le=10, strict=True)]
Rotation = Literal[0, 90, 180, 270]
Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
OnBadPhoto = Literal["fail", "skip"]


class Point(Model):
    """A place in a photo as it is shown: from its left and its top, as parts of its sides."""

    x: float = Field(ge=0, le=1, strict=True)
    y: float = Field(ge=0, le=1, strict=True)


class PhotoLook(Model):
    """How a photo fills the video."""

    fit: Fit = Field(Fit.BLUR, description="What fills the frame around a photo.")
    focus: Point | None = Field(
        None, description="What `cover` keeps in the middle; unset: where a photo is busiest."
    )
    rotate: Rotation = Field(
        0, description="Degrees that photos are turned, clockwise: 0, 90, 180 or 270."
    )
    background: Color = Field(
        "#ffffff", description="The colour behind and around transparent photos."
    )
    preview: bool = Field(
        False,
        strict=True,
        description=f"Coarse, small and fast: {PREVIEW_SIDE} pixels high or wide.",
    )


class SlideshowSpec(PhotoLook):
    """A slideshow: it lasts as long as its photos, `duration` seconds each, and its title cards."""

    duration: PhotoSeconds = Field(3.0, description="Seconds a photo.")
    transition: Transition = Field(Transition.FADE, description="How photos change.")
    transition_duration: ChangeSeconds = Field(
        1.0, description="Seconds of a change, at most a photo's time."
    )
    resolution: Resolution = Field(
        "1920x1080", description=f"Width x height in pixels, or {', '.join(RESOLUTIONS)}."
    )
    fps: Fps = Field(30, strict=True, description="Frames a second.")
    motion: Motion = Field(Motion.NONE, description="How photos move; they fill the frame then.")
    seed: int = Field(
        0, ge=0, le=LARGEST_SEED, strict=True, description="Another one makes other random choices."
    )
    on_bad_photo: OnBadPhoto = Field(
        "fail", description="A photo that cannot be read fails the render, or is left out."
    )
    volume: float = Field(
        1.0, ge=0, le=2, strict=True, description="Of the music: 1 is -14 LUFS, 0.5 half of that."
    )
    fit_to_music: bool = Field(
        False, strict=True, description="Photos share the music's time; `duration` does not count."
    )
    title: TitleCard | None = Field(None, description="A card before the first photo.")
    end_title: TitleCard | None = Field(None, description="A card behind the last photo.")
    caption_style: CaptionStyle = Field(CaptionStyle(), description="How all captions look.")

    @property
    def size(self) -> tuple[int, int]:
        """The video's `(width, height)`, both even."""
        size = parse_size(self.resolution)
        return shrink_size(size, PREVIEW_SIDE) if self.preview else size

    @property
    def frame_rate(self) -> Fraction:
        """The exact frames a second: 29.97 is 30000/1001."""
        return FRAME_RATES[self.fps]

    def for_photo(self, photo: PhotoSpec) -> Self:
        """Return what holds for one photo."""
        chosen = {name: getattr(photo, name) for name in _OWN_CHOICES}
        own = {name: value for name, value in chosen.items() if value is not None}
        return self.model_copy(update=own) if own else self

    @property
    def cards(self) -> tuple[TitleCard | None, TitleCard | None]:
        """The title cards: before and behind the photos."""
        return self.title, self.end_title


class PhotoSpec(Model):
    """What one photo has otherwise than the slideshow; unset is as the slideshow says."""

    duration: PhotoSeconds | None = Field(None, description="Seconds that it has.")
    transition: Transition | None = Field(None, description="How it changes to the next photo.")
    transition_duration: ChangeSeconds | None = Field(None, description="Seconds of that change.")
    fit: Fit | None = Field(None, description="What fills the frame around it.")
    focus: Point | None = Field(None, description="What `cover` keeps in the middle.")
    rotate: Rotation | None = Field(None, description="Degrees that it is turned, clockwise.")
    motion: Motion | None = Field(None, description="How it moves; it fills the frame then.")
    caption: Text = Field("", description="Words over it.")


_OWN_CHOICES = [name for name in PhotoSpec.model_fields if name in SlideshowSpec.model_fields]
