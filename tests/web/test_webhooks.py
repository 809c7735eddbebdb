"""Webhooks: the service that an order names is told of its end, signed, until it has that."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from threading import Event as Signal
from typing import Any

import pytest
import time_machine
from redis import Redis
from standardwebhooks import Webhook, WebhookVerificationError

from reelqueue.jobs.model import Outcome, Record, Status, now
from reelqueue.jobs.outbox import KEPT_EVENTS, Delivery, EventKey
from reelqueue.jobs.status import to_text
from reelqueue.storage import Store
from reelqueue.submission.batches.accept import complete_arrival
from reelqueue.upkeep.holding import Holding
from reelqueue.upkeep.retention.sweep import Retention
from reelqueue.upkeep.webhooks.sender import DELIVERIES_TO_A_HOST, NEVER_ACCEPTED, Webhooks
from tests.conftest import PATIENCE_SECONDS, wait_until
from tests.receiver import Call, Receiver, receiving
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
from tests.web.operators.conftest import CREDENTIALS, KNOWN

pytestmark = pytest.mark.usefixtures("pretended_probe")

SECRET = "whsec_" + "c2VjcmV0" * 4
OTHER_SECRET = "whsec_" + "b3RoZXIh" * 4
HOSTS = "127.0.0.1, localhost"
SETTINGS = {"WEBHOOK_SECRET": SECRET, "WEBHOOK_HOSTS": HOSTS, **CREDENTIALS}
DAY = timedelta(days=1)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def told_site(open_site: OpenSite, redis_url: str) -> Site:
    """With Redis and without a worker: jobs end when the test says so."""
    return open_site(REDIS_URL=redis_url, **SETTINGS)


def order(site: Site, url: str | None, **fields: Any) -> str:
    client = site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    body = {"session_id": session_id, **SMALL, **fields} | ({"callback_url": url} if url else {})
    answer = post_json(client, "/generate_video", body)
    assert "job_id" in answer, answer
    return str(answer["job_id"])


def end(site: Site, job_id: str, status: Any = Status.FAILED, run: int = 1) -> None:
    """End a job as a worker would."""
    outcome = Outcome(status=status, ended_at=now(), attempts=1, error="It broke.")
    site.services.ledger.end(job_id, run, outcome)


def read_status(site: Site, job_id: str) -> dict[str, Any]:
    status = site.open_client().get(f"/job_status/{job_id}").json
    assert isinstance(status, dict)
    return status


def list_log(site: Site, page: int = 1, per_page: int = 100) -> list[dict[str, Any]]:
    query = {"page": page, "per_page": per_page}
    response = site.open_client().get("/admin/webhooks", query_string=query, headers=KNOWN)
    assert response.status_code == 200, response.text
    assert isinstance(response.json, dict)
    webhooks: list[dict[str, Any]] = response.json["webhooks"]
    return webhooks


def wait_for_state(site: Site, *states: str) -> list[dict[str, Any]]:
    wait_until(lambda: sorted(hook["state"] for hook in list_log(site)) == sorted(states))
    return list_log(site)


def verify(call: Call, secret: str = SECRET) -> dict[str, Any]:
    event: dict[str, Any] = Webhook(secret).verify(call.body, dict(call.headers))
    return event


@pytest.mark.render
def test_service_is_told_of_a_finished_job_without_redis(
    open_site: OpenSite, receiver: Receiver
) -> None:
    site = open_site(**SETTINGS)
    job_id = order(site, receiver.url)
    Webhooks(site.services).step()
    call = receiver.wait()
    status = read_status(site, job_id)
    assert status["status"] == "finished"
    assert verify(call) == {
        "type": "job.finished",
        "timestamp": status["ended_at"],
        "data": status,
    }
    assert call.headers["webhook-id"] == f"job_{job_id}_1"
    assert call.headers["content-type"] == "application/json"
    (hook,) = wait_for_state(site, "delivered")
    assert (hook["job_id"], hook["host"]) == (job_id, "127.0.0.1")
    assert [attempt["status_code"] for attempt in hook["attempts"]] == [204]
    assert not [key for key in site.list_stored() if key.startswith("outbox/")]
    mark = f"statistics/sent/delivered/job_{job_id}_1-1-1"
    wait_until(lambda: site.services.store.find(mark) is not None)


def test_each_run_announces_its_own_end(told_site: Site, receiver: Receiver) -> None:
    job_id = order(told_site, receiver.url)
    webhooks = Webhooks(told_site.services)
    webhooks.step()
    assert receiver.calls == []
    end(told_site, job_id)
    client = told_site.open_client()
    assert post_json(client, f"/job_retry/{job_id}", {})["status"] == "queued"
    webhooks.step()  # the first run is no longer the latest
    first = receiver.wait()
    post_json(client, f"/job_cancel/{job_id}", {})
    webhooks.step()
    second = receiver.wait()
    told = [verify(call) for call in (first, second)]
    assert [event["type"] for event in told] == ["job.failed", "job.canceled"]
    assert told[0]["data"]["error"] == "It broke."
    assert told[1]["data"] == read_status(told_site, job_id)
    ids = [call.headers["webhook-id"] for call in (first, second)]
    assert ids == [f"job_{job_id}_1", f"job_{job_id}_2"]
    wait_for_state(told_site, "delivered", "delivered")
    webhooks.step()
    Webhooks(told_site.services).step()
    assert len(receiver.calls) == 2


def test_signature_covers_the_body_and_is_by_each_secret(
    open_site: OpenSite, redis_url: str, receiver: Receiver
) -> None:
    secrets = {"WEBHOOK_SECRET": f"{SECRET},{OTHER_SECRET}"}
    site = open_site(REDIS_URL=redis_url, **(SETTINGS | secrets))
    end(site, order(site, receiver.url))
    Webhooks(site.services).step()
    call = receiver.wait()
    assert verify(call) == verify(call, OTHER_SECRET)
    forged = Call(call.path, call.headers, call.body.replace(b"failed", b"finished"))
    with pytest.raises(WebhookVerificationError):
        verify(forged)
    with pytest.raises(WebhookVerificationError):
        verify(call, "whsec_" + "d3JvbmchIQ" * 3)


def test_events_survive_the_loss_of_redis(
    told_site: Site, redis_url: str, receiver: Receiver
) -> None:
    ended, running = order(told_site, receiver.url), order(told_site, receiver.url)
    end(told_site, ended)
    with Redis.from_url(redis_url) as connection:
        connection.flushall()
    Webhooks(told_site.services).step()
    assert verify(receiver.wait())["data"]["job_id"] == ended
    end(told_site, running)
    Webhooks(told_site.services).step()
    assert verify(receiver.wait())["data"]["job_id"] == running


def test_runs_that_go_on_cost_no_reads(
    told_site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = order(told_site, receiver.url)
    services = told_site.services
    for number in range(2, 30):
        services.outbox.expect(EventKey("job", job_id, number))
        services.store.write(f"open/{job_id}/{number}", b"")
    real, reads = Store.read, []

    def read(store: Store, key: str) -> bytes | None:
        reads.append(key)
        return real(store, key)

    monkeypatch.setattr(Store, "read", read)
    Webhooks(services).step()
    assert reads == []
    end(told_site, job_id)
    Webhooks(services).step()
    receiver.wait()
    assert reads


def test_refused_delivery_is_tried_again_and_then_forgotten(
    told_site: Site, receiver: Receiver
) -> None:
    answers = iter([500, 404, 301, 200])
    receiver.answer = lambda _: (next(answers), {}, b"no")
    end(told_site, order(told_site, receiver.url))
    webhooks = Webhooks(told_site.services)
    webhooks.step()
    calls = [receiver.wait()]
    wait_until(lambda: [len(hook["attempts"]) for hook in list_log(told_site)] == [1])
    webhooks.step()
    assert len(receiver.calls) == 1, "it is not due yet"
    for later in (timedelta(seconds=6), timedelta(minutes=7), timedelta(minutes=45)):
        with time_machine.travel(now() + later):
            webhooks.step()
            calls.append(receiver.wait())
            wait_until(lambda: len(list_log(told_site)[0]["attempts"]) == len(calls))
            assert verify(calls[-1]) == verify_at(calls[0])
    assert len({call.headers["webhook-id"] for call in calls}) == 1
    assert len({call.headers["webhook-timestamp"] for call in calls}) == 4
    (hook,) = wait_for_state(told_site, "delivered")
    assert [attempt["status_code"] for attempt in hook["attempts"]] == [500, 404, 301, 200]


def verify_at(call: Call) -> dict[str, Any]:
    """Verify a call at the time at which it was made."""
    with time_machine.travel(int(call.headers["webhook-timestamp"]) + 1):
        return verify(call)


def test_service_that_is_gone_is_left_alone(told_site: Site, receiver: Receiver) -> None:
    receiver.answer = lambda _: (410, {}, b"")
    end(told_site, order(told_site, receiver.url))
    Webhooks(told_site.services).step()
    receiver.wait()
    (hook,) = wait_for_state(told_site, "gone")
    assert "next_at" not in hook
    with time_machine.travel(now() + DAY):
        Webhooks(told_site.services).step()
    assert len(receiver.calls) == 1


def test_name_that_leads_into_the_network_is_not_asked(
    open_site: OpenSite, redis_url: str, receiver: Receiver, resolve_to_loopback: str
) -> None:
    site = open_site(REDIS_URL=redis_url, **(SETTINGS | {"WEBHOOK_HOSTS": ""}))
    end(site, order(site, f"http://{resolve_to_loopback}:{receiver.port}/"))
    Webhooks(site.services).step()
    wait_until(lambda: bool(list_log(site)[0]["attempts"]))
    (hook,) = list_log(site)
    assert "127.0.0.1 is no public address" in hook["attempts"][0]["error"]
    assert hook["state"] == "pending"
    assert receiver.calls == []


@pytest.fixture
def resolve_to_loopback(monkeypatch: pytest.MonkeyPatch) -> str:
    """A name of the world outside that resolves to this machine."""
    real = socket.getaddrinfo

    def resolve(host: str, *arguments: Any, **options: Any) -> Any:
        return real("127.0.0.1" if host == "hooks.example.com" else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return "hooks.example.com"


def test_service_that_hangs_holds_up_no_other(told_site: Site, receiver: Receiver) -> None:
    released = Signal()

    def hang(_: Call) -> tuple[int, dict[str, str], bytes]:
        released.wait(PATIENCE_SECONDS)
        return 204, {}, b""

    count = 20
    with receiving() as hanging:
        hanging.answer = hang
        slow = [order(told_site, hanging.url) for _ in range(count)]
        quick = [
            order(told_site, receiver.url.replace("127.0.0.1", "localhost")) for _ in range(count)
        ]
        for job_id in (*slow, *quick):
            end(told_site, job_id)
        Webhooks(told_site.services).step()
        told = {verify(receiver.wait())["data"]["job_id"] for _ in range(count)}
        assert told == set(quick)
        assert len(hanging.calls) == DELIVERIES_TO_A_HOST
        released.set()
        told = {verify(hanging.wait())["data"]["job_id"] for _ in range(count)}
        assert told == set(slow)
        wait_for_state(told_site, *["delivered"] * 2 * count)


def test_operator_has_a_webhook_sent_again(told_site: Site, receiver: Receiver) -> None:
    end(told_site, order(told_site, receiver.url))
    webhooks = Webhooks(told_site.services)
    webhooks.step()
    first = receiver.wait()
    (hook,) = wait_for_state(told_site, "delivered")
    client, body = told_site.open_client(), {"webhook_id": hook["webhook_id"]}
    for _ in range(2):  # a double click
        response = client.post("/admin/webhooks/resend", json=body, headers=KNOWN)
        assert response.json == {"success": True, **body}
    webhooks.step()
    assert receiver.wait().headers["webhook-id"] == first.headers["webhook-id"]
    (hook,) = wait_for_state(told_site, "delivered")
    assert len(hook["attempts"]) == 1
    webhooks.step()
    assert len(receiver.calls) == 2


def test_only_operators_see_webhooks_and_send_them(told_site: Site) -> None:
    client = told_site.open_client()
    assert client.get("/admin/webhooks").status_code == 401
    unknown = {"webhook_id": "job_5f0c6f6e-8d07-4c4f-9f8e-0f8f3c6f9a10_1"}
    assert client.post("/admin/webhooks/resend", json=unknown).status_code == 401
    read_problem(client.post("/admin/webhooks/resend", json=unknown, headers=KNOWN), 404)
    for wrong in ("x", "job_../../x_1", "job_5f0c6f6e-8d07-4c4f-9f8e-0f8f3c6f9a10_1/../2"):
        response = client.post("/admin/webhooks/resend", json={"webhook_id": wrong}, headers=KNOWN)
        assert "GET /admin/webhooks" in read_problem(response, 422)["detail"]


def test_log_shows_the_latest_first_by_pages(told_site: Site, receiver: Receiver) -> None:
    jobs = [order(told_site, receiver.url) for _ in range(3)]
    webhooks = Webhooks(told_site.services)
    for job_id in jobs:
        end(told_site, job_id)
        webhooks.step()
        receiver.wait()
        wait_until(lambda: {hook["state"] for hook in list_log(told_site)} == {"delivered"})
    pages = [list_log(told_site, page=page, per_page=2) for page in (1, 2, 3)]
    assert [[hook["job_id"] for hook in page] for page in pages] == [jobs[:0:-1], jobs[:1], []]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is no public address"),
        ("http://[::1]/", "::1 is no public address"),
        ("http://0xa.1/", "10.0.0.1 is no public address"),
        ("https://redis:6379/", "redis is no public name"),
        ("https://web.railway.internal/", "web.railway.internal is no public name"),
        ("https://example.com:25/", "the port 25 is not allowed"),
        ("https://me:pass@example.com/", "must have no user name or password"),
        ("https://example.com/#x", "must have no part after #"),
        ("ftp://example.com/", "must be an address such as https://"),
        ("example.com/hook", "must be an address such as https://"),
        ("https://example.com/" + "x" * 3000, "must have at most 2083 characters"),
        (7, "must be an address such as https://"),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_order_for_a_wrong_address_is_refused(
    told_site: Site, url: Any, reason: str, dry_run: bool
) -> None:
    client = told_site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    body = {"session_id": session_id, **SMALL, "callback_url": url, "dry_run": dry_run}
    problem = read_problem(client.post("/generate_video", json=body), 422)
    assert problem["field"] == "callback_url"
    assert re.match(f"callback_url: .*{re.escape(reason)}", problem["detail"])
    assert "pass" not in problem["detail"].replace("password", "")
    assert told_site.count_jobs() == 0


def test_order_is_refused_where_no_webhooks_are_sent(open_site: OpenSite, redis_url: str) -> None:
    site = open_site(REDIS_URL=redis_url, **CREDENTIALS)
    client = site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    body = {"session_id": session_id, **SMALL, "callback_url": "https://example.com/"}
    problem = read_problem(client.post("/generate_video", json=body), 422)
    assert "sends no webhooks" in problem["detail"]
    unknown = {"webhook_id": "job_5f0c6f6e-8d07-4c4f-9f8e-0f8f3c6f9a10_1"}
    resent = client.post("/admin/webhooks/resend", json=unknown, headers=KNOWN)
    assert "WEBHOOK_SECRET" in read_problem(resent, 409)["detail"]


def test_mark_of_an_order_that_was_never_accepted_goes_after_a_while(
    told_site: Site, receiver: Receiver
) -> None:
    key = EventKey("job", "5f0c6f6e-8d07-4c4f-9f8e-0f8f3c6f9a10")
    told_site.services.outbox.expect(key)
    webhooks = Webhooks(told_site.services)
    webhooks.step()
    assert told_site.services.outbox.list_marks()[0]
    with time_machine.travel(now() + NEVER_ACCEPTED + timedelta(seconds=1)):
        webhooks.step()
        assert told_site.services.outbox.list_marks() == ([], [])
    assert receiver.calls == []


def test_deleted_job_takes_its_webhooks_with_it(told_site: Site, receiver: Receiver) -> None:
    receiver.answer = lambda _: (500, {}, b"")
    told, running = order(told_site, receiver.url), order(told_site, receiver.url)
    end(told_site, told)
    webhooks = Webhooks(told_site.services)
    webhooks.step()
    receiver.wait()
    wait_until(lambda: not webhooks.is_busy)
    with time_machine.travel(now() + timedelta(hours=169)):
        assert Retention(told_site.services).sweep()
    left = [key for key in told_site.list_stored() if told in key]
    assert left == []
    assert [key for key in told_site.list_stored() if key == f"outbox/expected/job/{running}/1"]
    Webhooks(told_site.services).step()
    assert len(receiver.calls) == 1


def test_webhook_of_a_job_that_is_gone_is_dropped(told_site: Site, receiver: Receiver) -> None:
    receiver.answer = lambda _: (500, {}, b"")
    job_id = order(told_site, receiver.url)
    end(told_site, job_id)
    webhooks = Webhooks(told_site.services)
    webhooks.step()
    receiver.wait()
    wait_until(lambda: not webhooks.is_busy)
    services = told_site.services
    services.ledger.forget(services.ledger.read(job_id))
    with time_machine.travel(now() + timedelta(minutes=1)):
        Webhooks(services).step()
        wait_until(lambda: not list_log(told_site))
    assert len(receiver.calls) == 1


def test_event_of_a_later_version_holds_up_no_other(told_site: Site, receiver: Receiver) -> None:
    later, known = (order(told_site, receiver.url) for _ in range(2))
    store = told_site.services.store
    store.write(f"webhooks/job/{later}/1", b'{"kind": "of tomorrow"}')
    store.write(f"outbox/pending/job/{later}/1", b"1")
    store.write(f"outbox/expected/sonnet/{later}/1", b"")
    end(told_site, known)
    webhooks = Webhooks(told_site.services)
    for _ in range(2):
        webhooks.step()
    assert verify(receiver.wait())["data"]["job_id"] == known
    (hook,) = wait_for_state(told_site, "delivered")
    assert hook["job_id"] == known
    left = [mark.key.subject for marks in told_site.services.outbox.list_marks() for mark in marks]
    assert left == ["job", "sonnet", "job"]


def test_log_is_bounded(told_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reelqueue.jobs.outbox.KEPT_EVENTS", 2)
    assert KEPT_EVENTS >= 1000
    services = told_site.services
    jobs = [order(told_site, "http://127.0.0.1:9/") for _ in range(4)]
    for job_id in jobs:
        end(told_site, job_id, Status.CANCELED)
    webhooks = Webhooks(services)
    webhooks.step()
    wait_until(lambda: all(hook["attempts"] for hook in list_log(told_site)))
    Retention(services).sweep()
    assert len(list_log(told_site)) == 4, "what is pending stays"
    for job_id in jobs[:3]:
        event = services.outbox.read(EventKey("job", job_id))
        services.outbox.note(event.model_copy(update={"state": Delivery.GIVEN_UP, "next_at": None}))
    Retention(services).sweep()
    left = {hook["job_id"]: hook["state"] for hook in list_log(told_site)}
    assert left == {jobs[1]: "given_up", jobs[2]: "given_up", jobs[3]: "pending"}


def test_same_request_with_a_callback_is_the_same_job(told_site: Site, receiver: Receiver) -> None:
    client = told_site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    body = {"session_id": session_id, **SMALL, "callback_url": receiver.url}
    headers = {"Idempotency-Key": "one"}
    first = post_json(client, "/generate_video", body, **headers)
    assert post_json(client, "/generate_video", body, **headers)["job_id"] == first["job_id"]
    other = client.post(
        "/generate_video", json=body | {"callback_url": f"{receiver.url}2"}, headers=headers
    )
    read_problem(other, 422)
    end(told_site, first["job_id"])
    Webhooks(told_site.services).step()
    receiver.wait()
    wait_for_state(told_site, "delivered")
    post_json(client, "/generate_video", body, **headers)
    Webhooks(told_site.services).step()
    assert len(receiver.calls) == 1


def test_description_of_the_api_has_the_events(told_site: Site) -> None:
    document = told_site.open_client().get("/openapi.json").json
    assert isinstance(document, dict)
    schemas = {"batch.ended": "BatchStatus"}
    schemas |= dict.fromkeys(["job.finished", "job.failed", "job.canceled"], "JobStatus")
    assert document["webhooks"].keys() == schemas.keys()
    for name, event in document["webhooks"].items():
        content = event["post"]["requestBody"]["content"]["application/json"]
        reference = f"#/components/schemas/{schemas[name]}"
        assert content["schema"]["properties"]["data"] == {"$ref": reference}


def test_end_of_a_batch_is_told_once_and_again_after_a_retry(
    told_site: Site, receiver: Receiver
) -> None:
    client = told_site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    jobs = [
        {"kind": "slideshow", "name": name, "session_id": session_id, **SMALL}
        for name in ("one", "two")
    ]
    body = {"jobs": [*jobs], "callback_url": receiver.url}
    answer = client.post("/generate_batch", json=body).json
    assert isinstance(answer, dict)
    batch_id, ids = answer["batch_id"], [job["job_id"] for job in answer["jobs"]]
    holding, webhooks = Holding(told_site.services), Webhooks(told_site.services)

    def end_jobs(run: int) -> None:
        holding.step()
        wait_until(lambda: not holding.is_busy)
        for job_id in ids:
            webhooks.step()
            assert len(receiver.calls) == run - 1
            end(told_site, job_id, run=run)

    end_jobs(1)
    webhooks.step()
    event, call = verify(receiver.wait()), receiver.calls[0]
    assert call.headers["webhook-id"] == f"batch_{batch_id}_1"
    assert (event["type"], event["data"]["status"]) == ("batch.ended", "failed")
    assert event["data"] == client.get(f"/batch_status/{batch_id}").json
    wait_for_state(told_site, "delivered")
    webhooks.step()
    assert len(receiver.calls) == 1
    assert client.post(f"/batch_retry/{batch_id}").status_code == 200
    end_jobs(2)
    webhooks.step()
    wait_for_state(told_site, "delivered", "delivered")
    assert receiver.calls[1].headers["webhook-id"] == f"batch_{batch_id}_3"
    assert client.post(f"/job_retry/{ids[0]}").status_code == 200  # one of them alone
    webhooks.step()
    assert len(receiver.calls) == 2
    end(told_site, ids[0], run=3)
    webhooks.step()
    wait_for_state(told_site, "delivered", "delivered", "delivered")
    assert receiver.calls[2].headers["webhook-id"] == f"batch_{batch_id}_4"


def order_two(site: Site, url: str, batch_id: str) -> list[str]:
    """Order a batch of two jobs; return their ids."""
    client = site.open_client()
    session_id = upload(client, [("red.jpg", make_photo())])["session_id"]
    jobs = [
        {"kind": "slideshow", "name": name, "session_id": session_id, **SMALL}
        for name in ("one", "two")
    ]
    body = {"jobs": jobs, "batch_id": batch_id, "callback_url": url}
    client.post("/generate_batch", json=body)
    arrival = site.services.batches.find_arrival(batch_id)
    batch = arrival.batch if arrival else site.services.batches.read(batch_id)
    return [member.job_id for member in batch.members]


def test_batch_that_is_still_arriving_has_not_ended(
    told_site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = told_site.services
    calls = iter([services.ledger.accept])
    with monkeypatch.context() as killed:
        killed.setattr(services.ledger, "accept", lambda job: next(calls)(job))
        first, second = order_two(told_site, receiver.url, UNKNOWN)
    webhooks = Webhooks(services)
    end(told_site, first)
    services.ledger.marks.unhold(first, 1)
    webhooks.step()
    complete_arrival(services, UNKNOWN)
    end(told_site, second)
    holding = Holding(services)
    holding.step()
    wait_until(lambda: not holding.is_busy)
    Webhooks(services).step()
    data = verify(receiver.wait())["data"]
    assert [job["status"] for job in data["jobs"]] == ["failed", "failed"]


def test_batch_that_is_run_again_has_not_ended_until_all_jobs_have(
    told_site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = told_site.services
    ids = order_two(told_site, receiver.url, UNKNOWN)
    for job_id in ids:
        end(told_site, job_id)
        services.ledger.marks.unhold(job_id, 1)
    Webhooks(services).step()
    wait_for_state(told_site, "delivered")
    webhooks, start_again = Webhooks(services), services.ledger.start_again

    def start_late(record: Record, *, is_held: bool) -> Record:
        webhooks.step()  # the leader looks before and between the runs
        started = start_again(record, is_held=is_held)
        services.ledger.marks.unhold(record.job.id, started.run)
        end(told_site, record.job.id, run=started.run)
        webhooks.step()
        return started

    with monkeypatch.context() as slow:
        slow.setattr(services.ledger, "start_again", start_late)
        response = told_site.open_client().post(f"/batch_retry/{UNKNOWN}")
    assert response.status_code == 200
    Webhooks(services).step()
    events = wait_for_state(told_site, "delivered", "delivered")
    runs_again = events[0]["occurred_at"]
    outcomes = [services.ledger.read(job_id).outcome for job_id in ids]
    assert runs_again == to_text(max(outcome.ended_at for outcome in outcomes if outcome))


def test_batches_that_go_on_cost_no_reads(
    told_site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_two(told_site, receiver.url, UNKNOWN)
    webhooks, reads = Webhooks(told_site.services), []
    webhooks.step()
    monkeypatch.setattr(Store, "read", lambda _, key: reads.append(key))
    webhooks.step()
    assert reads == []


def test_end_of_a_batch_is_told_after_jobs_that_ran_again_were_deleted(
    told_site: Site, receiver: Receiver
) -> None:
    services, client = told_site.services, told_site.open_client()
    ids = order_two(told_site, receiver.url, UNKNOWN)
    webhooks = Webhooks(services)

    def end_runs(*job_ids: str) -> None:
        for job_id in job_ids:
            run = services.ledger.read(job_id).run
            end(told_site, job_id, run=run)
            services.ledger.marks.unhold(job_id, run)
        webhooks.step()
        receiver.wait()

    end_runs(*ids)
    client.post(f"/batch_retry/{UNKNOWN}")
    end_runs(*ids)
    for _ in range(2):
        client.post(f"/batch_retry/{UNKNOWN}")
        end_runs(*ids)
    assert client.delete(f"/jobs/{ids[0]}").status_code == 204
    client.post(f"/batch_retry/{UNKNOWN}")
    end_runs(ids[1])
    wait_for_state(told_site, *5 * ["delivered"])
