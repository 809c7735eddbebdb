"""The beat of a clock or of music beside a voice, as it breaks silences: times are in windows.

A window has 10 ms, as in `reelqueue.planning.analysis.loudness`.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from statistics import median
from typing import NamedTuple

from reelqueue.planning.analysis.runs import Run

_LONGEST_STROKE = 8  # a spoken word lasts longer
_APART = 20  # of silence before and after a stroke; within a word there is less
_BESIDE = 5  # between a stroke and a word
_LONGEST_BEAT = 150
_FEWEST = 4  # times that two strokes must be a beat apart
_LEAST_SHARE = 0.5  # of the strokes near others that must be a beat apart
_JITTER = 1  # from one stroke to the next
_DRIFT = 2  # from a stroke to one that is some beats away
_MOST_BEATS = 8  # between these: the strokes between them are not heard beside words
_MOST_ALIKE = 30  # the same for strokes that are as loud as others
_ALIKE = 1.4  # times the power of a stroke that another has


class Recorded(NamedTuple):
    """A part of a recording.

    Attributes:
        silences: of any length, in their order.
        powers: of the windows.
    """

    silences: Sequence[Run]
    powers: Sequence[float]


def find_strokes(*parts: Recorded) -> list[list[Run]]:
    """Return the short sounds between silences that come in a steady beat; none without one.

    Each is heard a whole number of beats after another of its part, or before it. Close to a word
    it must be as loud as strokes are elsewhere, too: words have sounds as short. The beat is that
    of all parts together: a short one has too few strokes to tell it.

    Returns:
        Those of each part, in their order.
    """
    alone = [_list_short(part.silences, _APART) for part in parts]
    gaps = chain.from_iterable(map(_list_gaps, alone))
    beat = _find_beat([gap for gap in gaps if gap <= _LONGEST_BEAT])
    if beat is None:
        return [[] for _ in parts]
    sure = [_list_steady(strokes, beat) for strokes in alone]
    loudness = median(
        _measure_peak(part, stroke)
        for part, strokes in zip(parts, sure, strict=True)
        for stroke in strokes
    )
    return [
        sorted({*strokes, *_list_alike(part, strokes, beat, loudness)})
        for part, strokes in zip(parts, sure, strict=True)
    ]


def _list_short(silences: Sequence[Run], least: int) -> list[Run]:
    """Return the short sounds with so much silence before and after, and enough on one side."""
    return [
        (before[1], after[0])
        for before, after in pairwise(silences)
        for lengths in [(before[1] - before[0], after[1] - after[0])]
        if after[0] - before[1] <= _LONGEST_STROKE
        and min(lengths) >= least
        and max(lengths) >= _APART
    ]


def _list_gaps(strokes: Sequence[Run]) -> list[float]:
    """Return how far the middle of each stroke is from that of the next."""
    return [_find_middle(after) - _find_middle(before) for before, after in pairwise(strokes)]


def _list_steady(strokes: Sequence[Run], beat: float) -> list[Run]:
    """Return the strokes that are a whole number of beats from the one before or after."""
    fits = [False, *(_is_multiple(gap, beat) for gap in _list_gaps(strokes)), False]
    return [stroke for stroke, *near in zip(strokes, fits, fits[1:], strict=False) if any(near)]


def _list_alike(
    part: Recorded, strokes: Sequence[Run], beat: float, loudness: float
) -> Iterator[Run]:
    """Yield the sounds in the beat of the strokes near them that are as loud."""
    middles = list(map(_find_middle, strokes))
    for sound in _list_short(part.silences, _BESIDE):
        middle = _find_middle(sound)
        place = bisect(middles, middle)
        near = middles[max(0, place - 1) : place + 1]
        ratio = _measure_peak(part, sound) / loudness
        if 1 / _ALIKE <= ratio <= _ALIKE and any(
            _is_multiple(abs(middle - stroke), beat, _MOST_ALIKE) for stroke in near
        ):
            yield sound


def _find_middle(sound: Run) -> float:
    return sum(sound) / 2


def _measure_peak(part: Recorded, sound: Run) -> float:
    return max(part.powers[slice(*sound)])


def _find_beat(gaps: Sequence[float]) -> float | None:
    """Return the gap that most of them have, if there are enough."""
    counts = Counter(gaps)  # of few values, however many gaps: they are whole or half windows

    def find_same(gap: float) -> list[float]:
        return [each for each in counts if abs(each - gap) <= _JITTER]

    same = max(
        map(find_same, counts), key=lambda same: sum(counts[gap] for gap in same), default=[]
    )
    total = sum(counts[gap] for gap in same)
    if total < max(_FEWEST, _LEAST_SHARE * len(gaps)):
        return None
    return sum(gap * counts[gap] for gap in same) / total


def _is_multiple(gap: float, beat: float, most: int = _MOST_BEATS) -> bool:
    beats = round(gap / beat)
    return 1 <= beats <= most and abs(gap - beats * beat) <= _DRIFT
