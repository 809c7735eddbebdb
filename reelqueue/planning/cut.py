"""The exact frames of a clip."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction

from reelqueue.planning.frame_rate import PictureTimes
from reelqueue.planning.framing import turn
from reelqueue.specs.clip import ClipCut
from reelqueue.specs.formats import scale_size
from reelqueue.specs.reframe import Aspect, Reframe

LONGEST_SIDE = 1920
HIGHEST_FPS = 60
LOWEST_FPS = 10
"""Below it, a cut and a caption would be too far from where they were ordered."""
_SLOW_FPS = 24  # at least, of the clip of a video below that
_SIZES = {
    Aspect.PORTRAIT: (1080, 1920),
    Aspect.FEED: (1080, 1350),
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


@dataclass(frozen=True)
class Alignment:
    """How the frames of a clip are counted so that they begin with the pictures of the video.

    Attributes:
        seek: where decoding starts, in seconds.
        begin: the seconds from there to the clip's first frame. Sound that begins there as well
            stays in sync, however long the frames are.
        held: frames before the clip in which its first picture is shown already.
    """

    seek: float
    begin: float
    held: int


def choose_size(spec: Reframe, source: tuple[int, int]) -> tuple[int, int]:
    """Return the clip's `(width, height)`; the original aspect ratio is never enlarged.

    Args:
        spec: what is asked for.
        source: the video's `(width, height)` as it is shown before it is turned.
    """
    if spec.size:
        return spec.size
    aspect = spec.aspect or Aspect.PORTRAIT
    if aspect in _SIZES:
        return _SIZES[aspect]
    shown = turn(source, spec.rotate)
    return scale_size(shown, min(Fraction(LONGEST_SIDE, max(shown)), Fraction(1)))


def plan_cut(spec: ClipCut, duration: float, fps: Fraction, size: tuple[int, int]) -> Cut:
    """Return the exact frames of a clip.

    Args:
        duration: of the video, in seconds.
        fps: frames a second of the video.
        size: the video's `(width, height)` as it is shown before it is turned.

    Raises:
        InvalidSpecError: if the clip starts or ends after the video's end.
    """
    start, end = spec.resolve_range(duration)
    fps = _choose_rate(fps)
    frames = max(1, round((Fraction(end) - Fraction(start)) * fps))
    return Cut(start, frames, fps, choose_size(spec, size))


def align_cut(cut: Cut, times: PictureTimes) -> Alignment:
    """Return how the frames of a clip are counted: they move by half of one at most.

    Args:
        cut: the clip.
        times: of all pictures of the video; the last one can stay long after its own end.
    """
    begin = Fraction(cut.start)
    at = bisect_left(times.ticks, (begin + 1 / (2 * cut.fps)) / times.tick)
    shown = times.ticks[max(at - 1, 0)] * times.tick
    frames = round((begin - shown) * cut.fps)
    first = shown + frames / cut.fps
    if at < len(times.ticks) or frames <= 0:
        return Alignment(cut.start, float(first - begin), 0)
    return Alignment(float(shown), float(first - shown), frames)


def _choose_rate(fps: Fraction) -> Fraction:
    """Return the clip's rate: all pictures of a steady video last a whole number of its frames.

    Of 120 frames a second each second one is kept, and of 119.88; of one frame, 24 are made.
    """
    if fps < LOWEST_FPS:
        return fps * math.ceil(_SLOW_FPS / fps)
    return fps / max(1, math.ceil(fps / HIGHEST_FPS))
