"""Plan the jobs of a batch, as far as that is possible before any of them has run.

What a job uses of others is known by their own plans: how long a clip will be, and how large. So an
order that would be too long is refused at once. Where only the result can tell, such as for a
highlight, the most that it can be is taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reelqueue.errors import InvalidSpecError
from reelqueue.jobs.draft import Draft, UsedHighlight, UsedVideo
from reelqueue.jobs.model import Input, Job, Need, find_inputs
from reelqueue.media.facts import VideoFacts
from reelqueue.media.upload_keys import find_media_key
from reelqueue.media.uploads import Media
from reelqueue.services import Services
from reelqueue.submission.batches.workflow import Step, name_entry, name_job, name_video
from reelqueue.submission.kinds.base import Plan
from reelqueue.submission.plans import make_plan
from reelqueue.submission.requests import JobRequest


@dataclass(frozen=True)
class Origin:
    """Who orders a batch, and when."""

    batch_id: str
    owner: str
    moment: datetime
    request_hash: str


class BatchPlanner:
    """Plans the jobs of a batch one by one, each after those that it needs."""

    def __init__(self, services: Services, origin: Origin) -> None:
        self._services, self._origin = services, origin
        self.estimates: dict[str, Mapping[str, Any]] = {}
        """Of the jobs that were planned, by their names."""
        self._requests: dict[str, Any] = {}
        self._expected: dict[str, Media] = {}  # videos of jobs, by their id
        self._sources: dict[str, tuple[Input, ...]] = {}  # by the name of the job

    def plan(self, step: Step, request: Any) -> Job:
        """Return the job of a step.

        Raises:
            InputError: if it cannot be rendered as requested; the error names its entry.
            UnavailableError: if no worker tells whether it can do that.
        """
        self._requests[step.name] = request
        with name_entry(step.path):
            plan = self._plan(step, request)
        self.estimates[step.name] = plan.estimate
        self._sources[step.name] = self._find_sources(step, plan)
        if "video" in step.kind.yields:
            media = self._expect_video(step, request, plan)
            self._expected[media.id] = media
        work = plan.work.to_record(step.kind.name)
        if step.uses_results:
            work = self._make_draft(step).to_work(step.kind.name)
        return Job(
            id=self._name_job(step.name),
            owner=self._origin.owner,
            created_at=self._origin.moment,
            request_hash=_hash(self._origin.request_hash, step.name),
            estimated_seconds=plan.estimate["estimated_time"],
            work=work,
            needs=tuple(Need(job_id=self._name_job(name), name=name) for name in step.needs),
            batch_id=self._origin.batch_id,
            name=step.name,
            **request.list_terms(),
        )

    def _plan(self, step: Step, request: Any) -> Plan:
        uploads = self._services.uploads.expect(self._expected)
        if step.highlight:
            request = self._take_longest(step, request)
        return make_plan(self._services, self._origin.owner, step.kind, request, uploads)

    def _take_longest(self, step: Step, request: Any) -> Any:
        """Return the request for the longest highlight that there can be.

        Raises:
            InvalidSpecError: if the analysis is asked for fewer highlights.
        """
        assert step.source
        choice = self._requests[step.source].highlights
        if step.highlight > choice.count:
            raise InvalidSpecError(
                f'highlights: "{step.source}" proposes at most {choice.count}: ask for fewer here, '
                "or set its highlights.count.",
                "highlights",
            )
        owner, session_id = self._origin.owner, request.session_id
        uploads = self._services.uploads.expect(self._expected)
        video = uploads.find(owner, session_id, request.source_id, "video")
        assert isinstance(video.facts, VideoFacts)
        end = min(choice.duration, video.facts.duration)
        return request.model_copy(update={"end": end})

    def _find_sources(self, step: Step, plan: Plan) -> tuple[Input, ...]:
        """Return the uploads that a step reads, and those of the jobs whose videos it uses."""
        to_come = {media.key for media in self._expected.values()}
        read = find_inputs(plan.work.to_record(step.kind.name))
        own = [source for source in read if source.key not in to_come]
        used = [source for name in step.videos for source in self._sources[name]]
        return tuple({source.key: source for source in (*own, *used)}.values())

    def _expect_video(self, step: Step, request: Any, plan: Plan) -> Media:
        """Return what the video of a step will be as an upload, as far as the plan tells."""
        media_id, estimate = name_video(self._name_job(step.name)), plan.estimate
        facts = VideoFacts(
            duration=estimate["duration"],
            width=estimate["width"],
            height=estimate["height"],
            fps=estimate["fps"],
            has_audio=True,
            format="mp4",
        )
        return Media(
            id=media_id,
            kind="video",
            name=f"{step.name}.mp4",
            key=find_media_key(self._origin.owner, request.session_id, media_id, facts.format),
            size_bytes=estimate["estimated_file_size"],
            added_ns=0,
            facts=facts,
        )

    def _make_draft(self, step: Step) -> Draft:
        of_the_job = JobRequest.model_fields.keys() - {"session_id"}
        highlight = None
        if step.highlight:
            assert step.source
            highlight = UsedHighlight(
                job_id=self._name_job(step.source), name=step.source, number=step.highlight
            )
        return Draft(
            request={key: value for key, value in step.body.items() if key not in of_the_job},
            videos=self._list_videos(dict.fromkeys(step.videos)),
            highlight=highlight,
            sources=self._sources[step.name],
        )

    def _list_videos(self, names: Iterable[str]) -> tuple[UsedVideo, ...]:
        ids = [(name, self._name_job(name)) for name in names]
        return tuple(
            UsedVideo(job_id=job_id, name=name, media_id=name_video(job_id)) for name, job_id in ids
        )

    def _name_job(self, name: str) -> str:
        return name_job(self._origin.batch_id, name)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
