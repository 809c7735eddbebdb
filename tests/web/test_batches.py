"""Batches by the API: ordered, told, cancelled, refused; results of jobs as sources of others."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import av
import pytest
import time_machine
from flask.testing import FlaskClient

from reelqueue.errors import ConflictError
from reelqueue.jobs.draft import UsedHighlight
from reelqueue.jobs.model import Job, LiveState, Record, now
from reelqueue.render.subtitle_track import read_track
from reelqueue.services import Services
from reelqueue.submission.batches.accept import complete_arrival
from reelqueue.submission.batches.drafts import find_highlight
from reelqueue.submission.state import refresh_record
from reelqueue.upkeep.arrivals import Arrivals
from reelqueue.upkeep.holding import Holding
from reelqueue.upkeep.retention.sweep import Retention
from tests.conftest import PATIENCE_SECONDS, wait_until
from tests.web.conftest import UNKNOWN, OpenSite, Site, make_photo, read_problem, send_one
from tests.web.operators.conftest import CREDENTIALS, KNOWN

pytestmark = pytest.mark.process

SMALL_CLIP = {"aspect": "original", "start": 0.0, "end": 1.0}
PHOTOS = [{"from": "cut"}]
SMALL_SHOW = {"resolution": "64x64", "fps": 15, "duration": 0.3, "transition_duration": 0.1}


@pytest.fixture(params=["inline", "redis"])
def batch_site(
    request: pytest.FixtureRequest, open_site: OpenSite, fork_worker: Callable[..., None]
) -> Iterator[Site]:
    """The product with Redis and a worker, and without Redis; held runs are looked after."""
    if request.param == "inline":
        site = open_site()
        with HoldingThread(site.services):
            yield site
    else:
        redis = {"REDIS_URL": request.getfixturevalue("redis_url")}
        site = open_site(**redis)
        fork_worker(redis | {"STORAGE_URL": site.storage.as_uri()})
        yield site


class HoldingThread:
    """Looks after held runs, as the web does without Redis."""

    def __init__(self, services: Services) -> None:
        self._holding = Holding(services)
        self._done = Event()
        self._thread = Thread(target=self._watch)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        wait_until(lambda: not self._holding.is_busy)

    def _watch(self) -> None:
        while not self._done.wait(0.2):
            self._holding.step()


def order(client: FlaskClient, *jobs: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Order a batch that is accepted; return the answer."""
    response = client.post("/generate_batch", json={"jobs": jobs, **members})
    assert response.status_code == 202, response.text
    answer = response.json
    assert isinstance(answer, dict)
    assert response.headers["Location"] == answer["status_url"]
    return answer


def read(client: FlaskClient, batch_id: str) -> dict[str, Any]:
    response = client.get(f"/batch_status/{batch_id}")
    assert response.status_code == 200, response.text
    assert isinstance(response.json, dict)
    return response.json


def finish(client: FlaskClient, batch_id: str) -> dict[str, Any]:
    """Wait for the end of a batch, and return its status."""
    wait_until(lambda: "ended_at" in read(client, batch_id))
    return read(client, batch_id)


def download(client: FlaskClient, job: dict[str, Any]) -> float:
    """Return how many seconds the video of a finished job lasts."""
    with av.open(BytesIO(client.get(job["result"]["download_url"]).data), "r") as video:
        assert video.duration is not None
        return video.duration / 1e6


