"""Smart cuts: which packets of a video's sound can be copied as they are coded."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction
from statistics import fmean
from typing import NamedTuple

from reelqueue.planning.clips.edit import Edit
from reelqueue.planning.clips.smart_cut import changes_only_time
from reelqueue.specs.clips.clip import ClipSpec

_CHOSEN = {"mute", "track"}  # choices that leave the sound as it is
_STRAY_SECONDS = 0.002  # by which packets may be off: some of their times are rounded to 1 ms
_MISSING_SECONDS = 0.1  # by which the sound of a video may end before its pictures


class SoundPacket(NamedTuple):
    """A packet of coded sound: when it begins and how long it lasts, in ticks.

    `is_whole` is False if some of what it holds is not heard.
    """

    time: int
    duration: int
    is_whole: bool


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
    packets: Sequence[SoundPacket],
    tick: Fraction,
    rate: int,
    frame: int,
    start: float,
    duration: float,
) -> SoundCopy | None:
    """Return the packets that hold a part of a video's sound, and the one before them if any.

    None if some sound is missing, but for a moment at the end, or if the packets do not follow each
    other.

    Args:
        packets: those of the part, in the order of the file, with some before and after it.
        tick: seconds.
        rate: samples a second.
        frame: samples in a packet.
        start: where the part starts, in seconds.
        duration: of the part, in seconds.
    """
    begin, samples = round(start * rate), round(duration * rate)
    places = [round(packet.time * tick * rate) - begin for packet in packets]
    first, end = bisect_right(places, 0) - 1, bisect_left(places, samples)
    if first < 0:
        return None
    numbers = range(max(first - 1, 0), end)
    starts = [places[number] - step * frame for step, number in enumerate(numbers)]
    start_place, stray = round(fmean(starts)), _STRAY_SECONDS * rate
    is_even = max(starts) - min(starts) <= stray
    last = packets[end - 1]
    left = frame - round(last.duration * tick * rate)  # of the last packet, at the end of the file
    is_cut = left > stray
    are_whole = all(packet.is_whole for packet in packets[first : end - 1])
    heard = min(samples, start_place + len(numbers) * frame - (left if is_cut else 0))
    is_there = samples - heard <= _MISSING_SECONDS * rate
    if is_even and are_whole and (last.is_whole or is_cut) and is_there:
        return SoundCopy(numbers, -start_place, heard)
    return None
