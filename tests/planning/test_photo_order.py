from __future__ import annotations

import json
import unicodedata
from datetime import datetime

import pytest

from reelqueue.media.moments import Moment
from reelqueue.planning.photo_order import Order, sort_photos
from tests.conftest import ROOT

NOON, DAWN = Moment(datetime(2025, 8, 9, 12)), Moment(datetime(2025, 8, 9, 5))
PHOTOS = [("IMG_10", None), ("img_9", NOON), ("Img_10", DAWN), ("IMG_2", None), ("a", NOON)]
NAMES: list[str] = json.loads((ROOT / "tests" / "static" / "slideshow" / "names.json").read_text())
"""Names in their order, which the page's test has too."""


def sort_names(names: list[str], order: Order = "name") -> list[str]:
    return sort_photos(names, order, name=str, moment=lambda _: None)


@pytest.mark.parametrize(
    ("order", "places"),
    [
        ("uploaded", [0, 1, 2, 3, 4]),
        ("name", [4, 3, 1, 0, 2]),  # numbers count as such, and capitals do not matter
        ("date", [2, 4, 1, 0, 3]),  # those of one moment by name; those without a date as they came
    ],
)
def test_photos_come_in_their_order(order: Order, places: list[int]) -> None:
    sorted_photos = sort_photos(
        PHOTOS, order, name=lambda photo: photo[0], moment=lambda photo: photo[1]
    )

    assert sorted_photos == [PHOTOS[place] for place in places]


def test_names_are_sorted_as_a_file_manager_does() -> None:
    assert sort_names(NAMES[::-1]) == NAMES


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_that_differ_in_their_bytes_alone_stay_as_they_came(form: str) -> None:
    """macOS writes the accents of names as characters of their own."""
    names = ["Ägypten 1.jpg", "Ägypten 2.jpg"]
    names[0] = unicodedata.normalize("NFD", names[0])
    names[1] = unicodedata.normalize(form, names[1])  # type: ignore[arg-type] # one of its forms

    assert sort_names(names[::-1]) == names


def test_names_tell_dates_that_metadata_do_not() -> None:
    names = ["IMG_20240103_000000.jpg", "x.jpg", "IMG-20240102-WA0001.jpg", "PXL_20240101_1.jpg"]

    assert sort_names(names, "date") == [names[3], names[2], names[0], names[1]]


def test_photos_of_several_zones_are_sorted_in_utc_if_all_zones_are_known() -> None:
    paris = Moment(datetime(2025, 8, 9, 23), 120)
    boston = Moment(datetime(2025, 8, 9, 20), -240)
    unknown = Moment(datetime(2025, 8, 9, 21))

    def sort(*moments: Moment | None) -> list[Moment | None]:
        return sort_photos(moments, "date", name=lambda _: "", moment=lambda moment: moment)

    assert sort(boston, paris, None) == [paris, boston, None]
    assert sort(unknown, paris, boston) == [boston, unknown, paris]


def test_moments_at_the_ends_of_the_calendar_are_sorted() -> None:
    """A file may claim any date; all other photos of its slideshow would be lost with it."""
    first = Moment(datetime(1, 1, 1), 840)
    last = Moment(datetime(9999, 12, 31, 23), -840)
    photos = [last, Moment(datetime(2025, 8, 9), 0), first]

    ordered = sort_photos(photos, "date", name=lambda _: "", moment=lambda moment: moment)

    assert ordered == photos[::-1]
