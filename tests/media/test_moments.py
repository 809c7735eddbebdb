"""Times are read as metadata and the names of files write them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.media.moments import Moment, read_moment, read_moment_of_name

TIME = datetime(2024, 1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024:01:02 03:04:05", Moment(TIME)),
        (" 2024:01:02 03:04:05\0", Moment(TIME)),
        ("2024-01-02 03:04:05", Moment(TIME)),
        ("2024/01/02 3:04:05", Moment(TIME)),
        ("2024-01-02T03:04:05", Moment(TIME)),
        ("2024-01-02T03:04:05Z", Moment(TIME, 0)),
        ("2024:01:02 03:04:05+02:00", Moment(TIME, 120)),
        ("2024-01-02T03:04:05.678-0930", Moment(TIME.replace(microsecond=678_000), -570)),
        ("2024-01-02T03:04", Moment(TIME.replace(second=0))),
        ("2024-01-02", Moment(datetime(2024, 1, 2))),
        ("0000:00:00 00:00:00", None),
        ("2024-02-30", None),
        ("2024:13:01 1:1:1", None),
        ("2024:01:02 25:00:00", None),
        ("202\u0664:01:02 03:04:05", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_written_times_are_read(text: str, expected: Moment | None) -> None:
    assert read_moment(text) == expected


@pytest.mark.parametrize(
    ("fraction", "zone", "expected"),
    [
        ("5", "+01:00", Moment(TIME.replace(microsecond=500_000), 60)),
        ("123456789 \0", "-08:00", Moment(TIME.replace(microsecond=123_456), -480)),
        ("x", "   :  ", Moment(TIME)),
    ],
)
def test_fraction_and_zone_have_tags_of_their_own(
    fraction: str, zone: str, expected: Moment
) -> None:
    assert read_moment("2024:01:02 03:04:05", fraction, zone) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("IMG_20240102_030405.jpg", Moment(TIME)),
        ("IMG_20240102_030405123.HDR.jpg", Moment(TIME.replace(microsecond=123_000))),
        ("PXL_20240102_030405123.jpg", Moment(TIME.replace(microsecond=123_000), 0)),
        ("20240102_030405(1).jpg", Moment(TIME)),
        ("Screenshot_2024-01-02-03-04-05-678_app.png", Moment(TIME.replace(microsecond=678_000))),
        ("Screenshot 2024-01-02 at 03.04.05.png", Moment(TIME)),
        ("Screenshot 2024-01-02 at 3.04.05\u202fPM.png", Moment(TIME.replace(hour=15))),
        ("WhatsApp Image 2024-01-02 at 12.04.05 AM.jpeg", Moment(TIME.replace(hour=0))),
        ("IMG-20240102-WA0007.jpg", Moment(datetime(2024, 1, 2))),
        ("2024-01-02 03.04.05.jpg", Moment(TIME)),
        ("photo_2024-01-02_03-04-05 (2).jpg", Moment(TIME)),
        ("signal-2024-01-02-030405.jpeg", Moment(TIME)),
        ("DSC01234.JPG", None),
        ("20241301_030405.jpg", None),
        ("IMG_20240230_030405.jpg", None),
        ("4920240102123456789.jpg", None),
        ("1704164645000.jpg", None),
    ],
)
def test_times_in_names_are_read(name: str, expected: Moment | None) -> None:
    assert read_moment_of_name(name) == expected


@given(st.text(max_size=300))
def test_no_text_is_too_odd(text: str) -> None:
    for moment in (read_moment(text, text, text), read_moment_of_name(text)):
        assert moment is None or moment.local.year >= 1
