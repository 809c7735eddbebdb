"""The focus is found on the most detailed part of a picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageEnhance, ImageFilter

from reelqueue.render.images.saliency import find_focus


@pytest.mark.parametrize("place", [(0.2, 0.3), (0.5, 0.5), (0.85, 0.25), (0.15, 0.8)])
def test_focus_is_on_the_detail(photo_paths: list[Path], place: tuple[float, float]) -> None:
    cat = Image.open(photo_paths[2]).resize((120, 80))
    wall = Image.new("RGB", (900, 600), (180, 170, 160))
    corner = (round(place[0] * 900) - 60, round(place[1] * 600) - 40)
    wall.paste(cat, corner)

    focus = find_focus(wall)

    assert (focus.x, focus.y) == pytest.approx(place, abs=0.05)


@pytest.mark.parametrize("number", range(4))
def test_focus_hardly_moves_when_little_changes(photo_paths: list[Path], number: int) -> None:
    photo = Image.open(photo_paths[number]).convert("RGB")
    focus = find_focus(photo)

    for changed in (
        photo.resize((photo.width // 2, photo.height // 2)),
        photo.filter(ImageFilter.GaussianBlur(1)),
        ImageEnhance.Brightness(photo).enhance(0.8),
        photo.crop((3, 3, photo.width, photo.height)),
        Image.blend(photo, Image.effect_noise(photo.size, 60).convert("RGB"), 0.1),
    ):
        moved = find_focus(changed)
        assert (moved.x, moved.y) == pytest.approx((focus.x, focus.y), abs=0.05)


def test_focus_of_a_mirrored_photo_is_mirrored(photo_paths: list[Path]) -> None:
    photo = Image.open(photo_paths[1]).convert("RGB")
    focus, mirrored = find_focus(photo), find_focus(photo.transpose(Image.Transpose.ROTATE_180))

    assert (mirrored.x, mirrored.y) == pytest.approx((1 - focus.x, 1 - focus.y), abs=0.02)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (300, 200)])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK"])
def test_focus_of_a_plain_picture_is_its_centre(mode: str, size: tuple[int, int]) -> None:
    focus = find_focus(Image.new(mode, size, "white" if mode != "CMYK" else 0))

    assert (focus.x, focus.y) == (0.5, 0.5)
