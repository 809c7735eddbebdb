"""The exact frames of a clip: pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from reelqueue.specs.clip import Aspect, ClipSpec
from reelqueue.specs.formats import scale_size

LONGEST_SIDE = 1920
HIGHEST_FPS = 60
_SIZES = {
    Aspect.PORTRAIT: (1080, 1920),
    Aspect.SQUARE: (1080, 1080),
    Aspect.LANDSCAPE: (1920, 1080),
}


@dataclass(frozen=True)
class Cut:
    """What of a video becomes the clip: `frames` frames from `start` seconds on."""

    start: float
    frames: int
    fps: Fraction
    size: tuple[int, int]

    @property
    def duration(self) -> float:
        """The clip's seconds."""
        return float(self.frames / self.fps)


def choose_size(aspect: Aspect, source: tuple[int, int]) -> tuple[int, int]:
    """Return the clip's size; a video in its original shape is only ever made smaller."""
    if aspect in _SIZES:
        return _SIZES[aspect]
    return scale_size(source, min(Fraction(LONGEST_SIDE, max(source)), Fraction(1)))


def plan_cut(spec: ClipSpec, duration: float, fps: Fraction, size: tuple[int, int]) -> Cut:
    """Return the exact frames of a clip.

    Args:
        duration: of the video, in seconds.
        fps: its frames a second.
        size: its `(width, height)` as it is shown.

    Raises:
        InvalidSpecError: for a start or end beyond the video.
    """
    start, end = spec.resolve_range(duration)
    # 120 becomes 60 and 119.88 becomes 59.94: each kept frame lasts as long as the others.
    fps = max(Fraction(1), fps / max(1, math.ceil(fps / HIGHEST_FPS)))
    frames = max(1, round((Fraction(end) - Fraction(start)) * fps))
    return Cut(start, frames, fps, choose_size(spec.aspect, size))