def test_workflow_from_analysis_to_slideshow(batch_site: Site, video_path: Path) -> None:
    client = batch_site.open_client()
    video = send_one(client, "/upload_video", "video", video_path)
    session = {"session_id": video["session_id"]}
    answer = order(
        client,
        {
            **session,
            "kind": "slideshow",
            "name": "show",
            "photos": [{"from": "cut", "mute": True}, {"from": "cut-1", "end": 0.5}],
            "resolution": "160x90",
        },
        {
            **session,
            "kind": "analysis",
            "name": "talk",
            "source_id": video["source_id"],
            "highlights": {"count": 2, "duration": 1.0},
        },
        {**session, "kind": "clip", "name": "cut", "from": "talk", "highlights": 2},
    )
    assert [job["name"] for job in answer["jobs"]] == ["show", "talk", "cut-1", "cut-2"]
    assert read(client, answer["batch_id"])["status"] in ("queued", "started")
    status = finish(client, answer["batch_id"])
    assert (status["status"], status["progress"]) == ("finished", 100)
    assert (status["total"], status["finished"], status["failed"]) == (4, 4, 0)
    jobs = {job["name"]: job for job in status["jobs"]}
    assert [job["job_id"] for job in answer["jobs"]] == [j["job_id"] for j in status["jobs"]]
    found = jobs["talk"]["result"]["highlights"]
    for name, highlight in zip(("cut-1", "cut-2"), found, strict=True):
        length = highlight["end"] - highlight["start"]
        assert download(client, jobs[name]) == pytest.approx(length, abs=0.1)
        assert jobs[name]["started_at"] > jobs["talk"]["ended_at"]
    assert jobs["show"]["started_at"] > max(jobs[n]["ended_at"] for n in ("cut-1", "cut-2"))
    assert download(client, jobs["show"]) > 1
    assert batch_site.services.batches.list_arrivals() == []


