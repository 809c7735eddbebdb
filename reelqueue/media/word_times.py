"""The words of a caption in a file, and when each is spoken, as far as the file says."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from reelqueue.specs.clips.captions import Word
from reelqueue.specs.limits import MAX_CUE_CHARACTERS, WORD_TOLERANCE
from reelqueue.specs.text import clean_text

UNTIMED = "the times of words do not fit: the words share the time of their caption."

_UNSPACED = ("THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")  # scripts, as letters name them


class Spoken(NamedTuple):
    """A part of a text, and the seconds at which it begins and ends, if they are known."""

    text: str
    start: float | None = None
    end: float | None = None


def join_words(parts: Iterable[Spoken]) -> tuple[Spoken, ...]:
    """Return the words of a text that is given in parts, such as syllables; none without times.

    Spaces separate words. In scripts without spaces, each part is a word.
    """
    words: list[Spoken] = []
    before = ""
    for part in parts:
        is_new = not before or before[-1].isspace() or is_parted(before, part.text)
        chunks = part.text.split()
        for number, chunk in enumerate(chunks):
            start = None if number else part.start
            end = part.end if number + 1 == len(chunks) else None
            is_mark = not has_letters(chunk) and not part.text[:1].isspace()
            if number == 0 and words and (not is_new or (is_mark and not before[-1].isspace())):
                last = words.pop()
                words.append(Spoken(last.text + chunk, last.start, end))
            else:
                words.append(Spoken(chunk, start, end))
        before = part.text or before
    cleaned = (word._replace(text=clean_text(word.text)) for word in words)
    if all(word.start is None for word in words):
        return ()
    return tuple(word for word in cleaned if word.text)


def is_parted(before: str, text: str) -> bool:
    """Tell whether a text begins with a word of its own: most scripts have a space between two."""
    return text[:1].isspace() or _is_unspaced(text[:1]) or _is_unspaced(before[-1:])


def has_letters(text: str) -> bool:
    """Tell whether a text has letters or figures, which can be spoken."""
    return any(map(str.isalnum, text))


def squeeze(texts: Iterable[str]) -> str:
    """Return texts without their spaces, as one."""
    return "".join("".join(texts).split())


def time_words(words: Sequence[Spoken], text: str, start: float, end: float) -> tuple[Word, ...]:
    """Return the words of a caption with all times; none if those that are known do not fit.

    Words without times share the time between those beside them, by their length.

    Args:
        words: of the caption, and of what was cut off before or after it.
        text: of the caption.
        start: of the caption, in seconds.
        end: of the caption.
    """
    own = _find_own(words, text)
    is_known = any(word.start is not None for word in own)
    if not is_known or any(len(word.text) > MAX_CUE_CHARACTERS for word in own):
        return ()
    known = [word.start for word in own if word.start is not None]
    bounds = [start - WORD_TOLERANCE, *known, end + WORD_TOLERANCE]
    if any(second < first for first, second in pairwise(bounds)):
        return ()
    timed = tuple(_fill(own, start, end))
    return timed if all(one.start <= two.start for one, two in pairwise(timed)) else ()


def _find_own(words: Sequence[Spoken], text: str) -> list[Spoken]:
    """Return those of the words that are the text; the last one may be cut off."""
    whole, wanted = squeeze(word.text for word in words), squeeze([text])
    at = len(whole) - len(wanted) if whole.endswith(wanted) else 0
    if not whole.startswith(wanted, at):
        return []
    own: list[Spoken] = []
    begins = accumulate((len(word.text) for word in words), initial=0)
    for begin, word in zip(begins, words, strict=False):
        if at <= begin < at + len(wanted):
            own.append(word._replace(text=word.text[: at + len(wanted) - begin]))
        elif begin < at < begin + len(word.text):
            return []
    return own


def _fill(words: Sequence[Spoken], start: float, end: float) -> Iterator[Word]:
    """Yield words with times within those of their caption."""
    at, group = start, list[Spoken]()
    for word, after in zip(words, [*words[1:], Spoken("", end)], strict=True):
        group.append(word)
        stop = after.start if word.end is None else word.end
        if stop is None:
            continue
        begin = at if group[0].start is None else group[0].start
        at = max(begin, min(stop, end))
        yield from _spread(group, begin, at)
        group = []


def _spread(words: Sequence[Spoken], start: float, end: float) -> Iterator[Word]:
    lengths = (len(word.text) + 1 if has_letters(word.text) else 0 for word in words)
    shares = [0, *accumulate(lengths)]
    span = (end - start) / (shares[-1] or 1)
    times = [round(start + span * share, 3) for share in shares]
    for word, (begin, stop) in zip(words, pairwise(times), strict=True):
        yield Word(start=begin, end=stop, text=word.text)


def _is_unspaced(letter: str) -> bool:
    return unicodedata.east_asian_width(letter or " ") in "WF" or unicodedata.name(
        letter or " ", ""
    ).split()[:1] in [[name] for name in _UNSPACED]
