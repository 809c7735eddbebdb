"""The job kind "clip": a section of an uploaded video. From its request to its plan."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import Field

from reelqueue.config import Settings
from reelqueue.media.facts import RenderFacts, VideoFacts
from reelqueue.media.uploads import Uploads
from reelqueue.planning.captions import plan_captions
from reelqueue.planning.cut import plan_cut
from reelqueue.planning.estimates import estimate_clip
from reelqueue.specs.clip import ClipSpec
from reelqueue.submission.kinds.base import Kind, Plan, Work, WorkInput, check_length
from reelqueue.submission.requests import Id, JobRequest
from reelqueue.submission.shaper import ask_for_shaper


class ClipRequest(ClipSpec, JobRequest):
    """The body of `POST /generate_clip`."""

    source_id: Id = Field(description="The video's id, from the answer to `/upload_video`.")


class ClipWork(Work):
    """What to render for a clip."""

    spec: ClipSpec
    source: WorkInput


def plan_clip(uploads: Uploads, settings: Settings, owner: str, request: ClipRequest) -> Plan:
    """Return the plan of a clip.

    Raises:
        InputError: if it cannot be rendered as requested.
    """
    source = uploads.find(owner, request.session_id, request.source_id, "video")
    assert isinstance(source.facts, VideoFacts)
    facts = source.facts
    cut = plan_cut(request, facts.duration, facts.frame_rate, (facts.width, facts.height))
    check_length(cut.duration, settings, "end")
    spec = ClipSpec.model_validate(request.model_dump(include=set(ClipSpec.model_fields)))
    captions = plan_captions(spec, cut, ask_for_shaper)
    work = ClipWork(
        spec=spec,
        source=WorkInput(key=source.key, name=source.name, digest=source.digest),
    )
    return Plan(work, asdict(estimate_clip(cut, facts, captions)))


CLIP = Kind(
    name="clip",
    route="/generate_clip",
    summary="Make a clip.",
    request=ClipRequest,
    work=ClipWork,
    plan=plan_clip,
    facts=RenderFacts,
    version=2,
)
