"""Questions in what is said, and their answers, as far as words alone tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

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
_SENTENCE_PAUSE = 1.0  # seconds between two words that end a sentence without a mark
_SHORTEST_QUESTION = 3  # words; a shorter one, such as "right?", wants no answer
_LONGEST_QUESTION = 8.0  # seconds, of which its end is the question
_ANSWER_PAUSE = 3.0  # seconds, within which an answer begins
_LONGEST_ANSWER = 10.0  # seconds of it that count


class Exchange(NamedTuple):
    """A question and its answer: from its first second that counts to the last one."""

    start: float
    end: float


def find_exchanges(words: Sequence[Word]) -> Iterator[Exchange]:
    """Yield each question that is followed at once by something that is no question."""
    sentences = list(_split_sentences(words))
    for number, (question, answer) in enumerate(pairwise(sentences), 1):
        asked = question[-1].end
        if len(question) < _SHORTEST_QUESTION or not _is_question(question):
            continue
        if _is_question(answer) or answer[0].start - asked > _ANSWER_PAUSE:
            continue
        end = answer[-1].end
        for later in sentences[number + 1 :]:
            if _is_question(later) or later[0].start - end > _SENTENCE_PAUSE:
                break
            end = later[-1].end
            if end - asked > _LONGEST_ANSWER:
                break
        start = max(question[0].start, asked - _LONGEST_QUESTION)
        yield Exchange(start, min(end, asked + _LONGEST_ANSWER))


def _split_sentences(words: Sequence[Word]) -> Iterator[list[Word]]:
    sentence: list[Word] = []
    for word in words:
        if sentence and word.start - sentence[-1].end > _SENTENCE_PAUSE:
            yield sentence
            sentence = []
        sentence.append(word)
        if word.text.rstrip(_CLOSING).endswith(_SENTENCE_ENDS):
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _is_question(sentence: Sequence[Word]) -> bool:
    return sentence[-1].text.rstrip(_CLOSING).endswith(_QUESTION_MARKS)
