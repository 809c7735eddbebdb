"""Clips: parts of a video, cut to an aspect ratio, with captions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from reelqueue.specs.captions import BY_FORM, Captioning, CueSheet, InList, InSheet
from reelqueue.specs.reframe import Reframe
from reelqueue.specs.segments import Segments
from reelqueue.specs.sound import Sound


class ClipCut(Segments, Reframe, Captioning, Sound):
    """Parts of a video, cut to an aspect ratio, with their sound."""


class ClipSpec(ClipCut):
    """Parts of a video, cut to an aspect ratio, with optional captions."""

    captions: Annotated[InList | InSheet, BY_FORM] = Field(())

    @property
    def cue_sheet(self) -> CueSheet:
        """The captions, and what their times count from."""
        if isinstance(self.captions, CueSheet):
            return self.captions
        return CueSheet(cues=self.captions)
