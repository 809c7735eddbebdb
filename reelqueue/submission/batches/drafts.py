"""Drafts become work: the results of other jobs become uploads, and the order is planned.

The attempt that renders a job does this first. The plan is stored once, so that each attempt and
each run renders the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reelqueue.errors import ConflictError, InvalidSpecError, NotFoundError
from reelqueue.jobs.draft import Draft, UsedHighlight, UsedVideo
from reelqueue.jobs.keys import work_key
from reelqueue.jobs.ledger import Ledger
from reelqueue.jobs.model import Job, Record
from reelqueue.jobs.output import Output
from reelqueue.media.transcripts import Transcript
from reelqueue.services import Services
from reelqueue.specs.clips.speech import Speech
from reelqueue.specs.parsing import parse_json
from reelqueue.submission.batches.adoption import Adopted, adopt_video
from reelqueue.submission.kinds import KINDS, read_work
from reelqueue.submission.plans import make_plan


def find_planned(services: Services, record: Record) -> Record:
    """Return a job with its work, if it was accepted with a draft and is planned by now."""
    data = services.store.read(work_key(record.job.id)) if "draft" in record.job.work else None
    return _set_work(record, json.loads(data)) if data else record


def plan_draft(services: Services, record: Record, draft: Draft) -> Record:
    """Return a job with its work, which is planned now and stored.

    Raises:
        InputError: if it cannot be rendered as ordered, now that the results are known.
        UnavailableError: if the storage does not answer.
    """
    job = record.job
    kind = KINDS[job.kind]
    values = dict(draft.request)
    if draft.highlight:
        values |= find_highlight(services.ledger, draft.highlight)
    request = parse_json(kind.request, json.dumps(values))
    if draft.highlight and kind.take_transcript:
        request = _take_transcript(services, kind.take_transcript, request, draft.highlight)
    for video in draft.videos:
        _adopt_video(services, job, request.session_id, video)
    plan = make_plan(services, job.owner, kind, request)
    work = plan.work.to_record(kind.name)
    services.store.create(work_key(job.id), json.dumps(work).encode())
    return find_planned(services, record)


def find_highlight(ledger: Ledger, used: UsedHighlight) -> Mapping[str, Any]:
    """Return the start and the end of a highlight.

    Raises:
        InvalidSpecError: if the analysis proposed fewer.
    """
    found = _read_output(ledger, used.job_id, used.name).facts.get("highlights") or ()
    if used.number > len(found):
        count = f"only {len(found)}" if found else "no"
        raise InvalidSpecError(
            f'"{used.name}" proposes {count} highlight{"s" * (len(found) != 1)}, so there is no '
            f"number {used.number}: ask for fewer, or for shorter ones."
        )
    highlight = found[used.number - 1]
    return {"start": highlight["start"], "end": highlight["end"]}


def _take_transcript(
    services: Services,
    take: Callable[[Any, Transcript, Speech], Any],
    request: Any,
    used: UsedHighlight,
) -> Any:
    """Return the request with what the analysis has written down, if it has and that can be used.

    Both are of the same video, and the speech of a batch is recognised by one service.
    """
    file = _read_output(services.ledger, used.job_id, used.name).files.get("transcript")
    data = file and services.store.read(file.key)
    if not data:
        return request
    analysis = find_planned(services, services.ledger.read(used.job_id))
    speech = read_work(analysis.job).spec.speech
    return take(request, parse_json(Transcript, data), speech) if speech else request


def _adopt_video(services: Services, job: Job, session_id: str, used: UsedVideo) -> None:
    """Make the video of a job an upload; one that is an upload already stays as it is."""
    video = _read_output(services.ledger, used.job_id, used.name).files["video"]
    place = Adopted(job.owner, session_id, used.media_id, f"{used.name}.mp4")
    adopt_video(services, video.key, place)


def _set_work(record: Record, work: Mapping[str, Any]) -> Record:
    return replace(record, job=record.job.model_copy(update={"work": work}))


def _read_output(ledger: Ledger, job_id: str, name: str) -> Output:
    try:
        outcome = ledger.read(job_id).outcome
    except NotFoundError:  # it was deleted after this job was queued
        outcome = None
    if outcome is None or outcome.output is None:
        raise ConflictError(f'The result of "{name}" is not there: order all of the batch again.')
    return outcome.output
