"""The models of all answers of the API except a job's status, and their JSON schemas."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from reelqueue.jobs.status import JobStatus
from reelqueue.specs.clips.captions import Cue


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str = Field(description="A sentence that says what is wrong and what to do.")
    success: Literal[False] = False
    field: str | None = Field(None, description="The path of the invalid value.")


class Success(BaseModel):
    """The base of the answers to successful requests."""

    success: Literal[True] = True

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON, without its unset values."""
        return self.model_dump(mode="json", exclude_none=True)


class Accepted(JobStatus):
    """The status of an accepted job, and the address to poll."""

    success: bool = Field(description="False if the job has already failed.")
    status_url: str
    estimated_time: int = Field(description="Estimated seconds of the render.")


class Estimate(Success):
    """The answer to an order with `dry_run`: facts about the video. No job is made."""

    duration: float = Field(description="Seconds.")
    width: int
    height: int
    fps: float
    frames: int
    estimated_time: int = Field(description="Estimated seconds of the render.")
    estimated_file_size: int = Field(description="Estimated bytes of the video.")
    warnings: list[str] = Field(
        [], description="Sentences about what the video will lack or show differently."
    )


class UploadedImage(BaseModel):
    """A photo that was accepted."""

    id: str
    filename: str
    width: int
    height: int
    taken_at: datetime | None = Field(
        None,
        description="When the photo was taken, by the camera's clock (ISO 8601, no zone); if its "
        "metadata do not tell, by its name.",
    )
    utc_offset: int | None = Field(
        None, description="Minutes that the camera's clock is ahead of UTC, if that is known."
    )
    thumbnail_url: str


class RejectedFile(BaseModel):
    """A file that was refused, and why."""

    filename: str
    error: str


class UploadedImages(Success):
    """The answer to uploaded photos, in the order in which they were sent."""

    session_id: str
    images: list[UploadedImage]
    rejected: list[RejectedFile]


class UploadedAudio(Success):
    """The answer to an uploaded piece of music."""

    session_id: str
    audio_id: str
    filename: str
    duration: float = Field(description="Seconds.")
    warnings: list[str] = Field(
        [], description="Sentences about what of the file cannot be used, such as a sound track."
    )


class Subtitles(BaseModel):
    """The subtitles that a video has as a track."""

    count: int = Field(description="How many captions `captions: track` can show.")
    language: str | None = Field(None, description="Their language, as the file names it.")
    problem: str | None = Field(None, description="Why they cannot be used.")
    warnings: list[str] = Field([], description="Sentences about what was left out or changed.")


class UploadedVideo(Success):
    """The answer to an uploaded video."""

    session_id: str
    source_id: str
    filename: str
    duration: float = Field(description="Seconds.")
    width: int
    height: int
    fps: float
    has_audio: bool
    sound_tracks: int = Field(description="How many tracks of sound it has.")
    warnings: list[str] = Field(
        [], description="Sentences about what of the video cannot be used, such as its sound."
    )
    subtitles: Subtitles | None = Field(
        None, description="The subtitles that the video has as a track, if it has any."
    )


class UploadedCaptions(Success):
    """The answer to an uploaded file of captions."""

    session_id: str
    captions_id: str
    filename: str
    cues: list[Cue] = Field(description="The captions, by their start, in the file's own time.")
    language: str | None = Field(None, description="The language that the file names (BCP 47).")
    warnings: list[str] = Field([], description="Sentences about what was left out or changed.")


class FailedJob(JobStatus):
    """The status of a failed job, and its log."""

    log_tail: str = Field(description="The last 4 KB of the log of its attempts.")


class FailedJobs(BaseModel):
    """A page of the failed jobs, newest first."""

    jobs: list[FailedJob]
    total: int
    page: int
    per_page: int


class SkippedJob(BaseModel):
    """A job that could not be run again, and why."""

    job_id: str
    error: str


class Requeued(Success):
    """The failed jobs that run again, and those that could not."""

    requeued: list[str]
    skipped: list[SkippedJob]


class AnswerSchema(GenerateJsonSchema):
    """Makes JSON schemas of answers, in which an unset value is left out instead of null."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Describe the value without null."""
        return self.generate_inner(schema["schema"])

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,  # noqa: ARG002  # as pydantic calls it
    ) -> bool:
        """Tell whether an answer always has this value: only a default of None is left out."""
        inner = field["schema"]
        return inner["type"] != "default" or inner.get("default") is not None

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Describe the value without its default, which means nothing in an answer."""
        return self.generate_inner(schema["schema"])
