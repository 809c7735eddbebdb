"""A slideshow's music as a list of placements, exact in samples: pure, and what the sound is of.

Tracks follow each other, each faded into the next; where the pictures last longer than all of them,
the first follows the last in the same way, and so on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle, pairwise
from pathlib import Path

RATE = 48_000
"""Samples a second."""

CROSSFADE = 2 * RATE
FADE_OUT = 2 * RATE

_EDGE = RATE // 200  # faded in and out wherever sound begins or ends: a jump would be a click
_SLACK = RATE // 20  # lengths that containers tell are off by a packet or two
_LONGEST_SILENCE = RATE // 2


@dataclass(frozen=True)
class Track:
    """A file's sound from `start` to `end` (unset: its end), in seconds of its `duration`."""

    path: Path
    duration: float
    start: float = 0.0
    end: float | None = None

    @property
    def samples(self) -> int:
        """How long it is heard."""
        return count_samples(self.start, self.end or self.duration)

    @property
    def is_cut(self) -> bool:
        """Whether it stops before its own end."""
        return self.end is not None and count_samples(self.end, self.duration) > _SLACK


@dataclass(frozen=True)
class Placement:
    """A track's first `samples`, beginning at sample `position` of the soundtrack.

    It is faded in over the first `fade_in` of them, and out over the last `fade_out`.
    """

    track: int
    position: int
    samples: int
    fade_in: int
    fade_out: int

    @property
    def end(self) -> int:
        """The first sample after it."""
        return self.position + self.samples


@dataclass(frozen=True)
class Soundtrack:
    """`samples` of sound, of which the last `fade_out` fade away as a whole."""

    samples: int
    fade_out: int
    placements: tuple[Placement, ...]


def count_samples(start: float, end: float) -> int:
    """Return the samples between two times in seconds."""
    return round(end * RATE) - round(start * RATE)


def measure_music(lengths: Sequence[int]) -> Fraction:
    """Return the seconds that tracks of so many samples last together, played once."""
    overlaps = sum(_overlap(track, following) for track, following in pairwise(lengths))
    return Fraction(sum(lengths) - overlaps, RATE)


def plan_soundtrack(lengths: Sequence[int], samples: int, *, is_cut: bool) -> Soundtrack:
    """Return the soundtrack of so many samples.

    What remains is faded out where the pictures end, and left to its own end where that comes at
    the same time, or so shortly before that a repetition would only be a noise.

    Args:
        lengths: of the tracks, in samples.
        is_cut: whether the last track stops before its own end.
    """
    placements: list[Placement] = []
    position, fade_in = 0, _EDGE
    numbers = cycle(range(len(lengths)))
    following = next(numbers)
    while True:
        track, following = following, next(numbers)
        length = lengths[track]
        is_last = track == len(lengths) - 1
        left = samples - position - length
        if left <= (_LONGEST_SILENCE if is_last else 0):
            placements.append(_place(track, position, length, fade_in, _EDGE))
            ends_itself = is_last and not is_cut and left >= -_SLACK
            fade_out = _EDGE if ends_itself else FADE_OUT
            return Soundtrack(samples, min(fade_out, samples // 4), tuple(placements))
        overlap = _overlap(length, lengths[following])
        placements.append(_place(track, position, length, fade_in, overlap))
        position, fade_in = position + length - overlap, overlap


def _overlap(track: int, following: int) -> int:
    """Return the samples of a crossfade: a track may have one at either end."""
    return min(CROSSFADE, track // 2, following // 2)


def _place(track: int, position: int, samples: int, fade_in: int, fade_out: int) -> Placement:
    half = samples // 2
    return Placement(track, position, samples, min(fade_in, half), min(fade_out, half))
