"""The look of a clip: its light and colours, and how it begins and ends."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from reelqueue.specs.base import Model
from reelqueue.specs.limits import (
    BRIGHTEST,
    DARKEST,
    HIGHEST_CONTRAST,
    HIGHEST_SATURATION,
    LONGEST_FADE,
    LOWEST_CONTRAST,
)


class Denoise(StrEnum):
    """How much noise is taken out of the pictures."""

    NONE = "none"
    LIGHT = "light"
    STRONG = "strong"


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
