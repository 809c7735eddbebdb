"""Where a part of a video may begin and end: at pauses, else where scenes change."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reelqueue.media.facts import Span
from reelqueue.planning.analysis.interest import Observed
from reelqueue.planning.analysis.questions import find_exchanges
from reelqueue.planning.analysis.sentences import split_sentences
from reelqueue.specs.clips.captions import Word

_LEAD, _TAIL = 0.15, 0.25  # seconds of a pause that are kept before and after what is heard
_CUT_SECONDS = 1.0  # from the sound to a change of scenes that is preferred to its end
_WORD_GAP = 0.2  # seconds between two words that are a pause
_LONG_PAUSE = 1.0  # seconds, from which on a pause is as good as any
_TENTH = 0.1


@dataclass(frozen=True)
class Boundary:
    """Where a part may begin or end.

    Attributes:
        time: in seconds.
        quality: how good it is, from 0 to 1.
        splits_sentence: whether it lies between two words of a sentence, or between a question and
            its answer.
    """

    time: float
    quality: float
    splits_sentence: bool = False


@dataclass(frozen=True)
class Boundaries:
    """Where parts may begin, where they may end, and moments that may be both, in their order.

    There are moments only where the others are far apart; their quality is 0.
    """

    starts: Sequence[Boundary]
    ends: Sequence[Boundary]
    moments: Sequence[Boundary]


def list_boundaries(observed: Observed, silences: Sequence[Span], longest: float) -> Boundaries:
    """Return where parts of a video may begin and end; never within a word that is known.

    Args:
        observed: the video.
        silences: of its sound.
        longest: seconds; where boundaries are farther apart than half of that, there are some at
            quiet moments, or at regular times without sound.
    """
    gaps = list(_list_gaps(observed.words))
    pauses = list(_list_pauses(silences, gaps)) if observed.words else list(silences)
    cuts = [cut for cut in observed.cuts if 0 < cut < observed.duration and _is_within(gaps, cut)]
    spoken = _list_spoken(observed.words)
    starts = [
        Boundary(_begin_after(pause, cuts), _rate_pause(pause), _is_in_sentence(spoken, pause.end))
        for pause in pauses
        if pause.end < observed.duration
    ]
    ends = [
        Boundary(_end_before(pause, cuts), _rate_pause(pause), _is_in_sentence(spoken, pause.end))
        for pause in pauses
        if pause.start > 0
    ]
    if not pauses:
        starts = ends = [Boundary(cut, 0.5) for cut in cuts]
    if not (pauses and pauses[0].start == 0):
        starts = [Boundary(0.0, 0.5), *starts]
    if not (pauses and pauses[-1].end >= observed.duration):
        ends = [*ends, Boundary(observed.duration, 0.5)]
    moments = _list_moments(observed, [each.time for each in ends], longest / 2)
    kept = [
        Boundary(moment, 0.0, _is_in_sentence(spoken, moment))
        for moment in moments
        if _is_within(gaps, moment)
    ]
    return Boundaries(starts, ends, kept)


def _list_gaps(words: Sequence[Word]) -> Iterator[Span]:
    """Yield the time before the first word, between words, and after the last one."""
    reached = 0.0
    for word in sorted(words, key=lambda word: word.start):
        if word.start > reached:
            yield Span(start=reached, end=word.start)
        reached = max(reached, word.end)
    yield Span(start=reached, end=math.inf)


def _list_pauses(silences: Sequence[Span], gaps: Sequence[Span]) -> Iterator[Span]:
    """Yield silences without the words that are spoken in them, and gaps between words."""
    ends = [silence.end for silence in silences]
    for gap in gaps:
        first = bisect_right(ends, gap.start)
        last = bisect_left(silences, gap.end, key=lambda silence: silence.start)
        within = [
            Span(start=max(silence.start, gap.start), end=min(silence.end, gap.end))
            for silence in silences[first:last]
        ]
        is_between = gap.start > 0 and gap.end < math.inf
        is_pause = is_between and gap.end - gap.start >= _WORD_GAP
        yield from within or ([gap] if is_pause else [])


def _is_within(gaps: Sequence[Span], time: float) -> bool:
    """Tell whether no word is spoken at a time."""
    at = bisect_right(gaps, time, key=lambda gap: gap.start) - 1
    return at >= 0 and time <= gaps[at].end


def _list_spoken(words: Sequence[Word]) -> list[tuple[float, bool]]:
    """Return when each word starts, and whether it goes on with a sentence, in their order.

    An answer goes on with its question.
    """
    answers = {exchange.answer for exchange in find_exchanges(words)}
    return sorted(
        (word.start, number > 0 or word.start in answers)
        for sentence in split_sentences(words)
        for number, word in enumerate(sentence)
    )


def _is_in_sentence(spoken: Sequence[tuple[float, bool]], time: float) -> bool:
    """Tell whether the next word after a time goes on with a sentence."""
    after = bisect_left(spoken, (time, False))
    return after < len(spoken) and spoken[after][1]


def _begin_after(pause: Span, cuts: Sequence[float]) -> float:
    """Return where a part begins that follows a pause: with its last scene, if that is near."""
    time = pause.end - min(_LEAD, (pause.end - pause.start) / 2)
    within = cuts[bisect_left(cuts, max(pause.start, pause.end - _CUT_SECONDS)) :]
    near = within[: bisect_right(within, pause.end)]
    return near[-1] if near else time


def _end_before(pause: Span, cuts: Sequence[float]) -> float:
    """Return where a part ends that a pause follows: with its scene, if that ends soon."""
    time = pause.start + min(_TAIL, (pause.end - pause.start) / 2)
    within = cuts[bisect_left(cuts, pause.start) :]
    near = [cut for cut in within[:1] if cut <= min(pause.end, pause.start + _CUT_SECONDS)]
    return near[0] if near else time


def _rate_pause(pause: Span) -> float:
    return min(1.0, (pause.end - pause.start) / _LONG_PAUSE)


def _list_moments(observed: Observed, times: Sequence[float], most: float) -> Iterator[float]:
    """Yield quiet moments where boundaries are more than `most` seconds apart."""
    for before, after in pairwise([0.0, *times, observed.duration]):
        if after - before <= most:
            continue
        parts = int(2 * (after - before) / most) + 1
        step = (after - before) / parts
        for number in range(1, parts):
            yield _find_quiet(observed.levels, before + number * step, step / 2)


def _find_quiet(levels: Sequence[float], time: float, reach: float) -> float:
    """Return the middle of the quietest tenth of a second around a time, without sound the time."""
    first = max(0, int((time - reach) / _TENTH) + 1)
    near = levels[first : int((time + reach) / _TENTH)]
    if not near:
        return time
    return (first + min(range(len(near)), key=near.__getitem__) + 0.5) * _TENTH
