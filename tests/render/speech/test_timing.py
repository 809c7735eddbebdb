"""Words get the times at which they are heard."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.media.transcripts import HeardWord
from reelqueue.render.speech.timing import RATE, Samples, settle_words


def make_sound(*spans: tuple[float, float], seconds: float) -> Samples:
    """Return noise that is loud in these spans of seconds, and faint elsewhere."""
    noise = np.random.default_rng(0).normal(0, 1, round(seconds * RATE))
    level = np.full(len(noise), 10.0)
    for start, end in spans:
        level[round(start * RATE) : round(end * RATE)] = 3000
    samples: Samples = (noise * level).astype(np.int16)
    return samples


def test_word_that_is_late_after_a_pause_begins_where_it_is_heard() -> None:
    sound = make_sound((1, 2), (3, 4), seconds=5)
    words = [HeardWord(1.2, 2.1, " one"), HeardWord(3.2, 4.1, " two")]
    first, second = settle_words(words, sound)
    assert (first.start, second.start) == (1, 3)
    assert (first.end, second.end) == pytest.approx((2, 4), abs=0.02)


def test_word_does_not_have_the_pause_before_it() -> None:
    sound = make_sound((1, 2), (3, 4), seconds=5)
    words = [HeardWord(1.1, 2.1, " one"), HeardWord(2.1, 4.1, " two")]
    assert [word.start for word in settle_words(words, sound)] == [1, 3]


def test_word_is_not_moved_to_the_stroke_of_a_clock() -> None:
    strokes = [(2.3 + 0.5 * number, 2.36 + 0.5 * number) for number in range(7)]
    sound = make_sound((1, 2), *strokes, (6, 7), seconds=8)
    words = [HeardWord(1.1, 1.7, " one"), HeardWord(1.8, 3.2, " two"), HeardWord(6.1, 7, " three")]
    settled = settle_words(words, sound)
    assert [word.end for word in settled[1:]] == [2, pytest.approx(7, abs=0.15)]
    assert settled[1].start < 1.8
    assert settled[2].start == 6


def test_word_is_where_the_longest_sound_of_it_is() -> None:
    """A short sound after it, such as a knock, is not the word."""
    sound = make_sound((1, 2), (2.3, 2.36), (4, 5), seconds=6)
    words = [HeardWord(1.1, 1.7, " one"), HeardWord(1.9, 3.4, " two"), HeardWord(4.1, 5, " three")]
    _, second, third = settle_words(words, sound)
    assert 1.7 < second.start < 1.9
    assert (second.end, third.start) == (2, 4)


@pytest.mark.parametrize(
    ("before", "times"),
    [
        ([(1, 2)], [(1, 1.5), (1.5, 2)]),  # both words are in one sound, which they share
        ([(0.5, 1), (1.5, 2)], [(0.5, 1), (1.5, 2)]),
    ],
)
def test_word_of_which_a_stroke_alone_is_left_is_what_was_heard_before(
    before: list[tuple[float, float]], times: list[tuple[float, float]]
) -> None:
    sound = make_sound(*before, (2.5, 2.56), (3, 4), seconds=5)
    start, end = before[0]
    spoken = [(start, end), (2, 2.9), (3, 4)]
    words = [
        HeardWord(start + 0.1, end + 0.1, text)
        for (start, end), text in zip(spoken, (" one", " two", " six"), strict=True)
    ]
    settled = settle_words(words, sound)
    found = [(word.start, word.end) for word in settled[:2]]
    assert np.array(found) == pytest.approx(np.array(times), abs=0.06)


def test_word_within_speech_is_only_moved() -> None:
    sound = make_sound((0.5, 4), seconds=5)
    words = [HeardWord(0.6, 1.5, " one"), HeardWord(1.5, 2.5, " two"), HeardWord(2.5, 4, " three")]
    first, second, third = settle_words(words, sound)
    assert first.start == 0.5
    assert 1.3 < second.start < 1.45
    assert 2.3 < third.start < 2.45


def test_word_before_speech_that_is_not_recognised_ends_soon() -> None:
    sound = make_sound((0.5, 9), seconds=10)
    words = [HeardWord(1, 5, " be"), HeardWord(5, 8, " 1,234,567")]
    short, long = settle_words(words, sound)
    assert short.end - short.start == pytest.approx(1.8)
    assert long.end - long.start == pytest.approx(3)


@pytest.mark.parametrize(
    ("words", "times"),
    [
        ([(0, 0.5, "the"), (0.5, 0.55, "foundation")], [(0, 0.127), (0.127, 0.55)]),
        ([(0, 0, "moving"), (0, 0.5, "on")], [(0, 0.375), (0.375, 0.5)]),
        ([(0, 0.04, "sets,"), (0.4, 0.6, "and")], [(0, 0.12), (0.4, 0.6)]),
        ([(0, 0.04, "sets,"), (0.06, 0.6, "a")], [(0, 0.06), (0.06, 0.6)]),
        ([(0, 0.5, "slow"), (0.5, 0.6, "is")], [(0, 0.5), (0.5, 0.6)]),
        ([(0, 0.1, "very"), (0.1, 0.15, "fast")], [(0, 0.075), (0.075, 0.195)]),
    ],
)
def test_word_has_time_to_be_said(
    words: list[tuple[float, float, str]], times: list[tuple[float, float]]
) -> None:
    heard = [HeardWord(start + 3, end + 3, f" {text}") for start, end, text in words]
    settled = settle_words(heard, make_sound((0.5, 7), seconds=8))
    first = settled[0].start
    found = [(word.start - first, word.end - first) for word in settled]
    assert np.array(found) == pytest.approx(np.array(times), abs=0.001)


def test_silence_and_no_words_are_nothing_to_settle() -> None:
    assert settle_words([], np.zeros(RATE, np.int16)) == []
    word = HeardWord(0.2, 0.5, " one")
    assert len(settle_words([word], np.zeros(0, np.int16))) == 1


@given(
    spans=st.lists(st.tuples(st.floats(0, 9), st.floats(0, 1)), max_size=6),
    times=st.lists(st.tuples(st.floats(0, 10), st.floats(0, 2)), max_size=12),
)
def test_words_are_in_order_and_do_not_overlap(
    spans: list[tuple[float, float]], times: list[tuple[float, float]]
) -> None:
    sound = make_sound(*((start, start + length) for start, length in spans), seconds=10)
    words = [HeardWord(start, start + length, " a") for start, length in sorted(times)]
    settled = settle_words(words, sound)
    assert len(settled) == len(words)
    for word, after in pairwise(settled):
        assert 0 <= word.start <= word.end <= after.start <= after.end
