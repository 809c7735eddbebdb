"""The job kind "analysis": what is in an uploaded video. From its request to its plan."""

from __future__ import annotations

from dataclasses import asdict

from reelqueue.config import Settings
from reelqueue.errors import InvalidSpecError
from reelqueue.media.analysis import AnalysisFacts
from reelqueue.media.facts import VideoFacts
from reelqueue.media.uploads import Uploads
from reelqueue.planning.analysis.estimate import estimate_analysis
from reelqueue.specs.analysis import AnalysisSpec
from reelqueue.submission.kinds.base import Kind, Plan, Work, WorkInput
from reelqueue.submission.requests import AddressedRequest, Id
from reelqueue.submission.speech import SpeechNeed


class AnalysisRequest(AnalysisSpec, AddressedRequest):
    """The body of `POST /analyze/<source_id>`, and the id in its address."""

    source_id: Id


class AnalysisWork(Work):
    """What to look for, and in which video."""

    spec: AnalysisSpec
    source: WorkInput


def plan_analysis(
    uploads: Uploads, _settings: Settings, owner: str, request: AnalysisRequest
) -> Plan:
    """Return the plan of an analysis.

    Raises:
        InputError: if there is no such video, or no sound to write down.
    """
    source = uploads.find(owner, request.session_id, request.source_id, "video")
    assert isinstance(source.facts, VideoFacts)
    work = AnalysisWork(
        spec=AnalysisSpec.model_validate(
            request.model_dump(include=set(AnalysisSpec.model_fields))
        ),
        source=WorkInput(key=source.key, name=source.name, digest=source.digest),
    )
    return Plan(work, asdict(estimate_analysis(source.facts)), _find_speech(request, source.facts))


def _find_speech(request: AnalysisRequest, facts: VideoFacts) -> SpeechNeed | None:
    """Return the speech that is written down, if any is.

    Raises:
        InvalidSpecError: if the video has no sound.
    """
    if request.speech is None:
        return None
    if not facts.has_audio:
        raise InvalidSpecError(
            "transcript: this video has no sound, so no speech: leave it out.", "transcript"
        )
    return SpeechNeed(request.speech, facts.duration, "transcript", "transcript.language")


ANALYSIS = Kind(
    name="analysis",
    route="/analyze/<source_id>",
    summary="Analyze a video.",
    request=AnalysisRequest,
    work=AnalysisWork,
    plan=plan_analysis,
    facts=AnalysisFacts,
    version=10,
    files=("filmstrip", "waveform", "transcript"),
    messages={
        "rendering": "Looking at the pictures.",
        "audio": "Listening to the sound.",
        "saving": "Saving the analysis.",
        "completed": "The analysis is ready.",
        "failed": "The analysis failed.",
        "canceled": "The analysis was cancelled.",
    },
    video_fields=("source_id",),
    yields=("highlights",),
)
