"""The job kind "clip": a section of an uploaded video. From its request to its plan."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field, Tag, TypeAdapter

from reelqueue.config import Settings
from reelqueue.errors import InvalidSpecError
from reelqueue.media.facts import CaptionsFacts, RenderFacts, SubtitleFacts, VideoFacts
from reelqueue.media.transcripts import Transcript
from reelqueue.media.upload_keys import read_ids
from reelqueue.media.uploads import Media, Uploads
from reelqueue.planning.captions.cues import Placed, plan_captions, spell_text
from reelqueue.planning.clips.edit import Edit, plan_edit
from reelqueue.planning.delivery.settling import limit_estimate
from reelqueue.planning.estimates import estimate_clip
from reelqueue.planning.storyboard.clip import draw_clip_storyboard
from reelqueue.planning.storyboard.clip_model import ClipStoryboard
from reelqueue.specs.base import Model
from reelqueue.specs.clips.captions import (
    AUTO,
    BY_FORM,
    TRACK,
    Cue,
    CueSheet,
    InList,
    InSheet,
    InSpeech,
    Times,
)
from reelqueue.specs.clips.clip import ClipCut, ClipSpec
from reelqueue.specs.clips.speech import Speech, SpeechCaptions
from reelqueue.specs.limits import MAX_TRACKS
from reelqueue.submission.kinds.base import Kind, Plan, Work, WorkInput, check_length
from reelqueue.submission.logo import LogoChoice, find_logo
from reelqueue.submission.music import TrackChoice, TrackInput, choose_tracks, order_track
from reelqueue.submission.requests import Id, JobRequest
from reelqueue.submission.shaper import ask_for_shaper
from reelqueue.submission.speech import SpeechNeed
from reelqueue.text.fonts import check_cards, check_texts

_STORYBOARDS = TypeAdapter(ClipStoryboard)
_NO_SUBTITLES = (
    "no subtitle track was found when this video was uploaded: send captions as an SRT, WebVTT or "
    "ASS file. If an earlier version took the upload, upload the video again."
)


class CaptionsFile(Model):
    """An uploaded file of captions."""

    id: Id = Field(description="The captions' id, from the answer to `/upload_captions`.")
    times: Times = Field(
        Times.SOURCE,
        description="What the times in the file count from: the start of the `source`, or of the "
        "finished `clip`.",
    )


InAnyWord = Annotated[Literal["auto", "track"], Tag("|word")]
InFile = Annotated[CaptionsFile, Tag("|file")]
InTranscript = Annotated[Transcript, Tag("|transcript")]


class ClipRequest(ClipCut, JobRequest):
    """The body of `POST /generate_clip`."""

    source_id: Id = Field(description="The video's id, from the answer to `/upload_video`.")
    tracks: tuple[TrackChoice, ...] = Field(
        (),
        max_length=MAX_TRACKS,
        fail_fast=True,
        description="Music under the clip, played in this order, and again until the clip ends.",
    )
    logo: LogoChoice | None = Field(None, description="A photo of the session over the pictures.")
    animation: bool = Field(
        False,
        strict=True,
        description="Also make a small animated WebP of 3 seconds of the clip, for a list of "
        "clips. The result has its address as `animation_url`.",
    )
    captions: Annotated[
        InAnyWord | InSpeech | InList | InSheet | InFile | InTranscript, BY_FORM
    ] = Field(
        (),
        description="Captions: a list, whose times count from the start of the clip; an object "
        "with the list as `cues` and with `times`; the `id` of an uploaded file; `auto`, or an "
        "object with `speech`, to recognise what is said; a transcript of the video; or "
        "`track`, the subtitles that the video has as a track.",
    )


class CaptionsInput(WorkInput):
    """The captions that were read from an uploaded file, or from the track of a video.

    They are a transcript if `is_transcript`: how its words share captions depends on the style.
    """

    times: Times
    language: str | None = None
    is_transcript: bool = False


class ClipWork(Work):
    """What to render for a clip. `captions` are those of a file or track; `spec` has all others."""

    spec: ClipSpec
    source: WorkInput
    captions: CaptionsInput | None = None
    tracks: tuple[TrackInput, ...] = ()
    logo: WorkInput | None = None
    animation: bool = False

    def add_captions(self, said: Transcript | tuple[Cue, ...]) -> ClipSpec:
        """Return the spec with the captions of the file: what was read from it, or made of that."""
        assert self.captions
        times = self.captions.times
        if isinstance(said, Transcript):
            sheet = said.caption_clip(self.spec, times)
        else:
            sheet = CueSheet(cues=said, times=times, language=self.captions.language)
        return self.spec.model_copy(update={"captions": sheet})


def plan_clip(uploads: Uploads, settings: Settings, owner: str, request: ClipRequest) -> Plan:
    """Return the plan of a clip.

    Raises:
        InputError: if it cannot be rendered as requested.
    """
    source = uploads.find(owner, request.session_id, request.source_id, "video")
    assert isinstance(source.facts, VideoFacts)
    facts = source.facts
    edit = plan_edit(request, facts.duration, facts.frame_rate, (facts.width, facts.height))
    check_length(edit.duration, settings, "segments" if request.segments else "end")
    work, spec = _find_captions(uploads, owner, request, source)
    tracks = choose_tracks(uploads, owner, request.session_id, request.tracks)
    check_cards(request.cards, ask_for_shaper)
    captions = plan_captions(spec, edit, ask_for_shaper)
    size, has_music = source.size_bytes, bool(tracks)
    estimate = limit_estimate(
        request,
        estimate_clip(request, edit, facts, captions, source_bytes=size, has_music=has_music),
    )
    if request.captions == TRACK and facts.subtitles:
        warnings = (*estimate.warnings, *facts.subtitles.warnings)
        estimate = replace(estimate, warnings=warnings)
    logo = _find_logo(uploads, owner, request)
    more = {"tracks": tracks, "logo": logo, "animation": request.animation}
    work = work.model_copy(update=more)
    details = partial(_describe_timeline, spec, edit, captions)
    return Plan(work, asdict(estimate), _find_speech(spec, facts, edit), details=details)


def take_transcript(request: ClipRequest, transcript: Transcript, speech: Speech) -> ClipRequest:
    """Return a request whose captions are those words of a transcript that the clip lets hear.

    It stays as it is if it has other captions, or another track, language or vocabulary; also where
    nothing is said, as the recognition then says so.

    Args:
        request: for parts of the video.
        transcript: of all of the video.
        speech: what was known when it was recognised.
    """
    captions = request.captions
    wanted = captions.speech if isinstance(captions, SpeechCaptions) else Speech()
    is_wanted = captions == AUTO or isinstance(captions, SpeechCaptions)
    is_same = wanted.language in (None, speech.language, transcript.language)
    is_same = is_same and wanted.vocabulary in ((), speech.vocabulary)
    if not (is_wanted and is_same) or request.audio.track is not None:
        return request
    heard = transcript.cut(request.parts)
    return request.model_copy(update={"captions": heard}) if heard.segments else request


def to_order(work: ClipWork) -> dict[str, Any]:
    """Return the order that makes a clip again, without the id of the session and all defaults."""
    order = work.spec.model_dump(mode="json", exclude_defaults=True)
    if work.logo:
        order["logo"] |= {"id": read_ids(work.logo.key)[1]}
    if work.captions:
        order["captions"] = _to_choice(work.captions, work.source)
    if work.animation:
        order["animation"] = True
    if work.tracks:
        order["tracks"] = list(map(order_track, work.tracks))
    return {"source_id": read_ids(work.source.key)[1], **order}


def _to_choice(captions: CaptionsInput, source: WorkInput) -> str | dict[str, str]:
    """Return the captions of a file as an order names them, or those of the video's own track."""
    ids = read_ids(captions.key)
    return TRACK if ids == read_ids(source.key) else {"id": ids[1], "times": captions.times.value}


