"""The exact frames of a clip."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from reelqueue.specs.clip import Aspect, ClipCut
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
    """The part of a video that becomes the clip."""

    start: float  # seconds
    frames: int
    fps: Fraction
    size: tuple[int, int]  # (width, height) of the clip, in pixels

    @property
    def duration(self) -> float:
        """Seconds of the clip."""
        return float(self.frames / self.fps)


def choose_size(aspect: Aspect, source: tuple[int, int]) -> tuple[int, int]:
    """Return the clip's `(width, height)`; the original aspect ratio is never enlarged.

    Args:
        source: the video's `(width, height)` as it is shown.
    """
    if aspect in _SIZES:
        return _SIZES[aspect]
    return scale_size(source, min(Fraction(LONGEST_SIDE, max(source)), Fraction(1)))


def plan_cut(spec: ClipCut, duration: float, fps: Fraction, size: tuple[int, int]) -> Cut:
    """Return the exact frames of a clip.

    Args:
        duration: of the video, in seconds.
        fps: frames a second of the video.
        size: the video's `(width, height)` as it is shown.

    Raises:
        InvalidSpecError: if the clip starts or ends after the video's end.
    """
    start, end = spec.resolve_range(duration)
    # Of 120 each second frame is kept, and of 119.88: all frames of the clip last equally long.
    fps = max(Fraction(1), fps / max(1, math.ceil(fps / HIGHEST_FPS)))
    frames = max(1, round((Fraction(end) - Fraction(start)) * fps))
    return Cut(start, frames, fps, choose_size(spec.aspect, size))
