"""What moves, in planes that are drawn here."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from reelqueue.render.focus.motion import find_motion, shrink, split_blocks

Plane = npt.NDArray[np.float64]


def draw_scene(shift: int = 0, thing: tuple[int, int] | None = None) -> Plane:
    """Return a plane of a wide, rough scene, seen `shift` further right, with a thing before it."""
    scene = np.random.default_rng(1).uniform(0, 120, (45, 120))
    plane = scene[:, 20 + shift : 100 + shift].copy()
    if thing:
        x, y = thing
        plane[y : y + 8, x : x + 8] = 255
    return plane


def test_thing_that_moves_is_found() -> None:
    found = find_motion(draw_scene(thing=(60, 20)), draw_scene(thing=(63, 20)))
    assert found == pytest.approx((0.83, 0.53), abs=0.04)


def test_thing_is_found_while_the_camera_moves() -> None:
    found = find_motion(draw_scene(thing=(20, 30)), draw_scene(shift=5, thing=(20, 30)))
    assert found == pytest.approx((0.28, 0.76), abs=0.06)


def test_large_thing_is_not_taken_for_the_camera() -> None:
    flat = np.full((45, 80), 90.0)
    before, after = flat.copy(), flat.copy()
    texture = draw_scene()[:30, :30]
    before[10:40, 4:34], after[10:40, 10:40] = texture, texture
    found = find_motion(before, after)
    assert found is not None
    assert 0.1 < found[0] < 0.45


@pytest.mark.parametrize("change", [0, 5, 100])
def test_stillness_noise_and_a_flash_are_no_motion(change: int) -> None:
    noise = np.random.default_rng(2).uniform(change / 2, change, (45, 80))
    assert find_motion(draw_scene(), draw_scene() + noise) is None


def test_planes_are_the_luma_of_blocks() -> None:
    picture = np.zeros((9, 12, 3), np.uint8)
    picture[:4, :4] = 255, 0, 0
    picture[4:8, 8:] = 255, 255, 255
    expected = [[255 * 0.2126, 0, 0], [0, 0, 255]]
    assert shrink(split_blocks(picture)) == pytest.approx(np.array(expected))