def _describe_timeline(spec: ClipSpec, edit: Edit, captions: Placed) -> dict[str, Any]:
    """Return what the answer to a dry run has for players."""
    storyboard = draw_clip_storyboard(spec, edit, captions)
    return {"timeline": _STORYBOARDS.dump_python(storyboard, mode="json", exclude_none=True)}


def _find_logo(uploads: Uploads, owner: str, request: ClipRequest) -> WorkInput | None:
    """Return the stored picture of the logo, if there is one. Raises what `find_logo` raises."""
    if request.logo is None:
        return None
    return _to_input(find_logo(uploads, owner, request.session_id, request.logo))


def _to_input(media: Media) -> WorkInput:
    return WorkInput(key=media.key, name=media.name, digest=media.digest)


def _find_speech(spec: ClipSpec, facts: VideoFacts, edit: Edit) -> SpeechNeed | None:
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
    if not spec.soft_captions:
        check_texts({"captions": "a"}, ask_for_shaper)  # that words can be drawn at all
    return SpeechNeed(spec.speech, edit.source_duration, "captions", "captions.speech.language")


def _find_captions(
    uploads: Uploads, owner: str, request: ClipRequest, source: Media
) -> tuple[ClipWork, ClipSpec]:
    """Return the work, and its spec with all captions.

    Raises:
        NotFoundError: if there is no such file of captions.
        InvalidSpecError: if a transcript cannot be shown.
    """
    fields, others = set(ClipCut.model_fields), {"logo": {"id"}}
    choices = request.model_dump(include=fields, exclude=others, exclude_defaults=True)
    video = _to_input(source)
    file = request.captions
    if isinstance(file, Transcript):
        file = _take_heard(file, request)
    if not isinstance(file, CaptionsFile) and file != TRACK:
        spec = ClipSpec(**choices, captions=file)
        return ClipWork(spec=spec, source=video), spec
    if not isinstance(file, CaptionsFile):
        media, times, language = source, Times.SOURCE, _find_subtitles(source).language
    else:
        media = uploads.find(owner, request.session_id, file.id, "captions")
        assert isinstance(media.facts, CaptionsFacts)
        times, language = file.times, media.facts.language
    said = uploads.read_transcript(media)
    captions = CaptionsInput(
        key=media.transcript_key or media.cues_key,
        name=media.name,
        digest=media.digest,
        times=times,
        language=language,
        is_transcript=said is not None,
    )
    work = ClipWork(spec=ClipSpec(**choices), source=video, captions=captions)
    return work, work.add_captions(said or uploads.read_cues(media))


