"""Loudness by ITU-R BS.1770-5, from the power of weighted sound in windows of 10 ms.

The power of a window is the mean square of the K-weighted samples, added up over the channels.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence

WINDOW = 0.01
"""Seconds of a window."""

FLOOR = -70.0
"""LUFS: the absolute gate. What is below it counts as silence."""

_OFFSET = -0.691
_BLOCK = 40  # windows of a gating block, which overlap by three quarters
_BLOCK_STEP = 10
_RELATIVE_GATE = -10.0  # LU
_SHORTEST_STEP = 10  # windows of a point of the curve


def to_lufs(power: float) -> float:
    """Convert power to LUFS, at least `FLOOR`."""
    return max(FLOOR, _OFFSET + 10 * math.log10(power)) if power > 0 else FLOOR


def to_power(loudness: float) -> float:
    """Convert LUFS to power."""
    return math.pow(10, (loudness - _OFFSET) / 10)


def integrate_loudness(powers: Sequence[float]) -> float:
    """Return the integrated loudness in LUFS; `FLOOR` if nothing is louder than that."""
    steps = average_powers(powers, _BLOCK_STEP)
    size = min(_BLOCK // _BLOCK_STEP, len(steps))
    blocks = [
        sum(steps[first : first + size]) / size for first in range(len(steps) - size + 1) if size
    ]
    heard = [power for power in blocks if power > to_power(FLOOR)]
    if not heard:
        return FLOOR
    gate = _average(heard) * math.pow(10, _RELATIVE_GATE / 10)
    return to_lufs(_average([power for power in heard if power > gate]))


def average_powers(powers: Sequence[float], windows: int) -> array[float]:
    """Return the mean power of each `windows` windows; the last of them can be fewer."""
    starts = range(0, len(powers), windows)
    return array("f", (_average(powers[start : start + windows]) for start in starts))


def list_loudness(powers: Sequence[float], limit: int) -> tuple[tuple[float, float], ...]:
    """Return at most `limit` pairs of a second and the loudness of the time around it, in LUFS."""
    windows = max(_SHORTEST_STEP, math.ceil(len(powers) / limit))
    return tuple(
        (round((number + 0.5) * windows * WINDOW, 3), round(to_lufs(power), 1))
        for number, power in enumerate(average_powers(powers, windows))
    )


def _average(values: Iterable[float]) -> float:
    kept = list(values)
    return math.fsum(kept) / len(kept) if kept else 0.0
