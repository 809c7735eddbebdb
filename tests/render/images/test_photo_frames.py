"""Photos loaded as frames in YUV look as `load_photo` has them, whatever their colours are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reelqueue.planning.framing import Size
from reelqueue.render.frames.yuv import list_planes, to_picture
from reelqueue.render.images.photos import load_frame, load_photo
from reelqueue.specs.photo import Fit, PhotoLook
from tests.render.images.color.profiles import make_swapped_profile

SIZE = (320, 180)


def turn(photo: Image.Image, path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    photo.save(path, "JPEG", exif=exif)


def fade(photo: Image.Image, path: Path) -> None:
    photo.putalpha(Image.linear_gradient("L").resize(photo.size))
    photo.save(path, "PNG")


def deepen(photo: Image.Image, path: Path) -> None:
    Image.fromarray(np.asarray(photo.convert("L")).astype(np.uint16) * 257).save(path, "PNG")


KINDS: dict[str, Callable[[Image.Image, Path], None]] = {
    "plain": lambda photo, path: photo.save(path, "JPEG"),
    "turned": turn,
    "grey": lambda photo, path: photo.convert("L").save(path, "JPEG"),
    "for print": lambda photo, path: photo.convert("CMYK").save(path, "JPEG"),
    "with a profile": lambda photo, path: photo.save(
        path, "JPEG", icc_profile=make_swapped_profile()
    ),
    "with a damaged profile": lambda photo, path: photo.save(path, "JPEG", icc_profile=b"none"),
    "transparent": fade,
    "of 16 bits": deepen,
    "with a palette": lambda photo, path: photo.quantize(64).save(path, "PNG"),
    "large": lambda photo, path: photo.resize((1800, 1200)).save(path, "PNG"),
    "small": lambda photo, path: photo.resize((30, 20)).save(path, "PNG"),
    "tiny": lambda photo, path: photo.resize((5, 3)).save(path, "PNG"),
}


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("kind", KINDS)
def test_frame_looks_as_the_photo(
    tmp_path: Path, photo_paths: list[Path], kind: str, fit: Fit
) -> None:
    path = tmp_path / "photo"
    with Image.open(photo_paths[0]) as photo:
        KINDS[kind](photo.convert("RGB"), path)

    assert_alike(path, SIZE, PhotoLook(fit=fit, background="#203040"))


@pytest.mark.parametrize("frame", [(180, 320), (18, 16), (16, 18), (640, 360)])
@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (3, 2000), (701, 467)])
def test_frame_of_any_shape_looks_as_the_photo(
    tmp_path: Path, photo_paths: list[Path], size: Size, frame: Size
) -> None:
    path = tmp_path / "photo"
    with Image.open(photo_paths[1]) as photo:
        photo.convert("RGB").resize(size).save(path, "PNG")

    assert_alike(path, frame, PhotoLook(fit=Fit.BLUR))


def assert_alike(path: Path, size: Size, look: PhotoLook) -> None:
    frame, expected = load_frame(path, size, look), to_picture(load_photo(path, size, look))
    for plane, wanted in zip(list_planes(frame), list_planes(expected), strict=True):
        assert plane.shape == wanted.shape
        difference = np.abs(plane.astype(np.int16) - wanted)
        assert difference.mean() < 1
        assert (difference > 4).mean() < 0.02  # at the edge of a photo in its backdrop
