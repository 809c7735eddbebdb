"""Workflows: how the names in a batch become the needs of its jobs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.errors import InvalidSpecError
from reelqueue.specs.limits import MAX_BATCH_JOBS, MAX_BATCH_REFERENCES
from reelqueue.specs.parsing import parse_json
from reelqueue.submission.batches.requests import BatchRequest
from reelqueue.submission.batches.workflow import Step, name_job, name_video, read_workflow

BATCH = "5f0c6f6e-8d07-4c4f-9f8e-0f8f3c6f9a10"
SESSION = "7d9f0c55-1c86-4d0e-8a5e-0b6f0a4b7c11"
VIDEO = "0b9d7f10-4f3e-4a5c-9d7e-1a2b3c4d5e6f"
TALK = {"kind": "analysis", "name": "talk", "session_id": SESSION, "source_id": VIDEO}
CUT = {"kind": "clip", "name": "cut", "session_id": SESSION, "source_id": VIDEO}
SHOW = {"kind": "slideshow", "name": "show", "session_id": SESSION}


def read(*entries: Mapping[str, Any]) -> dict[str, Step]:
    body = json.dumps({"jobs": entries})
    return {step.name: step for step in read_workflow(parse_json(BatchRequest, body), BATCH)}


def refuse(*entries: Mapping[str, Any]) -> tuple[str, str]:
    """Return the field and the sentence of the refusal."""
    with pytest.raises(InvalidSpecError) as refusal:
        read(*entries)
    return refusal.value.field, str(refusal.value)


def drop(entry: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in names}


CLIPS = {**drop(CUT, "source_id"), "from": "talk", "highlights": 3}


def test_photos_refer_to_videos_by_the_ids_that_these_will_have() -> None:
    photos = [{"id": VIDEO, "start": 1}, {"from": "cut", "mute": True}]
    show = read({**SHOW, "photos": photos}, CUT)["show"]
    video = name_video(name_job(BATCH, "cut"))
    assert show.body["photos"] == [photos[0], {"id": video, "mute": True}]
    assert (show.needs, show.uses_results) == (("cut",), True)


def test_small_order_does_not_become_millions_of_photos() -> None:
    many = {**CLIPS, "highlights": 50}
    photos = [{"from": "cut"}] * (MAX_BATCH_REFERENCES // 100)
    show = read({**SHOW, "photos": photos}, many, TALK)["show"]
    assert len(show.body["photos"]) == MAX_BATCH_REFERENCES // 2
    assert len(show.videos) == 50
    shows = [{**SHOW, "name": f"show-{n}", "photos": [*photos, *photos]} for n in range(2)]
    field, sentence = refuse(*shows, many, TALK)
    assert field == "jobs.1.photos.0"
    assert f"{MAX_BATCH_REFERENCES} times at most" in sentence


def test_highlights_become_a_job_each_of_the_video_that_was_analysed() -> None:
    steps = read(CLIPS, TALK)
    assert list(steps) == ["talk", "cut-1", "cut-2", "cut-3"]
    assert [step.highlight for step in steps.values()] == [0, 1, 2, 3]
    for name in ("cut-1", "cut-2", "cut-3"):
        assert (steps[name].body["source_id"], steps[name].needs) == (VIDEO, ("talk",))


def test_name_of_an_entry_stands_for_all_jobs_that_it_became() -> None:
    photos = [{"from": "cut", "mute": True}, {"from": "cut-2"}]
    last = {**CUT, "name": "last", "depends_on": ["cut"]}
    steps = read(TALK, CLIPS, {**SHOW, "photos": photos}, last)
    assert [photo.get("mute") for photo in steps["show"].body["photos"]] == [True, True, True, None]
    assert steps["show"].needs == ("cut-1", "cut-2", "cut-3")
    assert (steps["last"].needs, steps["last"].uses_results) == (
        ("cut-1", "cut-2", "cut-3"),
        False,
    )


def test_highlights_of_a_clip_need_the_clip_as_well() -> None:
    talk = {**drop(TALK, "source_id"), "from": "whole"}
    steps = read({**CLIPS, "highlights": 1}, talk, {**CUT, "name": "whole"})
    assert list(steps) == ["whole", "talk", "cut-1"]
    assert steps["cut-1"].needs == ("talk", "whole")
    assert steps["cut-1"].body["source_id"] == name_video(name_job(BATCH, "whole"))


def test_jobs_without_names_are_called_by_kind_and_place() -> None:
    assert list(read(drop(CUT, "name"), TALK, drop(CUT, "name"))) == ["clip-1", "talk", "clip-3"]


OTHER = {**CUT, "session_id": BATCH}


@pytest.mark.parametrize(
    ("entries", "field", "words"),
    [
        ([{**CUT, "kind": "film"}], "jobs.0.kind", "must be one of slideshow, clip, analysis"),
        ([CUT, CUT], "jobs.1.name", '"cut" is the name of another job'),
        ([{**CUT, "depends_on": ["cot"]}], "jobs.0.depends_on", "no job 'cot' in this batch"),
        ([{**CUT, "depends_on": ["cut"]}], "jobs", '"cut" waits for itself'),
        (
            [{**CUT, "depends_on": ["talk"]}, {**TALK, "depends_on": ["cut"]}],
            "jobs",
            "wait for each other",
        ),
        ([TALK, {**CUT, "name": "a", "from": "talk"}], "jobs.1.source_id", "leave it out"),
        ([TALK, drop(CLIPS, "highlights")], "jobs.1.from", "makes no video"),
        ([CUT, {**CLIPS, "name": "b", "from": "cut"}], "jobs.1.from", "proposes no highlights"),
        ([TALK, drop(CLIPS, "from")], "jobs.1.highlights", 'as "from"'),
        ([TALK, {**CLIPS, "highlights": 51}], "jobs.1.highlights", "from 1 to 50"),
        ([TALK, {**CLIPS, "highlights": True}], "jobs.1.highlights", "from 1 to 50"),
        ([TALK, {**CLIPS, "start": 3}], "jobs.1.start", "the highlight says that"),
        ([TALK, {**SHOW, "photos": [{"from": "talk"}]}], "jobs.1.photos.0.from", "makes no video"),
        ([{**SHOW, "photos": [{"from": 7}]}], "jobs.0.photos.0.from", "no job '7'"),
        ([{**SHOW, "from": "cut"}, CUT], "jobs.0.from", 'no "source_id"'),
        ([OTHER, {**SHOW, "photos": [{"from": "cut"}]}], "jobs.1.photos.0.from", "session_id"),
        ([{**CUT, "job_id": BATCH}], "jobs.0.job_id", "not for a job of a batch"),
        (
            [TALK, CLIPS, {**drop(CUT, "source_id"), "name": "c", "from": "cut"}],
            "jobs.2.from",
            'is 3 jobs: name one, such as "cut-1"',
        ),
        ([TALK, {**CLIPS, "name": "a"}, {**CUT, "name": "a-2"}], "jobs.2.name", "another job"),
        (
            [TALK, *({**CLIPS, "name": f"c{n}", "highlights": 50} for n in range(2))],
            "jobs",
            f"at most {MAX_BATCH_JOBS} jobs",
        ),
        ([], "jobs", "at least 1"),
        ([{**CUT, "depends_on": ["a b"]}], "jobs.0.depends_on.0", "only letters, digits"),
        ([{**CUT, "name": "../x"}], "jobs.0.name", "only letters, digits"),
    ],
)
def test_what_no_batch_can_do_is_refused(
    entries: list[dict[str, Any]], field: str, words: str
) -> None:
    found, sentence = refuse(*entries)
    assert found == field
    assert words in sentence


@given(st.lists(st.sets(st.integers(0, 11)), min_size=1, max_size=12))
def test_each_job_comes_after_those_that_it_needs(wanted: list[set[int]]) -> None:
    entries = [
        {**CUT, "name": f"c{n}", "depends_on": [f"c{m}" for m in sorted(needs) if m < n]}
        for n, needs in enumerate(wanted)
    ]
    steps = read(*reversed(entries))
    assert set(steps) == {f"c{n}" for n in range(len(wanted))}
    places = {name: place for place, name in enumerate(steps)}
    for step in steps.values():
        assert all(places[need] < places[step.name] for need in step.needs)
