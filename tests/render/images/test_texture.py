"""The texture of a photo tells fine from plain, whatever its size and mode."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image, ImageFilter

from reelqueue.render.images.texture import SIDES, measure_textures

PICTURES = Path(skimage.data.__file__).parent


def open_picture(name: str) -> Image.Image:
    with Image.open(PICTURES / name) as picture:
        return picture.convert("RGB")


def test_finer_photos_have_more_of_everything() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (600, 900, 3), dtype=np.uint8)
    photos = [Image.new("RGB", (900, 600), "teal"), *map(open_picture, ("moon.png", "grass.png"))]
    measured = [measure_textures(photo)[0] for photo in (*photos, Image.fromarray(noise))]
    for name in ("fine", "coarse", "loss"):
        values = [getattr(texture, name) for texture in measured]
        assert values == sorted(set(values))


def test_photo_that_is_enlarged_has_less_in_each_pixel() -> None:
    textures = measure_textures(open_picture("astronaut.png"))
    assert [texture.side for texture in textures] == list(SIDES)
    for name in ("fine", "coarse", "loss"):
        values = [getattr(texture, name) for texture in textures]
        assert values == sorted(set(values), reverse=True)


def test_texture_is_that_of_the_whole_photo() -> None:
    """Only bands of a large photo are looked at, but everywhere."""
    photo = open_picture("coffee.png").resize((2400, 1600), Image.Resampling.LANCZOS)
    sharp = open_picture("hubble_deep_field.jpg").resize((2400, 400), Image.Resampling.LANCZOS)
    for top in (0, 600, 1200):
        mixed = photo.filter(ImageFilter.GaussianBlur(8))
        plain = measure_textures(mixed)[1].fine
        mixed.paste(sharp, (0, top))
        assert measure_textures(mixed)[1].fine > 1.3 * plain


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (9000, 40), (37, 21)])
@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16", "YCbCr", "LAB"])
def test_pictures_of_any_size_and_mode_are_measured(mode: str, size: tuple[int, int]) -> None:
    textures = measure_textures(Image.new(mode, size))
    assert all(texture.fine > 0 and texture.loss < 0.01 for texture in textures)
