"""Measure how much there is to encode in a photo, before it is known what will be made of it.

A part of the photo is scaled to a few sizes. Of each, two JPEGs tell how many bytes pictures of it
take: their quantizers are about those of stills, and of frames that are drawn. How much a photo
loses when it is moved between samples tells what its written frames would lack.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reelqueue.media.facts import Texture
from reelqueue.render.images.color.srgb import to_resizable, to_srgb

SIDES = (640, 1280, 2560)
"""Pixels of the longer side, at which photos are measured."""

_FINE, _COARSE = 3, 8  # quantizers: as H.264's for QP 14 and 22 (ITU-T H.264, 8.5.8)
_HEADER_BYTES = 620  # of a JPEG of Pillow: its tables, without pixels
_BANDS = 8
_BLOCK = 16  # pixels that JPEG codes together
_MOST_PIXELS = 250_000  # of a size
_BACKGROUND = "#ffffff"
_BICUBIC = Image.Resampling.BICUBIC
_TAPS = np.array([1, -5, 20, 20, -5, 1]) / 32  # of a sample between two (ITU-T H.264, 8.4.2.2.1)

Plane = NDArray[np.float32]


def measure_textures(image: Image.Image) -> tuple[Texture, ...]:
    """Return the texture of a decoded photo, shown at each of `SIDES`."""
    return tuple(_measure(image, side) for side in SIDES)


def _measure(image: Image.Image, side: int) -> Texture:
    bands = list(_cut_bands(image, side))
    pixels = sum(band.width * band.height for band in bands)
    fine, coarse = (
        sum(_count_bytes(band, quantizer) for band in bands) / pixels
        for quantizer in (_FINE, _COARSE)
    )
    loss = sum(_measure_loss(band) * band.width * band.height for band in bands) / pixels
    return Texture(side=side, fine=round(fine, 4), coarse=round(coarse, 4), loss=round(loss, 3))


def _cut_bands(image: Image.Image, side: int) -> Iterator[Image.Image]:
    """Yield level bands of a photo, evenly spread over it, as RGB, scaled for `side`."""
    scale = side / max(image.size)
    width, height = (max(round(length * scale), 1) for length in image.size)
    part = min(_MOST_PIXELS / (width * height), 1)
    rows = min(max(round(height * part / _BANDS / _BLOCK), 2) * _BLOCK, height)
    count = min(_BANDS, height // rows)
    for number in range(count):
        top = (height - rows) * (2 * number + 1) / (2 * count) / scale
        bottom = min(top + rows / scale, image.height)
        first, end = int(top), math.ceil(bottom)
        band = to_resizable(image.crop((0, first, image.width, end)))
        box = 0, top - first, image.width, bottom - first
        resized = band.resize((width, rows), _BICUBIC, box, reducing_gap=2.0)
        yield to_srgb(resized, {}, _BACKGROUND)


def _count_bytes(band: Image.Image, quantizer: int) -> int:
    """Return the bytes of a JPEG in which all coefficients are quantized alike, as x264 does."""
    file = BytesIO()
    band.save(file, "JPEG", qtables=[[quantizer] * 64] * 2)
    return max(file.tell() - _HEADER_BYTES, 0)


def _measure_loss(band: Image.Image) -> float:
    """Return the mean square error of luma that moved by half a sample and was moved back."""
    luma = np.asarray(band.convert("L"), np.float32)
    return (_lose(luma) + _lose(luma.T)) / 2


def _lose(plane: Plane) -> float:
    """Return the error of moving a plane along its second axis."""
    if plane.shape[1] < 2 * len(_TAPS):
        return 0.0
    moved = _interpolate(plane)
    back = _interpolate(moved)
    reach = len(_TAPS) - 1
    return float(np.square(back - plane[:, reach : reach + back.shape[1]]).mean())


def _interpolate(plane: Plane) -> Plane:
    count = plane.shape[1] - len(_TAPS) + 1
    between: Plane = sum(
        (np.float32(tap) * plane[:, at : at + count] for at, tap in enumerate(_TAPS)),
        np.zeros((plane.shape[0], count), np.float32),
    )
    return between
