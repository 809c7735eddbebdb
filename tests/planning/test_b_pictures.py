from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given

from reelqueue.h264.motion import (
    InterPrediction,
    predict_from_both,
    predict_from_l0,
    predict_from_l1,
)
from reelqueue.h264.pictures import WEIGHT_SUM, BPicture, BSkipPicture, StripPicture, Weights
from reelqueue.planning.b_pictures import plan_b_pictures
from reelqueue.planning.spans import TransitionSpan
from reelqueue.planning.still_plan import (
    DrawnGop,
    PhotoStill,
    StillGop,
    TransitionStill,
    plan_gops,
)
from reelqueue.planning.timeline import build_timeline
from reelqueue.specs.photo import PhotoSpec, Transition
from reelqueue.specs.slideshow import SlideshowSpec
from tests.planning.test_still_plan import SMALL, photo_lists, specs


@given(specs, photo_lists)
def test_weights_are_those_that_the_standard_allows(
    spec: SlideshowSpec, photos: list[PhotoSpec]
) -> None:
    """1 to 127, and 128 together (7.4.3.2)."""
    for gop in plan_gops(build_timeline(spec, photos)):
        if isinstance(gop, DrawnGop):
            continue
        for picture in chain.from_iterable(plan_b_pictures(gop, spec.size)):
            assert picture.weights
            assert all(1 <= weight <= 127 for weight in picture.weights)
            assert sum(picture.weights) == WEIGHT_SUM


def plan_transition(transition: Transition, frames: int) -> list[list[BPicture]]:
    """Plan a transition from a photo that is shown alone before."""
    span = TransitionSpan(transition, 0, 1, frames)
    return plan_b_pictures(StillGop(PhotoStill(0), 1, span), SMALL)


def fade(*weights: tuple[int, int]) -> list[BPicture]:
    return [BSkipPicture(Weights(*pair)) for pair in weights]


QUARTERS = fade((96, 32), (64, 64), (32, 96))


def test_fade_mixes_in_equal_pictures() -> None:
    assert plan_transition(Transition.FADE, 4) == [QUARTERS]


def test_fade_through_black_is_two_fades() -> None:
    assert plan_transition(Transition.FADE_BLACK, 8) == [QUARTERS, QUARTERS]


@pytest.mark.parametrize(
    ("transition", "frames", "pictures"),
    [
        (Transition.FADE, 5, [QUARTERS]),  # the first frame has a fifth of the new photo already
        (Transition.FADE_BLACK, 6, [fade((64, 64)), fade((85, 43), (43, 85))]),
        (Transition.FADE_WHITE, 3, [fade((64, 64))]),  # the first frame is white
        (Transition.FADE_BLACK, 2, [[]]),
    ],
)
def test_b_pictures_lead_on_from_the_first_frame_of_a_transition(
    transition: Transition, frames: int, pictures: list[list[BPicture]]
) -> None:
    span = TransitionSpan(transition, 0, 1, frames)

    assert plan_b_pictures(StillGop(TransitionStill(span), 1, span), SMALL) == pictures


@pytest.mark.parametrize(
    ("transition", "first", "second"),
    [
        (Transition.WIPE_LEFT, predict_from_l0(), predict_from_l1()),
        (Transition.WIPE_RIGHT, predict_from_l1(), predict_from_l0()),
        (Transition.SLIDE_LEFT, predict_from_l0(), predict_from_l1(-52)),
        (Transition.SLIDE_RIGHT, predict_from_l1(52), predict_from_l0()),
        (Transition.PUSH_LEFT, predict_from_l0(12), predict_from_l1(-52)),
        (Transition.PUSH_RIGHT, predict_from_l1(52), predict_from_l0(-12)),
        (Transition.WIPE_UP, predict_from_l0(), predict_from_l1()),
        (Transition.SLIDE_UP, predict_from_l0(), predict_from_l1(0, -52)),
        (Transition.PUSH_DOWN, predict_from_l1(0, 52), predict_from_l0(0, -12)),
    ],
)
def test_edge_is_between_old_and_new(
    transition: Transition, first: InterPrediction, second: InterPrediction
) -> None:
    ((picture, *_),) = plan_transition(transition, 5)

    assert isinstance(picture, StripPicture)
    old, new = (first, second) if transition.endswith(("left", "up")) else (second, first)
    assert picture.strips.are_rows is transition.endswith(("up", "down"))
    hidden = (first,) * 6 if old is first else (first,)
    seen = (second,) if old is first else (second,) * 6
    assert picture.strips.predictions == (*hidden, predict_from_both(old, new), *seen)
    assert picture.weights == Weights(64, 64)  # 12 samples: one strip and a half


def test_frame_that_must_be_drawn_is_no_b_picture() -> None:
    with pytest.raises(ValueError, match="must be drawn"):
        plan_transition(Transition.ZOOM, 4)
