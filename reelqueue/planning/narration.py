"""How long narrated slides last, and when their words are spoken."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise, zip_longest
from typing import NamedTuple

from reelqueue.errors import InvalidSpecError
from reelqueue.planning.captions.words import TimedWord, split_words, spread_words
from reelqueue.planning.slides import find_overlap, to_exact
from reelqueue.specs.limits import MAX_NARRATION_CHARACTERS
from reelqueue.specs.narration import Voice
from reelqueue.specs.photo import PhotoSpec
from reelqueue.specs.slideshow import SlideshowSpec

LEAD = Fraction(1, 4)
"""Seconds between the first frame of a slide and its first word."""
BREATH = Fraction(1, 2)
"""Seconds between the last word of a slide and its end, or longer: a transition waits for it."""

# Seconds that a letter takes, and the languages: of espeak-ng 1.51, in the first article of the
# Universal Declaration of Human Rights.
_MEASURED = {
    0.047: "fr",
    0.055: "uk",
    0.061: "da de el en es ru",
    0.066: "it nl pt vi",
    0.078: "cs nb no pl ro tr",
    0.085: "he",
    0.108: "ar ja ta",
    0.125: "hi",
    0.14: "th",
    0.184: "ko",
    0.4: "cmn yue zh",
}
_LETTER_SECONDS = {code: seconds for seconds, codes in _MEASURED.items() for code in codes.split()}
_ANY_LETTER_SECONDS = 0.075  # as in Finnish, Hungarian, Indonesian and Swedish
_DIGIT_LETTERS = 4  # as many as its name has
_PAUSE_SECONDS = 0.35
_PAUSES = frozenset(".,;:!?…\u060c\u061f\u0964\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f")


@dataclass(frozen=True)
class Spoken:
    """A text as it is spoken: how many seconds it takes, and the times of its words in it."""

    seconds: float
    words: tuple[TimedWord, ...] = ()


class Mark(NamedTuple):
    """Where a word is spoken.

    Attributes:
        first: the number, from 0, of the character of the text that it begins with.
        start: in seconds of the speech.
        end: in seconds.
    """

    first: int
    start: float
    end: float


def time_marks(text: str, marks: Sequence[Mark], seconds: float) -> list[TimedWord]:
    """Return the words of a text, and when each is spoken.

    A word in which several marks lie, such as a number, has the time of all of them; words without
    one share the time of the word before.

    Args:
        text: in one line.
        marks: in the order in which they are heard.
        seconds: of all the speech.
    """
    if not text or not seconds:
        return []
    words = split_words(text)
    ends = list(accumulate(map(len, words)))
    found: dict[int, tuple[float, float]] = {}
    for mark in marks:
        number = min(bisect_right(ends, mark.first), len(words) - 1)
        start, end = found.get(number, (mark.start, mark.end))
        found[number] = min(start, mark.start), max(end, mark.end)
    begins = [0, *sorted(found)[1:]] if found else [0]
    times = [found[number] for number in sorted(found)] or [(0.0, seconds)]
    timed = []
    for (first, last), (start, end) in zip(pairwise([*begins, len(words)]), times, strict=True):
        timed += spread_words(words[first:last], start, end)
    return _put_in_order(timed)


def _put_in_order(words: Sequence[TimedWord]) -> list[TimedWord]:
    """Return words, none of which begins before the one before it."""
    starts = accumulate((word.start for word in words), max)
    return [
        word._replace(start=start, end=max(word.end, start))
        for word, start in zip(words, starts, strict=True)
    ]


def list_narrations(spec: SlideshowSpec, photos: Sequence[PhotoSpec]) -> list[str]:
    """Return the texts that a slideshow speaks, in their order; one that repeats is there once."""
    before, after = ([card.narration] if card else [] for card in spec.cards)
    texts = [*before, *(photo.narration for photo in photos), *after]
    return list(dict.fromkeys(text for text in texts if text))


def check_narrations(spec: SlideshowSpec, photos: Sequence[PhotoSpec]) -> None:
    """Check how much a slideshow speaks.

    Raises:
        InvalidSpecError: if it is too much, or captions are to show what is not there.
    """
    texts = list_narrations(spec, photos)
    characters = sum(map(len, texts))
    if characters > MAX_NARRATION_CHARACTERS:
        raise InvalidSpecError(
            f"narration: all texts together have {characters} characters, and may have "
            f"{MAX_NARRATION_CHARACTERS}: make two slideshows of this.",
            "narration",
        )
    if spec.captions and not texts:
        raise InvalidSpecError(
            "captions: nothing is spoken: give a photo or a title card a `narration`, or leave "
            "captions out.",
            "captions",
        )


def warn_of_captions(spec: SlideshowSpec, photos: Sequence[PhotoSpec]) -> tuple[str, ...]:
    """Return a sentence if captions of what is spoken cover others."""
    same_place = spec.caption_style.position == spec.narration_style.position
    both = any(photo.caption and photo.narration for photo in photos)
    if not (spec.captions and same_place and both):
        return ()
    return (
        "Photos have a caption where what is spoken is shown, too: give `caption_style` or "
        "`narration_style` another position.",
    )


def estimate_seconds(text: str, voice: Voice) -> float:
    """Return how many seconds a text takes when it is spoken, about."""
    family = voice.language.partition("-")[0]
    digits = sum(map(str.isdecimal, text))
    letters = sum(map(str.isalnum, text)) + (_DIGIT_LETTERS - 1) * digits
    pauses = sum(character in _PAUSES for character in text[:-1])
    seconds = letters * _LETTER_SECONDS.get(family, _ANY_LETTER_SECONDS) + pauses * _PAUSE_SECONDS
    return seconds / voice.speed


def stretch_slides(
    spec: SlideshowSpec, slides: Sequence[PhotoSpec], seconds: Mapping[str, float]
) -> list[PhotoSpec]:
    """Return slides that last at least as long as their words.

    Words begin shortly after a slide is seen alone, and the transition to the next one waits until
    they have ended.

    Args:
        spec: the settings of the slideshow.
        slides: the photos between the title cards.
        seconds: how long each text takes.
    """
    return [
        _stretch(spec, slide, following, seconds[slide.narration]) if slide.narration else slide
        for slide, following in zip_longest(slides, slides[1:])
    ]


def _stretch(
    spec: SlideshowSpec, slide: PhotoSpec, following: PhotoSpec | None, seconds: float
) -> PhotoSpec:
    overlap = find_overlap(spec, slide, following) if following else Fraction()
    needed = LEAD + to_exact(seconds) + max(BREATH, overlap)
    own = spec.duration if slide.duration is None else slide.duration
    duration = max(own, math.ceil(needed * 1000) / 1000)
    return slide.model_copy(update={"duration": duration})
