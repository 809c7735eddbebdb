"""Voices: words that are so quiet that only their pitch tells them from the noise of a room.

Breaths, clicks and steps have no pitch. A hum has one, but is as loud all the time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from reelqueue.planning.analysis.runs import Run, list_runs

_VOICED = 0.6  # of voicing: sounds without pitch stay below
_ABOVE_FLOOR = math.pow(10, 0.4)  # 4 decibels
_FLOOR_SHARE = 0.3  # of a silence that is at least as quiet as its noise
_SHORTEST = 4  # windows; noise repeats for less


def find_voices(powers: Sequence[float], voicing: Sequence[float]) -> Iterator[Run]:
    """Yield the first and the last window, which does not count, of each voice in a silence.

    Args:
        powers: of the silence's windows.
        voicing: of the same, from 0 to 1.
    """
    floor = _ABOVE_FLOOR * sorted(powers)[int(_FLOOR_SHARE * len(powers))]
    voiced = [
        voice > _VOICED and power > floor for power, voice in zip(powers, voicing, strict=True)
    ]
    for start, end in list_runs(voiced, True):
        if end - start >= _SHORTEST:
            yield start, end
