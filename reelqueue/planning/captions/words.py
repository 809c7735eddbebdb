"""The words of a caption, and when each is spoken.

The text of the caption decides what is read. Words that come with it tell only the times, because a
user may have corrected the text alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from typing import NamedTuple

from icu4py.breakers import LineBreaker, WordBreaker

from reelqueue.text.graphemes import split_clusters

_SPACES = " \u200b"
_CHUNK = re.compile(r"[^\s\u200b]+[\s\u200b]*")
_OPENING = ("Ps", "Pi")  # of Unicode's general categories
_WORD = re.compile(r"[^\W_]")  # a letter or a figure: emoji belong to the word before them
_KANA = re.compile("[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
# Thai, Lao, Burmese, Khmer and Tai Tham, which ICU breaks into words by its dictionaries.
_SOUTH_EAST = re.compile("[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u1a20-\u1aaf\ua9e0-\ua9ff]")


class TimedWord(NamedTuple):
    """A word with what follows up to the next one: punctuation and space. Seconds."""

    text: str
    start: float
    end: float


def split_words(text: str) -> list[str]:
    """Return the words of a text, each with the punctuation and the space that belong to it.

    Joined, they are the text with line breaks as spaces. Words are what spaces separate; without
    spaces, they are the phrases of Japanese, and elsewhere the words of ICU's dictionaries.
    """
    lines = text.split("\n")
    spaced = [f"{line} " for line in lines[:-1]] + lines[-1:]
    return [word for line in spaced for word in _split_line(line)]


def time_words(
    text: str, start: float, end: float, given: Sequence[TimedWord] = ()
) -> list[TimedWord]:
    """Return the words of a text and when each is spoken.

    Args:
        text: at least one character; line breaks count as spaces.
        start: of its caption, in seconds.
        end: of its caption.
        given: words whose times are known; where they are not those of the text, the time between
            known ones is spread by length.
    """
    flat = text.replace("\n", " ")
    if spans := _find_given(flat, given):
        return [
            TimedWord(flat[first:last], word.start, word.end)
            for word, (first, last) in zip(given, spans, strict=True)
        ]
    words = split_words(text)
    if not given:
        return spread_words(words, start, end)
    return _align(words, given, start, end)


def _split_line(line: str) -> list[str]:
    words: list[str] = []
    for part in (part for chunk in _CHUNK.findall(line) for part in _split_chunk(chunk)):
        if words and not (_WORD.search(part) and _WORD.search(words[-1])):
            words[-1] += part  # of two parts, one has only punctuation
        else:
            words.append(part)
    return words


def _split_chunk(chunk: str) -> list[str]:
    """Return the words of a text that has no space but at its end."""
    if _KANA.search(chunk):
        return list(LineBreaker(chunk, "ja-u-lw-phrase"))
    if not (_HAN.search(chunk) or _SOUTH_EAST.search(chunk)):
        return [chunk]
    ends = set(accumulate(map(len, WordBreaker(chunk, "und"))))
    ends &= set(accumulate(map(len, LineBreaker(chunk, "und"))))  # not before punctuation
    return [chunk[first:last] for first, last in pairwise([0, *sorted(ends)])]


def _find_given(text: str, given: Sequence[TimedWord]) -> list[tuple[int, int]]:
    """Return where each given word is in a text; nothing unless they are all of its words."""
    starts: list[int] = []
    at = 0
    for word in given:
        shown = word.text.strip()
        start = text.find(shown, at)
        if start < 0 or _WORD.search(text, at, start):
            return []
        starts.append(start)
        at = start + len(shown)
    starts = [_find_opening(text, start) for start in starts]
    if not starts or _WORD.search(text, at):
        return []
    return list(pairwise([0, *starts[1:], len(text)]))


def _find_opening(text: str, start: int) -> int:
    """Return where the brackets and quotes that open before a word begin."""
    while start and unicodedata.category(text[start - 1]) in _OPENING:
        start -= 1
    return start


def _align(
    words: Sequence[str], given: Sequence[TimedWord], start: float, end: float
) -> list[TimedWord]:
    """Give words the times of those in the same place, and where there are none, those between."""
    keys = [_normalize(word) for word in words]
    known = [_normalize(word.text) for word in given]
    timed: list[TimedWord] = []
    blocks = SequenceMatcher(None, known, keys, autojunk=False).get_opcodes()
    for kind, first, last, low, high in blocks:
        if kind == "equal" or last - first == high - low:
            pairs = zip(words[low:high], given[first:last], strict=True)
            timed += [TimedWord(word, same.start, same.end) for word, same in pairs]
        elif low < high:
            begin = timed[-1].end if timed else start
            after = given[last].start if last < len(given) else end
            timed += spread_words(words[low:high], min(begin, after), after)
    return timed


def _normalize(word: str) -> str:
    return re.sub(r"[\W_]", "", word).casefold()


def spread_words(words: Sequence[str], start: float, end: float) -> list[TimedWord]:
    """Share a span of time among words by their length, and that of the space between them."""
    lengths = [len(split_clusters(word.rstrip(_SPACES))) + 1 for word in words]
    shares = [0, *accumulate(lengths)]
    seconds = (end - start) / shares[-1]
    times = [start + share * seconds for share in shares]
    return [TimedWord(word, *span) for word, span in zip(words, pairwise(times), strict=True)]
