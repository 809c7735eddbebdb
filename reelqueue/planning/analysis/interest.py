"""How interesting each second of a video is, and why."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

from reelqueue.planning.analysis.questions import find_exchanges
from reelqueue.specs.clips.captions import Word


class Reason(StrEnum):
    """Why a part of a video is interesting, as a sentence says it."""

    QUESTION = "a question and its answer"
    LAUGHTER = "loud sound without words right after speech, such as laughter or applause"
    LOUD = "louder than what is around it"
    MOTION = "much motion"
    CUTS = "many cuts in a short time"


WEIGHTS: Mapping[Reason, float] = {
    Reason.QUESTION: 0.5,
    Reason.LAUGHTER: 0.6,
    Reason.LOUD: 0.4,
    Reason.MOTION: 0.3,
    Reason.CUTS: 0.2,
}

_AROUND_SECONDS = 30  # to both sides, for what is usual
_LEAST_RISE, _FULL_RISE = 2.0, 8.0  # LU above what is usual
_FAR_BELOW = 15.0  # LU below the loudest second, where nothing counts as loud
_LEAST_MOTION = 0.5  # of 255, above the motion of most seconds
_CUTS_SECONDS = 5  # to both sides
_FEW_CUTS, _MANY_CUTS = 2, 6  # in these ten seconds
_AFTER_SPEECH_SECONDS = 2
_LAUGHTER = 0.3  # of what counts as loud
_LONGEST_LAUGHTER = 15  # seconds; what is loud for longer may be music
_HEARD_LAUGHTER = 0.5  # of what counts as loud, where speech recognition wrote down a laugh
_LAUGH = re.compile(r"(ha){2,}h?|(he){2,}h?|(hi){2,}|(ho){2,}")


@dataclass(frozen=True)
class Observed:
    """What is known of each second of a video.

    Attributes:
        duration: of the video, in seconds.
        levels: loudness in LUFS of each tenth of a second; empty without sound.
        motion: how much the pictures move in each second, of 255.
        cuts: where scenes change, in seconds.
        words: what is spoken, if that is known.
    """

    duration: float
    levels: Sequence[float] = ()
    motion: Sequence[float] = ()
    cuts: Sequence[float] = ()
    words: Sequence[Word] = field(default=())


def measure_interest(observed: Observed) -> dict[Reason, list[float]]:
    """Return how strong each reason is in each second, from 0 to 1."""
    seconds = len(observed.motion)
    loud = _measure_loudness(_average_seconds(observed.levels, seconds), seconds)
    laughter = _find_laughter(observed.words, loud)
    beside_words = _list_beside(observed.words) if observed.words else range(seconds)
    return {
        Reason.QUESTION: _find_questions(observed.words, seconds),
        Reason.LAUGHTER: laughter,
        Reason.LOUD: [
            0.0 if laugh or second not in beside_words else level
            for second, (level, laugh) in enumerate(zip(loud, laughter, strict=True))
        ],
        Reason.MOTION: _measure_motion(observed.motion),
        Reason.CUTS: _count_cuts(observed.cuts, seconds),
    }


def _average_seconds(levels: Sequence[float], seconds: int) -> list[float]:
    """Return the mean level of each second; nothing without sound."""
    parts = (levels[10 * second : 10 * second + 10] for second in range(seconds))
    return [sum(part) / len(part) if part else min(levels) for part in parts] if levels else []


def _measure_loudness(levels: Sequence[float], seconds: int) -> list[float]:
    """Return how far each second rises above the median of the minute around it."""
    if not levels:
        return [0.0] * seconds
    least = max(levels) - _FAR_BELOW
    usual = _find_medians(levels)
    span = _FULL_RISE - _LEAST_RISE
    return [
        _clamp((level - median - _LEAST_RISE) / span) if level > least else 0.0
        for level, median in zip(levels, usual, strict=True)
    ]


def _find_medians(values: Sequence[float]) -> list[float]:
    """Return the median of what is around each value."""
    window: list[float] = sorted(values[:_AROUND_SECONDS])
    medians = []
    for number in range(len(values)):
        if number + _AROUND_SECONDS < len(values):
            insort(window, values[number + _AROUND_SECONDS])
        if number > _AROUND_SECONDS:
            del window[bisect_left(window, values[number - _AROUND_SECONDS - 1])]
        medians.append(window[len(window) // 2])
    return medians


def _measure_motion(motion: Sequence[float]) -> list[float]:
    """Return how far the motion of each second is above that of most seconds."""
    if not motion:
        return []
    ordered = sorted(motion)
    usual, great = ordered[len(ordered) // 2], ordered[int(0.95 * (len(ordered) - 1))]
    span = max(great - usual, _LEAST_MOTION)
    return [_clamp((each - usual) / span) if each - usual > _LEAST_MOTION else 0 for each in motion]


def _count_cuts(cuts: Sequence[float], seconds: int) -> list[float]:
    """Return how many scenes change around each second."""
    counts = []
    for second in range(seconds):
        first = bisect_left(cuts, second + 0.5 - _CUTS_SECONDS)
        counts.append(bisect_left(cuts, second + 0.5 + _CUTS_SECONDS) - first)
    return [_clamp((count - _FEW_CUTS) / (_MANY_CUTS - _FEW_CUTS)) for count in counts]


def _find_laughter(words: Sequence[Word], loud: Sequence[float]) -> list[float]:
    """Return what is loud for some seconds without a word in it, right after words.

    Behind the last word it is as likely a jingle as applause, unless speech recognition wrote a
    laugh down. That is no word, and need not be loud.
    """
    laughs = _list_seconds(word for word in words if _is_laugh(word))
    spoken = _list_seconds(word for word in words if not _is_laugh(word)) - laughs
    levels = [
        max(level, _HEARD_LAUGHTER) if second in laughs else level
        for second, level in enumerate(loud)
    ]
    wordless = [level >= _LAUGHTER and second not in spoken for second, level in enumerate(levels)]
    found, second = [0.0] * len(loud), 0
    for is_wordless, group in groupby(wordless):
        first, second = second, second + len(list(group))
        before = range(first - _AFTER_SPEECH_SECONDS, first)
        is_short = second - first <= _LONGEST_LAUGHTER
        is_after = not spoken.isdisjoint(before)
        is_told = second <= max(spoken, default=0) or not laughs.isdisjoint(range(first, second))
        if is_wordless and is_short and is_after and is_told:
            found[first:second] = levels[first:second]
    return found


def _list_seconds(words: Iterable[Word]) -> set[int]:
    return {second for word in words for second in range(int(word.start), int(word.end) + 1)}


def _list_beside(words: Sequence[Word]) -> set[int]:
    """Return the seconds of words and around them: where no one talks, a jingle may be loud."""
    reach = range(-_AFTER_SPEECH_SECONDS, _AFTER_SPEECH_SECONDS + 1)
    return {second + offset for second in _list_seconds(words) for offset in reach}


def _is_laugh(word: Word) -> bool:
    return _LAUGH.fullmatch(re.sub(r"[\W_]", "", word.text).casefold()) is not None


def _find_questions(words: Sequence[Word], seconds: int) -> list[float]:
    """Return the seconds of questions and of their answers."""
    found = [0.0] * seconds
    for exchange in find_exchanges(words):
        last = min(int(exchange.end) + 1, seconds)
        for second in range(int(exchange.start), last):
            found[second] = 1.0
    return found


def _clamp(value: float) -> float:
    return min(1.0, max(0.0, value))
