"""Sentences in what is said, as far as words, their marks and pauses tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reelqueue.specs.clips.captions import Word

_QUESTION_MARKS = (
    "?",
    "\uff1f",
    "\u037e",
    "\u061f",
    "\u1367",
    "\u2e2e",
)  # of Greek, Arabic, Ethiopic too
_SENTENCE_ENDS = (".", "!", "\u2026", "\u3002", "\uff01", "\u0964", "\u06d4", *_QUESTION_MARKS)
_CLOSING = "\"' )]\u2019\u201d\u00bb\u300d"
SENTENCE_PAUSE = 1.0  # seconds between two words that end a sentence without a mark
_LONGEST_PAUSE = 3.0  # that too, if a small letter says that the sentence goes on


def split_sentences(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Yield the words of each sentence, in their order."""
    has_marks = any(map(_has_mark, words))
    sentence: list[Word] = []
    for word in words:
        goes_on = has_marks and word.text.lstrip()[:1].islower()
        longest = _LONGEST_PAUSE if goes_on else SENTENCE_PAUSE
        if sentence and word.start - sentence[-1].end > longest:
            yield sentence
            sentence = []
        sentence.append(word)
        if _has_mark(word):
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _has_mark(word: Word) -> bool:
    """Tell whether a sentence ends with a word."""
    return word.text.rstrip(_CLOSING).endswith(_SENTENCE_ENDS)


def is_question(sentence: Sequence[Word]) -> bool:
    """Tell whether a sentence ends with a question mark."""
    return sentence[-1].text.rstrip(_CLOSING).endswith(_QUESTION_MARKS)
