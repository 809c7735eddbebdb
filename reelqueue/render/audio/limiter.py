"""A limiter: sound is turned down for a moment wherever a peak would be too high.

Peaks are true ones, between the samples as well, found by interpolation (ITU-R BS.1770-5, Annex 2).
Sound is looked at in blocks; the gain runs straight from one block's edge to the next one's. What
the whole loses in power by that is given back to it, within limits.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Sound as `(samples, channels)`, full scale at 1."""

BLOCK = 64
CONTEXT = 12
"""Samples that are needed on either side of a block to know its true peak."""

_ATTACK_DB = 1.5  # a block, of 1.3 ms at 48 kHz: nothing is heard of the sound turned down before
_RELEASE_DB = 0.15
_HIGHEST_MAKEUP = 2.0  # beyond that, sound is all peaks, and would be flattened to noise
_MAKEUP_ROUNDS = 6
_OVERSAMPLING = 4
_BETWEEN = 1.5  # how many times as high as its samples a peak of music may be; 1.2 is rare


def _make_interpolator() -> Samples:
    """Return the matrix that turns a block with its context into what lies between its samples."""
    steps = np.arange(BLOCK * _OVERSAMPLING)
    between = steps[steps % _OVERSAMPLING > 0] / _OVERSAMPLING
    distance = between - (np.arange(BLOCK + 2 * CONTEXT) - CONTEXT)[:, None]
    window = np.cos(np.pi / 2 * np.clip(distance / CONTEXT, -1, 1)) ** 2
    matrix: Samples = (np.sinc(distance) * window).astype(np.float32)
    return matrix


_INTERPOLATOR = _make_interpolator()


def measure_peaks(samples: Samples, ceiling: float) -> NDArray[np.float64]:
    """Return the true peak of each block; where it is far below the ceiling, that of its samples.

    Args:
        samples: whole blocks with `CONTEXT` more samples at either end.
    """
    blocks = sliding_window_view(samples, BLOCK + 2 * CONTEXT, axis=0)[::BLOCK]
    inner = samples[CONTEXT:-CONTEXT].reshape(len(blocks), -1)
    highest = np.maximum(inner.max(axis=1), -inner.min(axis=1))
    peaks: NDArray[np.float64] = highest.astype(np.float64)
    high = peaks * _BETWEEN * _HIGHEST_MAKEUP > ceiling
    between = np.abs(blocks[high] @ _INTERPOLATOR)
    peaks[high] = np.maximum(peaks[high], between.max(axis=(1, 2)))
    return peaks


def measure_powers(samples: Samples) -> NDArray[np.float64]:
    """Return the power of each block.

    Args:
        samples: whole blocks.
    """
    blocks = samples.reshape(-1, BLOCK * samples.shape[1])
    powers: NDArray[np.float64] = np.einsum("ij,ij->i", blocks, blocks).astype(np.float64)
    return powers


def plan_made_up_gains(
    peaks: NDArray[np.float64], powers: NDArray[np.float64], ceiling: float
) -> NDArray[np.float64]:
    """Return gains as `plan_gains` does that, in addition, keep the power of the whole."""
    makeup = 1.0
    for _ in range(_MAKEUP_ROUNDS):
        gains = makeup * plan_gains(makeup * peaks, ceiling)
        kept = np.sum(powers * gains[:-1] * gains[1:]) / max(powers.sum(), 1e-12)
        makeup = min(makeup / max(kept, 1e-3) ** 0.5, _HIGHEST_MAKEUP)
    return gains


def plan_gains(peaks: NDArray[np.float64], ceiling: float) -> NDArray[np.float64]:
    """Return the gain at each edge of the blocks, one more than there are, that keeps the ceiling.

    It falls before a peak and recovers behind it, each at its own steady rate in decibels.
    """
    needed = np.pad(20 * np.log10(ceiling / np.maximum(peaks, ceiling)), 1)
    edges: NDArray[np.float64] = np.minimum(needed[:-1], needed[1:])
    steps = np.arange(len(edges))
    recovering = np.minimum.accumulate(edges - _RELEASE_DB * steps) + _RELEASE_DB * steps
    falling = np.minimum.accumulate((recovering + _ATTACK_DB * steps)[::-1])[::-1]
    gains: NDArray[np.float64] = 10 ** ((falling - _ATTACK_DB * steps) / 20)
    return gains


def apply_gains(samples: Samples, gains: NDArray[np.float64]) -> Samples:
    """Return whole blocks with the gain that `plan_gains` found for their edges."""
    blocks = samples.reshape(len(gains) - 1, BLOCK, -1)
    ramp = np.linspace(0, 1, BLOCK, endpoint=False, dtype=np.float32)[:, None]
    edges = gains.astype(np.float32)[:, None, None]
    before, after = edges[:-1], edges[1:]
    turned: Samples = blocks * (before + (after - before) * ramp)
    return turned.reshape(samples.shape)
