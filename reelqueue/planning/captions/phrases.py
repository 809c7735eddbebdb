"""Phrases: the few words of a caption that are seen together, and which of them is spoken.

A phrase stays a moment after its last word, but gives way to the next one at once. Captions of two
speakers at the same time have a lane each, so that no word is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from typing import NamedTuple

from reelqueue.planning.captions.cues import Caption, Placed, find_frames, spell_text
from reelqueue.planning.captions.words import TimedWord, time_words
from reelqueue.planning.clips.edit import Edit
from reelqueue.specs.clips.captions import ClipCaptionStyle, CueSheet, Preset
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.text.bidi import is_right_to_left
from reelqueue.text.graphemes import split_clusters

HOLD_SECONDS = 0.3
"""For which a phrase stays after its last word, and a word stays marked before the next one."""

_PAUSE_SECONDS = 0.8  # after a longer one, another phrase begins
_SIZES = {1: 9.0, 2: 4.0, 3: 1.0, 4: 0.0, 5: 0.0, 6: 0.0}
"""What a phrase of so many words costs; those of least cost in all are chosen."""

_END_WITHIN, _NO_END_AFTER, _COMMA_AFTER = 2.0, 1.0, 0.5
_SENTENCE_ENDS = tuple(".!?…。！？؟۔।")
_CLAUSE_ENDS = tuple(",;:—、，；：،؛")


class SpokenWord(NamedTuple):
    """A word with its punctuation and space; it is spoken from frame `first` up to `end`."""

    text: str
    first: int
    end: int


class Utterance(NamedTuple):
    """The words of a caption, and which of the places above each other they have: 0, 1, ..."""

    caption: Caption
    words: tuple[SpokenWord, ...]
    lane: int


class Phrase(NamedTuple):
    """Words that are seen together in the frames from `first` up to `end`.

    `is_rtl` tells whether their paragraph, of which they may be a part, is read from right to left.
    """

    words: tuple[SpokenWord, ...]
    first: int
    end: int
    lane: int
    is_rtl: bool


class State(NamedTuple):
    """What is seen of a phrase: how many of its words have begun, and the number of the active."""

    phrase: Phrase
    begun: int
    active: int | None


@dataclass(frozen=True)
class Room:
    """How much a phrase can hold: lines of `width`; `measure` returns that of a text."""

    width: float
    lines: int
    measure: Callable[[str], float]


def time_captions(spec: ClipSpec, edit: Edit, placed: Placed) -> list[Utterance]:
    """Return the words of all captions that a clip shows, and when each is spoken."""
    utterances: list[Utterance] = []
    ends: list[int] = []  # of each lane
    sheet = spec.cue_sheet
    for caption in placed.captions:
        words = _place_words(caption, sheet, spec.caption_style, edit)
        if not words:
            continue
        lane = next((at for at, end in enumerate(ends) if end <= words[0].first), len(ends))
        ends[lane : lane + 1] = [_find_free(words[-1], edit)]
        utterances.append(Utterance(caption, words, lane))
    return utterances


def plan_phrases(
    utterances: Sequence[Utterance], preset: Preset, edit: Edit, room: Room
) -> list[Phrase]:
    """Return the phrases of a clip, lane by lane, each by the time at which it begins."""
    hold = round(HOLD_SECONDS * edit.fps)
    phrases = [
        phrase._replace(end=_find_end(phrase, hold, edit))
        for utterance in utterances
        for phrase in _split_utterance(utterance, preset, edit, room)
    ]
    phrases.sort(key=lambda phrase: (phrase.lane, phrase.first))
    ended = [
        before._replace(end=min(before.end, after.first)) if before.lane == after.lane else before
        for before, after in pairwise(phrases)
    ]
    return [phrase for phrase in [*ended, *phrases[-1:]] if phrase.first < phrase.end]


def _find_end(phrase: Phrase, hold: int, edit: Edit) -> int:
    """Return the frame at which a phrase is gone; it does not stay on a title card."""
    spoken = phrase.words[-1].end
    return min(spoken + hold, edit.end if spoken <= edit.end else edit.frames)


def group_words(
    words: Sequence[SpokenWord], most: int, pause: int, room: Room
) -> list[tuple[SpokenWord, ...]]:
    """Return words in phrases that fit, of four to six words if possible, which end where one can.

    Args:
        words: in their order. One that is wider than a line is edit.
        most: words in a phrase.
        pause: how many frames between two words end a phrase.
        room: what holds a phrase.
    """
    parts = _space_out([part for word in words for part in _cut_word(word, room)])
    full = [room.measure(part.text) for part in parts]
    bare = [room.measure(part.text.rstrip()) for part in parts]
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(parts) + 1):
        choices = []
        for start in range(end - 1, max(end - most, 0) - 1, -1):
            is_apart = end - start > 1 and parts[start + 1].first - parts[start].end >= pause
            if is_apart or not _fits(full[start:end], bare[start:end], room):
                break
            choices.append((best[start][0] + _weigh(parts[start:end]), start))
        best.append(min(choices or [(best[end - 1][0] + _SIZES[1], end - 1)]))
    phrases, end = [], len(parts)
    while end:
        start = best[end][1]
        phrases.append(tuple(parts[start:end]))
        end = start
    return phrases[::-1]


def list_states(phrases: Sequence[Phrase], edit: Edit) -> Iterator[tuple[int, tuple[State, ...]]]:
    """Yield the states that are seen from a frame on, from frame 0, one for each phrase."""
    hold = round(HOLD_SECONDS * edit.fps)
    changes = [change for phrase in phrases for change in _list_changes(phrase, hold)]
    changes.sort(key=lambda change: change[:2])
    shown: dict[int, State] = {}
    if not changes or changes[0][0] > 0:
        yield 0, ()
    for frame, group in groupby(changes, key=lambda change: change[0]):
        for _, begins, lane, state in group:
            if begins and state:
                shown[lane] = state
            else:
                shown.pop(lane, None)
        if frame < edit.frames:
            yield frame, tuple(shown[lane] for lane in sorted(shown))


def _place_words(
    caption: Caption, sheet: CueSheet, style: ClipCaptionStyle, edit: Edit
) -> tuple[SpokenWord, ...]:
    """Return the words of a caption that fall into its frames."""
    cue = sheet.cues[caption.number]
    given = [
        TimedWord(text, word.start, word.end)
        for word in cue.words
        if (text := spell_text(word.text, style))
    ]
    placed: list[SpokenWord] = []
    for word in time_words(caption.text, cue.start, cue.end, given):
        for first, end in find_frames(word.start, word.end, sheet.times, edit):
            if caption.first < end and first <= caption.end:
                first = min(max(first, caption.first), caption.end - 1)
                placed.append(SpokenWord(word.text, first, end))
    return tuple(word for word in _space_out(placed) if word.first < edit.frames)


def _space_out(words: Sequence[SpokenWord]) -> list[SpokenWord]:
    """Begin each word at least a frame after the one before it."""
    spaced: list[SpokenWord] = []
    for word in words:
        first = max(word.first, spaced[-1].first + 1) if spaced else word.first
        spaced.append(SpokenWord(word.text, first, max(word.end, first + 1)))
    return spaced


def _find_free(last: SpokenWord, edit: Edit) -> int:
    """Return the frame from which on the next caption may take the place of a last word."""
    return last.end - min(round(HOLD_SECONDS * edit.fps), (last.end - last.first) // 2)


def _split_utterance(
    utterance: Utterance, preset: Preset, edit: Edit, room: Room
) -> Iterator[Phrase]:
    """Yield the phrases of a caption, whose end is still open."""
    caption, words, lane = utterance
    pause = round(_PAUSE_SECONDS * edit.fps)
    most = 1 if preset is Preset.POP else max(_SIZES)
    at = 0
    for number, group in enumerate(group_words(words, most, pause, room)):
        at = max(caption.text.find(group[0].text.strip(), at), at)
        paragraph = caption.text[caption.text.rfind("\n", 0, at + 1) + 1 :]
        is_early = number == 0 and preset is not Preset.POP
        first = min(caption.first, group[0].first) if is_early else group[0].first
        yield Phrase(group, first, first, lane, is_right_to_left(paragraph))


def _cut_word(word: SpokenWord, room: Room) -> list[SpokenWord]:
    """Return a word in parts that are no wider than a line."""
    if room.measure(word.text.rstrip()) <= room.width:
        return [word]
    parts = [""]
    for cluster in split_clusters(word.text):
        if parts[-1] and not cluster.isspace() and room.measure(parts[-1] + cluster) > room.width:
            parts.append("")
        parts[-1] += cluster
    shares = [0, *accumulate(map(len, parts))]
    times = [word.first + (word.end - word.first) * share // shares[-1] for share in shares]
    return [
        SpokenWord(part, first, end)
        for part, (first, end) in zip(parts, pairwise(times), strict=True)
    ]


def _fits(full: Sequence[float], bare: Sequence[float], room: Room) -> bool:
    """Tell whether words fit, by their widths with and without the space after them."""
    lines, used = 1, 0.0
    for wide, narrow in zip(full, bare, strict=True):
        if used and used + narrow > room.width:
            lines, used = lines + 1, 0.0
        used += wide
    return lines <= room.lines


def _weigh(words: Sequence[SpokenWord]) -> float:
    """Return what a phrase costs: its size, and where sentences end in it."""
    texts = [word.text.rstrip(" \u200b\"'”’»)") for word in words]
    within = sum(text.endswith(_SENTENCE_ENDS) for text in texts[:-1])
    if texts[-1].endswith(_SENTENCE_ENDS):
        after = 0.0
    else:
        after = _COMMA_AFTER if texts[-1].endswith(_CLAUSE_ENDS) else _NO_END_AFTER
    return _SIZES[len(words)] + within * _END_WITHIN + after


def list_spoken(phrase: Phrase, edit: Edit) -> list[tuple[int, int]]:
    """Return for each word of a phrase the frames, `(first, end)`, in which it is marked."""
    hold = round(HOLD_SECONDS * edit.fps)
    return list(_time_marks(phrase, hold))


def _time_marks(phrase: Phrase, hold: int) -> Iterator[tuple[int, int]]:
    """Yield when each word is marked: until the next one is, or a moment after it was spoken."""
    words = phrase.words
    for number, word in enumerate(words):
        following = words[number + 1].first if number + 1 < len(words) else phrase.end
        yield word.first, min(word.end + hold, following, phrase.end)


def _list_changes(phrase: Phrase, hold: int) -> Iterator[tuple[int, bool, int, State | None]]:
    """Yield `(frame, whether something appears, lane, state)`."""
    words = phrase.words
    if phrase.first < words[0].first:
        yield phrase.first, True, phrase.lane, State(phrase, 0, None)
    for number, (first, release) in enumerate(_time_marks(phrase, hold)):
        if first >= phrase.end:
            break
        yield first, True, phrase.lane, State(phrase, number + 1, number)
        following = words[number + 1].first if number + 1 < len(words) else phrase.end
        if release < min(following, phrase.end):
            yield release, True, phrase.lane, State(phrase, number + 1, None)
    yield phrase.end, False, phrase.lane, None
