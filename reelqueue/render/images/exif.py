"""What a picture's EXIF says of how it is to be seen and when it was taken."""

from __future__ import annotations

import struct
from datetime import datetime

from PIL import ExifTags, Image

_TURNS = {  # EXIF 2.32, 4.6.4, tag 274
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_QUARTERS = ((1, 6, 3, 8), (2, 7, 4, 5))  # each is the one before it, turned clockwise
_SELF_TURNING = ("HEIF", "TIFF")  # their readers turn the pixels, and the size that they tell
_FAULTS = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, struct.error)


def read_turn(image: Image.Image, rotate: int = 0) -> int:
    """Return the EXIF orientation, from 1 to 8, after turning on by degrees clockwise.

    EXIF that makes no sense is no reason to refuse a picture.
    """
    turn = 1
    if image.format not in _SELF_TURNING:
        try:
            turn = image.getexif().get(ExifTags.Base.Orientation, 1)
        except _FAULTS:
            turn = 1
    quarters = next((turns for turns in _QUARTERS if turn in turns), _QUARTERS[0])
    start = quarters.index(turn) if turn in quarters else 0
    return quarters[(start + rotate // 90) % 4]


def read_time(image: Image.Image) -> datetime | None:
    """Return when a photo was taken, by the clock of its camera (EXIF 2.32, 4.6.5, tag 36867)."""
    try:
        tags = image.getexif().get_ifd(ExifTags.IFD.Exif)
        text = str(tags[ExifTags.Base.DateTimeOriginal]).strip(" \0")
        taken = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")  # it has no zone
        part = str(tags.get(ExifTags.Base.SubsecTimeOriginal, "")).strip(" \0")
    except _FAULTS:
        return None
    return taken.replace(microsecond=int(f"{part:0<6}"[:6])) if part.isdecimal() else taken


def swap_sides(size: tuple[int, int], turn: int) -> tuple[int, int]:
    """Return a size after a turn, or, which is the same, before it."""
    return (size[1], size[0]) if turn >= 5 else size


def make_upright(image: Image.Image, turn: int) -> Image.Image:
    """Return a picture turned as an EXIF orientation says."""
    return image.transpose(_TURNS[turn]) if turn in _TURNS else image
