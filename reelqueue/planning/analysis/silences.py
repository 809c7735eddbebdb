"""Silences: where a recording is much quieter than it usually is."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from reelqueue.media.facts import Span
from reelqueue.planning.analysis.beat import find_strokes
from reelqueue.planning.analysis.loudness import (
    FLOOR,
    WINDOW,
    average_powers,
    integrate_loudness,
    to_lufs,
    to_power,
)
from reelqueue.planning.analysis.runs import Run, list_runs
from reelqueue.planning.analysis.sound import Sound

SHORTEST_SILENCE = 0.3
"""Seconds. Within a word, sound stops for less than half of that."""

_FARTHEST, _NEAREST = 30.0, 12.0  # LU below the recording's loudness that silence begins
_ABOVE_NOISE = 6.0  # LU
_FARTHEST_VOICE, _VOICE_ABOVE_NOISE = 40.0, 4.0  # the same for sound that has a pitch
_VOICED = 0.6  # of voicing: breaths, clicks and noise stay below
_SHORTEST_VOICE = 4  # windows; noise has a pitch for less
_LONGEST_EDGE = 15  # windows in which an f fades at the end of a word, or grows at the beginning
_NOISE_SHARE = 0.05  # of the recording that is at least as quiet as its noise
_NOISE_WINDOWS = 10  # over which noise is averaged
_CLICK = 3  # windows of sound that do not end a silence


@dataclass(frozen=True)
class Thresholds:
    """The loudness in LUFS up to which sound is silence, and up to which a voice is."""

    sound: float
    voice: float


def keep_longest(silences: Sequence[Span], most: int) -> tuple[Span, ...]:
    """Return at most so many of the silences, in their order."""
    longest = sorted(silences, key=lambda silence: silence.start - silence.end)
    return tuple(sorted(longest[:most], key=lambda silence: silence.start))


def find_silences(*parts: Sound) -> tuple[Span, ...]:
    """Return the silences in parts of a recording, in their order, by how loud all of them are.

    Silence is what is near the noise of the recording, or 30 LU below its loudness, and in any case
    12 LU below. So quiet recordings have silences as loud ones do, and steady noise has none. What
    has a pitch, as words have, is silent only nearer to the noise, or 40 LU below. The strokes of a
    clock, or of music that has nothing else, do not end a silence.
    """
    everything = array("f", chain.from_iterable(part.powers for part in parts))
    if not everything:
        return ()
    thresholds = find_thresholds(everything)
    return tuple(
        Span(start=round(part.start + start * WINDOW, 3), end=round(part.start + end * WINDOW, 3))
        for part in parts
        for start, end in _list_quiet(part, thresholds)
        if (end - start) * WINDOW >= SHORTEST_SILENCE
    )


def _list_quiet(sound: Sound, thresholds: Thresholds) -> Iterator[Run]:
    """Yield the silences of any length."""
    if sound.powers:
        levels = _smooth(sound.powers)
        threshold, least = to_power(thresholds.sound), to_power(thresholds.voice)
        quiet = bytearray(power <= threshold for power in levels)
        for start, end in _list_voices(sound, least):
            quiet[start:end] = bytes(end - start)
        _close_clicks(quiet)
        for start, end in find_strokes(list(list_runs(quiet, 1))):
            quiet[start:end] = b"\1" * (end - start)
        for start, end in list_runs(quiet, 1):
            first, last = max(start, end - _LONGEST_EDGE), min(end, start + _LONGEST_EDGE)
            fading = _count_louder(levels[start:last], least) if start else 0
            growing = _count_louder(levels[first:end][::-1], least) if end < len(levels) else 0
            if start + fading < end - growing:
                yield start + fading, end - growing


def find_thresholds(powers: Sequence[float]) -> Thresholds:
    """Return the loudness up to which a recording is silent."""
    loudness = integrate_loudness(powers)
    levels = sorted(average_powers(powers, _NOISE_WINDOWS))
    noise = to_lufs(levels[int(_NOISE_SHARE * len(levels))])
    sound = min(max(noise + _ABOVE_NOISE, loudness - _FARTHEST), loudness - _NEAREST)
    voice = max(noise + _VOICE_ABOVE_NOISE, loudness - _FARTHEST_VOICE)
    return Thresholds(sound=max(FLOOR, sound), voice=max(FLOOR, voice))


def _smooth(powers: Sequence[float]) -> array[float]:
    """Return the lesser mean of the power up to each window and from it on, over three windows.

    So single windows of noise do not end a silence, and its ends stay where they are.
    """
    padded = [*[powers[0]] * 2, *powers, *[powers[-1]] * 2]
    triples = zip(padded, padded[1:], padded[2:], strict=False)
    means = array("d", (sum(triple) / 3 for triple in triples))
    return array("d", map(min, means, means[2:]))


def _list_voices(sound: Sound, threshold: float) -> Iterator[Run]:
    """Yield what has a pitch long enough to be part of a word."""
    voiced = (
        voice > _VOICED and power > threshold
        for power, voice in zip(sound.powers, sound.voicing, strict=True)
    )
    for start, end in list_runs(voiced, True):
        if end - start >= _SHORTEST_VOICE:
            yield start, end


def _count_louder(levels: Sequence[float], least: float) -> int:
    """Return how many levels are louder than the least before the first that is not."""
    return next((number for number, level in enumerate(levels) if level <= least), len(levels))


def _close_clicks(quiet: bytearray) -> None:
    """Count very short sounds within a silence as silent."""
    for start, end in list(list_runs(quiet, 0)):
        if end - start <= _CLICK and start > 0 and end < len(quiet):
            quiet[start:end] = b"\1" * (end - start)
