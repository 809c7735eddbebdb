"""Vectors beside the boxes that they are made of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from reelqueue.h264.errors import OutOfRangeError
from reelqueue.planning.camera import Box
from reelqueue.render.engines.moving.macroblocks import ListMotion
from reelqueue.render.engines.moving.vectors import (
    find_vectors,
    hold_words,
    share_steps,
    use_both,
)
from reelqueue.specs.photo import Motion

SIZE = (320, 180)
WHOLE: Box = (0, 0, 320, 180)
MOVES = [motion for motion in Motion if motion is not Motion.NONE]

boxes = st.builds(
    lambda left, top, width: (left, top, left + width, top + width * SIZE[1] / SIZE[0]),
    st.floats(0, 60),
    st.floats(0, 40),
    st.floats(280, 320),
)


def list_sources(motion: ListMotion) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the middle of each macroblock is in the key, in samples."""
    rows, columns = motion.x.shape
    x = np.minimum(16 * np.arange(columns) + 8, (16 * np.arange(columns) + SIZE[0]) / 2)
    y = np.minimum(16 * np.arange(rows) + 8, (16 * np.arange(rows) + SIZE[1]) / 2)
    return x + motion.x / 4, y[:, None] + motion.y / 4


@given(boxes, boxes)
def test_vectors_lead_to_the_same_part_of_the_photo(shown: Box, key: Box) -> None:
    """To an eighth of a sample."""
    middles = list_sources(find_vectors(shown, shown, SIZE))
    sources = list_sources(find_vectors(shown, key, SIZE))

    for axis, length in enumerate(SIZE):
        start, end = shown[axis::2]
        seen = start + middles[axis] * (end - start) / length
        start, end = key[axis::2]
        found = (seen - start) * length / (end - start)
        assert np.abs(sources[axis] - found).max() <= 1 / 8 + 1e-9


@given(boxes, boxes, boxes)
def test_rows_have_other_vectors_in_both_keys_or_in_none(
    shown: Box, later: Box, earlier: Box
) -> None:
    exact = [find_vectors(shown, key, SIZE) for key in (later, earlier)]
    shared = share_steps(exact[0], exact[1])

    steps, exact_steps = (
        [np.diff(motion.y, axis=0).any(axis=1) for motion in motions] for motions in (shared, exact)
    )
    assert (steps[0] | steps[1]).sum() == max(each.sum() for each in exact_steps)
    for motion, before in zip(shared, exact, strict=True):
        assert np.abs(motion.y - before.y).max() <= 1  # a quarter of a sample
        assert motion.x is before.x
        assert motion.is_used is before.is_used


def test_picture_that_stands_has_no_motion() -> None:
    motion = find_vectors(WHOLE, WHOLE, SIZE)

    assert not motion.x.any()
    assert not motion.y.any()
    assert motion.is_used.all()


def test_what_a_key_does_not_show_is_taken_from_the_other_one() -> None:
    """The camera goes to the right: the later key lacks the left side, the earlier the right."""
    earlier, later = (find_vectors(WHOLE, (by, 0, 320 + by, 180), SIZE) for by in (-20, 20))
    after, before = use_both(later, earlier)

    assert [list(motion.is_used[3, [0, 1, 2, -3, -2, -1]]) for motion in (after, before)] == [
        [False, False, True, True, True, True],
        [True, True, True, True, False, False],
    ]
    assert (after.is_used | before.is_used).all()


@given(boxes, boxes)
def test_each_macroblock_is_predicted_from_something(shown: Box, key: Box) -> None:
    after, before = use_both(find_vectors(shown, key, SIZE), find_vectors(shown, key, SIZE))

    assert (after.is_used | before.is_used).all()


def test_tolerance_is_how_far_a_macroblock_may_lie_outside() -> None:
    beyond = (-10, 0, 310, 180)
    assert not find_vectors(beyond, WHOLE, SIZE, 9).is_used[:, 0].any()
    assert find_vectors(beyond, WHOLE, SIZE, 11).is_used.all()


@given(boxes, boxes, st.sampled_from([(0, 0), (40, 0), (0, -24)]))
def test_words_stand_still_and_nothing_else_is_taken_from_them(
    shown: Box, key: Box, shift: tuple[int, int]
) -> None:
    words = 100, 50, 190, 90
    motion, has_words = hold_words(find_vectors(shown, key, SIZE), words, shift)

    assert has_words.sum() >= 3 * 6  # macroblocks of 90 by 40 samples at least
    assert set(motion.x[has_words]) == {-4 * shift[0]}
    assert set(motion.y[has_words]) == {-4 * shift[1]}
    assert motion.is_used[has_words].all()
    y, x = np.nonzero(motion.is_used & ~has_words)
    left, top = 16 * x + motion.x[y, x] / 4, 16 * y + motion.y[y, x] / 4
    is_beside = (left + 16 <= 100 - 3) | (left >= 190 + 3)
    assert (is_beside | (top + 16 <= 50 - 3) | (top >= 90 + 3)).all()


def test_camera_that_goes_too_far_is_refused() -> None:
    with pytest.raises(OutOfRangeError):
        find_vectors(WHOLE, (3000, 0, 3320, 180), SIZE)
