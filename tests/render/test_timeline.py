from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.errors import InvalidSpecError
from reelqueue.render.timeline import Blend, Hold, plan_slideshow
from reelqueue.specs import FRAME_RATES, SlideshowSpec, Transition

specs = st.builds(
    SlideshowSpec,
    duration=st.integers(20, 6000).map(lambda hundredths: hundredths / 100),
    transition=st.sampled_from(Transition),
    transition_duration=st.integers(0, 1000).map(lambda hundredths: hundredths / 100),
    fps=st.sampled_from(sorted(FRAME_RATES)),
)


@given(specs, st.integers(1, 40))
def test_timeline_lasts_photos_times_duration(spec: SlideshowSpec, photo_count: int) -> None:
    timeline = plan_slideshow(spec, photo_count)

    exact = photo_count * Fraction(str(spec.duration)) * spec.frame_rate
    assert timeline.frames == round(exact)
    assert timeline.photo_count == photo_count


@given(specs, st.integers(1, 40))
def test_every_photo_owns_exactly_its_frames(spec: SlideshowSpec, photo_count: int) -> None:
    timeline = plan_slideshow(spec, photo_count)

    per_photo = Fraction(str(spec.duration)) * spec.frame_rate
    owned = dict.fromkeys(range(photo_count), 0)
    for span in timeline.spans:
        assert span.frames > 0
        owned[span.photo] += span.frames
    starts = [round(photo * per_photo) for photo in range(photo_count + 1)]
    assert timeline.photo_starts() == starts[:-1]
    assert list(owned.values()) == [end - start for start, end in pairwise(starts)]


@given(specs, st.integers(1, 40))
def test_photos_follow_in_order_and_blend_into_their_next(
    spec: SlideshowSpec, photo_count: int
) -> None:
    timeline = plan_slideshow(spec, photo_count)

    photos = [span.photo for span in timeline.spans]
    assert photos == sorted(photos)
    longest = round(Fraction(str(spec.transition_duration)) * spec.frame_rate)
    for span in timeline.spans:
        if isinstance(span, Blend):
            assert span.following == span.photo + 1 < photo_count
            assert span.transition is spec.transition
            assert span.frames <= longest
    assert isinstance(timeline.spans[-1], Hold)


@pytest.mark.parametrize(
    ("spec", "photo_count", "spans"),
    [
        ({}, 1, [Hold(0, 90)]),
        ({}, 2, [Hold(0, 60), Blend(Transition.FADE, 0, 1, 30), Hold(1, 90)]),
        ({"transition": Transition.NONE}, 2, [Hold(0, 90), Hold(1, 90)]),
        ({"transition_duration": 0.0}, 2, [Hold(0, 90), Hold(1, 90)]),
        ({"transition_duration": 0.01}, 2, [Hold(0, 90), Hold(1, 90)]),
        (
            {"duration": 0.2, "transition_duration": 1.0},
            3,
            [Blend(Transition.FADE, 0, 1, 6), Blend(Transition.FADE, 1, 2, 6), Hold(2, 6)],
        ),
        ({"duration": 0.7, "fps": 29.97, "transition_duration": 0.0}, 1, [Hold(0, 21)]),
        (  # 12.5 frames each: the rounding never adds up
            {"duration": 0.5, "fps": 25, "transition": Transition.NONE},
            4,
            [Hold(0, 12), Hold(1, 13), Hold(2, 13), Hold(3, 12)],
        ),
    ],
)
def test_slideshow_is_planned_in_frames(
    spec: dict[str, object], photo_count: int, spans: list[Hold | Blend]
) -> None:
    assert list(plan_slideshow(SlideshowSpec.model_validate(spec), photo_count).spans) == spans


def test_duration_is_read_as_it_was_written() -> None:
    """0.1 as a binary fraction is a little more: 1.15 s at 50 fps must still tie, to 58 frames."""
    spec = SlideshowSpec(duration=1.15, fps=50, transition=Transition.NONE)

    assert plan_slideshow(spec, 1).frames == round(Fraction(115, 2)) == 58


def test_no_photos_is_an_input_error() -> None:
    with pytest.raises(InvalidSpecError, match="at least one photo"):
        plan_slideshow(SlideshowSpec(), 0)
