from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.planning.camera import ZOOM, Move, choose_paths, find_box
from reelqueue.planning.spans import TransitionSpan
from reelqueue.planning.timeline import build_timeline
from reelqueue.specs.photo import Motion, PhotoSpec, Transition
from reelqueue.specs.picture import Point
from reelqueue.specs.slideshow import SlideshowSpec

MOVING = [motion for motion in Motion if motion is not Motion.NONE]
FRAMES = 60
MIDDLE = Point(x=0.5, y=0.5)

sides = st.integers(64, 4000)
shares = st.floats(0, 1)
points = st.builds(Point, x=shares, y=shares)


def find_boxes(
    motion: Motion, picture: tuple[int, int], focus: Point
) -> list[tuple[float, float, float, float]]:
    """Return the boxes of a whole move in a wide video."""
    (path,) = choose_paths([motion], 0)
    assert path
    move = Move(path, 0, FRAMES)
    return [find_box(move, frame, picture, focus, (1920, 1080)) for frame in range(FRAMES)]


@given(st.sampled_from(MOVING), st.tuples(sides, sides), points)
def test_views_stay_inside_of_the_photo_and_in_the_videos_shape(
    motion: Motion, picture: tuple[int, int], focus: Point
) -> None:
    for left, top, right, bottom in find_boxes(motion, picture, focus):
        assert left >= 0
        assert top >= 0
        assert right <= picture[0] + 1e-6
        assert bottom <= picture[1] + 1e-6
        assert (right - left) / (bottom - top) == pytest.approx(1920 / 1080)


@pytest.mark.parametrize(
    ("motion", "edges"),
    [
        (Motion.ZOOM_IN, (1, 1, -1, -1)),
        (Motion.ZOOM_OUT, (-1, -1, 1, 1)),
        (Motion.PAN_LEFT, (-1, 0, -1, 0)),
        (Motion.PAN_RIGHT, (1, 0, 1, 0)),
        (Motion.PAN_UP, (0, -1, 0, -1)),
        (Motion.PAN_DOWN, (0, 1, 0, 1)),
    ],
)
def test_view_moves_as_the_motion_says(motion: Motion, edges: tuple[int, ...]) -> None:
    boxes = find_boxes(motion, (2304, 1296), MIDDLE)

    went = [end - start for start, end in zip(boxes[0], boxes[-1], strict=True)]
    assert tuple((step > 1) - (step < -1) for step in went) == edges


@pytest.mark.parametrize("motion", MOVING)
def test_move_is_slow_at_both_ends_and_never_jumps(motion: Motion) -> None:
    lefts = [left for left, *_ in find_boxes(motion, (2304, 1600), Point(x=0.4, y=0.4))]
    tops = [top for _, top, *_ in find_boxes(motion, (2304, 1600), Point(x=0.4, y=0.4))]

    steps = [abs(b - a) for edges in (lefts, tops) for a, b in pairwise(edges)]
    for along in (steps[: FRAMES - 1], steps[FRAMES - 1 :]):
        assert max(along[0], along[-1]) <= max(along) / 5 + 1e-9
    assert max(steps) < 15


def test_nearest_view_is_around_the_focus() -> None:
    left, top, right, bottom = find_boxes(Motion.ZOOM_IN, (2304, 1296), Point(x=0.45, y=0.55))[-1]

    assert (left + right) / 2 == pytest.approx(0.45 * 2304)
    assert (top + bottom) / 2 == pytest.approx(0.55 * 1296)
    assert right - left == pytest.approx(2304 / ZOOM)


@given(st.integers(0, 2**31 - 1))
def test_ken_burns_repeats_with_its_seed_and_never_in_a_row(seed: int) -> None:
    paths = choose_paths([Motion.KENBURNS] * 20, seed)

    assert paths == choose_paths([Motion.KENBURNS] * 20, seed)
    for path, following in pairwise(paths):
        assert path
        assert following
        assert following not in (path, path.reverse)
        assert (path.start.zoom < path.end.zoom) != (following.start.zoom < following.end.zoom)


def test_another_seed_chooses_other_paths() -> None:
    paths = {str(choose_paths([Motion.KENBURNS] * 5, seed)) for seed in range(20)}
    assert len(paths) > 10


def test_photo_moves_on_through_its_transitions() -> None:
    spec = SlideshowSpec(duration=2.0, transition_duration=0.4, motion=Motion.ZOOM_IN, fps=25)

    timeline = build_timeline(spec, [PhotoSpec()] * 3)

    seen: dict[int, list[int]] = {0: [], 1: [], 2: []}
    totals = set()
    for span in timeline.spans:
        moves = {span.photo: span.move}
        if isinstance(span, TransitionSpan):
            moves[span.next_photo] = span.next_move
        for photo, move in moves.items():
            assert isinstance(move, Move)
            seen[photo] += range(move.first, move.first + span.frames)
            totals.add((photo, move.frames))
    assert totals == {(0, 50), (1, 60), (2, 60)}
    assert {photo: frames == list(range(len(frames))) for photo, frames in seen.items()} == {
        0: True,
        1: True,
        2: True,
    }
    assert timeline.moving_photos == {0, 1, 2}


def test_photo_has_a_motion_and_a_focus_of_its_own() -> None:
    corner = Point(x=0, y=1)
    own = [PhotoSpec(motion=Motion.NONE), PhotoSpec(), PhotoSpec(focus=corner)]

    timeline = build_timeline(SlideshowSpec(motion=Motion.ZOOM_IN, fps=25), own)

    assert timeline.moving_photos == {1, 2}
    moves = {span.photo: span.move for span in timeline.spans}
    assert moves[0] is None
    assert isinstance(moves[1], Move)
    assert moves[1].focus is None
    assert isinstance(moves[2], Move)
    left, _, _, bottom = find_box(
        moves[2], timeline.spans[-1].frames - 1, (2304, 1296), MIDDLE, (1920, 1080)
    )
    assert (left, bottom) == pytest.approx((0, 1296))


def test_nothing_moves_unless_it_is_asked_for() -> None:
    spec = SlideshowSpec(transition=Transition.FADE)

    assert build_timeline(spec, [PhotoSpec()] * 3).moving_photos == set()
