"""Pictures of the page, kept small, and how two of them differ where people would see it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

Mask = NDArray[np.bool_]

QUALITY = 55  # of WebP: letters that are too small to be read have no need of more
LEVELS = 22  # of 255, by which a colour may be off
MOST = 10  # pixels of the small picture that may be further off
NEIGHBOURS = 3  # pixels across: a line may lie one pixel off, as letters are drawn by other rules


def shrink(picture: Image.Image, factor: int) -> Image.Image:
    """Return a picture with each `factor` x `factor` pixels as one."""
    return picture.convert("RGB").reduce(factor)


def pack(picture: Image.Image) -> bytes:
    """Return the file of a small picture."""
    content = io.BytesIO()
    picture.save(content, "WEBP", quality=QUALITY, method=4)
    return content.getvalue()


def unpack(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def find_difference(one: Image.Image, other: Image.Image) -> Mask:
    """Return where two pictures of one size differ: `(height, width)`.

    A pixel is the same where its colour lies within those around this place in the other picture.
    """
    return _find_strange(one, other) | _find_strange(other, one)


def differ(one: Image.Image, other: Image.Image) -> bool:
    """Tell whether people would see a difference."""
    if one.size != other.size:
        return True
    if np.asarray(ImageChops.difference(one, other)).max() <= LEVELS:  # as mostly; soon told
        return False
    return bool(find_difference(one, other).sum() > MOST)


def _find_strange(one: Image.Image, other: Image.Image) -> Mask:
    """Return where the first picture has colours that the second has nowhere near."""
    seen = np.asarray(one, np.int16)
    lowest = np.asarray(other.filter(ImageFilter.MinFilter(NEIGHBOURS)), np.int16) - LEVELS
    highest = np.asarray(other.filter(ImageFilter.MaxFilter(NEIGHBOURS)), np.int16) + LEVELS
    strange: Mask = np.any((seen < lowest) | (seen > highest), axis=2)
    return strange


def show_difference(folder: Path, name: str, before: Image.Image, now: Image.Image) -> str:
    """Store both pictures side by side, with what differs in red on the third; return the path."""
    marked = Image.blend(now.convert("L").convert("RGB"), Image.new("RGB", now.size, "white"), 0.6)
    if before.size == now.size:
        mask = Image.fromarray(find_difference(before, now))
        marked.paste((220, 0, 0), mask=mask.filter(ImageFilter.MaxFilter(3)))
    sheet = Image.new("RGB", (before.width + 2 * now.width + 20, max(before.height, now.height)))
    for picture, left in ((before, 0), (now, before.width + 10), (marked, -marked.width)):
        sheet.paste(picture, (left % sheet.width, 0))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    sheet.save(path)
    return str(path)
