"""A true-peak limiter: lower the gain for a moment wherever a peak is above the ceiling.

True peaks, which can lie between samples, are found by interpolation (ITU-R BS.1770-5, Annex 2).
Sound is divided into blocks of `BLOCK` samples, and the gain is linear between the edges of blocks.
A makeup gain restores the power that the whole sound loses, within limits.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Sound as `(samples, channels)` float32 at 48 kHz; full scale is 1."""

BLOCK = 64  # samples
CONTEXT = 12
"""Samples before and after a block that the interpolation of its true peak needs."""

_ATTACK_DB = 1.5  # per block of 1.3 ms: too short to be heard before the peak
_RELEASE_DB = 0.15  # per block
_HIGHEST_MAKEUP = 2.0  # more would flatten sound that is mostly peaks into noise
_MAKEUP_ROUNDS = 6
_OVERSAMPLING = 4
_TRUE_PEAK_RATIO = 1.5  # highest ratio of a true peak to the samples near it; 1.2 is rare in music


def _make_interpolator() -> Samples:
    """Return the windowed-sinc matrix from a block with context to the points between its samples.

    Its shape is `(BLOCK + 2 * CONTEXT, BLOCK * (oversampling - 1))`.
    """
    steps = np.arange(BLOCK * _OVERSAMPLING)
    between = steps[steps % _OVERSAMPLING > 0] / _OVERSAMPLING
    distance = between - (np.arange(BLOCK + 2 * CONTEXT) - CONTEXT)[:, None]
    window = np.cos(np.pi / 2 * np.clip(distance / CONTEXT, -1, 1)) ** 2
    matrix: Samples = (np.sinc(distance) * window).astype(np.float32)
    return matrix


_INTERPOLATOR = _make_interpolator()


def measure_peaks(samples: Samples, ceiling: float) -> NDArray[np.float64]:
    """Return the true peak of each block, `(blocks,)`.

    Blocks far below the ceiling are not interpolated: theirs is the peak of the samples.

    Args:
        samples: whole blocks, with `CONTEXT` more samples at either end.
        ceiling: the highest allowed true peak; full scale is 1.
    """
    blocks = sliding_window_view(samples, BLOCK + 2 * CONTEXT, axis=0)[::BLOCK]
    inner = samples[CONTEXT:-CONTEXT].reshape(len(blocks), -1)
    highest = np.maximum(inner.max(axis=1), -inner.min(axis=1))
    peaks: NDArray[np.float64] = highest.astype(np.float64)
    high = peaks * _TRUE_PEAK_RATIO * _HIGHEST_MAKEUP > ceiling
    between = np.abs(blocks[high] @ _INTERPOLATOR)
    peaks[high] = np.maximum(peaks[high], between.max(axis=(1, 2)))
    return peaks


def measure_powers(samples: Samples) -> NDArray[np.float64]:
    """Return the power of each block, the sum of its squared samples, `(blocks,)`.

    Args:
        samples: whole blocks.
    """
    blocks = samples.reshape(-1, BLOCK * samples.shape[1])
    powers: NDArray[np.float64] = np.einsum("ij,ij->i", blocks, blocks).astype(np.float64)
    return powers


def plan_makeup_gains(
    peaks: NDArray[np.float64], powers: NDArray[np.float64], ceiling: float
) -> NDArray[np.float64]:
    """Return gains as `plan_gains` does, with a makeup gain that keeps the power of the sound.

    Args:
        peaks: from `measure_peaks`.
        powers: from `measure_powers`.
        ceiling: the highest allowed true peak; full scale is 1.
    """
    makeup = 1.0
    for _ in range(_MAKEUP_ROUNDS):
        gains = makeup * plan_gains(makeup * peaks, ceiling)
        kept = np.sum(powers * gains[:-1] * gains[1:]) / max(powers.sum(), 1e-12)
        makeup = min(makeup / max(kept, 1e-3) ** 0.5, _HIGHEST_MAKEUP)
    return gains


def plan_gains(peaks: NDArray[np.float64], ceiling: float) -> NDArray[np.float64]:
    """Return the gain at each edge of the blocks, `(blocks + 1,)`, that keeps peaks at the ceiling.

    The gain falls before a peak and recovers after it, each at a steady rate in decibels.
    """
    needed = np.pad(20 * np.log10(ceiling / np.maximum(peaks, ceiling)), 1)
    edges: NDArray[np.float64] = np.minimum(needed[:-1], needed[1:])
    steps = np.arange(len(edges))
    recovering = np.minimum.accumulate(edges - _RELEASE_DB * steps) + _RELEASE_DB * steps
    falling = np.minimum.accumulate((recovering + _ATTACK_DB * steps)[::-1])[::-1]
    gains: NDArray[np.float64] = 10 ** ((falling - _ATTACK_DB * steps) / 20)
    return gains


def apply_gains(samples: Samples, gains: NDArray[np.float64]) -> Samples:
    """Return whole blocks with the gains of their edges applied, linear in between."""
    blocks = samples.reshape(len(gains) - 1, BLOCK, -1)
    ramp = np.linspace(0, 1, BLOCK, endpoint=False, dtype=np.float32)[:, None]
    edges = gains.astype(np.float32)[:, None, None]
    before, after = edges[:-1], edges[1:]
    limited: Samples = blocks * (before + (after - before) * ramp)
    return limited.reshape(samples.shape)
