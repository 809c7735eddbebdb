"""What an order leaves open is settled, and what it names is kept or refused."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

import pytest

from reelqueue.errors import InvalidSpecError
from reelqueue.media.facts import PhotoFacts
from reelqueue.planning.clips.cut import choose_clip_rate, choose_size
from reelqueue.planning.clips.edit import plan_edit
from reelqueue.planning.delivery.encoding import choose_engine
from reelqueue.planning.delivery.settling import settle_slideshow
from reelqueue.planning.delivery.targets import RULES, Profile, find_rules
from reelqueue.planning.estimates import Estimate, estimate_slideshow
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.clips.reframe import Aspect, Reframe
from reelqueue.specs.delivery import Delivery, Quality, Target
from reelqueue.specs.photo import PhotoSpec
from reelqueue.specs.slideshow import Engine, SlideshowSpec

PHOTO = PhotoFacts(width=4032, height=3024, format="jpeg")


def settle(photos: int = 5, **order: Any) -> tuple[SlideshowSpec, Estimate]:
    known = [(PhotoSpec(), PHOTO)] * photos
    estimate = partial(estimate_slideshow, photos=known, music=Fraction(), engine=Engine.STILL)
    return settle_slideshow(SlideshowSpec(**order), set(order), lambda spec: estimate(spec))


@pytest.mark.parametrize(
    ("target", "resolution", "engine", "profile"),
    [
        (Target.WHATSAPP, "1280x720", "x264", "main"),
        (Target.INSTAGRAM, "1080x1920", "still", "high"),
        (Target.TIKTOK, "1080x1920", "still", "high"),
        (Target.YOUTUBE, "1920x1080", "still", "high"),
        (Target.DISCORD, "1920x1080", "still", "high"),
        (Target.EMAIL, "1920x1080", "still", "high"),
        (Target.WIDEST, "1280x720", "x264", "baseline"),
    ],
)
def test_target_sets_size_engine_and_profile(
    target: Target, resolution: str, engine: str, profile: str
) -> None:
    spec, estimate = settle(target=target)
    assert spec.resolution == resolution
    assert (estimate.width, estimate.height) == spec.size
    assert estimate.encoding
    assert (estimate.encoding.engine, estimate.encoding.profile) == (engine, profile)
    assert estimate.encoding.max_bytes == RULES[target].max_bytes


@pytest.mark.parametrize("target", Target)
def test_size_and_rate_that_are_named_are_kept(target: Target) -> None:
    spec, _ = settle(target=target, resolution="1000x1000", fps=24)
    assert (spec.resolution, spec.fps) == ("1000x1000", 24)
    spec, _ = settle(target=target, resolution="1920x1080")  # though it is the default
    assert spec.resolution == "1920x1080"


@pytest.mark.parametrize(
    ("order", "field", "sentence"),
    [
        (
            {"target": "tiktok", "resolution": "640x360"},
            "resolution",
            "at least 540x960 or 960x540 for TikTok",
        ),
        (
            {"target": "instagram", "resolution": "3840x2160"},
            "resolution",
            "at most 1920 pixels wide for Instagram",
        ),
        ({"target": "instagram", "fps": 15}, "fps", "must be between 23 and 60 for Instagram"),
        ({"target": "widest", "fps": 60}, "fps", "must be at most 30 for old players"),
        (
            {"target": "instagram", "duration": 0.4},
            "target",
            "would last 2.0 seconds, and Instagram takes between 3 and 900: make it longer",
        ),
        (
            {"target": "tiktok", "duration": 60, "photos": 11},
            "target",
            "would last 660.0 seconds, and TikTok takes at most 600: make it shorter",
        ),
    ],
)
def test_what_the_place_does_not_take_is_refused(
    order: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(InvalidSpecError, match=sentence) as caught:
        settle(**order)
    assert caught.value.field == field


def test_frames_get_smaller_only_if_no_size_is_named() -> None:
    """300 photos take some 200 MB in Full HD."""
    spec, estimate = settle(300, max_bytes=20_000_000)
    assert min(spec.size) < 1080
    assert estimate.estimated_file_size <= 20_000_000
    spec, _ = settle(300, max_bytes=20_000_000, resolution="1920x1080")
    assert spec.size == (1920, 1080)
    spec, _ = settle(300)
    assert spec.size == (1920, 1080)


def test_impossible_limit_is_refused_with_the_least_bytes() -> None:
    with pytest.raises(InvalidSpecError, match=r"this video takes at least \d+ kB") as caught:
        settle(300, max_bytes=20_000)
    assert caught.value.field == "max_bytes"


def test_lower_limit_counts() -> None:
    assert find_rules(Delivery(target=Target.EMAIL, max_bytes=10**9)).max_bytes == 18_000_000
    assert find_rules(Delivery(target=Target.EMAIL, max_bytes=10**6)).max_bytes == 10**6
    assert find_rules(Delivery(max_bytes=10**6)).max_bytes == 10**6
    assert find_rules(Delivery()).max_bytes is None


def test_reference_engine_makes_only_what_it_can() -> None:
    assert choose_engine(Engine.MOVIEPY, SlideshowSpec()) is Engine.MOVIEPY
    assert choose_engine(Engine.MOVIEPY, SlideshowSpec(quality=Quality.HIGH)) is Engine.X264
    assert choose_engine(Engine.STILL, SlideshowSpec(max_bytes=10**6)) is Engine.STILL


def test_no_place_takes_what_the_still_engine_writes_without_taking_b_pictures() -> None:
    for rules in RULES.values():
        assert rules.takes_stills == (rules.has_b_pictures and rules.profile is Profile.HIGH)
        assert rules.takes_size(rules.size)


@pytest.mark.parametrize(
    ("target", "fps", "expected"),
    [
        (None, 15, 15),
        (Target.TIKTOK, 15, 30),
        (Target.INSTAGRAM, 20, 40),
        (Target.INSTAGRAM, 24, 24),
        (Target.WIDEST, 60, 30),
        (Target.WIDEST, 25, 25),
        (Target.WHATSAPP, 120, 60),
    ],
)
def test_clip_has_a_rate_that_the_place_takes(
    target: Target | None, fps: int, expected: int
) -> None:
    assert choose_clip_rate(Fraction(fps), find_rules(Delivery(target=target))) == expected


@pytest.mark.parametrize(
    ("target", "aspect", "expected"),
    [
        (None, Aspect.ORIGINAL, (640, 360)),
        (Target.TIKTOK, Aspect.ORIGINAL, (960, 540)),
        (Target.WHATSAPP, Aspect.PORTRAIT, (720, 1280)),
        (Target.WIDEST, Aspect.LANDSCAPE, (1280, 720)),
        (Target.INSTAGRAM, Aspect.FEED, (1080, 1350)),
    ],
)
def test_clip_has_a_size_that_the_place_takes(
    target: Target | None, aspect: Aspect, expected: tuple[int, int]
) -> None:
    rules = find_rules(Delivery(target=target))
    assert choose_size(Reframe(aspect=aspect), (640, 360), rules) == expected


def test_clip_gets_smaller_where_its_bytes_are_few() -> None:
    def plan(**order: Any) -> tuple[int, int]:
        return plan_edit(ClipSpec(**order), 300.0, Fraction(30), (1920, 1080)).size

    assert plan() == (1080, 1920)
    assert plan(target=Target.DISCORD) < (1080, 1920)
    assert plan(target=Target.DISCORD, resolution="1080x1920") == (1080, 1920)
    assert plan(max_bytes=10**9) == (1080, 1920)
    with pytest.raises(InvalidSpecError, match="must be at least 540x960"):
        plan(target=Target.TIKTOK, resolution="320x180")
    with pytest.raises(InvalidSpecError, match=r"would last 1\.0 seconds"):
        plan(target=Target.INSTAGRAM, end=1.0)
