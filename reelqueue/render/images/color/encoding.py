"""Convert levels of red, green and blue to sRGB by their primaries and their transfer function.

This is for files that name their colours instead of having an ICC profile, and for HDR, which ICC
profiles cannot describe: there, white (203 nits: ITU-R BT.2408-8, 2.1) becomes white in sRGB, and
what is brighter rolls off above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.uint8] | NDArray[np.uint16]
Floats = NDArray[np.float32]
Point = tuple[float, float]  # x and y of a colour (CIE 1931)

WHITE_NITS = 203
_HLG_PEAK_NITS = 1000
_HLG_GAMMA = 1.2  # of a display of that peak (ITU-R BT.2100-3, table 5)
_KNEE = 0.95  # of white: what is darker stays as it is
_BAND_PIXELS = 1 << 18  # converted at a time, which bounds the memory
_OUTPUT_LEVELS = 1 << 14
# Bradford's cone response (ICC.1:2022, annex E).
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


@dataclass(frozen=True)
class Primaries:
    """The colours of the three channels alone, and of all three together."""

    red: Point
    green: Point
    blue: Point
    white: Point = (0.3127, 0.3290)


BT709 = Primaries((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))


@dataclass(frozen=True)
class Encoding:
    """What levels of red, green and blue mean.

    `to_light` returns the light of levels from 0 to 1, where white has 1. `is_scene` says that this
    is the light of the scene, as HLG has it, and not that of a display.
    """

    primaries: Primaries
    to_light: Callable[[Floats], Floats]
    is_scene: bool = False


def from_gamma(gamma: float) -> Callable[[Floats], Floats]:
    """Return a transfer function that is a power of the level."""
    return lambda levels: levels**gamma


def from_srgb(levels: Floats) -> Floats:
    """Return the light of sRGB's levels (IEC 61966-2-1)."""
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def from_smpte_240(levels: Floats) -> Floats:
    """Return the light of levels of SMPTE ST 240 (ITU-T H.273, table 3, value 7)."""
    return np.where(levels < 0.0913, levels / 4, ((levels + 0.1115) / 1.1115) ** (1 / 0.45))


def from_smpte_428(levels: Floats) -> Floats:
    """Return the light of levels of SMPTE ST 428-1 (ITU-T H.273, table 3, value 17)."""
    return 52.37 / 48 * levels**2.6


def from_pq(levels: Floats) -> Floats:
    """Return the light of levels of PQ (ITU-R BT.2100-3, table 4)."""
    power = levels.astype(np.float64) ** (32 / 2523)
    nits = 10_000 * (np.maximum(power - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * power)) ** (
        8192 / 1305
    )
    return (nits / WHITE_NITS).astype(np.float32)


def from_hlg(levels: Floats) -> Floats:
    """Return the light of the scene for levels of HLG, at most 1 (ITU-R BT.2100-3, table 5)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(levels <= 0.5, levels**2 / 3, (np.exp((levels - c) / a) + b) / 12)


SRGB = Encoding(BT709, from_srgb)


def to_srgb_levels(levels: Levels, encoding: Encoding) -> NDArray[np.uint8]:
    """Return sRGB's levels.

    Args:
        levels: of shape (height, width, 3).
        encoding: what they mean.
    """
    light = _tabulate(encoding.to_light, levels.dtype)
    brightest = _display(np.full((1, 3), light[int(levels.max())]), encoding).max()
    to_bt709 = _make_matrix(encoding.primaries).astype(np.float32)
    coded = np.empty(levels.shape, np.uint8)
    for rows in _split_rows(levels.shape):
        shown = _roll_off(_display(light[levels[rows]], encoding), float(brightest))
        places = np.clip(shown @ to_bt709.T, 0, 1) * (_OUTPUT_LEVELS - 1) + 0.5
        coded[rows] = _tabulate_srgb()[places.astype(np.uint16)]
    return coded


def _split_rows(shape: tuple[int, ...]) -> Iterator[slice]:
    height, width = shape[:2]
    step = max(1, _BAND_PIXELS // width)
    return (slice(top, top + step) for top in range(0, height, step))


def _tabulate(
    to_light: Callable[[Floats], Floats], dtype: np.dtype[np.uint8 | np.uint16]
) -> Floats:
    count = np.iinfo(dtype).max + 1
    return to_light(np.linspace(0, 1, count, dtype=np.float32)).astype(np.float32)


@lru_cache(maxsize=1)
def _tabulate_srgb() -> NDArray[np.uint8]:
    """Return the sRGB level of each of `_OUTPUT_LEVELS` steps of light."""
    light = np.linspace(0, 1, _OUTPUT_LEVELS)
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(255 * coded).astype(np.uint8)


def _display(light: Floats, encoding: Encoding) -> Floats:
    """Return the light of a display, where white has 1, of shape (..., 3)."""
    if not encoding.is_scene:
        return light
    weights = _to_xyz(encoding.primaries)[1].astype(np.float32)
    luminance = (light @ weights)[..., None]
    shown: Floats = _HLG_PEAK_NITS / WHITE_NITS * luminance ** (_HLG_GAMMA - 1) * light
    return shown


def _roll_off(light: Floats, brightest: float) -> Floats:
    """Return light of at most 1; above the knee, `brightest` becomes 1.

    The curve is Reinhard's for a known white (Photographic Tone Reproduction, 2002, equation 4).
    The largest channel decides, so that hues stay.
    """
    if brightest <= 1:
        return light
    peak = light.max(axis=-1, keepdims=True)
    above = np.maximum(peak - _KNEE, 0) / (1 - _KNEE)
    limit = (brightest - _KNEE) / (1 - _KNEE)
    mapped = _KNEE + (1 - _KNEE) * above * (1 + above / limit**2) / (1 + above)
    scale = np.where(above > 0, mapped / np.maximum(peak, _KNEE), 1)
    rolled: Floats = light * scale.astype(np.float32)
    return rolled


def _make_matrix(primaries: Primaries) -> NDArray[np.float64]:
    """Return the matrix from linear light of these primaries to that of BT.709's."""
    adapt = _adapt(primaries.white, BT709.white)
    matrix: NDArray[np.float64] = np.linalg.inv(_to_xyz(BT709)) @ adapt @ _to_xyz(primaries)
    return matrix


def _to_xyz(primaries: Primaries) -> NDArray[np.float64]:
    """Return the matrix from linear light to CIE XYZ (SMPTE RP 177)."""
    colours = np.array([_expand(p) for p in (primaries.red, primaries.green, primaries.blue)]).T
    matrix: NDArray[np.float64] = colours * np.linalg.solve(colours, _expand(primaries.white))
    return matrix


def _expand(point: Point) -> NDArray[np.float64]:
    """Return X, Y, Z of a colour with the luminance 1."""
    x, y = point
    return np.array([x / y, 1, (1 - x - y) / y])


def _adapt(white: Point, other: Point) -> NDArray[np.float64]:
    """Return the matrix that adapts XYZ from one white to another."""
    gains = (_BRADFORD @ _expand(other)) / (_BRADFORD @ _expand(white))
    matrix: NDArray[np.float64] = np.linalg.inv(_BRADFORD) @ np.diag(gains) @ _BRADFORD
    return matrix
