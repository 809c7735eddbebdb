"""Find the photo in a TIFF file, refuse what Pillow shows wrongly, and mend what it leaves raw.

Section numbers are those of TIFF 6.0.
"""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO, Literal

import numpy as np
from PIL import ExifTags, Image, ImagePalette, TiffImagePlugin, UnidentifiedImageError
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

from reelqueue.errors import UnsupportedMediaError

# Pillow's own reader of uncompressed files makes noise of planes of 16 bits; libtiff does not.
TiffImagePlugin.READ_LIBTIFF = True
for _order, _mode in ((b"II", "I;16"), (b"MM", "I;16B")):  # what libtiff reads, but Pillow refuses
    for _white_is_zero in (0, 1):
        _key = (_order, _white_is_zero, (1,), 1)
        TiffImagePlugin.OPEN_INFO.setdefault((*_key, (16,), ()), (_mode, _mode))
        TiffImagePlugin.OPEN_INFO.setdefault((*_key, (12,), ()), ("I;16", "I;12"))

_MOST_PAGES, _MOST_CHILDREN = 64, 8
_BIG = (b"+\0", b"\0+")  # BigTIFF
_REDUCED, _MASK = 1, 4  # bits of NewSubfileType (section 8)
_OLD_REDUCED = 2  # SubfileType
_BLACK_IS_ZERO, _WHITE_IS_ZERO, _PALETTE = 1, 0, 3
_CMYK_INKS = 1
_COLOURS = {
    _WHITE_IS_ZERO: ("grey", (1, 2, 4, 8, 12, 16)),
    _BLACK_IS_ZERO: ("grey", (1, 2, 4, 8, 12, 16)),
    2: ("RGB", (8, 16)),
    _PALETTE: ("palette", (1, 2, 4, 8)),
    5: ("CMYK", (8, 16)),
    6: ("YCbCr", (8,)),
    8: ("Lab", (8,)),
    9: ("ICC Lab", ()),
    10: ("ITU Lab", ()),
    32844: ("LogL", ()),
    32845: ("LogLuv", ()),
}
"""Names of the values of PhotometricInterpretation, and the bits per channel that are decoded."""

_RAW_COLOURS = (32803, 34892)  # of a sensor (DNG 1.7.1, chapter 4)
_DNG_VERSION = 50706
_UNSIGNED = 1
_NUMBERS = {2: "signed ", 3: "floating-point ", 5: "complex ", 6: "complex "}  # of SampleFormat
_COMPRESSIONS = (1, 2, 3, 4, 5, 6, 7, 8, 32771, 32773, 32946, 34925, 50000)
_LARGER, _SAME_SHAPE = 2, 0.02  # how a photo differs from its thumbnail

Tags = ImageFileDirectory_v2


def open_tiff(file: BinaryIO, name: str) -> Image.Image:
    """Open the photo in a TIFF: not a thumbnail before it, and with its palette.

    Raises:
        UnsupportedMediaError: if it is a camera's raw file, or has levels that are not decoded.
    """
    pages = _read_pages(file)
    shown = [page for page in pages if not _is_secondary(page[1])]
    if _is_cr2(file) or (pages and not shown) or any(_is_raw(file, tags) for _, tags in pages):
        raise UnsupportedMediaError(f"{name} is a camera raw file: export it as JPEG.")
    if not shown:
        raise EOFError("no page")
    offset, tags = _skip_thumbnail(shown)
    if flaw := _find_flaw(tags):
        raise _refuse(name, flaw)
    content = file if offset == pages[0][0] else _start_at(file, offset)
    try:
        image = Image.open(content, formats=("TIFF",))
    except UnidentifiedImageError as error:
        channels = tags.get(ExifTags.Base.SamplesPerPixel, 1)
        raise _refuse(name, f"{channels} channels of {_describe(tags)}") from error
    _mend_palette(image)
    return image


