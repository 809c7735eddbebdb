"""Pictures are resized as Pillow does it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reelqueue.planning.framing import Size
from reelqueue.render.images.resizing import resize_image

_LEVELS = 8  # where both passes of Pillow go beyond black or white and are cut off there


@pytest.mark.parametrize(
    "size", [(1621, 1080), (451, 301), (450, 300), (333, 777), (200, 131), (150, 100), (100, 67)]
)
def test_resized_pictures_are_those_of_pillow(photo_paths: list[Path], size: Size) -> None:
    cat = Image.open(photo_paths[2]).convert("RGB")
    expected = cat.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    resized = resize_image(cat, size)
    assert resized.mode == "RGB"
    assert resized.size == size
    difference = np.abs(np.subtract(np.asarray(resized), np.asarray(expected), dtype=np.int16))
    assert difference.mean() < 0.3
    assert np.mean(difference > 1) < 0.001
    assert difference.max() <= _LEVELS


@pytest.mark.parametrize("size", [(1, 1), (15, 400), (400, 15), (16, 16), (17, 9)])
def test_any_size_becomes_any_other(size: Size) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), np.uint8)
    for target in ((1920, 1080), (3, 5), (64, 64)):
        resized = resize_image(Image.fromarray(noise), target)
        assert resized.size == target
        assert abs(np.asarray(resized).mean() - noise.mean()) < 20


@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK"])
def test_other_modes_keep_theirs(photo_paths: list[Path], mode: str) -> None:
    photo = Image.open(photo_paths[0]).convert(mode)
    expected = photo.resize((300, 200), Image.Resampling.BICUBIC, reducing_gap=2.0)
    assert resize_image(photo, (300, 200)).tobytes() == expected.tobytes()
