"""A bucket that is busy for some seconds costs a job nothing but these seconds."""

from __future__ import annotations

import shutil
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest

from reelqueue.config import Settings
from reelqueue.jobs.model import Job, LiveState, Status, now
from reelqueue.jobs.priorities import Priority
from reelqueue.media.probing import Staged
from reelqueue.media.uploads import Media
from reelqueue.services import Services, open_services
from reelqueue.storage import Patience
from reelqueue.submission.accept import accept_request
from reelqueue.submission.kinds.slideshow import SLIDESHOW, SlideshowRequest
from reelqueue.workers.render_monitor import RenderMonitor
from tests.conftest import PATIENCE_SECONDS, wait_until
from tests.s3_proxy import Call, Refusal, S3Proxy, slow_down

OWNER = "owner"
SMALL = {"duration": 0.3, "transition_duration": 0.1, "resolution": "64x64", "fps": 15}
STEPS = {"/original.": 1, "/begun/": 1, "/outputs/": 3, "/outcome.json": 1}
"""Seconds for which the storage is busy when a render gets its inputs, begins, and stores its
result and its outcome."""


@pytest.fixture
def services(
    s3_environment: dict[str, str], s3_proxy: S3Proxy, monkeypatch: pytest.MonkeyPatch
) -> Services:
    for name, value in (s3_environment | {"AWS_ENDPOINT_URL": s3_proxy.endpoint}).items():
        monkeypatch.setenv(name, value)  # the child that renders reads them
    return open_services(Settings.from_env())


@pytest.mark.render
def test_render_outlasts_a_busy_bucket_at_every_step(
    services: Services, s3_proxy: S3Proxy, photo_paths: list[Path], tmp_path: Path
) -> None:
    session = str(uuid4())
    staged = Staged(Path(shutil.copy(photo_paths[0], tmp_path)), "photo.png")
    (photo,) = services.uploads.add(OWNER, session, "photo", [staged])
    assert isinstance(photo, Media)
    busy = {key: slow_down(seconds) for key, seconds in STEPS.items()}

    def fault(call: Call) -> Refusal | None:
        # The web's own look for the outcome is not the render's: it polls, and logs what fails.
        steps = [key for key in busy if key in call.target and call.method != "HEAD"]
        is_poll = call.method == "GET" and steps == ["/outcome.json"]
        return busy[steps[0]](call) if steps and not is_poll else None

    s3_proxy.fault = fault
    job_id = str(uuid4())
    body = {"session_id": session, "photos": [{"id": photo.id}], "job_id": job_id, **SMALL}
    request = SlideshowRequest.model_validate(body)
    accept_request(services, OWNER, SLIDESHOW, request, None)
    outcome = services.ledger.read(job_id).outcome
    assert outcome is not None
    assert (outcome.status, outcome.error) == (Status.FINISHED, None)
    assert outcome.attempts == 1
    assert s3_proxy.calls.count("PutObject") > 8  # it was asked again


def test_render_goes_on_while_a_bucket_does_not_tell_whether_it_was_cancelled(
    services: Services, s3_proxy: S3Proxy
) -> None:
    job = Job(
        id=str(uuid4()),
        owner=OWNER,
        created_at=now(),
        priority=Priority.DEFAULT,
        request_hash="h",
        estimated_seconds=1,
        work={"kind": "slideshow"},
    )
    record, _ = services.ledger.accept(job)
    # One that gives an answer up soon: after that, it does not ask for five times as long.
    hasty = open_services(services.settings, Patience(2, answer_seconds=2))
    monitor = RenderMonitor(hasty, record, LiveState())

    asked, going_on, waits = list[str](), Event(), list[bool]()

    def fault(call: Call) -> Refusal | None:
        if "/outcome.json" not in call.target:
            return None
        asked.append(call.method)
        waits.append(going_on.wait(PATIENCE_SECONDS))
        return Refusal(500, "InternalError")

    def step() -> bool:
        monitor(1, 1000, "rendering")
        return bool(asked)

    s3_proxy.fault = fault
    wait_until(step)
    asked.clear()
    for _ in range(100):
        step()  # while the bucket is still to answer
    assert len(asked) < 50
    going_on.set()
    wait_until(lambda: bool(waits))
    asked.clear()
    wait_until(step)  # it is asked again
    assert all(waits)
