"""The part of a request that all job kinds share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationInfo, model_validator

from reelqueue.errors import InvalidSpecError
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


class AddressedRequest(JobRequest):
    """The base of requests that name something in their address, such as `/analyze/<source_id>`.

    The names there are fields as well, which the body must not have. They come as the context of
    the validation.
    """

    @model_validator(mode="before")
    @classmethod
    def _take_address(cls, values: Any, info: ValidationInfo) -> Any:
        address: dict[str, str] = info.context or {}
        if not isinstance(values, dict):
            return values
        if repeated := sorted(address.keys() & values.keys()):
            name = repeated[0]
            raise InvalidSpecError(f"{name}: is part of the address: remove it here.", name)
        return values | address
