from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.h264.gop import Copy, Mixture
from reelqueue.h264.macroblocks import Motion, copy_new, copy_old, mix
from reelqueue.h264.slice_header import WHOLE
from reelqueue.planning.still_pictures import plan_changes
from reelqueue.planning.still_plan import (
    LONGEST_HOLD,
    Alone,
    DrawnGroup,
    Opening,
    Plain,
    StillGroup,
    list_stills,
    plan_groups,
)
from reelqueue.planning.timeline import Blend, Hold, Timeline, build_timeline
from reelqueue.planning.transitions.registry import EFFECTS
from reelqueue.specs.formats import FRAME_RATES
from reelqueue.specs.slideshow import PhotoSpec, SlideshowSpec, Transition

WAYS = [way for way in Transition if way is not Transition.RANDOM]  # which is one of them
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


def plan_stills(timeline: Timeline) -> list[StillGroup]:
    return [group for group in plan_groups(timeline) if isinstance(group, StillGroup)]


@given(specs, photo_lists)
def test_groups_have_every_frame_and_begin_with_every_photo(
    spec: SlideshowSpec, photos: list[PhotoSpec]
) -> None:
    timeline = build_timeline(spec, photos)

    groups = plan_groups(timeline)

    starts, position = [], 0
    for group in groups:
        if isinstance(group, DrawnGroup):
            drawn = replace(timeline, spans=group.spans)
            starts += [position + start for start in drawn.photo_starts()]
            position += group.total
            continue
        starts.append(position)
        position += group.total
        changed = sum(1 + len(between) for between in plan_changes(group, SMALL))
        assert group.total == group.frames + changed
        assert group.frames <= LONGEST_HOLD * round(spec.frame_rate)
    assert position == timeline.frames
    assert set(timeline.photo_starts()) <= set(starts)


@given(specs, photo_lists)
def test_stills_are_needed_in_the_order_of_the_photos(
    spec: SlideshowSpec, photos: list[PhotoSpec]
) -> None:
    groups = plan_groups(build_timeline(spec, photos))
    stills = list(list_stills(groups))

    shown = [
        still.blend.photo if isinstance(still, Opening) else still.photo
        for still in stills
        if not isinstance(still, Plain)
    ]
    assert shown == sorted(shown)
    if not any(isinstance(group, DrawnGroup) for group in groups):
        assert set(shown) == set(range(len(photos)))
    assert len(shown) <= 2 * len(photos)
    assert len(stills) - len(shown) <= len(photos) - 1


@given(specs, photo_lists)
def test_weights_are_such_as_the_standard_allows(
    spec: SlideshowSpec, photos: list[PhotoSpec]
) -> None:
    """1 to 127, and 128 together (7.4.3.2)."""
    for group in plan_stills(build_timeline(spec, photos)):
        for step in chain.from_iterable(plan_changes(group, spec.size)):
            weights = step if isinstance(step, Mixture) else step.edge
            assert all(1 <= weight <= 127 for weight in weights)
            assert sum(weights) == WHOLE


def plan_whole_change(blend: Blend, frames: int = 1) -> list[list[Mixture | Copy]]:
    return plan_changes(StillGroup(Alone(blend.photo), frames, blend), SMALL)


def test_fade_mixes_in_equal_steps() -> None:
    assert plan_whole_change(Blend(Transition.FADE, 0, 1, 4)) == [
        [Mixture(96, 32), Mixture(64, 64), Mixture(32, 96)]
    ]


def test_fade_through_black_is_two_fades() -> None:
    blend = Blend(Transition.FADE_BLACK, 0, 1, 8)

    assert StillGroup(Alone(0), 1, blend).targets == [(4, Plain(0)), (8, Alone(1))]
    fade = [Mixture(96, 32), Mixture(64, 64), Mixture(32, 96)]
    assert plan_whole_change(blend) == [fade, fade]


@pytest.mark.parametrize(
    ("blend", "changes"),
    [
        # From the first frame on, which holds a fifth of the new photo.
        (Blend(Transition.FADE, 0, 1, 5), [[Mixture(96, 32), Mixture(64, 64), Mixture(32, 96)]]),
        (
            Blend(Transition.FADE_BLACK, 0, 1, 6),
            [[Mixture(64, 64)], [Mixture(85, 43), Mixture(43, 85)]],
        ),
        (Blend(Transition.FADE_WHITE, 0, 1, 3), [[Mixture(64, 64)]]),  # the first is white itself
        (Blend(Transition.FADE_BLACK, 0, 1, 2), [[]]),
    ],
)
def test_photo_never_alone_begins_with_its_change(
    blend: Blend, changes: list[list[Mixture]]
) -> None:
    timeline = Timeline(SMALL, Fraction(25), (blend, Hold(1, 3)))

    first, second = plan_stills(timeline)

    assert (first, second) == (StillGroup(Opening(blend), 1, blend), StillGroup(Alone(1), 3))
    assert plan_changes(first, SMALL) == changes


@pytest.mark.parametrize(
    ("transition", "first", "second"),
    [
        (Transition.WIPE_LEFT, copy_old(), copy_new()),
        (Transition.WIPE_RIGHT, copy_new(), copy_old()),
        (Transition.SLIDE_LEFT, copy_old(), copy_new(-52)),
        (Transition.SLIDE_RIGHT, copy_new(52), copy_old()),
        (Transition.PUSH_LEFT, copy_old(12), copy_new(-52)),
        (Transition.PUSH_RIGHT, copy_new(52), copy_old(-12)),
        (Transition.WIPE_UP, copy_old(), copy_new()),
        (Transition.SLIDE_UP, copy_old(), copy_new(0, -52)),
        (Transition.PUSH_DOWN, copy_new(0, 52), copy_old(0, -12)),
    ],
)
def test_edge_is_between_old_and_new(transition: Transition, first: Motion, second: Motion) -> None:
    ((step, *_),) = plan_whole_change(Blend(transition, 0, 1, 5))

    assert isinstance(step, Copy)
    old, new = (first, second) if transition.endswith(("left", "up")) else (second, first)
    assert step.strips.are_rows is transition.endswith(("up", "down"))
    hidden = (first,) * 6 if old is first else (first,)
    seen = (second,) if old is first else (second,) * 6
    assert step.strips.motions == (*hidden, mix(old, new), *seen)
    assert step.edge == Mixture(64, 64)  # 12 samples: one strip and a half


@pytest.mark.parametrize("transition", WAYS)
@pytest.mark.parametrize(
    ("resolution", "drawn_ways"),
    [
        ("2048x504", ()),
        ("3840x504", ("left", "right")),
        ("1920x1080", ("up", "down")),
    ],
)
def test_only_what_moves_too_far_or_is_more_than_mixed_and_moved_is_drawn(
    transition: Transition, resolution: str, drawn_ways: tuple[str, ...]
) -> None:
    spec = SlideshowSpec(transition=transition, resolution=resolution)

    groups = plan_groups(build_timeline(spec, [PhotoSpec()] * 3))

    drawn = [group for group in groups if isinstance(group, DrawnGroup)]
    moves = transition.startswith(("slide", "push")) and transition.endswith(drawn_ways)
    assert len(drawn) == (2 if moves or transition in DRAWN else 0)
    assert sum(group.total for group in groups) == 3 * 3 * 30


def test_push_of_a_photo_that_is_never_whole_is_drawn() -> None:
    push = Blend(Transition.PUSH_LEFT, 0, 1, 5)

    assert plan_groups(Timeline(SMALL, Fraction(25), (push, Hold(1, 3)))) == [
        DrawnGroup((push,)),
        StillGroup(Alone(1), 3),
    ]
