"""The captions of a clip."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from reelqueue.specs.base import Model
from reelqueue.specs.limits import LONGEST_MEDIA, MAX_CUE_CHARACTERS, MAX_CUE_WORDS, MAX_CUES
from reelqueue.specs.speech import SpeechCaptions


class Times(StrEnum):
    """What the times of captions count from: the start of the finished clip, or of its source."""

    CLIP = "clip"
    SOURCE = "source"


class Word(Model):
    """A word of a caption, and when it is spoken."""

    start: float = Field(
        ge=0, le=LONGEST_MEDIA, strict=True, description="Second at which the word begins."
    )
    end: float = Field(
        ge=0, le=LONGEST_MEDIA, strict=True, description="Second at which the word ends."
    )
    text: str = Field(min_length=1, max_length=MAX_CUE_CHARACTERS, description="The word.")


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
    words: tuple[Word, ...] = Field(
        (),
        max_length=MAX_CUE_WORDS,
        fail_fast=True,
        description="When each word of the text is spoken.",
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
    if isinstance(value, str):
        return "|word"
    if isinstance(value, list | tuple):
        return "|list"
    for member, tag in (("id", "|file"), ("speech", "|speech"), ("segments", "|transcript")):
        if member in value if isinstance(value, Mapping) else hasattr(value, member):
            return tag
    return "|sheet" if isinstance(value, Mapping | CueSheet) else None


AUTO: Literal["auto"] = "auto"
"""The captions of a clip that are recognised in its speech."""
InWord = Annotated[Literal["auto"], Tag("|word")]
InList = Annotated[CueList, Tag("|list")]
InSheet = Annotated[CueSheet, Tag("|sheet")]
InSpeech = Annotated[SpeechCaptions, Tag("|speech")]
BY_FORM = Discriminator(
    _tell_form,
    custom_error_type="captions",
    custom_error_message='must be a list of captions, "auto", or an object with `cues`, `speech`, '
    "`segments` or `id`",
)
