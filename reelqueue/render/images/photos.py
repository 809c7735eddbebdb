"""Pictures that users sent: the only module that opens them.

A picture is taken by what its first bytes say, never by its name, and only Pillow's reader for that
kind sees it. Its size is checked before a pixel is decoded. Nothing of its metadata goes on: the
EXIF turn and the colour profile are applied to the pixels, what is transparent, and what is around
it, shows a plain colour (white unless chosen: logos with dark letters stay readable on it), and of
a file with several pictures only the main one is used.
"""

from __future__ import annotations

import os
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from PIL import ExifTags, Image
from PIL.TiffImagePlugin import TiffImageFile
from pillow_heif import register_heif_opener

from reelqueue.errors import UnreadableMediaError, UnsupportedMediaError
from reelqueue.media.facts import PhotoFacts
from reelqueue.media.sniff import sniff_photo
from reelqueue.planning.framing import Size, cover, crop, fills_well
from reelqueue.render.images.backdrop import put_on_backdrop
from reelqueue.render.images.color import MODES, is_transparent, to_averageable, to_srgb
from reelqueue.render.images.exif import make_upright, read_time, read_turn, swap_sides
from reelqueue.render.images.saliency import find_focus
from reelqueue.specs.slideshow import Fit, PhotoLook, PhotoSpec

MAX_PIXELS = 64_000_000  # a phone's panorama has up to 63 million
MAX_SIDE = 16_384
THUMBNAIL_SIDE = 320

_KINDS = "JPEG, PNG, WebP, AVIF, HEIC, TIFF or GIF"
_UNNAMED = "The photo"
_ALLOWED = (
    f"send it with at most {MAX_PIXELS // 1_000_000} megapixels and {MAX_SIDE} pixels a side."
)
# What Pillow's readers raise on damaged bytes.
_FAULTS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    RuntimeError,  # libheif's and libavif's
    struct.error,
    zlib.error,
    Warning,
)
_ENOUGH = 2 / 3  # of a preview's pixels a side
_FINE, _FAST = Image.Resampling.BICUBIC, Image.Resampling.HAMMING
_PLAIN = PhotoLook()
_DNG_VERSION = 50706  # DNG 1.7.1, chapter 4
_warnings_lock = threading.Lock()  # catch_warnings changes a list that all threads share

register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


class Photo(NamedTuple):
    """A picture on disk, what its owner calls it, and what it has otherwise than the others.

    `digest` is of the file's bytes; empty where nobody has read them yet.
    """

    path: Path
    name: str
    spec: PhotoSpec = PhotoSpec()
    digest: str = ""


def inspect_photo(path: Path, name: str = _UNNAMED) -> PhotoFacts:
    """Decode a whole picture and return its facts, `width` and `height` as it is shown.

    Args:
        name: what errors call it.

    Raises:
        UnsupportedMediaError: if it is no picture of a kind that is taken.
        UnreadableMediaError: if it is damaged or too large.
    """
    with _opened(path, name) as image:
        width, height = swap_sides(image.size, read_turn(image))
        taken_at = read_time(image)
        image.load()
        kind = "JPEG" if image.format == "MPO" else image.format or ""
        return PhotoFacts(width=width, height=height, format=kind.lower(), taken_at=taken_at)


def find_time(path: Path) -> datetime | None:
    """Return when a photo was taken, by the clock of its camera; None also for a bad one."""
    try:
        with _opened(path, _UNNAMED) as image:
            return read_time(image)
    except (UnsupportedMediaError, UnreadableMediaError):
        return None


def write_thumbnail(path: Path, output: Path, side: int = THUMBNAIL_SIDE) -> None:
    """Write a JPEG of at most `side` x `side` pixels, without metadata.

    Raises:
        UnsupportedMediaError: if it is no picture of a kind that is taken.
        UnreadableMediaError: if it is damaged or too large.
    """
    with _opened(path, _UNNAMED) as image:
        turn = read_turn(image)
        shown = swap_sides(image.size, turn)
        size = _contain_size(shown, (min(side, shown[0]), min(side, shown[1])))
        picture = _resize(_decode(image, turn, size, _PLAIN), size, _PLAIN)
    write_jpeg(picture, output)


