"""Webhooks of the product as it is deployed, and of a leader that is killed as it sends one."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook

from reelqueue.config import Settings
from reelqueue.jobs.model import Job, Outcome, Status, now
from reelqueue.jobs.outbox import Delivery, EventKey
from reelqueue.jobs.priorities import Priority
from reelqueue.services import open_services
from tests.conftest import PATIENCE_SECONDS, ROOT, StartServer, find_free_port, started, wait_until
from tests.receiver import Receiver, receiving
from tests.workers.test_rq_worker import SMALL, call, finish, upload

pytestmark = pytest.mark.process

API = ROOT / "docs" / "api.md"
SECRET = "whsec_" + "c2VjcmV0" * 4
SETTINGS = {"WEBHOOK_SECRET": SECRET, "WEBHOOK_HOSTS": "127.0.0.1"}
LEADER = """
import os, signal, sys
from reelqueue.config import Settings
from reelqueue.jobs.outbox import Outbox
from reelqueue.services import open_services
from reelqueue.upkeep.webhooks.sender import Webhooks

if "dies" in sys.argv:
    Outbox.note = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
Webhooks(open_services(Settings.from_env())).watch()
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.mark.parametrize("mode", ["inline", "redis"])
def test_product_as_it_is_deployed_tells_of_the_end_of_a_job(
    mode: str,
    request: pytest.FixtureRequest,
    start_server: StartServer,
    start_worker: Callable[..., None],
    photo_paths: list[Path],
    receiver: Receiver,
) -> None:
    settings = dict(SETTINGS)
    if mode == "redis":
        settings["REDIS_URL"] = request.getfixturevalue("redis_url")
        start_worker(settings)
    server = start_server(settings)
    session = upload(f"{server}/upload_images", "images", photo_paths[:2])["session_id"]
    order = SMALL | {"session_id": session, "callback_url": receiver.url}
    job_id = call(f"{server}/generate_video", order)["job_id"]
    told = receiver.wait()
    event = Webhook(SECRET).verify(told.body, dict(told.headers))
    assert event["type"] == "job.finished"
    assert event["data"] == finish(server, job_id)


@pytest.fixture
def documented(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The receiver of the API's page, and the file that has what it prints."""
    (code,) = re.findall(r"^```python\n(.*?)^```$", API.read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "receiver.py").write_text(code)
    port, printed = find_free_port(), tmp_path / "printed"
    flask = [sys.executable, "-m", "flask", "--app", "receiver", "run", "--port", str(port)]
    command = ["sh", "-c", 'exec "$@" > printed 2> errors', "sh", *flask]
    environment = {"WEBHOOK_SECRET": SECRET, "PYTHONPATH": os.pathsep.join(["", *sys.path])}
    with started(command, environment, tmp_path):
        wait_until(lambda: is_listening(port))
        yield f"http://127.0.0.1:{port}/hook", printed


def is_listening(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_receiver_of_the_api_page_takes_what_is_signed_and_nothing_else(
    documented: tuple[str, Path], start_server: StartServer, photo_paths: list[Path]
) -> None:
    url, printed = documented
    unsigned = httpx.post(url, json={"type": "job.finished"}, timeout=PATIENCE_SECONDS)
    assert unsigned.status_code == 401
    server = start_server(SETTINGS)
    session = upload(f"{server}/upload_images", "images", photo_paths[:1])["session_id"]
    order = SMALL | {"session_id": session, "callback_url": url}
    job_id = call(f"{server}/generate_video", order)["job_id"]
    wait_until(lambda: "job.finished" in printed.read_text())
    batch = {"jobs": [SMALL | {"kind": "slideshow", "session_id": session}], "callback_url": url}
    batch_id = call(f"{server}/generate_batch", batch)["batch_id"]
    wait_until(lambda: "batch.ended" in printed.read_text())
    assert [line for line in printed.read_text().splitlines() if "ed " in line] == [
        f"job.finished {job_id} finished",
        f"batch.ended {batch_id} finished",
    ]


def test_leader_that_dies_before_it_notes_a_delivery_is_followed_by_one_that_repeats_it(
    redis_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    environment = {"REDIS_URL": redis_url, "STORAGE_URL": (tmp_path / "data").as_uri(), **SETTINGS}
    services = open_services(Settings.from_env(environment))
    key = EventKey("job", "5f0c6f6e-8d07-4c4f-9f8e-0f8f3c6f9a10")
    services.outbox.expect(key)
    job = Job(
        id=key.id,
        owner="me",
        created_at=now(),
        priority=Priority.DEFAULT,
        request_hash="h",
        estimated_seconds=1,
        work={"kind": "slideshow", "spec": {}, "photos": []},
        callback_url=receiver.url,
    )
    services.ledger.accept(job)
    failed = Outcome(status=Status.FAILED, ended_at=now(), error="It broke.")
    services.ledger.end(key.id, 1, failed)
    command = [sys.executable, "-c", LEADER]
    with started([*command, "dies"], environment, ROOT) as leader:
        first = receiver.wait()
        assert leader.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    assert services.outbox.read(key).attempts == ()
    with started(command, environment, ROOT):
        second = receiver.wait()
        wait_until(lambda: services.outbox.read(key).state is Delivery.DELIVERED)
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == f"job_{key.id}_1"
    assert len(receiver.calls) == 2
    assert services.outbox.list_marks() == ([], [])
