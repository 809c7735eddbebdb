from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.planning.camera import ZOOM, CameraPath, Move, View
from reelqueue.planning.delivery.crf import CRFS
from reelqueue.planning.framing import Size
from reelqueue.planning.keys import (
    DrawnPiece,
    Piece,
    Trial,
    WrittenPiece,
    can_be_written,
    choose_trials,
    list_pieces,
    spread_keys,
)
from reelqueue.planning.spans import PhotoSpan, Playback, Speaking, TransitionSpan
from reelqueue.planning.timeline import Timeline
from reelqueue.specs.delivery import Quality
from reelqueue.specs.formats import FRAME_RATES
from reelqueue.specs.photo import Transition

PATH = CameraPath(View(1), View(ZOOM))
MOVE = Move(PATH, 0, 90)
PHOTO = PhotoSpan(0, 60, MOVE)
BACK = Move(PATH.reverse, 0, 90)
FADE = TransitionSpan(Transition.FADE, 0, 1, 30, MOVE, BACK)


@given(st.integers(1, 2000), st.sampled_from(list(FRAME_RATES.values())))
def test_keys_are_the_first_and_the_last_frame_and_evenly_between(
    frames: int, rate: Fraction
) -> None:
    keys = spread_keys(frames, rate)

    gaps = [after - before for before, after in pairwise(keys)]
    assert (keys[0], keys[-1]) == (0, frames - 1)
    assert all(1 <= gap <= 18 for gap in gaps)
    assert not gaps or max(gaps) - min(gaps) <= 1
    assert max(gaps, default=0) / rate < 0.34  # seconds


@pytest.mark.parametrize(
    ("frames", "rate", "keys"),
    [
        (1, 30, [0]),
        (2, 30, [0, 1]),
        (19, 30, [0, 9, 18]),
        (20, 30, [0, 6, 13, 19]),
        (37, 60, [0, 18, 36]),
    ],
)
def test_keys_of_some_rates(frames: int, rate: int, keys: list[int]) -> None:
    assert spread_keys(frames, Fraction(rate)) == keys


def test_trial_is_early_but_not_slow() -> None:
    late = PhotoSpan(0, 60, Move(PATH, 30, 90))  # it has been moving for a second
    assert choose_trials(late, Fraction(30)) == [Trial(4, 8)]

    (trial,) = choose_trials(PHOTO, Fraction(30))
    keys = spread_keys(60, Fraction(30))
    assert 16 < trial.frame < trial.key < 36
    assert trial.key in keys
    assert trial.frame not in keys


def test_photo_without_frames_between_keys_has_no_trial() -> None:
    assert choose_trials(PhotoSpan(0, 2, MOVE), Fraction(30)) == []
    assert choose_trials(PhotoSpan(0, 9), Fraction(30)) == []  # it stands


@pytest.mark.parametrize(
    ("spans", "can_be"),
    [
        ((PHOTO,), True),
        ((PHOTO, FADE), True),
        ((PhotoSpan(0, 1), FADE), True),
        ((PhotoSpan(0, 1), TransitionSpan(Transition.FADE, 0, 1, 30)), False),
        ((FADE,), False),  # no key is before it
        ((PhotoSpan(0, 60, Playback(0)),), False),
        ((PHOTO, TransitionSpan(Transition.FADE, 0, 1, 30, MOVE, Playback(0))), False),
        ((PhotoSpan(0, 60, Speaking(0)),), False),
    ],
)
def test_only_moves_are_written(
    spans: tuple[PhotoSpan | TransitionSpan, ...], can_be: bool
) -> None:
    assert can_be_written(spans) == can_be


def make_timeline(*spans: PhotoSpan | TransitionSpan, size: Size = (320, 180)) -> Timeline:
    return Timeline(size, Fraction(30), spans, CRFS[Quality.STANDARD])


def list_parts(*spans: PhotoSpan | TransitionSpan) -> list[Piece]:
    return list(list_pieces(spans))


@pytest.mark.parametrize(
    "transition", ["fade", "fade_white", "wipe_up", "slide_left", "push_right", "push_up"]
)
def test_transitions_are_written_with_their_photo(transition: str) -> None:
    for moves in ((MOVE, BACK), (BACK, MOVE), (None, MOVE), (None, None)):
        span = TransitionSpan(Transition(transition), 0, 1, 30, *moves)
        assert list_parts(PHOTO, span) == [WrittenPiece(PHOTO, span)]
    parted = TransitionSpan(Transition.FADE, 0, 1, 30, MOVE, MOVE, parts_words=True)
    assert list_parts(PHOTO, parted) == [WrittenPiece(PHOTO, parted)]


def test_transitions_are_drawn_that_no_vectors_can_make() -> None:
    circle = TransitionSpan(Transition.CIRCLE_OPEN, 0, 1, 30, MOVE, MOVE)
    short = TransitionSpan(Transition.CIRCLE_OPEN, 0, 1, 1, MOVE, MOVE)

    assert list_parts(PHOTO, short) == [WrittenPiece(PHOTO, short)]
    assert list_parts(PHOTO, circle) == [WrittenPiece(PHOTO), DrawnPiece(circle)]
    assert list_parts(PHOTO, PhotoSpan(1, 9)) == [
        WrittenPiece(PHOTO),
        WrittenPiece(PhotoSpan(1, 9)),
    ]


@pytest.mark.parametrize(
    ("size", "transition", "frames", "targets"),
    [
        ((1920, 1080), "push_left", 30, [30]),
        ((1920, 1080), "wipe_up", 30, [30]),
        ((1920, 1080), "slide_down", 24, [12, 24]),  # 496 samples to each side of frame 12
        ((1920, 1080), "push_up", 30, [10, 20, 30]),
        ((1280, 720), "slide_up", 30, [15, 30]),
        ((640, 360), "push_down", 24, [12, 24]),
        ((3840, 2160), "push_right", 60, [30, 60]),
        ((3840, 2160), "push_up", 30, [6, 12, 18, 24, 30]),
        ((3840, 2160), "slide_up", 3, [1, 2, 3]),
    ],
)
def test_keys_are_on_the_way_that_vectors_reach(
    size: Size, transition: str, frames: int, targets: list[int]
) -> None:
    span = TransitionSpan(Transition(transition), 0, 1, frames, MOVE, MOVE)
    timeline = make_timeline(PHOTO, span, size=size)

    assert WrittenPiece(PHOTO, span).list_targets(timeline) == targets


def test_fade_leads_to_its_end_and_a_dip_to_its_grey_before() -> None:
    dip = TransitionSpan(Transition.FADE_BLACK, 0, 1, 31, MOVE, MOVE)
    timeline = make_timeline(PHOTO, dip)

    assert WrittenPiece(PHOTO).list_targets(timeline) == []
    assert WrittenPiece(PHOTO).list_transition_trials(timeline) == []
    assert WrittenPiece(PHOTO, FADE).list_targets(timeline) == [30]
    assert WrittenPiece(PHOTO, FADE).list_transition_trials(timeline) == [Trial(74, 89)]
    assert WrittenPiece(PHOTO, dip).list_targets(timeline) == [15, 31]
    assert WrittenPiece(PHOTO, dip).list_transition_trials(timeline) == [
        Trial(66, 90),
        Trial(82, 90),
    ]
