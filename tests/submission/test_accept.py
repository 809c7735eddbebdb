"""What is left of an order that could not be handed to a queue: nothing."""

from __future__ import annotations

import pytest

from tests.web.conftest import SMALL, OpenSite, Site, make_photo, open_site, upload

__all__ = ["open_site"]


@pytest.fixture
def site(open_site: OpenSite) -> Site:
    return open_site()


@pytest.mark.parametrize("fault", [RuntimeError("no such task"), KeyError("toy"), OSError(24, "")])
@pytest.mark.process
def test_order_that_no_queue_takes_is_withdrawn_whatever_the_fault(
    site: Site, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def fail(*_: object) -> None:
        raise fault

    client = site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    monkeypatch.setattr(site.services.queue, "submit", fail)
    order = {"session_id": session_id, **SMALL}
    assert client.post("/generate_video", json=order).status_code == 500
    assert site.count_jobs() == 0
    assert site.services.ledger.marks.list_open() == []
    monkeypatch.undo()
    answer = client.post("/generate_video", json=order).json
    assert isinstance(answer, dict)
    assert answer["status"] == "finished"


@pytest.mark.process
def test_order_is_refused_where_the_disk_has_no_room(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each may have megabytes of captions, and is kept until it is rendered."""
    client = site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    order = {"session_id": session_id, **SMALL}
    key = {"Idempotency-Key": "one"}
    first = client.post("/generate_video", json=order, headers=key).json
    monkeypatch.setattr("reelqueue.media.quota.find_room", lambda *_: 0)
    refused = client.post("/generate_video", json=order)
    assert (refused.status_code, refused.json and refused.json["type"]) == (
        503,
        "/problems/no-room",
    )
    assert site.count_jobs() == 1
    assert client.post("/generate_video", json={**order, "dry_run": True}).status_code == 200
    assert client.post("/generate_video", json=order, headers=key).json == first
