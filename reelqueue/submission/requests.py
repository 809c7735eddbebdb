"""What every order has, whatever its kind: whose files it is for, and how it waits."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from reelqueue.jobs.model import Priority
from reelqueue.specs.base import Model

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class JobRequest(Model):
    """The base of the body of every order."""

    session_id: Id = Field(description="As the upload answered it.")
    job_id: Id | None = Field(None, description="Chosen by the caller, to poll before the answer.")
    priority: Priority = Field(Priority.DEFAULT, description="The queue to wait in.")
    dry_run: bool = Field(
        False, strict=True, description="Only check it, and say what the video would be."
    )
