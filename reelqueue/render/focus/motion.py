"""Find what moves from one picture to the next, apart from the camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reelqueue.planning.focus.subjects import Place
from reelqueue.render.images.saliency import find_center

Plane = NDArray[np.float64]
Blocks = NDArray[np.float64]
"""The luma of a picture in blocks: `(rows, pixels, columns, pixels)`."""

_BLOCK = 4  # pixels of the picture that are one of the plane, which takes away noise
_LUMA = (0.2126, 0.7152, 0.0722)  # of red, green and blue (BT.709)
_LEAST_CHANGE = 8  # of 255, by which a place must change to count
_LEAST_SHARE = 0.001  # of the picture that must move
_MOST_SHARE = 0.5  # where more changes, the light did, or the camera in a way that is not found
_PARTS = 4  # of a side
_STEADIER = 0.6  # of the change: so little is left of it where the camera moved, and not a thing
_LONGEST_SHIFT = 0.2  # of a side, by which the camera may move


def split_blocks(picture: NDArray[np.uint8]) -> Blocks:
    """Return the luma of an RGB picture, `(height, width, 3)`, in blocks."""
    rows, columns = (length // _BLOCK * _BLOCK for length in picture.shape[:2])
    luma: Plane = picture[:rows, :columns] @ np.array(_LUMA)
    return luma.reshape(rows // _BLOCK, _BLOCK, columns // _BLOCK, _BLOCK)


def shrink(blocks: Blocks) -> Plane:
    """Return the small plane that has the mean of each block."""
    small: Plane = blocks.mean(axis=(1, 3))
    return small


def find_motion(before: Plane, after: Plane) -> Place | None:
    """Return the middle of what moves in two planes, from 0 to 1; None if nothing does."""
    change = _compare(before, after, (0, 0))
    if _is_everywhere(change):
        steady = _compare(before, after, _find_shift(before, after))
        change = steady if steady.mean() < _STEADIER * change.mean() else change
    change[change < _LEAST_CHANGE] = 0
    share = np.count_nonzero(change) / change.size
    center = find_center(change) if _LEAST_SHARE <= share <= _MOST_SHARE else None
    return (center.x, center.y) if center else None


def _compare(before: Plane, after: Plane, shift: tuple[int, int]) -> Plane:
    """Return how much each place has changed, apart from a shift; 0 where it was not seen."""
    change = np.zeros_like(after)
    here = tuple(map(_overlap, after.shape, shift))
    there = tuple(_overlap(length, -by) for length, by in zip(after.shape, shift, strict=True))
    change[here] = np.abs(after[here] - before[there])
    return change


def _is_everywhere(change: Plane) -> bool:
    """Tell whether most parts of the picture change, as they do when the camera moves."""
    parts = [
        part
        for rows in np.array_split(change >= _LEAST_CHANGE, _PARTS, axis=0)
        for part in np.array_split(rows, _PARTS, axis=1)
    ]
    return sum(bool(part.mean() > _LEAST_SHARE) for part in parts) > _MOST_SHARE * len(parts)


def _find_shift(before: Plane, after: Plane) -> tuple[int, int]:
    """Return by how many rows and columns a picture has moved as a whole (phase correlation)."""
    height, width = after.shape
    window = np.outer(np.hanning(height), np.hanning(width))
    one, two = (np.fft.rfft2((plane - plane.mean()) * window) for plane in (before, after))
    cross = two * one.conj()
    peaks = np.fft.irfft2(cross / np.maximum(np.abs(cross), 1e-9), s=after.shape)
    row, column = (int(at) for at in np.unravel_index(peaks.argmax(), peaks.shape))
    down = row - height if row > height // 2 else row
    across = column - width if column > width // 2 else column
    is_near = abs(down) <= _LONGEST_SHIFT * height and abs(across) <= _LONGEST_SHIFT * width
    return (down, across) if is_near else (0, 0)


def _overlap(length: int, shift: int) -> slice:
    """Return what is seen in both of two rows of pixels, in the one that is shifted."""
    return slice(max(shift, 0), length + min(shift, 0))
