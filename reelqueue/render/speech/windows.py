"""Cut sound of hours into windows of minutes, at quiet places, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reelqueue.render.speech.timing import LOUDNESS_STEP, RATE, Samples, measure_levels

WINDOW = 120 * RATE
"""Samples of a window, about."""
_SLACK = 30 * RATE  # samples by which one may be shorter or longer
_QUIET_STEPS = 40  # over which the level is averaged: of 0.4 seconds


def cut_windows(samples: Samples, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield `(start, end)` of windows, in samples, that together are the range from start to end.

    Args:
        samples: all of the sound, which may be a map of a file.
        start: of the range, in samples.
        end: of the range; the sound may be shorter.
    """
    end = min(end, len(samples))
    while end - start > WINDOW + _SLACK:
        earliest = start + WINDOW - _SLACK
        cut = earliest + _find_quiet(samples[earliest : start + WINDOW + _SLACK])
        yield start, cut
        start = cut
    if end > start:
        yield start, end


def _find_quiet(samples: Samples) -> int:
    """Return the sample in the middle of the quietest part."""
    levels = measure_levels(samples)
    mean = np.convolve(levels, np.full(_QUIET_STEPS, 1 / _QUIET_STEPS), "valid")
    return (int(mean.argmin()) + _QUIET_STEPS // 2) * LOUDNESS_STEP
