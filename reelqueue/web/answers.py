"""The models of all answers of the API except a job's status, and of their pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from reelqueue.jobs.status import JobStatus
from reelqueue.media.transcripts import Transcript
from reelqueue.planning.storyboard.clip_model import ClipStoryboard
from reelqueue.planning.storyboard.model import Storyboard
from reelqueue.specs.clips.captions import Cue

Entry = TypeVar("Entry")


class Answer(BaseModel):
    """The base of answers, and of what they have: most of them are only described."""

    model_config = ConfigDict(defer_build=True)


class Problem(Answer):
    """Problem details (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str = Field(description="A sentence that says what is wrong and what to do.")
    success: Literal[False] = False
    field: str | None = Field(None, description="The path of the invalid value.")


class Success(Answer):
    """The base of the answers to successful requests."""

    success: Literal[True] = True


class PageQuery(BaseModel):
    """The query of a list that is answered page by page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    page: int = Field(1, ge=1, le=1_000_000, description="The page; 1 is the first.")
    per_page: int = Field(20, ge=1, le=100, description="The number of entries on a page.")

    @property
    def first(self) -> int:
        """The number of the first entry on this page, from 0."""
        return (self.page - 1) * self.per_page

    def cut(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Return the entries on this page."""
        return entries[self.first : self.first + self.per_page]


class Page(Answer):
    """The base of pages: how many entries there are in all, and which page this is."""

    total: int
    page: int
    per_page: int


class Accepted(JobStatus):
    """The status of an accepted job, and the address to poll."""

    success: bool = Field(description="False if the job has already failed.")
    status_url: str
    estimated_time: int = Field(description="Estimated seconds of the render.")


class AcceptedMember(Answer):
    """A job of an accepted batch."""

    name: str
    job_id: str
    status_url: str


class AcceptedBatch(Success):
    """The answer to a batch: its jobs in the order of the request, and the address to poll."""

    batch_id: str
    jobs: list[AcceptedMember]
    status_url: str


class Encoding(Answer):
    """How a video will be encoded."""

    engine: str = Field(description="What makes the pictures: `still`, `x264` or `moviepy`.")
    quality: str
    target: str | None = Field(description="The place that the video is for.")
    profile: str = Field(description="The profile of H.264.")
    b_pictures: bool = Field(description="Whether pictures may be predicted from later ones.")
    edit_lists: bool = Field(description="Whether the file's tracks may have edit lists.")
    sound_bit_rate: int | None = Field(description="Bits a second; null without sound.")
    max_bytes: int | None = Field(
        description="Largest size of the file: the order's or that of "
        "its target, whichever is less."
    )


class EstimatedResult(Answer):
    """What a job would make, and how long that would take."""

    duration: float = Field(description="Seconds.")
    width: int
    height: int
    fps: float
    frames: int
    estimated_time: int = Field(description="Estimated seconds of the render.")
    estimated_file_size: int = Field(description="Estimated bytes of the video.")
    estimated_file_size_range: tuple[int, int] = Field(
        description="The least and the most bytes that the video is likely to have."
    )
    warnings: list[str] = Field(
        [], description="Sentences about what the video will lack or show differently."
    )
    encoding: Encoding | None = Field(
        None, description="How the video will be encoded; null for an analysis."
    )


class Estimate(EstimatedResult, Success):
    """The answer to an order with `dry_run`: facts about the video. No job is made."""

    timeline: Storyboard | ClipStoryboard | None = Field(
        None, description="Of a slideshow or a clip: what is shown and heard when."
    )


class MemberEstimate(EstimatedResult):
    """The estimate of a job of a batch."""

    name: str
    kind: str


class BatchEstimate(Success):
    """The answer to a batch with `dry_run`: its jobs in the order of the request. None is made."""

    jobs: list[MemberEstimate]
    estimated_time: int = Field(description="Estimated seconds of all renders, one by one.")
    estimated_file_size: int = Field(description="Estimated bytes of all videos.")
    estimated_file_size_range: tuple[int, int] = Field(
        description="The least and the most bytes that all videos are likely to have."
    )


class UploadedImage(Answer):
    """A photo that was accepted."""

    id: str
    filename: str
    width: int
    height: int
    taken_at: datetime | None = Field(
        None,
        description="When the photo was taken, by the camera's clock (ISO 8601, no zone); if its "
        "metadata do not tell, by its name.",
    )
    utc_offset: int | None = Field(
        None, description="Minutes that the camera's clock is ahead of UTC, if that is known."
    )
    thumbnail_url: str


class RejectedFile(Answer):
    """A file that was refused, and why."""

    filename: str
    error: str


class UploadedImages(Success):
    """The answer to uploaded photos, in the order in which they were sent."""

    session_id: str
    images: list[UploadedImage]
    rejected: list[RejectedFile]


class UploadedAudio(Success):
    """The answer to an uploaded piece of music."""

    session_id: str
    audio_id: str
    filename: str
    duration: float = Field(description="Seconds.")
    warnings: list[str] = Field(
        [], description="Sentences about what of the file cannot be used, such as a sound track."
    )


class Subtitles(Answer):
    """The subtitles that a video has as a track."""

    count: int = Field(description="How many captions `captions: track` can show.")
    language: str | None = Field(None, description="Their language, as the file names it.")
    problem: str | None = Field(None, description="Why they cannot be used.")
    warnings: list[str] = Field([], description="Sentences about what was left out or changed.")


class UploadedVideo(Success):
    """The answer to an uploaded video."""

    session_id: str
    source_id: str
    filename: str
    duration: float = Field(description="Seconds.")
    width: int
    height: int
    fps: float
    has_audio: bool
    sound_tracks: int = Field(description="How many tracks of sound it has.")
    warnings: list[str] = Field(
        [], description="Sentences about what of the video cannot be used, such as its sound."
    )
    subtitles: Subtitles | None = Field(
        None, description="The subtitles that the video has as a track, if it has any."
    )


class UploadedCaptions(Success):
    """The answer to an uploaded file of captions."""

    session_id: str
    captions_id: str
    filename: str
    cues: list[Cue] = Field(description="The captions, by their start, in the file's own time.")
    language: str | None = Field(None, description="The language that the file names (BCP 47).")
    warnings: list[str] = Field([], description="Sentences about what was left out or changed.")
    transcript: Transcript | None = Field(
        None,
        description="What the captions were made of, if the file is a transcript and they needed "
        "no repair. An order splits it by its style. It can be corrected, and sent as `captions`.",
    )


class BegunUpload(Success):
    """The answer to the beginning of a resumable upload, and the address where it goes on."""

    session_id: str
    upload_id: str
    upload_url: str


class SessionUploads(Success):
    """What is left of the uploads of a session."""

    session_id: str
    uploads: list[str] = Field(description="Their ids; none of a session that is unknown.")


class OrderedUpload(Answer):
    """An upload that an order names."""

    id: str
    kind: str = Field(description="`photo`, `video`, `audio` or `captions`.")
    filename: str
    size: int = Field(description="Bytes.")
    duration: float | None = Field(None, description="Seconds; of sound and videos.")
    width: int | None = Field(None, description="Of a video.")
    height: int | None = Field(None, description="Of a video.")
    has_audio: bool | None = Field(None, description="Of a video.")
    sound_tracks: int | None = Field(None, description="Of a video, as its upload was answered.")
    subtitles: Subtitles | None = Field(None, description="Of a video, as its upload was answered.")
    cues: list[Cue] | None = Field(None, description="Of captions, as their upload was answered.")
    language: str | None = Field(None, description="Of captions, as their upload was answered.")
    transcript: Transcript | None = Field(
        None, description="Of captions, as their upload was answered."
    )
    taken_at: datetime | None = Field(None, description="Of a photo, as its upload was answered.")
    utc_offset: int | None = Field(None, description="Of a photo, as its upload was answered.")
    thumbnail_url: str | None = Field(None, description="Of a photo.")


class EarlierOrder(Success):
    """The order of a job, as it could be sent again, and the uploads that it names."""

    kind: str
    session_id: str
    order: dict[str, Any] = Field(description="The body, such as that of `/generate_video`.")
    uploads: list[OrderedUpload]


class SharedLink(Success):
    """A link to a video for people who are not signed in."""

    share_url: str = Field(description="Its path. It works until the job is deleted.")


class Jobs(Page):
    """A page of the caller's jobs, newest first."""

    jobs: list[JobStatus]
