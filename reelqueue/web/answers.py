"""What the API answers besides the status of a job: each model is a shape and its description."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from reelqueue.jobs.status import JobStatus


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = Field(description="A sentence that says what to do.")
    success: Literal[False] = False
    field: str | None = Field(None, description="The path of the value at fault.")


class Success(BaseModel):
    """The base of an answer to a request that was met."""

    success: Literal[True] = True

    def to_json(self) -> dict[str, Any]:
        """Return the answer without what it leaves open."""
        return self.model_dump(mode="json", exclude_none=True)


class Accepted(JobStatus):
    """A job's status, and where to ask for it."""

    success: bool = Field(description="False if the render has failed already.")
    status_url: str
    estimated_time: int = Field(description="Seconds that the render may take.")


class Estimate(Success):
    """What an order with `dry_run` would come to. There is no job."""

    duration: float = Field(description="Seconds.")
    width: int
    height: int
    fps: float
    frames: int
    estimated_time: int = Field(description="Seconds that the render may take.")
    estimated_file_size: int = Field(description="Bytes, about.")


class UploadedImage(BaseModel):
    """A photo that was taken."""

    id: str
    filename: str
    width: int
    height: int
    taken_at: datetime | None = Field(
        None, description="When, by the camera's clock (ISO 8601, without a zone)."
    )
    thumbnail_url: str


class RejectedFile(BaseModel):
    """A file that was refused, and why."""

    filename: str
    error: str


class UploadedImages(Success):
    """The answer to photos, in the order in which they were sent."""

    session_id: str
    images: list[UploadedImage]
    rejected: list[RejectedFile]


class UploadedAudio(Success):
    """The answer to a piece of music."""

    session_id: str
    audio_id: str
    filename: str
    duration: float = Field(description="Seconds.")


class UploadedVideo(Success):
    """The answer to a video."""

    session_id: str
    source_id: str
    filename: str
    duration: float = Field(description="Seconds.")
    width: int
    height: int
    fps: float
    has_audio: bool


class FailedJob(JobStatus):
    """A failed job's status, and what its attempts logged."""

    log_tail: str = Field(description="The end of what its attempts logged.")


class FailedJobs(BaseModel):
    """A page of the failed jobs, the newest first."""

    jobs: list[FailedJob]
    total: int
    page: int
    per_page: int


class SkippedJob(BaseModel):
    """A job that could not be run again, and why."""

    job_id: str
    error: str


class Requeued(Success):
    """Which failed jobs run again."""

    requeued: list[str]
    skipped: list[SkippedJob]


class AnswerSchema(GenerateJsonSchema):
    """JSON Schemas of answers, in which what is unset is left out instead of null."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Describe the value that is there if it is set."""
        return self.generate_inner(schema["schema"])

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,  # noqa: ARG002  # as pydantic calls it
    ) -> bool:
        """Tell whether an answer always has a field: all have but those that may be unset."""
        inner = field["schema"]
        return inner["type"] != "default" or inner.get("default") is not None

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Leave out defaults, which say nothing about an answer."""
        return self.generate_inner(schema["schema"])
