"""When a photo was taken, as its EXIF or XMP metadata tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PIL import ExifTags, Image

from reelqueue.media.moments import Moment, read_moment
from reelqueue.render.images.exif import METADATA_ERRORS

_Tag = ExifTags.Base
# Of each time: its tag, and those of its fraction and zone (EXIF 2.32, 4.6.5).
_TAKEN = (
    (_Tag.DateTimeOriginal, _Tag.SubsecTimeOriginal, _Tag.OffsetTimeOriginal),
    (_Tag.DateTimeDigitized, _Tag.SubsecTimeDigitized, _Tag.OffsetTimeDigitized),
)
_CHANGED = (_Tag.DateTime, _Tag.SubsecTime, _Tag.OffsetTime)
_XMP_NAMES = (
    b"exif:DateTimeOriginal",
    b"photoshop:DateCreated",
    b"xmp:CreateDate",
    b"exif:DateTimeDigitized",
)
_XMP_KEYS = ("xmp", "XML:com.adobe.xmp")  # of Pillow's `info`; the latter in PNG
_LARGEST_XMP = 1 << 20


def find_moment_of(image: Image.Image) -> Moment | None:
    """Return when a photo was taken; None if its metadata do not tell.

    The time of the last change counts only if there is no other: programs write it as well.
    """
    return next(_find_all(image), None)


def _find_all(image: Image.Image) -> Iterator[Moment]:
    tags = _read_tags(image)
    for names in _TAKEN:
        yield from _read(tags, *names)
    yield from _read_xmp(image)
    yield from _read(tags, *_CHANGED)


def _read_tags(image: Image.Image) -> dict[int, object]:
    try:
        exif = image.getexif()
        return {**exif, **exif.get_ifd(ExifTags.IFD.Exif)}
    except METADATA_ERRORS:
        return {}


def _read(tags: dict[int, object], time: int, fraction: int, zone: int) -> Iterator[Moment]:
    texts = [str(tags.get(tag, "")) for tag in (time, fraction, zone)]
    if moment := read_moment(*texts):
        yield moment


def _read_xmp(image: Image.Image) -> Iterator[Moment]:
    """Yield the times in XMP (ISO 16684-1), in the order of our trust."""
    packet = next((image.info[key] for key in _XMP_KEYS if image.info.get(key)), b"")
    content = packet.encode() if isinstance(packet, str) else bytes(packet)
    for name in _XMP_NAMES:
        # A property is an attribute or an element.
        pattern = re.escape(name) + rb"""\s*(?:=\s*["']|>)\s*([0-9][^"'<]{3,39})"""
        found = re.search(pattern, content[:_LARGEST_XMP])
        moment = read_moment(found[1].decode("latin-1").strip()) if found else None
        if moment:
            yield moment
