"""Transcripts: what is said in a video, and when."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from reelqueue.errors import InvalidSpecError
from reelqueue.media.word_times import is_parted, squeeze
from reelqueue.specs.base import Model
from reelqueue.specs.clips.captions import Captioning, Cue, CueSheet, Times, Word
from reelqueue.specs.limits import (
    LONGEST_MEDIA,
    MAX_CUE_CHARACTERS,
    MAX_CUES,
    MAX_TRANSCRIPT_SEGMENTS,
)

_LONGEST_CUE = 42  # columns: two short lines; a letter as wide as it is high has two
_LONGEST_MARKED = 240  # columns of a caption that is divided into phrases when it is drawn
_CUE_PAUSE = 0.7  # seconds between two words that are not shown together
_HOLD = 0.3  # seconds that a caption stays after its last word
_SHORTEST_CUE = 0.1
_SENTENCE_ENDS = (".", "?", "!", "…", "\u3002", "\uff1f", "\uff01")  # the last three are wide

Second = Annotated[float, Field(ge=0, le=LONGEST_MEDIA, strict=True)]


class HeardWord(NamedTuple):
    """A recognised word in seconds of the sound; a space before its text parts it from the last."""

    start: float
    end: float
    text: str


class Segment(Model):
    """A part of a transcript, such as a sentence, in seconds of the video."""

    start: Second = Field(description="Second at which it begins.")
    end: Second = Field(description="Second at which it ends.")
    text: str = Field(min_length=1, max_length=20 * MAX_CUE_CHARACTERS, description="The text.")
    words: tuple[Word, ...] = Field(
        (),
        max_length=2000,
        fail_fast=True,
        description="The words of the text, and when they are spoken. Unset: they share the time.",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.end <= self.start:
            raise ValueError("end must be greater than start")
        if self.words and squeeze(w.text for w in self.words) != squeeze([self.text]):
            raise ValueError("its words are not those of its text: correct both, or remove `words`")
        if not all(word.text.strip() for word in self.words):
            raise ValueError("a word is empty")
        if any(word.end < word.start for word in self.words):
            raise ValueError("a word ends before it starts")
        if any(after.start < word.start for word, after in pairwise(self.words)):
            raise ValueError("its words are not in the order of their starts")
        return self


class Transcript(Model):
    """What is said in a video; `language` is one of Whisper's codes, such as `en`."""

    language: str | None = Field(
        None,
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$",
        description="The language, such as `en` (BCP 47).",
    )
    segments: tuple[Segment, ...] = Field(
        max_length=MAX_TRANSCRIPT_SEGMENTS,
        fail_fast=True,
        description="What is said, in its order.",
    )

    def to_json(self) -> bytes:
        """Return the transcript as JSON."""
        return self.model_dump_json().encode()

    def to_sheet(self, style: Captioning) -> CueSheet:
        """Return captions of a few words each, whose times count from the source.

        Where words are marked, captions are whole sentences: phrases of four to six words are made
        of these.

        Raises:
            InvalidSpecError: if they are too many.
        """
        cues = to_cues(self.segments, _LONGEST_MARKED if style.marks_words else _LONGEST_CUE)
        if len(cues) > MAX_CUES:
            raise InvalidSpecError(
                f"captions.segments: they give more than {MAX_CUES} captions: send those of the "
                "clip alone.",
                "captions.segments",
            )
        return CueSheet(cues=cues, times=Times.SOURCE, language=self.language)


def to_segment(words: Iterable[HeardWord]) -> Segment | None:
    """Return recognised words as a segment; None if they have no letters."""
    joined: list[HeardWord] = []
    for word in words:
        if joined and not is_parted(joined[-1].text, word.text):
            joined[-1] = joined[-1]._replace(text=joined[-1].text + word.text, end=word.end)
        elif word.text.strip():
            joined.append(word)
    text = "".join(word.text for word in joined).strip()
    if not any(map(str.isalnum, text)):
        return None
    start, end = joined[0].start, max(word.end for word in joined)
    return Segment(
        start=round(start, 3),
        end=round(max(end, start + _SHORTEST_CUE), 3),
        text=text,
        words=tuple(
            Word(start=round(w.start, 3), end=round(w.end, 3), text=w.text.strip()) for w in joined
        ),
    )


