"""Open the photos of users; no other module does.

The first bytes of a file decide its format, never its name, and only Pillow's reader of that format
opens it. The size is checked before a pixel is decoded. Orientation and ICC profile are applied to
the pixels, and no metadata is kept. Transparent photos lie on a plain colour, by default white,
where logos with dark letters stay readable. Of a file with several pictures, the main one is used.
"""

from __future__ import annotations

import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from av.video.frame import VideoFrame
from PIL import Image, PngImagePlugin
from pillow_heif import register_heif_opener

from reelqueue.errors import UnreadableMediaError, UnsupportedMediaError
from reelqueue.media.facts import PhotoFacts
from reelqueue.media.moments import Moment
from reelqueue.media.sniff import sniff_photo
from reelqueue.planning.framing import Size, contain, cover, crop, fills_well
from reelqueue.render.frames.yuv import to_picture
from reelqueue.render.images.backdrop import draw_on_backdrop, put_on_backdrop
from reelqueue.render.images.color.levels import BYTES_PER_CONVERTED_PIXEL, convert_levels
from reelqueue.render.images.color.srgb import (
    is_srgb,
    is_transparent,
    to_resizable,
    to_srgb,
)
from reelqueue.render.images.color.tags import find_encoding
from reelqueue.render.images.dates import find_moment_of
from reelqueue.render.images.decoding import BUDGET, MAX_SCANS, count_scans, estimate_memory
from reelqueue.render.images.exif import orient_image, orient_size, read_orientation
from reelqueue.render.images.formats.jpeg import check_end, is_lossless, open_jpeg
from reelqueue.render.images.formats.tiff import mend_levels, open_tiff
from reelqueue.render.images.resizing import can_scale, resize_image
from reelqueue.render.images.saliency import find_focus
from reelqueue.render.images.texture import measure_textures
from reelqueue.specs.photo import Fit, PhotoLook, PhotoSpec

MAX_PIXELS = 64_000_000  # panoramas of phones have up to 63 million
MAX_SIDE = 16_384

_FORMATS = "JPEG, PNG, WebP, AVIF, HEIC, TIFF or GIF"
_DEFAULT_NAME = "The photo"
_LIMITS = (
    f"send it with at most {MAX_PIXELS // 1_000_000} megapixels and {MAX_SIDE} pixels per side."
)
# Pillow's readers raise these on damaged bytes.
_READER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    RuntimeError,  # from libheif and libavif
    struct.error,
    zlib.error,
    Warning,
)
_MOST_COPIED = 2  # times as large as shown; a JPEG is decoded at less
_PREVIEW_SCALE = 5 / 9  # previews decode photos smaller than they show them
_FINE, _FAST = Image.Resampling.BICUBIC, Image.Resampling.HAMMING
_DEFAULT_LOOK = PhotoLook()
_warnings_lock = threading.Lock()  # catch_warnings changes filters that all threads share

PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY  # texts and profiles may be large
register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


class Photo(NamedTuple):
    """A photo on disk, the name that its owner gave it, and its settings.

    `digest` is the SHA-256 of the file in hex; empty if unknown.
    """

    path: Path
    name: str
    spec: PhotoSpec = PhotoSpec()
    digest: str = ""


def probe_photo(path: Path, name: str = _DEFAULT_NAME) -> PhotoFacts:
    """Decode a whole photo and return its facts.

    Args:
        path: the file.
        name: the photo's name in errors.

    Raises:
        UnsupportedMediaError: if the file has no supported format.
        UnreadableMediaError: if the photo is damaged or too large.
    """
    with _open_photo(path, name) as image:
        width, height = orient_size(image.size, read_orientation(image))
        moment = find_moment_of(image)
        check_end(image)
        image.load()
        return PhotoFacts(
            width=width,
            height=height,
            format=_name_format(image).lower(),
            taken_at=moment.local if moment else None,
            utc_offset=moment.utc_offset if moment else None,
            textures=measure_textures(image),
        )


