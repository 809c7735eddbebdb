from __future__ import annotations

from collections.abc import Sequence

import pytest

from reelqueue.media.facts import Span
from reelqueue.planning.analysis.scenes import (
    Changes,
    SceneChange,
    find_scene_changes,
    keep_strongest,
    list_scenes,
    measure_motion,
)

RATE = 25.0


def make_changes(pictures: Sequence[float], rate: float = RATE) -> Changes:
    """Return the changes of pictures that are of one brightness each."""
    flash = Changes(rate, [], []).flash
    steps = [abs(now - before) for before, now in zip([pictures[0], *pictures], pictures)]  # noqa: B905 (the last one has no next)
    lasting = [
        abs(pictures[min(number + flash, len(pictures) - 1)] - pictures[max(0, number - 1)])
        for number in range(len(pictures))
    ]
    return Changes(rate, steps, lasting)


def find(pictures: Sequence[float], rate: float = RATE) -> list[float]:
    return [change.time for change in find_scene_changes(make_changes(pictures, rate))]


@pytest.mark.parametrize(
    ("pictures", "times"),
    [
        ([10] * 50, []),
        ([10] * 25 + [60] * 25, [1.0]),
        ([10] * 25 + [60] * 15 + [10] * 25, [1.0, 1.6]),
        ([10] * 25 + [15] * 25, []),  # too little
        ([10] * 25 + [200] * 2 + [10] * 25, []),  # a flash
        ([10] * 25 + [200] * 3 + [60] * 25, [1.0]),  # a flash into another scene
        ([4 * number for number in range(50)], []),  # a fade
        ([4 * number for number in range(25)] + [0] * 10, [1.0]),  # a cut in the middle of motion
        ([16 * number for number in range(15)] + [270] * 20, [0.6]),  # that ends a swing
        ([9 * (number % 2) + (10 if number > 24 else 0) for number in range(50)], []),  # flicker
        ([10] * 49 + [60], []),
        ([10, 60] + [60] * 30, []),
        ([10], []),
        ([70 * (number // 10 % 2) for number in range(50)], [0.4, 0.8, 1.2, 1.6]),  # stills
    ],
)
def test_scene_begins_where_another_picture_stays(
    pictures: Sequence[float], times: list[float]
) -> None:
    assert find(pictures) == times


def test_scenes_of_a_video_with_few_pictures_are_found() -> None:
    assert find([10, 10, 80, 80, 80, 10, 10], rate=1.0) == [2.0, 5.0]


def test_motion_with_few_pictures_a_second_has_no_cuts_in_its_middle() -> None:
    """Each picture is shown seven times."""
    found = find([20 * (number // 7) for number in range(100)])
    assert [time for time in found if 0.5 < time < 3.5] == []


def test_scenes_follow_each_other_from_start_to_end() -> None:
    changes = [SceneChange(1.0004, 20), SceneChange(2.5, 30), SceneChange(9, 30)]
    assert list_scenes(changes, 4.0) == (
        Span(start=0, end=1.0),
        Span(start=1.0, end=2.5),
        Span(start=2.5, end=4.0),
    )
    assert list_scenes([], 4.0) == (Span(start=0, end=4.0),)


def test_greatest_changes_are_kept_in_their_order() -> None:
    changes = [SceneChange(float(time), 10.0 + time % 3) for time in range(1, 10)]
    assert [change.time for change in keep_strongest(changes, 3)] == [2.0, 5.0, 8.0]


def test_motion_is_that_of_each_second_without_its_cuts() -> None:
    pictures = [10] * 25 + [60 + 2 * number for number in range(25)] + [108] * 10
    changes = make_changes(pictures)
    motion = measure_motion(changes, find_scene_changes(changes), 3)
    assert motion == pytest.approx([0, 2, 0], abs=0.01)
