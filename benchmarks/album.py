"""The files of the gallery's examples, by name, in the formats that users have."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageDraw, ImageOps
from pillow_heif import register_heif_opener

from benchmarks.material import find_film, find_picture, make_song, read_frames

_SONG_SECONDS = 6
_STEP = 6  # frames of a film from one picture to the next
_CITY, _RABBIT = "bikes.mp4", "bigbuckbunny.mp4"
_UNTURNED = {
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}
"""What undoes the turn that an EXIF tag asks for."""

register_heif_opener()  # the product only reads HEIC


def write_file(path: Path) -> None:
    """Write the file of that name, unless it exists."""
    if path.exists():
        return
    if path.name in _SONGS:
        make_song(path, _SONG_SECONDS)
        return
    image, options = _PICTURES[path.name](), _OPTIONS.get(path.suffix, {})
    if path.name in _TAGS:
        turn, taken_at = _TAGS[path.name]
        image = image.transpose(_UNTURNED[turn]) if turn in _UNTURNED else image
        options = options | {"exif": _describe(turn, taken_at)}
    image.save(path, **options)


def _describe(turn: int, taken_at: str) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turn
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken_at
    return exif.tobytes()  # of anything else pillow-heif makes no turn


def _open(name: str, box: tuple[int, int, int, int] | None = None) -> Image.Image:
    """Return a picture, or a part of it."""
    with Image.open(find_picture(name)) as picture:
        return picture.crop(box or (0, 0, *picture.size))


@cache
def _watch(film: str) -> list[Image.Image]:
    return list(read_frames(find_film(film), lambda number: number % _STEP == 0))


def _shoot(film: str, number: int) -> Image.Image:
    return _watch(film)[number]


def _deepen(image: Image.Image) -> Image.Image:
    """Return a grey picture as scanners write it, 16 bits deep."""
    return Image.fromarray(np.asarray(image.convert("L"), np.uint16) * 257)


def _cut_out_logo() -> Image.Image:
    """Return a round logo without what is around it."""
    logo = _open("logo.png").convert("RGB")
    disc = Image.new("L", logo.size)
    ImageDraw.Draw(disc).ellipse((8, 8, 491, 491), fill=255)
    logo.putalpha(disc)
    return logo


def _cut_out_horse() -> Image.Image:
    """Return the black shape of a horse, on nothing."""
    shape = Image.new("RGBA", (400, 328))
    shape.putalpha(ImageOps.invert(_open("horse.png").convert("L")))
    return shape


_SONGS = ("song.mp3", "theme.m4a")
_OPTIONS: dict[str, dict[str, Any]] = {
    ".avif": {"speed": 10},
    ".jpg": {"quality": 92},
    ".tif": {"compression": "tiff_lzw"},
}
_PICTURES: dict[str, Callable[[], Image.Image]] = {
    "astronaut.heic": partial(_open, "astronaut.png", (64, 0, 448, 512)),
    "bicycle.webp": partial(_shoot, _CITY, 37),
    "cat.avif": partial(_open, "chelsea.png"),
    "coffee.heic": partial(_open, "coffee.png"),
    "coins.tif": partial(_open, "coins.png"),
    "cyclist.jpg": partial(_shoot, _CITY, 21),
    "garage.jpg": partial(_open, "motorcycle_left.png"),
    "horse.webp": _cut_out_horse,
    "launch.jpg": partial(_open, "rocket.jpg"),
    "launchpad.jpg": partial(_open, "rocket.jpg", (0, 230, 640, 400)),
    "logo.gif": _cut_out_logo,
    "logo.png": _cut_out_logo,
    "moon.tif": lambda: _deepen(_open("moon.png")),
    "photographer.tif": partial(_open, "camera.png"),
    "galaxies.jpg": partial(_open, "hubble_deep_field.jpg", (0, 300, 1000, 580)),
    "stars.jpg": partial(_open, "hubble_deep_field.jpg"),
    "street.jpg": partial(_shoot, _CITY, 27),
    "taxi.jpg": partial(_shoot, _CITY, 12),
    "tower.jpg": partial(_open, "rocket.jpg", (216, 0, 446, 427)),
    **{f"IMG_{number}.jpg": partial(_shoot, _RABBIT, number) for number in range(1, 13)},
}
_TAGS = {
    "astronaut.heic": (8, "2024:06:01 09:30:00"),
    "garage.jpg": (6, "2024:06:01 11:00:00"),
    "street.jpg": (3, "2024:06:01 14:45:00"),
}
