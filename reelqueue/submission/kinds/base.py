"""What a kind of job is, as far as ordering it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from reelqueue.config import Settings
from reelqueue.errors import InvalidSpecError
from reelqueue.jobs.model import Input, Stored
from reelqueue.media.uploads import Uploads
from reelqueue.submission.requests import JobRequest


class WorkInput(Input):
    """A stored file that a work names; upkeep finds it without knowing the kind."""

    model_config = ConfigDict(extra="forbid")


class Work(Stored):
    """What to render, as it is stored with the job.

    Unlike other stored records it must be known in full: a field that this version ignored would
    make it render something else than what was ordered.
    """

    model_config = ConfigDict(extra="forbid")

    def to_record(self, kind: str) -> dict[str, Any]:
        """Return the JSON object that a job stores."""
        return {"kind": kind, **self.model_dump(mode="json", exclude_defaults=True)}


@dataclass(frozen=True)
class Plan:
    """What is to be rendered, and what it will come to.

    `estimate` is what a dry run answers; `estimated_time` in it is the render's seconds.
    """

    work: Work
    estimate: Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """One kind of job.

    Args:
        name: as jobs and statuses have it.
        route: the address that orders are posted to.
        summary: what that does, for the description of the API.
        request: the body of an order.
        work: what of it is stored with the job.
        plan: makes the work of a request. It takes the uploads, the settings, the owner and the
            request, and raises InputError for what cannot be rendered as asked.
        facts: what the status tells of a result.
        version: to be raised with every change of what the same work gives, so that results of
            earlier versions are not given out again.
    """

    name: str
    route: str
    summary: str
    request: type[JobRequest]
    work: type[Work]
    plan: Callable[[Uploads, Settings, str, Any], Plan]
    facts: type[BaseModel]
    version: int = 1


def check_length(seconds: float, settings: Settings, field: str) -> None:
    """Make sure that a video is not longer than the service renders.

    Raises:
        InvalidSpecError: naming the request's `field` that makes it so long.
    """
    if seconds > settings.max_video_seconds:
        raise InvalidSpecError(
            f"{field}: the video would last {seconds:.0f} seconds, "
            f"and at most {settings.max_video_seconds:.0f} are rendered.",
            field,
        )
