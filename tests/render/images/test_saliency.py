"""The focus is found on the most detailed part of a picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageEnhance, ImageFilter

from reelqueue.planning.camera import Move, choose_paths, find_box
from reelqueue.planning.framing import crop
from reelqueue.render.images.saliency import find_focus
from reelqueue.specs.photo import Motion


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


def crop_upright(photo: Path, box: tuple[int, int, int, int]) -> Image.Image:
    with Image.open(photo) as picture:
        return picture.convert("RGB").crop(box)


@pytest.mark.parametrize("motion", [Motion.NONE, Motion.ZOOM_IN, Motion.KENBURNS])
def test_head_of_an_upright_portrait_stays_in_a_wide_video(
    photo_paths: list[Path], motion: Motion
) -> None:
    """Her suit has more detail than her face, from eyes to chin at 18 to 30 % of the height."""
    portrait = crop_upright(photo_paths[3], (64, 0, 448, 512))
    focus, size = find_focus(portrait), (1920, 1080)
    if motion is Motion.NONE:
        boxes = [crop(portrait.size, size, (focus.x, focus.y))]
    else:
        paths = [path for path in choose_paths([motion] * 8, seed=1) if path]
        boxes = [
            find_box(Move(path, 0, 90), frame, portrait.size, focus, size)
            for path in paths
            for frame in (0, 89)
        ]
    for _, top, _, bottom in boxes:
        assert top <= 0.18 * portrait.height
        assert bottom >= 0.3 * portrait.height


def test_head_of_a_square_portrait_stays_in_a_wide_video(photo_paths: list[Path]) -> None:
    """Her face is at 18 to 30 % of the height; her suit has more detail."""
    portrait = crop_upright(photo_paths[3], (0, 0, 512, 512))
    focus = find_focus(portrait)
    _, top, _, bottom = crop(portrait.size, (1920, 1080), (focus.x, focus.y))
    assert top <= 0.18 * portrait.height
    assert bottom >= 0.3 * portrait.height


def test_lone_detail_low_in_an_upright_photo_is_kept(photo_paths: list[Path]) -> None:
    wall = Image.new("RGB", (600, 900), (180, 170, 160))
    wall.paste(Image.open(photo_paths[2]).resize((120, 80)), (240, 700))
    assert find_focus(wall).y == pytest.approx(740 / 900, abs=0.06)


def test_focus_of_a_mirrored_photo_is_mirrored(photo_paths: list[Path]) -> None:
    photo = Image.open(photo_paths[1]).convert("RGB")
    focus, mirrored = find_focus(photo), find_focus(photo.transpose(Image.Transpose.ROTATE_180))

    assert (mirrored.x, mirrored.y) == pytest.approx((1 - focus.x, 1 - focus.y), abs=0.02)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (300, 200)])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK"])
def test_focus_of_a_plain_picture_is_its_centre(mode: str, size: tuple[int, int]) -> None:
    focus = find_focus(Image.new(mode, size, "white" if mode != "CMYK" else 0))

    assert (focus.x, focus.y) == (0.5, 0.5)
