"""Ducking: music becomes quieter while a voice, or anything else that is loud, is heard."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

STEP_SECONDS = 0.1
"""Between two values of loudness, and between two gains."""

_DEPTH_DB = 12.0
_BELOW = 12.0  # LU below the whole: what is quieter is a pause
_QUIETEST = -50.0  # LUFS: what is quieter is no voice, however quiet the whole
_WINDOW_STEPS = 4  # over which momentary loudness is measured, up to the end of a step
_HOLD_STEPS = 1  # until music comes back; the window adds three, so that it stays between words
_ATTACK_DB = _DEPTH_DB / 2  # a step: it falls in 0.2 seconds
_RELEASE_DB = _DEPTH_DB / 6  # a step: it comes back in 0.6 seconds


def plan_ducking(momentary: Sequence[float], integrated: float) -> list[float]:
    """Return the gains of music in decibels at the edges of steps: one more than there are steps.

    Between the edges, gains are linear. Music is down as soon as a voice begins, and comes back
    after it has ended for a while.

    Args:
        momentary: loudness of what music gives way to, in LUFS, over the 0.4 seconds that end with
            each step.
        integrated: its loudness as a whole.
    """
    threshold = max(integrated - _BELOW, _QUIETEST)
    steps = len(momentary)
    needed = [0.0] * (steps + 1)
    for step, loudness in enumerate(momentary):
        if loudness > threshold:
            # A voice is measured from its first step on, but at the start by whole windows only.
            first = step if step >= _WINDOW_STEPS else 0
            last = min(step + 1 + _HOLD_STEPS, steps)
            needed[first : last + 1] = [-_DEPTH_DB] * (last + 1 - first)
    rising = accumulate(needed, lambda before, gain: min(gain, before + _RELEASE_DB))
    falling = accumulate(reversed(list(rising)), lambda after, gain: min(gain, after + _ATTACK_DB))
    return list(falling)[::-1]
