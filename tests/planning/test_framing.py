"""Sizes and places, in tables and for any numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.planning.clips.cut import choose_size
from reelqueue.planning.framing import (
    Size,
    center,
    contain,
    contain_photo,
    cover,
    crop,
    find_window,
    place_crop,
)
from reelqueue.specs.clips.reframe import Aspect, Reframe
from reelqueue.specs.picture import Point

SIDES = st.integers(16, 4096)
SIZES = st.tuples(SIDES, SIDES)
EVEN_SIZES = st.tuples(*[st.integers(32, 960).map(lambda half: 2 * half)] * 2)


@pytest.mark.parametrize(
    ("aspect", "source", "size"),
    [
        (None, (640, 360), (1080, 1920)),
        (Aspect.FEED, (640, 360), (1080, 1350)),
        (Aspect.PORTRAIT, (640, 360), (1080, 1920)),
        (Aspect.SQUARE, (640, 360), (1080, 1080)),
        (Aspect.LANDSCAPE, (640, 360), (1920, 1080)),
        (Aspect.ORIGINAL, (640, 360), (640, 360)),
        (Aspect.ORIGINAL, (853, 481), (852, 480)),
        (Aspect.ORIGINAL, (3840, 2160), (1920, 1080)),
        (Aspect.ORIGINAL, (2160, 3840), (1080, 1920)),
        (Aspect.ORIGINAL, (4096, 16), (1920, 8)),
    ],
)
def test_clip_has_the_size_of_its_aspect(aspect: Aspect | None, source: Size, size: Size) -> None:
    assert choose_size(Reframe(aspect=aspect), source) == size


@pytest.mark.parametrize(
    ("reframe", "size"),
    [
        (Reframe(aspect=Aspect.ORIGINAL, rotate=90), (360, 640)),
        (Reframe(aspect=Aspect.ORIGINAL, rotate=180), (640, 360)),
        (Reframe(aspect=Aspect.FEED, rotate=270), (1080, 1350)),
        (Reframe(resolution="721x900"), (720, 900)),
        (Reframe(resolution="square", rotate=90), (1080, 1080)),
        (Reframe(resolution="3840x64"), (3840, 64)),
    ],
)
def test_clip_of_a_turned_video_or_of_another_size(reframe: Reframe, size: Size) -> None:
    assert choose_size(reframe, (640, 360)) == size


@pytest.mark.parametrize(
    ("source", "contained", "covering"),
    [
        ((1920, 1080), (1080, 608), (3414, 1920)),
        ((1080, 1920), (1080, 1920), (1080, 1920)),
        ((100, 100), (1080, 1080), (1920, 1920)),
    ],
)
def test_picture_fits_a_portrait(source: Size, contained: Size, covering: Size) -> None:
    assert contain(source, (1080, 1920)) == contained
    assert cover(source, (1080, 1920)) == covering


@given(SIZES, EVEN_SIZES)
def test_any_picture_fits_any_frame_evenly(source: Size, frame: Size) -> None:
    inner, outer = contain(source, frame), cover(source, frame)
    assert all(side % 2 == 0 for side in inner + outer)
    assert inner[0] <= frame[0] <= outer[0]
    assert inner[1] <= frame[1] <= outer[1]
    assert inner[0] == frame[0] or inner[1] == frame[1]
    assert outer[0] == frame[0] or outer[1] == frame[1]


@given(SIZES, SIZES)
def test_photo_touches_two_sides_of_its_frame(photo: Size, frame: Size) -> None:
    inner = contain_photo(photo, frame)
    assert all(1 <= side <= outer for side, outer in zip(inner, frame, strict=True))
    assert inner[0] == frame[0] or inner[1] == frame[1]


def test_photo_may_have_an_odd_side() -> None:
    assert contain_photo((1000, 667), (320, 320)) == (320, 213)


@given(SIZES, EVEN_SIZES)
def test_centered_picture_lies_evenly_within_its_frame(source: Size, frame: Size) -> None:
    inner = contain(source, frame)
    for at, side, outer in zip(center(inner, frame), inner, frame, strict=True):
        assert at % 2 == 0
        assert 0 <= at <= outer - side
        assert abs(outer - side - 2 * at) <= 2


@given(SIZES, EVEN_SIZES, st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_crop_has_the_frame_s_shape_within_the_source(
    source: Size, frame: Size, focus: tuple[float, float]
) -> None:
    left, top, right, bottom = crop(source, frame, focus)

    assert 0 <= left < right <= source[0]
    assert 0 <= top < bottom <= source[1]
    assert (right - left) * frame[1] == pytest.approx((bottom - top) * frame[0])
    assert right - left == pytest.approx(source[0]) or bottom - top == pytest.approx(source[1])


@pytest.mark.parametrize(
    ("focus", "box"),
    [
        ((0.5, 0.5), (100, 0, 200, 100)),
        ((0.4, 0.9), (70, 0, 170, 100)),
        ((0.0, 0.0), (0, 0, 100, 100)),
        ((0.95, 0.5), (200, 0, 300, 100)),
    ],
)
def test_crop_is_as_near_to_the_focus_as_it_can_be(
    focus: tuple[float, float], box: tuple[int, int, int, int]
) -> None:
    assert crop((300, 100), (64, 64), focus) == pytest.approx(box)


@pytest.mark.parametrize(
    ("frame", "picture", "focus", "place"),
    [
        ((1080, 1920), (3414, 1920), (0.5, 0.5), (1166, 0)),
        ((1080, 1920), (3414, 1920), (0, 0), (0, 0)),
        ((1080, 1920), (3414, 1920), (1, 1), (2334, 0)),
        ((1080, 1920), (3414, 1920), (0.25, 0.9), (312, 0)),  # its middle is at 852 of 853.5
        ((1080, 1080), (1080, 1920), (0.5, 0.4), (0, 228)),
        ((1080, 1080), (1080, 1080), (0.1, 0.9), (0, 0)),
    ],
)
def test_crop_is_placed_around_its_focus(
    frame: Size, picture: Size, focus: tuple[float, float], place: tuple[int, int]
) -> None:
    assert place_crop(frame, picture, Point(x=focus[0], y=focus[1])) == place


@given(EVEN_SIZES, EVEN_SIZES)
def test_crop_without_a_focus_is_where_it_was(frame: Size, source: Size) -> None:
    picture = cover(source, frame)
    assert place_crop(frame, picture, Point(x=0.5, y=0.5)) == center(frame, picture)


@pytest.mark.parametrize(
    ("source", "frame", "x", "window"),
    [
        ((1920, 1080), (1080, 1920), 0.5, ((640, 0), (640, 1080), (1138, 1920), (28, 0))),
        ((1920, 1080), (1080, 1350), 0.5, ((520, 0), (880, 1080), (1100, 1350), (10, 0))),
        ((1920, 1080), (1080, 1080), 0.5, ((412, 0), (1096, 1080), (1096, 1080), (8, 0))),
        ((1920, 1080), (1080, 1350), 0.0, ((0, 0), (872, 1080), (1090, 1350), (0, 0))),
        ((1280, 720), (1080, 1920), 0.5, ((0, 0), (1280, 720), (3414, 1920), (1166, 0))),
        ((853, 480), (1080, 1920), 0.5, ((0, 0), (853, 480), (3412, 1920), (1166, 0))),
    ],
)
def test_no_more_is_scaled_than_a_crop_needs(
    source: Size, frame: Size, x: float, window: tuple[Size, Size, Size, Size]
) -> None:
    picture = cover(source, frame)
    assert (
        find_window(source, picture, place_crop(frame, picture, Point(x=x, y=0)), frame) == window
    )


@given(EVEN_SIZES, EVEN_SIZES, st.floats(0, 1), st.floats(0, 1))
def test_window_has_the_crop_where_it_was(source: Size, frame: Size, x: float, y: float) -> None:
    picture = cover(source, frame)
    corner = place_crop(frame, picture, Point(x=x, y=y))
    window = find_window(source, picture, corner, frame)
    for axis in (0, 1):
        first, size, scaled = (part[axis] for part in window[:3])
        assert 0 <= first < first + size <= source[axis]
        assert first * picture[axis] == (corner[axis] - window.crop[axis]) * source[axis]
        assert size * picture[axis] == scaled * source[axis]
        assert 0 <= window.crop[axis] <= scaled - frame[axis]
        assert not any(number % 2 for number in (first, size, scaled, window.crop[axis]))
