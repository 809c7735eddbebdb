"""The routes of an owner's jobs: list them, delete them with all that is theirs, and sessions."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import Mock

import pytest
from flask.testing import FlaskClient
from redis import Redis

from reelqueue.jobs.model import EndStatus, Job, LiveState, Need, Outcome, Status, now
from reelqueue.jobs.priorities import Priority
from reelqueue.upkeep.retention.sweep import Retention
from tests.web.conftest import (
    SMALL,
    UNKNOWN,
    OpenSite,
    Site,
    make_photo,
    post_json,
    read_problem,
    upload,
)


def place_order(client: FlaskClient, **order: Any) -> str:
    session = upload(client, [("red.jpg", make_photo())])["session_id"]
    return str(post_json(client, "/generate_video", {"session_id": session, **order})["job_id"])


def list_jobs(client: FlaskClient, query: str = "") -> dict[str, Any]:
    response = client.get(f"/jobs{query}")
    assert response.status_code == 200, response.text
    assert isinstance(response.json, dict)
    return response.json


def list_ids(client: FlaskClient, query: str = "") -> list[str]:
    return [job["job_id"] for job in list_jobs(client, query)["jobs"]]


def find_owner(client: FlaskClient) -> str:
    with client.session_transaction() as session:
        return str(session["owner"])


def store_job(site: Site, owner: str, number: int, kind: str = "slideshow", **terms: Any) -> str:
    """Store a job as if it had been accepted `number` seconds after the first."""
    job = Job(
        id=f"00000000-0000-4000-8000-{number:012}",
        owner=owner,
        created_at=now() + timedelta(seconds=number - 1000),
        priority=Priority.DEFAULT,
        request_hash="h",
        estimated_seconds=1,
        **{"work": {"kind": kind, "spec": {}, "photos": []}, **terms},
    )
    site.services.ledger.accept(job)
    return job.id


# --- listing ------------------------------------------------------------------------------------


def test_jobs_are_listed_newest_first_as_their_status_tells(queue_site: Site) -> None:
    browser = queue_site.open_browser()
    ids = [place_order(browser) for _ in range(3)]
    place_order(queue_site.open_browser())
    answer = list_jobs(browser)
    statuses = [browser.get(f"/job_status/{job_id}").json for job_id in reversed(ids)]
    assert answer == {"jobs": statuses, "total": 3, "page": 1, "per_page": 20}


def test_jobs_come_in_pages(queue_site: Site) -> None:
    browser = queue_site.open_browser()
    ids = [store_job(queue_site, find_owner(browser), number) for number in range(7)]
    pages = [list_ids(browser, f"?per_page=3&page={page}") for page in (1, 2, 3, 4)]
    assert pages == [ids[:3:-1], ids[3:0:-1], ids[:1], []]
    assert list_jobs(browser, "?per_page=3&page=4")["total"] == 7


def test_jobs_are_chosen_by_kind_and_status(queue_site: Site) -> None:
    browser = queue_site.open_browser()
    owner, ledger = find_owner(browser), queue_site.services.ledger
    kinds = ("slideshow", "clip")
    ids = [store_job(queue_site, owner, number, kinds[number % 2]) for number in range(8)]
    ends: list[EndStatus] = [Status.FINISHED, Status.FINISHED, Status.FAILED, Status.CANCELED]
    for job_id, status in zip(ids, ends, strict=False):
        ledger.end(job_id, 1, Outcome.from_live(LiveState(), status))
    ledger.start_again(ledger.read(ids[3]))
    assert list_ids(browser, "?kind=clip") == [ids[7], ids[5], ids[3], ids[1]]
    assert list_ids(browser, "?status=finished") == [ids[1], ids[0]]
    assert list_ids(browser, "?status=finished&kind=slideshow") == [ids[0]]
    assert list_ids(browser, "?status=failed") == [ids[2]]
    assert list_jobs(browser, "?status=canceled")["total"] == 0
    assert list_ids(browser, "?status=queued&per_page=2") == [ids[7], ids[6]]
    assert list_jobs(browser, "?status=queued&per_page=2")["total"] == 5


def test_outcome_and_not_a_mark_says_how_a_job_ended(queue_site: Site) -> None:
    browser = queue_site.open_browser()
    job_id = store_job(queue_site, find_owner(browser), 1)
    ledger = queue_site.services.ledger
    ledger.end(job_id, 1, Outcome.from_live(LiveState(), Status.FINISHED))
    ledger.marks.add_end(job_id, 1, Status.FAILED)  # as a process leaves it that was killed
    assert list_ids(browser, "?status=failed") == []
    assert list_ids(browser, "?status=finished") == [job_id]


def test_programs_that_share_an_owner_see_no_list(queue_site: Site) -> None:
    program = queue_site.open_client()
    place_order(program)
    problem = read_problem(program.get("/jobs"), 403)
    assert "ids" in problem["detail"]


def test_token_lists_what_was_ordered_with_it(open_site: OpenSite, queue_site: Site) -> None:
    redis_url = queue_site.services.settings.redis_url
    assert redis_url
    site = open_site(API_TOKENS="one-token-of-many,another-token-here", REDIS_URL=redis_url)
    one, other = site.open_client(), site.open_client()
    one.environ_base["HTTP_AUTHORIZATION"] = "Bearer one-token-of-many"
    other.environ_base["HTTP_AUTHORIZATION"] = "Bearer another-token-here"
    job_id = place_order(one)
    assert (list_ids(one), list_ids(other)) == ([job_id], [])
    read_problem(site.open_client().get("/jobs"), 401)


@pytest.mark.parametrize("query", ["kind=film", "status=done", "page=0", "per_page=101", "sort=up"])
def test_query_that_means_nothing_is_explained(queue_site: Site, query: str) -> None:
    problem = read_problem(queue_site.open_browser().get(f"/jobs?{query}"), 422)
    assert problem["field"] == query.partition("=")[0]


@pytest.mark.parametrize("query", ["", "?status=finished"])
def test_list_costs_as_much_if_others_have_many_jobs(
    queue_site: Site, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    browser = queue_site.open_browser()
    store, ledger = queue_site.services.store, queue_site.services.ledger
    for number in range(5):
        job_id = store_job(queue_site, find_owner(browser), number)
        ledger.end(job_id, 1, Outcome.from_live(LiveState(), Status.FINISHED))
    calls: list[str] = []

    def count(name: str) -> None:
        original = getattr(store, name)

        def counted(*arguments: Any) -> Any:
            calls.append(name)
            return original(*arguments)

        monkeypatch.setattr(store, name, counted)

    for name in ("list", "find", "read", "write", "create", "delete"):
        count(name)
    assert len(list_ids(browser, query)) == 5
    costs = [len(calls)]
    assert costs[0] < 25
    for _ in range(2):
        calls.clear()
        assert len(list_ids(browser, query)) == 5
        costs.append(len(calls))
        for number in range(100, 150):
            ended = number % 2
            job_id = store_job(queue_site, "stranger", number)
            if ended:
                ledger.end(job_id, 1, Outcome.from_live(LiveState(), Status.FAILED))
    assert costs[1] == costs[2] < costs[0]  # what was read once is known


def test_held_jobs_are_chosen_by_their_marks_alone(
    queue_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = queue_site.open_browser()
    owner, services = find_owner(browser), queue_site.services
    terms: list[dict[str, Any]] = [
        {"run_at": now() + timedelta(hours=1)},
        {"run_at": now() - timedelta(hours=1)},
        {"needs": (Need(job_id=UNKNOWN, name="talk"),)},
        {"run_at": now() + timedelta(hours=1), "needs": (Need(job_id=UNKNOWN, name="talk"),)},
    ]
    ids = [store_job(queue_site, owner, number, **terms[number % 4]) for number in range(40)]
    services.ledger.end(ids[0], 1, Outcome.from_live(LiveState(), Status.CANCELED))
    services.ledger.marks.unhold(ids[0], 1)
    services.ledger.marks.release(ids[4], 1)
    read = Mock(wraps=services.ledger.read)
    monkeypatch.setattr(services.ledger, "read", read)
    for status, numbers in {
        "scheduled": [number for number in range(8, 40) if number % 4 in (0, 3)] + [3, 7],
        "deferred": range(2, 40, 4),
        "queued": [4, *range(1, 40, 4)],
        "canceled": [0],
        "finished": [],
        "started": [],
    }.items():
        read.reset_mock()
        answer = list_jobs(browser, f"?status={status}&per_page=3")
        expected = [ids[number] for number in sorted(numbers, reverse=True)]
        assert [job["job_id"] for job in answer["jobs"]] == expected[:3], status
        assert answer["total"] == len(expected), status
        assert {call.args[0] for call in read.mock_calls} <= {ids[0], ids[4], *expected[:3]}


def test_held_job_that_an_earlier_version_marked_is_read(queue_site: Site) -> None:
    browser = queue_site.open_browser()
    owner, store = find_owner(browser), queue_site.services.store
    job_id = store_job(queue_site, owner, 1, run_at=now() + timedelta(hours=1))
    (mark,) = store.list(f"owners/{owner}")
    store.write(re.sub(r"\.at[0-9]+", "", mark.key), b"")
    store.delete(mark.key)
    assert list_ids(browser, "?status=scheduled") == [job_id]
    assert browser.delete(f"/jobs/{job_id}").status_code == 204
    assert store.list(f"owners/{owner}") == []


def test_jobs_of_the_time_before_the_list_are_added_by_retention(queue_site: Site) -> None:
    browser = queue_site.open_browser()
    services = queue_site.services
    ids = [store_job(queue_site, find_owner(browser), number) for number in range(4)]
    canceled = Outcome.from_live(LiveState(), Status.CANCELED)
    services.ledger.end(ids[0], 1, canceled)
    marks = [entry.key for name in ("owners", "canceled") for entry in services.store.list(name)]
    services.store.delete(*marks)
    assert list_ids(browser) == []
    Retention(services).sweep()
    assert list_ids(browser) == ids[::-1]
    assert list_ids(browser, "?status=canceled") == ids[:1]
    assert sorted(marks) == [
        entry.key for name in ("canceled", "owners") for entry in services.store.list(name)
    ]


# --- deleting -----------------------------------------------------------------------------------


def list_left(site: Site, job_id: str) -> list[str]:
    left = [key for key in site.list_stored() if job_id in key]
    return [key for key in left if key != f"deleted/{job_id}"]


@pytest.mark.render
def test_finished_job_is_deleted_with_its_files_and_its_note(site: Site) -> None:
    browser = site.open_browser()
    session = upload(browser, [("red.jpg", make_photo())])["session_id"]
    order = {"session_id": session, **SMALL}
    job_id = post_json(browser, "/generate_video", order)["job_id"]
    assert [key for key in site.list_stored() if key.startswith("renders/")]
    answer = browser.delete(f"/jobs/{job_id}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert list_left(site, job_id) == []
    assert [key for key in site.list_stored() if key.startswith("renders/")] == []
    assert list_ids(browser) == []
    for path in ("job_status", "job_events", "download", "poster"):
        assert browser.get(f"/{path}/{job_id}").status_code == 404
    again = post_json(browser, "/generate_video", order)
    assert again["status"] == "finished"
    assert "reused" not in again["result"]


@pytest.mark.render
def test_job_that_reused_the_deleted_result_keeps_its_copy(site: Site) -> None:
    browser = site.open_browser()
    session = upload(browser, [("red.jpg", make_photo())])["session_id"]
    order = {"session_id": session, **SMALL}
    first = post_json(browser, "/generate_video", order)["job_id"]
    second = post_json(browser, "/generate_video", order)
    assert browser.delete(f"/jobs/{first}").status_code == 204
    assert browser.get(second["result"]["download_url"]).status_code == 200
    assert post_json(browser, "/generate_video", order)["result"]["reused"] is True


@pytest.mark.parametrize("is_ended", [False, True])
def test_waiting_and_cancelled_jobs_leave_neither_storage_nor_redis_anything(
    queue_site: Site, redis_url: str, is_ended: bool
) -> None:
    browser = queue_site.open_browser()
    job_id, other = place_order(browser), place_order(browser)
    if is_ended:
        post_json(browser, f"/job_cancel/{job_id}", {})
    assert browser.delete(f"/jobs/{job_id}").status_code == 204
    assert list_left(queue_site, job_id) == []
    with Redis.from_url(redis_url) as connection:
        assert connection.keys(f"*{job_id}*") == []
        assert connection.lrange("rq:queue:default", 0, -1) == [other.encode()]


def test_unknown_and_foreign_ids_are_told_apart_by_nothing(queue_site: Site) -> None:
    owner, stranger = queue_site.open_browser(), queue_site.open_browser()
    session = upload(owner, [("red.jpg", make_photo())])["session_id"]
    job_id = post_json(owner, "/generate_video", {"session_id": session})["job_id"]
    before = queue_site.list_stored()
    for path, known in (("/jobs", job_id), ("/sessions", session)):
        foreign = read_problem(stranger.delete(f"{path}/{known}"), 404)
        unknown = read_problem(stranger.delete(f"{path}/{UNKNOWN}"), 404)
        assert foreign["detail"].replace(known, UNKNOWN) == unknown["detail"]
        read_problem(stranger.delete(f"{path}/..%2F..%2Fsettings"), 404)
    assert queue_site.list_stored() == before
    assert owner.get(f"/job_status/{job_id}").status_code == 200


def test_other_site_cannot_delete(queue_site: Site) -> None:
    browser = queue_site.open_browser()
    job_id = place_order(browser)
    headers = {"Origin": "https://elsewhere.example"}
    read_problem(browser.delete(f"/jobs/{job_id}", headers=headers), 403)
    assert list_ids(browser) == [job_id]


@pytest.mark.render
def test_late_copy_of_an_order_does_not_bring_a_deleted_job_back(any_site: Site) -> None:
    browser = any_site.open_browser()
    session = upload(browser, [("red.jpg", make_photo())])["session_id"]
    order, key = {"session_id": session, **SMALL}, {"Idempotency-Key": "holiday"}
    job_id = post_json(browser, "/generate_video", order, **key)["job_id"]
    assert browser.delete(f"/jobs/{job_id}").status_code == 204
    problem = read_problem(browser.post("/generate_video", json=order, headers=key), 422)
    assert "deleted" in problem["detail"]
    assert list_left(any_site, job_id) == []


def test_order_sent_again_is_listed_though_the_process_that_took_it_was_killed(
    queue_site: Site,
) -> None:
    browser = queue_site.open_browser()
    session = upload(browser, [("red.jpg", make_photo())])["session_id"]
    order, key = {"session_id": session, **SMALL}, {"Idempotency-Key": "holiday"}
    job_id = post_json(browser, "/generate_video", order, **key)["job_id"]
    ledger = queue_site.services.ledger
    ledger.index.remove(ledger.read(job_id).job)
    assert list_ids(browser) == []
    assert post_json(browser, "/generate_video", order, **key)["job_id"] == job_id
    assert list_ids(browser) == [job_id]


def test_deletes_cancels_and_retries_at_once_leave_nothing(queue_site: Site) -> None:
    for _ in range(5):
        browser = queue_site.open_browser()
        job_id = place_order(browser)
        post_json(browser, f"/job_cancel/{job_id}", {})
        cookie = browser.get_cookie("session")
        assert cookie
        call = partial(call_as, queue_site, cookie.value)
        calls = [("POST", f"/job_retry/{job_id}"), ("POST", f"/job_cancel/{job_id}")] * 2
        calls += [("DELETE", f"/jobs/{job_id}")] * 2
        with ThreadPoolExecutor(len(calls)) as pool:
            codes = list(pool.map(call, *zip(*calls, strict=True)))
        assert set(codes) <= {200, 204, 404, 409}, codes
        assert 204 in codes
        assert list_left(queue_site, job_id) == []


def call_as(site: Site, cookie: str, method: str, path: str) -> int:
    client = site.open_client()
    client.set_cookie("session", cookie)
    return client.open(path, method=method).status_code


# --- sessions -----------------------------------------------------------------------------------


def test_session_is_deleted_once_no_job_needs_it(queue_site: Site) -> None:
    browser = queue_site.open_browser()
    session = upload(browser, [("red.jpg", make_photo())])["session_id"]
    job_id = post_json(browser, "/generate_video", {"session_id": session})["job_id"]
    problem = read_problem(browser.delete(f"/sessions/{session}"), 409)
    assert job_id in problem["detail"]
    post_json(browser, f"/job_cancel/{job_id}", {})
    assert browser.delete(f"/sessions/{session}").status_code == 204
    assert [key for key in queue_site.list_stored() if session in key] == []
    read_problem(browser.post(f"/job_retry/{job_id}"), 409)
    read_problem(browser.delete(f"/sessions/{session}"), 404)


@pytest.mark.render
def test_video_outlives_its_session(site: Site) -> None:
    browser = site.open_browser()
    session = upload(browser, [("red.jpg", make_photo())])["session_id"]
    answer = post_json(browser, "/generate_video", {"session_id": session, **SMALL})
    assert browser.delete(f"/sessions/{session}").status_code == 204
    assert browser.get(answer["result"]["download_url"]).status_code == 200
    assert list_ids(browser) == [answer["job_id"]]


def test_session_lists_what_is_left_of_its_uploads(queue_site: Site) -> None:
    browser = queue_site.open_browser()
    answer = upload(browser, [("red.jpg", make_photo()), ("blue.jpg", make_photo("blue"))])
    url = f"/sessions/{answer['session_id']}"
    ids = sorted(image["id"] for image in answer["images"])
    empty = {"success": True, "session_id": answer["session_id"], "uploads": []}
    assert browser.get(url).json == {**empty, "uploads": ids}
    assert queue_site.open_browser().get(url).json == empty
    assert browser.get(f"/sessions/{UNKNOWN}").json == {**empty, "session_id": UNKNOWN}
    read_problem(browser.get("/sessions/..%2F..%2Fsettings"), 404)
    assert browser.delete(url).status_code == 204
    assert browser.get(url).json == empty
