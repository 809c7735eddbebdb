"""The dashboard in a real browser: what users wrote is shown as text, and never run as script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from redis import Redis
from rq.results import Result

from reelqueue.queues.rq_job import open_rq_queue
from tests.browsing import launched, open_context
from tests.conftest import StartServer, find_files, wait_until
from tests.web.conftest import SMALL, make_photo

SCRIPT = "<img src=x onerror=document.title='hacked'>"
OPERATOR = {"username": "operator", "password": "a-long-password"}
HTTP = httpx.Client(timeout=120, limits=httpx.Limits(max_keepalive_connections=0))


@pytest.fixture
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def server(start_service: StartServer, redis_url: str) -> str:
    """The product with Redis and a dashboard."""
    return start_service(
        {
            "REDIS_URL": redis_url,
            "DASHBOARD_USERNAME": OPERATOR["username"],
            "DASHBOARD_PASSWORD": OPERATOR["password"],
        }
    )


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    """An operator's browser; a script error or a refused script of our own fails the test."""
    context = open_context(browser, base_url=server, http_credentials=OPERATOR)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(error.message))
    page.on("console", lambda message: complaints.append(message.text))
    yield page
    context.close()
    assert [text for text in complaints if "Failed to load resource" not in text] == []


def fail_job(server: str, storage: Path, name: str) -> str:
    """Order a slideshow of a photo that is damaged after its upload; return the job's id."""
    photo = ("images", (name, make_photo()))
    sent = HTTP.post(f"{server}/upload_images", files=[photo]).raise_for_status().json()
    for path in find_files(storage, "original.*"):
        path.write_bytes(b"\xff\xd8\xff\xe0 is no photo")
    order = {"session_id": sent["session_id"], **SMALL}
    job = HTTP.post(f"{server}/generate_video", json=order).raise_for_status().json()
    return str(job["job_id"])


def test_job_that_holds_html_is_shown_as_text(
    page: Page, server: str, fork_worker: Callable[..., None], redis_url: str, tmp_path: Path
) -> None:
    job_id = fail_job(server, tmp_path / "data", SCRIPT)
    fork_worker({"REDIS_URL": redis_url})
    status = f"{server}/job_status/{job_id}"
    wait_until(lambda: HTTP.get(status).json()["status"] == "failed")
    assert SCRIPT in HTTP.get(status).json()["error"]  # its owner reads which photo it was

    page.goto(f"/dashboard/0/view/job/{job_id}")
    failure = page.locator(".exc_info")
    expect(failure).to_contain_text("UnreadableMediaError")
    expect(failure).not_to_contain_text("onerror")

    with Redis.from_url(redis_url) as connection:
        job = open_rq_queue("default", connection).fetch_job(job_id)
        assert job
        job.description, job.meta = SCRIPT, {"stage": SCRIPT}
        job.save()
        Result.create_failure(job, 60, SCRIPT)
    page.reload()
    expect(failure).to_have_text(SCRIPT)
    expect(page.get_by_text(SCRIPT)).to_have_count(3)  # the progress, too
    page.goto("/dashboard/0/view/jobs/default/failed/8/asc/1")
    expect(page.locator("[data-role=job]")).to_contain_text(SCRIPT)
    for view in ("workers", "queues"):
        page.goto(f"/dashboard/0/view/{view}")
        expect(page.locator("tbody tr").first).not_to_contain_text("Loading")
    assert page.title() != "hacked"


def test_script_that_reaches_the_dashboard_does_not_run(browser: Browser, server: str) -> None:
    page = open_context(browser, base_url=server, http_credentials=OPERATOR).new_page()
    page.goto("/dashboard/")
    page.evaluate("html => { document.body.innerHTML = html; }", SCRIPT)
    page.evaluate("code => $(document.body).append('<script>' + code)", "document.title='hacked'")
    page.wait_for_timeout(200)
    assert page.title() != "hacked"
