"""Read what speech recognition writes as JSON: Whisper, the programs around it, and this one.

Most have `segments` with `words`. OpenAI's service has its `words` beside the segments, without
their punctuation, and whisper.cpp has a `transcription` with `tokens` and milliseconds. What cannot
be read is left out.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from reelqueue.media.cue_blocks import CueFile, RawCue, check_count
from reelqueue.media.transcripts import Segment, Transcript, to_cues
from reelqueue.media.word_times import UNTIMED, Spoken, is_parted, join_words, time_words
from reelqueue.specs.clips.captions import Word
from reelqueue.specs.limits import LONGEST_MEDIA, MAX_CUE_CHARACTERS
from reelqueue.specs.text import clean_text

_LONGEST_TEXT = 20 * MAX_CUE_CHARACTERS
_MOST_WORDS = 2000  # of a segment
_MILLISECOND = 0.001
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z\d]{1,8}){0,3}")
_SPECIAL = "[_"  # begins tokens of whisper.cpp that are not said


def parse_transcript(text: str) -> CueFile | None:
    """Return the captions of a transcript; None if the text is none.

    Raises what `check_count` raises.
    """
    with suppress(ValidationError):  # of another program
        own = Transcript.model_validate_json(text)
        if _is_clean(own):
            return _to_file(own) if own.segments else None
    try:
        document = json.loads(text) if text.lstrip()[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        return None
    if isinstance(document, list):
        document = {"segments": document}
    if not isinstance(document, dict):
        return None
    items = _list_items(document, "segments") or _list_items(document, "transcription")
    check_count(len(items))
    words = [
        _read_words(_list_items(item, "words") or _list_items(item, "tokens")) for item in items
    ]
    if not any(words):
        words = _share_words(_read_words(_list_items(document, "words")), items)
    read = list(map(_read_segment, items, words))
    segments = [segment for segment in read if segment]
    lost = len(read) - len(segments)
    untimed = sum(
        bool(segment and own and not segment.words)
        for segment, own in zip(read, words, strict=True)
    )
    faults = (lost, "parts have no text or no times: left out."), (untimed, f"parts: {UNTIMED}")
    told = tuple(f"{count} of {len(read)} {fault}" for count, fault in faults if count)
    transcript = Transcript(language=_find_language(document), segments=tuple(segments))
    return _to_file(transcript, told) if items else None


def _to_file(transcript: Transcript, warnings: tuple[str, ...] = ()) -> CueFile:
    cues = [
        RawCue(number, cue.start, cue.end, cue.text, tuple(map(_to_spoken, cue.words)))
        for number, cue in enumerate(to_cues(transcript.segments), 1)
    ]
    return CueFile("json", cues, [], transcript.language, warnings, transcript)


def _is_clean(transcript: Transcript) -> bool:
    """Tell whether texts and words are as they are drawn."""
    return all(
        clean_text(text) == text
        for segment in transcript.segments
        for text in (segment.text, *(word.text for word in segment.words))
    )


def _list_items(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    value = document.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _find_language(document: Mapping[str, Any]) -> str | None:
    result = document.get("result")
    places = (document, result if isinstance(result, dict) else {})
    codes = (str(place.get("language", "")) for place in places)
    return next((code for code in codes if _LANGUAGE.fullmatch(code)), None)


def _share_words(words: Sequence[Spoken], items: Sequence[dict[str, Any]]) -> list[list[Spoken]]:
    """Return for each part of a transcript the words that begin in it, of a list of all."""
    starts = [_read_times(item)[0] or 0.0 for item in items]
    shared: list[list[Spoken]] = [[] for _ in items]
    for word in words if items else ():
        if word.start is not None:
            shared[max(bisect_right(starts, word.start) - 1, 0)].append(word)
    return shared


def _read_segment(item: dict[str, Any], words: Sequence[Spoken]) -> Segment | None:
    """Return a part of a transcript; None if it has no text or no times."""
    words = words[:_MOST_WORDS]
    text = item.get("text")
    text = clean_text(text[:_LONGEST_TEXT]) if isinstance(text, str) else ""
    start, end = _read_times(item)
    if not text or start is None or end is None or end <= start:
        return None
    start = min([start, *(word.start for word in words if word.start is not None)])
    end = max([end, *(word.end for word in words if word.end is not None)])
    joined = join_words(words)
    timed = time_words(joined, text, start, end)
    timed = timed or time_words(_spell(joined, text), text, start, end)
    # A word with a space within is two words, so there can be more of them than were read.
    return Segment(
        start=start, end=end, text=text, words=timed if len(timed) <= _MOST_WORDS else ()
    )


def _read_words(items: Sequence[dict[str, Any]]) -> list[Spoken]:
    """Return words or tokens with the spaces between them."""
    texts = (item.get("word", item.get("text")) for item in items)
    words = [
        Spoken(text, *_read_times(item))
        for text, item in zip(texts, items, strict=True)
        if isinstance(text, str) and text.strip() and not text.startswith(_SPECIAL)
    ]
    if any(word.text[:1].isspace() for word in words[1:]):
        return words
    return [
        word if is_parted("", word.text) else word._replace(text=f" {word.text}") for word in words
    ]


def _spell(words: Sequence[Spoken], text: str) -> list[Spoken]:
    """Return words as a text spells them, if it has the same letters."""
    spelled = text.split()
    if list(map(_list_letters, spelled)) != [_list_letters(word.text) for word in words]:
        return []
    return [word._replace(text=own) for word, own in zip(words, spelled, strict=True)]


def _list_letters(word: str) -> list[str]:
    return [letter for letter in word.casefold() if letter.isalnum()]


def _read_times(item: dict[str, Any]) -> tuple[float | None, float | None]:
    """Return the start and the end of a part, each None if it cannot be read."""
    offsets = item.get("offsets")
    if not isinstance(offsets, dict):
        return _read_time(item.get("start")), _read_time(item.get("end"))
    start, end = (_read_time(offsets.get(name), _MILLISECOND) for name in ("from", "to"))
    return start, end


def _read_time(value: object, unit: float = 1) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return round(value * unit, 3) if 0 <= value <= LONGEST_MEDIA / unit else None


def _to_spoken(word: Word) -> Spoken:
    return Spoken(word.text, word.start, word.end)
