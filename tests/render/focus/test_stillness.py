"""How much of a picture is paper, and how much stands still, in pictures that are drawn here."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from benchmarks.material import find_picture
from reelqueue.render.focus.motion import shrink, split_blocks
from reelqueue.render.focus.stillness import measure_paper, measure_stillness

Picture = npt.NDArray[np.uint8]


def draw_slide(ground: int, ink: int) -> Picture:
    """Return a page with lines of writing on a third of it."""
    picture = np.full((180, 320, 3), ground, np.uint8)
    picture[20:140:10, 20:200:2] = ink
    picture[:12] = 140
    return picture


def load_photo(name: str) -> Picture:
    with Image.open(find_picture(name)) as photo:
        return np.asarray(photo.convert("RGB").resize((320, 180)))


def add_bars(picture: Picture) -> Picture:
    narrow = np.zeros_like(picture)
    narrow[:, 100:220] = picture[:, 100:220]
    return narrow


def darken(picture: Picture) -> Picture:
    """Return a picture as a camera sees it at night: much of it is black."""
    dark: Picture = np.clip(picture * 0.35 - 30, 0, 255).astype(np.uint8)
    return dark


def measure(picture: Picture) -> float:
    blocks = split_blocks(picture)
    return measure_paper(blocks, shrink(blocks))


SHADES: Picture = np.repeat(np.linspace(20, 250, 320).astype(np.uint8)[None], 180, 0)[..., None]
NOISE = np.random.default_rng(3).integers(235, 241, (180, 320, 1)).astype(np.uint8)


@pytest.mark.parametrize(
    ("picture", "least", "most"),
    [
        (draw_slide(255, 0), 0.6, 0.9),
        (draw_slide(30, 220), 0.6, 0.9),
        (draw_slide(0, 255), 0.5, 0.9),  # a terminal, of which the black margin does not count
        (load_photo("coffee.png"), 0, 0.1),
        (load_photo("rocket.jpg"), 0, 0.1),  # of which the sky is most
        (add_bars(load_photo("coffee.png")), 0, 0.1),
        (darken(load_photo("rocket.jpg")), 0, 0.2),
        (np.repeat(SHADES, 3, 2), 0, 0.1),
        (np.repeat(NOISE, 3, 2), 0, 0.05),  # a white wall that a sensor sees
        (np.zeros((180, 320, 3), np.uint8), 0, 0),
    ],
)
def test_paper_is_what_has_one_of_few_colours(picture: Picture, least: float, most: float) -> None:
    assert least <= measure(picture) <= most


def test_what_is_written_leaves_the_rest_still() -> None:
    before = draw_slide(255, 0)
    after = before.copy()
    after[150:160, 20:60] = 0
    planes = [shrink(split_blocks(picture)) for picture in (before, after)]
    assert 0.97 < measure_stillness(*planes) < 1
    assert measure_stillness(planes[0], planes[0]) == 1


def test_noise_of_a_sensor_leaves_little_still_beside_the_bars() -> None:
    noise = np.random.default_rng(4).normal(0, 3, (2, 180, 320, 1))
    seen = np.clip(load_photo("coffee.png") + noise, 0, 255).astype(np.uint8)
    planes = [shrink(split_blocks(picture)) for picture in seen]
    assert measure_stillness(*planes) < 0.4
    narrow = [shrink(split_blocks(add_bars(picture))) for picture in seen]
    assert measure_stillness(*narrow) < 0.4