def measure_need(path: Path) -> int:
    """Return about how many bytes it takes to decode a photo, from its header.

    Raises:
        UnsupportedMediaError: if the file has no supported format.
        UnreadableMediaError: if the photo is damaged or too large.
    """
    with _open_photo(path, _DEFAULT_NAME) as image:
        return _estimate_need(image, path, _name_format(image), _DEFAULT_NAME)


def find_moment(path: Path) -> Moment | None:
    """Return when a photo was taken, by its metadata; None if unknown or unreadable."""
    try:
        with _open_photo(path, _DEFAULT_NAME) as image:
            return find_moment_of(image)
    except (UnsupportedMediaError, UnreadableMediaError):
        return None


def load_photo(
    path: Path,
    size: Size,
    look: PhotoLook,
    name: str = _DEFAULT_NAME,
    *,
    moves: bool = False,
) -> Image.Image:
    """Load a photo as an upright RGB image in sRGB of `size=(width, height)`.

    Args:
        path: the file.
        size: of the image in pixels.
        look: how the photo fills the image.
        name: the photo's name in errors.
        moves: return the whole photo, so large that it covers `size`, for a camera to move over;
            a photo too long and narrow for that is fitted as if it stood still.

    Raises:
        UnsupportedMediaError: if the file has no supported format.
        UnreadableMediaError: if the photo is damaged or too large.
    """
    with _open_photo(path, name) as image:
        orientation = read_orientation(image, look.rotate)
        shown = orient_size(image.size, orientation)
        needed = cover(shown, size)
        if moves and fills_well(shown, size):
            return _resize_to_srgb(_decode(image, path, orientation, needed, look), needed, look)
        if look.fit is Fit.COVER:
            return _crop_to_cover(_decode(image, path, orientation, needed, look), size, look)
        inner = contain(shown, size)
        decoded = _decode(image, path, orientation, inner, look)
        picture = _resize_to_srgb(decoded, inner, look)
    return put_on_backdrop(picture, size, look.fit, _choose_color(decoded, look))


def load_frame(path: Path, size: Size, look: PhotoLook, name: str = _DEFAULT_NAME) -> VideoFrame:
    """Load a photo as `load_photo` does, as YUV 4:2:0 of `size=(width, height)`, both even."""
    if look.fit is Fit.COVER:
        return to_picture(load_photo(path, size, look, name))
    with _open_photo(path, name) as image:
        orientation = read_orientation(image, look.rotate)
        inner = contain(orient_size(image.size, orientation), size)
        decoded = picture = _decode(image, path, orientation, inner, look)
        is_soft = _name_format(image) == "JPEG"  # drawings ring: beyond black and white
        is_plain = is_soft and is_srgb(decoded, decoded.info)
        if not (is_plain and can_scale(decoded, inner, _MOST_COPIED)):
            picture = _resize_to_srgb(decoded, inner, look)
        return draw_on_backdrop(picture, inner, size, look.fit, _choose_color(decoded, look))


def load_logo(path: Path, box: Size, name: str = _DEFAULT_NAME) -> Image.Image:
    """Load a photo as an upright RGBA image in sRGB, as large as fits into a box.

    Args:
        path: the file.
        box: `(width, height)` in pixels; the sides of the image are even.
        name: the photo's name in errors.

    Raises:
        UnsupportedMediaError: if the file has no supported format.
        UnreadableMediaError: if the photo is damaged or too large.
    """
    with _open_photo(path, name) as image:
        orientation = read_orientation(image)
        size = contain(orient_size(image.size, orientation), box)
        decoded = _decode(image, path, orientation, size, _DEFAULT_LOOK)
        return to_srgb(decoded.resize(size, _FINE, reducing_gap=2.0), image.info).convert("RGBA")


