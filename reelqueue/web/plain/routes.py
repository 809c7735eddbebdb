"""The routes of the page without JavaScript: its forms, one job, all jobs.

Every error is a page with its sentence and a way back.
"""

from __future__ import annotations

import json
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from reelqueue.errors import ForbiddenError
from reelqueue.jobs.model import ANYONE, Job, Record, now
from reelqueue.jobs.status import describe_job, to_text
from reelqueue.specs.limits import MAX_TRACKS
from reelqueue.specs.parsing import parse_json
from reelqueue.submission.accept import accept_request, cancel_job
from reelqueue.submission.kinds import KINDS, find_messages
from reelqueue.submission.own_jobs import list_own_jobs
from reelqueue.submission.state import refresh_record
from reelqueue.web.answers import PageQuery
from reelqueue.web.context import get_owner, get_services, read_own_record, read_query
from reelqueue.web.plain.forms import Order, read_clip, read_slideshow
from reelqueue.web.plain.intake import (
    Stored,
    describe_refused,
    discarding,
    raise_refusal,
    store_files,
)
from reelqueue.web.uploads.receiving import receive_form

blueprint = Blueprint("plain", __name__)

_MOST_TEXTS = 150
_MOST_PASSED_OVER = 10  # pages; for each, all jobs of the owner are listed
_VIDEOS = ("slideshow", "clip")
_WAIT_SECONDS = 2  # until a page looks again
_HOLD = timedelta(seconds=1)


@blueprint.post("/plain/slideshow")
def order_slideshow() -> AnyResponse:
    """Store the photos and the music of the form, and order a slideshow of them."""
    most = get_services().settings.max_photos
    with receive_form(most + MAX_TRACKS + _MOST_TEXTS) as form:
        chosen = read_slideshow(form.texts)
        stored = store_files(form, "images", most)
    photos = [{"id": photo_id} for photo_id in stored.main_ids]
    tracks = [{"id": track_id} for track_id in stored.track_ids]
    order = {"photos": photos, **({"tracks": tracks} if tracks else {}), **chosen}
    return _place("slideshow", order, stored, may_skip=chosen.get("on_bad_photo") == "skip")


@blueprint.post("/plain/clip")
def order_clip() -> AnyResponse:
    """Store the video and the music of the form, and order a clip of them."""
    with receive_form(1 + MAX_TRACKS + _MOST_TEXTS) as form:
        chosen = read_clip(form.texts, has_music=bool(form.files["audio"]))
        stored = store_files(form, "video", 1)
    tracks = [{"id": track_id} for track_id in stored.track_ids]
    order = {"source_id": stored.main_ids[0] if stored.main_ids else "", "tracks": tracks, **chosen}
    return _place("clip", order, stored, may_skip=False)


@blueprint.get("/plain/jobs/<job_id>")
def show_job(job_id: str) -> str:
    """Show a job; until it has ended, the page loads itself again."""
    status = _describe(read_own_record(job_id))
    wait = None if "ended_at" in status else _WAIT_SECONDS
    return render_template("plain/job.html", status=status, wait=wait)


@blueprint.post("/plain/jobs/<job_id>/cancel")
def cancel(job_id: str) -> AnyResponse:
    """Cancel a job, and show it."""
    cancel_job(get_services(), read_own_record(job_id))
    return redirect(url_for("plain.show_job", job_id=job_id), 303)


@blueprint.get("/plain/jobs")
def show_jobs() -> str:
    """Show the videos of this browser or token, the newest first.

    A page of the list that has none, but analyses and previews alone, is passed over.
    """
    if get_owner() == ANYONE:
        raise ForbiddenError("Your videos are found by a cookie: let this page set one.")
    query = read_query(PageQuery)
    jobs, has_more, per_page = list[dict[str, Any]](), True, query.per_page
    for number in range(query.page, query.page + _MOST_PASSED_OVER):
        page = list_own_jobs(get_services(), get_owner(), page=number, per_page=per_page)
        has_more = number * per_page < page.total
        jobs = [
            describe_job(*job, find_messages(job.record.job))
            | {"title": _find_title(job.record.job)}
            for job in page.jobs
            if _is_shown(job.record.job)
        ]
        if jobs or not has_more:
            break
    older = {"page": number + 1, "per_page": per_page} if has_more else None
    return render_template("plain/jobs.html", jobs=jobs, older=older)


@blueprint.after_request
def show_problem(response: Response) -> Response:
    """Turn the answer to an error into a page."""
    if response.mimetype != "application/problem+json":
        return response
    problem = json.loads(response.get_data())
    is_passing = response.status_code == HTTPStatus.SERVICE_UNAVAILABLE and request.method == "GET"
    wait = response.headers.get("Retry-After") if is_passing else None
    page = render_template("plain/refusal.html", problem=problem, wait=wait)
    response.set_data(page)
    response.mimetype = "text/html"
    return response


def _place(name: str, order: Order, stored: Stored, *, may_skip: bool) -> AnyResponse:
    """Order a video of what was stored, and lead to its page; if it is refused, delete that."""
    services, kind = get_services(), KINDS[name]
    if not services.settings.redis_url:  # a render would hold up this answer until it has ended
        order = {"run_at": to_text(now() + _HOLD), **order}
    with discarding(stored.session_id):
        if stored.refused and not (may_skip and stored.main_ids):
            raise_refusal(stored.refused)
        body = json.dumps({"session_id": stored.session_id, **order})
        request_body = parse_json(kind.request, body)
        record = accept_request(services, get_owner(), kind, request_body, None)
    if stored.refused:
        flash(describe_refused(stored.refused))
    return redirect(url_for("plain.show_job", job_id=record.job.id), 303)


def _is_shown(job: Job) -> bool:
    """Tell whether a job makes a video: it is no analysis, and no preview."""
    return job.kind in _VIDEOS and not job.work.get("spec", {}).get("preview")


def _find_title(job: Job) -> str:
    """Return the title at the start of a video; an empty text if it has none."""
    title = job.work.get("spec", {}).get("title")
    return str(title["text"]) if title else ""


def _describe(record: Record) -> dict[str, Any]:
    job = record.job
    status = describe_job(*refresh_record(get_services(), record), find_messages(job))
    if job.run_at and now() < job.run_at <= job.created_at + _HOLD:
        status["begins_soon"] = True
    return status
