from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.h264.pictures import WEIGHT_SUM, BSkipPicture, Weights
from reelqueue.planning.b_pictures import plan_b_pictures
from reelqueue.planning.camera import ZOOM, CameraPath, Move, View
from reelqueue.planning.slides import add_cards
from reelqueue.planning.spans import PhotoSpan, TransitionSpan
from reelqueue.planning.still_plan import (
    LONGEST_GOP_SECONDS,
    DrawnGop,
    GreyStill,
    PhotoStill,
    StillGop,
    TransitionStill,
    list_stills,
    plan_gops,
)
from reelqueue.planning.timeline import Timeline, build_timeline
from reelqueue.planning.transitions.registry import EFFECTS
from reelqueue.specs.formats import FRAME_RATES
from reelqueue.specs.photo import Motion, PhotoSpec, Transition
from reelqueue.specs.slideshow import SlideshowSpec
from reelqueue.specs.text import TitleCard

TRANSITIONS = sorted(set(Transition) - {Transition.RANDOM})  # which is one of the others
DRAWN = [transition for transition, effect in EFFECTS.items() if effect.must_be_drawn]
SMALL = (64, 64)
WIDE = "1920x64"  # at its level, a picture can be moved over all of it

specs = st.builds(
    SlideshowSpec,
    resolution=st.just(WIDE),
    duration=st.integers(2, 600).map(lambda tenths: tenths / 10),
    transition=st.sampled_from(Transition),
    transition_duration=st.integers(0, 100).map(lambda tenths: tenths / 10),
    fps=st.sampled_from(sorted(FRAME_RATES)),
)


photo_lists = st.lists(
    st.builds(
        PhotoSpec,
        duration=st.none() | st.integers(2, 120).map(lambda tenths: tenths / 10),
        transition=st.none() | st.sampled_from(Transition),
        transition_duration=st.none() | st.integers(0, 100).map(lambda tenths: tenths / 10),
    ),
    min_size=1,
    max_size=6,
)


def plan_stills(timeline: Timeline) -> list[StillGop]:
    return [gop for gop in plan_gops(timeline) if isinstance(gop, StillGop)]


@given(specs, photo_lists)
def test_gops_have_every_frame_and_begin_with_every_photo(
    spec: SlideshowSpec, photos: list[PhotoSpec]
) -> None:
    timeline = build_timeline(spec, photos)

    gops = plan_gops(timeline)

    starts, position = [], 0
    for gop in gops:
        if isinstance(gop, DrawnGop):
            drawn = replace(timeline, spans=gop.spans)
            starts += [position + start for start in drawn.photo_starts()]
            position += gop.frames
            continue
        starts.append(position)
        position += gop.frames
        changed = sum(1 + len(between) for between in plan_b_pictures(gop, SMALL))
        assert gop.frames == gop.held + changed
        assert gop.held <= LONGEST_GOP_SECONDS * round(spec.frame_rate)
    assert position == timeline.frames
    assert set(timeline.photo_starts()) <= set(starts)


@given(specs, photo_lists)
def test_stills_are_needed_in_the_order_of_the_photos(
    spec: SlideshowSpec, photos: list[PhotoSpec]
) -> None:
    gops = plan_gops(build_timeline(spec, photos))
    stills = list(list_stills(gops))

    shown = [still.photo for still in stills if not isinstance(still, GreyStill)]
    assert shown == sorted(shown)
    if not any(isinstance(gop, DrawnGop) for gop in gops):
        assert set(shown) == set(range(len(photos)))
    assert len(shown) <= 2 * len(photos)
    assert len(stills) - len(shown) <= len(photos) - 1


@pytest.mark.parametrize("frames", [2, 3, 6])
@pytest.mark.parametrize("transition", [Transition.FADE, Transition.FADE_BLACK])
def test_photo_never_alone_begins_with_its_transition(transition: Transition, frames: int) -> None:
    span = TransitionSpan(transition, 0, 1, frames)
    timeline = Timeline(SMALL, Fraction(25), (span, PhotoSpan(1, 3)))

    assert plan_gops(timeline) == [
        StillGop(TransitionStill(span), 1, span),
        StillGop(PhotoStill(1), 3),
    ]


def test_fade_through_black_leads_to_black_and_to_the_next_photo() -> None:
    span = TransitionSpan(Transition.FADE_BLACK, 0, 1, 8)

    assert StillGop(PhotoStill(0), 1, span).targets == [(4, GreyStill(0)), (8, PhotoStill(1))]


