"""Daily reports: what was done in a day in UTC, kept in the storage and sent to `REPORT_URL`.

reports/<day>/report.json   written once
reports/<day>/sent          written after the report was sent
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import Field, ValidationError

from reelqueue.jobs.model import now
from reelqueue.jobs.records import Stored
from reelqueue.services import Services
from reelqueue.sizes import spell_size
from reelqueue.storage import Store
from reelqueue.storage.parallel import call_each
from reelqueue.upkeep.alerts import send
from reelqueue.upkeep.statistics.figures import describe_tally, sum_tallies
from reelqueue.upkeep.statistics.overview import read_overview
from reelqueue.upkeep.statistics.tallies import Totals
from reelqueue.upkeep.statistics.usage import read_usage

MAX_KEPT = 30
_FOLDER = "reports"


class Report(Stored):
    """The report of a day; `text` is for people, `kinds` has the figures of each kind."""

    day: date
    created_at: datetime
    text: str
    total: Mapping[str, Any]
    kinds: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    stored_bytes: int | None = None


def write_report(services: Services) -> str:
    """Write the report of yesterday and send it, unless both was done; return a sentence.

    Raises:
        DeliveryError: if the receiver does not take it.
        UnavailableError: if the storage does not answer.
    """
    store, url = services.store, services.settings.report_url
    report = _keep(store, _make_report(services, now()))
    _delete_old(store)
    if url and not store.find(_sent_key(report)):
        send(str(url), json.dumps({"type": "report", **report.model_dump(mode="json")}).encode())
        store.write(_sent_key(report), b"")
    return report.text


def list_reports(store: Store) -> list[tuple[Report, bool]]:
    """Return the reports that are kept, newest first, and whether each was sent."""
    keys = [entry.key for entry in store.list(_FOLDER)]
    names = sorted((key for key in keys if key.endswith("report.json")), reverse=True)
    reports = [_parse(data) for data in call_each(store.read, names)]
    return [(report, _sent_key(report) in keys) for report in reports if report]


def _make_report(services: Services, moment: datetime) -> Report:
    """Return the report of the day before `moment`."""
    begin = datetime.combine(moment.astimezone(UTC).date(), datetime.min.time(), UTC)
    begin -= timedelta(days=1)
    overview, usage = read_overview(services.store), read_usage(services.store)
    totals = overview.totals if overview else Totals()
    hours = [f"{begin + timedelta(hours=hour):%Y-%m-%dT%H}" for hour in range(24)]
    kinds = totals.sum_hours(hours)
    total = describe_tally(sum_tallies(kinds.values()))
    stored = usage.count_bytes() if usage else None
    return Report(
        day=begin.date(),
        created_at=moment,
        text=_write_text(begin.date(), total, stored),
        total=total,
        kinds={kind: describe_tally(tally) for kind, tally in kinds.items()},
        stored_bytes=stored,
    )


def _write_text(day: date, total: Mapping[str, Any], stored_bytes: int | None) -> str:
    counts = f"{total['accepted']} jobs were accepted, {total['finished']} finished"
    text = f"Reelqueue, {day}: {counts}, {total['failed']} failed, {total['canceled']} cancelled."
    for name, what in (("waiting", "waited"), ("rendering", "were rendered for")):
        spread = total[name]
        if spread["count"]:
            text += f" Half of them {what} less than {spread['p50']:.1f} s,"
            text += f" 95 % less than {spread['p95']:.1f} s."
    return text + (f" {spell_size(stored_bytes)} are stored." if stored_bytes else "")


def _keep(store: Store, report: Report) -> Report:
    """Store a report, unless its day has one; return the one that counts."""
    key = f"{_FOLDER}/{report.day}/report.json"
    if store.create(key, report.to_json()):
        return report
    return _parse(store.read(key)) or report


def _delete_old(store: Store) -> None:
    """Delete all but the latest reports."""
    entries = store.list(_FOLDER)
    days = sorted({entry.key.split("/")[1] for entry in entries})[:-MAX_KEPT]
    store.delete(*(entry.key for entry in entries if entry.key.split("/")[1] in days))


def _parse(data: bytes | None) -> Report | None:
    try:
        return Report.model_validate_json(data) if data else None
    except ValidationError:  # another version wrote it
        return None


def _sent_key(report: Report) -> str:
    return f"{_FOLDER}/{report.day}/sent"
