"""Where the bars around a picture are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from benchmarks.material import find_picture
from reelqueue.planning.focus.area import WHOLE_PICTURE
from reelqueue.render.focus.bars import find_area
from reelqueue.render.focus.motion import split_blocks

Picture = npt.NDArray[np.uint8]


def load_photo(name: str) -> Picture:
    with Image.open(find_picture(name)) as photo:
        return np.asarray(photo.convert("RGB").resize((320, 180)))


def put_between_bars(left: int, top: int, right: int, bottom: int) -> Picture:
    picture = np.zeros((180, 320, 3), np.uint8)
    picture[top:bottom, left:right] = load_photo("coffee.png")[top:bottom, left:right]
    return picture


@pytest.mark.parametrize(
    "edges", [(109, 0, 211, 180), (0, 22, 320, 158), (60, 20, 240, 120), (0, 0, 200, 180)]
)
def test_area_is_what_is_seen_between_bars(edges: tuple[int, int, int, int]) -> None:
    area = find_area(split_blocks(put_between_bars(*edges)))
    for found, edge, side in zip(area, edges, (320, 180, 320, 180), strict=True):
        inner = edge if edge in (0, side) else edge + (1 if edge < side / 2 else -1)
        assert found * side == pytest.approx(inner)


def test_picture_without_bars_is_whole() -> None:
    assert find_area(split_blocks(load_photo("coffee.png"))) == WHOLE_PICTURE


def test_what_is_dark_around_a_light_is_no_bar() -> None:
    rows, columns = np.mgrid[:180, :320]
    glow = 220 * np.exp(-((columns - 150) ** 2 + (rows - 90) ** 2) / 1500)
    night = np.repeat(glow.astype(np.uint8)[..., None], 3, 2)
    assert find_area(split_blocks(night)) == WHOLE_PICTURE
    assert find_area(split_blocks(np.zeros_like(night))) == WHOLE_PICTURE