def load_photo(
    path: Path, size: Size, look: PhotoLook, name: str = _UNNAMED, *, moves: bool = False
) -> Image.Image:
    """Return a picture as RGB of exactly `size`, upright, in sRGB, its shape fitted.

    Args:
        name: what errors call it.
        moves: it covers `size` and is not cut, unless hardly anything of it would be seen at once.

    Raises:
        UnsupportedMediaError: if it is no picture of a kind that is taken.
        UnreadableMediaError: if it is damaged or too large.
    """
    with _opened(path, name) as image:
        turn = read_turn(image, look.rotate)
        shown = swap_sides(image.size, turn)
        needed = cover(shown, size)
        if moves and fills_well(shown, size):
            return _resize(_decode(image, turn, needed, look), needed, look)
        if look.fit is Fit.COVER:
            return _cover(_decode(image, turn, needed, look), size, look)
        inner = _contain_size(shown, size)
        decoded = _decode(image, turn, inner, look)
        color = look.background if is_transparent(decoded) else None  # a logo has no edges to show
        picture = _resize(decoded, inner, look)
    return put_on_backdrop(picture, size, look.fit, color)


def write_jpeg(image: Image.Image, output: Path) -> None:
    """Write a JPEG whose file appears only when it is complete."""
    unfinished = output.with_name(f".{output.name}.unfinished")
    try:
        image.save(unfinished, "JPEG", quality=85, optimize=True)
        os.replace(unfinished, output)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _opened(path: Path, name: str) -> Iterator[Image.Image]:
    """Open a picture of a bearable size; yield it, not yet decoded."""
    kind = sniff_photo(path)
    if kind is None:
        raise UnsupportedMediaError(f"{name} is no picture that we take: send {_KINDS}.")
    try:
        with path.open("rb") as file:
            with _warnings_lock, warnings.catch_warnings():
                # Odd metadata is no reason to refuse, and our own limit is below Pillow's.
                warnings.simplefilter("ignore")
                image = Image.open(file, formats=(kind,))
            with image:
                _check_size(image.size, name)
                _check_kind(image, name)
                yield image
    except Image.DecompressionBombError as error:  # which keeps the size to itself
        raise UnreadableMediaError(f"{name} has far too many pixels: {_ALLOWED}") from error
    except _FAULTS as error:
        raise UnreadableMediaError(
            f"{name} is damaged and cannot be read to its end: export or send it again."
        ) from error


def _check_size(size: Size, name: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS or max(size) > MAX_SIDE:
        raise UnreadableMediaError(f"{name} has {width} x {height} pixels: {_ALLOWED}")


def _check_kind(image: Image.Image, name: str) -> None:
    """Refuse what a reader opens without showing what its owner sees."""
    if image.mode not in MODES:
        raise UnsupportedMediaError(f"{name} is in {image.mode} colours: export it in RGB.")
    if isinstance(image, TiffImageFile):
        tags = image.tag_v2
        is_preview = int(tags.get(ExifTags.Base.NewSubfileType, 0)) & 1  # TIFF 6.0, section 8
        if is_preview or _DNG_VERSION in tags:
            raise UnsupportedMediaError(f"{name} is a camera's raw file: export it as JPEG.")


def _decode(image: Image.Image, turn: int, needed: Size, look: PhotoLook) -> Image.Image:
    """Decode at `needed` pixels (as shown) or more, and turn; JPEG decodes smaller for less."""
    if look.preview:
        needed = round(needed[0] * _ENOUGH), round(needed[1] * _ENOUGH)
    image.draft(None, swap_sides(needed, turn))
    image.load()
    return make_upright(to_averageable(image), turn)


def _resize(image: Image.Image, size: Size, look: PhotoLook) -> Image.Image:
    """Return sRGB of `size`; colours are converted last, where there are fewest pixels."""
    resized = image.resize(size, _choose_kernel(look), reducing_gap=2.0)
    return to_srgb(resized, image.info, look.background)


def _cover(image: Image.Image, size: Size, look: PhotoLook) -> Image.Image:
    """Return what is around a picture's focus, filling `size`."""
    focus = look.focus or find_focus(image)
    box = crop(image.size, size, (focus.x, focus.y))
    resized = image.resize(size, _choose_kernel(look), box=box, reducing_gap=2.0)
    return to_srgb(resized, image.info, look.background)


def _choose_kernel(look: PhotoLook) -> Image.Resampling:
    return _FAST if look.preview else _FINE


def _contain_size(shown: Size, size: Size) -> Size:
    """Return the largest sides of a picture's shape within `size`."""
    scale = min(size[0] / shown[0], size[1] / shown[1])
    return max(round(shown[0] * scale), 1), max(round(shown[1] * scale), 1)
