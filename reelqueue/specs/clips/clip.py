"""Clips: parts of a video, cut to an aspect ratio, with captions."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from reelqueue.specs.base import make_error
from reelqueue.specs.clips.captions import (
    AUTO,
    BY_FORM,
    Captioning,
    CueSheet,
    InList,
    InSheet,
    InSpeech,
    InWord,
)
from reelqueue.specs.clips.look import Look
from reelqueue.specs.clips.reframe import FOCUS_NEEDS_CROP, ClipFit, Reframe
from reelqueue.specs.clips.segments import Segments
from reelqueue.specs.clips.sound import Sound
from reelqueue.specs.clips.speech import Speech, SpeechCaptions
from reelqueue.specs.delivery import Delivery


class ClipCut(Segments, Reframe, Look, Captioning, Sound, Delivery):
    """Parts of a video, cut to an aspect ratio, with their sound."""

    @model_validator(mode="after")
    def _focus_of_segments_is_for_crop(self) -> Self:
        for number, segment in enumerate(self.segments):
            if segment.focus and self.fit is not ClipFit.CROP:
                raise make_error(FOCUS_NEEDS_CROP, "segments", number, "focus")
        return self


class ClipSpec(ClipCut):
    """Parts of a video, cut to an aspect ratio, with optional captions."""

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