def _take_heard(transcript: Transcript, request: ClipRequest) -> CueSheet:
    """Return captions of what a clip lets hear of a transcript, or of all if that is nothing.

    Raises:
        InvalidSpecError: if a font is missing, naming the segment, or they are too many captions.
    """
    if not request.soft_captions:
        texts: dict[str, str] = {}
        for number, segment in transcript.list_heard(request.parts):
            path = f"captions.segments.{number}.text"
            texts[path] = texts.get(path, "") + spell_text(segment.text, request.caption_style)
        check_texts(texts, ask_for_shaper)
    return transcript.caption_clip(request, Times.SOURCE)


def _find_subtitles(source: Media) -> SubtitleFacts:
    """Return the facts about the subtitles of a video.

    Raises:
        InvalidSpecError: if it has none that can be captions; it says what to send instead.
    """
    assert isinstance(source.facts, VideoFacts)
    found = source.facts.subtitles
    if found is None:
        raise InvalidSpecError(f"captions: {_NO_SUBTITLES}", "captions")
    if found.problem:
        problem = found.problem[0].lower() + found.problem[1:]
        raise InvalidSpecError(f"captions: {problem}", "captions")
    return found


CLIP = Kind(
    name="clip",
    route="/generate_clip",
    summary="Make a clip.",
    request=ClipRequest,
    work=ClipWork,
    plan=plan_clip,
    facts=RenderFacts,
    version=15,
    files=("animation",),
    video_fields=("source_id",),
    yields=("video",),
    cuts_highlights=True,
    take_transcript=take_transcript,
    to_order=to_order,
)
