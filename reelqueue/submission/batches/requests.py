"""The body of `POST /generate_batch`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from reelqueue.specs.base import Model
from reelqueue.specs.destinations import WebUrl
from reelqueue.specs.limits import MAX_BATCH_JOBS
from reelqueue.submission.requests import Id

_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
Name = Annotated[str, StringConstraints(max_length=60, pattern=_PATTERN)]
Reference = Annotated[str, StringConstraints(max_length=64, pattern=_PATTERN)]
"""The name of a job, which may end in the number of a highlight."""


class BatchEntry(BaseModel):
    """One order of a batch: what the kind's own order has, and its place among the others.

    `source_id` and the `id` of a video among the `photos` may be references to other jobs. In a
    clip, `highlights` is the number of highlights to cut, each by a job of its own.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: str = Field(description="The kind of job, as in its status.")
    name: Name | None = Field(
        None, description="What the job is called in the batch. Unset: its kind and its place."
    )
    depends_on: tuple[Reference, ...] = Field(
        (),
        max_length=MAX_BATCH_JOBS,
        description="The names of the jobs that must have finished before this one starts.",
    )
    source: Reference | None = Field(
        None,
        alias="from",
        description="Instead of `source_id`: the name of the job whose video is used; with "
        "`highlights`, that of the analysis.",
    )

    @property
    def body(self) -> dict[str, Any]:
        """All other members."""
        return dict(self.model_extra or {})


class BatchRequest(Model):
    """The body of `POST /generate_batch`."""

    jobs: tuple[BatchEntry, ...] = Field(
        min_length=1, max_length=MAX_BATCH_JOBS, fail_fast=True, description="The orders."
    )
    batch_id: Id | None = Field(
        None, description="An id of your own, to poll before this call answers."
    )
    callback_url: WebUrl | None = Field(
        None, description="Where to send a signed webhook when the last job has ended."
    )
    dry_run: bool = Field(
        False, strict=True, description="Only check the orders, and estimate what they make."
    )
