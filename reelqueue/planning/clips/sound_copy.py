"""Smart cuts: which packets of a video's sound can be copied as they are coded."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from statistics import fmean
from typing import NamedTuple

from reelqueue.planning.clips.edit import Edit
from reelqueue.planning.clips.smart_cut import changes_only_time
from reelqueue.specs.clips.clip import ClipSpec

_CHOSEN = {"mute", "track"}  # choices that leave the sound as it is
_STRAY_SECONDS = 0.002  # by which packets may be off: some of their times are rounded to 1 ms
_MISSING_SECONDS = 0.1  # by which the sound of a video may end before its pictures


@dataclass
class SoundPackets:
    """Packets of coded sound that follow each other in a file.

    Attributes:
        tick: seconds.
        times: when the sound of each begins, in ticks.
        partial: the numbers of those of which not all is heard.
        last: how long the last one is heard, in ticks.
        is_start: whether the first one is that of the file.
    """

    tick: Fraction = Fraction(1)
    times: array[int] = field(default_factory=lambda: array("q"))
    partial: set[int] = field(default_factory=set)
    last: int = 0
    is_start: bool = True


class SoundCopy(NamedTuple):
    """The packets that hold a part of a video's sound.

    `numbers` are theirs. The first `lead` samples are decoded, but not heard: they come before the
    part. After them `samples` are heard.
    """

    numbers: range
    lead: int
    samples: int


def keeps_sound(spec: ClipSpec, edit: Edit, rate: Fraction, size: tuple[int, int]) -> bool:
    """Tell whether a clip without music, but for its times, is its video as it is, in one part.

    Args:
        spec: what was ordered. Whether captions are drawn is not asked.
        edit: the frames.
        rate: frames a second of the video.
        size: the video's `(width, height)`.
    """
    is_one = len(edit.cuts) == 1 and changes_only_time(spec, edit, rate, size)
    return is_one and not spec.audio.model_dump(exclude=_CHOSEN, exclude_defaults=True)


def find_sound(
    packets: SoundPackets, rate: int, frame: int, start: float, duration: float
) -> SoundCopy | None:
    """Return the packets that hold a part of a video's sound, and the one before them if any.

    None if some sound is missing, but for a moment at the end, or if the packets do not follow each
    other.

    Args:
        packets: those of the part, with some before and after it.
        rate: samples a second.
        frame: samples in a packet.
        start: where the part starts, in seconds.
        duration: of the part, in seconds.
    """
    begin, samples = round(start * rate), round(duration * rate)
    ticks, stray = float(packets.tick * rate), _STRAY_SECONDS * rate
    places = array("q", (round(time * ticks) - begin for time in packets.times))
    first, end = bisect_right(places, 0) - 1, bisect_left(places, samples)
    if first < 0 or (first == 0 and not packets.is_start):
        return None
    numbers = range(max(first - 1, 0), end)
    begins = [places[number] - step * frame for step, number in enumerate(numbers)]
    place = round(fmean(begins))
    left = frame - round(packets.last * ticks)
    is_cut = end == len(places) and left > stray
    heard = min(samples, place + len(numbers) * frame - (left if is_cut else 0))
    is_even = max(begins) - min(begins) <= stray
    are_whole = packets.partial.isdisjoint(range(first, end - is_cut))
    is_there = samples - heard <= _MISSING_SECONDS * rate
    return SoundCopy(numbers, -place, heard) if is_even and are_whole and is_there else None
