"""The base of job kinds: how a request becomes a plan, and what is stored of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from reelqueue.config import Settings
from reelqueue.errors import InvalidSpecError
from reelqueue.jobs.model import Input, Stage
from reelqueue.jobs.records import Stored
from reelqueue.media.transcripts import Transcript
from reelqueue.media.uploads import Uploads
from reelqueue.specs.clips.speech import Speech
from reelqueue.submission.narration import NarrationNeed
from reelqueue.submission.requests import JobRequest
from reelqueue.submission.speech import SpeechNeed


class WorkInput(Input):
    """A stored file that a work names; `find_inputs` finds it without knowing the kind."""

    model_config = ConfigDict(extra="forbid")


class Work(Stored):
    """What to render, as stored with the job.

    Unlike other stored records it must be understood in full: a version that ignored an unknown
    field would render a video that differs from the request.
    """

    model_config = ConfigDict(extra="forbid")

    def to_record(self, kind: str) -> dict[str, Any]:
        """Return the JSON object that a job of this kind stores."""
        return {"kind": kind, **self.model_dump(mode="json", exclude_defaults=True)}


@dataclass(frozen=True)
class Plan:
    """The work of a job, and the estimate of its result.

    `estimate` is the answer to a dry run; its `estimated_time` is how long the render takes, in
    seconds. `speech` is what has to be recognised before, and `narration` what has to be spoken:
    not every worker can. `details` returns what else that answer has; it is called for nothing
    else.
    """

    work: Work
    estimate: Mapping[str, Any]
    speech: SpeechNeed | None = None
    narration: NarrationNeed | None = None
    details: Callable[[], Mapping[str, Any]] = dict


@dataclass(frozen=True)
class Kind:
    """One kind of job.

    Args:
        name: the name in stored jobs and in statuses.
        route: the address that requests are posted to. The ids that it names, as in
            `/analyze/<source_id>`, are fields of the request, an `AddressedRequest`.
        summary: one sentence about the route, for the OpenAPI description.
        request: the model of the request body.
        work: the model of the work that is stored with the job.
        plan: makes the plan of a request. It takes the uploads, the settings, the owner and the
            request, and raises InputError if the request cannot be rendered.
        facts: the model of the facts about a result, which become part of the status.
        version: increase it whenever the same work gives a different result, so that results of
            earlier versions are not reused.
        files: the names of a result's files besides the main one and the poster, for the OpenAPI
            description.
        messages: what the status says at some stages, where that of videos would be wrong.
        video_fields: the fields of the request that name videos. In a batch, `source_id` may be
            the video of another job, and `photos` may have such videos among them.
        yields: what of a result other jobs of a batch can use: the file `video`, or the fact
            `highlights`. A request for these has `source_id`, and `highlights` that says how many
            there are at most, and how long they are. A file `transcript` beside them has what
            is said, as the work's `spec.speech` asks for.
        cuts_highlights: whether a request for one part of a video, with `start` and `end`, may in a
            batch ask for the highlights of an analysis instead.
        take_transcript: returns a request that takes what is said from a transcript of all of its
            video, which was recognised with this speech, instead of recognising it again; the same
            request if the transcript cannot be used.
        to_order: returns the order that makes the same result of the same uploads, from a work.
    """

    name: str
    route: str
    summary: str
    request: type[JobRequest]
    work: type[Work]
    plan: Callable[[Uploads, Settings, str, Any], Plan]
    facts: type[BaseModel]
    version: int = 1
    files: tuple[str, ...] = ()
    messages: Mapping[Stage, str] = field(default_factory=dict)
    video_fields: tuple[Literal["source_id", "photos"], ...] = ()
    yields: tuple[Literal["video", "highlights"], ...] = ()
    cuts_highlights: bool = False
    take_transcript: Callable[[Any, Transcript, Speech], Any] | None = None
    to_order: Callable[[Any], dict[str, Any]] | None = None

    @property
    def address_fields(self) -> list[str]:
        """The fields of the request that are part of its address."""
        return re.findall(r"<(\w+)>", self.route)


def check_length(seconds: float, settings: Settings, field: str) -> None:
    """Check that a video of `seconds` is not longer than `MAX_VIDEO_SECONDS`.

    Raises:
        InvalidSpecError: if it is; the error names `field`, the one in the request to change.
    """
    if seconds > settings.max_video_seconds:
        raise InvalidSpecError(
            f"{field}: the video would last {seconds:.0f} seconds; "
            f"the limit is {settings.max_video_seconds:.0f} seconds.",
            field,
        )
