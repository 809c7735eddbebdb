"""Pictures that users sent: the only module that opens them.

A picture is taken by what its first bytes say, never by its name, and only Pillow's reader for that
kind sees it. Its size is checked before a pixel is decoded. Nothing of its metadata goes on: the
EXIF turn and the colour profile are applied to the pixels, transparency becomes white (logos with
dark letters stay readable on it), and of an animation only the first frame is used.
"""

from __future__ import annotations

import os
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import ExifTags, Image, ImageCms, ImageEnhance, ImageFilter

from reelqueue.errors import UnreadableMediaError, UnsupportedMediaError
from reelqueue.facts import PhotoFacts
from reelqueue.render.framing import Size
from reelqueue.specs import Fit

MAX_PIXELS = 50_000_000
MAX_SIDE = 16_384
THUMBNAIL_SIDE = 320

_KINDS = "JPEG, PNG, WebP or GIF"
_UNNAMED = "The photo"
_ALLOWED = (
    f"send it with at most {MAX_PIXELS // 1_000_000} megapixels and {MAX_SIDE} pixels a side."
)
_SIGNATURES = (
    (0, b"\xff\xd8\xff", "JPEG"),  # also MPO, which phones write
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (8, b"WEBP", "WEBP"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
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
    struct.error,
    zlib.error,
    Warning,
)
_TURNS = {  # EXIF 2.32, 4.6.4, tag 274
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_BICUBIC = Image.Resampling.BICUBIC
_BLUR_SIDE = 64  # pixels of the blurred background before it is enlarged: detail that nobody sees
_BLUR_BRIGHTNESS = 0.6
_warnings_lock = threading.Lock()  # catch_warnings changes a list that all threads share


class Photo(NamedTuple):
    """A picture on disk, and what its owner calls it."""

    path: Path
    name: str


def inspect_photo(path: Path) -> PhotoFacts:
    """Decode a whole picture and return its facts, `width` and `height` as it is shown.

    Raises:
        UnsupportedMediaError: if it is no picture of a kind that is taken.
        UnreadableMediaError: if it is damaged or too large.
    """
    with _opened(path, _UNNAMED) as (image, turn):
        image.load()
        width, height = _swap_sides(image.size, turn)
        kind = "JPEG" if image.format == "MPO" else image.format or ""
        return PhotoFacts(width=width, height=height, format=kind.lower())


def write_thumbnail(path: Path, output: Path, side: int = THUMBNAIL_SIDE) -> None:
    """Write a JPEG of at most `side` x `side` pixels, without metadata.

    Raises:
        UnsupportedMediaError: if it is no picture of a kind that is taken.
        UnreadableMediaError: if it is damaged or too large.
    """
    with _opened(path, _UNNAMED) as (image, turn):
        shown = _swap_sides(image.size, turn)
        size = _contain_size(shown, (min(side, shown[0]), min(side, shown[1])))
        picture = _resize(_upright(image, turn, size), size)
    write_jpeg(picture, output)


def load_photo(path: Path, size: Size, fit: Fit, name: str = _UNNAMED) -> Image.Image:
    """Return a picture as RGB of exactly `size`, upright, in sRGB, its shape fitted.

    Args:
        name: what errors call it.

    Raises:
        UnsupportedMediaError: if it is no picture of a kind that is taken.
        UnreadableMediaError: if it is damaged or too large.
    """
    with _opened(path, name) as (image, turn):
        shown = _swap_sides(image.size, turn)
        if fit is Fit.COVER:
            scale = max(size[0] / shown[0], size[1] / shown[1])
            needed = (round(shown[0] * scale), round(shown[1] * scale))
            return _cover(_upright(image, turn, needed), size)
        inner = _contain_size(shown, size)
        picture = _resize(_upright(image, turn, inner), inner)
    return _put_on_background(picture, size, fit)


def write_jpeg(image: Image.Image, output: Path) -> None:
    """Write a JPEG whose file appears only when it is complete."""
    unfinished = output.with_name(f".{output.name}.unfinished")
    try:
        image.save(unfinished, "JPEG", quality=85, optimize=True)
        os.replace(unfinished, output)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _opened(path: Path, name: str) -> Iterator[tuple[Image.Image, int]]:
    """Open a picture of a bearable size; yield it, not yet decoded, and its EXIF turn."""
    with path.open("rb") as file:
        head = file.read(12)
        kind = _sniff(head)
        if kind is None:
            raise UnsupportedMediaError(f"{name} is no picture that we take: send {_KINDS}.")
        file.seek(0)
        try:
            with _warnings_lock, warnings.catch_warnings():
                # Odd metadata is no reason to refuse, and our own limit is below Pillow's.
                warnings.simplefilter("ignore")
                image = Image.open(file, formats=(kind,))
            with image:
                _check_size(image.size, name)
                yield image, _read_turn(image)
        except Image.DecompressionBombError as error:  # which keeps the size to itself
            raise UnreadableMediaError(f"{name} has far too many pixels: {_ALLOWED}") from error
        except _FAULTS as error:
            raise UnreadableMediaError(
                f"{name} is damaged and cannot be read to its end: export or send it again."
            ) from error


def _sniff(head: bytes) -> str | None:
    for offset, signature, kind in _SIGNATURES:
        if head[offset:].startswith(signature) and (offset == 0 or head.startswith(b"RIFF")):
            return kind
    return None


def _check_size(size: Size, name: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS or max(size) > MAX_SIDE:
        raise UnreadableMediaError(f"{name} has {width} x {height} pixels: {_ALLOWED}")


def _read_turn(image: Image.Image) -> int:
    """Return the EXIF orientation; EXIF that makes no sense is no reason to refuse a picture."""
    try:
        turn = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _FAULTS:
        return 1
    return turn if turn in _TURNS else 1


def _swap_sides(size: Size, turn: int) -> Size:
    return (size[1], size[0]) if turn >= 5 else size


def _upright(image: Image.Image, turn: int, needed: Size) -> Image.Image:
    """Decode at `needed` pixels (as shown) or more, and turn; JPEG decodes smaller for less."""
    image.draft(None, _swap_sides(needed, turn))
    image.load()
    resizable = _to_resizable(image)
    return resizable.transpose(_TURNS[turn]) if turn in _TURNS else resizable


def _to_resizable(image: Image.Image) -> Image.Image:
    """Return a picture in a mode whose pixels may be averaged: L, RGB, RGBA or CMYK."""
    # 16 bits a pixel, which convert() would clip, not scale. A grey that is said to be transparent
    # is shown: logos are not drawn in such pictures.
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda level: level / 257).convert("L")
    if image.mode in ("LA", "PA") or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in ("L", "RGB", "RGBA", "CMYK") else image.convert("RGB")


def _resize(image: Image.Image, size: Size) -> Image.Image:
    """Return sRGB of `size`; colours are converted last, where there are fewest pixels."""
    return _to_srgb(image.resize(size, _BICUBIC, reducing_gap=2.0), image.info)


def _cover(image: Image.Image, size: Size) -> Image.Image:
    """Return the middle of a picture, filling `size`."""
    scale = max(size[0] / image.width, size[1] / image.height)
    width, height = size[0] / scale, size[1] / scale
    left, top = (image.width - width) / 2, (image.height - height) / 2
    box = (
        max(left, 0),
        max(top, 0),
        min(left + width, image.width),
        min(top + height, image.height),
    )
    return _to_srgb(image.resize(size, _BICUBIC, box=box, reducing_gap=2.0), image.info)


def _to_srgb(image: Image.Image, info: dict[str | tuple[int, int], object]) -> Image.Image:
    if image.mode == "RGBA":
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        image = white
    profile = info.get("icc_profile")
    if isinstance(profile, bytes):
        image = _apply_profile(image, profile)
    image = image.convert("RGB")
    image.info = {}  # Pillow's writers would hand a comment on
    return image


def _apply_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Return a picture in sRGB, or unchanged where its profile is broken or of another mode."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, *_FAULTS):
        return image
    return converted or image


def _contain_size(shown: Size, size: Size) -> Size:
    """Return the largest sides of a picture's shape within `size`."""
    scale = min(size[0] / shown[0], size[1] / shown[1])
    return max(round(shown[0] * scale), 1), max(round(shown[1] * scale), 1)


def _put_on_background(picture: Image.Image, size: Size, fit: Fit) -> Image.Image:
    """Return a picture in the middle of `size`, on its own blurred self or on black."""
    if picture.size == size:
        return picture
    canvas = Image.new("RGB", size)
    left, top = (size[0] - picture.width) // 2, (size[1] - picture.height) // 2
    canvas.paste(picture, (left, top))
    if fit is Fit.BLUR:
        right, bottom = left + picture.width, top + picture.height
        blurred = _blur(picture, size)
        for bar in (
            (0, 0, left, size[1]),
            (right, 0, size[0], size[1]),
            (left, 0, right, top),
            (left, bottom, right, size[1]),
        ):
            _fill_bar(canvas, bar, blurred)
    return canvas


def _blur(picture: Image.Image, size: Size) -> Image.Image:
    """Return a dark blur of a picture in the shape of `size`, in a few pixels."""
    scale = _BLUR_SIDE / max(size)
    small = _cover(picture, (max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)))
    soft = small.filter(ImageFilter.GaussianBlur(_BLUR_SIDE / 24))
    return ImageEnhance.Brightness(soft).enhance(_BLUR_BRIGHTNESS)


def _fill_bar(canvas: Image.Image, bar: tuple[int, int, int, int], small: Image.Image) -> None:
    """Draw the part of a small picture, scaled to the whole canvas, that falls into a bar."""
    left, top, right, bottom = bar
    if left == right or top == bottom:
        return
    across, down = small.width / canvas.width, small.height / canvas.height
    box = (left * across, top * down, right * across, bottom * down)
    size = (right - left, bottom - top)
    canvas.paste(small.resize(size, Image.Resampling.BICUBIC, box=box), (left, top))
