"""The operators' page in a real browser, with a real Redis and a real worker."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from reelqueue.jobs.model import find_inputs, now
from tests.axe import find_faults_of_themes
from tests.browsing import RENDER_MS, check_width, measure_all, open_context, wait_for
from tests.conftest import StartServer, wait_until
from tests.page import desk
from tests.receiver import receiving
from tests.test_page import browser
from tests.web.conftest import make_photo

__all__ = ["browser"]

OPERATOR = {"username": "operator", "password": "a-long-password"}
SETTINGS = {"DASHBOARD_USERNAME": OPERATOR["username"], "DASHBOARD_PASSWORD": OPERATOR["password"]}
SHORT: dict[str, Any] = {
    "duration": 0.5,
    "transition_duration": 0.2,
    "resolution": "160x90",
    "fps": 15,
}
LONG: dict[str, Any] = {"duration": 20, "motion": "kenburns", "resolution": "1280x720"}


class Service:
    """The product with Redis, and one worker once it is started."""

    def __init__(
        self, http: httpx.Client, address: str, folder: Path, start_worker: Callable[[], None]
    ) -> None:
        self._http, self.address = http, address
        self.folder, self.start_worker = folder, start_worker

    def order(self, count: int = 1, **spec: Any) -> str:
        """Order a slideshow; return its job's id."""
        photos = [("images", (f"{number}.jpg", make_photo("red"))) for number in range(count)]
        session_id = self._http.post("/upload_images", files=photos).json()["session_id"]
        body = {"session_id": session_id, **spec}
        return str(self._http.post("/generate_video", json=body).json()["job_id"])

    def order_batch(self, *jobs: dict[str, Any]) -> str:
        """Order slideshows of one photo; return the id of their batch."""
        photo = ("images", ("0.jpg", make_photo("red")))
        session_id = self._http.post("/upload_images", files=[photo]).json()["session_id"]
        body = {"jobs": [{**job, "session_id": session_id} for job in jobs]}
        return str(self._http.post("/generate_batch", json=body).json()["batch_id"])

    def cancel_batch(self, batch_id: str) -> None:
        self._http.post(f"/batch_cancel/{batch_id}").raise_for_status()

    def replace_photos(self, job_id: str, content: bytes) -> None:
        """Put something else where the photos of a job were stored."""
        record = json.loads((self.folder / "jobs" / job_id / "job.json").read_bytes())
        for source in find_inputs(record["work"]):
            (self.folder / source.key).write_bytes(content)

    def await_end(self, job_id: str) -> str:
        url = f"/job_status/{job_id}"
        wait_until(lambda: "ended_at" in self._http.get(url).json(), RENDER_MS / 1000)
        return str(self._http.get(url).json()["status"])


@pytest.fixture
def service(
    start_service: StartServer,
    fork_worker: Callable[..., None],
    redis_url: str,
    tmp_path: Path,
) -> Iterator[Service]:
    settings = {"REDIS_URL": redis_url, "DRAIN_SECONDS": "1", **SETTINGS}
    address = start_service(settings)
    with httpx.Client(base_url=address, timeout=60) as http:
        yield Service(http, address, tmp_path / "data", lambda: fork_worker(settings))


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[[str], Page]]:  # the fixture
    """Open the page of an address as an operator; what its console says fails the test."""
    context = open_context(browser, http_credentials=OPERATOR)
    complaints: list[str] = []

    def open_at(address: str) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(error.message))
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.goto(f"{address}/admin")
        return page

    yield open_at
    context.close()
    assert complaints == []


def find_panel(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=re.compile(rf"^{name}\b"))


def find_row(page: Page, panel: str, job_id: str) -> Locator:
    return find_panel(page, panel).locator(f'[data-id="{job_id}"]')


def test_failed_job_shows_why_and_runs_again(
    service: Service, open_page: Callable[[str], Page]
) -> None:
    job_id = service.order(**SHORT)
    service.replace_photos(job_id, b"torn")
    page = open_page(service.address)
    expect(find_row(page, "Waiting", job_id)).to_contain_text("number 1 in turn")
    expect(find_panel(page, "Running")).to_contain_text("Nothing is being rendered")
    notice = page.get_by_text("No worker is running, so all jobs wait")
    expect(notice).to_be_visible()
    expect(find_panel(page, "Health")).to_contain_text("not well: no worker is running")
    service.start_worker()
    expect(notice).to_be_hidden()
    row = find_row(page, "Failed", job_id)
    expect(row).to_contain_text("0.jpg: the stored file was damaged", timeout=RENDER_MS)
    row.get_by_text("Log", exact=True).click()
    expect(row.get_by_role("region", name="Log of the job")).to_contain_text("Traceback")
    service.replace_photos(job_id, make_photo())
    row.get_by_role("button", name=f"Run again: Slideshow {job_id[:8]}").press("Enter")
    expect(page.get_by_role("status").filter(has_text="One job runs again.")).to_be_attached()
    assert service.await_end(job_id) == "finished"
    expect(find_panel(page, "Failed")).to_contain_text("No job has failed")
    expect(find_panel(page, "What operators did")).to_contain_text(f"Requeue {job_id[:8]}")


