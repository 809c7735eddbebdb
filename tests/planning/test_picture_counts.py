"""Counts beside the plan, for about a thousand slideshows."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from reelqueue.media.facts import PhotoFacts
from reelqueue.planning.estimates import estimate_slideshow
from reelqueue.planning.picture_counts import PictureCount, count_pictures
from reelqueue.planning.slides import add_cards
from reelqueue.planning.spans import PhotoSpan, TransitionSpan
from reelqueue.planning.still_plan import DrawnGop, GreyStill, list_stills, plan_gops
from reelqueue.planning.timeline import Timeline, build_timeline
from reelqueue.planning.transitions.registry import EFFECTS
from reelqueue.specs.photo import Motion, PhotoSpec, Transition
from reelqueue.specs.slideshow import Engine, SlideshowSpec
from reelqueue.specs.text import TitleCard

PHONE = PhotoFacts(width=4032, height=3024, format="jpeg")
CARDS = {"title": TitleCard(text="Start"), "end_title": TitleCard(text="End", duration=12)}
SHAPES: list[dict[str, Any]] = [
    {"resolution": "1080p", "duration": 3},
    {"resolution": "4k", "duration": 12, "transition_duration": 10, "fps": 60, **CARDS},
    {"resolution": "reel", "duration": 0.7, "fps": 29.97},  # photos that are never seen alone
    {"resolution": "square", "duration": 25, "transition_duration": 0.04, "fps": 25, **CARDS},
    {"preview": True, "resolution": "4k", "duration": 2, "fps": 15, "fit": "cover", "seed": 7},
]
MOTIONS = [
    [PhotoSpec()] * 4,
    [PhotoSpec(motion=Motion.KENBURNS)] * 4,
    [PhotoSpec(), PhotoSpec(motion=Motion.PAN_UP), PhotoSpec(duration=0.3), PhotoSpec()],
]
SLIDESHOWS = [
    (SlideshowSpec(transition=transition, **shape), photos)
    for transition, shape, photos in product(Transition, SHAPES, MOTIONS)
]


def plan(spec: SlideshowSpec, photos: list[PhotoSpec]) -> Timeline:
    return build_timeline(spec, add_cards(spec, photos))


def count_drawn(counts: list[PictureCount]) -> int:
    return sum(count.drawn.total() for count in counts)


@pytest.mark.parametrize("engine", Engine)
def test_estimate_has_the_frames_of_the_timeline(engine: Engine) -> None:
    assert len(SLIDESHOWS) * len(Engine) > 960
    for spec, photos in SLIDESHOWS:
        timeline = plan(spec, photos)
        said = estimate_slideshow(spec, [(photo, PHONE) for photo in photos], Fraction(), engine)
        assert said.frames == timeline.frames, (spec, photos)
        assert said.duration == float(timeline.frames / timeline.frame_rate), (spec, photos)


def test_still_engine_draws_and_encodes_what_is_counted() -> None:
    for spec, photos in SLIDESHOWS:
        timeline = plan(spec, photos)
        counts = count_pictures(timeline, Engine.STILL)

        gops = plan_gops(timeline)
        drawn = [gop for gop in gops if isinstance(gop, DrawnGop)]
        stills = [still for still in list_stills(gops) if not isinstance(still, GreyStill)]
        assert count_drawn(counts) == sum(gop.frames for gop in drawn), (spec, photos)
        assert sum(count.stills for count in counts) == len(stills), (spec, photos)
        assert sum(count.intra for count in counts) >= len(gops), (spec, photos)


@pytest.mark.parametrize("engine", [Engine.X264, Engine.MOVIEPY])
def test_encoders_of_every_frame_draw_what_is_counted(engine: Engine) -> None:
    for spec, photos in SLIDESHOWS:
        timeline = plan(spec, photos)
        counts = count_pictures(timeline, engine)

        transitions = [span for span in timeline.spans if isinstance(span, TransitionSpan)]
        drawn = [
            span
            for span in timeline.spans
            if span.is_moving
            or (isinstance(span, TransitionSpan) and EFFECTS[span.transition].must_be_drawn)
        ]
        assert sum(count.transition for count in counts) == sum(
            span.frames for span in transitions
        ), (spec, photos)
        assert count_drawn(counts) == sum(span.frames for span in drawn), (spec, photos)
        assert min(count.intra for count in counts) >= 1, (spec, photos)


def test_frames_are_counted_by_what_they_cost() -> None:
    photos = [
        PhotoSpec(transition=Transition.ZOOM),
        PhotoSpec(transition=Transition.SLIDE_UP),
        PhotoSpec(transition=Transition.WIPE_UP),
        PhotoSpec(motion=Motion.PAN_UP),
        PhotoSpec(),
    ]
    timeline = plan(SlideshowSpec(resolution="1080p", fps=20), photos)

    by_photo = [dict(count.drawn) for count in count_pictures(timeline, Engine.STILL)]
    assert by_photo == [
        {(24, 0.13): 20},
        {(9, 0.014): 20},  # 1080 lines are farther than a motion vector reaches
        {(2.5, 0): 1, (6, 0): 20},  # into a photo that moves
        {(2.5, 0): 40, (6, 0): 20},  # a fade from a pan
        {},
    ]
    assert count_pictures(timeline, Engine.X264)[1].drawn == Counter()


def test_still_is_counted_for_each_of_its_groups_and_at_the_end_of_a_transition() -> None:
    blend = TransitionSpan(Transition.FADE, 0, 1, 5)
    timeline = Timeline((64, 64), Fraction(25), (PhotoSpan(0, 600), blend, PhotoSpan(1, 9)))

    counts = count_pictures(timeline, Engine.STILL)

    assert [count.stills for count in counts] == [1, 1]
    assert [count.intra for count in counts] == [3, 2]
    assert [count.intra for count in count_pictures(timeline, Engine.X264)] == [9, 1]
    assert [count.intra for count in count_pictures(timeline, Engine.MOVIEPY)] == [3, 1]
