"""Silences: where a recording is much quieter than it usually is."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import NamedTuple

from reelqueue.media.facts import Span
from reelqueue.planning.analysis.beat import Recorded, find_strokes
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

_SPEECH = 0.25  # how likely the least of it is
_SURE_SPEECH, _LEAST_SPEECH = 0.5, 0.1  # how likely it is, and its share of a recording of speech
_BESIDE_SPEECH = 10  # windows before and after it that may be of its words
_LONGEST_PAUSE = 400  # windows between words; what lasts longer is something to hear
_FARTHEST_PAUSE = 8.0  # LU below the recording's loudness


@dataclass(frozen=True)
class Thresholds:
    """The loudness in LUFS up to which sound is silence.

    Attributes:
        sound: for any sound.
        voice: for what has a pitch.
        pause: for what has none, between words.
    """

    sound: float
    voice: float
    pause: float


class _Part(NamedTuple):
    """A part of a recording, and how loud its windows are with those beside them."""

    sound: Sound
    levels: Sequence[float]


def keep_longest(silences: Sequence[Span], most: int) -> tuple[Span, ...]:
    """Return at most so many of the silences, in their order."""
    longest = sorted(silences, key=lambda silence: silence.start - silence.end)
    return tuple(sorted(longest[:most], key=lambda silence: silence.start))


def find_silences(*parts: Sound) -> tuple[Span, ...]:
    """Return the silences in parts of a recording, in their order, by how loud all of them are.

    Silence is what is near the noise of the recording, or 30 LU below its loudness, and in any case
    12 LU below. So quiet recordings have silences as loud ones do, and steady noise has none. What
    has a pitch, as words have, is silent only nearer to the noise, or 40 LU below. The strokes of a
    clock, or of music that has nothing else, do not end a silence; their beat is that of all parts.

    Where it is known when people speak, up to four seconds between their words are silence, too,
    from 8 LU below the recording's loudness on: a breath, a movement, the noise of a room. What has
    a pitch is judged as before, and so is a recording in which people speak for less than a tenth.
    """
    everything = array("f", chain.from_iterable(part.powers for part in parts))
    if not everything:
        return ()
    thresholds = find_thresholds(everything)
    heard = [_Part(part, _smooth(part.powers)) for part in parts if part.powers]
    quiet = [_mark_quiet(part, thresholds.sound, thresholds.voice) for part in heard]
    beats = find_strokes(
        *(
            Recorded(list(list_runs(flags, 1)), part.levels)
            for part, flags in zip(heard, quiet, strict=True)
        )
    )
    is_speech = _is_speech(parts)
    silences: list[Span] = []
    for part, flags, strokes in zip(heard, quiet, beats, strict=True):
        runs = list(_list_quiet(part.levels, flags, strokes, to_power(thresholds.voice)))
        if is_speech:
            runs = _join_runs(len(flags), (*runs, *_list_pauses(part, thresholds)))
        silences += (
            Span(
                start=round(part.sound.start + start * WINDOW, 3),
                end=round(part.sound.start + end * WINDOW, 3),
            )
            for start, end in runs
            if (end - start) * WINDOW >= SHORTEST_SILENCE
        )
    return tuple(silences)


def _mark_quiet(part: _Part, sound: float, voice: float) -> bytearray:
    """Return whether each window is quiet.

    Args:
        part: of a recording.
        sound: the loudness up to which sound is quiet.
        voice: the same for what has a pitch.
    """
    threshold = to_power(sound)
    quiet = bytearray(power <= threshold for power in part.levels)
    for start, end in _list_voices(part.sound, to_power(voice)):
        quiet[start:end] = bytes(end - start)
    _close_clicks(quiet)
    return quiet


def _list_quiet(
    levels: Sequence[float], quiet: bytearray, strokes: Iterable[Run], least: float
) -> Iterator[Run]:
    """Yield the silences of any length, without the edges of words that fade into them.

    Args:
        levels: of the windows.
        quiet: whether each is quiet; strokes become it.
        strokes: that do not end a silence.
        least: what is louder can be the edge of a word.
    """
    for start, end in strokes:
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
    return Thresholds(
        sound=max(FLOOR, sound),
        voice=max(FLOOR, voice),
        pause=max(FLOOR, loudness - _FARTHEST_PAUSE),
    )


def _is_speech(parts: Iterable[Sound]) -> bool:
    """Tell whether people speak in a recording."""
    likely = list(chain.from_iterable(part.speech for part in parts))
    return sum(each >= _SURE_SPEECH for each in likely) > _LEAST_SPEECH * len(likely)


def _list_pauses(part: _Part, thresholds: Thresholds) -> Iterator[Run]:
    """Yield what is quieter than the words before and after it."""
    quiet = _mark_quiet(part, thresholds.pause, thresholds.voice)
    words = list_runs((likely >= _SPEECH for likely in part.sound.speech), True)
    for before, after in pairwise(words):
        start, end = before[1] + _BESIDE_SPEECH, after[0] - _BESIDE_SPEECH
        if start < end and after[0] - before[1] <= _LONGEST_PAUSE:
            for first, last in list_runs(quiet[start:end], 1):
                yield start + first, start + last


def _join_runs(size: int, runs: Iterable[Run]) -> list[Run]:
    """Return runs of so many windows as one where they meet."""
    flags = bytearray(size)
    for start, end in runs:
        flags[start:end] = b"\1" * (end - start)
    return list(list_runs(flags, 1))


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