def test_job_waits_while_the_workers_are_paused(
    service: Service, open_page: Callable[[str], Page]
) -> None:
    service.start_worker()
    service.await_end(service.order(**SHORT))  # from then on the worker waits for the next job
    page = open_page(service.address)
    workers = find_panel(page, "Workers and web")
    workers.get_by_role("button", name="Pause the workers").press("Enter")
    expect(page.get_by_text("The workers are paused. They finish")).to_be_visible()
    expect(workers).to_contain_text("suspended")
    expect(workers.get_by_role("button", name="Resume the workers")).to_be_focused()
    health = find_panel(page, "Health")
    expect(health).to_contain_text("not well: the workers are paused")
    job_id = service.order(**SHORT)
    row = find_row(page, "Waiting", job_id)
    expect(row).to_be_visible()
    page.wait_for_timeout(3000)
    expect(row).to_be_visible()
    page.get_by_role("button", name="Resume the workers").click()
    assert service.await_end(job_id) == "finished"
    expect(row).to_have_count(0)
    expect(page.get_by_text("The workers are paused. They finish")).to_be_hidden()
    actions = find_panel(page, "What operators did").locator("b")
    expect(actions).to_have_text(["Resume", "Pause"])


def test_running_job_shows_its_progress_and_is_cancelled_only_if_that_is_meant(
    service: Service, open_page: Callable[[str], Page]
) -> None:
    service.start_worker()
    job_id = service.order(6, **LONG)
    page = open_page(service.address)
    row = find_row(page, "Running", job_id)
    progress = row.get_by_role("progressbar", name=f"Progress of Slideshow {job_id[:8]}")
    expect(progress).to_be_visible(timeout=RENDER_MS)
    expect(progress).not_to_have_js_property("value", 0, timeout=RENDER_MS)
    expect(find_panel(page, "Workers and web")).to_contain_text(f"renders {job_id[:8]}")
    row.get_by_role("button", name="Cancel").click()
    dialog = page.get_by_role("dialog", name=f"Cancel job {job_id[:8]}?")
    expect(dialog.get_by_role("button", name="Keep as it is")).to_be_focused()
    page.keyboard.press("Escape")
    expect(row).to_be_visible()
    row.get_by_role("button", name="Cancel").click()
    dialog.get_by_role("button", name="Cancel the job").click()
    expect(row).to_have_count(0)
    assert service.await_end(job_id) == "canceled"
    expect(find_panel(page, "What operators did")).to_contain_text(f"Cancel {job_id[:8]}")


def test_page_shows_batches_and_what_their_jobs_wait_for(
    service: Service, open_page: Callable[[str], Page]
) -> None:
    later = (now() + timedelta(hours=1)).isoformat()
    batch_id = service.order_batch(
        {**SHORT, "kind": "slideshow", "name": "first", "run_at": later},
        {**SHORT, "kind": "slideshow", "depends_on": ["first"]},
    )
    page = open_page(service.address)
    expect(find_panel(page, "Batches")).to_contain_text(f"Batch {batch_id[:8]}")
    expect(find_panel(page, "Batches")).to_contain_text("0 of 2 finished, 0 failed · 0 %")
    expect(find_panel(page, "Scheduled")).to_contain_text("Waiting for its time · due ")
    expect(find_panel(page, "Deferred")).to_contain_text("Waiting for the jobs that it needs · ")
    batches = find_panel(page, "Batches")
    first = find_panel(page, "Scheduled").get_by_role("listitem").filter(has_text="first")
    first.get_by_role("link", name=f"batch {batch_id[:8]}").click()
    expect(page.locator(":target")).to_contain_text(f"Batch {batch_id[:8]}")
    batches.get_by_text("Jobs", exact=True).click()
    batches.get_by_role("link", name="first").click()
    expect(page.locator(":target")).to_contain_text("Slideshow first")
    batches.get_by_role("button", name=f"Cancel: Batch {batch_id[:8]}").click()
    page.get_by_role("button", name="Cancel the batch").click()
    expect(batches).to_contain_text("0 of 2 finished, 0 failed, 2 cancelled")
    expect(batches.get_by_text("cancelled", exact=True)).to_be_visible()
    expect(batches.get_by_text("first cancelled", exact=True)).to_be_visible()
    expect(batches.get_by_role("link")).to_have_count(0)  # none of them has a row any more
    batches.get_by_role("button", name=f"Run again: Batch {batch_id[:8]}").click()
    expect(batches).to_contain_text("queued")
    expect(find_panel(page, "What operators did")).to_contain_text("Retry batch")
    for panel in ("Webhooks", "Periodic work", "Queues"):
        expect(find_panel(page, panel)).to_be_visible()
        expect(find_panel(page, panel).get_by_text("Asking the service")).to_be_hidden()


