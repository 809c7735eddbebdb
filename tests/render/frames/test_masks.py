from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from reelqueue.planning.transitions.base import LumaWipe, Pattern
from reelqueue.render.frames.masks import draw_luma_map, draw_luma_wipe
from reelqueue.render.frames.yuv import Plane

SIZE = (320, 180)
SOFTNESS = {"circle": Fraction(1, 32), "grain": Fraction(1, 4)}


def cover(pattern: Pattern, is_inverted: bool, done: Fraction) -> Plane:
    softness = SOFTNESS[pattern]
    wipe = LumaWipe(pattern, is_inverted, done * (1 + softness), softness)
    return cover_plane(wipe, SIZE[::-1], SIZE)


def cover_plane(wipe: LumaWipe, shape: tuple[int, int], size: tuple[int, int]) -> Plane:
    """Return the frame of a wipe from a plane of 0 to one of 255."""
    old, new, out = (np.full(shape, value, np.uint8) for value in (0, 255, 7))
    draw_luma_wipe(out, old, new, wipe, size)
    return out


@pytest.mark.parametrize("pattern", ["circle", "grain"])
@pytest.mark.parametrize("is_inverted", [False, True])
def test_nothing_is_seen_at_first_and_all_in_the_end(pattern: Pattern, is_inverted: bool) -> None:
    assert not cover(pattern, is_inverted, Fraction(0)).any()
    assert (cover(pattern, is_inverted, Fraction(1)) == 255).all()


@pytest.mark.parametrize("pattern", ["circle", "grain"])
@pytest.mark.parametrize("is_inverted", [False, True])
def test_what_has_been_wiped_stays(pattern: Pattern, is_inverted: bool) -> None:
    seen = [cover(pattern, is_inverted, Fraction(part, 20)) for part in range(21)]

    assert (np.diff(np.array(seen, int), axis=0) >= 0).all()


@pytest.mark.parametrize("is_inverted", [False, True])
def test_circle_is_round_and_in_the_middle(is_inverted: bool) -> None:
    inside = cover("circle", is_inverted, Fraction(1, 2)) > 127
    if is_inverted:
        inside = ~inside

    assert (inside == inside[::-1]).all()
    assert (inside == inside[:, ::-1]).all()
    across, down = inside[90].sum(), inside[:, 160].sum()
    assert across == pytest.approx(np.hypot(*SIZE) / 2, abs=4)
    assert down == min(across, 180)


def test_grain_wipes_evenly() -> None:
    seen = [cover("grain", False, Fraction(part, 10)).mean() / 255 for part in range(3, 8)]

    assert np.diff(seen) == pytest.approx([0.125] * 4, abs=0.005)  # a tenth of 1 + softness


def test_grain_is_the_same_in_each_render() -> None:
    assert (draw_luma_map("grain", SIZE) == draw_luma_map("grain", SIZE)).all()


@pytest.mark.parametrize("pattern", ["circle", "grain"])
def test_chroma_goes_with_luma(pattern: Pattern) -> None:
    """A sample of chroma changes as much as the four of luma around it."""
    wipe = LumaWipe(pattern, False, Fraction(5, 8), SOFTNESS[pattern])
    sides = 720, 1280

    luma, chroma = (
        cover_plane(wipe, (sides[0] // scale, sides[1] // scale), sides[::-1]) for scale in (1, 2)
    )

    assert np.abs(luma.reshape(360, 2, 640, 2).mean((1, 3)) - chroma).mean() < 2
