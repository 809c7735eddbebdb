"""Links to finished videos for people who have neither the token nor the cookie of the owner.

A link holds the job's id, signed by the service, so that none can be guessed. It works until the
job is deleted, by its owner or by retention, or the token of its owner is withdrawn. A service with
tokens gives links only if it is told so: it was closed to those who have none.
"""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, render_template, request

from reelqueue.config import Settings
from reelqueue.errors import ConflictError, ForbiddenError, NotFoundError
from reelqueue.jobs.model import Record
from reelqueue.web.access import is_admitted
from reelqueue.web.answers import SharedLink
from reelqueue.web.context import answer_json, get_services, is_id, read_own_record
from reelqueue.web.downloads import find_output, send_video
from reelqueue.web.signatures import sign

blueprint = Blueprint("sharing", __name__)

_GONE = "This link leads to no video: it was deleted, or the link is not complete."


@blueprint.post("/jobs/<job_id>/share")
def share(job_id: str) -> Response:
    """Answer with a link that shows a job's video to whoever has it."""
    if not _gives_links(get_services().settings):
        raise ForbiddenError("This service gives no links to videos: download the video instead.")
    if "width" not in find_output(read_own_record(job_id)).facts:
        raise ConflictError("This job has no video: only videos can be shared.")
    return answer_json(SharedLink(share_url=f"/shared/{job_id}/{_sign(job_id)}"))


@blueprint.get("/shared/<video_id>/<signature>")
def show_shared(video_id: str, signature: str) -> tuple[str, int]:
    """Show the page of a shared video; no token or cookie is needed."""
    try:
        record = _find_shared(video_id, signature)
    except NotFoundError as error:
        return render_template("shared.html", sentence=str(error)), 404
    address = f"/shared/{video_id}/{signature}/video"
    return render_template("shared.html", address=address, facts=find_output(record).facts), 200


@blueprint.get("/shared/<video_id>/<signature>/video")
def play_shared(video_id: str, signature: str) -> Response:
    """Send a shared video, or a range of it; `?inline=1` is for players."""
    record = _find_shared(video_id, signature)
    shown = "inline" if request.args.get("inline") == "1" else "attachment"
    return send_video(record, shown)


def _find_shared(video_id: str, signature: str) -> Record:
    """Return the record that a link leads to, which has an output.

    Raises:
        NotFoundError: if the link is not complete, or its job was deleted.
    """
    services = get_services()
    if not (_gives_links(services.settings) and is_id(video_id) and _is_ours(video_id, signature)):
        raise NotFoundError(_GONE)
    try:
        record = services.ledger.read(video_id)
        find_output(record)
    except (NotFoundError, ConflictError):
        raise NotFoundError(_GONE) from None
    if not is_admitted(record.job.owner):
        raise NotFoundError(_GONE)
    return record


def _gives_links(settings: Settings) -> bool:
    given = settings.share_links
    return not settings.api_tokens if given is None else given


def _is_ours(video_id: str, signature: str) -> bool:
    return hmac.compare_digest(_sign(video_id).encode(), signature.encode())


def _sign(video_id: str) -> str:
    return sign("shared video", video_id)
