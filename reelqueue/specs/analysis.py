"""Analyses: what is looked for in a video."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Discriminator, Field, StrictBool, Tag

from reelqueue.specs.base import Model
from reelqueue.specs.clips.speech import Speech
from reelqueue.specs.limits import LONGEST_HIGHLIGHT, MAX_HIGHLIGHTS, SHORTEST_HIGHLIGHT


class HighlightChoice(Model):
    """How many highlights are proposed, and how long they are."""

    count: int = Field(
        3, ge=0, le=MAX_HIGHLIGHTS, strict=True, description="Most highlights to propose; 0: none."
    )
    duration: float = Field(
        30.0,
        ge=SHORTEST_HIGHLIGHT,
        le=LONGEST_HIGHLIGHT,
        strict=True,
        description="Seconds that a highlight lasts at most; it lasts at least half of that.",
    )


def _tell_form(value: object) -> str:
    """Return the tag of the form in which a transcript is asked for."""
    return "|object" if isinstance(value, Mapping | Speech) else "|flag"


class AnalysisSpec(Model):
    """What is looked for in a video."""

    scenes: bool = Field(True, strict=True, description="Whether to list the scenes.")
    silences: bool = Field(True, strict=True, description="Whether to list the silences.")
    transcript: Annotated[
        Annotated[StrictBool, Tag("|flag")] | Annotated[Speech, Tag("|object")],
        Discriminator(_tell_form),
    ] = Field(
        False,
        description="Whether to write down what is said: `true`, or an object with its `language` "
        "and a `vocabulary` of names. Highlights then begin and end with sentences.",
    )
    highlights: HighlightChoice = Field(
        HighlightChoice(), description="The parts to propose for clips."
    )

    @property
    def speech(self) -> Speech | None:
        """What is known of the speech that is written down; None if none is."""
        if isinstance(self.transcript, Speech):
            return self.transcript
        return Speech() if self.transcript else None