def test_second_page_shows_what_becomes_of_its_batches(
    service: Service, open_page: Callable[[str], Page]
) -> None:
    jobs = [{**SHORT, "kind": "slideshow"}]
    first, second, *_ = [service.order_batch(*jobs) for _ in range(22)]
    page = open_page(service.address)
    find_panel(page, "Batches").get_by_role("button", name="Next").click()
    find_row(page, "Batches", first).get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel the batch").click()
    expect(find_row(page, "Batches", first)).to_contain_text("1 cancelled")
    service.cancel_batch(second)
    expect(find_row(page, "Batches", second)).to_contain_text("1 cancelled")


@pytest.mark.parametrize("mode", ["inline", "redis"])
def test_all_parts_come_by_events(
    request: pytest.FixtureRequest,
    start_service: StartServer,
    fork_worker: Callable[..., None],
    open_page: Callable[[str], Page],
    tmp_path: Path,
    mode: str,
) -> None:
    hooks = {"WEBHOOK_SECRET": "whsec_" + "c2VjcmV0" * 4, "WEBHOOK_HOSTS": "127.0.0.1"}
    redis = {"REDIS_URL": request.getfixturevalue("redis_url")} if mode == "redis" else {}
    settings = {**SETTINGS, **hooks, **redis}
    address = start_service(settings)
    page = open_page("about:blank#")
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url.removeprefix(address)))
    page.goto(f"{address}/admin")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(find_panel(page, "Batches")).to_contain_text("There are no batches.")
    expect(find_panel(page, "Webhooks")).to_contain_text("No order has asked for a webhook.")
    with httpx.Client(base_url=address, timeout=60) as http, receiving() as receiver:
        service = Service(http, address, tmp_path / "data", lambda: fork_worker(settings))
        batch_id = service.order_batch({**SHORT, "kind": "slideshow"})
        batch = find_row(page, "Batches", batch_id)
        expect(batch).to_contain_text("0 of 1 finished")
        if redis:
            expect(find_panel(page, "Health")).to_contain_text("not well: no worker is running")
            expect(find_panel(page, "Queues")).to_contain_text("no-workers")
            service.start_worker()
            expect(find_panel(page, "Health")).not_to_contain_text("not well")
        expect(batch).to_contain_text("1 of 1 finished", timeout=RENDER_MS)
        # Without Redis one video renders at a time.
        service.order(**SHORT, title={"text": "The end"}, callback_url=receiver.url)
        webhook = find_panel(page, "Webhooks").get_by_role("listitem")
        expect(webhook).to_contain_text("delivered", timeout=RENDER_MS)
        usage = find_panel(page, "Periodic work").get_by_role("listitem").filter(has_text="Usage")
        expect(usage).to_contain_text("are stored")
        expect(find_panel(page, "Queues")).to_contain_text("2 finished", timeout=RENDER_MS)
        expect(find_panel(page, "Queues")).to_contain_text("the storage held")
        if redis:
            page.get_by_role("button", name="Pause the workers").click()
            expect(find_panel(page, "Queues")).to_contain_text("paused")
            expect(find_panel(page, "Health")).to_contain_text("the workers are paused")
    assert [path for path in asked if path.startswith(("/admin", "/health"))] == [
        *("/admin", "/admin/events"),
        *(["/admin/pause"] if redis else []),
    ]


def test_page_asks_by_itself_where_no_stream_comes_through(
    service: Service,
    browser: Browser,
) -> None:
    context = open_context(browser, http_credentials=OPERATOR)
    page = context.new_page()
    page.route("**/admin/events", lambda route: route.fulfill(status=503, json={"detail": "Full."}))
    page.goto(f"{service.address}/admin")
    expect(page.get_by_text("Asking every 5 seconds")).to_be_visible()
    job_id = service.order(**SHORT)
    expect(find_row(page, "Waiting", job_id)).to_be_visible()
    context.close()


