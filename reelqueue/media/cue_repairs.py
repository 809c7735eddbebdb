"""Repair the cues of a file, so that they can be shown one after another."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, pairwise

from reelqueue.media.cue_blocks import RawCue
from reelqueue.media.word_times import Spoken, join_words
from reelqueue.specs.limits import LONGEST_MEDIA, MAX_CUE_CHARACTERS, MAX_CUES_AT_ONCE
from reelqueue.specs.text import clean_text

_TOUCH = 0.05  # seconds between two cues that follow each other at once
_SHORTEST_GIVEN, _LONGEST_GIVEN = 0.5, 1.0  # seconds of a cue that has no length

_Repaired = tuple[list[RawCue], str]
"""Cues after a repair, and a warning about it; an empty one if there is nothing to say."""


def repair_cues(cues: Iterable[RawCue]) -> tuple[list[RawCue], list[str]]:
    """Return cues that can be shown, by their start, and sentences about what was changed."""
    repaired, warnings = _clean(cues), []
    for repair in _REPAIRS:
        repaired, warning = repair(repaired)
        warnings.append(warning)
    return repaired, [warning for warning in warnings if warning]


def _clean(cues: Iterable[RawCue]) -> list[RawCue]:
    """Return the cues that have text, each once, ordered by their start."""
    once: dict[tuple[float, float, str], RawCue] = {}
    for cue in cues:
        text = clean_text(cue.text)
        key = cue.start, cue.end, text
        if text and (key not in once or (cue.words and not once[key].words)):
            once[key] = cue._replace(text=text)
    return sorted(once.values(), key=lambda cue: cue.start)


def _shorten(cues: list[RawCue]) -> _Repaired:
    """Cut off texts that are too long."""
    long = [cue for cue in cues if len(cue.text) > MAX_CUE_CHARACTERS]
    if not long:
        return cues, ""
    short = [cue._replace(text=clean_text(cue.text[:MAX_CUE_CHARACTERS])) for cue in cues]
    return short, f"{_name_cues(long)}: cut off after {MAX_CUE_CHARACTERS} characters."


def _join_marked(cues: list[RawCue]) -> _Repaired:
    """Join cues of the same text of which each marks the word that is spoken.

    Speech recognition writes a cue for each word, and between them some without a mark.
    """
    runs: list[list[RawCue]] = []
    for cue in cues:
        last = runs[-1][-1] if runs else None
        if last and cue.text == last.text and abs(cue.start - last.end) <= _TOUCH:
            runs[-1].append(cue)
        else:
            runs.append([cue])
    return [cue for run in runs for cue in _join_run(run)], ""


def _join_run(run: list[RawCue]) -> list[RawCue]:
    """Return the cue of which a run marks the words, or the run if it does not."""
    text, marked = run[0].text, [(cue, *cue.mark) for cue in run if cue.mark]
    letters = [place for place, letter in enumerate(text) if not letter.isspace()]
    bounds = [0, *chain.from_iterable(mark for _, *mark in marked), len(letters)]
    if len(marked) < 2 or any(after < before for before, after in pairwise(bounds)):
        return [*run]
    parts, at = [], 0
    for cue, begin, end in marked:
        first, last = letters[begin], letters[end - 1] + 1
        parts += [Spoken(text[at:first]), Spoken(text[first:last], cue.start, cue.end)]
        at = last
    words = join_words([*parts, Spoken(text[at:])])
    return [run[0]._replace(end=run[-1].end, words=words)]


def _unroll(cues: list[RawCue]) -> _Repaired:
    """Show each line once where cues repeat the last lines of the one before.

    YouTube's automatic captions roll: a cue shows the line before and adds one, and another cue of
    10 ms holds both.
    """
    pairs = list(pairwise(cues))
    repeats = sum(_count_repeated(before, cue) > 0 for before, cue in pairs)
    if repeats < max(2, len(pairs) / 2):
        return cues, ""
    kept = cues[:1]
    for before, cue in pairs:
        lines = cue.text.split("\n")[_count_repeated(before, cue) :]
        if lines:
            kept.append(cue._replace(text="\n".join(lines)))
        else:
            kept[-1] = kept[-1]._replace(end=max(kept[-1].end, cue.end))
    return kept, ""


def _count_repeated(before: RawCue, cue: RawCue) -> int:
    """Return how many lines at the end of a cue are the first ones of the cue that follows it."""
    if cue.start > before.end + _TOUCH:
        return 0
    old, new = before.text.split("\n"), cue.text.split("\n")
    counts = range(min(len(old), len(new)), 0, -1)
    return next((count for count in counts if old[-count:] == new[:count]), 0)


def _end_overlaps(cues: list[RawCue]) -> _Repaired:
    """End each cue where the next one starts, if nearly all overlap: it is then no dialogue.

    Converters of automatic captions keep a line for as long as it was to be seen above the next.
    """
    pairs = list(pairwise(cues))
    overlaps = sum(cue.start < after.start < cue.end < after.end for cue, after in pairs)
    if overlaps < max(3, len(pairs) * 0.8):
        return cues, ""
    ended = [
        cue._replace(end=after.start) if cue.start < after.start < cue.end else cue
        for cue, after in pairs
    ]
    return [*ended, cues[-1]], "Captions that overlap the next one end where it starts."


def _lengthen(cues: list[RawCue]) -> _Repaired:
    """Give a length to cues that end where they start, or before, as Whisper writes them.

    One that starts with the next one becomes a part of it.
    """
    wrong = [cue for cue in cues if cue.end <= cue.start]
    if not wrong:
        return cues, ""
    kept: list[RawCue] = []
    for cue, after in pairwise([*cues, RawCue(0, math.inf, math.inf, "")]):
        if kept and kept[-1].end <= kept[-1].start == cue.start:
            cue = cue._replace(text=f"{kept.pop().text}\n{cue.text}")
        if cue.end <= cue.start < after.start:
            seconds = min(max(after.start - cue.start, _SHORTEST_GIVEN), _LONGEST_GIVEN)
            cue = cue._replace(end=round(cue.start + seconds, 3))
        kept.append(cue)
    return kept, (
        f"{_name_cues(wrong)}: the end is not after the start: shown until the next one, for up to "
        f"{_LONGEST_GIVEN:g} second."
    )


def _bound_times(cues: list[RawCue]) -> _Repaired:
    """Leave out what lies after the end of the longest video."""
    kept = [
        cue._replace(start=max(cue.start, 0.0), end=min(cue.end, LONGEST_MEDIA))
        for cue in cues
        if cue.start < LONGEST_MEDIA
    ]
    late = len(cues) - len(kept)
    hours = LONGEST_MEDIA // 3600
    return kept, f"{_count(late)} left out: they start after {hours} hours." if late else ""


def _thin(cues: list[RawCue]) -> _Repaired:
    """Keep as many captions as can be shown at the same moment."""
    kept: list[RawCue] = []
    shown: list[RawCue] = []
    for cue in cues:
        shown = [other for other in shown if other.end > cue.start]
        if len(shown) < MAX_CUES_AT_ONCE:
            shown.append(cue)
            kept.append(cue)
    excess = len(cues) - len(kept)
    warning = f"{_count(excess)} left out: at most {MAX_CUES_AT_ONCE} are shown at the same moment."
    return kept, warning if excess else ""


_REPAIRS: Sequence[Callable[[list[RawCue]], _Repaired]] = (
    _shorten,
    _join_marked,
    _unroll,
    _end_overlaps,
    _lengthen,
    _shorten,
    _bound_times,
    _thin,
)


def _count(number: int) -> str:
    return f"{number} caption{'' if number == 1 else 's'}"


def _name_cues(cues: Sequence[RawCue]) -> str:
    return name_lines([cue.number for cue in cues])


def name_lines(numbers: Sequence[int]) -> str:
    """Return the name of some lines of a file, of which five are named at most."""
    named = ", ".join(map(str, numbers[:5]))
    more = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
    return f"Line{'' if len(numbers) == 1 else 's'} {named}{more}"
