"""The job kind "clip": a section of an uploaded video. From its request to its plan."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from pydantic import Field, Tag

from reelqueue.config import Settings
from reelqueue.errors import InvalidSpecError
from reelqueue.media.facts import RenderFacts, VideoFacts
from reelqueue.media.transcripts import Transcript
from reelqueue.media.uploads import Media, Uploads
from reelqueue.planning.captions import plan_captions
from reelqueue.planning.cut import Cut, plan_cut
from reelqueue.planning.estimates import estimate_clip
from reelqueue.specs.base import Model
from reelqueue.specs.captions import (
    BY_FORM,
    Cue,
    CueSheet,
    InList,
    InSheet,
    InSpeech,
    InWord,
    Times,
)
from reelqueue.specs.clip import ClipCut, ClipSpec
from reelqueue.submission.kinds.base import Kind, Plan, Work, WorkInput, check_length
from reelqueue.submission.requests import Id, JobRequest
from reelqueue.submission.shaper import ask_for_shaper
from reelqueue.submission.speech import SpeechNeed
from reelqueue.text.fonts import check_texts


class CaptionsFile(Model):
    """An uploaded file of captions."""

    id: Id = Field(description="The captions' id, from the answer to `/upload_captions`.")
    times: Times = Field(
        Times.SOURCE,
        description="What the times in the file count from: the start of the `source`, or of the "
        "finished `clip`.",
    )


InFile = Annotated[CaptionsFile, Tag("|file")]
InTranscript = Annotated[Transcript, Tag("|transcript")]


class ClipRequest(ClipCut, JobRequest):
    """The body of `POST /generate_clip`."""

    source_id: Id = Field(description="The video's id, from the answer to `/upload_video`.")
    captions: Annotated[InWord | InSpeech | InList | InSheet | InFile | InTranscript, BY_FORM] = (
        Field(
            (),
            description="Captions: a list, whose times count from the start of the clip; an object "
            "with the list as `cues` and with `times`; the `id` of an uploaded file; `auto`, or an "
            "object with `speech`, to recognise what is said; or a transcript of the video.",
        )
    )


class CaptionsInput(WorkInput):
    """The captions that were read from an uploaded file."""

    times: Times


class ClipWork(Work):
    """What to render for a clip. `captions` are those of a file; `spec` has all others."""

    spec: ClipSpec
    source: WorkInput
    captions: CaptionsInput | None = None

    def add_captions(self, cues: tuple[Cue, ...]) -> ClipSpec:
        """Return the spec with the captions of the file, as they were read from it."""
        assert self.captions
        sheet = CueSheet(cues=cues, times=self.captions.times)
        return self.spec.model_copy(update={"captions": sheet})


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
    work, spec = _find_captions(uploads, owner, request, source)
    captions = plan_captions(spec, cut, ask_for_shaper)
    estimate = asdict(estimate_clip(cut, facts, captions))
    return Plan(work, estimate, _find_speech(spec, facts, cut))


def _find_speech(spec: ClipSpec, facts: VideoFacts, cut: Cut) -> SpeechNeed | None:
    """Return the speech that gives the captions, if any does.

    Raises:
        InvalidSpecError: if the video has no sound.
    """
    if spec.speech is None:
        return None
    if not facts.has_audio:
        raise InvalidSpecError(
            "captions: this video has no sound, so no speech: send captions instead.", "captions"
        )
    check_texts({"captions": "a"}, ask_for_shaper)  # that words can be drawn at all
    return SpeechNeed(spec.speech, cut.duration, "captions", "captions.speech.language")


def _find_captions(
    uploads: Uploads, owner: str, request: ClipRequest, source: Media
) -> tuple[ClipWork, ClipSpec]:
    """Return the work, and its spec with all captions.

    Raises:
        NotFoundError: if there is no such file of captions.
    """
    choices = request.model_dump(include=set(ClipCut.model_fields))
    video = WorkInput(key=source.key, name=source.name, digest=source.digest)
    file = request.captions
    if isinstance(file, Transcript):
        file = file.to_sheet()
    if not isinstance(file, CaptionsFile):
        spec = ClipSpec(**choices, captions=file)
        return ClipWork(spec=spec, source=video), spec
    media = uploads.find(owner, request.session_id, file.id, "captions")
    captions = CaptionsInput(
        key=media.cues_key, name=media.name, digest=media.digest, times=file.times
    )
    work = ClipWork(spec=ClipSpec(**choices), source=video, captions=captions)
    return work, work.add_captions(uploads.read_cues(media))


CLIP = Kind(
    name="clip",
    route="/generate_clip",
    summary="Make a clip.",
    request=ClipRequest,
    work=ClipWork,
    plan=plan_clip,
    facts=RenderFacts,
    version=3,
)
