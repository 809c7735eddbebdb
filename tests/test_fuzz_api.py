"""Odd requests on every operation of the API: a short form of `make fuzz`."""

from __future__ import annotations

import pytest
from flask import abort

from fuzz.api import Target, prepare, try_operations

pytestmark = [pytest.mark.render, pytest.mark.process]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory, redis_port: int) -> Target:
    """An app with a session, uploads and jobs."""
    return prepare(tmp_path_factory.mktemp("target"), f"redis://127.0.0.1:{redis_port}/1")


def test_every_operation_answers_odd_requests_as_it_is_described(target: Target) -> None:
    assert try_operations(target, 6, 5) == []


def test_answer_that_is_not_as_described_is_found(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = target.app.view_functions
    monkeypatch.setitem(views, "health.show_health", lambda: ({"detail": "x"}, 500))
    monkeypatch.setitem(views, "jobs.show_status", lambda job_id: {"job_id": job_id})
    kinds = ("images", "audio", "video", "captions")
    for route in (f"uploads.upload_{kind}" for kind in kinds):
        monkeypatch.setitem(views, route, lambda: abort(400))  # they would take time
    faults = try_operations(target, 6, 1)
    assert {fault.split(",")[0] for fault in faults} == {"GET /job_status/{job_id}", "GET /health"}
