"""Clips: a part of a video, cut to an aspect ratio, with captions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Discriminator, Field, Tag, model_validator

from reelqueue.specs.base import Model
from reelqueue.specs.limits import LONGEST_MEDIA, MAX_CUE_CHARACTERS, MAX_CUES, SHORTEST_CLIP
from reelqueue.specs.ranges import check_range


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


class Times(StrEnum):
    """What the times of captions count from: the start of the finished clip, or of its source."""

    CLIP = "clip"
    SOURCE = "source"


class Cue(Model):
    """A caption of a clip."""

    start: float = Field(
        ge=0,
        le=LONGEST_MEDIA,
        strict=True,
        description="Second at which the caption appears.",
    )
    end: float = Field(
        gt=0,
        le=LONGEST_MEDIA,
        strict=True,
        description="Second at which the caption disappears.",
    )
    text: str = Field(
        min_length=1,
        max_length=MAX_CUE_CHARACTERS,
        description="The text; line breaks are kept.",
    )

    @model_validator(mode="after")
    def _end_follows_start(self) -> Self:
        if self.end <= self.start:
            raise ValueError("end must be greater than start")
        return self


CueList = Annotated[tuple[Cue, ...], Field(max_length=MAX_CUES, fail_fast=True)]


class CueSheet(Model):
    """Captions, and what their times count from."""

    cues: CueList = Field(description="The captions.")
    times: Times = Field(
        Times.CLIP,
        description="What the times of the captions count from: the start of the finished `clip`, "
        "or of its `source`.",
    )


def _tell_form(value: object) -> str | None:
    """Return the tag of the form in which captions are given; None if it is none of them."""
    if isinstance(value, list | tuple):
        return "|list"
    is_file = "id" in value if isinstance(value, Mapping) else hasattr(value, "id")
    return "|file" if is_file else "|sheet" if isinstance(value, Mapping | CueSheet) else None


InList = Annotated[CueList, Tag("|list")]
InSheet = Annotated[CueSheet, Tag("|sheet")]
BY_FORM = Discriminator(
    _tell_form,
    custom_error_type="captions",
    custom_error_message="must be a list of captions, an object with `cues`, or one with an `id`",
)


class ClipCut(Model):
    """A part of a video, cut to an aspect ratio."""

    start: float = Field(
        0.0, ge=0, strict=True, description="Second of the video at which the clip starts."
    )
    end: float | None = Field(
        None,
        gt=0,
        strict=True,
        description="Second of the video at which the clip ends. Unset: the end of the video.",
    )
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

    @model_validator(mode="after")
    def _end_follows_start(self) -> Self:
        if self.end is not None and round(self.end - self.start, 6) < SHORTEST_CLIP:
            raise ValueError(f"end must be at least {SHORTEST_CLIP} seconds after start")
        return self

    def resolve_range(self, duration: float) -> tuple[float, float]:
        """Return `(start, end)` in seconds for a video of `duration` seconds.

        Raises:
            InvalidSpecError: if the range reaches beyond the end of the video.
        """
        check_range(self, duration, "video")
        return self.start, min(self.end or duration, duration)


class ClipSpec(ClipCut):
    """A part of a video, cut to an aspect ratio, with optional captions."""

    captions: Annotated[InList | InSheet, BY_FORM] = Field(())

    @property
    def cue_sheet(self) -> CueSheet:
        """The captions, and what their times count from."""
        if isinstance(self.captions, CueSheet):
            return self.captions
        return CueSheet(cues=self.captions)
