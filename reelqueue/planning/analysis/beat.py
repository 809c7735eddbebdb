"""The beat of a clock or of music beside a voice, as it breaks silences: times are in windows.

A window has 10 ms, as in `reelqueue.planning.analysis.loudness`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from reelqueue.planning.analysis.runs import Run

_LONGEST_STROKE = 8  # a spoken word lasts longer
_APART = 20  # of silence before and after a stroke; within a word there is less
_LONGEST_BEAT = 150
_FEWEST = 4  # times that two strokes must be a beat apart
_LEAST_SHARE = 0.5  # of the strokes near others that must be a beat apart
_JITTER = 1  # from one stroke to the next
_DRIFT = 2  # from a stroke to one that is some beats away
_MOST_BEATS = 8  # between these: the strokes between them are not heard beside words


def find_strokes(*parts: Sequence[Run]) -> list[list[Run]]:
    """Return the short sounds between silences that come in a steady beat; none without one.

    Each is heard a whole number of beats after another of its part, or before it. The beat is that
    of all parts together: a short one has too few strokes to tell it.

    Args:
        parts: of a recording, each with its silences of any length, in their order.

    Returns:
        Those of each part.
    """
    strokes = [_list_short(silences) for silences in parts]
    gaps = [_list_gaps(part) for part in strokes]
    beat = _find_beat([gap for part in gaps for gap in part if gap <= _LONGEST_BEAT])
    if beat is None:
        return [[] for _ in parts]
    return [
        [stroke for stroke, *near in zip(part, fits, fits[1:], strict=False) if any(near)]
        for part, apart in zip(strokes, gaps, strict=True)
        for fits in [[False, *(_is_multiple(gap, beat) for gap in apart), False]]
    ]


def _list_short(silences: Sequence[Run]) -> list[Run]:
    return [
        (before[1], after[0])
        for before, after in pairwise(silences)
        if after[0] - before[1] <= _LONGEST_STROKE
        and min(before[1] - before[0], after[1] - after[0]) >= _APART
    ]


def _list_gaps(strokes: Sequence[Run]) -> list[float]:
    """Return how far the middle of each stroke is from that of the next."""
    return [(sum(after) - sum(before)) / 2 for before, after in pairwise(strokes)]


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


def _is_multiple(gap: float, beat: float) -> bool:
    beats = round(gap / beat)
    return 1 <= beats <= _MOST_BEATS and abs(gap - beats * beat) <= _DRIFT
