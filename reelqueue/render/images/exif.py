"""EXIF metadata of a photo: how it is oriented."""

from __future__ import annotations

import struct

from PIL import ExifTags, Image

_TRANSPOSES = {  # by EXIF orientation (EXIF 2.32, 4.6.4, tag 274); 1 is upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_CLOCKWISE = ((1, 6, 3, 8), (2, 7, 4, 5))  # each orientation is the last one turned by 90 degrees
_ORIENTED_BY_READER = ("HEIF", "TIFF")  # Pillow's readers of these apply the orientation
METADATA_ERRORS = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError),
    struct.error,
)
"""What Pillow raises for damaged metadata."""


def read_orientation(image: Image.Image, rotate: int = 0) -> int:
    """Return the EXIF orientation, 1 to 8, that shows an image upright and then rotated.

    A damaged tag counts as upright.

    Args:
        image: the opened image, not yet decoded.
        rotate: degrees clockwise, a multiple of 90, on top of the image's own orientation.
    """
    orientation = 1
    if image.format not in _ORIENTED_BY_READER:
        try:
            orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
        except METADATA_ERRORS:
            orientation = 1
    cycle = next((cycle for cycle in _CLOCKWISE if orientation in cycle), _CLOCKWISE[0])
    start = cycle.index(orientation) if orientation in cycle else 0
    return cycle[(start + rotate // 90) % 4]


def orient_size(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return `(width, height)` after an EXIF orientation is applied, or before it is."""
    return (size[1], size[0]) if orientation >= 5 else size


def orient_image(image: Image.Image, orientation: int) -> Image.Image:
    """Return an image with an EXIF orientation applied to its pixels."""
    transpose = _TRANSPOSES.get(orientation)
    return image if transpose is None else image.transpose(transpose)
