"""rq-dashboard at /dashboard, behind a password of its own; absent without one.

It is for watching, and for running a failed job again, which goes through the ledger as
`/job_retry` does. rq-dashboard 0.9 neither authenticates nor reads JSON jobs everywhere, and some
of its addresses fail on odd input: what is below makes up for that.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import partial
from types import SimpleNamespace

import rq_dashboard
from flask import Flask, Response, abort, jsonify, request
from rq import Worker
from rq.exceptions import NoSuchJobError
from rq.job import Job as RQJob
from rq.serializers import JSONSerializer
from werkzeug.wrappers import Response as AnyResponse

from reelqueue.config import Settings
from reelqueue.intake import retry_job
from reelqueue.web.context import get_services

_CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_MOST_PER_PAGE = 200


def register_dashboard(app: Flask, settings: Settings) -> None:
    """Mount the dashboard if it has credentials and a queue to show."""
    if not settings.has_dashboard:
        return
    rq_dashboard.web.config.serializer = JSONSerializer
    rq_dashboard.web.Worker = SimpleNamespace(all=partial(Worker.all, serializer=JSONSerializer))
    rq_dashboard.web.Job = SimpleNamespace(fetch=partial(RQJob.fetch, serializer=JSONSerializer))
    app.config["RQ_DASHBOARD_REDIS_URL"] = str(settings.redis_url)
    app.config["RQ_DASHBOARD_DISABLE_DELETE"] = True
    rq_dashboard.web.setup_rq_connection(app)
    app.before_request(_guard)
    app.after_request(_allow_inline_scripts)
    app.register_blueprint(rq_dashboard.blueprint, url_prefix="/dashboard")
    app.register_error_handler(NoSuchJobError, lambda _: abort(404))


def _guard() -> AnyResponse | None:
    """Ask for the password, keep odd addresses out, and take requeueing over."""
    if request.blueprint != "rq_dashboard":
        return None
    if not _is_known(get_services().settings):
        return Response(
            "The dashboard needs its user and password.",
            401,
            {"WWW-Authenticate": 'Basic realm="Reelqueue dashboard", charset="UTF-8"'},
        )
    arguments = request.view_args or {}
    pages = [int(arguments.get(name, 1)) for name in ("page", "per_page")]
    if arguments.get("instance_number", 0) != 0 or not all(0 < n <= _MOST_PER_PAGE for n in pages):
        abort(404)
    if request.endpoint == "rq_dashboard.requeue_job_view":
        services = get_services()
        retry_job(services, services.ledger.read(arguments["job_id"]))
        return jsonify(status="OK")
    if request.method != "GET" or request.endpoint == "rq_dashboard.requeue_all":
        abort(403, "The dashboard only shows: use the API to change jobs.")
    return None


def _is_known(settings: Settings) -> bool:
    given = request.authorization
    if given is None or given.type != "basic":
        return False
    pairs = [
        (given.username or "", settings.dashboard_username),
        (given.password or "", settings.dashboard_password),
    ]
    return all(hmac.compare_digest(_hash(one), _hash(other)) for one, other in pairs)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _allow_inline_scripts(response: Response) -> Response:
    if request.blueprint == "rq_dashboard":
        response.headers["Content-Security-Policy"] = _CONTENT_POLICY
    return response
