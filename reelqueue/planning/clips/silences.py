"""Cut the pauses out of the segments of a clip."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from reelqueue.media.facts import Span
from reelqueue.specs.clips.captions import Word
from reelqueue.specs.clips.segments import Segment
from reelqueue.specs.limits import SHORTEST_CLIP

_AROUND_SECONDS = 10  # of a segment that tell how loud speech and pauses are, at least
_ENOUGH_SECONDS = 180  # of a video tell it, and the beat of a clock, of which little is heard alone
_GAP_SECONDS = 30.0  # decoding a shorter one is faster than to start again behind it
KEPT_SECONDS = 0.2  # of each pause, half at each side: words keep their breath
SHORTEST_PAUSE = 0.5  # a shorter one belongs to the rhythm of speech


def list_heard(segments: Sequence[Segment], duration: float) -> list[Span]:
    """Return the parts of a video that tell where segments are silent: with the time around them.

    Together they are long enough to find what is found in all of the video, and hardly longer.

    Args:
        segments: with their ends, in their order.
        duration: of the video, in seconds.
    """

    def widen(around: int) -> list[Span]:
        parts: list[Span] = []
        for segment in segments:
            assert segment.end is not None
            start, end = segment.start - around, segment.end + around
            if parts and start - parts[-1].end <= _GAP_SECONDS:
                start = parts.pop().start
            parts.append(Span(start=max(start, 0.0), end=min(end, duration)))
        return parts

    def measure(around: int) -> float:
        return sum(part.end - part.start for part in widen(around))

    enough = min(_ENOUGH_SECONDS, duration)
    place = bisect_left(range(_AROUND_SECONDS, _ENOUGH_SECONDS), enough, key=measure)
    return widen(_AROUND_SECONDS + place)


def spare_words(silences: Sequence[Span], words: Iterable[Word]) -> tuple[Span, ...]:
    """Return the silences without the words that lie within one: captions lose none.

    A transcript may have a word a little before or after its sound.

    Args:
        silences: of the video, in ascending order.
        words: of its captions, in its seconds.
    """
    times = sorted((word.start, word.end) for word in words)
    left: list[Span] = []
    for silence in silences:
        start = silence.start
        for number in range(bisect_left(times, (start,)), len(times)):
            begin, end = times[number]
            if begin >= silence.end:
                break
            if end <= silence.end:
                left.append(Span(start=start, end=max(begin, start)))
                start = max(start, end)
        left.append(Span(start=start, end=silence.end))
    return tuple(span for span in left if span.end > span.start)


def cut_silences(segments: Sequence[Segment], silences: Sequence[Span]) -> list[Segment]:
    """Return the segments without the pauses in them; all of them if nothing else is left.

    Args:
        segments: with their ends.
        silences: of the video, in ascending order.
    """
    left: list[Segment] = []
    for segment in segments:
        assert segment.end is not None
        start = segment.start
        for silence in silences:
            begin, end = max(silence.start, segment.start), min(silence.end, segment.end)
            if end - begin < SHORTEST_PAUSE:
                continue
            # A pause at an edge of a segment has a word at one side only.
            leaves = begin if begin == segment.start else begin + KEPT_SECONDS / 2
            comes = end if end == segment.end else end - KEPT_SECONDS / 2
            _add(left, segment, start, leaves)
            start = comes
        _add(left, segment, start, segment.end)
    return left or list(segments)


def list_pauses(segments: Sequence[Segment], silences: Sequence[Span]) -> tuple[Span, ...]:
    """Return what `cut_silences` cuts out of segments, in seconds of the video.

    What is cut out of two segments that touch is one pause.
    """
    left = cut_silences(segments, silences)
    pauses: list[tuple[float, float]] = []
    for segment in segments:
        at, until = segment.start, segment.end
        assert until is not None
        for part in left:
            if segment.start <= part.start < until:
                assert part.end is not None
                pauses.append((at, part.start))
                at = part.end
        pauses.append((at, until))
    joined: list[tuple[float, float]] = []
    for start, end in pauses:
        if end > start:
            begin = joined.pop()[0] if joined and joined[-1][1] == start else start
            joined.append((begin, end))
    return tuple(Span(start=round(start, 3), end=round(end, 3)) for start, end in joined)


def _add(left: list[Segment], segment: Segment, start: float, end: float) -> None:
    if round(end - start, 6) >= SHORTEST_CLIP:
        left.append(segment.model_copy(update={"start": start, "end": end}))
