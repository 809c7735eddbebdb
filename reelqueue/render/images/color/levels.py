"""Read the levels of a photo as finely as its file has them, and convert them to sRGB.

Pillow's images have 8 bits per channel. That is too coarse for PQ: of its 256 levels, only 18 lie
between half of white and white.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngImageFile
from pillow_heif import open_heif

from reelqueue.render.images.color.encoding import Encoding, Levels, to_srgb_levels
from reelqueue.render.images.color.srgb import to_resizable

BYTES_PER_CONVERTED_PIXEL = 16  # 16-bit levels with alpha, another picture, and bands between

_LOW_BYTES = {"RGB;16B": "RGB;16L", "RGBA;16B": "RGBA;16L"}  # how Pillow unpacks the other bytes


def convert_levels(image: Image.Image, path: Path, encoding: Encoding) -> Image.Image:
    """Decode an opened image and return it in sRGB, in mode RGB or RGBA, not yet oriented.

    Args:
        image: the opened image, not yet decoded.
        path: its file.
        encoding: what its levels mean.
    """
    levels = _read_levels(image, path)
    shown = Image.fromarray(to_srgb_levels(levels[..., :3], encoding))
    if levels.shape[2] == 4:
        alpha = levels[..., 3]
        shown.putalpha(Image.fromarray((alpha >> 8 * (alpha.itemsize - 1)).astype(np.uint8)))
    return shown


def _read_levels(image: Image.Image, path: Path) -> Levels:
    """Return levels of shape (height, width, 3), or 4 with alpha, of 8 or 16 bits."""
    if image.format == "HEIF" and image.info.get("bit_depth", 8) > 8:
        deep = np.asarray(open_heif(path, convert_hdr_to_8bit=False))
        return deep if deep.ndim == 3 else np.repeat(deep[..., None], 3, axis=2)
    image.load()
    if image.format == "PNG" and (low_bytes := _read_low_bytes(path)) is not None:
        deep = _to_array(image).astype(np.uint16)
        deep <<= 8
        deep |= low_bytes
        return deep
    if image.mode.startswith("I;16"):
        return np.repeat(np.asarray(image).astype(np.uint16)[..., None], 3, axis=2)
    resizable = to_resizable(image)
    return _to_array(resizable if resizable.mode == "RGBA" else resizable.convert("RGB"))


def _read_low_bytes(path: Path) -> NDArray[np.uint8] | None:
    """Return the second byte of each level of a coloured PNG; None if levels have one."""
    with PngImageFile(path) as image:
        tiles = [tile._replace(args=_LOW_BYTES.get(str(tile.args))) for tile in image.tile]
        if not tiles or tiles[0].args is None:
            return None
        image.tile = tiles
        return _to_array(image)


def _to_array(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image, np.uint8)
