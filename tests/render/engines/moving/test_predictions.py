"""What frames of slides and pushes are predicted from, beside what their keys show."""

from __future__ import annotations

import numpy as np
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from reelqueue.planning.camera import Box
from reelqueue.planning.transitions.base import STRIP, Edge
from reelqueue.planning.transitions.registry import EFFECTS
from reelqueue.render.engines.moving.predictions import Sight, predict_edge
from reelqueue.render.engines.moving.vectors import Samples
from reelqueue.render.frames.ken_burns import Region
from reelqueue.specs.photo import Transition
from tests.render.engines.moving.test_vectors import SIZE, boxes

FRAMES = 30
REACH = 63  # samples
TAPS = 3  # samples on each side that one between samples is made of (ITU-T H.264, 8.4.2.2.1)

moves = st.sampled_from([each for each in Transition if each.startswith(("slide", "push"))])
orders = st.lists(st.integers(0, FRAMES), min_size=3, max_size=3, unique=True).map(sorted)


def draw(_: Region) -> VideoFrame:
    raise AssertionError("Nothing is drawn yet.")


def show(transition: Transition, number: int) -> Edge:
    edge = EFFECTS[transition].show(number, FRAMES, SIZE)
    assert isinstance(edge, Edge)
    return edge


def is_beside(edge: Edge, *, is_new: bool, start: Samples, end: Samples) -> NDArray[np.bool_]:
    """Tell which ranges of samples, across the edge, show one of the photos alone."""
    if is_new == edge.is_new_first:
        return end <= edge.strip
    return start >= edge.strip + (STRIP if edge.first_share else 0)


def find_place(box: Box, shift: int, axis: int, at: Samples) -> Samples:
    """Return which places of a photo are at samples of a frame in which it was moved so far."""
    start, end = box[axis::2]
    return start + (at - shift) * (end - start) / SIZE[axis]


@given(moves, orders, st.tuples(boxes, boxes), st.tuples(boxes, boxes))
def test_macroblocks_come_from_where_the_key_shows_the_same_photo(
    transition: Transition, order: list[int], old: tuple[Box, Box], new: tuple[Box, Box]
) -> None:
    before, edge, after = (show(transition, number) for number in order)
    written = predict_edge(edge, (Sight(*old), before), (Sight(*new), after), draw, SIZE, REACH)

    assert written.lacking is not None
    axis = int(edge.is_level)
    for motion, boxes_seen, key, is_new in (
        (written.l1, old, before, False),
        (written.l0, new, after, True),
    ):
        assert motion.y.min() >= -4 * (REACH + 1)
        assert motion.y.max() < 4 * (REACH + 1)
        places = np.nonzero(motion.is_used & ~written.lacking)
        moved = (motion.y if edge.is_level else motion.x)[places] / 4
        start = 16 * places[1 - axis].astype(np.float64)
        assert is_beside(edge, is_new=is_new, start=start, end=start + 16).all()
        first, end = start + moved - TAPS, start + moved + 16 + TAPS
        is_whole = order[2] == FRAMES if is_new else order[0] == 0
        assert is_whole or is_beside(key, is_new=is_new, start=first, end=end).all()
        middle = (start + np.minimum(start + 16, SIZE[axis])) / 2
        shifts = [each.new_shift if is_new else each.old_shift for each in (edge, key)]
        shown, found = (
            find_place(box, shift, axis, at)
            for box, shift, at in zip(boxes_seen, shifts, (middle, middle + moved), strict=True)
        )
        assert np.abs(shown - found).max(initial=0) <= 1 / 8 + 1e-9
    assert (written.l0.is_used ^ written.l1.is_used).all()