@pytest.mark.render
def test_clips_of_highlights_have_the_words_of_the_analysis(
    open_site: OpenSite,
    reading_path: Path,
    whisper_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WHISPER_MODEL", str(whisper_model))  # for its children
    site = open_site(WHISPER_MODEL=str(whisper_model))
    client = site.open_client()
    video = send_one(client, "/upload_video", "video", reading_path)
    session = {"session_id": video["session_id"]}
    clip = session | {"kind": "clip", "from": "talk", "highlights": 1, "aspect": "original"}
    with HoldingThread(site.services):
        answer = order(
            client,
            {
                **session,
                "kind": "analysis",
                "name": "talk",
                "source_id": video["source_id"],
                "transcript": {"language": "en"},
                "highlights": {"count": 1, "duration": 6.0},
            },
            {**clip, "name": "cut", "captions": "auto", "soft_captions": True},
        )
        status = finish(client, answer["batch_id"])
    jobs = {job["name"]: job["result"] for job in status["jobs"]}
    assert "transcript_url" not in jobs["cut-1"]
    path = tmp_path / "cut.mp4"
    path.write_bytes(client.get(jobs["cut-1"]["download_url"]).data)
    said = [word for cue in read_track(path).cues for word in cue.text.split()]
    segments = json.loads(client.get(jobs["talk"]["transcript_url"]).data)["segments"]
    heard = [word["text"] for segment in segments for word in segment["words"]]
    assert said
    assert " ".join(said) in " ".join(heard)


@pytest.fixture
def video(site: Site, video_path: Path) -> dict[str, str]:
    """An upload to the product without Redis, where nothing is released unless a test does it."""
    answer = send_one(site.open_client(), "/upload_video", "video", video_path)
    return {name: answer[name] for name in ("session_id", "source_id")}


def refuse(client: FlaskClient, *jobs: dict[str, Any], status: int = 422) -> tuple[str, str]:
    """Order a batch that is refused; return the field and the sentence."""
    problem = read_problem(client.post("/generate_batch", json={"jobs": jobs}), status)
    return problem.get("field", ""), problem["detail"]


def test_nothing_of_a_batch_is_accepted_if_one_job_cannot_be_rendered(
    site: Site, video: dict[str, str]
) -> None:
    client = site.open_client()
    session = {"session_id": video["session_id"]}
    good = {**video, **SMALL_CLIP, "kind": "clip", "name": "cut"}
    assert refuse(client, good, {**good, "name": "b", "end": "x"})[0] == "jobs.1.end"
    assert refuse(client, good, {**good, "name": "b", "end": 99.0})[0] == "jobs.1.end"
    field, sentence = refuse(client, good, {**good, "name": "b", "source_id": UNKNOWN}, status=404)
    assert sentence.startswith(f"jobs.1: There is no video {UNKNOWN}")
    show = {**session, "kind": "slideshow", "name": "show"}
    field, sentence = refuse(client, good, {**show, "photos": [{"from": "cut", "end": 1.5}]})
    assert field == "jobs.1.photos.0.end"
    assert "1" in sentence  # how long the clip will be is known
    talk = {**video, "kind": "analysis", "name": "talk", "highlights": {"count": 1}}
    cut = {**session, "kind": "clip", "name": "best", "from": "talk", "highlights": 2}
    assert refuse(client, talk, cut)[0] == "jobs.1.highlights"
    assert not [key for key in site.list_stored() if not key.startswith("sessions/")]


def test_dry_run_of_a_batch_estimates_each_job_and_keeps_nothing(
    site: Site, video: dict[str, str]
) -> None:
    client = site.open_client()
    session = {"session_id": video["session_id"]}
    show = {**session, **SMALL_SHOW, "kind": "slideshow", "photos": [{"from": "cut"}]}
    cut = {**video, **SMALL_CLIP, "kind": "clip", "name": "cut"}
    body = {"jobs": [show, cut]}
    keyed = {"Idempotency-Key": "film 8"}
    response = client.post("/generate_batch", json={**body, "dry_run": True}, headers=keyed)
    assert (response.status_code, response.json is not None) == (200, True)
    answer = response.json or {}
    jobs = answer["jobs"]
    assert [(job["name"], job["kind"]) for job in jobs] == [
        ("slideshow-1", "slideshow"),
        ("cut", "clip"),
    ]
    assert (jobs[1]["duration"], jobs[0]["duration"]) == (1.0, pytest.approx(1.0, abs=0.1))
    for name in ("estimated_time", "estimated_file_size"):
        assert answer[name] == sum(job[name] for job in jobs)
    long = {"jobs": [{**show, "photos": [{"from": "cut", "end": 1.5}]}, cut], "dry_run": True}
    problem = read_problem(client.post("/generate_batch", json=long), 422)
    assert problem["field"] == "jobs.0.photos.0.end"
    assert not [key for key in site.list_stored() if not key.startswith("sessions/")]
    alone = client.post("/generate_clip", json={**video, **SMALL_CLIP, "dry_run": True}).json or {}
    del alone["timeline"]  # for the page alone
    alone["encoding"] = {name: each for name, each in alone["encoding"].items() if each is not None}
    assert {**alone, "name": "cut", "kind": "clip"} == {**jobs[1], "success": True}
    assert client.post("/generate_batch", json=body, headers=keyed).status_code == 202


def test_high_priority_of_a_job_is_for_those_who_may(site: Site, video: dict[str, str]) -> None:
    client = site.open_client()
    clip = {**video, **SMALL_CLIP, "kind": "clip", "priority": "high"}
    assert "jobs.0.priority" in refuse(client, clip, status=403)[1]


def test_repeated_batch_is_the_same_batch(site: Site, video: dict[str, str]) -> None:
    client = site.open_client()
    clip = {**video, **SMALL_CLIP, "kind": "clip"}
    body = {"jobs": [clip]}
    keyed = {"Idempotency-Key": "film 7"}
    first = client.post("/generate_batch", json=body, headers=keyed)
    assert client.post("/generate_batch", json=body, headers=keyed).json == first.json
    other = {"jobs": [{**clip, "end": 0.5}]}
    read_problem(client.post("/generate_batch", json=other, headers=keyed), 422)
    chosen = order(client, clip, batch_id=UNKNOWN)
    assert (chosen["batch_id"], order(client, clip, batch_id=UNKNOWN)) == (UNKNOWN, chosen)
    assert site.count_jobs() == 2


def test_interrupted_acceptance_goes_on_where_it_stopped(
    site: Site, video: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, accept = site.open_client(), site.services.ledger.accept
    clips = [{**video, **SMALL_CLIP, "kind": "clip", "name": f"cut-{n}"} for n in range(3)]
    calls = iter([accept])

    def break_down(job: Job) -> object:
        return next(calls)(job)

    monkeypatch.setattr(site.services.ledger, "accept", break_down)
    assert (
        client.post("/generate_batch", json={"jobs": clips, "batch_id": UNKNOWN}).status_code > 499
    )
    monkeypatch.undo()
    assert site.count_jobs() == 1
    arrivals = Arrivals(site.services)
    with monkeypatch.context() as later:
        later.setattr("reelqueue.upkeep.arrivals.PATIENCE_SECONDS", 0.05)
        arrivals.step()
        assert site.count_jobs() == 1  # the web may be at it
        time.sleep(0.1)
        arrivals.step()
        assert site.count_jobs() == 3
    assert site.services.batches.list_arrivals() == []
    assert [job["name"] for job in read(client, UNKNOWN)["jobs"]] == ["cut-0", "cut-1", "cut-2"]


def interrupt(site: Site, client: FlaskClient, body: dict[str, Any]) -> list[str]:
    """Order a batch, and have the web die after it accepted the first job; return the jobs' ids."""
    accept = site.services.ledger.accept
    calls = iter([accept])
    with pytest.MonkeyPatch.context() as dying:
        dying.setattr(site.services.ledger, "accept", lambda job: next(calls)(job))
        assert client.post("/generate_batch", json=body).status_code > 499
    arrival = site.services.batches.find_arrival(body["batch_id"])
    assert arrival
    return [job.id for job in arrival.jobs]


def test_deleted_job_of_an_interrupted_batch_holds_up_neither_it_nor_others(
    site: Site, video: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = site.open_client()
    clips = [{**video, **SMALL_CLIP, "kind": "clip", "name": f"cut-{n}"} for n in range(3)]
    others = [f"{n}{UNKNOWN[1:]}" for n in (1, 2)]
    ids = [interrupt(site, client, {"jobs": clips, "batch_id": name}) for name in others]
    for job_ids in ids:
        assert client.delete(f"/jobs/{job_ids[0]}").status_code == 204
    monkeypatch.setattr("reelqueue.upkeep.arrivals.PATIENCE_SECONDS", -1.0)
    Arrivals(site.services).step()
    assert site.services.batches.list_arrivals() == []
    for name in others:
        assert [job["name"] for job in read(client, name)["jobs"]] == ["cut-1", "cut-2"]
    assert {run.job_id for run in site.services.ledger.marks.list_held()} == {
        *ids[0][1:],
        *ids[1][1:],
    }


def test_status_of_an_interrupted_batch_has_all_its_jobs(site: Site, video: dict[str, str]) -> None:
    client = site.open_client()
    clips = [{**video, **SMALL_CLIP, "kind": "clip", "name": f"cut-{n}"} for n in range(3)]
    interrupt(site, client, {"jobs": clips, "batch_id": UNKNOWN})
    assert [job["name"] for job in read(client, UNKNOWN)["jobs"]] == ["cut-0", "cut-1", "cut-2"]


def test_session_is_kept_for_a_batch_that_is_still_arriving(
    site: Site, video: dict[str, str]
) -> None:
    client = site.open_client()
    body = {"jobs": [{**video, **SMALL_CLIP, "kind": "clip"}], "batch_id": UNKNOWN}
    with pytest.MonkeyPatch.context() as killed:
        killed.setattr(site.services.batches, "keep", lambda _: 1 / 0)
        assert client.post("/generate_batch", json=body).status_code == 500
    problem = read_problem(client.delete(f"/sessions/{video['session_id']}"), 409)
    assert problem["detail"].startswith("A batch that was just ordered still reads these files")
    assert read(client, UNKNOWN)["total"] == 1
    problem = read_problem(client.delete(f"/sessions/{video['session_id']}"), 409)
    assert problem["detail"].startswith("Job ")


@pytest.mark.parametrize("damaged", [b"{", b'[{"key": "a", "name": "b", "digest": 1}]', b"\xff"])
def test_damaged_record_of_a_batch_keeps_nothing_else_from_being_deleted(
    site: Site, video: dict[str, str], damaged: bytes
) -> None:
    site.services.store.write(f"arriving/{UNKNOWN}", damaged)
    with time_machine.travel(now() + timedelta(days=8)):
        assert Retention(site.services).sweep()
    assert not [key for key in site.list_stored() if video["session_id"] in key]


def test_uploads_are_kept_for_a_batch_that_arrives_while_retention_looks(
    open_site: OpenSite, video_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = open_site(RETENTION_HOURS="2")
    client, marks = site.open_client(), site.services.ledger.marks
    answer = send_one(client, "/upload_video", "video", video_path)
    video = {name: answer[name] for name in ("session_id", "source_id")}
    body = {"jobs": [{**video, **SMALL_CLIP, "kind": "clip"}], "batch_id": UNKNOWN}
    with monkeypatch.context() as killed:
        killed.setattr(site.services.batches, "keep", lambda _: 1 / 0)
        assert client.post("/generate_batch", json=body).status_code == 500
    arrival = site.services.batches.find_arrival(UNKNOWN)
    assert arrival
    site.services.batches.close_arrival(UNKNOWN)
    announce, list_live = site.services.uploads.announce_deletion, marks.list_live

    def announce_late(*args: Any, **options: Any) -> bool:
        site.services.batches.announce(arrival)
        return announce(*args, **options)

    def list_early() -> set[str]:
        live = list_live()
        complete_arrival(site.services, UNKNOWN)
        return live

    monkeypatch.setattr(site.services.uploads, "announce_deletion", announce_late)
    monkeypatch.setattr(marks, "list_live", list_early)
    with time_machine.travel(now() + timedelta(hours=5)):
        assert Retention(site.services).sweep()
    inputs = site.services.ledger.read(read(client, UNKNOWN)["jobs"][0]["job_id"]).job.inputs
    assert site.services.store.find(inputs[0].key)


def test_states_of_the_jobs_of_a_batch_are_asked_for_at_once(
    site: Site, video: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, both = site.open_client(), Barrier(2)
    clips = [{**video, **SMALL_CLIP, "kind": "clip", "name": f"cut-{n}"} for n in range(2)]
    order(client, *clips, batch_id=UNKNOWN)

    def refresh(services: Services, record: Record) -> tuple[Record, LiveState]:
        both.wait(PATIENCE_SECONDS)
        return refresh_record(services, record)

    monkeypatch.setattr("reelqueue.submission.batches.state.refresh_record", refresh)
    assert read(client, UNKNOWN)["total"] == 2


def test_batch_with_a_deleted_job_is_not_ordered_again(site: Site, video: dict[str, str]) -> None:
    client = site.open_client()
    clip = {**video, **SMALL_CLIP, "kind": "clip", "name": "cut"}
    answer = order(client, clip, batch_id=UNKNOWN)
    assert client.delete(f"/jobs/{answer['jobs'][0]['job_id']}").status_code == 204
    with time_machine.travel(now() + timedelta(hours=5)):
        Retention(site.services).sweep()
        problem = read_problem(
            client.post("/generate_batch", json={"jobs": [clip], "batch_id": UNKNOWN}), 422
        )
    assert problem["detail"].startswith('The job "cut" of this batch was deleted')
    assert site.services.batches.list_arrivals() == []


def test_batch_is_known_before_all_of_it_is_accepted(
    site: Site, video: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = site.open_client()
    body = {"jobs": [{**video, **SMALL_CLIP, "kind": "clip"}], "batch_id": UNKNOWN}
    with monkeypatch.context() as killed:
        killed.setattr(site.services.batches, "keep", lambda _: 1 / 0)
        assert client.post("/generate_batch", json=body).status_code == 500
    assert read(client, UNKNOWN)["total"] == 1


def test_canceled_batch_ends_and_can_run_again(site: Site, video: dict[str, str]) -> None:
    client = site.open_client()
    session = {"session_id": video["session_id"]}
    batch_id = order(
        client,
        {**video, **SMALL_CLIP, "kind": "clip", "name": "cut"},
        {**session, **SMALL_SHOW, "kind": "slideshow", "photos": [{"from": "cut"}]},
    )["batch_id"]
    before = read(client, batch_id)
    assert (before["status"], before["progress"]) == ("queued", 0)
    assert [job["status"] for job in before["jobs"]] == ["queued", "deferred"]
    read_problem(client.post(f"/batch_retry/{batch_id}"), 409)
    canceled = client.post(f"/batch_cancel/{batch_id}").json
    assert canceled
    assert (canceled["status"], canceled["canceled"]) == ("canceled", 2)
    assert site.services.ledger.marks.list_held() == []
    again = client.post(f"/batch_retry/{batch_id}").json
    assert again
    assert [job["status"] for job in again["jobs"]] == ["queued", "deferred"]
    with HoldingThread(site.services):
        assert finish(client, batch_id)["status"] == "finished"


def test_surplus_highlight_fails_with_a_sentence_and_so_does_what_needs_it(
    site: Site, video: dict[str, str]
) -> None:
    client = site.open_client()
    session = {"session_id": video["session_id"]}
    talk = {"kind": "analysis", "name": "talk", "highlights": {"count": 50, "duration": 2.0}}
    batch_id = order(
        client,
        {**video, **talk},
        {**session, "kind": "clip", "name": "cut", "from": "talk", "highlights": 3},
        {**session, **SMALL_SHOW, "kind": "slideshow", "photos": [{"from": "cut"}]},
    )["batch_id"]
    with HoldingThread(site.services):
        status = finish(client, batch_id)
    jobs = {job["name"]: job for job in status["jobs"]}
    assert (status["status"], jobs["cut-1"]["status"]) == ("failed", "finished")
    sentence = jobs["cut-3"]["error"]
    assert sentence.startswith('"talk" proposes only ')
    assert jobs["slideshow-3"]["error"].startswith('It needs "cut-')
    problem = read_problem(client.post(f"/job_retry/{jobs['slideshow-3']['job_id']}"), 409)
    assert "which has not finished" in problem["detail"]


def test_job_whose_needed_job_was_deleted_says_so(site: Site) -> None:
    used = UsedHighlight(job_id=UNKNOWN, name="talk", number=1)
    with pytest.raises(ConflictError, match='The result of "talk" is not there'):
        find_highlight(site.services.ledger, used)


def test_foreign_and_unknown_batches_answer_alike(site: Site, video_path: Path) -> None:
    owner, other = site.open_browser(), site.open_browser()
    video = send_one(owner, "/upload_video", "video", video_path)
    clip = {"session_id": video["session_id"], "source_id": video["source_id"], "kind": "clip"}
    batch_id = order(owner, clip)["batch_id"]
    for path in ("batch_cancel", "batch_retry"):
        mine, none = (read_problem(other.post(f"/{path}/{i}"), 404) for i in (batch_id, UNKNOWN))
        assert mine["detail"].replace(batch_id, UNKNOWN) == none["detail"]
    foreign, unknown = (
        read_problem(other.get(f"/batch_status/{i}"), 404) for i in (batch_id, UNKNOWN)
    )
    read_problem(other.get("/batch_status/x.."), 404)
    assert foreign["detail"].replace(batch_id, UNKNOWN) == unknown["detail"]
    assert read(owner, batch_id)["total"] == 1


def test_record_of_a_batch_is_deleted_with_its_last_job(
    open_site: OpenSite, video_path: Path
) -> None:
    site = open_site(RETENTION_HOURS="2")
    client = site.open_client()
    answer = send_one(client, "/upload_video", "video", video_path)
    video = {name: answer[name] for name in ("session_id", "source_id")}
    batch_id = order(client, {**video, **SMALL_CLIP, "kind": "clip"})["batch_id"]
    with time_machine.travel(now() + timedelta(hours=5)):
        assert Retention(site.services).sweep()
        assert read(client, batch_id)["total"] == 1  # it waits, with its upload
        client.post(f"/batch_cancel/{batch_id}")
    with time_machine.travel(now() + timedelta(hours=10)):
        for _ in range(2):
            assert Retention(site.services).sweep()
        read_problem(client.get(f"/batch_status/{batch_id}"), 404)
        assert site.list_stored() == []


def test_finished_job_is_kept_as_long_as_another_one_needs_it(
    open_site: OpenSite, video_path: Path
) -> None:
    site = open_site(RETENTION_HOURS="2")
    client = site.open_client()
    answer = send_one(client, "/upload_video", "video", video_path)
    video = {name: answer[name] for name in ("session_id", "source_id")}
    session = {"session_id": video["session_id"]}
    later = (now() + timedelta(days=3)).isoformat()
    batch_id = order(
        client,
        {**video, **SMALL_CLIP, "kind": "clip", "name": "cut"},
        {
            **session,
            **SMALL_SHOW,
            "kind": "slideshow",
            "photos": [{"from": "cut"}],
            "run_at": later,
        },
    )["batch_id"]
    with HoldingThread(site.services):
        wait_until(lambda: read(client, batch_id)["finished"] == 1)
    with time_machine.travel(now() + timedelta(hours=30)):
        assert Retention(site.services).sweep()
        assert [job["status"] for job in read(client, batch_id)["jobs"]] == [
            "finished",
            "scheduled",
        ]
        client.post(f"/batch_cancel/{batch_id}")
    with time_machine.travel(now() + timedelta(hours=60)):
        for _ in range(2):
            assert Retention(site.services).sweep()
        assert site.list_stored() == []


def test_operator_sees_cancels_and_retries_the_batches_of_all_owners(open_site: OpenSite) -> None:
    site = open_site(**CREDENTIALS, API_TOKENS="token-of-someone")
    client = site.open_client()
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer token-of-someone"
    photo = (BytesIO(make_photo()), "a.jpg")
    sent = client.post("/upload_images", data={"images": photo}).json
    assert isinstance(sent, dict)
    job = {"kind": "slideshow", "session_id": sent["session_id"], **SMALL_SHOW}
    batch_id = order(client, job, {**job, "depends_on": ["slideshow-1"]})["batch_id"]
    operator = site.open_client()
    listed = operator.get("/admin/batches", headers=KNOWN).json
    assert isinstance(listed, dict)
    (batch,) = listed["batches"]
    assert (batch["batch_id"], batch["status"], batch["total"]) == (batch_id, "queued", 2)
    for status in ("queued", "deferred"):  # the first waits for nothing, the second for the first
        held = operator.get("/admin/jobs", query_string={"status": status}, headers=KNOWN).json
        assert isinstance(held, dict)
        assert held["total"] == 1
    change = {"json": {"batch_id": batch_id}, "headers": KNOWN}
    canceled = operator.post("/admin/batches/cancel", **change).json or {}
    assert (canceled["status"], canceled["canceled"]) == ("canceled", 2)
    again = operator.post("/admin/batches/retry", **change).json or {}
    assert [job["status"] for job in again["jobs"]] == ["queued", "deferred"]
    read_problem(operator.post("/admin/batches/retry", **change), 409)
    unknown = {"json": {"batch_id": UNKNOWN}, "headers": KNOWN}
    read_problem(operator.post("/admin/batches/cancel", **unknown), 404)
    audit = (operator.get("/admin/audit", headers=KNOWN).json or {})["records"]
    assert [(each["action"], each["target"], each["result"]) for each in reversed(audit)] == [
        ("cancel batch", batch_id, "canceled: 0 of 2 finished"),
        ("retry batch", batch_id, "queued: 0 of 2 finished"),
        ("retry batch", batch_id, "refused: No job of this batch has failed or was cancelled."),
        ("cancel batch", UNKNOWN, f"refused: There is no batch {UNKNOWN}."),
    ]
    for path in ("/admin/stats", "/admin/schedules", "/admin/webhooks", "/admin/reports"):
        assert operator.get(path, headers=KNOWN).status_code == 200
        assert operator.get(path).status_code == 401
    for name in ("cancel", "retry"):
        assert operator.post(f"/admin/batches/{name}", json=change["json"]).status_code == 401
