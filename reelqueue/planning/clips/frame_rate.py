"""The rate at which each picture of a video can be shown at its time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median

_NTSC = Fraction(1000, 1001)
_USUAL = tuple(Fraction(rate) for rate in (24, 25, 30, 48, 50, 60))
_STEADY = sorted({rate * factor for rate in _USUAL for factor in (1, _NTSC)})
_STRAY = 0.2  # how far from its slot a picture of a steady video is, in slots
_LATE_SECONDS = 0.02  # how far from its time a picture may be shown
_SLOWER = 0.95  # how much lower than the rate of most pictures a rate is that is tried


@dataclass(frozen=True)
class PictureTimes:
    """When the pictures of a video begin: `ticks` in ascending order, and the seconds of a tick."""

    ticks: Sequence[int]
    tick: Fraction


@dataclass(frozen=True)
class FrameRate:
    """Frames a second, and whether each picture begins with a frame, but for rounding."""

    fps: Fraction
    is_steady: bool


def choose_rate(times: PictureTimes, guess: Fraction) -> FrameRate:
    """Return the rate of a video.

    It is the guess if all pictures begin with a frame then. For a variable rate it is the lowest
    usual one that shows all pictures, each within 20 ms of its time; the highest is 60.

    Args:
        times: of all pictures.
        guess: frames a second, by the header of the file or on average.
    """
    for fps in (guess, *_STEADY):
        if _is_steady(times, fps):
            return FrameRate(fps, is_steady=True)
    gaps = [second - first for first, second in pairwise(times.ticks)]
    base = _SLOWER / float(median(gaps) * times.tick)
    rates = [rate for rate in _USUAL if rate >= base and _shows_all(times, rate)]
    return FrameRate(rates[0] if rates else _USUAL[-1], is_steady=False)


def _is_steady(times: PictureTimes, fps: Fraction) -> bool:
    first, slots = times.ticks[0], float(times.tick * fps)
    last = -1
    for time in times.ticks:
        slot = (time - first) * slots
        nearest = round(slot)
        if nearest == last or abs(slot - nearest) > _STRAY:
            return False
        last = nearest
    return True


def _shows_all(times: PictureTimes, fps: Fraction) -> bool:
    """Tell whether each picture has a frame, near its time, if it gives way to an earlier one."""
    first, slots = times.ticks[0], float(times.tick * fps)
    last = -1
    for time in times.ticks:
        slot = (time - first) * slots
        shown = round(slot)
        if shown == last:
            shown += 1
        if shown <= last or abs(shown - slot) > _LATE_SECONDS * fps:
            return False
        last = shown
    return True
