"""Transcripts: what is said in a video, and when."""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from reelqueue.errors import InvalidSpecError
from reelqueue.media.word_times import is_parted, squeeze
from reelqueue.specs.base import Model
from reelqueue.specs.clips.captions import Captioning, Cue, CueSheet, Times, Word
from reelqueue.specs.clips.clip import ClipCut
from reelqueue.specs.clips.segments import Trim
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

    def list_heard(self, parts: Sequence[Trim]) -> Iterator[tuple[int, Segment]]:
        """Yield the number of each segment that is heard in parts of a video, and what is heard.

        A word is heard in the part that its middle lies in. A segment without words is whole.

        Args:
            parts: in the order of the video; none overlaps another.
        """
        starts = [part.start for part in parts]
        ends = [part.end or LONGEST_MEDIA for part in parts]
        for number, segment in enumerate(self.segments):
            if segment.words:
                yield from ((number, heard) for heard in _cut_segment(segment, starts, ends))
            else:
                first = bisect_right(ends, segment.start)
                if first < len(parts) and starts[first] < segment.end:
                    yield number, segment

    def cut(self, parts: Sequence[Trim]) -> Transcript:
        """Return what is heard in parts of the video, as `list_heard` has it."""
        heard = tuple(segment for _, segment in self.list_heard(parts))
        return self.model_copy(update={"segments": heard})

    def caption_clip(self, clip: ClipCut, times: Times) -> CueSheet:
        """Return captions of what a clip lets hear, or of all if that is nothing.

        A warning then tells that none of these lies within the clip.

        Args:
            times: what the times of the transcript count from.

        Raises what `to_sheet` raises.
        """
        heard = self.cut(clip.parts) if times is Times.SOURCE else self
        sheet = (heard if heard.segments else self).to_sheet(clip)
        return sheet.model_copy(update={"times": times})

    def to_sheet(self, style: Captioning) -> CueSheet:
        """Return captions of a few words each, whose times count from the source.

        Where words are marked, captions are what is said without a pause: phrases of four to six
        words are made of these.

        Raises:
            InvalidSpecError: if they are too many.
        """
        cues = to_cues(self.segments, marks_words=style.marks_words)
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


def _cut_segment(
    segment: Segment, starts: Sequence[float], ends: Sequence[float]
) -> Iterator[Segment]:
    """Yield what is heard of a segment in each of the parts that begin and end at these seconds."""
    middles = [(word.start + word.end) / 2 for word in segment.words]
    parts = [bisect_right(ends, middle) for middle in middles]
    places = _find_places(segment.text, segment.words)
    for part, numbers in groupby(range(len(parts)), parts.__getitem__):
        heard = [n for n in numbers if part < len(starts) and starts[part] <= middles[n]]
        if heard:
            first, last = heard[0], heard[-1]
            words = segment.words[first : last + 1]
            latest = max(words[0].start + _SHORTEST_CUE, *(word.end for word in words))
            yield Segment(
                start=words[0].start,
                end=min(latest, LONGEST_MEDIA),
                text=segment.text[places[first][0] : places[last][1]],
                words=words,
            )


def to_cues(segments: Sequence[Segment], *, marks_words: bool = False) -> tuple[Cue, ...]:
    """Return segments as captions that end with sentences and at pauses.

    Recognition ends segments anywhere, so what follows a segment at once belongs to it.

    Args:
        segments: of a transcript.
        marks_words: whether captions are divided into phrases when they are drawn. Then they have
            as many sentences as they can hold, so that a short one needs no phrase of its own.
    """
    cues = [cue for run in _join(segments) for cue in _split(run, marks_words=marks_words)]
    cues.sort(key=lambda cue: cue.start)
    nexts = (*(after.start for after in cues[1:]), LONGEST_MEDIA)
    return tuple(_hold(cue, following) for cue, following in zip(cues, nexts, strict=False))


class _Run(NamedTuple):
    """Words that are said without a pause between segments, and their text."""

    text: str
    words: tuple[Word, ...]


def _join(segments: Sequence[Segment]) -> Iterator[_Run]:
    """Yield what is said; segments are joined where the times of all words are known."""
    joined: list[Segment] = []
    for segment in segments:
        if joined and not _follows(joined[-1], segment):
            yield _to_run(joined)
            joined = []
        joined.append(segment)
    if joined:
        yield _to_run(joined)


def _follows(before: Segment, segment: Segment) -> bool:
    if not (before.words and segment.words):
        return False
    return 0 <= segment.words[0].start - before.words[-1].end <= _CUE_PAUSE


def _to_run(segments: Sequence[Segment]) -> _Run:
    text = segments[0].text
    if len(segments) > 1:
        texts = [segment.text.strip() for segment in segments]
        is_spaced = any(map(str.isspace, "".join(texts))) or not is_parted(*texts[:2])
        text = (" " if is_spaced else "").join(texts)
    return _Run(text, tuple(word for each in segments for word in each.words or _spread(each)))


def _hold(cue: Cue, following: float) -> Cue:
    """Return a cue that stays a moment longer, but gives way to the one that follows it."""
    end = max(min(cue.end + _HOLD, following), cue.end)
    return cue.model_copy(update={"end": min(round(end, 3), LONGEST_MEDIA)})


def _split(run: _Run, *, marks_words: bool) -> Iterator[Cue]:
    text, words = run
    places = _find_places(text, words)
    parts = _group(words, places, text, _LONGEST_MARKED if marks_words else _LONGEST_CUE)
    for first, last in _fill(parts, words, places, text) if marks_words else parts:
        part = words[first : last + 1]
        start = part[0].start
        end = max(start + _SHORTEST_CUE, *(word.end for word in part))
        if start < LONGEST_MEDIA:
            end = min(end, LONGEST_MEDIA)
            shown = text[places[first][0] : places[last][1]]
            yield Cue(start=start, end=end, text=shown[:MAX_CUE_CHARACTERS], words=part)


def _fill(
    parts: Iterable[tuple[int, int]],
    words: Sequence[Word],
    places: Sequence[tuple[int, int]],
    text: str,
) -> Iterator[tuple[int, int]]:
    """Yield captions of as many parts as one can hold, unless there is a pause between them."""
    first, last = 0, -1
    for begin, end in parts:
        is_apart = begin > 0 and words[begin].start - words[last].end > _CUE_PAUSE
        columns = _count_columns(text[places[first][0] : places[end][1]])
        if begin > 0 and (is_apart or columns > _LONGEST_MARKED):
            yield first, last
            first = begin
        last = end
    if words:  # a segment may be a space
        yield first, last


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
