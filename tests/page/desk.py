"""What the operators' page is told in its states: a busy service in trouble, and a quiet one."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Page, Route, expect

DAY = "2026-07-14"
IDS = [f"{number:02x}5b1c4e-8d07-4c4f-9f8e-0f8f3c6f9a10" for number in range(0x10, 0xFF, 9)]
ADDRESS = "192.0.2.17"
LOG = """\
10:41:07 INFO preparing 12 photos
10:41:09 ERROR the render failed
Traceback (most recent call last):
  File "/app/reelqueue/workers/attempt.py", line 88, in render
reelqueue.errors.UnreadableMediaError: IMG_2041.jpg: the stored file was damaged
"""
DAMAGED = "IMG_2041.jpg: the stored file was damaged after it was uploaded: upload it again."


def at(clock: str) -> str:
    return f"{DAY}T{clock}.000Z"


def list_job(number: int, status: str, clock: str, **facts: Any) -> dict[str, Any]:
    """Return a job as an operator is told of it."""
    return {
        "job_id": IDS[number],
        "kind": "clip" if number % 3 == 2 else "slideshow",
        "status": status,
        "stage": "rendering" if status == "started" else "queued",
        "message": "Rendering the pictures." if status == "started" else "Waiting for a worker.",
        "attempts": 1,
        "created_at": at(clock),
        "queue": ("default", "high", "low")[number % 3],
        "priority": (5, 8, 1)[number % 3],
        "owner": f"{number + 0xA3:02x}41",
        "run": 1,
        **facts,
    }


def paginate(name: str, entries: list[Any], total: int | None = None) -> dict[str, Any]:
    return {
        name: entries,
        "total": len(entries) if total is None else total,
        "page": 1,
        "per_page": 20,
    }


RUNNING = [
    list_job(0, "started", "11:58:10", progress=42, eta_seconds=75),
    list_job(2, "started", "11:59:31", progress=7, attempts=2),
]
WAITING = [
    list_job(number, "queued", f"11:5{number}:02", queue_position=number - 2)
    for number in range(3, 6)
]
FAILED = [
    list_job(
        6, "failed", "10:41:02", ended_at=at("10:41:09"), error=DAMAGED, log_tail=LOG, attempts=3
    ),
    list_job(7, "failed", "09:12:44", ended_at=at("09:20:03"), run=2, error="The render failed."),
]
LATER = {"message": "Waiting for its time.", "run_at": at("18:00:00")}
NEEDS = {"message": "Waiting for the jobs that it needs."}
BATCHES = [
    {"batch_id": IDS[9], "status": "running", "total": 12, "finished": 7, "failed": 0}
    | {"canceled": 0, "progress": 61, "created_at": at("11:40:00")}
    | {"jobs": [{"job_id": IDS[11], "name": "opening", "status": "deferred"}]},
    {"batch_id": IDS[10], "status": "failed", "total": 5, "finished": 4, "failed": 1}
    | {"canceled": 0, "progress": 100, "created_at": at("08:00:00"), "ended_at": at("08:31:00")}
    | {"jobs": [{"job_id": IDS[7], "name": "film", "status": "failed"}]},
]
WEBHOOKS = [
    {"webhook_id": "msg_1", "type": "job.failed", "job_id": IDS[6], "host": "hooks.example.com"}
    | {"occurred_at": at("10:41:09"), "state": "waiting", "next_at": at("12:11:00")}
    | {"attempts": [{"status_code": 503, "error": "The receiver answered 503."}]},
    {"webhook_id": "msg_2", "type": "job.finished", "job_id": IDS[0], "host": "hooks.example.com"}
    | {"occurred_at": at("10:12:31"), "state": "delivered", "attempts": [{"status_code": 204}]},
]
WORKERS = [
    {"name": "render-1.4f2a", "role": "worker", "state": "busy", "job_id": IDS[0]}
    | {"version": "1.0.0", "since": at("06:00:00"), "heartbeat": at("11:59:55")},
    {"name": "render-2.91cc", "role": "worker", "state": "draining", "job_id": IDS[2]}
    | {"version": "1.0.0", "since": at("06:00:02"), "heartbeat": at("11:59:51")},
    {"name": "web-1.07be", "role": "web", "state": "serving"}
    | {"version": "1.0.0", "since": at("05:59:40"), "heartbeat": at("11:59:58")},
]
AUDIT = [
    {"at": at("11:20:14"), "who": "operator", "address": ADDRESS, "action": "requeue"}
    | {"target": IDS[7], "result": "ok"},
    {"at": at("07:02:51"), "who": "operator", "address": ADDRESS, "action": "pause"}
    | {"target": "", "result": "ok"},
]
SCHEDULES = [
    {"name": "cleanup", "schedule": "every 10 minutes", "last_run": at("11:50:00"), "ok": True}
    | {"next_run": at("12:00:30"), "outcome": "3 sessions and 1 job were deleted."},
    {"name": "daily_report", "schedule": "daily at 00:10 UTC", "last_run": at("00:10:00")}
    | {"next_run": "2026-07-15T00:10:00Z", "ok": False, "outcome": "REPORT_URL does not answer."},
]
HEALTH = {
    "status": "ok",
    "queue": {"mode": "redis", "ok": True},
    "storage": {"ok": True},
    "disk": {"ok": True},
    "workers": 2,
}


def count_queue(name: str, health: str, waiting: int, running: int, done: int) -> dict[str, Any]:
    oldest = 734.0 if waiting else 0.0
    waited = {"count": done, "mean": 41.2, "p50": 22.5, "p95": 184.0} if done else {"count": 0}
    failed = 2 if waiting else 0
    return {"name": name, "health": health, "waiting": waiting, "oldest_waiting": oldest} | {
        "running": running,
        "waited": waited,
        "failed": failed,
        "done": done,
    }


def count_all(is_busy: bool) -> dict[str, Any]:
    """Return what is counted of the last day."""
    finished = [0, 0, 1, 0, 0, 3, 8, 14, 21, 17, 26, 31, 24, 19, 28, 33, 12, 7, 4, 2, 6, 9, 15, 11]
    begins = [f"2026-07-13T{hour:02}:00:00Z" for hour in range(12, 24)]
    begins += [f"{DAY}T{hour:02}:00:00Z" for hour in range(12)]
    hours = [
        {"begin": begin, "finished": count * is_busy, "failed": count // 12 * is_busy}
        | {"waiting": {"p50": 46.0 - count} if count and is_busy else {}}
        for begin, count in zip(begins, finished, strict=True)
    ]
    late = {"name": "waiting", "since": at("11:49:00"), "text": "A job waits for 12 minutes."}
    areas = {"uploads": {"bytes": 4_210_000_000}, "jobs": {"bytes": 871_000_000}}
    rows = [("high", "ok", 0, 0, 12), ("default", "late", 3, 2, 254), ("low", "ok", 0, 0, 25)]
    idle = [(name, "ok", 0, 0, 0) for name, *_ in rows]
    return {
        "queues": [count_queue(*row) for row in (rows if is_busy else idle)],
        "alerts": [late] if is_busy else [],
        "hours": hours,
        "storage": {"areas": areas if is_busy else {}, "measured_at": at("11:55:00")}
        | ({"free": 18_400_000_000} if is_busy else {}),
    }


JOBS = {
    "started": RUNNING,
    "queued": WAITING,
    "failed": FAILED,
    "scheduled": [list_job(8, "scheduled", "11:02:00", **LATER)],
    "deferred": [list_job(11, "deferred", "11:40:00", name="opening", batch_id=IDS[9], **NEEDS)],
}


def answer(path: str, status: str, is_busy: bool) -> dict[str, Any]:
    """Return what the service says at an address."""
    lists: dict[str, tuple[str, list[Any]]] = {
        "/admin/jobs": ("jobs", JOBS.get(status, [])),
        "/admin/batches": ("batches", BATCHES),
        "/admin/webhooks": ("webhooks", WEBHOOKS),
        "/admin/audit": ("records", AUDIT),
        "/admin/schedules": ("schedules", SCHEDULES),
    }
    if path in lists:
        name, entries = lists[path]
        total = 47 if status == "failed" and is_busy else None
        return paginate(name, entries if is_busy else [], total)
    if path == "/admin/workers":
        workers = WORKERS if is_busy else WORKERS[-1:]
        return {"mode": "redis", "suspended": False, "workers": workers}
    return HEALTH if path == "/health" else count_all(is_busy)


def tell(page: Page, *, is_busy: bool) -> None:
    """Have the page be told the same at all times, and by no stream."""

    def fulfill(route: Route) -> None:
        path, _, query = route.request.url.partition("?")
        path = "/" + path.split("/", 3)[3]
        if path == "/admin/events":
            return route.fulfill(status=503)
        status = query.removeprefix("status=").partition("&")[0]
        body = json.dumps(answer(path, status, is_busy))
        return route.fulfill(body=body, content_type="application/json")

    page.route(re.compile(r"^[^/]+//[^/]+/(admin/|health$)"), fulfill)


def await_all(page: Page) -> None:
    """Wait until all panels show what they were told."""
    expect(page.get_by_text("Asking every 5 seconds")).to_be_visible()
    expect(page.get_by_text("Asking the service.").filter(visible=True)).to_have_count(0)
    page.locator(".desk-foot").evaluate("foot => { foot.firstChild.data = 'Reelqueue 1.0.0 · '; }")
