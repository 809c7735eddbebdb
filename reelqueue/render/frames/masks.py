"""Luma maps, and the wipes made with them."""

from __future__ import annotations

from functools import lru_cache
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reelqueue.planning.framing import Size
from reelqueue.planning.transitions.base import LumaWipe, Pattern
from reelqueue.render.frames.yuv import Plane

_FULL = 256  # a weight of 1 in 8.8 fixed point
_ROWS = 64  # rows mixed at a time, so that the 16-bit values between stay in the cache
_GRAINS = (9, 60)  # across the shorter side: coarse patches, and fine grains in them
_LEAST_GRAIN = 8  # samples: finer ones would be noise, which costs too many bits
_SEED = 0

LumaMap = NDArray[np.float32]
"""Levels from 0 to 1, shape (height, width): those of the lowest level change first."""


def draw_luma_wipe(out: Plane, old: Plane, new: Plane, wipe: LumaWipe, size: Size) -> None:
    """Draw one plane of a frame of a luma wipe in a video of `size=(width, height)`."""
    steps = round(_FULL / wipe.softness)
    levels = _scale_luma_map(wipe.pattern, size, steps)[out.shape != (size[1], size[0])]
    threshold = round(wipe.threshold * steps)
    for top in range(0, out.shape[0], _ROWS):
        rows = slice(top, top + _ROWS)
        late = steps - levels[rows] if wipe.is_inverted else levels[rows]
        weights = np.clip(threshold - late, 0, _FULL).astype(np.uint16)
        mixed = new[rows] * weights
        mixed += old[rows] * (_FULL - weights)
        mixed += np.uint16(_FULL // 2)
        mixed >>= np.uint16(8)
        out[rows] = mixed


def draw_luma_map(pattern: Pattern, size: Size) -> LumaMap:
    """Return the luma map of a pattern for a video of `size=(width, height)`."""
    match pattern:
        case "circle":
            return _draw_circle(*size)
        case "grain":
            return _draw_grain(*size)
        case _:
            assert_never(pattern)


@lru_cache(2)  # both patterns in the one size that a video has: 50 MB in 3840x2160
def _scale_luma_map(
    pattern: Pattern, size: Size, steps: int
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Return a luma map for luma and one for chroma, with levels from 0 to `steps`."""
    luma = np.rint(draw_luma_map(pattern, size) * np.float32(steps)).astype(np.int16)
    return luma, luma[::2, ::2] // 2 + luma[1::2, 1::2] // 2  # of the four around it, two suffice


def _draw_circle(width: int, height: int) -> LumaMap:
    across, down = (
        (np.arange(side, dtype=np.float32) + 0.5) * 2 - side for side in (width, height)
    )
    distances: LumaMap = np.hypot(across[None, :], down[:, None])
    distances /= np.hypot(np.float32(width), np.float32(height))
    return distances


def _draw_grain(width: int, height: int) -> LumaMap:
    """Return soft grains whose levels are equally frequent, so that the wipe goes on evenly."""
    random = np.random.RandomState(_SEED)  # whose numbers stay the same in every NumPy
    heights = np.zeros((height, width), np.float32)
    for across in _GRAINS:
        grain = max(min(width, height) / across, _LEAST_GRAIN)
        grid = random.random_sample((round(height / grain) + 1, round(width / grain) + 1))
        noise = Image.fromarray(grid.astype(np.float32))
        heights += np.asarray(noise.resize((width, height), Image.Resampling.BICUBIC))
    heights -= heights.min()
    ranks = (heights * np.float32(4095 / heights.max())).astype(np.int16)
    levels: LumaMap = (np.bincount(ranks.ravel()).cumsum() / ranks.size).astype(np.float32)[ranks]
    return levels
