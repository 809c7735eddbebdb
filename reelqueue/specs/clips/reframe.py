"""The shape of a clip, and how a video of another shape fills it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator

from reelqueue.specs.base import Model
from reelqueue.specs.formats import Resolution, parse_size
from reelqueue.specs.picture import Point, Rotation


class ClipFit(StrEnum):
    """How a video of another shape fills the clip.

    `blur` shows all of the video in front of a dark, blurred copy of it, `crop` fills the clip and
    cuts off what is outside, and `pad` shows all of the video between black bars.
    """

    BLUR = "blur"
    CROP = "crop"
    PAD = "pad"


class Aspect(StrEnum):
    """The aspect ratio of a clip, width to height; `original` keeps the video's."""

    PORTRAIT = "9:16"
    FEED = "4:5"
    SQUARE = "1:1"
    LANDSCAPE = "16:9"
    ORIGINAL = "original"


def _tell_form(value: object) -> str | None:
    """Return the tag of the form in which a focus is given; None if it is none of them."""
    if value == "auto":
        return "|auto"
    return "|point" if isinstance(value, Mapping | Point) else None


Focus = Annotated[
    Annotated[Point, Tag("|point")] | Annotated[Literal["auto"], Tag("|auto")],
    Discriminator(
        _tell_form,
        custom_error_type="focus",
        custom_error_message='must be "auto", or a point such as {"x": 0.5, "y": 0.3}',
    ),
]


FOCUS_NEEDS_CROP = "is for crop: send fit crop with it"


class Reframe(Model):
    """The shape of a clip, and how the video fills it."""

    aspect: Aspect | None = Field(
        None,
        description="Aspect ratio of the clip. `original` keeps the video's shape. Unset: `9:16`, "
        "if there is no `resolution`.",
    )
    resolution: Resolution | None = Field(
        None,
        description="Size of the clip instead of an `aspect`, as `WIDTHxHEIGHT` or a name such as "
        "`square`. Odd sides are rounded down.",
    )
    fit: ClipFit = Field(
        ClipFit.BLUR,
        description="How a video of another shape fills the clip: `blur` shows all of it in front "
        "of a dark, blurred copy, `crop` fills the clip and cuts off the rest, `pad` adds black "
        "bars.",
    )
    rotate: Rotation = Field(
        0,
        description="Degrees to turn the video clockwise, on top of the orientation that it has.",
    )
    focus: Focus | None = Field(
        None,
        description="What `crop` keeps: a point of the turned video as near to the centre as "
        "possible, or `auto`, which follows faces, or else what moves. Unset: the centre.",
    )

    @field_validator("resolution")
    @classmethod
    def _replaces_aspect(cls, resolution: str | None, info: ValidationInfo) -> str | None:
        if resolution and info.data.get("aspect"):
            raise ValueError("takes the place of aspect: send one of them")
        return resolution

    @field_validator("focus")
    @classmethod
    def _is_for_crop(cls, focus: Focus | None, info: ValidationInfo) -> Focus | None:
        if focus and info.data.get("fit") is not ClipFit.CROP:
            raise ValueError(FOCUS_NEEDS_CROP)
        return focus

    @property
    def size(self) -> tuple[int, int] | None:
        """The `(width, height)` that is asked for in pixels; None for an aspect ratio."""
        return parse_size(self.resolution) if self.resolution else None