@contextmanager
def _open_photo(path: Path, name: str) -> Iterator[Image.Image]:
    """Open a photo, check its format and size, and yield it without decoding it."""
    photo_format = sniff_photo(path)
    if photo_format is None:
        raise UnsupportedMediaError(f"{name} is not in a supported format: send {_FORMATS}.")
    try:
        with path.open("rb") as file:
            with _warnings_lock, warnings.catch_warnings():
                # Ignore odd metadata, and Pillow's limit on pixels, which is above ours.
                warnings.simplefilter("ignore")
                image = _open(file, photo_format, name)
            with image:
                _check_size(image.size, name)
                with BUDGET.hold(_estimate_need(image, path, photo_format, name)):
                    yield image
    except Image.DecompressionBombError as error:  # which does not tell the size
        raise UnreadableMediaError(f"{name} has far too many pixels: {_LIMITS}") from error
    except _READER_ERRORS as error:
        raise UnreadableMediaError(
            f"{name} is damaged and cannot be read: export it again, or send another copy."
        ) from error


def _open(file: BinaryIO, photo_format: str, name: str) -> Image.Image:
    if photo_format == "JPEG":
        return open_jpeg(file, name)
    if photo_format == "TIFF":
        return open_tiff(file, name)
    return Image.open(file, formats=(photo_format,))


def _name_format(image: Image.Image) -> str:
    """Return Pillow's name for the format of an opened image; MPO is several JPEGs."""
    return "JPEG" if image.format == "MPO" else image.format or ""


def _check_size(size: Size, name: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS or max(size) > MAX_SIDE:
        raise UnreadableMediaError(f"{name} has {width} x {height} pixels: {_LIMITS}")


def _estimate_need(image: Image.Image, path: Path, photo_format: str, name: str) -> int:
    """Return the bytes that decoding takes; refuse a JPEG that takes far too many scans."""
    scans = count_scans(path) if photo_format == "JPEG" else 1
    if scans > MAX_SCANS:
        raise UnreadableMediaError(
            f"{name} is a JPEG of more than {MAX_SCANS} scans, which take very long to decode: "
            "export it again, as an ordinary JPEG."
        )
    needed = estimate_memory(photo_format, image.size, scans)
    if find_encoding(image, path):
        needed += image.width * image.height * BYTES_PER_CONVERTED_PIXEL
    return needed


def _decode(
    image: Image.Image, path: Path, orientation: int, needed: Size, look: PhotoLook
) -> Image.Image:
    """Decode an image and orient it; a JPEG no larger than needed, which is faster.

    Args:
        image: the opened image.
        path: its file.
        orientation: EXIF orientation to apply.
        needed: the smallest useful `(width, height)` after that, in pixels.
        look: whether the photo is for a preview.
    """
    if look.preview:
        needed = round(needed[0] * _PREVIEW_SCALE), round(needed[1] * _PREVIEW_SCALE)
    if encoding := find_encoding(image, path):
        return orient_image(convert_levels(image, path, encoding), orientation)
    check_end(image)
    if image.format != "JPEG" or not is_lossless(path):
        image.draft(None, orient_size(needed, orientation))
    image.load()
    return orient_image(to_resizable(mend_levels(image)), orientation)


def _choose_color(image: Image.Image, look: PhotoLook) -> str | None:
    """Return the colour around a transparent image: a logo on a blurred copy of itself has none."""
    return look.background if is_transparent(image) else None


def _resize_to_srgb(image: Image.Image, size: Size, look: PhotoLook) -> Image.Image:
    """Return an sRGB image of `size`; the colours of the resized image are converted, for speed."""
    resized = image if image.size == size else resize_image(image, size)
    return to_srgb(resized, image.info, look.background)


def _crop_to_cover(image: Image.Image, size: Size, look: PhotoLook) -> Image.Image:
    """Return an sRGB image of `size`, cropped around the focus."""
    focus = look.focus or find_focus(image)
    box = crop(image.size, size, (focus.x, focus.y))
    if box == (0, 0, *image.size):
        return _resize_to_srgb(image, size, look)
    resized = image.resize(size, _choose_kernel(look), box=box, reducing_gap=2.0)
    return to_srgb(resized, image.info, look.background)


def _choose_kernel(look: PhotoLook) -> Image.Resampling:
    return _FAST if look.preview else _FINE
