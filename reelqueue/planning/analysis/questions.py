"""Questions in what is said, and their answers, as far as words alone tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from reelqueue.planning.analysis.sentences import SENTENCE_PAUSE, is_question, split_sentences
from reelqueue.specs.clips.captions import Word

_SHORTEST_QUESTION = 3  # words; a shorter one, such as "right?", wants no answer
_LONGEST_QUESTION = 8.0  # seconds, of which its end is the question
_ANSWER_PAUSE = 3.0  # seconds, within which an answer begins
_LONGEST_ANSWER = 10.0  # seconds of it that count


class Exchange(NamedTuple):
    """A question and its answer.

    Attributes:
        start: of the question, or of what counts of it, in seconds.
        answer: when the answer begins.
        end: of the answer, or of what counts of it.
    """

    start: float
    answer: float
    end: float


def find_exchanges(words: Sequence[Word]) -> Iterator[Exchange]:
    """Yield each question that is followed at once by something that is no question."""
    sentences = list(split_sentences(words))
    for number, (question, answer) in enumerate(pairwise(sentences), 1):
        asked = question[-1].end
        if len(question) < _SHORTEST_QUESTION or not is_question(question):
            continue
        if is_question(answer) or answer[0].start - asked > _ANSWER_PAUSE:
            continue
        end = answer[-1].end
        for later in sentences[number + 1 :]:
            if is_question(later) or later[0].start - end > SENTENCE_PAUSE:
                break
            end = later[-1].end
            if end - asked > _LONGEST_ANSWER:
                break
        start = max(question[0].start, asked - _LONGEST_QUESTION)
        yield Exchange(start, answer[0].start, min(end, asked + _LONGEST_ANSWER))
