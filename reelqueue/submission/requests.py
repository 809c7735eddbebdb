"""The part of a request that all job kinds share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from reelqueue.jobs.priorities import Priority
from reelqueue.specs.base import Model

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class JobRequest(Model):
    """The base of the request bodies of all job kinds."""

    session_id: Id = Field(description="The `session_id` from the answer to the upload.")
    job_id: Id | None = Field(
        None, description="An id of your own, to poll before this call answers."
    )
    priority: Priority = Field(Priority.DEFAULT, description="The queue that the job waits in.")
    dry_run: bool = Field(
        False, strict=True, description="Only check the request, and estimate the video."
    )