def to_cues(segments: Sequence[Segment], longest: int = _LONGEST_CUE) -> tuple[Cue, ...]:
    """Return segments as captions of at most `longest` columns.

    They end with sentences and at pauses.
    """
    cues = [cue for segment in segments for cue in _split(segment, longest)]
    cues.sort(key=lambda cue: cue.start)
    nexts = (*(after.start for after in cues[1:]), LONGEST_MEDIA)
    return tuple(_hold(cue, following) for cue, following in zip(cues, nexts, strict=False))


def _hold(cue: Cue, following: float) -> Cue:
    """Return a cue that stays a moment longer, but gives way to the one that follows it."""
    end = max(min(cue.end + _HOLD, following), cue.end)
    return cue.model_copy(update={"end": min(round(end, 3), LONGEST_MEDIA)})


def _split(segment: Segment, longest: int) -> Iterator[Cue]:
    words = segment.words or _spread(segment)
    places = _find_places(segment.text, words)
    for first, last in _group(words, places, segment.text, longest):
        text = segment.text[places[first][0] : places[last][1]]
        part = words[first : last + 1]
        start = part[0].start
        end = max(start + _SHORTEST_CUE, *(word.end for word in part))
        if start < LONGEST_MEDIA:
            end = min(end, LONGEST_MEDIA)
            yield Cue(start=start, end=end, text=text[:MAX_CUE_CHARACTERS], words=part)


def _group(
    words: Sequence[Word], places: Sequence[tuple[int, int]], text: str, longest: int
) -> Iterator[tuple[int, int]]:
    """Yield the first and the last word of each caption; those of a sentence are about as long."""
    first = 0
    for number, word in enumerate(words):
        is_last = number + 1 == len(words)
        is_end = word.text.endswith(_SENTENCE_ENDS)
        if is_last or is_end or words[number + 1].start - word.end > _CUE_PAUSE:
            yield from _share(first, number, places, text, longest)
            first = number + 1


def _share(
    first: int, last: int, places: Sequence[tuple[int, int]], text: str, longest: int
) -> Iterator[tuple[int, int]]:
    """Yield parts of the words from `first` to `last` that are not too long."""
    columns = _count_columns(text[places[first][0] : places[last][1]])
    enough = columns / math.ceil(columns / longest)
    begin = first
    for number in range(first, last):
        taken = _count_columns(text[places[begin][0] : places[number][1]])
        further = _count_columns(text[places[begin][0] : places[number + 1][1]])
        if taken >= enough or further > longest:
            yield begin, number
            begin = number + 1
    yield begin, last


def _spread(segment: Segment) -> tuple[Word, ...]:
    """Return the words of a text; each has a share of the time by its length."""
    texts = segment.text.split()
    total = sum(map(len, texts))
    span, passed, words = segment.end - segment.start, 0, []
    for text in texts:
        start = segment.start + span * passed / total
        passed += len(text)
        end = segment.start + span * passed / total
        words.append(Word(start=round(start, 3), end=round(end, 3), text=text[:MAX_CUE_CHARACTERS]))
    return tuple(words)


def _find_places(text: str, words: Sequence[Word]) -> list[tuple[int, int]]:
    """Return where the words begin and end in the text, which has the same letters in this order.

    A word may have a space where the text has none, and the reverse.
    """
    letters = [place for place, letter in enumerate(text) if not letter.isspace()]
    places, passed = [], 0
    for word in words:
        count = max(1, len(squeeze([word.text])))
        begin, end = min(passed, len(letters) - 1), min(passed + count, len(letters)) - 1
        places.append((letters[begin], letters[end] + 1))
        passed += count
    return places


def _count_columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
