"""Estimates beside what is rendered: real photos, and sizes within a factor of two."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import skimage.data

from reelqueue.media.facts import PhotoFacts, Texture, VideoFacts
from reelqueue.planning.analysis.estimate import estimate_analysis
from reelqueue.planning.captions.cues import plan_captions
from reelqueue.planning.clips.edit import plan_edit
from reelqueue.planning.estimates import (
    Estimate,
    estimate_clip,
    estimate_slideshow,
)
from reelqueue.planning.soundtrack import Track
from reelqueue.planning.still_plan import DrawnGop, plan_gops
from reelqueue.planning.timeline import build_timeline
from reelqueue.render.images.photos import Photo, probe_photo
from reelqueue.render.slideshow import render_slideshow
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.clips.segments import Silences
from reelqueue.specs.delivery import Target
from reelqueue.specs.photo import Motion, PhotoSpec, Transition
from reelqueue.specs.slideshow import Engine, SlideshowSpec

PHONE = PhotoFacts(width=4032, height=3024, format="jpeg")
PICTURES = Path(skimage.data.__file__).parent
SIZES = ("preview", "720p", "1080p", "4k", "reel", "story", "square")


def estimate(
    spec: SlideshowSpec,
    photos: list[PhotoSpec] | None = None,
    *,
    facts: PhotoFacts = PHONE,
    music: Fraction = Fraction(0),
    engine: Engine = Engine.STILL,
) -> Estimate:
    chosen = [PhotoSpec()] * 4 if photos is None else photos
    return estimate_slideshow(spec, [(photo, facts) for photo in chosen], music, engine)


def make_spec(size: str, **choices: Any) -> SlideshowSpec:
    shape = {"preview": True} if size == "preview" else {"resolution": size}
    return SlideshowSpec(**shape, **choices)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("transition", sorted(set(Transition) - {Transition.RANDOM}))
def test_change_takes_more_where_the_still_engine_draws_it(
    size: str, transition: Transition
) -> None:
    spec = make_spec(size, transition=transition)
    gops = plan_gops(build_timeline(spec, [PhotoSpec()] * 2))
    is_drawn = any(isinstance(gop, DrawnGop) for gop in gops)
    plain = estimate(make_spec(size, transition="fade"))
    assert (estimate(spec).estimated_file_size > plain.estimated_file_size) == is_drawn


@pytest.mark.parametrize("engine", Engine)
def test_larger_videos_take_more(engine: Engine) -> None:
    found = [
        estimate(make_spec(size), [PhotoSpec()] * 200, engine=engine)  # in whole seconds
        for size in ("preview", "720p", "1080p", "4k")
    ]
    for smaller, larger in pairwise(found):
        assert smaller.estimated_time < larger.estimated_time
        assert smaller.estimated_file_size < larger.estimated_file_size


def test_what_is_asked_for_takes_time_and_room() -> None:
    spec = SlideshowSpec(duration=20)
    plain = estimate(spec)
    for other in (
        estimate(spec.model_copy(update={"motion": Motion.KENBURNS})),
        estimate(spec, [PhotoSpec(), PhotoSpec(motion="zoom_in"), *[PhotoSpec()] * 2]),
        estimate(spec, music=Fraction(80)),
        estimate(spec, [PhotoSpec()] * 40),
    ):
        assert other.estimated_time > plain.estimated_time
        assert other.estimated_file_size > plain.estimated_file_size


def test_small_or_narrow_photos_take_less_room() -> None:
    sizes = [
        estimate(SlideshowSpec(), facts=facts).estimated_file_size
        for facts in (
            PhotoFacts(width=320, height=240, format="jpeg"),
            PhotoFacts(width=3024, height=4032, format="jpeg"),
            PHONE,
        )
    ]
    assert sizes == sorted(set(sizes))
    turned = estimate(SlideshowSpec(rotate=90), facts=PHONE)
    assert turned.estimated_file_size == sizes[1]


def test_other_formats_take_longer_to_decode() -> None:
    heic = PHONE.model_copy(update={"format": "heif"})
    photos = [PhotoSpec()] * 20
    spec = SlideshowSpec()
    assert estimate(spec, photos, facts=heic).estimated_time > estimate(spec, photos).estimated_time


@pytest.mark.parametrize(
    ("choices", "engine", "has_music"),
    [
        ({"resolution": "1080p"}, Engine.STILL, False),
        ({"preview": True}, Engine.STILL, True),
        (
            {"resolution": "720p", "fit": "cover", "transition": "zoom", "duration": 1},
            Engine.STILL,
            False,
        ),
        ({"preview": True, "motion": "kenburns", "duration": 0.7}, Engine.STILL, False),
        ({"preview": True, "title": {"text": "Summer"}}, Engine.X264, False),
        ({"preview": True, "duration": 1}, Engine.MOVIEPY, False),
    ],
)
def test_size_is_within_a_factor_of_two(
    tmp_path: Path,
    photo_paths: list[Path],
    song_path: Path,
    choices: dict[str, Any],
    engine: Engine,
    *,
    has_music: bool,
) -> None:
    spec = SlideshowSpec(**{"duration": 2, "transition_duration": 0.5, **choices})
    photos = [Photo(path, path.name) for path in photo_paths[:3]]
    tracks = [Track(song_path, 4.0)] if has_music else []
    facts = render_slideshow(
        photos,
        spec,
        tmp_path / "video.mp4",
        tracks=tracks,
        engine=engine,
        on_progress=lambda *_: None,
    )
    known = [(photo.spec, probe_photo(photo.path)) for photo in photos]
    said = estimate_slideshow(spec, known, Fraction(4 * has_music), engine)
    assert (said.duration, said.frames, said.fps) == (facts.duration, facts.frames, facts.fps)
    assert (said.width, said.height) == (facts.width, facts.height)
    assert 0.5 < said.estimated_file_size / facts.file_size < 2
    least, most = said.estimated_file_size_range
    assert least < said.estimated_file_size < most


@pytest.mark.render
@pytest.mark.parametrize(
    ("name", "motion"),
    [
        ("astronaut.png", Motion.KENBURNS),
        ("chelsea.png", Motion.KENBURNS),  # fur
        ("grass.png", Motion.ZOOM_IN),
        ("hubble_deep_field.jpg", Motion.KENBURNS),
        ("page.png", Motion.KENBURNS),  # small print
        ("coffee.png", Motion.NONE),
    ],
)
def test_bytes_of_photos_are_near_what_was_measured(
    tmp_path: Path, name: str, motion: Motion
) -> None:
    path = PICTURES / name
    spec = SlideshowSpec(resolution="640x360", duration=2.5, motion=motion)
    facts = render_slideshow(
        [Photo(path, name)], spec, tmp_path / "video.mp4", on_progress=lambda *_: None
    )
    said = estimate_slideshow(spec, [(PhotoSpec(), probe_photo(path))], Fraction(0), Engine.STILL)
    assert 1 / 1.3 < said.estimated_file_size / facts.file_size < 1.3
    least, most = said.estimated_file_size_range
    assert least < facts.file_size < most


def test_estimate_is_vague_where_it_cannot_know() -> None:
    """Of photos that no texture is known of, and where both engines may have to work."""
    textures = (
        Texture(side=640, fine=0.6, coarse=0.3, loss=3),
        Texture(side=1280, fine=0.45, coarse=0.22, loss=0.25),
        Texture(side=2560, fine=0.3, coarse=0.14, loss=0.02),
    )
    known = PHONE.model_copy(update={"textures": textures})

    def find_factor(facts: PhotoFacts, **choices: Any) -> float:
        least, most = estimate(make_spec("720p", **choices), facts=facts).estimated_file_size_range
        return most / least

    moving = {"motion": Motion.ZOOM_IN, "duration": 9, "transition": Transition.NONE}
    assert find_factor(known) == pytest.approx(1.3**2, rel=0.05)
    assert find_factor(known, **moving) > 2
    assert find_factor(PHONE) == pytest.approx(4, rel=0.05)


def test_clip_that_follows_takes_longer() -> None:
    video = VideoFacts(duration=60, width=1920, height=1080, fps=25, has_audio=False, format="mp4")
    parts = [{"start": 0, "end": 30, "focus": "auto"}, {"start": 30, "end": 60}]
    plain, partly, following = (
        estimate_whole(ClipSpec.model_validate({"fit": "crop"} | choices), video)
        for choices in ({}, {"segments": parts}, {"focus": "auto"})
    )
    assert plain + 5 < following < 2 * plain
    assert partly == pytest.approx((plain + following) / 2, abs=2)


def test_finding_pauses_takes_as_long_in_any_long_video() -> None:
    spec = ClipSpec.model_validate({"segments": [{"start": 60, "end": 61}]})
    cut = spec.model_copy(update={"silences": Silences.CUT})
    facts = {"width": 320, "height": 180, "fps": 25, "has_audio": True, "format": "mp4"}
    short, long, mute = (
        VideoFacts.model_validate(facts | choices)
        for choices in (
            {"duration": 600},
            {"duration": 7200},
            {"duration": 600, "has_audio": False},
        )
    )
    assert estimate_whole(cut, short) > estimate_whole(spec, short)
    assert estimate_whole(cut, long) == estimate_whole(cut, short)
    assert estimate_whole(cut, mute) == estimate_whole(spec, mute)


def test_denoising_takes_time_for_each_pixel_that_is_scaled() -> None:
    """A crop of 9:16 scales 3.2 times as many pixels as the clip has, bars a third of them."""
    video = VideoFacts(duration=60, width=1920, height=1080, fps=25, has_audio=False, format="mp4")
    more = {}
    for fit in ("crop", "pad"):
        plain, denoised = (
            estimate_whole(ClipSpec.model_validate({"fit": fit, "denoise": strength}), video)
            for strength in ("none", "light")
        )
        more[fit] = denoised - plain
    assert more["crop"] > 5 * more["pad"] > 0


def estimate_whole(spec: ClipSpec, video: VideoFacts) -> int:
    return estimate_cut(spec, video, 60_000_000).estimated_time


def estimate_cut(spec: ClipSpec, video: VideoFacts, source_bytes: int) -> Estimate:
    size = video.width, video.height
    edit = plan_edit(spec, video.duration, video.frame_rate, size)
    captions = plan_captions(spec, edit, lambda: True)
    return estimate_clip(spec, edit, video, captions, source_bytes=source_bytes)


@pytest.mark.parametrize(
    ("width", "height", "fps", "source", "clip"),
    [
        (1280, 720, 29.97, 347, 1802),  # a man who stands and talks, strongly compressed
        (1280, 720, 30, 726, 1832),  # one who sits
        (1280, 720, 23.98, 2269, 2418),  # a talk in a room
        (640, 360, 23.98, 1706, 2646),
        (406, 720, 30, 665, 4430),  # upright already, and enlarged
    ],
)
def test_clip_of_a_talk_takes_about_the_bytes_that_were_measured(
    width: int, height: int, fps: float, source: int, clip: int
) -> None:
    """Of real recordings: kbit/s of the file, and of an upright crop that was rendered."""
    facts = {"duration": 60, "width": width, "height": height, "fps": fps, "has_audio": True}
    video = VideoFacts(**facts, format="mp4")
    spec = ClipSpec.model_validate({"fit": "crop"})
    said = estimate_cut(spec, video, source * 60 * 125)
    least, most = said.estimated_file_size_range
    assert least < clip * 60 * 125 < most
    assert 0.8 < said.estimated_file_size / (clip * 60 * 125) < 1.8


def test_analysis_takes_time_for_each_picture_that_is_looked_at() -> None:
    """At most thirty a second, however many there are."""

    def estimate(**choices: Any) -> Estimate:
        facts = {"duration": 600, "width": 1920, "height": 1080, "fps": 30, "has_audio": True}
        return estimate_analysis(VideoFacts(**facts | choices, format="mp4"))

    usual = estimate()
    assert (usual.frames, usual.duration, usual.fps) == (18_000, 600, 30)
    assert estimate(fps=60).frames == estimate(fps=120).frames == 18_000
    assert estimate(fps=50).frames == estimate(fps=25).frames == 15_000
    assert estimate(fps=29.97).frames == 17_982
    times = [
        each.estimated_time
        for each in (
            estimate(width=640, height=360),
            estimate(has_audio=False),
            usual,
            estimate(width=3840, height=2160),
        )
    ]
    assert times == sorted(set(times))
    assert 600 / 20 < usual.estimated_time < 600 / 5


def test_fades_without_b_pictures_take_many_more_bytes() -> None:
    """As measured: about four times as many for short photos, and no B pictures to mix fades."""
    look = {"duration": 1.5, "transition_duration": 0.5, "resolution": "1280x720", "fps": 25}

    def measure(target: Target | None, engine: Engine) -> int:
        spec = SlideshowSpec.model_validate(look | {"target": target})
        return estimate(spec, [PhotoSpec()] * 4, engine=engine).estimated_file_size

    plain = measure(None, Engine.X264)
    assert 3 * plain < measure(Target.WHATSAPP, Engine.STILL) < 6 * plain
    assert measure(Target.WIDEST, Engine.X264) == measure(Target.WHATSAPP, Engine.STILL)
