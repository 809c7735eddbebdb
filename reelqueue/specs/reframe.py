"""The shape of a clip, and how a video of another shape fills it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from reelqueue.specs.base import Model


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
    SQUARE = "1:1"
    LANDSCAPE = "16:9"
    ORIGINAL = "original"


class Reframe(Model):
    """The shape of a clip, and how the video fills it."""

    aspect: Aspect = Field(
        Aspect.PORTRAIT,
        description="Aspect ratio of the clip. `original` keeps the video's shape.",
    )
    fit: ClipFit = Field(
        ClipFit.BLUR,
        description="How a video of another shape fills the clip: `blur` shows all of it in front "
        "of a dark, blurred copy, `crop` fills the clip and cuts off the rest, `pad` adds black "
        "bars.",
    )
