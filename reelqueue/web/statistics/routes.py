"""What operators see of the service as a whole: its periodic work and its statistics."""

from __future__ import annotations

from flask import Blueprint, Response

from reelqueue.errors import UnavailableError
from reelqueue.jobs.model import now
from reelqueue.services import Services
from reelqueue.upkeep.alerts import WINDOW_MINUTES, read_book
from reelqueue.upkeep.chores.periodic import Chore, read_state
from reelqueue.upkeep.chores.reports import list_reports
from reelqueue.upkeep.chores.table import list_chores
from reelqueue.upkeep.statistics.tallies import list_hours
from reelqueue.web.context import answer_json, get_services
from reelqueue.web.statistics.answers import (
    DailyReport,
    DailyReports,
    ScheduledChore,
    Schedules,
    Statistics,
)
from reelqueue.web.statistics.describe import (
    DAY_HOURS,
    describe_alerts,
    describe_all,
    describe_hours,
    describe_kinds,
    describe_queues,
    describe_storage,
    find_worst,
)
from reelqueue.web.statistics.metrics import get_sources
from reelqueue.web.statistics.sources import Sources

blueprint = Blueprint("statistics", __name__)


@blueprint.get("/schedules")
def show_schedules() -> Response:
    """Answer with the periodic work: what was done when, and when it is due."""
    return answer_json(list_schedules(get_services()))


@blueprint.get("/stats")
def show_statistics() -> Response:
    """Answer with how the queues stand, and what was done in the last day."""
    return answer_json(describe_service(get_services(), get_sources()))


@blueprint.get("/reports")
def show_reports() -> Response:
    """Answer with the daily reports that are kept, newest first."""
    reports = [
        DailyReport(sent=sent, **report.model_dump())
        for report, sent in list_reports(get_services().store)
    ]
    return answer_json(DailyReports(reports=reports))


def list_schedules(services: Services) -> Schedules:
    """Return the periodic work as the storage has it."""
    rows = [_describe_chore(services, chore) for chore in list_chores(services)]
    return Schedules(schedules=rows)


def describe_service(services: Services, sources: Sources) -> Statistics:
    """Describe the service by what its sources tell.

    Raises:
        UnavailableError: if the storage does not answer, and never did.
    """
    settings, moment = services.settings, now()
    sources.begin()
    load, overview = sources.load.get(), sources.overview.get()
    if load is None or overview is None:
        raise UnavailableError("The statistics cannot be read right now.")
    totals = overview.totals
    last_day = totals.sum_hours(list_hours(moment, DAY_HOURS))
    ends = totals.count_minutes(moment, WINDOW_MINUTES)
    queues = describe_queues(load, overview, settings, moment)
    return Statistics(
        health=find_worst(load, queues, ends, settings),
        mode=load["mode"],
        workers=load["workers"],
        counted_at=overview.made_at,
        counted_since=totals.since,
        queues=queues,
        alerts=describe_alerts(read_book(services.store)),
        last_day=describe_all(last_day.values()),
        kinds=describe_kinds(last_day),
        total=describe_kinds(totals.kinds),
        hours=describe_hours(totals, moment),
        storage=describe_storage(sources.usage.get(), sources.measure_disk()),
    )


def _describe_chore(services: Services, chore: Chore) -> ScheduledChore:
    state = read_state(services.store, chore)
    return ScheduledChore(
        name=chore.name,
        schedule=str(chore.schedule),
        running_since=state.begun_at if state.begun_at != state.last_at else None,
        last_run=state.last_at,
        next_run=state.due_at,
        duration=state.seconds,
        ok=state.ok,
        outcome=state.outcome,
    )
