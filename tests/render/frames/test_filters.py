from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from reelqueue.render.frames.filters import blur, enlarge


@pytest.fixture
def plane(photo_paths: list[Path]) -> NDArray[np.uint8]:
    return np.asarray(Image.open(photo_paths[0]).convert("L").resize((333, 250)))


def test_photo_of_its_own_size_stays_as_it_is(plane: NDArray[np.uint8]) -> None:
    assert (enlarge(plane, Fraction(1)) == plane).all()


def test_enlarged_photo_keeps_its_middle() -> None:
    """A square of a quarter of the height is as high as the picture at four times the size."""
    square = np.zeros((160, 240), np.uint8)
    square[60:100, 100:140] = 255

    assert (enlarge(square, Fraction(4))[4:-4, 44:-44] == 255).all()
    assert (enlarge(square, Fraction(2)) > 127).sum() == 80 * 80


@pytest.mark.parametrize("sigma", [0, 0.7, 3.9, 4, 12.5, 31])
def test_photo_is_blurred_as_if_in_full_size(plane: NDArray[np.uint8], sigma: float) -> None:
    whole = np.asarray(Image.fromarray(plane).filter(ImageFilter.GaussianBlur(sigma)))

    blurred = blur(plane, sigma)

    assert blurred.shape == plane.shape
    assert np.abs(blurred.astype(int) - whole).mean() < 1
    assert np.abs(blurred.astype(int) - whole).max() < 12
