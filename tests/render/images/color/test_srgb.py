"""Colours are shown as their ICC profile says, whatever its name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from reelqueue.render.images.photos import load_photo, probe_photo
from reelqueue.specs.photo import Fit, PhotoLook
from tests.render.images.color.profiles import (
    ADOBE_RGB,
    DISPLAY_P3,
    SRGB,
    Primaries,
    make_grey_profile,
    make_profile,
    make_swapped_profile,
    to_srgb_by_formula,
)

CONTAIN = PhotoLook(fit=Fit.CONTAIN)
SIZE = (16, 9)
COLOURS = [(200, 120, 90), (60, 160, 90), (70, 170, 180), (128, 128, 128), (255, 255, 255)]
PROFILES = [  # of Samsung, Google, Adobe, and those of the colour spaces that Elle Stone made
    ("DCI-P3 D65 Gamut with sRGB Transfer", DISPLAY_P3, None),
    ("Display P3 Gamut with sRGB Transfer", DISPLAY_P3, None),
    ("sRGB-elle-V2-g10.icc", SRGB, 1.0),
    ("sRGB-elle-V2-g18.icc", SRGB, 1.8),
    ("Display P3", DISPLAY_P3, 2.2),
    ("Adobe RGB (1998)", ADOBE_RGB, round(2.2 * 256) / 256),
]


def show(path: Path) -> tuple[int, ...]:
    """Return the colour of a photo of one colour."""
    pixel = load_photo(path, SIZE, CONTAIN).getpixel((8, 4))
    assert isinstance(pixel, tuple)
    return pixel


def write(path: Path, colour: tuple[int, ...] | int, kind: str, profile: bytes) -> Path:
    mode = "L" if isinstance(colour, int) else "RGB"
    Image.new(mode, SIZE, colour).save(path, kind, icc_profile=profile, quality=100)
    return path


def assert_near(pixel: tuple[int, ...], expected: tuple[int, ...], levels: int) -> None:
    assert all(abs(a - b) <= levels for a, b in zip(pixel, expected, strict=True)), pixel


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "HEIF", "AVIF"])
@pytest.mark.parametrize(("name", "primaries", "gamma"), PROFILES)
@pytest.mark.parametrize("colour", COLOURS)
def test_wide_colours_are_shown_in_srgb(
    tmp_path: Path,
    kind: str,
    name: str,
    primaries: Primaries,
    gamma: float | None,
    colour: tuple[int, int, int],
) -> None:
    path = write(tmp_path / "photo", colour, kind, make_profile(name, primaries, gamma))

    shown = show(path)

    lossy = 0 if kind in ("PNG", "TIFF") else 2
    assert_near(shown, to_srgb_by_formula(colour, primaries, gamma), levels=2 + lossy)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "HEIF", "TIFF"])
def test_colour_profile_is_applied(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / "photo", (255, 0, 0), kind, make_swapped_profile())

    assert_near(show(path), (0, 0, 255), levels=6)


def test_grey_photo_is_shown_as_its_colour_profile_says(tmp_path: Path) -> None:
    path = write(tmp_path / "photo", 55, "PNG", make_profile("linear sRGB", SRGB, 1.0))

    assert_near(show(path), (128, 128, 128), levels=1)


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "L"), ("PNG", "LA"), ("JPEG", "L"), ("TIFF", "L"), ("TIFF", "LA")]
)
def test_profile_of_grey_levels_is_applied(tmp_path: Path, kind: str, mode: str) -> None:
    """Also where the picture has an alpha channel beside its grey."""
    level = (100, 255) if mode == "LA" else 100
    path = tmp_path / "photo"
    profile = make_grey_profile(1.0)
    Image.new(mode, SIZE, level).save(path, kind, icc_profile=profile, quality=100)

    assert_near(show(path), to_srgb_by_formula((100, 100, 100), SRGB, 1.0), levels=2)


def test_profile_of_grey_levels_is_ignored_by_colours(tmp_path: Path) -> None:
    path = write(tmp_path / "photo.png", (200, 30, 20), "PNG", make_grey_profile(1.0))

    assert_near(show(path), (200, 30, 20), levels=0)


def test_phone_s_jpeg_with_a_second_picture_is_shown_as_its_profile_says(tmp_path: Path) -> None:
    """As phones write HDR: beside the picture lies a map of its gains."""
    colour, path = COLOURS[0], tmp_path / "photo.jpg"
    profile = make_profile("DCI-P3 D65 Gamut with sRGB Transfer", DISPLAY_P3, None)
    photo, gains = Image.new("RGB", SIZE, colour), Image.new("L", SIZE, 90)
    more = {"append_images": [gains], "icc_profile": profile, "quality": 100}
    photo.save(path, "MPO", save_all=True, **more)

    assert_near(show(path), to_srgb_by_formula(colour, DISPLAY_P3, None), levels=4)


@pytest.mark.parametrize("profile", [b"junk", b"\0" * 200])
def test_corrupt_colour_profile_is_ignored(tmp_path: Path, profile: bytes) -> None:
    path = write(tmp_path / "photo.png", (200, 30, 20), "PNG", profile)

    assert probe_photo(path).width == SIZE[0]
    assert_near(show(path), (200, 30, 20), levels=0)


@pytest.mark.parametrize(
    "profile",
    [
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        make_profile("c2", SRGB, None),
    ],
    ids=["Little CMS", "unnamed"],
)
def test_profile_that_acts_as_srgb_changes_nothing(tmp_path: Path, profile: bytes) -> None:
    ramp = Image.fromarray(np.arange(256 * 3, dtype=np.uint8).reshape(16, 16, 3))
    ramp.save(tmp_path / "ramp.png", icc_profile=profile)

    assert load_photo(tmp_path / "ramp.png", ramp.size, CONTAIN).tobytes() == ramp.tobytes()
