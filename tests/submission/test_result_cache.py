"""The names of cached results: they depend on everything that determines a result, and no more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from reelqueue.jobs.model import ANYONE, Job, now
from reelqueue.jobs.priorities import Priority
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.photo import Fit, PhotoSpec
from reelqueue.specs.slideshow import Engine, SlideshowSpec
from reelqueue.submission.kinds import KINDS
from reelqueue.submission.kinds.base import Work, WorkInput
from reelqueue.submission.kinds.clip import ClipWork
from reelqueue.submission.kinds.slideshow import SLIDESHOW, PhotoInput, SlideshowWork
from reelqueue.submission.music import TrackInput
from reelqueue.submission.result_cache import name_work


@dataclass(frozen=True)
class Place:
    """The key and the name of a file, which do not affect the video."""

    session: str = "holiday"
    media: str = "m"
    name: str = "beach.jpg"

    def hold(self, digest: str, owner: str) -> dict[str, str]:
        key = f"sessions/{owner}/{self.session}/uploads/{self.media}/original.jpg"
        return {"key": key, "name": self.name, "digest": digest}


def make_work(
    place: Place = Place(),
    owner: str = "me",
    photos: str = "ab",
    caption: str = "",
    song: str = "s",
    end: float | None = None,
    **spec: Any,
) -> SlideshowWork:
    own = PhotoSpec(caption=caption)
    return SlideshowWork(
        spec=SlideshowSpec(**spec),
        photos=tuple(PhotoInput(**place.hold(photo, owner), spec=own) for photo in photos),
        tracks=(TrackInput(**place.hold(song, owner), duration=60, end=end),),
    )


def make_job(work: Work, owner: str = "me", job_id: str = "a") -> Job:
    return Job(
        id=job_id,
        owner=owner,
        created_at=now(),
        priority=Priority.DEFAULT,
        request_hash=job_id,
        estimated_seconds=1,
        work=work.to_record("clip" if isinstance(work, ClipWork) else "slideshow"),
    )


def name(owner: str = "me", **choices: Any) -> str | None:
    return name_work(make_job(make_work(owner=owner, **choices), owner), Engine.STILL)


@pytest.mark.parametrize(
    "change",
    [
        {"photos": "ba"},
        {"photos": "ac"},
        {"photos": "abb"},
        {"caption": "The beach"},
        {"song": "t"},
        {"end": 30},
        {"seed": 1},
        {"fps": 25},
        {"duration": 3.5},
        {"title": {"text": "Our summer"}},
        {"owner": "you"},
    ],
)
def test_result_of_another_order_has_another_name(change: dict[str, Any]) -> None:
    assert name() == name()
    assert name(**change) != name()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"resolution": "1080p"}, {"resolution": "1920x1080"}),
        ({"resolution": "reel"}, {"resolution": "story"}),
        ({"resolution": "1281x721"}, {"resolution": "720p"}),
        ({"background": "#FFEEdd"}, {"background": "#ffeedd"}),
        ({"duration": 3}, {}),
    ],
)
def test_order_in_another_spelling_has_the_same_name(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert name(**one) == name(**other)


def test_photo_setting_that_repeats_the_slideshow_s_is_no_part_of_the_order() -> None:
    spec = SlideshowSpec(duration=4.0, fit=Fit.COVER)
    own = PhotoSpec(duration=4.0, fit=Fit.BLUR, caption="The beach")
    assert spec.drop_repeats(own) == PhotoSpec(fit=Fit.BLUR, caption="The beach")
    assert spec.drop_repeats(PhotoSpec()) == PhotoSpec()


def test_clip_is_named_by_its_source_and_its_spec() -> None:
    names = {
        name_work(
            make_job(
                ClipWork(spec=ClipSpec(end=end), source=WorkInput(key=key, name="n", digest=held))
            ),
            Engine.STILL,
        )
        for key in ("sessions/me/1/x", "sessions/me/2/y")
        for held in "ab"
        for end in (1, 2)
    }
    assert len(names) == 4


def test_other_renderers_give_other_results(monkeypatch: pytest.MonkeyPatch) -> None:
    job = make_job(make_work())
    names = {name_work(job, engine) for engine in Engine}
    monkeypatch.setitem(KINDS, "slideshow", replace(SLIDESHOW, version=SLIDESHOW.version + 1))
    names |= {name_work(job, engine) for engine in Engine}
    assert len(names) == 2 * len(Engine)


def test_where_files_lie_and_which_job_asks_is_no_part_of_the_name() -> None:
    elsewhere = Place("other", "n", "IMG_2.jpg")
    job = make_job(make_work(elsewhere), job_id="b").model_copy(
        update={"created_at": now() + timedelta(days=1), "priority": Priority.LOW}
    )
    assert name_work(job, Engine.STILL) == name()


def test_results_of_the_shared_owner_are_reused_within_a_session_only() -> None:
    assert name(ANYONE) == name(ANYONE, place=Place(media="n"))
    assert name(ANYONE) != name(ANYONE, place=Place("other"))


def test_job_with_an_unknown_file_content_has_no_name() -> None:
    work = make_work()
    (first, second), tracks = work.photos, work.tracks
    unknown = {"digest": ""}
    for change in (
        {"photos": (first, second.model_copy(update=unknown))},
        {"tracks": (tracks[0].model_copy(update=unknown),)},
    ):
        assert name_work(make_job(work.model_copy(update=change)), Engine.STILL) is None
