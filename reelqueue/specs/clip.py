"""Clips: a part of a video, cut to an aspect ratio, with captions."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from reelqueue.specs.captions import (
    AUTO,
    BY_FORM,
    CueSheet,
    InList,
    InSheet,
    InSpeech,
    InWord,
)
from reelqueue.specs.limits import SHORTEST_CLIP
from reelqueue.specs.ranges import check_range
from reelqueue.specs.reframe import Reframe
from reelqueue.specs.speech import Speech, SpeechCaptions


class ClipCut(Reframe):
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

    captions: Annotated[InWord | InSpeech | InList | InSheet, BY_FORM] = Field(())

    @property
    def speech(self) -> Speech | None:
        """What is known of the speech that gives the captions; None if others are given."""
        if isinstance(self.captions, SpeechCaptions):
            return self.captions.speech
        return Speech() if self.captions == AUTO else None

    @property
    def cue_sheet(self) -> CueSheet:
        """The captions that are given, and what their times count from."""
        if isinstance(self.captions, CueSheet):
            return self.captions
        return CueSheet(cues=self.captions if isinstance(self.captions, tuple) else ())
