"""The captions of a clip, and how they look."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from reelqueue.specs.base import Model, make_error
from reelqueue.specs.clips.speech import SpeechCaptions
from reelqueue.specs.formats import Color
from reelqueue.specs.limits import (
    LONGEST_MEDIA,
    MAX_CUE_CHARACTERS,
    MAX_CUE_WORDS,
    MAX_CUES,
    WORD_TOLERANCE,
)
from reelqueue.specs.text import Backing, LetterSize


class Times(StrEnum):
    """What the times of captions count from: the start of the finished clip, or of its source."""

    CLIP = "clip"
    SOURCE = "source"


class Preset(StrEnum):
    """How captions follow what is spoken.

    `plain` shows whole captions, `phrase` a few words at a time with the spoken one marked,
    `karaoke` the same with the words to come dimmed, and `pop` one large word at a time.
    """

    PLAIN = "plain"
    PHRASE = "phrase"
    KARAOKE = "karaoke"
    POP = "pop"


class ClipPosition(StrEnum):
    """Where captions stand in a clip; `auto` is the bottom, unless they would cover faces there."""

    BOTTOM = "bottom"
    TOP = "top"
    MIDDLE = "middle"
    AUTO = "auto"


class SpokenStyle(Model):
    """The look of captions of what is spoken, wherever they stand."""

    preset: Preset = Field(
        Preset.PLAIN,
        description="`plain` shows whole captions. `phrase` shows four to six words at a time, in "
        "up to two lines, and marks the one that is spoken; `karaoke` also dims the words to come; "
        "`pop` shows one large word at a time.",
    )
    size: LetterSize = Field(LetterSize.MEDIUM, description="Size of the captions' letters.")
    backing: Backing = Field(
        Backing.OUTLINE,
        description="What keeps captions readable on any picture: a `box` behind them, a `shadow`, "
        "or an `outline` around the letters. With `phrase` and `pop`, the box is behind the word "
        "that is spoken, in the colour `highlight`.",
    )
    color: Color = Field("#ffffff", description="Colour of the letters.")
    highlight: Color = Field(
        "#ffd60a", description="Colour that marks the word that is spoken, or of the box behind it."
    )
    uppercase: bool = Field(False, strict=True, description="Write all letters as capitals.")


class ClipCaptionStyle(SpokenStyle):
    """The look of all captions of a clip."""

    position: ClipPosition = Field(
        ClipPosition.BOTTOM,
        description="Where captions are placed in the frame. `auto` is the bottom; if they would "
        "cover faces there, it is the top or the middle for all of the clip.",
    )


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
        description="When each word of the text is spoken. Unset: styles that mark words spread "
        "the caption's time over them.",
    )

    @model_validator(mode="after")
    def _end_follows_start(self) -> Self:
        if self.end <= self.start:
            raise ValueError("end must be greater than start")
        return self

    @model_validator(mode="after")
    def _words_are_within(self) -> Self:
        first, last = self.start - WORD_TOLERANCE, self.end + WORD_TOLERANCE
        for number, word in enumerate(self.words):
            if not first <= word.start <= last:
                span = f"from {self.start:g} to {self.end:g}"
                raise make_error(f"must lie within the caption, {span}", "words", number, "start")
            if word.end < word.start:
                raise make_error("must not be less than start", "words", number, "end")
            if word.end > last:
                raise make_error(
                    f"must be at most {self.end:g}, where the caption ends", "words", number, "end"
                )
        for number, (before, word) in enumerate(pairwise(self.words), 1):
            if word.start < before.start:
                raise make_error(
                    "must not be less than that of the word before it", "words", number, "start"
                )
        return self


Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$")]
CueList = Annotated[tuple[Cue, ...], Field(max_length=MAX_CUES, fail_fast=True)]


class CueSheet(Model):
    """Captions, and what their times count from."""

    cues: CueList = Field(description="The captions.")
    times: Times = Field(
        Times.CLIP,
        description="What the times of the captions count from: the start of the finished `clip`, "
        "or of its `source`.",
    )
    language: Language | None = Field(
        None, description="The captions' language, such as `en` or `pt-BR` (BCP 47)."
    )


class Captioning(Model):
    """How the captions of a clip are shown."""

    caption_style: ClipCaptionStyle = Field(
        ClipCaptionStyle(), description="How captions that are drawn look."
    )
    soft_captions: bool = Field(
        False,
        strict=True,
        description="Put the captions into the file as a track that players can switch on and off, "
        "instead of drawing them.",
    )

    @property
    def avoids_faces(self) -> bool:
        """Whether captions are drawn where they cover no faces."""
        return self.caption_style.position is ClipPosition.AUTO and not self.soft_captions

    @property
    def marks_words(self) -> bool:
        """Whether captions are drawn as phrases in which words are marked."""
        return self.caption_style.preset is not Preset.PLAIN and not self.soft_captions


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
TRACK: Literal["track"] = "track"
"""The captions that a video has as a track."""
InWord = Annotated[Literal["auto"], Tag("|word")]
InList = Annotated[CueList, Tag("|list")]
InSheet = Annotated[CueSheet, Tag("|sheet")]
InSpeech = Annotated[SpeechCaptions, Tag("|speech")]
BY_FORM = Discriminator(
    _tell_form,
    custom_error_type="captions",
    custom_error_message="must be a list of captions, `auto`, `track`, or an object with `cues`, "
    "`speech`, `segments` or `id`",
)
