"""The sound of a video as a list of placements, exact in samples.

Tracks of music follow each other, each crossfaded into the next. Where the pictures last longer
than all tracks, the music loops: the first track follows the last.

The cuts of a clip follow each other too, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, cycle, pairwise
from pathlib import Path

RATE = 48_000
"""Samples a second."""

CROSSFADE = 2 * RATE
FADE_OUT = 2 * RATE
CLICK_FADE = RATE // 200
"""Where sound begins or ends abruptly, which would be heard as a click."""

_TOLERANCE = RATE // 20  # durations in containers are wrong by a packet or two
_LONGEST_SILENCE = RATE // 2


@dataclass(frozen=True)
class Track:
    """The part of a sound file that is heard; all times are in seconds."""

    path: Path
    duration: float
    start: float = 0.0
    end: float | None = None  # None: the end of the file

    @property
    def samples(self) -> int:
        """Length of the part that is heard."""
        return count_samples(self.start, self.end or self.duration)

    @property
    def is_cut(self) -> bool:
        """Whether the part ends before the file does."""
        return self.end is not None and count_samples(self.end, self.duration) > _TOLERANCE


@dataclass(frozen=True)
class SoundCut:
    """A part of a video's sound that is heard in a clip.

    Attributes:
        start: where it starts in the video, in seconds.
        duration: how long it is heard, in seconds of the clip.
        speed: seconds of the video that are heard in a second of the clip.
    """

    start: float
    duration: float
    speed: float = 1.0


@dataclass(frozen=True)
class Placement:
    """Where a track is heard in the soundtrack; all lengths are in samples."""

    track: int  # number of the track, from 0
    position: int  # of the track's first sample, in the soundtrack
    samples: int  # how many of the track's samples are heard
    fade_in: int
    fade_out: int

    @property
    def end(self) -> int:
        """Position of the first sample after it."""
        return self.position + self.samples


@dataclass(frozen=True)
class Soundtrack:
    """All that is heard in a video, or a layer of it."""

    samples: int
    fade_out: int  # samples over which all of it fades out at the end
    placements: tuple[Placement, ...]


def count_samples(start: float, end: float) -> int:
    """Return the number of samples between two times in seconds."""
    return round(end * RATE) - round(start * RATE)


def measure_music(lengths: Sequence[int]) -> Fraction:
    """Return the seconds that all tracks last, crossfaded and played once.

    Args:
        lengths: of the tracks, in samples.
    """
    overlaps = sum(_overlap(track, following) for track, following in pairwise(lengths))
    return Fraction(sum(lengths) - overlaps, RATE)


def plan_soundtrack(lengths: Sequence[int], samples: int, *, is_cut: bool) -> Soundtrack:
    """Return the soundtrack of a slideshow.

    The music fades out where the pictures end, unless the last track ends there by itself. It does
    not start again to fill less than half a second.

    Args:
        lengths: of the tracks, in samples.
        samples: length of the soundtrack.
        is_cut: whether the part of the last track ends before its file does.
    """
    placements: list[Placement] = []
    position, fade_in = 0, CLICK_FADE
    numbers = cycle(range(len(lengths)))
    following = next(numbers)
    while True:
        track, following = following, next(numbers)
        length = lengths[track]
        is_last = track == len(lengths) - 1
        left = samples - position - length
        if left <= (_LONGEST_SILENCE if is_last else 0):
            placements.append(_place(track, position, length, fade_in, CLICK_FADE))
            ends_itself = is_last and not is_cut and left >= -_TOLERANCE
            fade_out = CLICK_FADE if ends_itself else FADE_OUT
            return Soundtrack(samples, min(fade_out, samples // 4), tuple(placements))
        overlap = _overlap(length, lengths[following])
        placements.append(_place(track, position, length, fade_in, overlap))
        position, fade_in = position + length - overlap, overlap


def join_cuts(
    durations: Sequence[float], overlap: float, *, before: float = 0.0, after: float = 0.0
) -> Soundtrack:
    """Return the soundtrack of cuts that follow each other.

    Each fades into the next. A cut that is joined hard is heard for 5 more milliseconds, in which
    it does so: a step would be heard as a click, and a gap as a gap. The first and the last fade as
    briefly at the ends, where a clip that is played again and again would click.

    Args:
        durations: of the cuts, in seconds.
        overlap: seconds of each cut that are heard together with the next; less than any cut.
        before: seconds of silence before the first cut.
        after: seconds of silence after the last.
    """
    steps = (duration - overlap for duration in durations)
    starts = list(accumulate(steps, initial=before))
    positions = [round(start * RATE) for start in starts[:-1]]
    end = round((starts[-1] + overlap) * RATE)
    fade = round(overlap * RATE) or CLICK_FADE
    ends = [min(position + fade, end) for position in positions[1:]] + [end]
    rises = [CLICK_FADE, *[fade] * (len(durations) - 1)]
    falls = [*rises[1:], CLICK_FADE]
    placements = tuple(
        Placement(number, position, stop - position, rise, fall)
        for number, (position, stop, rise, fall) in enumerate(
            zip(positions, ends, rises, falls, strict=True)
        )
    )
    return Soundtrack(end + round(after * RATE), 0, placements)


def place_video(
    number: int, start: Fraction, duration: Fraction, fade_in: Fraction, fade_out: Fraction
) -> Placement:
    """Return where the sound of a video is heard in a slideshow; all times are in seconds.

    Args:
        number: of its track.
        start: when it begins.
        duration: how long it plays.
        fade_in: of the transition to it; 0 if there is none.
        fade_out: of the transition to what follows.
    """
    position, end = round(start * RATE), round((start + duration) * RATE)
    fades = (max(round(fade * RATE), CLICK_FADE) for fade in (fade_in, fade_out))
    return _place(number, position, end - position, *fades)


def _overlap(track: int, following: int) -> int:
    """Return the samples of a crossfade: at most half of a track, which may have two of them."""
    return min(CROSSFADE, track // 2, following // 2)


def _place(track: int, position: int, samples: int, fade_in: int, fade_out: int) -> Placement:
    half = samples // 2
    return Placement(track, position, samples, min(fade_in, half), min(fade_out, half))