def mend_levels(image: Image.Image) -> Image.Image:
    """Return a decoded image whose grey levels of 12 or 16 bits go from black 0 to white 65535."""
    if not isinstance(image, TiffImageFile) or not image.mode.startswith("I;16"):
        return image
    levels = np.asarray(image).astype(np.uint16)
    if _get_bits(image.tag_v2) == (12,):
        levels = (levels.astype(np.uint32) * 65535 // 4095).astype(np.uint16)
    if image.tag_v2[ExifTags.Base.PhotometricInterpretation] == _WHITE_IS_ZERO:
        levels = ~levels
    mended = Image.fromarray(levels)
    mended.info = image.info
    return mended


def _read_pages(file: BinaryIO) -> list[tuple[int, Tags]]:
    """Return the offset and the tags of the first pages."""
    header = _read_header(file)
    pages: dict[int, Tags] = {}
    offset = ImageFileDirectory_v2(header).next
    while offset and offset not in pages and len(pages) < _MOST_PAGES:
        pages[offset] = _read_tags(file, header, offset)
        offset = pages[offset].next
    return list(pages.items())


def _read_header(file: BinaryIO) -> bytes:
    file.seek(0)
    header = file.read(8)
    return header + file.read(8) if header[2:4] in _BIG else header


def _read_tags(file: BinaryIO, header: bytes, offset: int) -> Tags:
    tags = ImageFileDirectory_v2(header)
    file.seek(offset)
    tags.load(file)
    return tags


def _is_secondary(tags: Tags) -> bool:
    """Return whether a page is a smaller version of another, or a mask."""
    kind = int(tags.get(ExifTags.Base.NewSubfileType, 0))
    return bool(kind & (_REDUCED | _MASK)) or tags.get(ExifTags.Base.SubfileType) == _OLD_REDUCED


def _is_cr2(file: BinaryIO) -> bool:
    """Return whether a file is of Canon's raw format, which has its name in the header."""
    file.seek(8)
    return file.read(2) == b"CR"


def _mend_palette(image: Image.Image) -> None:
    """Read a palette of 8-bit numbers as such: some programs write these, and not 16-bit ones."""
    if isinstance(image, TiffImageFile) and image.mode in ("P", "PA"):
        levels = image.tag_v2[ExifTags.Base.ColorMap]
        if max(levels) < 256:
            image.palette = ImagePalette.raw("RGB;L", bytes(levels))


def _refuse(name: str, flaw: str) -> UnsupportedMediaError:
    return UnsupportedMediaError(
        f"{name} is a TIFF with {flaw}: export it in RGB with 8 or 16 bits, or as JPEG."
    )


def _is_raw(file: BinaryIO, tags: Tags) -> bool:
    """Return whether a page, or one that it refers to, holds what a sensor saw."""
    if _DNG_VERSION in tags:
        return True
    header = _read_header(file)
    named = tags.get(ExifTags.Base.SubIFDs, ())
    offsets = named if isinstance(named, tuple) else (named,)
    children = [_read_tags(file, header, offset) for offset in offsets[:_MOST_CHILDREN]]
    seen = (page.get(ExifTags.Base.PhotometricInterpretation) for page in (tags, *children))
    return any(photometric in _RAW_COLOURS for photometric in seen)


def _skip_thumbnail(pages: list[tuple[int, Tags]]) -> tuple[int, Tags]:
    """Return the first page, or the first larger one of the same shape."""
    first = pages[0]
    width, height = _get_size(first[1])
    for page in pages[1:]:
        wide, high = _get_size(page[1])
        is_same_shape = abs(wide * height - high * width) <= _SAME_SHAPE * wide * height
        if wide >= _LARGER * width and is_same_shape:
            return page
    return first


def _get_size(tags: Tags) -> tuple[int, int]:
    return int(tags[ExifTags.Base.ImageWidth]), int(tags[ExifTags.Base.ImageLength])


def _get_bits(tags: Tags) -> tuple[int, ...]:
    """Return the different numbers of bits that channels have."""
    return tuple(sorted(set(tags.get(ExifTags.Base.BitsPerSample, (1,)))))


def _find_flaw(tags: Tags) -> str | None:
    """Return what a page has that is not decoded, in words; None if it can be shown."""
    compression = tags.get(ExifTags.Base.Compression, 1)
    if compression not in _COMPRESSIONS:
        return f"a compression that is not supported ({compression})"
    if tags.get(ExifTags.Base.InkSet, _CMYK_INKS) != _CMYK_INKS:
        return "inks other than CMYK"
    bits, kinds = _get_bits(tags), set(tags.get(ExifTags.Base.SampleFormat, (_UNSIGNED,)))
    _, depths = _get_colours(tags)
    is_decoded = kinds == {_UNSIGNED} and len(bits) == 1 and bits[0] in depths
    return None if is_decoded else _describe(tags)


def _describe(tags: Tags) -> str:
    """Return a page's kind of levels in words."""
    kinds = sorted(set(tags.get(ExifTags.Base.SampleFormat, (_UNSIGNED,))))
    number = next((_NUMBERS[kind] for kind in kinds if kind in _NUMBERS), "")
    return f"{' and '.join(map(str, _get_bits(tags)))}-bit {number}{_get_colours(tags)[0]} levels"


def _get_colours(tags: Tags) -> tuple[str, tuple[int, ...]]:
    photometric = tags.get(ExifTags.Base.PhotometricInterpretation, _WHITE_IS_ZERO)
    return _COLOURS.get(photometric, (f"unknown ({photometric})", ()))


def _start_at(file: BinaryIO, offset: int) -> BinaryIO:
    """Return a copy of a file whose header names another page as the first (section 2)."""
    file.seek(0)
    content = bytearray(file.read())
    order: Literal["little", "big"] = "little" if content[:2] == b"II" else "big"
    place = slice(8, 16) if content[2:4] in _BIG else slice(4, 8)
    content[place] = offset.to_bytes(place.stop - place.start, order)
    return BytesIO(content)
