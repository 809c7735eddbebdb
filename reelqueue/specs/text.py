"""The words of a slideshow: captions and title cards, as they are asked for, with their limits."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from reelqueue.specs.base import Model

LONGEST_TEXT = 300
LONGEST_TITLE = 100

# What has no picture and would only confuse: controls, halves of characters, marks of direction
# that reach over others. Zero-width joiners stay: emoji and many scripts are spelled with them.
_UNSEEN = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u200b\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff"
    r"\ufff0-\uffff\ud800-\udfff]"
)
_SPACES = re.compile(" +")


class Position(StrEnum):
    """Where captions stand."""

    BOTTOM = "bottom"
    TOP = "top"
    MIDDLE = "middle"


class LetterSize(StrEnum):
    """How large captions are."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Backing(StrEnum):
    """What makes letters readable on any picture."""

    BOX = "box"
    SHADOW = "shadow"
    OUTLINE = "outline"


def clean_text(text: str) -> str:
    """Return text as it is drawn: composed (Unicode NFC), trimmed, without what cannot be seen."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    return "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n")).strip()


def _check_visible(text: str) -> str:
    if not text:
        raise ValueError("must have a character that can be seen")
    return text


Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(clean_text)]
Title = Annotated[
    str,
    StringConstraints(max_length=LONGEST_TITLE),
    AfterValidator(clean_text),
    AfterValidator(_check_visible),
]
CardColor = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]


class CaptionStyle(Model):
    """How captions look."""

    position: Position = Field(Position.BOTTOM, description="Where captions stand.")
    size: LetterSize = Field(LetterSize.MEDIUM, description="How large captions are.")
    backing: Backing = Field(
        Backing.BOX, description="What makes captions readable on any picture."
    )


class TitleCard(Model):
    """A picture of words before the first photo or behind the last."""

    text: Title = Field(description="The title.")
    subtitle: Text = Field("", description="A smaller line below it.")
    duration: float = Field(3.0, ge=0.2, le=60, strict=True, description="Seconds that it has.")
    background: CardColor | None = Field(
        None, description="A colour such as #203040; unset: the photo beside it, dark and blurred."
    )