@pytest.mark.parametrize("drawn", [0, 1])
def test_fade_of_two_photos_with_words_leads_by_way_of_none(drawn: int) -> None:
    span = TransitionSpan(Transition.FADE, 0, 1, 8, parts_words=True)
    first = TransitionStill(span) if drawn else PhotoStill(0)
    gop = StillGop(first, 1, span)

    assert (gop.middle, gop.targets) == (4, [(8, PhotoStill(1))])
    (b_pictures,) = plan_b_pictures(gop, SMALL)
    # Of frames 1, 2 and 3, between the first still and the middle; 4, between both photos; and of
    # 5, 6 and 7, between the middle and the next photo.
    wanted = [Fraction(number - drawn, 4 - drawn) for number in range(drawn + 1, 4)]
    wanted += [Fraction(4 - drawn, 8 - drawn)]
    wanted += [Fraction(number - 4, 4) for number in range(5, 8)]
    shares = [round(WEIGHT_SUM * share) for share in wanted]
    assert b_pictures == [BSkipPicture(Weights(WEIGHT_SUM - share, share)) for share in shares]


def test_words_part_only_where_both_photos_have_some() -> None:
    title, end_title = TitleCard(text="A"), TitleCard(text="Z")
    spec = SlideshowSpec(transition=Transition.FADE, title=title, end_title=end_title)
    photos = [PhotoSpec(caption="b"), PhotoSpec(), PhotoSpec(caption="c", motion=Motion.KENBURNS)]

    spans = build_timeline(spec, add_cards(spec, [*photos, PhotoSpec(caption="d")])).spans

    parted = [
        span.photos for span in spans if isinstance(span, TransitionSpan) and span.parts_words
    ]
    assert parted == [(0, 1), (3, 4), (4, 5)]


@pytest.mark.parametrize("transition", TRANSITIONS)
@pytest.mark.parametrize(
    ("resolution", "drawn_directions"),
    [
        ("2048x504", ()),
        ("3840x504", ("left", "right")),
        ("1920x1080", ("up", "down")),
    ],
)
def test_only_what_moves_too_far_or_is_more_than_mixed_and_moved_is_drawn(
    transition: Transition, resolution: str, drawn_directions: tuple[str, ...]
) -> None:
    spec = SlideshowSpec(transition=transition, resolution=resolution)

    gops = plan_gops(build_timeline(spec, [PhotoSpec()] * 3))

    drawn = [gop for gop in gops if isinstance(gop, DrawnGop)]
    moves = transition.startswith(("slide", "push")) and transition.endswith(drawn_directions)
    assert len(drawn) == (2 if moves or transition in DRAWN else 0)
    assert sum(gop.frames for gop in gops) == 3 * 3 * 30


def test_push_of_a_photo_that_is_never_whole_is_drawn() -> None:
    push = TransitionSpan(Transition.PUSH_LEFT, 0, 1, 5)

    assert plan_gops(Timeline(SMALL, Fraction(25), (push, PhotoSpan(1, 3)))) == [
        DrawnGop((push,)),
        StillGop(PhotoStill(1), 3),
    ]


@pytest.mark.parametrize(("held", "stills"), [(3, [StillGop(PhotoStill(0), 2)]), (1, [])])
def test_fade_to_a_photo_that_moves_begins_with_the_last_frame_of_the_photo_before(
    held: int, stills: list[StillGop]
) -> None:
    """From which the fade can be written; others are drawn from their first frame on."""
    move = Move(CameraPath(View(ZOOM), View(1)), 0, 14)
    fade = TransitionSpan(Transition.FADE, 0, 1, 5, next_move=move)
    circle = replace(fade, transition=Transition.CIRCLE_OPEN)
    after = PhotoSpan(1, 9, replace(move, first=5))

    def plan(transition: TransitionSpan) -> list[StillGop | DrawnGop]:
        spans = PhotoSpan(0, held), transition, after
        return plan_gops(Timeline(SMALL, Fraction(25), spans))

    assert plan(fade) == [*stills, DrawnGop((PhotoSpan(0, 1), fade)), DrawnGop((after,))]
    assert plan(circle) == [
        StillGop(PhotoStill(0), held),
        DrawnGop((circle,)),
        DrawnGop((after,)),
    ]
