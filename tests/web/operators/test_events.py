"""The stream of the operators' page: what changes is told, to all who watch, by one look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from werkzeug.test import TestResponse

from reelqueue.upkeep.audit import AuditLog
from reelqueue.upkeep.chores.periodic import Periodic
from reelqueue.upkeep.chores.table import list_chores
from reelqueue.web.operators.answers import AuditList
from reelqueue.web.operators.lists import list_audit
from tests.web.conftest import Site
from tests.web.operators.conftest import KNOWN, let_fail

pytestmark = pytest.mark.render

ROUTES = {
    "running": "/admin/jobs?status=started",
    "waiting": "/admin/jobs?status=queued",
    **{name: f"/admin/jobs?status={name}" for name in ("scheduled", "deferred", "failed")},
    **{name: f"/admin/{name}" for name in ("workers", "audit", "batches", "webhooks", "schedules")},
    "stats": "/admin/stats",
    "health": "/health",
}
Events = Iterator[tuple[str, Any]]


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no part come late on a busy machine."""
    monkeypatch.setattr("reelqueue.web.statistics.sources.WAIT_SECONDS", 60.0)


@contextmanager
def watching(site: Site) -> Iterator[Events]:
    """Watch as the page does; the names of the parts that change, and their data."""
    response: TestResponse = site.open_client().get("/admin/events", headers=KNOWN, buffered=False)
    assert response.mimetype == "text/event-stream"
    try:
        yield _read(response)
    finally:
        response.close()


def _read(response: TestResponse) -> Events:
    for chunk in response.response:
        text = chunk.decode() if isinstance(chunk, bytes) else chunk
        if text.startswith("event: "):
            name, data = text.removeprefix("event: ").split("\ndata: ")
            yield name, json.loads(data)


def read_all(events: Events) -> dict[str, Any]:
    """Return all parts; `trouble` is the last of them."""
    found: dict[str, Any] = {}
    while "trouble" not in found:
        found |= [next(events)]
    return found


def await_part(events: Events, name: str) -> tuple[set[str], Any]:
    """Return which parts changed before this one, and its data."""
    before: set[str] = set()
    for found, data in events:
        if found == name:
            return before, data
        before.add(found)
    raise AssertionError(f"{name} did not come")


def do_chores(site: Site) -> None:
    periodic = Periodic(site.services, list_chores(site.services))
    periodic.step()
    periodic.join()


def test_stream_begins_with_what_the_routes_tell(run_site: Site) -> None:
    let_fail(run_site)
    do_chores(run_site)
    with watching(run_site) as events:
        parts = read_all(events)
    client = run_site.open_client()
    told = {name: client.get(path, headers=KNOWN).json for name, path in ROUTES.items()}
    for stats in (told["stats"] or {}, parts["stats"]):
        stats.pop("counted_at", None)
        stats["storage"].pop("free")
    assert parts == {**told, "trouble": {"detail": ""}}


def test_part_that_changes_comes_alone(run_site: Site) -> None:
    with watching(run_site) as events:
        read_all(events)
        AuditLog(run_site.services.store).add("operator", "pause", "ok")
        before, audit = await_part(events, "audit")
        assert before <= {"stats"}  # others may fill the disk
        assert [record["action"] for record in audit["records"]] == ["pause"]
        do_chores(run_site)
        _, schedules = await_part(events, "schedules")
        while not any(row.get("last_run") for row in schedules["schedules"]):
            _, schedules = await_part(events, "schedules")
        job_id = let_fail(run_site)
        _, failed = await_part(events, "failed")
        assert [job["job_id"] for job in failed["jobs"]] == [job_id]


def test_one_look_is_for_all_who_watch(inline_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[object] = []

    def list_and_note(*arguments: Any) -> AuditList:
        looks.append(arguments)
        return list_audit(*arguments)

    monkeypatch.setattr("reelqueue.web.operators.news.list_audit", list_and_note)
    monkeypatch.setattr("reelqueue.web.operators.news._SHORTEST_PAUSE_SECONDS", 3600.0)
    with watching(inline_site) as first, watching(inline_site) as second:
        assert read_all(first) == read_all(second)
    assert len(looks) == 1


def test_part_that_hangs_holds_up_no_other(
    inline_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_back = Event()

    def list_late(*arguments: Any) -> AuditList:
        is_back.wait(60)
        return list_audit(*arguments)

    monkeypatch.setattr("reelqueue.web.statistics.sources.WAIT_SECONDS", 1.0)
    monkeypatch.setattr("reelqueue.web.operators.news.list_audit", list_late)
    with watching(inline_site) as events:
        assert "audit" not in read_all(events)
        do_chores(inline_site)
        before, schedules = await_part(events, "schedules")
        while not any(row.get("last_run") for row in schedules["schedules"]):
            more, schedules = await_part(events, "schedules")
            before |= more
        assert "audit" not in before
        is_back.set()
        assert await_part(events, "audit")[1]["records"] == []
