"""The exact frames of one cut: a segment of a video, as it is seen in a clip."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from reelqueue.planning.clips.frame_rate import PictureTimes
from reelqueue.planning.delivery.targets import ANY, Rules
from reelqueue.planning.framing import turn
from reelqueue.specs.clips.reframe import Aspect, ClipFit, Focus, Reframe
from reelqueue.specs.formats import enlarge_size, scale_size, shrink_size

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
    """A segment of a video that is seen in the clip."""

    start: float  # seconds of the video
    frames: int  # of the clip
    fps: Fraction
    size: tuple[int, int]  # (width, height) of the clip, in pixels
    speed: Fraction = Fraction(1)
    fit: ClipFit = ClipFit.BLUR
    focus: Focus | None = None  # what a crop keeps; None for the centre

    @property
    def follows(self) -> bool:
        """Whether a crop follows something."""
        return self.focus == "auto"

    @property
    def duration(self) -> float:
        """Seconds of the clip."""
        return float(self.frames / self.fps)

    @property
    def source_duration(self) -> float:
        """Seconds of the video."""
        return float(self.frames * self.step)

    @property
    def step(self) -> Fraction:
        """Seconds of the video from one frame to the next."""
        return self.speed / self.fps


@dataclass(frozen=True)
class Alignment:
    """How the frames of a cut are counted so that they begin with the pictures of the video.

    Attributes:
        seek: where decoding starts, in seconds of the video.
        begin: the seconds from there to the first frame. Sound that begins there as well stays in
            sync, however long the frames are.
        held: frames before the cut in which its first picture is shown already.
    """

    seek: float
    begin: float
    held: int

    @property
    def start(self) -> float:
        """The second of the video at which the clip begins."""
        return self.seek + self.begin


class Shot(NamedTuple):
    """Frames of a cut, and how they are counted.

    The first `lead` of them are not seen: filters that look back begin with them.
    """

    cut: Cut
    alignment: Alignment
    lead: int = 0

    @property
    def frames(self) -> int:
        """How many frames are seen."""
        return self.cut.frames - self.lead

    @property
    def begin(self) -> float:
        """Second of the video at which the first frame begins."""
        return self.alignment.start

    @property
    def end(self) -> float:
        """Second of the video at which the last frame ends."""
        return self.begin + self.cut.source_duration


def choose_size(spec: Reframe, source: tuple[int, int], rules: Rules = ANY) -> tuple[int, int]:
    """Return the clip's `(width, height)`.

    The original aspect ratio is enlarged only where the place that the clip is for needs that.

    Args:
        spec: what is asked for.
        source: the video's `(width, height)` as it is shown before it is turned.
        rules: of the place.
    """
    if spec.size:
        return spec.size
    aspect = spec.aspect or Aspect.PORTRAIT
    if aspect in _SIZES:
        return shrink_size(_SIZES[aspect], rules.shorter_side)
    shown = turn(source, spec.rotate)
    size = scale_size(shown, min(Fraction(LONGEST_SIDE, max(shown)), Fraction(1)))
    return enlarge_size(shrink_size(size, rules.shorter_side), rules.smallest)


def choose_clip_rate(fps: Fraction, rules: Rules = ANY) -> Fraction:
    """Return the clip's rate: all pictures of a steady video last a whole number of its frames.

    Of 120 frames a second each second one is kept, and of 119.88; of one frame, 24 are made.

    Args:
        fps: frames a second of the video.
        rules: of the place that the clip is for.
    """
    lowest, highest = rules.fps
    if fps < max(lowest, LOWEST_FPS):
        return fps * math.ceil(_SLOW_FPS / fps)
    return fps / max(1, math.ceil(fps / min(highest, HIGHEST_FPS)))


def align_cut(cut: Cut, times: PictureTimes) -> Alignment:
    """Return how the frames of a cut are counted: they move by half of one at most.

    Args:
        cut: the segment.
        times: of all pictures of the video; the last one can stay long after its own end.
    """
    begin = Fraction(cut.start)
    at = bisect_left(times.ticks, (begin + cut.step / 2) / times.tick)
    shown = times.ticks[max(at - 1, 0)] * times.tick
    frames = round((begin - shown) / cut.step)
    first = shown + frames * cut.step
    if at < len(times.ticks) or frames <= 0:
        return Alignment(cut.start, float(first - begin), 0)
    return Alignment(float(shown), float(first - shown), frames)


def slice_shot(
    shot: Shot, first: int, frames: int, times: PictureTimes, longest_lead: int = 0
) -> Shot:
    """Return `frames` frames of a shot from its frame `first` on, counted as in the whole shot.

    Args:
        shot: of a video.
        first: number of a frame.
        frames: how many.
        times: of all pictures of the video; the last one can be shown before frame `first`.
        longest_lead: frames before these that are wanted, if the shot has as many.
    """
    lead = min(first, longest_lead)
    return _slice(shot, first - lead, frames + lead, times)._replace(lead=lead)


def _slice(shot: Shot, first: int, frames: int, times: PictureTimes) -> Shot:
    cut, alignment, _ = shot
    passed, last = first * cut.step, times.ticks[-1] * times.tick
    part = replace(cut, start=cut.start + float(passed), frames=frames)
    held = first - round((last - Fraction(alignment.start)) / cut.step)
    if held <= 0:
        return Shot(part, replace(alignment, seek=alignment.seek + float(passed)))
    begin = Fraction(alignment.start) + passed
    return Shot(part, Alignment(float(last), float(begin - last), held))