def test_page_of_a_list_that_does_not_come_says_why_and_is_turned_to_again(
    start_server: StartServer, browser: Browser
) -> None:
    context = open_context(browser, http_credentials=OPERATOR)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(error.message))
    desk.tell(page, is_busy=True)
    second = re.compile(r"/admin/jobs\?status=failed&page=2$")
    page.route(second, lambda route: route.fulfill(status=503, json={"detail": "It is away."}))
    page.goto(f"{start_server(SETTINGS)}/admin")
    failed = find_panel(page, "Failed")
    following = failed.get_by_role("button", name="Next")
    following.click()
    expect(failed.get_by_role("alert")).to_have_text("It is away.")
    expect(failed).to_contain_text("Page 1 of 3")
    first = re.compile(r"/admin/jobs\?status=failed$")
    page.route(first, lambda route: route.fulfill(json=desk.paginate("jobs", desk.FAILED[:1], 46)))
    expect(failed.locator("[data-part=count]")).to_have_text("46")  # news came by itself
    expect(failed.get_by_role("alert")).to_have_text("It is away.")
    batches = find_panel(page, "Batches")
    batches.get_by_text("Jobs", exact=True).last.click()
    batches.get_by_role("link", name="film").click()
    expect(batches.get_by_role("alert")).to_contain_text("not on the pages that are shown")
    page.route(second, lambda route: route.abort())
    following.click()
    expect(failed.get_by_role("alert")).to_contain_text("connection to the server was lost")
    later = {**desk.paginate("jobs", desk.WAITING, 47), "page": 2}
    page.route(second, lambda route: route.fulfill(json=later))
    following.click()
    expect(failed).to_contain_text("Page 2 of 3")
    expect(failed.get_by_role("alert")).to_be_hidden()
    assert faults == []
    context.close()


def test_page_begins_with_what_runs_waits_and_failed(
    service: Service, open_page: Callable[[str], Page]
) -> None:
    page = open_page(service.address)
    page.set_viewport_size({"width": 360, "height": 740})
    expect(find_panel(page, "Failed")).to_contain_text("No job has failed")
    panels = [find_panel(page, name) for name in ("Running", "Waiting", "Failed")]
    heights = [
        box["y"] for box in measure_all(*panels, page.get_by_role("button", name="Clean up"))
    ]
    assert heights == sorted(heights)


def test_cleanup_is_confirmed_and_done_by_the_worker(
    service: Service, open_page: Callable[[str], Page]
) -> None:
    service.start_worker()
    page = open_page(service.address)
    page.get_by_role("button", name="Clean up").click()
    page.get_by_role("button", name="Delete them").click()
    audit = find_panel(page, "What operators did")
    expect(audit).to_contain_text("asked for")
    expect(audit).to_contain_text("service · deleted files: 0")


def test_logs_of_the_worker_are_shown(service: Service, open_page: Callable[[str], Page]) -> None:
    service.start_worker()
    page = open_page(service.address)
    expect(find_panel(page, "Workers and web").get_by_text("idle")).to_be_visible()
    page.get_by_text("Logs", exact=True).click()
    lines = page.get_by_role("region", name="Log lines")
    expect(lines).to_be_visible()
    processes = page.get_by_label("Process")

    def list_workers() -> list[str]:
        """Return the names of the workers whose logs have been published."""
        with page.expect_response(re.compile("/logs")):
            page.get_by_role("button", name="Read again").click()
        names = processes.locator("option").all_text_contents()
        return [name for name in names if "." not in name]

    wait_for(page, lambda: bool(list_workers()))
    processes.select_option(list_workers()[0])
    # It may have published its log before it wrote that.
    wait_for(page, lambda: bool(list_workers()) and "Listening on high" in lines.inner_text())
    assert OPERATOR["password"] not in lines.inner_text()


def test_page_of_a_service_without_redis_has_nothing_to_pause(
    start_service: StartServer, open_page: Callable[[str], Page]
) -> None:
    page = open_page(start_service(SETTINGS))
    expect(find_panel(page, "Workers and web")).to_contain_text("idle")
    expect(find_panel(page, "Health")).to_contain_text("no Redis, well")
    expect(page.get_by_role("button", name="Pause the workers")).to_have_count(0)


def test_page_fits_its_window_and_keeps_no_one_out(
    service: Service, open_page: Callable[[str], Page]
) -> None:
    failed = service.order(**SHORT)
    service.replace_photos(failed, b"torn")
    service.start_worker()
    service.await_end(failed)
    page = open_page(service.address)
    page.get_by_role("button", name="Pause the workers").click()
    expect(find_panel(page, "Workers and web")).to_contain_text("suspended")
    service.order(**SHORT)
    expect(find_panel(page, "Waiting")).to_contain_text("number 1 in turn")
    find_row(page, "Failed", failed).get_by_text("Log", exact=True).click()
    for width in (360, 1440):
        check_width(page, width)
        buttons = page.get_by_role("button").filter(visible=True).all()
        for button, box in zip(buttons, measure_all(*buttons), strict=True):
            assert box["height"] >= 44, (width, button.inner_text())
        assert find_faults_of_themes(page) == [], width
