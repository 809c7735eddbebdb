"""Sizes and places, in tables and for any numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.render.framing import Size, center, choose_size, contain, cover
from reelqueue.specs import Aspect

SIDES = st.integers(16, 4096)
SIZES = st.tuples(SIDES, SIDES)
EVEN_SIZES = st.tuples(*[st.integers(32, 960).map(lambda half: 2 * half)] * 2)


@pytest.mark.parametrize(
    ("aspect", "source", "size"),
    [
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
def test_clip_has_the_size_of_its_aspect(aspect: Aspect, source: Size, size: Size) -> None:
    assert choose_size(aspect, source) == size


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


@given(SIZES, EVEN_SIZES)
def test_centered_picture_lies_evenly_within_its_frame(source: Size, frame: Size) -> None:
    inner = contain(source, frame)
    for at, side, outer in zip(center(inner, frame), inner, frame, strict=True):
        assert at % 2 == 0
        assert 0 <= at <= outer - side
        assert abs(outer - side - 2 * at) <= 2
