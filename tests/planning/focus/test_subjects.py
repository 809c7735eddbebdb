"""What a crop keeps in view, for sights that are told."""

from __future__ import annotations

from collections.abc import Sequence

from reelqueue.planning.focus.subjects import Face, Place, Sight, find_targets

SPAN = (0.3, 1.0)  # of an upright crop of a wide picture


def make_face(x: float, y: float = 0.4, size: float = 0.1, score: float = 0.9) -> Face:
    return Face((x, y), (size, size), score)


def make_sights(*faces: tuple[Face, ...], motion: Place | None = None) -> list[Sight]:
    return [Sight(number, each, motion) for number, each in enumerate(faces)]


def find_places(sights: list[Sight]) -> Sequence[Place | None]:
    return find_targets(sights, SPAN).places


def test_largest_face_is_followed_and_no_other() -> None:
    moments = [(make_face(0.2, size=0.06), make_face(0.7 + 0.01 * n)) for n in range(9)]
    xs = [place[0] for place in find_places(make_sights(*moments)) if place]
    assert len(xs) == 9
    assert min(xs) >= 0.7


def test_faces_side_by_side_are_kept_in_view_together() -> None:
    moments = [(make_face(0.5), make_face(0.6, size=0.09))] * 9
    assert find_places(make_sights(*moments)) == [(0.55, 0.4)] * 9


def test_small_face_beside_a_large_one_is_not_waited_on() -> None:
    moments = [(make_face(0.5), make_face(0.6, size=0.05))] * 9
    assert find_places(make_sights(*moments)) == [(0.5, 0.4)] * 9


def test_next_face_is_followed_when_the_first_has_left() -> None:
    moments = [(make_face(0.2),)] * 20 + [(make_face(0.8, size=0.08),)] * 15
    targets = find_places(make_sights(*moments))
    assert (targets[0], targets[-1]) == ((0.2, 0.4), (0.8, 0.4))


def test_face_that_is_lost_leaves_no_target() -> None:
    moments = [(make_face(0.2),)] * 5 + [()] * 5 + [(make_face(0.22),)] * 5
    targets = find_places(make_sights(*moments))
    assert targets[5:10] == [None] * 5
    assert (targets[4], targets[-1]) == ((0.2, 0.4), (0.22, 0.4))


def test_what_is_taken_for_a_face_for_a_moment_is_ignored() -> None:
    moments = [(make_face(0.3),), *[(make_face(0.3), make_face(0.9, size=0.3))] * 2] + [
        (make_face(0.3),)
    ] * 10
    assert find_places(make_sights(*moments)) == [(0.3, 0.4)] * 13


def test_motion_counts_where_there_are_no_faces() -> None:
    sights = make_sights(*[()] * 9, motion=(0.7, 0.6))
    assert find_places(sights) == [(0.7, 0.6)] * 9
    with_a_face = [Sight(9 + number, (make_face(0.3),), (0.7, 0.6)) for number in range(9)]
    assert find_places(sights + with_a_face)[-1] == (0.3, 0.4)


def test_still_scene_without_faces_has_its_detail_as_its_only_target() -> None:
    details = [(0.2, 0.5), (0.8, 0.5), (0.25, 0.5), (0.3, 0.5), (0.2, 0.4)]
    sights = [Sight(number, detail=place) for number, place in enumerate(details)]
    assert find_places(sights) == [(0.25, 0.5)] * 5


def test_scene_without_sights_has_no_targets() -> None:
    assert find_places([]) == []
