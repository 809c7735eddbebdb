"""The part of a request that all job kinds share."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from reelqueue.errors import InvalidSpecError
from reelqueue.jobs.model import now
from reelqueue.jobs.priorities import HIGHEST, LOWEST, QUEUE_NAMES, Priority, find_priority
from reelqueue.specs.base import Model
from reelqueue.specs.destinations import WebUrl

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]

_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)
MAX_DAYS_AHEAD = 30


def _check_time_text(value: object) -> object:
    if not (isinstance(value, datetime) or _TIME.fullmatch(str(value))):
        raise ValueError("must be a time with its zone, such as 2026-12-24T18:00:00Z")
    return value


def _check_time(moment: AwareDatetime) -> AwareDatetime:
    if moment - now() > timedelta(days=MAX_DAYS_AHEAD):
        raise ValueError(f"must be at most {MAX_DAYS_AHEAD} days ahead")
    return moment


RunTime = Annotated[
    AwareDatetime,
    BeforeValidator(_check_time_text),
    AfterValidator(_check_time),
]
"""A time as in RFC 3339; one that has passed means now."""


def _check_priority(value: object, check: ValidatorFunctionWrapHandler) -> object:
    """Give one reason for both forms of a priority."""
    try:
        return check(value)
    except ValidationError:
        names = ", ".join(QUEUE_NAMES)
        raise ValueError(f"must be {names}, or a whole number from {LOWEST} to {HIGHEST}") from None


AnyPriority = Annotated[
    Priority | Annotated[int, Field(ge=LOWEST, le=HIGHEST, strict=True)],
    WrapValidator(_check_priority),
]


class JobRequest(Model):
    """The base of the request bodies of all job kinds."""

    session_id: Id = Field(description="The `session_id` from the answer to the upload.")
    job_id: Id | None = Field(
        None, description="An id of your own, to poll before this call answers."
    )
    run_at: RunTime | None = Field(
        None,
        description=f"When to begin, at most {MAX_DAYS_AHEAD} days ahead; until then the job is "
        "`scheduled`. Unset: as soon as a worker is free.",
    )
    priority: AnyPriority = Field(
        Priority.DEFAULT,
        description="Whether the job goes first: a number from 0 to 10, or high (8), default (5) "
        "or low (2).",
    )
    callback_url: WebUrl | None = Field(
        None, description="Where to send a signed webhook when the job has ended."
    )
    dry_run: bool = Field(
        False, strict=True, description="Only check the request, and estimate the video."
    )

    @property
    def queue(self) -> Priority:
        """The queue that the job waits in."""
        given = self.priority
        return given if isinstance(given, Priority) else find_priority(given)

    def list_terms(self) -> dict[str, Any]:
        """Return what a job stores of when it runs and whom it tells, whatever it renders."""
        return {
            "priority": self.queue,
            "urgency": self.priority if isinstance(self.priority, int) else None,
            "run_at": self.run_at if self.run_at and self.run_at > now() else None,
            "callback_url": str(self.callback_url) if self.callback_url else None,
        }


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
