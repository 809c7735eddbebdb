"""The text of a video: captions, title cards, and what is spoken."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from reelqueue.specs.base import Model, make_error
from reelqueue.specs.formats import Color
from reelqueue.specs.limits import (
    LONGEST_CARD,
    LONGEST_NARRATION,
    LONGEST_TEXT,
    LONGEST_TITLE,
    SHORTEST_PHOTO,
)

# Control characters, lone surrogates, noncharacters, and the embeddings and overrides that change
# the direction of the text after them. Zero-width joiners stay: emoji and many scripts need them.
# So do zero-width spaces between letters: they say where a line may break (UAX #14, LB8).
_INVISIBLE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff"
    r"\ufff0-\uffff\ud800-\udfff]"
)
_SPACES = re.compile("[ \u200b]+")
_ENDS = "\u200b" + "".join(chr(code) for code in range(0x3001) if chr(code).isspace())


class Position(StrEnum):
    """Where captions are placed in the frame."""

    BOTTOM = "bottom"
    TOP = "top"
    MIDDLE = "middle"


class LetterSize(StrEnum):
    """Size of the letters of captions, relative to the frame."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Backing(StrEnum):
    """What keeps captions readable on any picture."""

    BOX = "box"
    SHADOW = "shadow"
    OUTLINE = "outline"


def clean_text(text: str) -> str:
    r"""Return text as it is drawn: in Unicode NFC, without invisible characters or extra spaces.

    Line breaks become `\n`; tabs become spaces.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return "\n".join(_clean_spaces(line) for line in text.split("\n")).strip("\n")


def _clean_spaces(line: str) -> str:
    return _SPACES.sub(lambda run: " " if " " in run[0] else "\u200b", line).strip(_ENDS)


Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(clean_text)]
Title = Annotated[str, StringConstraints(max_length=LONGEST_TITLE), AfterValidator(clean_text)]
NarrationText = Annotated[
    str, StringConstraints(max_length=LONGEST_NARRATION), AfterValidator(clean_text)
]


class CaptionStyle(Model):
    """The look of all captions of a slideshow."""

    position: Position = Field(
        Position.BOTTOM, description="Where captions are placed in the frame."
    )
    size: LetterSize = Field(LetterSize.MEDIUM, description="Size of the captions' letters.")
    backing: Backing = Field(
        Backing.BOX,
        description="What keeps captions readable on any picture: a dark `box` behind them, a "
        "`shadow`, or an `outline` around the letters.",
    )


class PlainCard(Model):
    """A title, shown alone before the first picture of a video or after the last."""

    text: Title = Field(description="The title.")
    subtitle: Text = Field("", description="A line of smaller text below the title.")
    duration: float = Field(
        3.0,
        ge=SHORTEST_PHOTO,
        le=LONGEST_CARD,
        strict=True,
        description="Seconds that the card is shown, in addition to the time of all pictures.",
    )
    background: Color | None = Field(
        None,
        description="Background colour, such as #203040. Unset: the nearest picture, dark and "
        "blurred.",
    )

    @model_validator(mode="after")
    def _check_title(self) -> PlainCard:
        if not self.text and self.subtitle:
            raise make_error("needs a title above it: write one, or clear this line", "subtitle")
        if not self.text:
            raise make_error("must have at least one visible character", "text")
        return self


class TitleCard(PlainCard):
    """A title card of a slideshow, which can be spoken."""

    narration: NarrationText = Field(
        "",
        description="What is spoken while the card is shown, which then lasts as long as the "
        "words, and at least as long as its `duration`.",
    )


Cards = tuple[PlainCard | None, PlainCard | None]
"""The title cards before the pictures of a video and after them."""
