from __future__ import annotations

from datetime import datetime

import pytest

from reelqueue.planning.photo_order import Order, sort_photos

NOON, DAWN = datetime(2025, 8, 9, 12), datetime(2025, 8, 9, 5)
PHOTOS = [("IMG_10", None), ("img_9", NOON), ("Img_10", DAWN), ("IMG_2", None), ("a", NOON)]


@pytest.mark.parametrize(
    ("order", "places"),
    [
        ("uploaded", [0, 1, 2, 3, 4]),
        ("name", [4, 3, 1, 0, 2]),  # numbers count as such, and capitals do not matter
        ("date", [2, 1, 4, 0, 3]),  # those without a date come last, as they came
    ],
)
def test_photos_come_in_their_order(order: Order, places: list[int]) -> None:
    sorted_photos = sort_photos(
        PHOTOS, order, name=lambda photo: photo[0], taken_at=lambda photo: photo[1]
    )

    assert sorted_photos == [PHOTOS[place] for place in places]
