"""Find out what the levels of a photo mean, from what its file says in words of its own.

An ICC profile goes before these, except that a PNG's cICP chunk goes before it, and that a profile
can only be a stand-in for HDR, which its own `cicp` tag names.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import TiffImageFile

from reelqueue.render.images.color import h273
from reelqueue.render.images.color.encoding import (
    BT709,
    SRGB,
    Encoding,
    Floats,
    Primaries,
    from_gamma,
    from_srgb,
)
from reelqueue.render.images.color.isobmff import read_nclx

_FULL_RANGE = 1
_PNG_VIDEO = from_gamma(2.4)  # a display's (ITU-R BT.1886), as Chromium shows cICP in PNG
_HEIF_VIDEO = from_srgb  # as Chromium shows AVIF
_USUAL_GAMMA, _GAMMA_TOLERANCE = 1 / 2.2, 0.05
_GAMMAS = (0.1, 10)
_FARTHEST = 100  # condition number of primaries that cannot be meant
_ROUNDING = 0.002  # of coordinates
_RGB = 2  # a value of PhotometricInterpretation
_TRANSFER_FUNCTION, _WHITE_POINT, _CHROMATICITIES = 301, 318, 319  # TIFF 6.0, section 20
_ICC_HEADER_BYTES, _ICC_TAG_BYTES, _MOST_ICC_TAGS = 128, 12, 100


def find_encoding(image: Image.Image, path: Path) -> Encoding | None:
    """Return the encoding of an opened image; None if its ICC profile says it, or if it is sRGB."""
    profile = image.info.get("icc_profile")
    if image.format == "PNG" and (found := _find_cicp(path)):
        return found if profile or found != SRGB else None
    found = _find_hdr(profile) if profile else _find_own(image, path)
    return None if found == SRGB else found


def _find_own(image: Image.Image, path: Path) -> Encoding | None:
    if image.format == "PNG":
        return _find_gamma(image)
    if image.format in ("HEIF", "AVIF"):
        codes = _read_codes(image, path)
        return h273.find_encoding(*codes, _HEIF_VIDEO) if codes else None
    return _find_colorimetry(image) if isinstance(image, TiffImageFile) else None


def _find_cicp(path: Path) -> Encoding | None:
    """Return the encoding of a PNG's cICP chunk (PNG, third edition, 11.3.2.6)."""
    with path.open("rb") as file:
        content = next((data for kind, data in _read_chunks(file) if kind == b"cICP"), b"")
    if len(content) != 4:
        return None
    primaries, transfer, matrix, full_range = content
    if matrix != 0 or full_range != _FULL_RANGE:
        return None
    return h273.find_encoding(primaries, transfer, _PNG_VIDEO)


def _read_chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and the first bytes of each chunk before the pixels."""
    file.seek(8)
    while len(header := file.read(8)) == 8:
        size, kind = struct.unpack(">I4s", header)
        if kind == b"IDAT":
            return
        content = file.read(min(size, 32))
        yield kind, content
        file.seek(size - len(content) + 4, 1)


def _find_hdr(profile: bytes) -> Encoding | None:
    """Return the encoding that the `cicp` tag of a profile names (ICC.1:2022, 9.2.17), if HDR."""
    try:
        (count,) = struct.unpack_from(">I", profile, _ICC_HEADER_BYTES)
        for index in range(min(count, _MOST_ICC_TAGS)):
            place = _ICC_HEADER_BYTES + 4 + index * _ICC_TAG_BYTES
            tag, offset = struct.unpack_from(">4sI", profile, place)
            if tag == b"cicp":
                primaries, transfer = struct.unpack_from(">BB", profile, offset + 8)
                if h273.is_hdr(transfer):
                    return h273.find_encoding(primaries, transfer, _HEIF_VIDEO)
    except struct.error:
        pass  # Little CMS finds the profile damaged, too
    return None


def _find_gamma(image: Image.Image) -> Encoding | None:
    """Return the encoding of a PNG's gAMA and cHRM chunks (PNG, third edition, 11.3.2)."""
    exponent = image.info.get("gamma")
    if "srgb" in image.info or not exponent or not _GAMMAS[0] <= 1 / exponent <= _GAMMAS[1]:
        return None
    named = image.info.get("chromaticity")
    primaries = _to_primaries(named) if named else None
    if primaries is None and abs(exponent / _USUAL_GAMMA - 1) < _GAMMA_TOLERANCE:
        return None  # as browsers do: it stands for sRGB
    return Encoding(primaries or BT709, from_gamma(1 / exponent))


def _read_codes(image: Image.Image, path: Path) -> tuple[int, int] | None:
    if image.format == "AVIF":
        return read_nclx(path)
    nclx = image.info.get("nclx_profile")
    return (nclx["color_primaries"], nclx["transfer_characteristics"]) if nclx else None


def _find_colorimetry(image: TiffImageFile) -> Encoding | None:
    """Return the encoding of a TIFF's own tags (TIFF 6.0, section 20)."""
    tags = image.tag_v2
    if tags.get(ExifTags.Base.PhotometricInterpretation) != _RGB:
        return None
    primaries = _to_primaries((*tags.get(_WHITE_POINT, ()), *tags.get(_CHROMATICITIES, ())))
    size = 1 << tags.get(ExifTags.Base.BitsPerSample, (1,))[0]
    curve = tags.get(_TRANSFER_FUNCTION, ())[:size]
    to_light = from_srgb if len(curve) < size else _from_table(curve)
    return Encoding(primaries or BT709, to_light)


def _from_table(curve: tuple[int, ...]) -> Callable[[Floats], Floats]:
    """Return a transfer function that interpolates a table whose largest value is 65535."""
    light = np.array(curve, np.float32) / 65535
    places = np.linspace(0, 1, len(curve), dtype=np.float32)
    return lambda levels: np.interp(levels, places, light).astype(np.float32)


def _to_primaries(named: tuple[float, ...]) -> Primaries | None:
    """Return primaries named as x and y of white, red, green and blue; None if they span nothing.

    Those that differ from BT.709's by rounding alone are taken for them.
    """
    if len(named) != 8:
        return None
    points = [(float(x), float(y)) for x, y in zip(named[::2], named[1::2], strict=True)]
    white, red, green, blue = points
    if any(not (0 <= x < 1 and 0 < y <= 1) for x, y in points):
        return None
    if np.linalg.cond([(*point, 1) for point in (red, green, blue)]) > _FARTHEST:
        return None
    pairs = zip(points, (BT709.white, BT709.red, BT709.green, BT709.blue), strict=True)
    if all(abs(a - b) < _ROUNDING for pair in pairs for a, b in zip(*pair, strict=True)):
        return BT709
    return Primaries(red, green, blue, white)
