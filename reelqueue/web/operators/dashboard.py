"""rq-dashboard at /dashboard, with the operator's password; it is not mounted if none is set.

It shows queues and workers, and can run a failed job again: through the ledger, as `/job_retry`.
This module adds what rq-dashboard 0.9 lacks: authentication, JSON jobs on all pages, one connection
with short timeouts, and 404 where it would crash on invalid input or write it into a script.
`templates/rq_dashboard` replaces those of its pages that would run as script what users wrote. See
https://github.com/Parallels/rq-dashboard.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from functools import partial
from types import SimpleNamespace

import rq_dashboard
from flask import Flask, Response, abort, g, jsonify, request
from redis.exceptions import RedisError
from rq import Worker
from rq.exceptions import NoSuchJobError
from rq.job import Job as RQJob
from rq.serializers import JSONSerializer
from werkzeug.wrappers import Response as AnyResponse

from reelqueue.config import Settings
from reelqueue.errors import NotFoundError, UnavailableError
from reelqueue.queues.redis_connection import connect
from reelqueue.queues.rq_job import ID_LENGTH
from reelqueue.submission.accept import retry_job
from reelqueue.web.access import require_operator
from reelqueue.web.context import get_services
from reelqueue.web.operators.audited import audited
from reelqueue.web.problems import make_problem

# Underscore compiles its templates with Function(), hence 'unsafe-eval'.
_CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; script-src-attr 'none'; "
    "style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_ARGUMENTS = {
    "instance_number": "0",
    "page": "[1-9][0-9]{0,4}",
    "per_page": "[1-9][0-9]{0,2}",
    "queue_name": r"[^'\\<\n\r\u2028\u2029]+",  # it stands in a script, unescaped
    "registry_name": "queued|started|finished|failed|deferred|scheduled|canceled",
    "job_id": "[A-Za-z0-9_-]{1,64}",
}
"""The path values that rq-dashboard can handle: it crashes on others, or runs them as script."""


def register_dashboard(app: Flask, settings: Settings) -> None:
    """Mount the dashboard if Redis and the operator's password are set."""
    if not settings.has_dashboard:
        return
    rq_dashboard.web.config.serializer = JSONSerializer
    rq_dashboard.web.Worker = SimpleNamespace(all=partial(Worker.all, serializer=JSONSerializer))
    rq_dashboard.web.Job = SimpleNamespace(fetch=partial(RQJob.fetch, serializer=JSONSerializer))
    connection = connect(settings)  # its own has no short timeouts, and is opened for each request
    rq_dashboard.web.from_url = lambda *_, **_options: (None, connection)
    app.config["RQ_DASHBOARD_REDIS_URL"] = str(settings.redis_url)
    app.config["RQ_DASHBOARD_DISABLE_DELETE"] = True
    rq_dashboard.web.setup_rq_connection(app)
    app.before_request(_guard)
    app.after_request(_allow_own_script)
    app.register_blueprint(rq_dashboard.blueprint, url_prefix="/dashboard")
    app.register_error_handler(NoSuchJobError, _answer_unknown_job)
    app.register_error_handler(RedisError, _answer_no_redis)


def _guard() -> AnyResponse | None:
    """Ask for the password, refuse invalid addresses, and requeue jobs through the ledger."""
    if request.blueprint != "rq_dashboard":
        return None
    g.nonce = secrets.token_urlsafe(16)
    challenge = require_operator()
    if challenge:
        return challenge
    arguments = request.view_args or {}
    if not _is_answerable(arguments):
        abort(404)
    if request.endpoint == "rq_dashboard.requeue_job_view":
        services, job_id = get_services(), arguments["job_id"][:ID_LENGTH]
        with audited("requeue", job_id):
            retry_job(services, services.ledger.read(job_id))
        return jsonify(status="OK")
    if request.method != "GET" or request.endpoint == "rq_dashboard.requeue_all":
        abort(403, "The dashboard is read-only: use the API to change jobs.")
    return None


def _is_answerable(arguments: Mapping[str, object]) -> bool:
    return all(
        re.fullmatch(_ARGUMENTS[name], str(value))
        for name, value in arguments.items()
        if name in _ARGUMENTS
    )


def _allow_own_script(response: Response) -> Response:
    if "nonce" in g:
        response.headers["Content-Security-Policy"] = _CONTENT_POLICY.format(nonce=g.nonce)
    return response


def _answer_unknown_job(_: NoSuchJobError) -> Response:
    return make_problem(NotFoundError("Redis has no such job, or no longer has it."))


def _answer_no_redis(_: RedisError) -> Response:
    return make_problem(UnavailableError("Redis does not answer right now."))
