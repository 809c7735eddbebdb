"""/admin, for operators: the page, its lists and its actions.

It asks for the dashboard's user name and password, and answers 404 if none are set. Unlike the
dashboard it needs no Redis: it reads the ledger.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template

from reelqueue import __version__
from reelqueue.web.access import require_operator
from reelqueue.web.answers import PageQuery
from reelqueue.web.context import answer_json, get_services, read_query
from reelqueue.web.operators import actions, webhooks
from reelqueue.web.operators.events import stream_events
from reelqueue.web.operators.job_list import JobsQuery, list_failed, list_jobs
from reelqueue.web.operators.lists import list_audit, list_batches, list_processes
from reelqueue.web.statistics import routes as statistics

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
blueprint.register_blueprint(statistics.blueprint)
blueprint.register_blueprint(webhooks.blueprint)
blueprint.get("/events")(stream_events)
blueprint.post("/pause")(actions.pause)
blueprint.post("/resume")(actions.resume)
blueprint.post("/cleanup")(actions.clean_up)
blueprint.post("/requeue")(actions.requeue)
blueprint.post("/cancel")(actions.cancel)
blueprint.post("/batches/cancel")(actions.cancel_whole_batch)
blueprint.post("/batches/retry")(actions.retry_whole_batch)


@blueprint.before_request
def guard() -> Response | None:
    """Let operators in only; where none can sign in, there is nothing."""
    if not get_services().settings.has_operator:
        abort(404)
    return require_operator()


@blueprint.get("")
def show_page() -> str:
    """Show the operators' page."""
    settings = get_services().settings
    return render_template(
        "admin.html",
        has_dashboard=settings.has_dashboard,
        has_queue=settings.redis_url is not None,
        version=__version__,
    )


@blueprint.get("/jobs")
def show_jobs() -> Response:
    """Answer with a page of the jobs of all owners."""
    return answer_json(list_jobs(get_services(), read_query(JobsQuery)))


@blueprint.get("/workers")
def show_workers() -> Response:
    """Answer with the processes of the service, and whether the workers are paused."""
    return answer_json(list_processes(get_services()))


@blueprint.get("/batches")
def show_batches() -> Response:
    """Answer with a page of the batches of all owners, newest first."""
    return answer_json(list_batches(get_services(), read_query(PageQuery)))


@blueprint.get("/audit")
def show_audit() -> Response:
    """Answer with a page of what operators did, newest first."""
    return answer_json(list_audit(get_services(), read_query(PageQuery)))


@blueprint.get("/failed")
def show_failed() -> Response:
    """Answer with a page of the failed jobs and their logs, newest first."""
    return answer_json(list_failed(get_services(), read_query(PageQuery)))
