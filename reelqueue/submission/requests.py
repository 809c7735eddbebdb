"""What is sent to order a video: a spec, the files that it is for, and how it waits."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from reelqueue.jobs.model import Priority
from reelqueue.planning.photo_order import Order
from reelqueue.specs.base import Model
from reelqueue.specs.clip import ClipSpec
from reelqueue.specs.music import TrackRange
from reelqueue.specs.slideshow import PhotoSpec, SlideshowSpec

MAX_TRACKS = 50

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class TrackChoice(TrackRange):
    """One piece of music, or a part of it."""

    id: Id = Field(description="As `/upload_audio` answered it.")


class PhotoChoice(PhotoSpec):
    """One photo of a slideshow, and what it has otherwise than the others."""

    id: Id = Field(description="As `/upload_images` answered it.")

    @property
    def own_spec(self) -> PhotoSpec:
        """What it has otherwise, without saying which photo it is."""
        return PhotoSpec.model_validate(self.model_dump(exclude={"id"}))


class _Request(Model):
    session_id: Id = Field(description="As the upload answered it.")
    job_id: Id | None = Field(None, description="Chosen by the caller, to poll before the answer.")
    priority: Priority = Field(Priority.DEFAULT, description="The queue to wait in.")
    dry_run: bool = Field(
        False, strict=True, description="Only check it, and say what the video would be."
    )


class SlideshowRequest(SlideshowSpec, _Request):
    """The body of `POST /generate_video`."""

    audio_id: Id | None = Field(None, description="Music: short for `tracks` with this one.")
    tracks: tuple[TrackChoice, ...] | None = Field(
        None, min_length=1, max_length=MAX_TRACKS, description="Music, in this order."
    )
    photos: tuple[PhotoChoice, ...] | None = Field(
        None, min_length=1, description="Which photos, in this order; unset: all of the session."
    )
    order: Order = Field("uploaded", description="The order where `photos` is unset.")

    @field_validator("tracks")
    @classmethod
    def _tracks_stand_alone(
        cls, tracks: tuple[TrackChoice, ...] | None, info: ValidationInfo
    ) -> tuple[TrackChoice, ...] | None:
        if tracks and info.data.get("audio_id"):
            raise ValueError("must be left out where audio_id is given: send one of the two")
        return tracks

    @property
    def music(self) -> tuple[TrackChoice, ...]:
        """All music, however it was named."""
        return (TrackChoice(id=self.audio_id),) if self.audio_id else self.tracks or ()


class ClipRequest(ClipSpec, _Request):
    """The body of `POST /generate_clip`."""

    source_id: Id = Field(description="The video, as `/upload_video` answered it.")
