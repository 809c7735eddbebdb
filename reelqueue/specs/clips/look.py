"""The look of a clip: its light and colours, and how it begins and ends."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from reelqueue.specs.base import Model
from reelqueue.specs.limits import (
    BRIGHTEST,
    DARKEST,
    FAINTEST_LOGO,
    HIGHEST_CONTRAST,
    HIGHEST_SATURATION,
    LONGEST_FADE,
    LOWEST_CONTRAST,
    NARROWEST_LOGO,
)
from reelqueue.specs.text import Cards, PlainCard


class Denoise(StrEnum):
    """How much noise is taken out of the pictures."""

    NONE = "none"
    LIGHT = "light"
    STRONG = "strong"


class Corner(StrEnum):
    """A corner of the frame."""

    TOP_LEFT = "top_left"
    TOP_RIGHT = "top_right"
    BOTTOM_LEFT = "bottom_left"
    BOTTOM_RIGHT = "bottom_right"


class LogoStyle(Model):
    """Where a logo is seen in a clip, how large, and how clearly."""

    position: Corner = Field(Corner.TOP_RIGHT, description="The corner in which the logo is.")
    opacity: float = Field(
        1.0,
        ge=FAINTEST_LOGO,
        le=1,
        strict=True,
        description="How opaque the logo is. What is transparent in it stays so.",
    )
    width: float = Field(
        0.15,
        ge=NARROWEST_LOGO,
        le=1,
        strict=True,
        description="Width of the logo as a part of the clip's width. It is smaller where it would "
        "not fit in.",
    )


class Look(Model):
    """The look of a clip."""

    fade_in: float = Field(
        0.0,
        ge=0,
        le=LONGEST_FADE,
        strict=True,
        description="Seconds over which the pictures appear from black. Sound has its own fade.",
    )
    fade_out: float = Field(
        0.0,
        ge=0,
        le=LONGEST_FADE,
        strict=True,
        description="Seconds at the end over which the pictures turn black.",
    )
    brightness: float = Field(
        1.0,
        ge=DARKEST,
        le=BRIGHTEST,
        strict=True,
        description="How bright the pictures are: 1 as they were recorded, 0.5 half as bright.",
    )
    contrast: float = Field(
        1.0,
        ge=LOWEST_CONTRAST,
        le=HIGHEST_CONTRAST,
        strict=True,
        description="How far the levels are from a middle grey: 1 as they were recorded, 1.5 half "
        "as far again.",
    )
    saturation: float = Field(
        1.0,
        ge=0,
        le=HIGHEST_SATURATION,
        strict=True,
        description="How strong the colours are: 1 as they were recorded, 0 black and white.",
    )
    denoise: Denoise = Field(
        Denoise.NONE,
        description="How much noise is taken out of the pictures, such as that of a dark room. "
        "`strong` also takes fine detail.",
    )
    logo: LogoStyle | None = Field(None, description="A logo over the pictures.")
    title: PlainCard | None = Field(None, description="Title card before the first picture.")
    end_title: PlainCard | None = Field(None, description="Title card after the last picture.")

    @property
    def cards(self) -> Cards:
        """The title cards before and after the pictures."""
        return self.title, self.end_title
