"""Mattes: how much of the next photo each sample shows while a pattern lets it through."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reelqueue.planning.transitions import Pattern, Reveal
from reelqueue.render.frames.yuv import Plane

_FULL = 256  # a weight of 1 in 8.8 fixed point
_ROWS = 64  # rows mixed at a time, so that the 16-bit values between stay in the cache
_GRAINS = (9, 60)  # across the shorter side: patches, and what they are made of
_LEAST_GRAIN = 8  # samples: finer ones would be noise, which costs too many bits
_SEED = 0

Turns = NDArray[np.float32]


def reveal(out: Plane, old: Plane, new: Plane, step: Reveal, size: tuple[int, int]) -> None:
    """Draw one plane of a picture of `size` (width, height)."""
    levels = round(_FULL / step.softness)
    turns = _scale_turns(step.pattern, size, levels)[out.shape != (size[1], size[0])]
    front = round(step.front * levels)
    for top in range(0, out.shape[0], _ROWS):
        rows = slice(top, top + _ROWS)
        late = levels - turns[rows] if step.is_reversed else turns[rows]
        weights = np.clip(front - late, 0, _FULL).astype(np.uint16)
        mixed = new[rows] * weights
        mixed += old[rows] * (_FULL - weights)
        mixed += np.uint16(_FULL // 2)
        mixed >>= np.uint16(8)
        out[rows] = mixed


def draw_turns(pattern: Pattern, size: tuple[int, int]) -> Turns:
    """Return when the turn of each sample of a picture is, from 0 to 1, as (height, width)."""
    return _draw_circle(*size) if pattern == "circle" else _draw_grain(*size)


@lru_cache(2)  # both patterns in the one size that a video has: 50 MB in 3840x2160
def _scale_turns(
    pattern: Pattern, size: tuple[int, int], levels: int
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Return the turns in so many levels, for luma and for chroma."""
    luma = np.rint(draw_turns(pattern, size) * np.float32(levels)).astype(np.int16)
    return luma, luma[::2, ::2] // 2 + luma[1::2, 1::2] // 2  # of the four around it, two suffice


def _draw_circle(width: int, height: int) -> Turns:
    across, down = (
        (np.arange(side, dtype=np.float32) + 0.5) * 2 - side for side in (width, height)
    )
    distances: Turns = np.hypot(across[None, :], down[:, None])
    distances /= np.hypot(np.float32(width), np.float32(height))
    return distances


def _draw_grain(width: int, height: int) -> Turns:
    """Return soft grains; as many samples have their turn at any time as at another."""
    random = np.random.RandomState(_SEED)  # whose numbers stay the same in every NumPy
    heights = np.zeros((height, width), np.float32)
    for across in _GRAINS:
        grain = max(min(width, height) / across, _LEAST_GRAIN)
        grid = random.random_sample((round(height / grain) + 1, round(width / grain) + 1))
        noise = Image.fromarray(grid.astype(np.float32))
        heights += np.asarray(noise.resize((width, height), Image.Resampling.BICUBIC))
    heights -= heights.min()
    ranks = (heights * np.float32(4095 / heights.max())).astype(np.int16)
    turns: Turns = (np.bincount(ranks.ravel()).cumsum() / ranks.size).astype(np.float32)[ranks]
    return turns
