"""The lines of a phrase, and which of its words each character belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reelqueue.planning.captions.phrase_place import Place
from reelqueue.planning.captions.phrases import Phrase
from reelqueue.text.bidi import is_right_to_left
from reelqueue.text.line_breaking import LINE_HEIGHT, Block, Measure, fit_text

NO_WORD = -1

_MARKS = {True: "\u200f", False: "\u200e"}  # RLM and LRM give a paragraph its direction (UAX #9)
_SPACES = " \u200b"


class PhraseLines(NamedTuple):
    """The lines of a phrase, and for each of them the number of each character's word."""

    block: Block
    owners: list[list[int]]


def lay_out_phrase(phrase: Phrase, place: Place, measure: Measure) -> PhraseLines:
    """Return the lines of a phrase in its place."""
    text, owners = _spell_phrase(phrase)
    height = place.lines * place.size * LINE_HEIGHT + 1
    block = fit_text(text, place.width, height, (place.size, place.size), measure)
    return PhraseLines(block, _own_lines(block, text, owners))


def _spell_phrase(phrase: Phrase) -> tuple[str, list[int]]:
    """Return the text of a phrase as a paragraph, and the number of each character's word."""
    text = "".join(word.text for word in phrase.words)
    owners = [
        NO_WORD if character in _SPACES else number
        for number, word in enumerate(phrase.words)
        for character in word.text
    ]
    if is_right_to_left(text) != phrase.is_rtl:
        return _MARKS[phrase.is_rtl] + text, [NO_WORD, *owners]
    return text, owners


def _own_lines(block: Block, text: str, owners: Sequence[int]) -> list[list[int]]:
    owned, at = [], 0
    for line in block.lines:
        at = max(text.find(line.text, at), at)
        own = list(owners[at : at + len(line.text)])
        owned.append(own + [owners[-1]] * (len(line.text) - len(own)))
        at += len(line.text)
    return owned
