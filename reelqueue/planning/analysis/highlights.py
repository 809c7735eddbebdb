"""Highlights: the parts of a video that are proposed for clips."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from reelqueue.media.analysis import Highlight
from reelqueue.media.facts import Span
from reelqueue.planning.analysis.boundaries import Boundaries, Boundary, list_boundaries
from reelqueue.planning.analysis.interest import WEIGHTS, Observed, Reason, measure_interest
from reelqueue.specs.analysis import HighlightChoice

_PEAK_SHARE = 0.6  # of the score; the rest is the mean of the whole part
_LEAD_SHARE = 0.25  # of a part that comes before its peak, or else it scores less
_WITHOUT_LEAD = 0.7
_CUT_OFF = 0.8  # of its score keeps a part that begins or ends without a pause
_SPLIT = 0.7  # of its score keeps a part that begins or ends within a sentence
_LONG_SILENCE = 2.0  # seconds
_NOTABLE = 0.05  # of a score, from which on a reason is given
_SECOND = 0.5  # of the first reason, from which on a second one is given
_DULL = "Nothing stands out here."
_EPSILON = 1e-6  # seconds


def plan_highlights(
    observed: Observed, silences: Sequence[Span], choice: HighlightChoice
) -> tuple[Highlight, ...]:
    """Return the best parts of a video, the best one first; they do not overlap.

    They begin and end at pauses, between sentences if possible and never within a word; without
    pauses where scenes change, and where there is neither, at quiet moments. Each lasts at least
    half of `choice.duration`, unless the video is shorter, and never longer.

    Args:
        observed: the video.
        silences: of its sound, in their order.
        choice: how many, and how long.
    """
    curves = _Curves(measure_interest(observed))
    boundaries = list_boundaries(observed, silences, choice.duration)
    long = [silence for silence in silences if silence.end - silence.start > _LONG_SILENCE]
    rated = [
        (
            _rate_boundaries(start, end)
            * _rate_sound(long, start.time, end.time)
            * curves.rate(start.time, end.time),
            start.time,
            end.time,
        )
        for start, end in _list_parts(boundaries, choice.duration)
    ]
    rated.sort(key=lambda part: (-part[0], part[1]))
    chosen: list[Highlight] = []
    for score, start, end in rated:
        if len(chosen) == choice.count:
            break
        if all(end <= other.start or start >= other.end for other in chosen):
            why = curves.explain(start, end)
            chosen.append(
                Highlight(start=round(start, 3), end=round(end, 3), score=round(score, 3), why=why)
            )
    return tuple(chosen)


def _list_parts(boundaries: Boundaries, longest: float) -> Iterator[tuple[Boundary, Boundary]]:
    """Yield a part for each start: it ends with a sentence, at a long pause, and is rather long."""
    if not (boundaries.starts and boundaries.ends):
        return
    whole = boundaries.ends[-1].time - boundaries.starts[0].time
    shortest = min(longest / 2, whole) - _EPSILON
    for start in (*boundaries.starts, *boundaries.moments):
        for choice in (boundaries.ends, boundaries.moments):
            first = bisect_left(choice, start.time + shortest, key=_get_time)
            last = bisect_right(choice, start.time + longest, key=_get_time)
            ends = [end for end in choice[first:last] if end.time > start.time]
            if ends:
                ends = [end for end in ends if not end.splits_sentence] or ends
                yield start, max(ends, key=lambda end: end.quality + end.time / longest)
                break


def _get_time(boundary: Boundary) -> float:
    return boundary.time


def _rate_boundaries(*boundaries: Boundary) -> float:
    """Return the factor of a score: less where sound or a sentence may be cut off."""
    factor = 1.0 if all(boundary.quality for boundary in boundaries) else _CUT_OFF
    return _SPLIT * factor if any(each.splits_sentence for each in boundaries) else factor


def _rate_sound(silences: Sequence[Span], start: float, end: float) -> float:
    """Return the factor of a score: less for a part that has long silences."""
    first = bisect_right(silences, start, key=lambda silence: silence.end)
    last = bisect_left(silences, end, key=lambda silence: silence.start)
    silent = sum(min(end, each.end) - max(start, each.start) for each in silences[first:last])
    return (1 - silent / (end - start)) ** 2


class _Curves:
    """The interest of each second, by reasons, ready for sums of any part."""

    def __init__(self, interest: dict[Reason, list[float]]) -> None:
        weighted = {
            reason: [WEIGHTS[reason] * value for value in values]
            for reason, values in interest.items()
        }
        total = [min(1.0, sum(values)) for values in zip(*weighted.values(), strict=True)]
        self._total = _Curve(total)
        self._reasons = {reason: _Curve(values) for reason, values in weighted.items()}

    def rate(self, start: float, end: float) -> float:
        """Return the score of a part, from 0 to 1."""
        return self._total.rate(start, end)

    def explain(self, start: float, end: float) -> str:
        """Return a sentence about what is interesting in a part."""
        rated = {reason: curve.rate(start, end) for reason, curve in self._reasons.items()}
        first, *others = sorted(rated, key=lambda reason: -rated[reason])
        if rated[first] < _NOTABLE:
            return _DULL
        reasons = [first, *(other for other in others[:1] if rated[other] > _SECOND * rated[first])]
        sentence = ", and ".join(reasons)
        return f"{sentence[0].upper()}{sentence[1:]}."


class _Curve:
    """Values of seconds, with their sums and with the mean of the seconds around each."""

    def __init__(self, values: Sequence[float]) -> None:
        self._sums = [0.0, *accumulate(values)]
        self._peaks = [self._average(second - 1, second + 2) for second in range(len(values))]

    def rate(self, start: float, end: float) -> float:
        """Return how much of interest there is between two times: at its peak, and on average."""
        first, last = int(start), min(len(self._peaks), int(end - _EPSILON) + 1)
        if first >= last:
            return 0.0
        peaks = self._peaks[first:last]
        peak = max(peaks)
        lead = (first + _find_middle(peaks, peak) + 0.5 - start) / (end - start)
        factor = min(1.0, _WITHOUT_LEAD + (1 - _WITHOUT_LEAD) * lead / _LEAD_SHARE)
        mean = self._average(first, last)
        return max(0.0, factor * (_PEAK_SHARE * peak + (1 - _PEAK_SHARE) * mean))

    def _average(self, first: int, last: int) -> float:
        first, last = max(0, first), min(len(self._sums) - 1, last)
        return (self._sums[last] - self._sums[first]) / (last - first)


def _find_middle(values: Sequence[float], highest: float) -> float:
    """Return the place in the middle of the highest values, counted from 0."""
    places = [place for place, value in enumerate(values) if value > highest - _EPSILON]
    return (places[0] + places[-1]) / 2
