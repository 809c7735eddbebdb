"""Sites with an operator, and jobs that wait or have failed."""

from __future__ import annotations

import os
from base64 import b64encode

import pytest

from reelqueue.jobs.model import Outcome, Status, now
from tests.web.conftest import SMALL, OpenSite, Site, make_photo, post_json, upload

CREDENTIALS = {"DASHBOARD_USERNAME": "operator", "DASHBOARD_PASSWORD": "pass:wörd"}


def know(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


KNOWN = know("operator", "pass:wörd")


@pytest.fixture
def inline_site(open_site: OpenSite, pretended_probe: None) -> Site:  # noqa: ARG001
    return open_site(**CREDENTIALS)


@pytest.fixture
def redis_site(open_site: OpenSite, redis_url: str, pretended_probe: None) -> Site:  # noqa: ARG001
    """With Redis; no worker is running."""
    return open_site(REDIS_URL=redis_url, **CREDENTIALS)


@pytest.fixture(params=["inline_site", "redis_site"])
def run_site(request: pytest.FixtureRequest) -> Site:
    """The product with an operator, in both of its modes."""
    site: Site = request.getfixturevalue(request.param)
    return site


def order(site: Site, *names: str, is_damaged: bool = False) -> str:
    """Have a slideshow made; without Redis it has ended when this returns.

    Photos that are damaged have a byte too many in the storage.
    """
    client = site.open_client()
    comment = os.urandom(8) if is_damaged else b""  # so no result of the same photo is reused
    files = [(name, make_photo(comment=comment)) for name in names or ("red.jpg",)]
    session_id = upload(client, files)["session_id"]
    for key in site.list_stored() if is_damaged else ():
        if session_id in key and "/original." in key:
            site.services.store.write(key, (site.services.store.read(key) or b"") + b"!")
    job = post_json(client, "/generate_video", {"session_id": session_id, **SMALL})
    return str(job["job_id"])


def let_fail(site: Site, error: str = "It broke.") -> str:
    """Have a job that fails: without Redis since its photo is damaged, else as a worker says so."""
    job_id = order(site, is_damaged=True)
    outcome = Outcome(status=Status.FAILED, ended_at=now(), attempts=3, error=error)
    site.services.ledger.logs.add(job_id, 1, "Traceback ... of a worker")
    site.services.ledger.end(job_id, 1, outcome)
    return job_id
