"""Thumbnails of photos: a small one for lists, and a larger one for previews in the page."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from PIL import Image

from reelqueue.media.facts import LARGE_SIDE
from reelqueue.planning.framing import Size, contain_photo
from reelqueue.render.images.jpeg_file import write_jpeg
from reelqueue.render.images.photos import load_photo
from reelqueue.render.images.saliency import find_focus, find_turned_focuses
from reelqueue.specs.photo import Fit, PhotoLook
from reelqueue.specs.picture import Point

SMALL_SIDE = 320  # pixels of the longer side

_WHOLE = PhotoLook(fit=Fit.COVER, focus=Point(x=0.5, y=0.5))


class Details(NamedTuple):
    """The point around which a photo has most detail, and that of the photo as it is turned."""

    upright: Point
    turned: tuple[Point, Point, Point]


def write_thumbnails(path: Path, photo: Size, small: Path, large: Path) -> Details:
    """Write two JPEGs without metadata; return where the photo has most detail.

    Args:
        path: of the photo.
        photo: its `(width, height)` in pixels as it is shown.
        small: has at most `SMALL_SIDE` pixels on a side.
        large: has up to `LARGE_SIDE`, and is left out where it would be no larger.

    Raises:
        UnsupportedMediaError: if the file has no supported format.
        UnreadableMediaError: if the photo is damaged or too large.
    """
    picture = load_photo(path, _limit_size(photo, LARGE_SIDE), _WHOLE)
    size = _limit_size(photo, SMALL_SIDE)
    if picture.size != size:
        write_jpeg(picture, large)
    thumbnail = picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    write_jpeg(thumbnail, small)
    return Details(find_focus(picture), find_turned_focuses(thumbnail))


def _limit_size(size: Size, side: int) -> Size:
    return contain_photo(size, (min(side, size[0]), min(side, size[1])))
