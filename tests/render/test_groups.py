from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.render.groups import (
    LONGEST_HOLD,
    DrawnGroup,
    Still,
    StillGroup,
    list_stills,
    plan_change,
    plan_groups,
)
from reelqueue.render.h264.motion import Motion, copy_new, copy_old, mix
from reelqueue.render.h264.slices import WHOLE
from reelqueue.render.h264.stream import Copy, Mixture
from reelqueue.render.timeline import Blend, Hold, Timeline, plan_slideshow
from reelqueue.specs import FRAME_RATES, SlideshowSpec, Transition

specs = st.builds(
    SlideshowSpec,
    duration=st.integers(2, 600).map(lambda tenths: tenths / 10),
    transition=st.sampled_from(Transition),
    transition_duration=st.integers(0, 100).map(lambda tenths: tenths / 10),
    fps=st.sampled_from(sorted(FRAME_RATES)),
)


def plan_stills(timeline: Timeline) -> list[StillGroup]:
    """Return the groups of a timeline of which none must be drawn."""
    groups = plan_groups(timeline)
    stills = [group for group in groups if isinstance(group, StillGroup)]
    assert len(stills) == len(groups)
    return stills


@given(specs, st.integers(1, 6))
def test_groups_have_every_frame_and_begin_with_every_photo(
    spec: SlideshowSpec, photo_count: int
) -> None:
    timeline = plan_slideshow(spec, photo_count)

    groups = plan_stills(timeline)

    starts, position = [], 0
    for group in groups:
        starts.append(position)
        position += group.total
        assert group.total == group.frames + len(plan_change(group, (64, 64))) + bool(group.last)
        assert group.frames <= LONGEST_HOLD * round(spec.frame_rate)
    assert position == timeline.frames
    assert set(timeline.photo_starts()) <= set(starts)


@given(specs, st.integers(1, 6))
def test_stills_are_needed_in_the_order_of_the_photos(
    spec: SlideshowSpec, photo_count: int
) -> None:
    stills = list(list_stills(plan_groups(plan_slideshow(spec, photo_count))))

    photos = [still.photo for still in stills]
    assert photos == sorted(photos)
    assert set(photos) == set(range(photo_count))
    assert len(set(stills)) == len(stills) <= 2 * photo_count


@given(specs)
def test_weights_are_such_as_the_standard_allows(spec: SlideshowSpec) -> None:
    """Factors and offsets of -128 to 127, and the factors of a pair at most 128 (7.4.3.2)."""
    for group in plan_stills(plan_slideshow(spec, 2)):
        for change in plan_change(group, spec.size):
            old, new = change if isinstance(change, Mixture) else change[1:]
            assert all(0 <= number <= 127 for number in (*old, *new))
            assert old.luma + new.luma <= WHOLE
            assert old.chroma + new.chroma <= WHOLE


def plan_whole_change(blend: Blend, size: tuple[int, int] = (64, 64)) -> list[Mixture | Copy]:
    return plan_change(StillGroup(Still(blend.photo), 1, blend), size)


def test_fade_mixes_in_equal_steps() -> None:
    changes = plan_whole_change(Blend(Transition.FADE, 0, 1, 4))

    mixtures = [change for change in changes if isinstance(change, Mixture)]
    assert [(old.luma, new.luma) for old, new in mixtures] == [(96, 32), (64, 64), (32, 96)]


def test_photo_never_alone_begins_with_its_change() -> None:
    blend = Blend(Transition.FADE, 0, 1, 5)
    timeline = Timeline((64, 64), Fraction(25), (blend, Hold(1, 3)))

    first, second = plan_stills(timeline)

    assert (first, second) == (StillGroup(Still(0, blend), 1, blend), StillGroup(Still(1), 3))
    news = [
        change.new.luma for change in plan_change(first, (64, 64)) if isinstance(change, Mixture)
    ]
    assert news == [32, 64, 96]  # from the first frame on, which holds a fifth of the new photo


@pytest.mark.parametrize(
    ("transition", "left", "right"),
    [
        (Transition.WIPE_LEFT, copy_old(), copy_new()),
        (Transition.WIPE_RIGHT, copy_new(), copy_old()),
        (Transition.SLIDE_LEFT, copy_old(), copy_new(-52)),
        (Transition.SLIDE_RIGHT, copy_new(52), copy_old()),
    ],
)
def test_edge_is_between_old_and_new(transition: Transition, left: Motion, right: Motion) -> None:
    (change, *_) = plan_whole_change(Blend(transition, 0, 1, 5), (64, 64))

    assert isinstance(change, Copy)
    assert change.columns[0] == left
    assert change.columns[-1] == right
    assert len(change.columns) == 8
    old, new = (left, right) if transition.endswith("left") else (right, left)
    assert mix(old, new) in change.columns
    assert (change.edge_old.luma, change.edge_new.luma) == (64, 64)  # 12 columns: one and a half


@pytest.mark.parametrize("transition", Transition)
@pytest.mark.parametrize("width", [2048, 3840])
def test_only_slides_across_wide_frames_are_drawn(transition: Transition, width: int) -> None:
    spec = SlideshowSpec(transition=transition, resolution=f"{width}x720")
    slides = (Transition.SLIDE_LEFT, Transition.SLIDE_RIGHT)

    groups = plan_groups(plan_slideshow(spec, 3))

    drawn = [group for group in groups if isinstance(group, DrawnGroup)]
    assert len(drawn) == (2 if width == 3840 and transition in slides else 0)
    assert sum(group.total for group in groups) == 3 * 3 * 30
