"""Where a crop shows no black bar."""

from __future__ import annotations

import pytest

from reelqueue.planning.focus.area import WHOLE_PICTURE, Area, find_common


@pytest.mark.parametrize(
    ("area", "axis", "picture", "crop", "places"),
    [
        (WHOLE_PICTURE, 0, 3413, 1080, (0, 2332)),
        (WHOLE_PICTURE, 1, 1920, 1920, (0, 0)),
        (Area(0.25, 0, 0.75, 1), 0, 3200, 1080, (800, 1320)),
        (Area(0.34, 0, 0.66, 1), 0, 3200, 1080, (1060, 1060)),  # narrower than the crop
        (Area(0, 0, 0.2, 1), 0, 3200, 1080, (0, 0)),  # narrower, and at the edge
        (Area(0, 0.7, 1, 1), 1, 1920, 608, (1312, 1312)),
    ],
)
def test_crop_stays_between_bars(
    area: Area, axis: int, picture: int, crop: int, places: tuple[int, int]
) -> None:
    assert area.bound(axis, picture, crop) == places


def test_area_of_a_scene_is_that_of_most_of_its_pictures() -> None:
    seen = [Area(0.3, 0, 0.7, 1)] * 3 + [WHOLE_PICTURE, Area(0.4, 0, 0.5, 1)]
    assert find_common(seen) == (0.3, 0, 0.7, 1)
    assert find_common([]) == WHOLE_PICTURE
